/* Every operator's plain gradient against central differences (gradient_check.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>

#include "grad/gradient_check.h"
#include "nn/loss.h"
#include "nn/network.h"
#include "nn/op.h"

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
        {{9, 6, 2},
         {.kernel_h = 3, .kernel_w = 2, .n_channels = 2, .dilation_h = 2, .dilation_w = 3}},
        {{9, 5, 2},
         {.kernel_h = 3,
          .kernel_w = 1,
          .n_channels = 2,
          .dilation_h = 3,
          .stride_h = 2,
          .padding = WS_PADDING_VALID}},
        {{6, 5, 2},
         {.kernel_h = 5,
          .kernel_w = 3,
          .n_channels = 2,
          .stride_w = 2,
          .padding = WS_PADDING_EXPLICIT,
          .zeros = {2, 2, 1, 0}}},
        {{6, 1, 2},
         {.kernel_h = 3,
          .kernel_w = 1,
          .n_channels = 2,
          .dilation_h = 4,
          .padding = WS_PADDING_EXPLICIT,
          .zeros = {.before_h = 8}}}, /* of the past only, which the image never fills */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_graph graph;
        ws_conv2d_args args = cases[i].args;
        args.name = "w";
        ws_graph_init(&graph);
        const size_t x = ws_graph_push_input(&graph, cases[i].in);
        (void)ws_graph_push_conv2d(&graph, x, &args);
        check_last(&graph, 1);
        check_last(&graph, 3);
        (void)ws_graph_push_depthwise(&graph, x, &args);
        check_last(&graph, 1);
        check_last(&graph, 3);
        ws_graph_deinit(&graph);
    }
}

