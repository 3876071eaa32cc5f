/* Two inputs of different sizes: along each axis they agree, or one has size 1, and its index 0 is
 * used for every index of the other. */
#include "nn/op.h"

static size_t fit_axis(size_t a, size_t b)
{
    if (a == b || b == 1)
        return a;
    return a == 1 ? b : 0;
}

ws_status ws_broadcast_fit(const ws_shape in[2], ws_shape *out, const char *what, ws_error *err)
{
    const ws_shape a = in[0], b = in[1];

    *out = (ws_shape){fit_axis(a.h, b.h), fit_axis(a.w, b.w), fit_axis(a.c, b.c)};
    if (ws_shape_size(*out) == 0)
        return ws_fail(
            err, WS_EINVAL,
            "%s of [%zu, %zu, %zu] and [%zu, %zu, %zu]: expected equal sizes, or 1, along "
            "each axis",
            what, a.h, a.w, a.c, b.h, b.w, b.c);
    return WS_OK;
}

size_t ws_broadcast_find(ws_shape in, ws_shape out, size_t i)
{
    const size_t c = i % out.c, place = i / out.c;
    const size_t w = place % out.w, h = place / out.w;

    return ((in.h > 1 ? h : 0) * in.w + (in.w > 1 ? w : 0)) * in.c + (in.c > 1 ? c : 0);
}

void ws_broadcast_forward(const ws_op_run *run, double (*join)(double a, double b))
{
    const ws_shape out = run->node->shape;
    const size_t size = ws_shape_size(out);

    for (size_t s = 0; s < run->n; s++) {
        const double *a = run->x[0] + s * ws_shape_size(run->in[0]);
        const double *b = run->x[1] + s * ws_shape_size(run->in[1]);
        for (size_t i = 0; i < size; i++)
            run->y[s * size + i] = join(a[ws_broadcast_find(run->in[0], out, i)],
                                        b[ws_broadcast_find(run->in[1], out, i)]);
    }
}
