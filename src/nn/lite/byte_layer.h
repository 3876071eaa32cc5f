/** Layers of the executor in 8 bits, with sums in whole numbers: those with weights, and
 *  AVERAGE_POOL_2D. Private to nn/lite. */
#ifndef WS_NN_LITE_BYTE_LAYER_H
#define WS_NN_LITE_BYTE_LAYER_H

#include "base/cpu.h"
#include "nn/lite/kernel.h"

typedef struct ws_lite_byte_layer ws_lite_byte_layer;

/** The highest level whose kernels this processor runs: those of AVX-512 need VNNI too. */
ws_cpu_level ws_lite_byte_layer_level(void);

/**
 * Lays out a layer's weights and its padded image.
 *
 * @param layer  set; NULL: the layer is not one of these, because of its types or because its sums
 *               could need more than 32 bits
 * @param args   checked; borrowed until the layer is destroyed
 * @param level  of its kernels, up to ws_lite_byte_layer_level()
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_lite_byte_layer_create(ws_lite_byte_layer **layer,
                                                  const ws_lite_args *args, ws_cpu_level level,
                                                  ws_error *err);

/** NULL is fine. */
void ws_lite_byte_layer_destroy(ws_lite_byte_layer *layer);

/** The layer, to the bit as its plain loops do it.
 *  @return true: the output is filled; false: args->r is, with sums that are not rounded yet */
bool ws_lite_byte_layer_compute(ws_lite_byte_layer *layer, const ws_lite_args *args);

#endif
