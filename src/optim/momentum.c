/* Momentum after Nesterov, in the form that TensorFlow gives it (use_nesterov=True):
 *
 *     a <- m a + g
 *     w <- w - rate (g + m a)
 *
 * a, the slot "Momentum", starts as zeros. */
#include "optim/optimizer.h"

static void update(const ws_update *update)
{
    float *restrict weights = update->weights, *restrict slots = update->slots[0];
    const float *restrict gradients = update->gradients;
    const float rate = update->rate, momentum = update->hyper->momentum;

    for (size_t i = 0; i < update->n; i++) {
        const float gradient = gradients[i];
        const float slot = momentum * slots[i] + gradient;
        slots[i] = slot;
        weights[i] -= rate * gradient + rate * momentum * slot;
    }
}

const ws_optimizer ws_optimizer_momentum = {
    .name = "momentum",
    .slots = {"Momentum"},
    .graph_op = "ApplyMomentum",
    .update = update,
};
