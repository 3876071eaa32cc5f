/* Every operator's plain gradient against central differences, in double.
 *
 * The loss is a fixed random mix of the outputs, sum r[i] y[i], so its gradient by y is r, and
 * backward must give the derivative by each input and each weight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>

#include "base/random.h"
#include "nn/loss.h"
#include "nn/op.h"

enum { FIRST_ROW = 5 }; /* as if the samples stood in the middle of a batch */

/** One operator on random numbers. */
typedef struct trial {
    ws_op_run run;
    double *x, *w, *y; /* what run points at, writable */
    double *dx, *dw;   /* from backward */
    double *mix;       /* [n_y] */
    size_t n_x, n_w, n_y;
} trial;

static const ws_dropout dropout = {.rate = 0.3, .seed = 11, .step = 3};

static double *make_random(size_t n, uint32_t stream)
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

    ws_op_get(t->run.node->kind)->forward_ref(&t->run);
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

/** Numbers in all parameters of a node; they lie one behind the other. */
static size_t count_weights(const ws_graph *graph, const ws_node *node)
{
    size_t n = 0;
    if (node->parameter == WS_NO_PARAMETER)
        return 0;
    for (int p = node->parameter; p < node->parameter + (node->kind == WS_OP_SVDF ? 2 : 1); p++)
        n += graph->parameters[p].size;
    return n;
}

/** Checks node `index` of a graph on n samples. */
static void check_node(const ws_graph *graph, size_t index, size_t n)
{
    const ws_node *node = &graph->nodes[index];
    trial t = {0};

    t.run = (ws_op_run){.node = node, .node_index = index, .n = n, .first_row = FIRST_ROW};
    t.run.in = graph->nodes[node->input].shape;
    t.run.dropout = &dropout;
    t.n_x = n * ws_shape_size(t.run.in);
    t.n_y = n * ws_shape_size(node->shape);
    t.n_w = count_weights(graph, node);
    t.run.x = t.x = make_random(t.n_x, 1);
    t.run.w = t.w = make_random(t.n_w, 2);
    t.run.dy = t.mix = make_random(t.n_y, 3);
    t.run.y = t.y = make_zeros(t.n_y);
    t.run.dx = t.dx = make_zeros(t.n_x);
    t.run.dw = t.dw = make_zeros(t.n_w);

    (void)mix_of_outputs(&t);
    ws_op_get(node->kind)->backward_ref(&t.run);
    check_gradient(&t, "x", t.x, t.dx, t.n_x);
    check_gradient(&t, "w", t.w, t.dw, t.n_w);

    /* it adds, and does without the gradient of its input */
    const double first = t.n_w > 0 ? t.dw[0] : 0.0;
    t.run.dx = NULL;
    ws_op_get(node->kind)->backward_ref(&t.run);
    if (t.n_w > 0)
        assert_true(fabs(t.dw[0] - 2.0 * first) <= 1e-12 * (1.0 + fabs(first)));
    free(t.x);
    free(t.w);
    free(t.y);
    free(t.dx);
    free(t.dw);
    free(t.mix);
}

/** The graph input -> push -> checked. */
static void check_last(const ws_graph *graph, size_t n)
{
    ws_error err;
    if (ws_graph_status(graph, &err) != WS_OK)
        fail_msg("%s", err.message);
    check_node(graph, graph->n_nodes - 1, n);
}

