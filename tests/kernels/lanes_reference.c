#include "kernels/lanes_reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/guarded.h"

/** One node in work. */
typedef struct place {
    const lanes_reference *r;
    const ws_lanes_node *node, *in;
    const double *x; /* of in */
    double *y;
    const double *parameters;
} place;

static size_t size_of(const ws_lanes_node *node)
{
    return node->h * node->w * node->c;
}

void lanes_reference_init(lanes_reference *reference, const ws_lanes_program *program, size_t n,
                          const float *features)
{
    size_t n_statistics = 1;

    *reference = (lanes_reference){.program = program, .n = n};
    reference->values = zeros_create(program->n_forward, sizeof(double *));
    for (size_t i = 0; i < program->n_forward; i++)
        reference->values[i] = zeros_create(n * size_of(&program->nodes[i]), sizeof(double));
    for (size_t i = 0; i < program->n_norms; i++)
        n_statistics += program->norms[i].n_bands * program->norms[i].c;
    reference->mean = zeros_create(n_statistics, sizeof(double));
    reference->variance = zeros_create(n_statistics, sizeof(double));
    for (size_t i = 0; i < n * size_of(&program->nodes[program->features]); i++)
        reference->values[program->features][i] = (double)features[i];
}

void lanes_reference_deinit(lanes_reference *reference)
{
    for (size_t i = 0; i < reference->program->n_forward; i++)
        free(reference->values[i]);
    free(reference->values);
    free(reference->mean);
    free(reference->variance);
}

/** The number at a place of sample i of a node; zero outside of it. */
static double seen(const ws_lanes_node *in, const double *x, size_t i, ptrdiff_t h, ptrdiff_t w,
                   size_t c)
{
    if (h < 0 || w < 0 || h >= (ptrdiff_t)in->h || w >= (ptrdiff_t)in->w)
        return 0.0;
    return x[((i * in->h + (size_t)h) * in->w + (size_t)w) * in->c + c];
}

/** The group of a channel, or all channels. */
static ws_lanes_group group_of(const place *p, size_t c)
{
    for (size_t i = 0; i < p->node->n_groups; i++) {
        const ws_lanes_group *group = &p->r->program->groups[p->node->group + i];
        if (c >= group->channel && c < group->channel + group->n)
            return *group;
    }
    return (ws_lanes_group){.n = p->node->c, .weights = p->node->weights};
}

static double window_sum(const place *p, size_t i, size_t h, size_t w, size_t c)
{
    const ws_lanes_window *v = &p->node->window;
    const bool is_conv = p->node->op == WS_LANES_CONV;
    const size_t n_in = is_conv ? p->in->c : 1;
    double sum = p->node->bias != WS_LANES_NONE ? p->parameters[p->node->bias + c] : 0.0;

    const ws_lanes_group group = group_of(p, c);

    for (size_t a = group.tap; a < v->h; a++) {
        for (size_t b = 0; b < v->w; b++) {
            const ptrdiff_t y =
                (ptrdiff_t)(h * v->stride_h + a * v->dilation_h) - (ptrdiff_t)v->before_h;
            const ptrdiff_t x =
                (ptrdiff_t)(w * v->stride_w + b * v->dilation_w) - (ptrdiff_t)v->before_w;
            for (size_t k = 0; k < n_in; k++) {
                const size_t tap = ((a - group.tap) * v->w + b) * n_in + k;
                const double weight =
                    p->node->weights == WS_LANES_NONE
                        ? (double)p->node->factor
                        : p->parameters[group.weights + tap * group.n + c - group.channel];
                sum += weight * seen(p->in, p->x, i, y, x, is_conv ? k : c);
            }
        }
    }
    return sum;
}

/** Statistics of a channel of a band over the batch. */
static void find_moments(const place *p, size_t at, size_t band, size_t c)
{
    const size_t n_w = p->in->w / p->r->program->norms[p->node->norm].n_bands;
    const double count = (double)(p->r->n * p->in->h * n_w);
    double sum = 0.0, squares = 0.0;

    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < p->r->n * p->in->h; i++) {
            for (size_t w = band * n_w; w < (band + 1) * n_w; w++) {
                const double x = p->x[(i * p->in->w + w) * p->in->c + c];
                if (round == 0)
                    sum += x;
                else
                    squares += (x - sum / count) * (x - sum / count);
            }
        }
    }
    p->r->mean[at] = sum / count;
    p->r->variance[at] = squares / count;
}

