/* nn/lite: the executor's fast layers against its plain loops, tensor by tensor, and models of 8
 * bits against those in floating point. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nn/lite/calibrate.h"
#include "nn/lite/equalize.h"
#include "nn/lite/lower.h"
#include "nn/lite/quantize.h"
#include "nn/lite/run.h"
#include "nn/network.h"
#include "support/models.h"

enum { N_FRAMES = 49, WIDTH = 40, N_LABELS = 4, N_SAMPLES = 4 };

static float samples[N_SAMPLES * N_FRAMES * WIDTH];

/** A network with weights of its own, and what the reference engine says of the samples. */
static void build(const char *name, ws_lite *lite, float *logits)
{
    const ws_model_settings settings = ws_test_model_settings(N_FRAMES, WIDTH, N_LABELS);
    const ws_network_options options = {.max_batch = 1, .engine = WS_ENGINE_REFERENCE};
    const ws_model *model;
    ws_network *network;
    ws_graph graph;

    assert_int_equal(ws_model_find(&model, name, NULL), WS_OK);
    assert_int_equal(model->build(&graph, &settings, NULL), WS_OK);
    assert_int_equal(ws_network_create(&network, &graph, &options, NULL), WS_OK);
    ws_network_init_parameters(network, 5);
    ws_network_predict(network, samples, N_SAMPLES, logits);
    const ws_lite_lower_options lowering = {.scores = WS_LITE_SCORES_LOGITS};
    assert_int_equal(ws_lite_lower(lite, &graph, ws_network_parameters(network),
                                   ws_network_states(network), &lowering, NULL),
                     WS_OK);
    ws_network_destroy(network);
    ws_graph_deinit(&graph);
}

static void quantize(ws_lite *lite, ws_lite *whole)
{
    const ws_lite_quantize_options types = {WS_LITE_INT8, WS_LITE_INT8};

    assert_int_equal(ws_lite_calibrate(lite, samples, N_SAMPLES, N_FRAMES * WIDTH,
                                       WS_LITE_CALIBRATION_MIN_MAX, NULL),
                     WS_OK);
    assert_int_equal(ws_lite_quantize(whole, lite, &types, NULL), WS_OK);
}

static ws_lite_run *open_run(const ws_lite *lite, bool is_reference, ws_lite_rounding rounding)
{
    ws_lite_run *run;
    ws_error err = {WS_OK, ""};
    const ws_lite_run_options options = {.rounding = rounding, .is_reference = is_reference};

    if (ws_lite_run_create(&run, lite, &options, &err) != WS_OK)
        fail_msg("%s", err.message);
    return run;
}

/** Both ways give the same tensors: of 8 bits to the bit. */
static void compare(const ws_lite *lite, ws_lite_rounding rounding)
{
    const ws_lite_graph *graph = &lite->graphs[0];
    ws_lite_run *plain = open_run(lite, true, rounding), *fast = open_run(lite, false, rounding);

    for (size_t i = 0; i < N_SAMPLES; i++) {
        ws_lite_run_write(plain, 0, samples + i * N_FRAMES * WIDTH);
        ws_lite_run_write(fast, 0, samples + i * N_FRAMES * WIDTH);
        ws_lite_run_invoke(plain);
        ws_lite_run_invoke(fast);
        for (int t = 0; t < (int)graph->n_tensors; t++) {
            const ws_lite_tensor *tensor = &graph->tensors[t];
            const size_t n = ws_lite_tensor_size(tensor);
            const void *want = ws_lite_run_data(plain, t), *got = ws_lite_run_data(fast, t);
            if (tensor->type != WS_LITE_FLOAT32) {
                assert_memory_equal(got, want, ws_lite_tensor_bytes(tensor));
                continue;
            }
            double largest = 1.0;
            for (size_t k = 0; k < n; k++)
                largest = fmax(largest, fabs((double)((const float *)want)[k]));
            for (size_t k = 0; k < n; k++)
                assert_true(fabs((double)((const float *)got)[k] -
                                 (double)((const float *)want)[k]) <= 1e-5 * largest);
        }
    }
    ws_lite_run_destroy(plain);
    ws_lite_run_destroy(fast);
}

