/** Layers of the executor in floats. Private to nn/lite. */
#ifndef WS_NN_LITE_FAST_H
#define WS_NN_LITE_FAST_H

#include "nn/lite/kernel.h"

typedef struct ws_lite_fast ws_lite_fast;

/**
 * Lays out a layer's weights.
 *
 * @param args  checked; borrowed until the layer is destroyed
 * @param fast  set; NULL: the layer is not one of these, and is done by its plain loops
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_lite_fast_create(ws_lite_fast **fast, const ws_lite_args *args,
                                            ws_error *err);

/** NULL is fine. */
void ws_lite_fast_destroy(ws_lite_fast *fast);

/** Fills args->r with what the operator's compute does, up to the rounding of floats. */
void ws_lite_fast_compute(ws_lite_fast *fast, const ws_lite_args *args);

#endif
