/* The last rows of earlier samples, then those of this one. With k rows kept in the state m, and h
 * rows in a sample, the rows of all samples follow each other,
 *
 *     z = m[0], .., m[k - 1], x_0[0], .., x_0[h - 1], x_1[0], ..
 *     y_s[i] = z[s h + i],  i < k + h        dx_s[i] += sum of the dy at that row of z
 *
 * and after a prediction m is the last k rows of z. */
#include "nn/op.h"

#include <string.h>

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    if (node->n_kept == 0)
        return ws_fail(err, WS_EINVAL, "history: 0 rows to keep, expected at least one");
    node->shape = in[0];
    node->shape.h += node->n_kept;
    return WS_OK;
}

static void forward(const ws_op_run *run)
{
    const size_t row = run->in[0].w * run->in[0].c, h = run->in[0].h;
    const size_t n_kept = run->node->n_kept, n_out = run->node->shape.h;
    double *state = run->states[0];

    for (size_t s = 0; s < run->n; s++) {
        for (size_t i = 0; i < n_out; i++) {
            const size_t at = s * h + i;
            const double *from = at < n_kept ? state + at * row : run->x[0] + (at - n_kept) * row;
            memcpy(run->y + (s * n_out + i) * row, from, row * sizeof *from);
        }
    }
    if (!run->is_training) /* the last rows that the last sample gave */
        memcpy(state, run->y + ((run->n - 1) * n_out + h) * row, n_kept * row * sizeof *state);
}

static void backward(const ws_op_run *run)
{
    const size_t row = run->in[0].w * run->in[0].c, h = run->in[0].h;
    const size_t n_kept = run->node->n_kept, n_out = run->node->shape.h;

    for (size_t s = 0; run->dx[0] != NULL && s < run->n; s++) {
        for (size_t i = 0; i < n_out; i++) {
            const size_t at = s * h + i;
            for (size_t k = 0; at >= n_kept && k < row; k++)
                run->dx[0][(at - n_kept) * row + k] += run->dy[(s * n_out + i) * row + k];
        }
    }
}

const ws_op ws_op_history = {
    .name = "History",
    .infer_shape = infer_shape,
    .has_memory = true,
};

const ws_op_plain ws_op_plain_history = {forward, backward};
