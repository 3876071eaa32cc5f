#include "unit/frozen_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nn/passes/quantize.h"

static const ws_feature_options usual = {
    .preprocess = "mfcc",
    .sample_rate = 16000,
    .clip_duration_ms = 1000,
    .window_size_ms = 30,
    .window_stride_ms = 10,
    .feature_bin_count = 40,
};

static size_t push_conv(ws_graph *graph, size_t x, const ws_conv2d_args *args, const char *bias)
{
    x = ws_graph_push_conv2d(graph, x, args);
    x = ws_graph_push_bias_add(graph, x, bias);
    x = ws_graph_push_relu(graph, x);
    return ws_graph_push_dropout(graph, x);
}

static size_t push_dense(ws_graph *graph, size_t x, const char *weights, size_t n, const char *bias)
{
    x = ws_graph_push_dense(graph, x, &(ws_dense_args){.name = weights, .n_units = n});
    return ws_graph_push_bias_add(graph, x, bias);
}

/** Two convolutions with a pooling between them; strides and sizes that differ in h and w. */
static void push_convolutions(ws_graph *graph, size_t x)
{
    x = push_conv(graph, x,
                  &(ws_conv2d_args){.name = "first_weights",
                                    .kernel_h = 5,
                                    .kernel_w = 4,
                                    .n_channels = 3,
                                    .stride_h = 3,
                                    .stride_w = 2,
                                    .padding = WS_PADDING_SAME},
                  "first_bias");
    x = ws_graph_push_max_pool(graph, x,
                               &(ws_pool_args){.window_h = 3,
                                               .window_w = 2,
                                               .stride_h = 2,
                                               .stride_w = 1,
                                               .padding = WS_PADDING_VALID});
    x = push_conv(graph, x,
                  &(ws_conv2d_args){.name = "second_weights",
                                    .kernel_h = 2,
                                    .kernel_w = 3,
                                    .n_channels = 5,
                                    .padding = WS_PADDING_SAME},
                  "second_bias");
    (void)push_dense(graph, x, "final_fc_weights", 7, "final_fc_bias");
}

/** As low_latency_conv: a kernel as high as the clip, then matrices without activation. */
static void push_low_latency(ws_graph *graph, size_t x)
{
    x = push_conv(graph, x,
                  &(ws_conv2d_args){.name = "first_weights",
                                    .kernel_h = 98,
                                    .kernel_w = 8,
                                    .n_channels = 6,
                                    .padding = WS_PADDING_VALID},
                  "first_bias");
    x = ws_graph_push_dropout(graph, push_dense(graph, x, "first_fc_weights", 8, "first_fc_bias"));
    (void)push_dense(graph, x, "final_fc_weights", 4, "final_fc_bias");
}

/** Images that are pooled before anything else, and a result that is an image. */
static void push_odd(ws_graph *graph, size_t x)
{
    x = ws_graph_push_max_pool(
        graph, x, &(ws_pool_args){.window_h = 98, .window_w = 5, .stride_h = 98, .stride_w = 7});
    x = ws_graph_push_relu(graph, x);
    (void)ws_graph_push_bias_add(graph, x, "bias");
}

/** One label: a question to be answered yes or no. */
static void push_one_label(ws_graph *graph, size_t x)
{
    (void)push_dense(graph, x, "weights", 1, "bias");
}

/** As low_latency_svdf. */
static void push_svdf(ws_graph *graph, size_t x)
{
    x = ws_graph_push_svdf(graph, x,
                           &(ws_svdf_args){.frequency_name = "weights_frequency",
                                           .time_name = "weights_time",
                                           .n_units = 5,
                                           .rank = 3});
    x = ws_graph_push_relu(graph, ws_graph_push_bias_add(graph, x, "bias"));
    (void)push_dense(graph, x, "final_fc_weights", 3, "final_fc_bias");
}

