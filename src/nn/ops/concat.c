/* Channels of all inputs one after the other. Input k begins at channel b[k] of the output:
 *
 *     y[i, j, b[k] + c] = x[k][i, j, c]        dx[k][i, j, c] += dy[i, j, b[k] + c] */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    node->shape = (ws_shape){in[0].h, in[0].w, 0};
    for (size_t k = 0; k < node->n_inputs; k++) {
        if (in[k].h != in[0].h || in[k].w != in[0].w)
            return ws_fail(err, WS_EINVAL,
                           "concatenation of channels: inputs of %zux%zu and of %zux%zu", in[0].h,
                           in[0].w, in[k].h, in[k].w);
        node->shape.c += in[k].c;
    }
    return WS_OK;
}

static void forward(const ws_op_run *run)
{
    const ws_shape out = run->node->shape;
    const size_t n_places = run->n * out.h * out.w;
    size_t begin = 0;

    for (size_t k = 0; k < run->node->n_inputs; begin += run->in[k++].c)
        for (size_t p = 0; p < n_places; p++)
            for (size_t c = 0; c < run->in[k].c; c++)
                run->y[p * out.c + begin + c] = run->x[k][p * run->in[k].c + c];
}

static void backward(const ws_op_run *run)
{
    const ws_shape out = run->node->shape;
    const size_t n_places = run->n * out.h * out.w;
    size_t begin = 0;

    for (size_t k = 0; k < run->node->n_inputs; begin += run->in[k++].c)
        for (size_t p = 0; run->dx[k] != NULL && p < n_places; p++)
            for (size_t c = 0; c < run->in[k].c; c++)
                run->dx[k][p * run->in[k].c + c] += run->dy[p * out.c + begin + c];
}

const ws_op ws_op_concat = {
    .name = "ConcatV2",
    .infer_shape = infer_shape,
};

const ws_op_plain ws_op_plain_concat = {forward, backward};
