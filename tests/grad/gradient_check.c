#include "grad/gradient_check.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "nn/op.h"

enum { FIRST_ROW = 5 }; /* as if the samples stood in the middle of a batch */

/** An array that the operator reads, and its gradient from backward. */
typedef struct array {
    double *values, *gradient;
    size_t n; /* 0: there is none */
} array;

/** One operator on random numbers. */
typedef struct trial {
    ws_op_run run;
    array x[WS_NODE_MAX_INPUTS], w[WS_NODE_MAX_PARAMETERS]; /* what run points at, writable */
    double *states[WS_NODE_MAX_STATES];
    double *y;
    double *mix; /* [n_y] */
    size_t n_y;
} trial;

static const ws_dropout dropout = {.rate = 0.3, .seed = 11, .step = 3};

double *make_random(size_t n, uint32_t stream)
{
    double *values = malloc((n > 0 ? n : 1) * sizeof *values);
    ws_random random;

    assert_non_null(values);
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, stream);
    for (size_t i = 0; i < n; i++)
        values[i] = 2.0 * ws_random_uniform(&random) - 1.0;
    return values;
}

static double *make_zeros(size_t n)
{
    double *values = calloc(n > 0 ? n : 1, sizeof *values);
    assert_non_null(values);
    return values;
}

static double mix_of_outputs(const trial *t)
{
    double sum = 0.0;

    ws_op_plain_get(t->run.node->kind)->forward(&t->run);
    for (size_t i = 0; i < t->n_y; i++)
        sum += t->mix[i] * t->y[i];
    return sum;
}

/** Derivative of the mix by *value. */
static double difference(const trial *t, double *value)
{
    const double step = 1e-5, at = *value;
    *value = at + step;
    const double above = mix_of_outputs(t);
    *value = at - step;
    const double below = mix_of_outputs(t);
    *value = at;
    return (above - below) / (2.0 * step);
}

static void check_gradient(const trial *t, const char *what, double *values, const double *gradient,
                           size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double want = difference(t, &values[i]);
        if (!(fabs(gradient[i] - want) <= 1e-7 * (1.0 + fabs(want))))
            fail_msg("%s: d/d%s[%zu] is %.12g, expected %.12g", ws_op_get(t->run.node->kind)->name,
                     what, i, gradient[i], want);
    }
}

static array make_array(size_t n, uint32_t stream)
{
    return (array){make_random(n, stream), make_zeros(n), n};
}

static void free_array(array *freed)
{
    free(freed->values);
    free(freed->gradient);
}

/** Points the run at its arrays, with the gradients of the inputs or without. */
static void connect(trial *t, bool wants_dx)
{
    for (size_t k = 0; k < t->run.node->n_inputs; k++) {
        t->run.x[k] = t->x[k].values;
        t->run.dx[k] = wants_dx ? t->x[k].gradient : NULL;
    }
    for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++) {
        t->run.w[slot] = t->w[slot].n > 0 ? t->w[slot].values : NULL;
        t->run.dw[slot] = t->w[slot].n > 0 ? t->w[slot].gradient : NULL;
    }
    for (size_t slot = 0; slot < WS_NODE_MAX_STATES; slot++)
        t->run.states[slot] = t->states[slot];
}

/** Arrays for node `index` of a graph on n samples of a training step. */
static void open_trial(trial *t, const ws_graph *graph, size_t index, size_t n)
{
    const ws_node *node = &graph->nodes[index];

    *t = (trial){.n_y = n * ws_shape_size(node->shape)};
    t->run = (ws_op_run){.node = node,
                         .node_index = index,
                         .n = n,
                         .first_row = FIRST_ROW,
                         .is_training = true,
                         .dropout = &dropout};
    for (size_t k = 0; k < node->n_inputs; k++) {
        t->run.in[k] = ws_graph_shape_in(graph, node, k);
        t->x[k] = make_array(n * ws_shape_size(t->run.in[k]), 1 + (uint32_t)k);
    }
    for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++) {
        const ws_variable *parameter = ws_graph_parameter(graph, node, slot);
        if (parameter != NULL)
            t->w[slot] = make_array(parameter->size, 100 + (uint32_t)slot);
    }
    for (size_t slot = 0; slot < WS_NODE_MAX_STATES; slot++)
        if (node->states[slot] != WS_NO_VARIABLE)
            t->states[slot] = make_zeros(graph->states[node->states[slot]].size);
    t->run.dy = t->mix = make_random(t->n_y, 200);
    t->run.y = t->y = make_zeros(t->n_y);
    connect(t, true);
}

static void close_trial(trial *t)
{
    for (size_t k = 0; k < WS_NODE_MAX_INPUTS; k++)
        free_array(&t->x[k]);
    for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++)
        free_array(&t->w[slot]);
    for (size_t slot = 0; slot < WS_NODE_MAX_STATES; slot++)
        free(t->states[slot]);
    free(t->y);
    free(t->mix);
}

/** Backward adds, and does without the gradients of its inputs. */
static void check_adding(trial *t)
{
    const array *w = &t->w[t->w[0].n > 0 ? 0 : 1]; /* an operator may have the second one only */
    const double first = w->n > 0 ? w->gradient[0] : 0.0;

    connect(t, false);
    ws_op_plain_get(t->run.node->kind)->backward(&t->run);
    if (w->n > 0)
        assert_true(fabs(w->gradient[0] - 2.0 * first) <= 1e-12 * (1.0 + fabs(first)));
}

/** Checks node `index` of a graph on n samples. */
static void check_node(const ws_graph *graph, size_t index, size_t n)
{
    trial t;

    open_trial(&t, graph, index, n);
    (void)mix_of_outputs(&t);
    ws_op_plain_get(t.run.node->kind)->backward(&t.run);
    for (size_t k = 0; k < t.run.node->n_inputs; k++)
        check_gradient(&t, "x", t.x[k].values, t.x[k].gradient, t.x[k].n);
    for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++)
        check_gradient(&t, "w", t.w[slot].values, t.w[slot].gradient, t.w[slot].n);
    check_adding(&t);
    close_trial(&t);
}

void check_last(const ws_graph *graph, size_t n)
{
    ws_error err;
    if (ws_graph_status(graph, &err) != WS_OK)
        fail_msg("%s", err.message);
    check_node(graph, graph->n_nodes - 1, n);
}
