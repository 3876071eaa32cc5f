#include "optim/optimizer.h"

static void update(float *weights, const float *gradients, size_t n, float rate)
{
    for (size_t i = 0; i < n; i++)
        weights[i] -= rate * gradients[i];
}

const ws_optimizer ws_optimizer_gradient_descent = {"gradient_descent", update};
