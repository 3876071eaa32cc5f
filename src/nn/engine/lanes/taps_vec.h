/** Private to products.c and what it includes: from taps to places in a block. */
#ifndef WS_NN_ENGINE_LANES_TAPS_VEC_H
#define WS_NN_ENGINE_LANES_TAPS_VEC_H

#include "nn/engine/lanes/ahead_vec.h"
#include "nn/engine/lanes/products.h"

/** Floats from a base to the pixel that a tap reads. */
INLINE ptrdiff_t tap_offset(const ws_lanes_tap *tap)
{
    return tap->offset / (WS_LANES / LANES);
}

/** Row k of the weights' matrix [n_taps n_in, n_out] meets these lanes, from a base on. */
INLINE ptrdiff_t row_offset(const ws_lanes_product *p, size_t k)
{
    return tap_offset(&p->taps[k / p->n_in]) + (ptrdiff_t)(k % p->n_in * LANES);
}

#endif
