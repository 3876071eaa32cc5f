/* Networks for streams: their logits are those of the clip's network for the same frames, by the
 * reference engine and, to the bit, by the engine for inference. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "models/model.h"
#include "nn/infer/infer.h"
#include "nn/network.h"
#include "nn/passes/stream.h"

enum { MAX_LABELS = 8 };

/** A clip's network with random numbers, and a stream of random frames. */
typedef struct fixture {
    ws_graph graph;
    float *parameters, *states;
    ws_stream_form form;
    size_t frame; /* numbers in a frame */
    size_t n_calls;
    float *frames; /* [n_calls * step + frames of a clip, frame]; the rest zeros */
    float *logits; /* [n_calls, n_labels] of the stream */
} fixture;

static void fill(float *values, size_t n, double low, double high, uint32_t stream)
{
    ws_random random;

    ws_random_init(&random, 5, WS_RANDOM_TEST, 0, stream);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)(low + (high - low) * ws_random_uniform(&random));
}

static float *make(size_t n)
{
    float *values = calloc(n + 1, sizeof *values);
    assert_non_null(values);
    return values;
}

/** The graph of a fixture is built already. */
static void open_fixture(fixture *f, size_t n_calls)
{
    const ws_shape in = ws_graph_input_shape(&f->graph);
    ws_error err;

    if (ws_graph_status(&f->graph, &err) != WS_OK)
        fail_msg("%s", err.message);
    f->parameters = make(f->graph.n_weights);
    f->states = make(f->graph.n_state_numbers);
    fill(f->parameters, f->graph.n_weights, -0.4, 0.4, 0);
    fill(f->states, f->graph.n_state_numbers, 0.2, 1.0, 1);
    if (ws_stream_form_init(&f->form, &f->graph, f->parameters, f->states, &err) != WS_OK)
        fail_msg("%s", err.message);
    f->frame = in.w * in.c;
    f->n_calls = n_calls;
    f->frames = make((n_calls * f->form.step + in.h) * f->frame);
    fill(f->frames, n_calls * f->form.step * f->frame, -1.0, 1.0, 2);
    f->logits = make(n_calls * ws_graph_n_labels(&f->graph));
}

static void close_fixture(fixture *f)
{
    ws_stream_form_deinit(&f->form);
    ws_graph_deinit(&f->graph);
    free(f->parameters);
    free(f->states);
    free(f->frames);
    free(f->logits);
}

static ws_network *make_network(const ws_graph *graph, const float *parameters, const float *states,
                                size_t max_batch)
{
    const ws_network_options options = {
        .max_batch = max_batch, .n_threads = 2, .engine = WS_ENGINE_REFERENCE};
    ws_network *network;

    assert_int_equal(ws_network_create(&network, graph, &options, NULL), WS_OK);
    memcpy(ws_network_parameters(network), parameters, graph->n_weights * sizeof *parameters);
    if (graph->n_states > 0)
        memcpy(ws_network_states(network), states, graph->n_state_numbers * sizeof *states);
    return network;
}

/** The first frame of the clip whose logits call `call` gives, counted from 0; false: the stream
 *  has not seen all of it. */
static bool find_clip(const fixture *f, size_t call, size_t *first)
{
    const size_t n_seen = (call + 1) * f->form.step;

    *first = n_seen - f->form.n_frames;
    return n_seen >= f->form.n_frames;
}

/** By the reference, in batches of several sizes. @return calls that were compared */
static size_t check_reference(fixture *f)
{
    const size_t n_labels = ws_graph_n_labels(&f->graph);
    const ws_folded *model = &f->form.model;
    ws_network *stream = make_network(&model->graph, model->parameters, model->states, 4);
    ws_network *clip = make_network(&f->graph, f->parameters, f->states, 1);
    size_t n_compared = 0, first;
    float want[MAX_LABELS];

    for (size_t call = 0, n; call < f->n_calls; call += n) {
        n = 1 + call % 6; /* some are larger than a batch of the network */
        n = n < f->n_calls - call ? n : f->n_calls - call;
        ws_network_predict(stream, f->frames + call * f->form.step * f->frame, n,
                           f->logits + call * n_labels);
    }
    for (size_t call = 0; call < f->n_calls; call++) {
        if (!find_clip(f, call, &first))
            continue;
        n_compared++;
        ws_network_predict(clip, f->frames + first * f->frame, 1, want);
        for (size_t k = 0; k < n_labels; k++) {
            const float got = f->logits[call * n_labels + k];
            if (!(fabsf(got - want[k]) <= 2e-6f * (1.0f + fabsf(want[k]))))
                fail_msg("call %zu: %g, expected %g", call, (double)got, (double)want[k]);
        }
    }
    ws_network_destroy(stream);
    ws_network_destroy(clip);
    return n_compared;
}

