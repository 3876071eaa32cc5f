/**
 * The kits of the fast engine: who can do which stage of the plan, and at what cost. Another
 * algorithm is another file with another kit, and a row here.
 */
#ifndef WS_NN_ENGINE_KITS_H
#define WS_NN_ENGINE_KITS_H

#include "nn/engine/common/stage.h"

extern const ws_fast_kit ws_fast_conv;
extern const ws_fast_kit ws_fast_dense;
extern const ws_fast_kit ws_fast_svdf;   /* first stage */
extern const ws_fast_kit ws_fast_direct; /* first stage, one input channel, no pooling */
extern const ws_fast_kit ws_fast_quant;
extern const ws_fast_kit ws_fast_fft;     /* stride 1 */
extern const ws_fast_kit ws_fast_fft_one; /* stride 1, one input channel, first stage */

/* Costs of a training step in vector operations: 16 products and sums side by side. */
double ws_fast_conv_cost_get(const ws_fast_stage *stage);
double ws_fast_direct_cost_get(const ws_fast_stage *stage); /* HUGE_VAL: it cannot be done */

/**
 * Plans stage->fft.conv.
 *
 * @param[out] cost  as above
 * @return the kit that fits; NULL if a convolution cannot be done by FFT
 */
const ws_fast_kit *ws_fast_fft_plan(ws_fast_stage *stage, double *cost);

/**
 * The kit that does a stage, by the cheapest way or the one that the setup asks for.
 *
 * @param stage  its plan, level and is_first are set; its kit's plans of its own are filled
 * @param s      its number, for the log
 */
const ws_fast_kit *ws_fast_kit_choose(ws_fast_stage *stage, size_t s, const ws_engine_setup *setup);

/** Whether stages of this kit hand over tiles to one another, and have no y and dy between them. */
bool ws_fast_kit_hands_tiles(const ws_fast_kit *kit);

#endif