/** Everything that branches, joins and parts, without normalisation. */
static void push_branches(ws_graph *graph, size_t x)
{
    const ws_conv2d_args pointwise = {.name = "stem",
                                      .kernel_h = 3,
                                      .kernel_w = 5,
                                      .n_channels = 4,
                                      .stride_w = 2,
                                      .padding = WS_PADDING_EXPLICIT,
                                      .zeros = {1, 1, 2, 2}};

    x = ws_graph_push_conv2d(graph, x, &pointwise);
    const size_t a = ws_graph_push_depthwise(graph, x,
                                             &(ws_conv2d_args){.name = "depthwise",
                                                               .kernel_h = 1,
                                                               .kernel_w = 3,
                                                               .stride_w = 2,
                                                               .padding = WS_PADDING_EXPLICIT,
                                                               .zeros = {0, 0, 1, 1}});
    size_t f = ws_graph_push_mean(graph, a, WS_AXIS_W);
    f = ws_graph_push_depthwise(graph, f,
                                &(ws_conv2d_args){.name = "temporal",
                                                  .kernel_h = 3,
                                                  .kernel_w = 1,
                                                  .dilation_h = 4,
                                                  .padding = WS_PADDING_EXPLICIT,
                                                  .zeros = {4, 4, 0, 0}});
    f = ws_graph_push_dropout(graph, ws_graph_push_silu(graph, f));
    x = ws_graph_push_relu(graph, ws_graph_push_add(graph, a, f));
    const size_t left = ws_graph_push_slice(graph, x, (ws_shape){2, 0, 1}, (ws_shape){90, 0, 2});
    const size_t right = ws_graph_push_slice(graph, x, (ws_shape){8, 0, 0}, (ws_shape){0});
    x = ws_graph_push_concat(graph, (const size_t[]){left, right}, 2);
    x = ws_graph_push_mul(
        graph, x,
        ws_graph_push_sigmoid(graph, ws_graph_push_mean(graph, x, WS_AXIS_H | WS_AXIS_W)));
    x = ws_graph_push_average_pool(
        graph, x, &(ws_pool_args){.window_h = 4, .window_w = 3, .stride_h = 3, .stride_w = 2});
    x = ws_graph_push_reshape(graph, x, (ws_shape){30, 1, 30});
    (void)push_dense(graph, ws_graph_push_mean(graph, x, WS_AXIS_H), "fc", 5, "fc_bias");
}

static void push_normalised(ws_graph *graph, size_t x)
{
    x = ws_graph_push_conv2d(graph, x,
                             &(ws_conv2d_args){.name = "stem",
                                               .kernel_h = 7,
                                               .kernel_w = 3,
                                               .n_channels = 3,
                                               .stride_h = 4,
                                               .stride_w = 4});
    x = ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "norm"});
    const size_t y = ws_graph_push_batch_norm(graph, ws_graph_push_relu(graph, x),
                                              &(ws_norm_args){.name = "bands", .n_bands = 5});
    x = ws_graph_push_batch_norm(graph, ws_graph_push_add(graph, x, y),
                                 &(ws_norm_args){.name = "alone", .has_no_scale = true});
    x = ws_graph_push_dense(graph, ws_graph_push_mean(graph, x, WS_AXIS_H | WS_AXIS_W),
                            &(ws_dense_args){.name = "fc", .n_units = WS_TEST_N_FROZEN_LABELS});
    x = ws_graph_push_relu(graph, x);
    (void)ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "last", .epsilon = 0.01});
}

/** Convolutions, with ranges as if they were learned. */
static void push_quantized(ws_graph *graph, size_t x)
{
    static ws_quant_range ranges[16];

    push_convolutions(graph, x);
    assert_int_equal(ws_graph_quantize(graph, -247.0f, 30.0f, NULL), WS_OK);
    for (size_t i = 0; i < graph->n_quantizers; i++)
        ranges[i] = (ws_quant_range){{-0.5f * (float)i, 1.0f + 0.25f * (float)i}};
    ws_graph_fix_ranges(graph, ranges, NULL); /* no ranges of channels */
}

static void push_matrix(ws_graph *graph, size_t x)
{
    (void)push_dense(graph, x, "weights", 3, "bias");
}

static ws_frozen *create(const ws_feature_options *features, void (*push)(ws_graph *, size_t))
{
    ws_frozen *frozen = calloc(1, sizeof *frozen);
    ws_feature_settings settings;
    ws_error err = {.message = ""};

    frozen->features = *features;
    assert_int_equal(ws_feature_settings_init(features, &settings, NULL), WS_OK);
    ws_graph_init(&frozen->graph);
    push(&frozen->graph,
         ws_graph_push_input(&frozen->graph, (ws_shape){settings.n_frames, settings.width, 1}));
    if (ws_graph_status(&frozen->graph, &err) != WS_OK)
        fail_msg("%s", err.message);
    frozen->parameters = calloc(frozen->graph.n_weights, sizeof *frozen->parameters);
    for (size_t i = 0; i < frozen->graph.n_weights; i++)
        frozen->parameters[i] = (float)((i * 2654435761u) % 10007) / 5003.0f - 1.0f;
    frozen->states = calloc(frozen->graph.n_state_numbers + 1, sizeof *frozen->states);
    for (size_t i = 0; i < frozen->graph.n_state_numbers; i++)
        frozen->states[i] = 0.25f + (float)(i % 11) / 8.0f;
    return frozen;
}

ws_frozen *ws_test_frozen_create(size_t i)
{
    static void (*const networks[WS_TEST_N_FROZEN])(ws_graph *, size_t) = {
        push_one_label, push_convolutions, push_low_latency, push_odd,
        push_matrix,    push_svdf,         push_quantized,   push_branches};
    return create(&usual, networks[i]);
}

