/** Private: the generator of dropout masks, compiled once per instruction set. */
#ifndef WS_NN_DROPOUT_LANES_H
#define WS_NN_DROPOUT_LANES_H

#include "base/cpu.h"
#include "base/random.h"

enum { WS_DROPOUT_LANES = 16 }; /* Philox blocks drawn side by side, so that they vectorise */

/** Blocks first .. first + WS_DROPOUT_LANES - 1 of a stream: ws_random_philox with a loop over
 *  lanes in each round. out [WS_DROPOUT_LANES, 4] */
typedef void ws_dropout_draw_lanes(const ws_random *stream, uint32_t first, uint32_t *out);

#define WS_DROPOUT_DECLARE(level, NAME) ws_dropout_draw_lanes ws_dropout_lanes_##level;
WS_CPU_KERNEL_MAP(WS_DROPOUT_DECLARE)
#undef WS_DROPOUT_DECLARE

#endif
