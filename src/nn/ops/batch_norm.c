/* Batch normalisation, after Ioffe and Szegedy (2015); with bands sub-spectral normalisation, after
 * Chang et al. (2021). A group is one channel, or one channel in one band of w. Its m numbers are
 * those of the whole batch, at all places. With the group's mean u and variance v (divisor m),
 * scale g and offset b:
 *
 *     z = (x - u) / sqrt(v + epsilon)        y = g z + b
 *
 *     dg += sum of dy z        db += sum of dy
 *     dx += g / sqrt(v + epsilon) (dy - (sum of dy) / m - z (sum of dy z) / m)
 *
 * Training moves the running mean and variance by the share `momentum` towards u and v m / (m - 1)
 * (v where m is 1); prediction takes the running ones for u and v. */
#include "nn/op.h"

#include <math.h>

static ws_status infer_shape(ws_node *node, const ws_shape in[], ws_error *err)
{
    const ws_norm *norm = &node->norm;

    if (norm->n_bands == 0 || in[0].w % norm->n_bands != 0)
        return ws_fail(err, WS_EINVAL,
                       "batch normalisation: %zu frequencies do not divide into %zu bands", in[0].w,
                       norm->n_bands);
    if (!(norm->epsilon > 0.0) || !(norm->momentum > 0.0 && norm->momentum <= 1.0))
        return ws_fail(
            err, WS_EINVAL,
            "batch normalisation: epsilon %g and momentum %g, expected both above 0, and "
            "momentum at most 1",
            norm->epsilon, norm->momentum);
    node->shape = in[0];
    return WS_OK;
}

/** The places of one group: `n_rows` rows of the batch, each with `width` columns. */
typedef struct group {
    size_t index;       /* in the variables */
    size_t first, step; /* of the first number, and from one column to the next */
    size_t width, row;  /* columns; numbers from one row to the next */
    size_t n_rows;
    double mean, deviation; /* sqrt(v + epsilon) */
    double variance;
} group;

static group find_group(const ws_op_run *run, size_t band, size_t c)
{
    const ws_shape in = run->in[0];
    const size_t width = in.w / run->node->norm.n_bands;

    return (group){
        .index = band * in.c + c,
        .first = band * width * in.c + c,
        .step = in.c,
        .width = width,
        .row = in.w * in.c,
        .n_rows = run->n * in.h,
    };
}

/** Offset of column j of row i. */
static size_t place(const group *of, size_t i, size_t j)
{
    return of->first + i * of->row + j * of->step;
}

static double count(const group *of)
{
    return (double)(of->n_rows * of->width);
}

/** The mean and the variance of this batch. */
static void measure(const ws_op_run *run, group *of)
{
    double sum = 0.0, squares = 0.0;

    for (size_t i = 0; i < of->n_rows; i++)
        for (size_t j = 0; j < of->width; j++)
            sum += run->x[0][place(of, i, j)];
    of->mean = sum / count(of);
    for (size_t i = 0; i < of->n_rows; i++) {
        for (size_t j = 0; j < of->width; j++) {
            const double apart = run->x[0][place(of, i, j)] - of->mean;
            squares += apart * apart;
        }
    }
    of->variance = squares / count(of);
    of->deviation = sqrt(of->variance + run->node->norm.epsilon);
}

/** Moves the running mean and variance. */
static void learn(const ws_op_run *run, const group *of)
{
    const double share = run->node->norm.momentum;
    const double n = count(of);
    double *mean = &run->states[WS_NORM_MEAN][of->index];
    double *variance = &run->states[WS_NORM_VARIANCE][of->index];

    *mean += share * (of->mean - *mean);
    *variance += share * (of->variance * (n > 1.0 ? n / (n - 1.0) : 1.0) - *variance);
}

static void read_running(const ws_op_run *run, group *of)
{
    of->mean = run->states[WS_NORM_MEAN][of->index];
    of->variance = run->states[WS_NORM_VARIANCE][of->index];
    of->deviation = sqrt(of->variance + run->node->norm.epsilon);
}

static double scale_of(const ws_op_run *run, const group *of)
{
    return run->w[WS_NORM_SCALE] != NULL ? run->w[WS_NORM_SCALE][of->index] : 1.0;
}

static void forward_group(const ws_op_run *run, group *of)
{
    const double offset = run->w[WS_NORM_OFFSET][of->index];

    if (run->is_training) {
        measure(run, of);
        learn(run, of);
    } else {
        read_running(run, of);
    }
    const double scale = scale_of(run, of) / of->deviation;
    for (size_t i = 0; i < of->n_rows; i++) {
        for (size_t j = 0; j < of->width; j++) {
            const size_t at = place(of, i, j);
            run->y[at] = (run->x[0][at] - of->mean) * scale + offset;
        }
    }
}

static void backward_group(const ws_op_run *run, group *of)
{
    double sum = 0.0, product = 0.0;

    measure(run, of);
    for (size_t i = 0; i < of->n_rows; i++) {
        for (size_t j = 0; j < of->width; j++) {
            const size_t at = place(of, i, j);
            sum += run->dy[at];
            product += run->dy[at] * (run->x[0][at] - of->mean) / of->deviation;
        }
    }
    run->dw[WS_NORM_OFFSET][of->index] += sum;
    if (run->dw[WS_NORM_SCALE] != NULL)
        run->dw[WS_NORM_SCALE][of->index] += product;
    if (run->dx[0] == NULL)
        return;
    const double scale = scale_of(run, of) / of->deviation;
    for (size_t i = 0; i < of->n_rows; i++) {
        for (size_t j = 0; j < of->width; j++) {
            const size_t at = place(of, i, j);
            const double z = (run->x[0][at] - of->mean) / of->deviation;
            run->dx[0][at] += scale * (run->dy[at] - sum / count(of) - z * product / count(of));
        }
    }
}

static void run_groups(const ws_op_run *run, void (*run_group)(const ws_op_run *run, group *of))
{
    for (size_t band = 0; band < run->node->norm.n_bands; band++) {
        for (size_t c = 0; c < run->in[0].c; c++) {
            group of = find_group(run, band, c);
            run_group(run, &of);
        }
    }
}

static void forward(const ws_op_run *run)
{
    run_groups(run, forward_group);
}

static void backward(const ws_op_run *run)
{
    run_groups(run, backward_group);
}

const ws_op ws_op_batch_norm = {
    .name = "FusedBatchNormV3",
    .infer_shape = infer_shape,
    .couples_samples = true,
};

const ws_op_plain ws_op_plain_batch_norm = {forward, backward};