ws_frozen *ws_test_frozen_create_normalised(void)
{
    return create(&usual, push_normalised);
}

ws_frozen *ws_test_frozen_create_dense(const ws_feature_options *features)
{
    return create(features, push_matrix);
}

void ws_test_frozen_destroy(ws_frozen *frozen)
{
    ws_frozen_deinit(frozen);
    free(frozen);
}

static void assert_same_features(const ws_feature_options *got, const ws_feature_options *want)
{
    ws_feature_settings a, b;
    assert_int_equal(ws_feature_settings_init(got, &a, NULL), WS_OK);
    assert_int_equal(ws_feature_settings_init(want, &b, NULL), WS_OK);
    assert_ptr_equal(a.kind, b.kind);
    assert_int_equal(got->sample_rate, want->sample_rate);
    assert_int_equal(a.desired_samples, b.desired_samples);
    assert_int_equal(a.window_samples, b.window_samples);
    assert_int_equal(a.stride_samples, b.stride_samples);
    assert_int_equal(a.width, b.width);
    assert_int_equal(a.n_frames, b.n_frames);
}

/** @param i, k  numbers of quantizers, 0: none */
static void assert_same_quantizer(const ws_graph *got, size_t i, const ws_graph *want, size_t k)
{
    assert_int_equal(i > 0, k > 0);
    if (i == 0)
        return;
    const ws_quantizer *a = &got->quantizers[i - 1], *b = &want->quantizers[k - 1];
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->kind, WS_RANGE_FIXED);
    assert_int_equal(a->is_narrow, b->is_narrow);
    assert_true(a->min == b->min && a->max == b->max);
}

static void assert_same_node(const ws_node *got, const ws_node *want)
{
    assert_int_equal(got->kind, want->kind);
    assert_int_equal(got->parameters[0], want->parameters[0]);
    if (got->kind == WS_OP_SVDF)
        assert_int_equal(got->rank, want->rank);
    assert_memory_equal(&got->shape, &want->shape, sizeof got->shape);
    assert_int_equal(got->n_inputs, want->n_inputs);
    assert_memory_equal(got->states, want->states, sizeof got->states);
    if (got->kind == WS_OP_BATCH_NORM)
        assert_int_equal(got->norm.n_bands, want->norm.n_bands);
    if (got->kind == WS_OP_MEAN)
        assert_int_equal(got->axes, want->axes);
    if (got->kind == WS_OP_SLICE)
        assert_memory_equal(&got->first, &want->first, sizeof got->first);
    if (got->kind != WS_OP_CONV2D && got->kind != WS_OP_MAX_POOL && got->kind != WS_OP_DEPTHWISE &&
        got->kind != WS_OP_AVERAGE_POOL)
        return;
    assert_int_equal(got->window.dilation_h, want->window.dilation_h);
    assert_int_equal(got->window.dilation_w, want->window.dilation_w);
    assert_memory_equal(&got->window.zeros, &want->window.zeros, sizeof got->window.zeros);
    assert_int_equal(got->window.h, want->window.h);
    assert_int_equal(got->window.w, want->window.w);
    assert_int_equal(got->window.stride_h, want->window.stride_h);
    assert_int_equal(got->window.stride_w, want->window.stride_w);
    assert_int_equal(got->window.padding, want->window.padding);
}

void ws_test_frozen_assert_same(const ws_frozen *got, const ws_frozen *want)
{
    const ws_graph *a = &got->graph, *b = &want->graph;
    size_t n = 0;

    assert_same_features(&got->features, &want->features);
    for (size_t i = 0; i < b->n_nodes; i++) {
        if (b->nodes[i].kind == WS_OP_DROPOUT)
            continue;
        assert_true(n < a->n_nodes);
        assert_same_quantizer(a, a->nodes[n].quantizer, b, b->nodes[i].quantizer);
        assert_same_node(&a->nodes[n++], &b->nodes[i]);
    }
    assert_int_equal(n, a->n_nodes);
    assert_int_equal(a->n_parameters, b->n_parameters);
    for (size_t i = 0; i < a->n_parameters; i++) {
        assert_string_equal(a->parameters[i].name, b->parameters[i].name);
        assert_same_quantizer(a, a->parameters[i].quantizer, b, b->parameters[i].quantizer);
        assert_int_equal(a->parameters[i].n_dims, b->parameters[i].n_dims);
        assert_memory_equal(a->parameters[i].dims, b->parameters[i].dims,
                            sizeof a->parameters[i].dims);
    }
    assert_int_equal(a->n_weights, b->n_weights);
    assert_memory_equal(got->parameters, want->parameters, a->n_weights * sizeof(float));
}