/** By inference on each instruction set: the same bits. */
static void check_inference(const fixture *f, ws_cpu_level level)
{
    const size_t n_labels = ws_graph_n_labels(&f->graph);
    const ws_folded *model = &f->form.model;
    const ws_infer_numbers of_stream = {model->parameters, model->states};
    const ws_infer_numbers of_clip = {f->parameters, f->states};
    ws_infer *stream, *clip;
    float got[MAX_LABELS], want[MAX_LABELS], largest = 0.0f;
    size_t first;

    for (size_t i = 0; i < f->n_calls * n_labels; i++)
        largest = fmaxf(largest, fabsf(f->logits[i]));

    assert_int_equal(ws_infer_create(&stream, &model->graph, &of_stream, level, NULL), WS_OK);
    assert_int_equal(ws_infer_create(&clip, &f->graph, &of_clip, level, NULL), WS_OK);
    for (size_t round = 0; round < 2; round++) { /* the second as if nothing had been before it */
        ws_infer_reset(stream);
        for (size_t call = 0; call < f->n_calls; call++) {
            ws_infer_run(stream, f->frames + call * f->form.step * f->frame, 1, got);
            for (size_t k = 0; k < n_labels; k++) {
                const float reference = f->logits[call * n_labels + k];
                assert_true(fabsf(got[k] - reference) <= 1e-5f * largest);
            }
            if (!find_clip(f, call, &first))
                continue;
            ws_infer_run(clip, f->frames + first * f->frame, 1, want);
            assert_memory_equal(got, want, n_labels * sizeof *got);
        }
    }
    ws_infer_destroy(stream);
    ws_infer_destroy(clip);
}

static void check(fixture *f, size_t n_calls)
{
    open_fixture(f, n_calls);
    assert_true(check_reference(f) > 3);
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++)
        check_inference(f, level);
    close_fixture(f);
}

static void build(fixture *f, const char *name, const ws_model_settings *settings)
{
    const ws_model *model;
    ws_error err;

    assert_int_equal(ws_model_find(&model, name, NULL), WS_OK);
    if (model->build(&f->graph, settings, &err) != WS_OK)
        fail_msg("%s", err.message);
}

static void mixednets(void **state)
{
    static const ws_mixednet_settings residual = {.first_filters = 9,
                                                  .first_kernel = 5,
                                                  .stride = 2,
                                                  .kernels = "[3],[5,7],[9]",
                                                  .filters = "12,10,12",
                                                  .residuals = "0,1,1",
                                                  .is_pooled = true};
    fixture f;

    (void)state;
    build(&f, "mixednet", &(ws_model_settings){204, 40, 2, &ws_mixednet_2024});
    check(&f, 75);
    build(&f, "mixednet", &(ws_model_settings){160, 40, 2, &ws_mixednet_2026});
    check(&f, 58);
    build(&f, "mixednet", &(ws_model_settings){61, 7, 3, &residual});
    check(&f, 40);
}

/** What the form says of mixednet is what its figure says. */
static void form_of_mixednet(void **state)
{
    fixture f;
    size_t n_histories = 0, n_rows = 0;

    (void)state;
    build(&f, "mixednet", &(ws_model_settings){204, 40, 2, &ws_mixednet_2024});
    open_fixture(&f, 1);
    const ws_graph *graph = &f.form.model.graph;
    assert_int_equal(f.form.step, 3);
    assert_int_equal(f.form.n_frames, 203); /* 66 steps of 3, and the first kernel's 5 */
    assert_int_equal(graph->nodes[0].shape.h, 3);
    assert_int_equal(graph->n_weights, f.graph.n_weights);
    for (size_t i = 1; i < graph->n_nodes; i++) {
        const bool is_history = graph->nodes[i].kind == WS_OP_HISTORY;
        n_histories += is_history;
        n_rows += is_history ? graph->nodes[i].n_kept : 0;
        if (!is_history && graph->nodes[i].kind != WS_OP_SLICE)
            assert_int_equal(graph->nodes[i].shape.h, 1);
    }
    assert_int_equal(n_histories, 8);
    assert_int_equal(n_rows, 2 + 4 + 6 + 10 + 8 + 14 + 22 + 16);
    close_fixture(&f);
}

static void original_networks(void **state)
{
    static const char *const names[] = {"single_fc", "low_latency_conv", "low_latency_svdf"};
    fixture f;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        build(&f, names[i], &(ws_model_settings){21, 12, 4, NULL});
        check(&f, 26);
    }
}

static ws_conv2d_args window(const char *name, size_t h, size_t w, size_t stride_h, size_t n)
{
    return (ws_conv2d_args){.name = name,
                            .kernel_h = h,
                            .kernel_w = w,
                            .n_channels = n,
                            .stride_h = stride_h,
                            .padding = WS_PADDING_VALID};
}

