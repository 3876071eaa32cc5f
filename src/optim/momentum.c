/* Momentum after Nesterov, in the form that TensorFlow gives it (use_nesterov=True):
 *
 *     a <- m a + g          m = 0.9
 *     w <- w - rate (g + m a)
 *
 * a, the slot "Momentum", starts as zeros. */
#include "optim/optimizer.h"

static const float momentum = 0.9f;

static void update(const ws_update *update)
{
    float *restrict weights = update->weights, *restrict slots = update->slots;
    const float *restrict gradients = update->gradients;
    const float rate = update->rate;

    for (size_t i = 0; i < update->n; i++) {
        const float gradient = gradients[i];
        const float slot = momentum * slots[i] + gradient;
        slots[i] = slot;
        weights[i] -= rate * gradient + rate * momentum * slot;
    }
}

const ws_optimizer ws_optimizer_momentum = {
    .name = "momentum", .slot = "Momentum", .update = update};
