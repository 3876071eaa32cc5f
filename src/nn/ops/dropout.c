/* With a mask m of zeros and ones (nn/dropout.h) and the rate r of the step:
 *
 *     y  = x m / (1 - r)          dx += dy m / (1 - r)
 *
 * Backward draws the mask again, which is simpler than keeping it. */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, ws_shape in, ws_error *err)
{
    (void)err;
    node->shape = in;
    return WS_OK;
}

/** out[e] += in[e] m[e] / (1 - r) over one sample. */
static void add_kept(const ws_op_run *run, size_t sample, const double *in, double *out)
{
    enum { PIECE = 32 * WS_DROPOUT_GRAIN }; /* elements drawn at a time */
    const ws_dropout_address address = {run->first_row + sample, run->node_index};
    const size_t size = ws_shape_size(run->in);
    const double scale = 1.0 / (1.0 - run->dropout->rate);
    uint32_t keep[PIECE / 32];

    for (size_t first = 0; first < size; first += PIECE) {
        const size_t n = size - first < PIECE ? size - first : PIECE;
        ws_dropout_draw(run->dropout, address, first, n, keep);
        for (size_t i = 0; i < n; i++)
            out[first + i] += keep[i / 32] >> (i % 32) & 1 ? in[first + i] * scale : 0.0;
    }
}

static void forward_ref(const ws_op_run *run)
{
    const size_t size = ws_shape_size(run->in);
    for (size_t i = 0; i < run->n * size; i++)
        run->y[i] = 0.0;
    for (size_t s = 0; s < run->n; s++)
        add_kept(run, s, run->x + s * size, run->y + s * size);
}

static void backward_ref(const ws_op_run *run)
{
    const size_t size = ws_shape_size(run->in);
    for (size_t s = 0; run->dx != NULL && s < run->n; s++)
        add_kept(run, s, run->dy + s * size, run->dx + s * size);
}

const ws_op ws_op_dropout = {
    .name = "Dropout",
    .infer_shape = infer_shape,
    .forward_ref = forward_ref,
    .backward_ref = backward_ref,
};