static void convolution_has_its_gradient(void **state)
{
    static const struct {
        ws_shape in;
        ws_conv2d_args args;
    } cases[] = {
        {{5, 4, 1}, {.kernel_h = 3, .kernel_w = 3, .n_channels = 2}},
        {{6, 5, 3}, {.kernel_h = 2, .kernel_w = 4, .n_channels = 2}}, /* even: more zeros behind */
        {{7, 5, 2}, {.kernel_h = 3, .kernel_w = 2, .n_channels = 3, .stride_h = 2, .stride_w = 2}},
        {{5, 7, 2}, {.kernel_h = 2, .kernel_w = 3, .n_channels = 2, .stride_h = 3, .stride_w = 2}},
        {{6, 5, 2}, {.kernel_h = 3, .kernel_w = 2, .n_channels = 2, .padding = WS_PADDING_VALID}},
        {{7, 6, 1}, {.kernel_h = 7, .kernel_w = 3, .n_channels = 3, .padding = WS_PADDING_VALID}},
        {{8, 7, 2},
         {.kernel_h = 3,
          .kernel_w = 2,
          .n_channels = 1,
          .stride_h = 2,
          .stride_w = 3,
          .padding = WS_PADDING_VALID}},
        {{3, 2, 2}, {.kernel_h = 5, .kernel_w = 4, .n_channels = 2}}, /* larger than the image */
        {{4, 3, 3}, {.kernel_h = 1, .kernel_w = 1, .n_channels = 2}},
        {{9, 4, 1}, {.kernel_h = 2, .kernel_w = 1, .n_channels = 2, .stride_h = 4}}, /* skips */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_graph graph;
        ws_conv2d_args args = cases[i].args;
        args.name = "w";
        ws_graph_init(&graph);
        (void)ws_graph_push_conv2d(&graph, ws_graph_push_input(&graph, cases[i].in), &args);
        check_last(&graph, 1);
        check_last(&graph, 3);
    }
}

