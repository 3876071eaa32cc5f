/**
 * The fixed-point front end once more, stage by stage and number by number, as plain as TensorFlow
 * describes it: what the fast one is held to. Its own figures are checked against TensorFlow's.
 */
#ifndef WS_TESTS_KERNELS_MICRO_REFERENCE_H
#define WS_TESTS_KERNELS_MICRO_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#include "audio/micro.h"

enum { REFERENCE_MAX_LENGTH = 4096, REFERENCE_MAX_CHANNELS = 128 };

typedef struct complex16 {
    int16_t re, im;
} complex16;

/** Coefficients of a window of n samples. */
void reference_window(size_t n, int16_t *coefficients);

/** Samples times coefficients. @return the largest magnitude, -32768 not counted */
int16_t reference_apply(const int16_t *samples, const int16_t *coefficients, size_t n,
                        int16_t *out);

/** 15 less the bits of the largest magnitude. */
int reference_shift(int16_t largest);

/** The complex transform of half pairs of samples, then the spectrum [half + 1]. */
void reference_transform(const int16_t *in, size_t half, complex16 *out);
void reference_split(const complex16 *in, size_t half, complex16 *out);

typedef struct reference_bank {
    size_t n_channels, first_bin, end_bin;
    size_t widths[REFERENCE_MAX_CHANNELS + 1]; /* bins of each triangle's falling side */
    int16_t weights[REFERENCE_MAX_LENGTH / 2 + 1], rests[REFERENCE_MAX_LENGTH / 2 + 1];
} reference_bank;

void reference_bank_init(reference_bank *bank, const ws_micro_bank_options *options);

/** Sums over the energies of a spectrum [n_channels + 1]; the first is no channel. */
void reference_bank_run(const reference_bank *bank, const complex16 *spectrum, uint64_t *work);

/** The rounded root, as two routines for 32 and 64 bits. */
uint32_t reference_root(uint64_t x);

/** Takes noise off a level; the estimate moves on. */
uint32_t reference_reduce(uint32_t level, size_t channel, uint32_t *noise);

/** Levels after gain, and after the logarithm. */
uint32_t reference_gain(uint32_t level, uint32_t noise, size_t fft_length);
uint32_t reference_log(uint32_t level, size_t fft_length);

/** All of it: features [n_frames, n_channels] as whole numbers. */
void reference_micro(const ws_micro_options *options, const float *samples, uint32_t *out);

#endif
