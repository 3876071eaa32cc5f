/** What kernel tests share: arrays between guards, random numbers, errors against exact ones. */
#ifndef WS_TESTS_KERNELS_GUARDED_H
#define WS_TESTS_KERNELS_GUARDED_H

#include <stddef.h>
#include <stdint.h>

/** An array of floats between guards of 64 bytes, from malloc so that sanitizers see its ends. */
typedef struct guarded {
    unsigned char *memory;
    float *at; /* [n], aligned to 64 bytes */
    size_t n;
} guarded;

/** Filled with a pattern, so that what nobody writes shows. */
guarded guarded_create(size_t n);

/** Fails if a byte before or after the array has changed. */
void guarded_destroy(guarded *array);

/** Numbers between -1 and 1, the same for the same stream. */
void fill_random(float *x, size_t n, uint32_t stream);

/** The largest difference over the largest exact number. */
double relative_error(const float *x, const double *exact, size_t n);

/** Fails with the name if the error is above the bound or no number. */
void assert_error_below(const char *what, double error, double bound);

/** Zeros from calloc; fails if there is no memory. */
void *zeros_create(size_t n, size_t size);

#endif