static void pooling_has_its_gradient(void **state)
{
    static const struct {
        ws_shape in;
        ws_max_pool_args args;
    } cases[] = {
        {{4, 6, 2}, {2, 2, 2, 2, WS_PADDING_SAME}},  {{5, 7, 1}, {2, 2, 2, 2, WS_PADDING_SAME}},
        {{5, 7, 3}, {2, 2, 2, 2, WS_PADDING_VALID}}, {{6, 5, 2}, {3, 3, 1, 1, WS_PADDING_SAME}},
        {{7, 6, 2}, {3, 2, 2, 1, WS_PADDING_VALID}}, {{3, 3, 2}, {3, 3, 3, 3, WS_PADDING_SAME}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_graph graph;
        ws_graph_init(&graph);
        (void)ws_graph_push_max_pool(&graph, ws_graph_push_input(&graph, cases[i].in),
                                     &cases[i].args);
        check_last(&graph, 2);
    }
}

static void element_wise_operators_have_their_gradients(void **state)
{
    ws_graph graph;
    (void)state;

    ws_graph_init(&graph);
    (void)ws_graph_push_bias_add(&graph, ws_graph_push_input(&graph, (ws_shape){3, 4, 5}), "b");
    check_last(&graph, 3);
    ws_graph_init(&graph);
    (void)ws_graph_push_relu(&graph, ws_graph_push_input(&graph, (ws_shape){3, 4, 5}));
    check_last(&graph, 3);
    ws_graph_init(&graph);
    (void)ws_graph_push_dropout(&graph, ws_graph_push_input(&graph, (ws_shape){7, 5, 11}));
    check_last(&graph, 3);
}

/**
 * Fake quantisation is a staircase, and its gradient that of the straight line through it: the
 * central difference over one level up and one down.
 */
static void check_straight_through(const ws_quantizer *quantizer)
{
    enum { N = 400 };
    const ws_node node = {.kind = WS_OP_FAKE_QUANT, .shape = {1, 1, N}, .quantizer = 1};
    double above[N], below[N], y[N], dx[N] = {0.0};
    double *x = make_random(N, 20), *dy = make_random(N, 21);
    ws_levels levels;
    ws_op_run run = {.node = &node, .in = node.shape, .n = 1, .levels = &levels, .dy = dy};

    ws_levels_init_fixed(&levels, quantizer);
    const double min = (double)levels.min, max = (double)levels.max, scale = (double)levels.scale;
    for (size_t i = 0; i < N; i++) {
        x[i] = (min + max) / 2.0 + (max - min) * x[i]; /* half of them outside */
        above[i] = x[i] + scale;
        below[i] = x[i] - scale;
    }
    run.x = x;
    run.y = y;
    run.dx = dx;
    ws_op_get(WS_OP_FAKE_QUANT)->forward_ref(&run);
    ws_op_get(WS_OP_FAKE_QUANT)->backward_ref(&run);
    run.x = run.y = above;
    ws_op_get(WS_OP_FAKE_QUANT)->forward_ref(&run);
    run.x = run.y = below;
    ws_op_get(WS_OP_FAKE_QUANT)->forward_ref(&run);
    for (size_t i = 0; i < N; i++) {
        if (fabs(x[i] - min) <= 2.0 * scale || fabs(x[i] - max) <= 2.0 * scale)
            continue; /* the difference would reach over the end */
        assert_true(fabs(dx[i] - dy[i] * (above[i] - below[i]) / (2.0 * scale)) < 1e-9);
    }
    run.dx = NULL; /* it does without */
    ws_op_get(WS_OP_FAKE_QUANT)->backward_ref(&run);
    free(x);
    free(dy);
}

static void fake_quantisation_has_its_gradient(void **state)
{
    (void)state;
    check_straight_through(&(ws_quantizer){.kind = WS_RANGE_FIXED, .min = -1.3f, .max = 2.7f});
    check_straight_through(
        &(ws_quantizer){.kind = WS_RANGE_FIXED, .min = -0.3f, .max = 0.2f, .is_narrow = true});
    check_straight_through(&(ws_quantizer){.kind = WS_RANGE_FIXED, .min = 0.0f, .max = 26.0f});
}

static void dense_has_its_gradient(void **state)
{
    ws_graph graph;
    (void)state;

    ws_graph_init(&graph);
    (void)ws_graph_push_dense(&graph, ws_graph_push_input(&graph, (ws_shape){3, 2, 4}),
                              &(ws_dense_args){.name = "w", .n_units = 5});
    check_last(&graph, 1);
    check_last(&graph, 3);
}

static void svdf_has_its_gradient(void **state)
{
    static const struct {
        ws_shape in;
        size_t n_units, rank;
    } cases[] = {{{3, 2, 1}, 4, 2}, {{2, 3, 2}, 3, 1}, {{5, 1, 1}, 1, 3}, {{1, 4, 1}, 5, 2}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_graph graph;
        ws_graph_init(&graph);
        (void)ws_graph_push_svdf(&graph, ws_graph_push_input(&graph, cases[i].in),
                                 &(ws_svdf_args){.frequency_name = "wf",
                                                 .time_name = "wt",
                                                 .n_units = cases[i].n_units,
                                                 .rank = cases[i].rank});
        check_last(&graph, 1);
        check_last(&graph, 3);
    }
}

static void cross_entropy_has_its_gradient(void **state)
{
    enum { N = 7 };
    double gradient[N], unused[N];
    (void)state;

    for (uint32_t stream = 0; stream < 5; stream++) {
        double *logits = make_random(N, 10 + stream);
        const int32_t label = (int32_t)stream;
        (void)ws_softmax_cross_entropy(logits, N, label, gradient);
        for (size_t k = 0; k < N; k++) {
            const double step = 1e-5, at = logits[k];
            logits[k] = at + step;
            const double above = ws_softmax_cross_entropy(logits, N, label, unused);
            logits[k] = at - step;
            const double below = ws_softmax_cross_entropy(logits, N, label, unused);
            logits[k] = at;
            assert_true(fabs(gradient[k] - (above - below) / (2.0 * step)) < 1e-9);
        }
        free(logits);
    }
}

static void cross_entropy_bears_large_logits(void **state)
{
    const double logits[3] = {1000.0, -1000.0, 999.0};
    double gradient[3];
    (void)state;

    const double loss = ws_softmax_cross_entropy(logits, 3, 0, gradient);
    assert_true(fabs(loss - log1p(exp(-1.0))) < 1e-12);
    assert_true(fabs(ws_softmax_cross_entropy(logits, 3, 1, gradient) - loss - 2000.0) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution_has_its_gradient),
        cmocka_unit_test(pooling_has_its_gradient),
        cmocka_unit_test(element_wise_operators_have_their_gradients),
        cmocka_unit_test(fake_quantisation_has_its_gradient),
        cmocka_unit_test(dense_has_its_gradient),
        cmocka_unit_test(svdf_has_its_gradient),
        cmocka_unit_test(cross_entropy_has_its_gradient),
        cmocka_unit_test(cross_entropy_bears_large_logits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
