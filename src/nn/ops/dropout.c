/* With a mask m of zeros and ones (nn/dropout.h) and the rate r of the step or the operator:
 *
 *     y  = x m / (1 - r)          dx += dy m / (1 - r)
 *
 * A spatial dropout has a mask of channels, the same at all places. Backward draws the mask again,
 * which is simpler than keeping it. */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    if (!(node->dropout.rate >= 0.0 && node->dropout.rate < 1.0))
        return ws_fail(err, WS_EINVAL, "dropout: a rate of %g, expected 0 to less than 1",
                       node->dropout.rate);
    return ws_infer_same_shape(node, in, err);
}

enum { PIECE = 32 * WS_DROPOUT_GRAIN }; /* elements drawn at a time */

/** out[e] += in[e] m[e] / (1 - r) over one sample. */
static void add_kept(const ws_op_run *run, size_t sample, const double *in, double *out)
{
    const ws_dropout dropout = ws_dropout_of(run->dropout, &run->node->dropout);
    const ws_dropout_address address = {run->first_row + sample, run->node_index};
    const size_t n_channels = run->in[0].c;
    const size_t n_places = ws_shape_size(run->in[0]) / n_channels;
    const size_t n_drawn = run->node->dropout.is_spatial ? n_channels : n_places * n_channels;
    const double scale = 1.0 / (1.0 - dropout.rate);
    uint32_t keep[PIECE / 32];

    for (size_t first = 0; first < n_drawn; first += PIECE) {
        const size_t n = n_drawn - first < PIECE ? n_drawn - first : PIECE;
        ws_dropout_draw(&dropout, address, first, n, keep);
        for (size_t i = 0; i < n; i++) {
            const double factor = keep[i / 32] >> (i % 32) & 1 ? scale : 0.0;
            for (size_t e = first + i; e < n_places * n_channels; e += n_drawn)
                out[e] += factor > 0.0 ? in[e] * factor : 0.0;
        }
    }
}

static void forward(const ws_op_run *run)
{
    const size_t size = ws_shape_size(run->in[0]);
    for (size_t i = 0; i < run->n * size; i++)
        run->y[i] = 0.0;
    for (size_t s = 0; s < run->n; s++)
        add_kept(run, s, run->x[0] + s * size, run->y + s * size);
}

static void backward(const ws_op_run *run)
{
    const size_t size = ws_shape_size(run->in[0]);
    for (size_t s = 0; run->dx[0] != NULL && s < run->n; s++)
        add_kept(run, s, run->dy + s * size, run->dx[0] + s * size);
}

const ws_op ws_op_dropout = {
    .name = "Dropout",
    .infer_shape = infer_shape,
};

const ws_op_plain ws_op_plain_dropout = {forward, backward};
