/**
 * What judges features, a sample after the other on the caller's thread: the engine for inference,
 * or the executor of TFLite files. A sample is a clip, or the next step of a stream. Allocates
 * nothing but when it is opened. Private to recognize/.
 */
#ifndef WS_RECOGNIZE_JUDGE_H
#define WS_RECOGNIZE_JUDGE_H

#include "nn/infer/infer.h"
#include "recognize/front.h"

/** All zeros is closed. */
typedef struct ws_judge {
    ws_infer *infer; /* NULL: the next two */
    ws_lite lite;    /* a copy */
    ws_lite_run *run;
    const ws_front *front;
    size_t n_inputs;
} ws_judge;

/** @param n_rows  as in ws_infer_create_sliding
 *  @return as that */
WS_MUST_CHECK ws_status ws_judge_open_graph(ws_judge *judge, const ws_graph *graph,
                                            const ws_infer_numbers *numbers, size_t n_rows,
                                            ws_cpu_level level, ws_error *err);

/** @param model  a TFLite model; borrowed for the call
 *  @param front  its own; kept
 *  @return WS_OK, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_judge_open_lite(ws_judge *judge, const ws_frozen *model,
                                           const ws_front *front, ws_error *err);

void ws_judge_close(ws_judge *judge);

/** @param features  [n, inputs]  @param logits  [n, labels], filled */
void ws_judge_run(ws_judge *judge, const float *features, size_t n, float *logits);

/** The next sample is the first of a stream. */
void ws_judge_reset(ws_judge *judge);

#endif
