/* What phases by matrix products have to do; see ws_phase_work. */
#include "nn/engine/common/stage.h"
#include "nn/op.h"

/** Products of forward, of the whole batch. */
static double count_products(const ws_fast_stage *stage, const ws_pass *pass)
{
    const ws_stage *plan = stage->plan;
    const ws_node node = {.kind = plan->kind, .shape = plan->middle, .window = plan->window};
    return (double)pass->n * ws_op_get(plan->kind)->count_products(&node, &plan->in);
}

static double count_x_bytes(const ws_fast_stage *stage, const ws_pass *pass)
{
    return (double)(pass->n * ws_shape_size(stage->plan->in) * sizeof(float));
}

static double count_y_bytes(const ws_fast_stage *stage, const ws_pass *pass)
{
    return (double)(pass->n * ws_shape_size(stage->plan->out) * sizeof(float));
}

static double count_weights_bytes(const ws_fast_stage *stage)
{
    return (double)(stage->plan->weights->size * sizeof(float));
}

ws_phase_work ws_count_products_forward(const ws_fast_stage *stage, const ws_pass *pass)
{
    return (ws_phase_work){
        .n_operations = 2.0 * count_products(stage, pass),
        .n_bytes =
            count_x_bytes(stage, pass) + count_y_bytes(stage, pass) + count_weights_bytes(stage),
    };
}

ws_phase_work ws_count_products_back(const ws_fast_stage *stage, const ws_pass *pass)
{
    const double n_gradients = stage->is_first ? 1.0 : 2.0; /* of the weights, and of x */
    return (ws_phase_work){
        .n_operations = 2.0 * n_gradients * count_products(stage, pass),
        .n_bytes = n_gradients * (count_x_bytes(stage, pass) + count_weights_bytes(stage)) +
                   count_y_bytes(stage, pass),
    };
}

ws_phase_work ws_count_tail(const ws_fast_stage *stage, const ws_pass *pass)
{
    return (ws_phase_work){.n_bytes = 2.0 * count_y_bytes(stage, pass)};
}
