#include "recognize/judge.h"

ws_status ws_judge_open_graph(ws_judge *judge, const ws_graph *graph,
                              const ws_infer_numbers *numbers, size_t n_rows, ws_cpu_level level,
                              ws_error *err)
{
    return ws_infer_create_sliding(&judge->infer, graph, numbers, n_rows, level, err);
}

ws_status ws_judge_open_lite(ws_judge *judge, const ws_frozen *model, const ws_front *front,
                             ws_error *err)
{
    judge->front = front;
    judge->n_inputs = ws_frozen_n_features(model);
    const ws_status status = ws_lite_init_copy(&judge->lite, model->lite, err);
    if (status != WS_OK)
        return status;
    return ws_lite_run_create(&judge->run, &judge->lite,
                              &(ws_lite_run_options){.rounding = model->rounding}, err);
}

void ws_judge_close(ws_judge *judge)
{
    ws_infer_destroy(judge->infer);
    ws_lite_run_destroy(judge->run);
    ws_lite_deinit(&judge->lite);
    *judge = (ws_judge){.infer = NULL};
}

void ws_judge_run(ws_judge *judge, const float *features, size_t n, float *logits)
{
    if (judge->infer != NULL) {
        ws_infer_run(judge->infer, features, n, logits);
        return;
    }
    for (size_t i = 0; i < n; i++)
        ws_front_run_lite(judge->front, judge->run, features + i * judge->n_inputs,
                          logits + i * judge->front->n_labels);
}

void ws_judge_reset(ws_judge *judge)
{
    if (judge->infer != NULL)
        ws_infer_reset(judge->infer);
    else
        ws_lite_run_reset(judge->run);
}