static void normalise(const place *p, const float *state)
{
    const ws_lanes_norm *norm = &p->r->program->norms[p->node->norm];
    const size_t n_w = p->in->w / norm->n_bands;
    size_t first = 0;

    for (size_t i = 0; i < p->node->norm; i++)
        first += p->r->program->norms[i].n_bands * p->r->program->norms[i].c;
    for (size_t k = 0; k < norm->n_bands * norm->c; k++)
        find_moments(p, first + k, k / norm->c, k % norm->c);
    for (size_t e = 0; e < p->r->n * size_of(p->node); e++) {
        const size_t c = e % norm->c, w = e / norm->c % p->in->w, k = w / n_w * norm->c + c;
        const double mean = state != NULL ? (double)state[norm->mean + k] : p->r->mean[first + k];
        const double variance =
            state != NULL ? (double)state[norm->variance + k] : p->r->variance[first + k];
        p->y[e] =
            p->parameters[norm->gamma + k] * (p->x[e] - mean) / sqrt(variance + norm->epsilon) +
            p->parameters[norm->beta + k];
    }
}

static double sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

/** The number of the second input that meets a place: one row or column is repeated. */
static double second(const place *p, size_t i, size_t h, size_t w, size_t c)
{
    const ws_lanes_node *z = &p->r->program->nodes[p->node->in[1]];
    return seen(z, p->r->values[p->node->in[1]], i, (ptrdiff_t)(z->h == 1 ? 0 : h),
                (ptrdiff_t)(z->w == 1 ? 0 : w), c);
}

static double sum_over(const place *p, size_t i, size_t h, size_t w, size_t c)
{
    double sum = 0.0;

    if (p->node->op == WS_LANES_SUM_W) {
        for (size_t k = 0; k < p->in->w; k++)
            sum += seen(p->in, p->x, i, (ptrdiff_t)h, (ptrdiff_t)k, c);
    } else if (p->node->op == WS_LANES_SUM_ROWS) { /* all rows in the first part */
        for (size_t k = 0; k < p->in->h && h == 0; k++)
            sum += seen(p->in, p->x, i, (ptrdiff_t)k, (ptrdiff_t)w, c);
        return sum;
    } else {
        for (size_t k = 0; k < p->in->h; k++)
            sum += seen(p->in, p->x, i, (ptrdiff_t)k, (ptrdiff_t)w, c);
    }
    return sum * (double)p->node->factor;
}

static double compute(const place *p, size_t i, size_t h, size_t w, size_t c)
{
    const double x = seen(p->in, p->x, i, (ptrdiff_t)h, (ptrdiff_t)w, c < p->in->c ? c : 0);

    switch (p->node->op) {
    case WS_LANES_CONV:
    case WS_LANES_DEPTHWISE:
        return window_sum(p, i, h, w, c);
    case WS_LANES_SUM_W:
    case WS_LANES_SUM_ROWS:
    case WS_LANES_ADD_PARTS:
        return sum_over(p, i, h, w, c);
    case WS_LANES_SLICE:
        return seen(p->in, p->x, i, (ptrdiff_t)h, (ptrdiff_t)w, c + p->node->channel);
    case WS_LANES_SHIFT:
        return seen(p->in, p->x, i, (ptrdiff_t)h + p->node->shift, (ptrdiff_t)w, c);
    case WS_LANES_PLACE:
        return c < p->in->c ? x : second(p, i, h, w, c - p->in->c);
    case WS_LANES_BIAS:
        return x + p->parameters[p->node->bias + c];
    case WS_LANES_ADD:
        return x + second(p, i, h, w, c);
    case WS_LANES_MULTIPLY:
        return x * second(p, i, h, w, c);
    case WS_LANES_RELU:
        return x > 0.0 ? x : 0.0;
    case WS_LANES_SIGMOID:
        return sigmoid(x);
    case WS_LANES_SILU:
        return x * sigmoid(x);
    default: /* PAD: readers know of the zeros */
        return x;
    }
}

void lanes_reference_run(lanes_reference *reference, const double *parameters, const float *state)
{
    for (size_t i = 0; i < reference->program->n_forward; i++) {
        const ws_lanes_node *node = &reference->program->nodes[i];
        const ws_lanes_node *in = &reference->program->nodes[node->in[0]];
        place p = {.r = reference,
                   .node = node,
                   .in = in,
                   .x = reference->values[node->in[0]],
                   .y = reference->values[i],
                   .parameters = parameters};
        if (node->op == WS_LANES_INPUT || node->op == WS_LANES_MOMENTS)
            continue;
        if (node->op == WS_LANES_AFFINE) {
            normalise(&p, state);
            continue;
        }
        for (size_t e = 0; e < reference->n * size_of(node); e++)
            p.y[e] = compute(&p, e / size_of(node), e / (node->w * node->c) % node->h,
                             e / node->c % node->w, e % node->c);
    }
}