/** Strides of several layers, poolings, zeros along frequency, strides longer than kernels, a
 *  dilated kernel, several rows in a call, sums of branches, the last of several rows. */
static void other_layers(void **state)
{
    fixture f;

    (void)state;
    ws_graph_init(&f.graph);
    size_t x = ws_graph_push_input(&f.graph, (ws_shape){50, 6, 2});
    ws_conv2d_args args = window("a", 4, 3, 2, 5);
    args.padding = WS_PADDING_EXPLICIT;
    args.zeros = (ws_margins){0, 0, 1, 1};
    x = ws_graph_push_conv2d(&f.graph, x, &args);
    args = window("b", 3, 1, 1, 0);
    args.dilation_h = 2;
    size_t y = ws_graph_push_depthwise(&f.graph, x, &args);
    y = ws_graph_push_batch_norm(&f.graph, y, &(ws_norm_args){.name = "n", .n_bands = 3});
    x = ws_graph_push_slice(&f.graph, x, (ws_shape){4, 0, 0}, (ws_shape){0, 0, 0});
    x = ws_graph_push_silu(&f.graph, ws_graph_push_add(&f.graph, x, y));
    x = ws_graph_push_max_pool(&f.graph, x,
                               &(ws_pool_args){.window_h = 3,
                                               .window_w = 2,
                                               .stride_h = 2,
                                               .stride_w = 2,
                                               .padding = WS_PADDING_VALID});
    args = window("c", 1, 1, 3, 4);
    args.padding = WS_PADDING_SAME;
    x = ws_graph_push_relu(&f.graph, ws_graph_push_conv2d(&f.graph, x, &args));
    x = ws_graph_push_mean(&f.graph, x, WS_AXIS_H | WS_AXIS_W);
    x = ws_graph_push_dense(&f.graph, x, &(ws_dense_args){.name = "d", .n_units = 3});
    (void)ws_graph_push_mul(&f.graph, x, x);
    check(&f, 12);

    ws_graph_init(&f.graph);
    x = ws_graph_push_input(&f.graph, (ws_shape){14, 1, 3});
    args = window("late", 3, 1, 1, 2);
    x = ws_graph_push_conv2d(&f.graph, x, &args);
    args = window("strided", 12, 1, 4, 3);
    x = ws_graph_push_conv2d(&f.graph, x, &args);
    check(&f, 9);
}

static void check_refused(ws_graph *graph, const char *what, const char *why)
{
    float *numbers = make(graph->n_weights + graph->n_state_numbers);
    ws_stream_form form;
    ws_error err;

    assert_int_equal(ws_graph_status(graph, &err), WS_OK);
    assert_int_equal(ws_stream_form_init(&form, graph, numbers, numbers, &err), WS_EINVAL);
    if (strstr(err.message, what) == NULL || strstr(err.message, why) == NULL)
        fail_msg("%s", err.message);
    assert_null(form.model.parameters);
    free(numbers);
    ws_graph_deinit(graph);
}

static void refused_by_name(void **state)
{
    static const char *const padded[] = {"conv", "tc_resnet_8", "ds_tc_resnet", "bc_resnet_1"};
    fixture f;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        build(&f, padded[i], &(ws_model_settings){50, 40, 4, NULL});
        check_refused(&f.graph, i == 2 ? "Depthwise" : "Conv2D", "zeros before the first row");
    }
    ws_graph_init(&f.graph); /* a gate that looks at the whole clip */
    size_t x = ws_graph_push_input(&f.graph, (ws_shape){9, 1, 2});
    x = ws_graph_push_mul(&f.graph, x, ws_graph_push_mean(&f.graph, x, WS_AXIS_H));
    check_refused(&f.graph, "Mul", "once");

    ws_graph_init(&f.graph); /* rows of a and b end four frames apart */
    x = ws_graph_push_input(&f.graph, (ws_shape){9, 1, 2});
    const ws_conv2d_args args = window("a", 5, 1, 1, 2);
    const size_t a = ws_graph_push_conv2d(&f.graph, x, &args);
    const size_t b = ws_graph_push_slice(&f.graph, x, (ws_shape){2, 0, 0}, (ws_shape){5, 0, 0});
    x = ws_graph_push_add(&f.graph, a, b);
    (void)ws_graph_push_mean(&f.graph, x, WS_AXIS_H);
    check_refused(&f.graph, "Add", "do not end with the same frame");

    ws_graph_init(&f.graph);
    x = ws_graph_push_input(&f.graph, (ws_shape){9, 1, 2});
    (void)ws_graph_push_mean(&f.graph, ws_graph_push_history(&f.graph, x, "h", 2), WS_AXIS_H);
    check_refused(&f.graph, "History", "already");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mixednets),       cmocka_unit_test(form_of_mixednet),
        cmocka_unit_test(other_layers),    cmocka_unit_test(original_networks),
        cmocka_unit_test(refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