/** The largest difference between two rows, against what the second spans. */
static double relative(const float *got, const float *want, size_t n)
{
    double off = 0.0, span = 0.0;

    for (size_t i = 0; i < n; i++) {
        off = fmax(off, fabs((double)got[i] - (double)want[i]));
        span = fmax(span, fabs((double)want[i]));
    }
    return off / span;
}

static void every_network(void **state)
{
    (void)state;
    for (size_t i = 0; i < WS_TEST_N_MODELS; i++) {
        ws_lite lite, whole;
        float want[N_SAMPLES * N_LABELS], got[N_LABELS];
        build(ws_test_models[i], &lite, want);
        compare(&lite, WS_LITE_ROUNDING_EXACT);
        quantize(&lite, &whole);
        compare(&whole, WS_LITE_ROUNDING_EXACT);
        compare(&whole, WS_LITE_ROUNDING_TFLM);
        for (int k = 0; k < 2; k++) {
            const ws_lite *model = k == 0 ? &lite : &whole;
            ws_lite_run *run = open_run(model, false, WS_LITE_ROUNDING_EXACT);
            ws_lite_run_write(run, 0, samples);
            ws_lite_run_invoke(run);
            ws_lite_run_read(run, model->graphs[0].outputs[0], got);
            const double off = relative(got, want, N_LABELS);
            if (!(off <= (k == 0 ? 1e-5 : 0.15)))
                fail_msg("%s, %s: %g off", ws_test_models[i], k == 0 ? "float" : "int8", off);
            ws_lite_run_destroy(run);
        }
        ws_lite_deinit(&lite);
        ws_lite_deinit(&whole);
    }
}

/** A value of a stream: the state is what came last, and reset() forgets it. */
static void variables_live_from_call_to_call(void **state)
{
    const float scale = 0.5f;
    ws_lite lite = {.n_graphs = 0};
    ws_lite_graph *main_graph = ws_lite_push_graph(&lite), *init = ws_lite_push_graph(&lite);
    ws_lite_tensor handle = {.type = WS_LITE_RESOURCE};
    ws_lite_tensor number = {.type = WS_LITE_INT8, .dims = {1, 2}, .n_dims = 2};
    const int8_t start[] = {10, 20};
    float scale_copy = scale;

    (void)state;
    number.scale = (ws_lite_scale){.scales = &scale_copy, .n = 1, .zero_point = -3};
    const int input = ws_lite_push_tensor(&lite, main_graph, "in", &number, NULL);
    const int h = ws_lite_push_tensor(&lite, main_graph, "state", &handle, NULL);
    const int old = ws_lite_push_tensor(&lite, main_graph, "old", &number, NULL);
    const ws_lite_node nodes[] = {
        {.kind = WS_LITE_CALL_ONCE, .options = {.graph = 1}},
        {.kind = WS_LITE_VAR_HANDLE, .outputs = {h}, .n_outputs = 1, .variable = "s"},
        {.kind = WS_LITE_READ_VARIABLE,
         .inputs = {h},
         .n_inputs = 1,
         .outputs = {old},
         .n_outputs = 1},
        {.kind = WS_LITE_ASSIGN_VARIABLE, .inputs = {h, input}, .n_inputs = 2},
    };
    for (size_t i = 0; i < 4; i++)
        (void)ws_lite_push_node(&lite, main_graph, &nodes[i]);
    main_graph->inputs[0] = input;
    main_graph->outputs[0] = old;
    main_graph->n_inputs = main_graph->n_outputs = 1;
    const int h2 = ws_lite_push_tensor(&lite, init, "state", &handle, NULL);
    const int first = ws_lite_push_tensor(&lite, init, "start", &number, start);
    const ws_lite_node init_nodes[] = {
        {.kind = WS_LITE_VAR_HANDLE, .outputs = {h2}, .n_outputs = 1, .variable = "s"},
        {.kind = WS_LITE_ASSIGN_VARIABLE, .inputs = {h2, first}, .n_inputs = 2},
    };
    for (size_t i = 0; i < 2; i++)
        (void)ws_lite_push_node(&lite, init, &init_nodes[i]);
    assert_int_equal(lite.status, WS_OK);

    ws_lite_run *run = open_run(&lite, false, WS_LITE_ROUNDING_EXACT);
    for (int round = 0; round < 2; round++) {
        float got[2];
        ws_lite_run_write(run, 0, (float[]){1.0f, -2.0f});
        ws_lite_run_invoke(run);
        ws_lite_run_read(run, old, got);
        assert_true(got[0] == 6.5f && got[1] == 11.5f);
        ws_lite_run_invoke(run);
        ws_lite_run_read(run, old, got);
        assert_true(got[0] == 1.0f && got[1] == -2.0f);
        ws_lite_run_reset(run);
    }
    ws_lite_run_destroy(run);
    ws_lite_deinit(&lite);
}

