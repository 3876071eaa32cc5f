/** Private to products.c and what it includes: lines that are asked for while there is arithmetic.
 */
#ifndef WS_NN_ENGINE_LANES_AHEAD_VEC_H
#define WS_NN_ENGINE_LANES_AHEAD_VEC_H

#include "nn/engine/lanes/lane_vec.h"
#include "nn/engine/lanes/products.h"

enum { LINE_BYTES = 64, LINE_FLOATS = LINE_BYTES / 4 };

/** Lines of the cache, one after the other, that a loop asks for: one in each round. */
typedef struct asked_lines {
    uintptr_t at, step; /* bytes */
} asked_lines;

/** Takes n lines of the first run that is left; if it is shorter, its last n lines, of which the
 *  first have been asked for or lie before it.
 *  @param near  asked for in every round if no run is left */
INLINE asked_lines take_lines(ws_lanes_ahead *ahead, size_t n, const float *near)
{
    if (ahead == NULL || ahead->next >= ahead->n)
        return (asked_lines){.at = (uintptr_t)near, .step = 0};
    const float **at = &ahead->runs[ahead->next].at;
    size_t *left = &ahead->runs[ahead->next].n;
    asked_lines lines = {.at = (uintptr_t)*at, .step = LINE_BYTES};
    if (*left > n * LINE_FLOATS) {
        *at += n * LINE_FLOATS;
        *left -= n * LINE_FLOATS;
    } else {
        lines.at -= n * LINE_BYTES - *left * sizeof(float);
        ahead->next++;
    }
    return lines;
}

/** Asks for the next line, into the second cache: the first one is full of what the loop reads. */
INLINE void ask_line(asked_lines *lines)
{
    __builtin_prefetch((const void *)lines->at, 0, 2);
    lines->at += lines->step;
}

#endif
