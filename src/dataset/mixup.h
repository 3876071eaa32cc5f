/**
 * Mixup (Zhang and others): each clip of a batch becomes a weighted mean of itself and another one,
 * and so does what it should be recognised as. Depends on seed and step alone.
 */
#ifndef WS_DATASET_MIXUP_H
#define WS_DATASET_MIXUP_H

#include <stddef.h>
#include <stdint.h>

typedef struct ws_mixup {
    uint64_t seed, step;
    double alpha; /* of the distribution Beta(alpha, alpha) of shares; 0 < alpha <= 1 */
    size_t n;     /* rows of the batch, below 2^32 - 1 */
} ws_mixup;

/** What becomes of a row. */
typedef struct ws_mixed_row {
    size_t other; /* the row that is mixed in: never this one, unless it is the only one */
    float share;  /* of this row, 0.5 to 1; the other one has the rest */
} ws_mixed_row;

/** The draw of a row. Rows are rotated against each other by a random number of places. */
ws_mixed_row ws_mixup_draw(const ws_mixup *mixup, size_t row);

/**
 * Mixes features.
 *
 * @param features   [n, size]
 * @param n_threads  0: as many as OpenMP would use; they change no bit
 * @param mixed      [n, size] filled; must not overlap features
 */
void ws_mixup_run(const ws_mixup *mixup, const float *features, size_t size, unsigned n_threads,
                  float *mixed);

#endif