static void what_does_not_fit_is_named(void **state)
{
    ws_lite lite;
    float logits[N_SAMPLES * N_LABELS];
    ws_error err = {WS_OK, ""};
    ws_lite_run *run;
    const ws_lite_run_options options = {.is_reference = true};

    (void)state;
    build("tiny_conv", &lite, logits);
    ws_lite_graph *graph = &lite.graphs[0];
    graph->tensors[graph->nodes[0].inputs[2]].dims[0] = 3;
    assert_int_equal(ws_lite_run_create(&run, &lite, &options, &err), WS_EFORMAT);
    assert_string_equal(err.message,
                        "operator 0 (CONV_2D) of the model cannot be run: its bias does "
                        "not have one number per channel");
    ws_lite_deinit(&lite);
}

static void a_range_that_is_missing_is_named(void **state)
{
    const ws_lite_quantize_options types = {WS_LITE_INT8, WS_LITE_INT8};
    float logits[N_SAMPLES * N_LABELS];
    ws_error err = {WS_OK, ""};
    ws_lite lite, whole;

    (void)state;
    build("single_fc", &lite, logits);
    assert_int_equal(ws_lite_quantize(&whole, &lite, &types, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "the range of tensor \"features\" is not known"));
    ws_lite_deinit(&lite);
}

/** Of a network that has learned nothing but NaN or infinity. */
static void numbers_that_are_not_finite_are_named(void **state)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    float logits[N_SAMPLES * N_LABELS];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ws_error err = {WS_OK, ""};
        ws_lite lite;
        build("single_fc", &lite, logits);
        ws_lite_graph *graph = &lite.graphs[0];
        ((float *)graph->tensors[graph->nodes[graph->n_nodes - 1].inputs[1]].data)[0] = bad[i];
        assert_int_equal(ws_lite_calibrate(&lite, samples, N_SAMPLES, N_FRAMES * WIDTH,
                                           WS_LITE_CALIBRATION_LEAST_ERROR, &err),
                         WS_ENUMERIC);
        assert_non_null(strstr(err.message, "is not finite for a clip of calibration"));
        ws_lite_deinit(&lite);
    }
}

/** How far scores of 8 bits are off with a range by that method, where the first number of each
 * frame is a hundred times as large as the others and says next to nothing, as with MFCC. */
