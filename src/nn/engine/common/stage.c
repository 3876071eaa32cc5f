/* What the kits share: items of phases, weights, the begin of sums. */
#include "nn/engine/common/stage.h"

#include <string.h>

size_t ws_items_samples(const ws_fast_stage *stage, size_t n)
{
    (void)stage;
    return n;
}

size_t ws_items_sample_blocks(const ws_fast_stage *stage, size_t n)
{
    (void)stage;
    return n < WS_N_SAMPLE_BLOCKS ? n : WS_N_SAMPLE_BLOCKS;
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

void ws_fast_start_sums(const float *bias, size_t n, size_t c, float *z)
{
    if (bias == NULL) {
        memset(z, 0, n * c * sizeof *z);
        return;
    }
    for (size_t i = 0; i < n; i++)
        memcpy(z + i * c, bias, c * sizeof *z);
}
