/* What the kits share: items of phases, tails of whole samples, weights, what sums begin with. */
#include "nn/engine/common/stage.h"

#include <string.h>

size_t ws_items_samples(const ws_fast_stage *stage, size_t n)
{
    (void)stage;
    return n;
}

void ws_fast_tail_place(ws_fast_stage *stage, ws_layout *layout)
{
    const size_t n_out = ws_shape_size(stage->plan->out);
    stage->codes = ws_layout_push(layout, stage->max_batch * n_out, sizeof *stage->codes);
}

void ws_fast_tail_forward(const ws_phase_run *run, size_t sample, const uint32_t *keep,
                          ws_tile_rows rows, const float *z)
{
    const ws_fast_stage *stage = run->stage;
    const size_t at = sample * ws_shape_size(stage->plan->out);
    ws_tail tail = ws_tail_make(stage->plan, ws_pass_dropout(run->pass), keep);

    tail.codes = run->pass->labels != NULL ? stage->codes + at : NULL;
    ws_tail_forward(&tail, stage->level, rows, z, stage->y + at);
}

void ws_fast_tail_backward(const ws_phase_run *run, size_t sample, ws_tile_rows rows, float *dz)
{
    const ws_fast_stage *stage = run->stage;
    const size_t at = sample * ws_shape_size(stage->plan->out);
    ws_tail tail = ws_tail_make(stage->plan, ws_pass_dropout(run->pass), NULL);

    tail.codes = stage->codes + at;
    ws_tail_backward(&tail, stage->level, rows, stage->dy + at, dz);
}

ws_fast_weights ws_fast_weights_of(const ws_fast_stage *stage, const ws_pass *pass)
{
    const ws_variable *weights = stage->plan->weights, *bias = stage->plan->bias;
    ws_fast_weights w = {.weights = pass->parameters + weights->offset};

    if (bias != NULL)
        w.bias = pass->parameters + bias->offset;
    if (pass->gradients != NULL) {
        w.weights_gradient = pass->gradients + weights->offset;
        w.bias_gradient = bias != NULL ? pass->gradients + bias->offset : NULL;
    }
    return w;
}

size_t ws_fast_list_gradients(const ws_fast_stage *stage, const ws_pass *pass,
                              ws_fast_columns *sums)
{
    const ws_fast_weights none = {.weights = NULL};
    const ws_fast_weights w = pass != NULL ? ws_fast_weights_of(stage, pass) : none;
    const ws_variable *bias = stage->plan->bias;

    sums[0] = (ws_fast_columns){
        .at = w.weights_gradient, .n_rows = 1, .n_columns = stage->plan->weights->size, .n = 1};
    if (bias != NULL)
        sums[1] =
            (ws_fast_columns){.at = w.bias_gradient, .n_rows = 1, .n_columns = bias->size, .n = 1};
    return bias != NULL ? 2 : 1;
}

void ws_fast_start_sums(const float *bias, size_t n, size_t c, float *z)
{
    if (bias == NULL) {
        memset(z, 0, n * c * sizeof *z);
        return;
    }
    for (size_t i = 0; i < n; i++)
        memcpy(z + i * c, bias, c * sizeof *z);
}