static double error_with(ws_lite_calibration method)
{
    enum { SIZE = N_FRAMES * WIDTH };
    static float features[N_SAMPLES * SIZE];
    const ws_lite_quantize_options types = {WS_LITE_INT8, WS_LITE_INT8};
    float logits[N_SAMPLES * N_LABELS], want[N_LABELS], got[N_LABELS];
    ws_lite lite, whole;
    double worst = 0.0;

    build("single_fc", &lite, logits);
    ws_lite_graph *graph = &lite.graphs[0];
    float *weights = graph->tensors[graph->nodes[graph->n_nodes - 1].inputs[1]].data;
    for (size_t i = 0; i < N_LABELS * SIZE; i += WIDTH)
        weights[i] *= 1e-4f;
    for (size_t i = 0; i < N_SAMPLES * SIZE; i++)
        features[i] = i % WIDTH == 0 ? -100.0f * fabsf(samples[i]) : samples[i];
    assert_int_equal(ws_lite_calibrate(&lite, features, N_SAMPLES, SIZE, method, NULL), WS_OK);
    assert_int_equal(ws_lite_quantize(&whole, &lite, &types, NULL), WS_OK);
    ws_lite_run *real = open_run(&lite, false, WS_LITE_ROUNDING_EXACT);
    ws_lite_run *run = open_run(&whole, false, WS_LITE_ROUNDING_EXACT);
    for (size_t i = 0; i < N_SAMPLES; i++) {
        ws_lite_run_write(real, 0, features + i * SIZE);
        ws_lite_run_write(run, 0, features + i * SIZE);
        ws_lite_run_invoke(real);
        ws_lite_run_invoke(run);
        ws_lite_run_read(real, graph->outputs[0], want);
        ws_lite_run_read(run, whole.graphs[0].outputs[0], got);
        worst = fmax(worst, relative(got, want, N_LABELS));
    }
    ws_lite_run_destroy(real);
    ws_lite_run_destroy(run);
    ws_lite_deinit(&lite);
    ws_lite_deinit(&whole);
    return worst;
}

static void the_range_of_an_input_is_what_scores_need(void **state)
{
    const double widest = error_with(WS_LITE_CALIBRATION_MIN_MAX);
    const double heard = error_with(WS_LITE_CALIBRATION_LEAST_ERROR);

    (void)state;
    if (!(heard < 0.25 * widest))
        fail_msg("scores are %g off, with all that was seen %g", heard, widest);
}

/** How far scores of 8 bits are off those in floating point, by all samples. */
static double error_of_bytes(ws_lite *lite)
{
    float want[N_LABELS], got[N_LABELS];
    ws_lite whole;
    double worst = 0.0;

    quantize(lite, &whole);
    ws_lite_run *real = open_run(lite, false, WS_LITE_ROUNDING_EXACT);
    ws_lite_run *run = open_run(&whole, false, WS_LITE_ROUNDING_EXACT);
    for (size_t i = 0; i < N_SAMPLES; i++) {
        ws_lite_run_write(real, 0, samples + i * N_FRAMES * WIDTH);
        ws_lite_run_write(run, 0, samples + i * N_FRAMES * WIDTH);
        ws_lite_run_invoke(real);
        ws_lite_run_invoke(run);
        ws_lite_run_read(real, lite->graphs[0].outputs[0], want);
        ws_lite_run_read(run, whole.graphs[0].outputs[0], got);
        worst = fmax(worst, relative(got, want, N_LABELS));
    }
    ws_lite_run_destroy(real);
    ws_lite_run_destroy(run);
    ws_lite_deinit(&whole);
    return worst;
}

/** Depthwise channels, each a tenth of the one before, which a normalisation in bands brings to one
 *  size: in 8 bits, too, each counts. */
