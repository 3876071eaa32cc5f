/* Singular value decomposition filters, after Nakkiran et al.: "Compressing deep neural networks
 * using a rank-constrained topology" (2015). Filter f = rank * o + r of unit o weighs the
 * frequencies of each time step, then the times:
 *
 *     a[f, t] = sum over k of x[t, k] wf[k, f]
 *     y[o]    = sum over r, t of a[f, t] wt[f, t]
 *
 *     da[f, t] = dy[o] wt[f, t]               dwt[f, t] += dy[o] a[f, t]
 *     dx[t, k] += sum over f of da[f, t] wf[k, f]
 *     dwf[k, f] += sum over t of da[f, t] x[t, k]
 *
 * x [times, frequencies], wf [frequencies, filters], wt [filters, times] */
#include "nn/op.h"

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    (void)in;
    if (node->shape.c == 0 || node->rank == 0)
        return ws_fail(err, WS_EINVAL, "SVDF: %zu units of rank %zu, expected at least one of each",
                       node->shape.c, node->rank);
    node->shape.h = 1;
    node->shape.w = 1;
    return WS_OK;
}

/** What all loops below go over, and where the weights lie. */
typedef struct svdf {
    size_t n_times, n_frequencies, n_filters;
    const double *wf, *wt;
    double *dwf, *dwt; /* NULL forward */
} svdf;

static svdf divide(const ws_op_run *run)
{
    return (svdf){
        .n_times = run->in[0].h,
        .n_frequencies = run->in[0].w * run->in[0].c,
        .n_filters = run->node->shape.c * run->node->rank,
        .wf = run->w[WS_SVDF_FREQUENCY],
        .wt = run->w[WS_SVDF_TIME],
        .dwf = run->dw[WS_SVDF_FREQUENCY],
        .dwt = run->dw[WS_SVDF_TIME],
    };
}

enum { PIECE = 64 }; /* filters at a time: a row of wf is long, and a column is far apart */

/** a[first + i, t] of n filters, for one sample's time step x [n_frequencies]. */
static void weigh_frequencies(const svdf *s, const double *x, size_t first, size_t n, double *a)
{
    for (size_t i = 0; i < n; i++)
        a[i] = 0.0;
    for (size_t k = 0; k < s->n_frequencies; k++) {
        for (size_t i = 0; i < n; i++)
            a[i] += x[k] * s->wf[k * s->n_filters + first + i];
    }
}

/** What time step t of a sample gives to its y [n_units]. */
static void forward_step(const svdf *s, size_t t, size_t rank, const double *x, double *y)
{
    double a[PIECE];

    for (size_t first = 0; first < s->n_filters; first += PIECE) {
        const size_t n = s->n_filters - first < PIECE ? s->n_filters - first : PIECE;
        weigh_frequencies(s, x, first, n, a);
        for (size_t i = 0; i < n; i++)
            y[(first + i) / rank] += a[i] * s->wt[(first + i) * s->n_times + t];
    }
}

static void forward(const ws_op_run *run)
{
    const svdf s = divide(run);
    const size_t n_out = run->node->shape.c;

    for (size_t i = 0; i < run->n * n_out; i++)
        run->y[i] = 0.0;
    for (size_t i = 0; i < run->n; i++) {
        for (size_t t = 0; t < s.n_times; t++)
            forward_step(&s, t, run->node->rank, run->x[0] + (i * s.n_times + t) * s.n_frequencies,
                         run->y + i * n_out);
    }
}

/** From da of n filters to what the frequencies of a time step get. @param dx  or NULL */
static void add_frequencies(const svdf *s, size_t first, size_t n, const double *da,
                            const double *x, double *dx)
{
    for (size_t k = 0; k < s->n_frequencies; k++) {
        const double *wf = s->wf + k * s->n_filters + first;
        double *dwf = s->dwf + k * s->n_filters + first;
        double sum = 0.0;
        for (size_t i = 0; i < n; i++) {
            dwf[i] += da[i] * x[k];
            sum += da[i] * wf[i];
        }
        if (dx != NULL)
            dx[k] += sum;
    }
}

/** What the gradient dy [n_units] of a sample gives to all that its time step t saw. */
static void backward_step(const svdf *s, size_t t, size_t rank, const double *dy, const double *x,
                          double *dx)
{
    double a[PIECE], da[PIECE];

    for (size_t first = 0; first < s->n_filters; first += PIECE) {
        const size_t n = s->n_filters - first < PIECE ? s->n_filters - first : PIECE;
        weigh_frequencies(s, x, first, n, a);
        for (size_t i = 0; i < n; i++) {
            const size_t at = (first + i) * s->n_times + t;
            s->dwt[at] += dy[(first + i) / rank] * a[i];
            da[i] = dy[(first + i) / rank] * s->wt[at];
        }
        add_frequencies(s, first, n, da, x, dx);
    }
}

static void backward(const ws_op_run *run)
{
    const svdf s = divide(run);
    const size_t n_out = run->node->shape.c;

    for (size_t i = 0; i < run->n; i++) {
        for (size_t t = 0; t < s.n_times; t++) {
            const size_t at = (i * s.n_times + t) * s.n_frequencies;
            backward_step(&s, t, run->node->rank, run->dy + i * n_out, run->x[0] + at,
                          run->dx[0] != NULL ? run->dx[0] + at : NULL);
        }
    }
}

/** Each filter is applied to the frequencies of each time step, then over time. */
static double count_products(const ws_node *node, const ws_shape in[])
{
    const double n_filters = (double)(node->shape.c * node->rank);
    return n_filters * ((double)ws_shape_size(in[0]) + (double)in[0].h);
}

const ws_op ws_op_svdf = {
    .name = "SVDF",
    .infer_shape = infer_shape,
    .count_products = count_products,
};

const ws_op_plain ws_op_plain_svdf = {forward, backward};
