/** How much memory a microcontroller needs for a model. */
#ifndef WS_NN_LITE_ARENA_SIZE_H
#define WS_NN_LITE_ARENA_SIZE_H

#include "nn/lite/lite.h"

/**
 * Bytes of the tensors that are computed, laid out as TensorFlow Lite Micro does: the largest
 * first, each at the lowest address where no tensor lies that is in use at the same time. Sizes are
 * rounded up to 16 bytes.
 *
 * @param lite     one that ws_lite_run_create() accepts
 * @param n_bytes  set
 * @return WS_OK; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_lite_tensors_size(const ws_lite *lite, size_t *n_bytes, ws_error *err);

/**
 * Bytes of an arena that TensorFlow Lite Micro loads and runs a model in: its tensors, its states,
 * and what it keeps per tensor, operator and channel, all as large as on a processor of 64 bits.
 * An eighth is added for the scratch memory of a device's own kernels.
 *
 * @param n_bytes  set; a multiple of 16
 * @return WS_OK; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_lite_arena_size(const ws_lite *lite, size_t *n_bytes, ws_error *err);

#endif