static void pooling_has_its_gradient(void **state)
{
    static const struct {
        ws_shape in;
        ws_pool_args args;
    } cases[] = {
        {{4, 6, 2}, {.window_h = 2, .window_w = 2, .stride_h = 2, .stride_w = 2}},
        {{5, 7, 1}, {.window_h = 2, .window_w = 2, .stride_h = 2, .stride_w = 2}},
        {{5, 7, 3},
         {.window_h = 2, .window_w = 2, .stride_h = 2, .stride_w = 2, .padding = WS_PADDING_VALID}},
        {{6, 5, 2}, {.window_h = 3, .window_w = 3}},
        {{7, 6, 2}, {.window_h = 3, .window_w = 2, .stride_h = 2, .padding = WS_PADDING_VALID}},
        {{3, 3, 2}, {.window_h = 3, .window_w = 3, .stride_h = 3, .stride_w = 3}},
        {{5, 4, 2},
         {.window_h = 3,
          .window_w = 2,
          .stride_h = 2,
          .padding = WS_PADDING_EXPLICIT,
          .zeros = {2, 0, 0, 1}}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_graph graph;
        ws_graph_init(&graph);
        const size_t x = ws_graph_push_input(&graph, cases[i].in);
        (void)ws_graph_push_max_pool(&graph, x, &cases[i].args);
        check_last(&graph, 2);
        (void)ws_graph_push_average_pool(&graph, x, &cases[i].args);
        check_last(&graph, 2);
        ws_graph_deinit(&graph);
    }
}

static void element_wise_operators_have_their_gradients(void **state)
{
    ws_graph graph;
    (void)state;

    ws_graph_init(&graph);
    const size_t x = ws_graph_push_input(&graph, (ws_shape){7, 5, 11});
    (void)ws_graph_push_bias_add(&graph, x, "b");
    check_last(&graph, 3);
    (void)ws_graph_push_relu(&graph, x);
    check_last(&graph, 3);
    (void)ws_graph_push_silu(&graph, x);
    check_last(&graph, 3);
    (void)ws_graph_push_sigmoid(&graph, x);
    check_last(&graph, 3);
    (void)ws_graph_push_dropout(&graph, x);
    check_last(&graph, 3);
    (void)ws_graph_push_dropout_of(&graph, x, &(ws_dropout_args){.rate = 0.5});
    check_last(&graph, 3);
    (void)ws_graph_push_dropout_of(&graph, x, &(ws_dropout_args){.rate = 0.6, .is_spatial = true});
    check_last(&graph, 3);
    ws_graph_deinit(&graph);
}

static void sum_and_product_have_their_gradients(void **state)
{
    static const ws_shape cases[][2] = {
        {{3, 4, 5}, {3, 4, 5}}, {{3, 4, 5}, {3, 1, 5}}, {{3, 1, 5}, {3, 4, 5}},
        {{3, 4, 5}, {1, 1, 5}}, {{3, 1, 5}, {1, 4, 1}}, {{1, 1, 1}, {2, 3, 2}},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ws_shape a = cases[i][0], b = cases[i][1];
        ws_graph graph;
        ws_graph_init(&graph);
        const size_t x = ws_graph_push_input(&graph, (ws_shape){2, 6, 10});
        const size_t flat = ws_graph_push_reshape(&graph, x, (ws_shape){1, 1, 120});
        const size_t u = ws_graph_push_reshape(
            &graph,
            ws_graph_push_slice(&graph, flat, (ws_shape){0}, (ws_shape){1, 1, ws_shape_size(a)}),
            a);
        const size_t v = ws_graph_push_reshape(
            &graph,
            ws_graph_push_slice(&graph, flat, (ws_shape){0}, (ws_shape){1, 1, ws_shape_size(b)}),
            b);
        (void)ws_graph_push_add(&graph, u, v);
        check_last(&graph, 2);
        (void)ws_graph_push_mul(&graph, u, v);
        check_last(&graph, 2);
        ws_graph_deinit(&graph);
    }
}

static void mean_has_its_gradient(void **state)
{
    (void)state;
    for (unsigned axes = 1; axes < 8; axes++) {
        ws_graph graph;
        ws_graph_init(&graph);
        (void)ws_graph_push_mean(&graph, ws_graph_push_input(&graph, (ws_shape){3, 4, 5}), axes);
        check_last(&graph, 2);
        ws_graph_deinit(&graph);
    }
}

static void parts_of_values_have_their_gradients(void **state)
{
    ws_graph graph;
    (void)state;

    ws_graph_init(&graph);
    const size_t x = ws_graph_push_input(&graph, (ws_shape){4, 3, 6});
    const size_t a = ws_graph_push_slice(&graph, x, (ws_shape){0, 0, 1}, (ws_shape){.c = 2});
    check_last(&graph, 2);
    const size_t b = ws_graph_push_slice(&graph, x, (ws_shape){1, 1, 5}, (ws_shape){2, 0, 0});
    check_last(&graph, 2);
    assert_int_equal(graph.nodes[b].shape.w, 2);
    (void)ws_graph_push_concat(&graph, (const size_t[]){x, a, x}, 3);
    check_last(&graph, 2);
    assert_int_equal(graph.nodes[graph.n_nodes - 1].shape.c, 14);
    (void)ws_graph_push_reshape(&graph, x, (ws_shape){4, 1, 18});
    check_last(&graph, 2);
    assert_int_equal(ws_graph_status(&graph, NULL), WS_OK);
    ws_graph_deinit(&graph);
}

/** Samples read the rows of those before them, more of them than one sample has. */
static void history_has_its_gradient(void **state)
{
    (void)state;
    for (size_t n_kept = 1; n_kept <= 5; n_kept += 2) {
        ws_graph graph;
        ws_graph_init(&graph);
        const size_t x = ws_graph_push_input(&graph, (ws_shape){2, 3, 2});
        (void)ws_graph_push_history(&graph, x, "h", n_kept);
        check_last(&graph, 4);
        ws_graph_deinit(&graph);
    }
}

static void normalisation_has_its_gradient(void **state)
{
    static const struct {
        ws_shape in;
        ws_norm_args args;
    } cases[] = {
        {{3, 4, 5}, {.name = "n"}},
        {{3, 4, 5}, {.name = "n", .has_no_scale = true, .epsilon = 1e-3}},
        {{3, 6, 2}, {.name = "n", .n_bands = 3}},
        {{3, 4, 3}, {.name = "n", .n_bands = 4}},
        {{4, 1, 6}, {.name = "n"}},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_graph graph;
        ws_graph_init(&graph);
        (void)ws_graph_push_batch_norm(&graph, ws_graph_push_input(&graph, cases[i].in),
                                       &cases[i].args);
        check_last(&graph, 3);
        check_last(&graph, 5);
        ws_graph_deinit(&graph);
    }
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
    ws_op_run run = {.node = &node, .in = {node.shape}, .n = 1, .levels = &levels, .dy = dy};

    ws_levels_init_fixed(&levels, quantizer);
    const double min = (double)levels.min, max = (double)levels.max, scale = (double)levels.scale;
    for (size_t i = 0; i < N; i++) {
        x[i] = (min + max) / 2.0 + (max - min) * x[i]; /* half of them outside */
        above[i] = x[i] + scale;
        below[i] = x[i] - scale;
    }
    run.x[0] = x;
    run.y = y;
    run.dx[0] = dx;
    ws_op_plain_get(WS_OP_FAKE_QUANT)->forward(&run);
    ws_op_plain_get(WS_OP_FAKE_QUANT)->backward(&run);
    run.x[0] = run.y = above;
    ws_op_plain_get(WS_OP_FAKE_QUANT)->forward(&run);
    run.x[0] = run.y = below;
    ws_op_plain_get(WS_OP_FAKE_QUANT)->forward(&run);
    for (size_t i = 0; i < N; i++) {
        if (fabs(x[i] - min) <= 2.0 * scale || fabs(x[i] - max) <= 2.0 * scale)
            continue; /* the difference would reach over the end */
        assert_true(fabs(dx[i] - dy[i] * (above[i] - below[i]) / (2.0 * scale)) < 1e-9);
    }
    run.dx[0] = NULL; /* it does without */
    ws_op_plain_get(WS_OP_FAKE_QUANT)->backward(&run);
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
    ws_graph_deinit(&graph);
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
        ws_graph_deinit(&graph);
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

static void cross_entropy_of_large_logits_is_finite(void **state)
{
    const double logits[3] = {1000.0, -1000.0, 999.0};
    double gradient[3];
    (void)state;

    const double loss = ws_softmax_cross_entropy(logits, 3, 0, gradient);
    assert_true(fabs(loss - log1p(exp(-1.0))) < 1e-12);
    assert_true(fabs(ws_softmax_cross_entropy(logits, 3, 1, gradient) - loss - 2000.0) < 1e-9);
}

/** The same number as the softmax with another label of logit 0: by two independent ways. */
static double one_label_loss(double logit, int32_t label, const ws_soft_targets *targets,
                             double *gradient)
{
    return ws_sample_loss(&label, targets, 0, &logit, 1, gradient);
}

static void one_label_has_its_loss(void **state)
{
    static const double logits[] = {-40.0, -3.0, -1e-3, 0.0, 0.7, 5.0, 40.0};
    static const float weights[] = {2.5f};
    const ws_soft_targets none = {.shares = NULL}, weighted = {.weights = weights};
    double gradient, two_gradients[2];
    (void)state;

    for (size_t i = 0; i < sizeof logits / sizeof *logits; i++) {
        for (int32_t label = 0; label < 2; label++) {
            const double two[] = {0.0, logits[i]};
            const double expected = ws_softmax_cross_entropy(two, 2, label, two_gradients);
            const float logit = (float)logits[i];
            assert_true(fabs(one_label_loss(logits[i], label, &none, &gradient) - expected) <
                        1e-12 * (1.0 + expected));
            assert_true(fabs(gradient - two_gradients[1]) < 1e-12);
            assert_true(fabs(one_label_loss(logits[i], label, &weighted, &gradient) -
                             2.5 * expected) < 1e-11 * (1.0 + expected));
            assert_true(fabs(gradient - 2.5 * two_gradients[1]) < 1e-11);
            assert_true(fabs(ws_cross_entropy(&logit, &label, 1, 1) - expected) <
                        1e-6 * (1.0 + expected));
        }
    }
    assert_true(one_label_loss(2000.0, 0, &none, &gradient) == 2000.0 && gradient == 1.0);
    assert_true(one_label_loss(-2000.0, 1, &none, &gradient) == 2000.0 && gradient == -1.0);
}

/** Shares, a teacher and weights, against differences of the loss. */
static void one_label_has_its_gradient(void **state)
{
    static const float shares[] = {0.3f}, weights[] = {1.7f};
    static const double teacher[] = {1.3};
    const ws_soft_targets all = {.shares = shares,
                                 .teacher = teacher,
                                 .temperature = 2.0,
                                 .teacher_share = 0.4,
                                 .weights = weights};
    const ws_soft_targets pure = {.teacher = teacher, .temperature = 2.0, .teacher_share = 1.0};
    const double step = 1e-5;
    double gradient, unused;
    (void)state;

    for (double logit = -4.0; logit < 4.5; logit += 0.8) {
        (void)one_label_loss(logit, 0, &all, &gradient);
        const double above = one_label_loss(logit + step, 0, &all, &unused);
        const double below = one_label_loss(logit - step, 0, &all, &unused);
        assert_true(fabs(gradient - (above - below) / (2.0 * step)) < 1e-9);
        assert_true(one_label_loss(logit, 0, &pure, &unused) > 0.0);
    }
    /* a student that agrees with its teacher has nothing to learn */
    assert_true(fabs(one_label_loss(1.3, 0, &pure, &gradient)) < 1e-12 && fabs(gradient) < 1e-12);
}

/** With a factor the loss is that of the logit times it, of every part of the loss. */
static void one_label_has_a_factor(void **state)
{
    static const float shares[] = {0.3f}, weights[] = {1.7f};
    static const double teacher[] = {1.3}, factors[] = {0.5, 1.0, 3.0};
    const ws_soft_targets parts[] = {{.shares = NULL},
                                     {.shares = shares, .weights = weights},
                                     {.shares = shares,
                                      .teacher = teacher,
                                      .temperature = 2.0,
                                      .teacher_share = 0.4,
                                      .weights = weights}};
    double gradient, plain_gradient;
    (void)state;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        for (size_t k = 0; k < sizeof factors / sizeof *factors; k++) {
            ws_soft_targets with = parts[i];
            with.logit_factor = factors[k];
            for (double logit = -4.0; logit < 4.5; logit += 0.8) {
                const double loss = one_label_loss(logit, 1, &with, &gradient);
                const double plain =
                    one_label_loss(factors[k] * logit, 1, &parts[i], &plain_gradient);
                assert_true(fabs(loss - plain) < 1e-12);
                assert_true(fabs(gradient - factors[k] * plain_gradient) < 1e-12);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_label_has_its_loss),
        cmocka_unit_test(one_label_has_its_gradient),
        cmocka_unit_test(one_label_has_a_factor),
        cmocka_unit_test(convolution_has_its_gradient),
        cmocka_unit_test(pooling_has_its_gradient),
        cmocka_unit_test(element_wise_operators_have_their_gradients),
        cmocka_unit_test(sum_and_product_have_their_gradients),
        cmocka_unit_test(mean_has_its_gradient),
        cmocka_unit_test(parts_of_values_have_their_gradients),
        cmocka_unit_test(history_has_its_gradient),
        cmocka_unit_test(normalisation_has_its_gradient),
        cmocka_unit_test(fake_quantisation_has_its_gradient),
        cmocka_unit_test(dense_has_its_gradient),
        cmocka_unit_test(svdf_has_its_gradient),
        cmocka_unit_test(cross_entropy_has_its_gradient),
        cmocka_unit_test(cross_entropy_of_large_logits_is_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
