/* Momentum as PyTorch's SGD and TensorFlow's MomentumOptimizer have it by default, without
 * Nesterov's look ahead:
 *
 *     a <- m a + g
 *     w <- w - rate a
 *
 * a, the slot "Momentum", starts as zeros. */
#include "optim/optimizer.h"

static void update(const ws_update *update)
{
    float *restrict weights = update->weights, *restrict slots = update->slots[0];
    const float *restrict gradients = update->gradients;
    const float rate = update->rate, momentum = update->hyper->momentum;

    for (size_t i = 0; i < update->n; i++) {
        slots[i] = momentum * slots[i] + gradients[i];
        weights[i] -= rate * slots[i];
    }
}

const ws_optimizer ws_optimizer_sgd_momentum = {
    .name = "sgd_momentum",
    .slots = {"Momentum"},
    .graph_op = "ApplyMomentum",
    .update = update,
};
