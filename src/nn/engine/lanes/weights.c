/* Weights as a node wants them, where those of the parameters are not what it reads. */
#include "nn/engine/lanes/item.h"

size_t ws_lanes_count_own_weights(const ws_lanes_program *program, size_t i)
{
    const ws_lanes_node *node = &program->nodes[i];

    switch (node->op) {
    case WS_LANES_CONV_BACK:
        return node->window.h * node->window.w * node->c * program->nodes[node->in[0]].c;
    case WS_LANES_CONV:
        return node->weights == WS_LANES_NONE ? program->nodes[node->in[0]].c * node->c : 0;
    case WS_LANES_DEPTHWISE:
    case WS_LANES_DEPTHWISE_BACK:
        return node->weights == WS_LANES_NONE ? node->c : 0;
    default:
        return 0;
    }
}

void ws_lanes_fill_constant_weights(const ws_lanes_shared *shared)
{
    for (size_t i = 0; i < shared->program->n_nodes; i++) {
        const ws_lanes_node *node = &shared->program->nodes[i];
        if (node->weights != WS_LANES_NONE)
            continue;
        for (size_t k = 0; k < ws_lanes_count_own_weights(shared->program, i); k++)
            shared->weights[i][k] = node->factor;
    }
}

void ws_lanes_transpose_weights(const ws_lanes_shared *shared, size_t i)
{
    const ws_lanes_node *node = &shared->program->nodes[i];

    if (node->op != WS_LANES_CONV_BACK || node->weights == WS_LANES_NONE)
        return;
    const size_t n_in = node->c, n_out = shared->program->nodes[node->in[0]].c;
    const float *from = shared->pass->parameters + node->weights;
    float *to = shared->weights[i];
    for (size_t tap = 0; tap < node->window.h * node->window.w; tap++)
        for (size_t o = 0; o < n_out; o++)
            for (size_t k = 0; k < n_in; k++)
                to[(tap * n_out + o) * n_in + k] = from[(tap * n_in + k) * n_out + o];
}
