/* Adam: means of the gradient and of its square, corrected for their start at zero. In step t:
 *
 *     m <- b1 m + (1 - b1) g
 *     v <- b2 v + (1 - b2) g^2
 *     w <- w - rate / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + epsilon)
 *
 * This is the paper's algorithm 1 and PyTorch's. TensorFlow adds epsilon before the correction of
 * v instead. The slots have TensorFlow's names: "Adam" is m, "Adam_1" is v. */
#include <math.h>

#include "optim/optimizer.h"

static void update(const ws_update *update)
{
    float *restrict weights = update->weights;
    float *restrict means = update->slots[0], *restrict squares = update->slots[1];
    const float *restrict gradients = update->gradients;
    const float beta1 = update->hyper->beta1, beta2 = update->hyper->beta2;
    const float epsilon = update->hyper->epsilon;
    const float step = update->rate / (1.0f - update->powers[0]);
    const float correction = 1.0f / sqrtf(1.0f - update->powers[1]);

    for (size_t i = 0; i < update->n; i++) {
        const float gradient = gradients[i];
        means[i] = beta1 * means[i] + (1.0f - beta1) * gradient;
        squares[i] = beta2 * squares[i] + (1.0f - beta2) * gradient * gradient;
        weights[i] -= step * means[i] / (sqrtf(squares[i]) * correction + epsilon);
    }
}

const ws_optimizer ws_optimizer_adam = {
    .name = "adam",
    .slots = {"Adam", "Adam_1"},
    .has_powers = true,
    .graph_op = "ApplyAdam",
    .update = update,
};

const ws_optimizer ws_optimizer_adamw = {
    .name = "adamw",
    .slots = {"Adam", "Adam_1"},
    .has_powers = true,
    .decays_apart = true,
    .graph_op = "ApplyAdamWithWeightDecay",
    .update = update,
};
