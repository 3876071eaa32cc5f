/* The largest number under a window, channel by channel; the padding never wins:
 *
 *     y[i, j, c] = max over u, v of x[i s + u - p, j s + v - p, c]
 *     dx at the winner += dy[i, j, c]
 *
 * Of equal numbers the first wins, row by row; not a number wins over any number. */
#include "nn/op.h"

#include <math.h>

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    node->shape.c = in[0].c;
    return ws_window_fit(&node->window, in[0], &node->shape, "max pooling", err);
}

/** Offset of the winner for channel c of output (i, j) in the sample x. */
static size_t find_winner(const ws_op_run *run, const double *x, size_t i, size_t j, size_t c)
{
    const ws_window *window = &run->node->window;
    size_t winner = 0, offset;
    double best = -HUGE_VAL;
    bool found = false;

    for (size_t u = 0; u < window->h; u++) {
        for (size_t v = 0; v < window->w; v++) {
            if (!ws_window_find(window, run->in[0], (ws_window_place){i, j, u, v}, &offset))
                continue;
            offset += c;
            if (!found || x[offset] > best || isnan(x[offset])) {
                winner = offset;
                best = x[offset];
                found = true;
            }
        }
    }
    return winner;
}

static void forward(const ws_op_run *run)
{
    const ws_shape out = run->node->shape;
    const double *x = run->x[0];
    double *y = run->y;

    for (size_t s = 0; s < run->n; s++, x += ws_shape_size(run->in[0])) {
        for (size_t i = 0; i < out.h; i++) {
            for (size_t j = 0; j < out.w; j++) {
                for (size_t c = 0; c < out.c; c++)
                    *y++ = x[find_winner(run, x, i, j, c)];
            }
        }
    }
}

static void backward(const ws_op_run *run)
{
    const ws_shape out = run->node->shape;
    const double *dy = run->dy;

    if (run->dx[0] == NULL)
        return;
    for (size_t s = 0; s < run->n; s++) {
        const double *x = run->x[0] + s * ws_shape_size(run->in[0]);
        double *dx = run->dx[0] + s * ws_shape_size(run->in[0]);
        for (size_t i = 0; i < out.h; i++) {
            for (size_t j = 0; j < out.w; j++) {
                for (size_t c = 0; c < out.c; c++)
                    dx[find_winner(run, x, i, j, c)] += *dy++;
            }
        }
    }
}

const ws_op ws_op_max_pool = {
    .name = "MaxPool",
    .infer_shape = infer_shape,
};

const ws_op_plain ws_op_plain_max_pool = {forward, backward};
