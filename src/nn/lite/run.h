/**
 * Runs a model of small runtimes, one sample a call. Floating point, 8 bits and both mixed; a
 * stream's state lives from one call to the next.
 *
 *     status = ws_lite_run_create(&run, &lite, &(ws_lite_run_options){0}, err);
 *     ws_lite_run_write(run, 0, features);
 *     ws_lite_run_invoke(run);
 *     ws_lite_run_read(run, lite.graphs[0].outputs[0], scores);
 *     ws_lite_run_destroy(run);
 */
#ifndef WS_NN_LITE_RUN_H
#define WS_NN_LITE_RUN_H

#include "nn/lite/lite.h"

/** How a sum becomes a number of 8 bits. */
typedef enum ws_lite_rounding {
    WS_LITE_ROUNDING_EXACT, /* to the nearest: LiteRT as it comes, ONNX Runtime */
    WS_LITE_ROUNDING_TFLM,  /* by a multiplier of 31 bits that is rounded twice: the reference
                               kernels of TensorFlow Lite Micro, and those of LiteRT */
} ws_lite_rounding;

typedef struct ws_lite_run_options {
    ws_lite_rounding rounding;
    bool is_reference; /* plain loops in double precision only: slow, the yardstick */
} ws_lite_run_options;

typedef struct ws_lite_run ws_lite_run;

/**
 * Checks all of a model, and lays its memory out.
 *
 * @param lite  borrowed until the run is destroyed
 * @return WS_OK; WS_EFORMAT naming the operator whose tensors do not fit it; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_lite_run_create(ws_lite_run **run, const ws_lite *lite,
                                           const ws_lite_run_options *options, ws_error *err);

/** NULL is fine. */
void ws_lite_run_destroy(ws_lite_run *run);

/** Forgets what variables of a stream hold: the next call is the first. */
void ws_lite_run_reset(ws_lite_run *run);

/** The tensor of the first graph that is input (or output) i. */
const ws_lite_tensor *ws_lite_run_get_input(const ws_lite_run *run, size_t i);
const ws_lite_tensor *ws_lite_run_get_output(const ws_lite_run *run, size_t i);

/** Sets input i from real numbers, to the nearest that its type has.
 *  @param values  [its size] */
void ws_lite_run_write(ws_lite_run *run, size_t i, const float *values);

/** Allocates nothing. */
void ws_lite_run_invoke(ws_lite_run *run);

/** Real numbers of a tensor of the first graph. @param values  [its size], filled */
void ws_lite_run_read(const ws_lite_run *run, int tensor, float *values);

/** The same as it is stored. @return [its bytes]; NULL for a handle */
const void *ws_lite_run_data(const ws_lite_run *run, int tensor);

#endif