static void channels_of_unlike_size_keep_their_levels(void **state)
{
    enum { N_CHANNELS = 4, N_BANDS = 5 };
    const ws_conv2d_args pointwise = {.name = "p",
                                      .kernel_h = 1,
                                      .kernel_w = 1,
                                      .n_channels = N_CHANNELS,
                                      .init = {WS_INIT_UNIFORM, 0.5}};
    const ws_conv2d_args along = {.name = "d",
                                  .kernel_h = 1,
                                  .kernel_w = 3,
                                  .padding = WS_PADDING_SAME,
                                  .init = {WS_INIT_UNIFORM, 0.5}};
    const ws_norm_args norm = {.name = "n", .n_bands = N_BANDS};
    const ws_dense_args dense = {.name = "o", .n_units = N_LABELS, .init = {WS_INIT_UNIFORM, 0.5}};
    const ws_network_options options = {.max_batch = 1, .engine = WS_ENGINE_REFERENCE};
    float logits[N_SAMPLES * N_LABELS], got[N_LABELS];
    ws_network *network;
    ws_graph graph;
    ws_lite lite;

    (void)state;
    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){N_FRAMES, WIDTH, 1});
    const size_t depthwise =
        ws_graph_push_depthwise(&graph, ws_graph_push_conv2d(&graph, x, &pointwise), &along);
    const size_t normed = ws_graph_push_batch_norm(&graph, depthwise, &norm);
    x = ws_graph_push_mean(&graph, ws_graph_push_relu(&graph, normed), WS_AXIS_H | WS_AXIS_W);
    (void)ws_graph_push_dense(&graph, x, &dense);
    assert_int_equal(ws_graph_status(&graph, NULL), WS_OK);
    const ws_variable *weights = ws_graph_parameter(&graph, &graph.nodes[depthwise], 0);
    const size_t w_at = weights->offset, n_weights = weights->size;
    const size_t variances = graph.states[graph.nodes[normed].states[WS_NORM_VARIANCE]].offset;
    assert_int_equal(ws_network_create(&network, &graph, &options, NULL), WS_OK);
    ws_network_init_parameters(network, 5);
    for (size_t i = 0; i < n_weights; i++)
        ws_network_parameters(network)[w_at + i] *= powf(0.1f, (float)(i % N_CHANNELS));
    for (size_t i = 0; i < N_BANDS * N_CHANNELS; i++)
        ws_network_states(network)[variances + i] = 0.1f * powf(0.01f, (float)(i % N_CHANNELS));
    ws_network_predict(network, samples, N_SAMPLES, logits);
    const ws_lite_lower_options lowering = {.scores = WS_LITE_SCORES_LOGITS};
    assert_int_equal(ws_lite_lower(&lite, &graph, ws_network_parameters(network),
                                   ws_network_states(network), &lowering, NULL),
                     WS_OK);
    ws_lite_run *real = open_run(&lite, true, WS_LITE_ROUNDING_EXACT);
    ws_lite_run_write(real, 0, samples);
    ws_lite_run_invoke(real);
    ws_lite_run_read(real, lite.graphs[0].outputs[0], got);
    assert_true(relative(got, logits, N_LABELS) < 1e-5);
    ws_lite_run_destroy(real);
    ws_lite as_it_was;
    assert_int_equal(ws_lite_init_copy(&as_it_was, &lite, NULL), WS_OK);
    const double without = error_of_bytes(&as_it_was);
    ws_lite_deinit(&as_it_was);
    assert_int_equal(ws_lite_equalize(&lite, samples, N_SAMPLES, N_FRAMES * WIDTH, NULL), WS_OK);
    const double off = error_of_bytes(&lite);
    if (!(off < 0.03 && off < without / 3.0))
        fail_msg("scores of 8 bits are %g off, and were %g", off, without);
    ws_lite_deinit(&lite);
    ws_network_destroy(network);
    ws_graph_deinit(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_of_unlike_size_keep_their_levels),
        cmocka_unit_test(every_network),
        cmocka_unit_test(variables_live_from_call_to_call),
        cmocka_unit_test(what_does_not_fit_is_named),
        cmocka_unit_test(a_range_that_is_missing_is_named),
        cmocka_unit_test(numbers_that_are_not_finite_are_named),
        cmocka_unit_test(the_range_of_an_input_is_what_scores_need),
    };

    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        samples[i] = (float)((int)((i * 2654435761u) % 4001u) - 2000) / 1000.0f;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
