/**
 * Inverted dropout: in training an element is kept with probability 1 - rate and then multiplied
 * by 1 / (1 - rate), otherwise zero; outside training nothing happens.
 *
 * Which elements are kept follows from their address alone: seed, step, row of the batch, node
 * and place (h, w, c) in the sample. So every engine, layout and number of threads drops the same.
 */
#ifndef WS_NN_DROPOUT_H
#define WS_NN_DROPOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"
#include "nn/graph.h"

typedef struct ws_dropout {
    double rate; /* share that is dropped, 0 <= rate < 1; 0: none */
    uint64_t seed;
    uint64_t step;      /* below 2^32 */
    size_t first_row;   /* of the whole batch: it is row 0 of those at hand */
    ws_cpu_level level; /* the instruction set to draw masks with: no matter for what is drawn, and
                           the fast engine takes its own */
} ws_dropout;

/** How an operator drops in a step: at its own rate if it has one, but not in a step of rate 0. */
ws_dropout ws_dropout_of(const ws_dropout *step, const ws_dropout_args *args);

/** Masks are drawn in pieces of this many elements: one block of the generator. */
enum { WS_DROPOUT_GRAIN = 128 };

/** Words of a mask over n elements, one bit each, rounded up to whole grains. */
size_t ws_dropout_n_words(size_t n);

/** Which sample a mask is for. */
typedef struct ws_dropout_address {
    size_t row;  /* of those at hand; below 2^24 in the whole batch */
    size_t node; /* of the graph, below 2^32 */
} ws_dropout_address;

/**
 * Draws the mask of elements first .. first + n of one sample: element first + i is kept if bit
 * i % 32 of keep[i / 32] is set. Bits from n on are of no meaning. Elements are numbered
 * (h * W + w) * C + c; of a spatial
 * dropout, whose mask is of channels, c.
 *
 * At a rate of one half, element e takes bit e % 32 of word e / 32 of its random stream; at any
 * other it takes the whole word e, and is kept if that is at least rate * 2^32.
 *
 * @param first  a multiple of WS_DROPOUT_GRAIN
 * @param keep   [ws_dropout_n_words(n)], filled
 */
void ws_dropout_draw(const ws_dropout *dropout, ws_dropout_address address, size_t first, size_t n,
                     uint32_t *keep);

#endif
