#include "optim/optimizer.h"

static void update(const ws_update *update)
{
    float *restrict weights = update->weights;
    const float *restrict gradients = update->gradients;
    const float rate = update->rate;

    for (size_t i = 0; i < update->n; i++)
        weights[i] -= rate * gradients[i];
}

const ws_optimizer ws_optimizer_gradient_descent = {
    .name = "gradient_descent", .graph_op = "ApplyGradientDescent", .update = update};
