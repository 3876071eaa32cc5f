/* nn/lite/equalize: models keep their numbers, and channels get like ranges where they can. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "nn/lite/calibrate.h"
#include "nn/lite/equalize.h"
#include "nn/lite/quantize.h"
#include "nn/lite/run.h"

enum { H = 4, W = 3, N_IN = 2, N_BETWEEN = 3, N_SAMPLES = 8, SIZE = H * W * N_IN };

static float samples[N_SAMPLES * H * W * N_BETWEEN]; /* of the larger of the two inputs */
static ws_random random_numbers;

/** What stands between the two convolutions, and what keeps factors away. */
typedef struct shape_of_model {
    bool is_depthwise_first, has_reshape, has_pad;
    ws_lite_activation activation;
    bool is_read_twice, is_output, is_known; /* the tensor between */
    bool shares_weights;                     /* both read the same bias */
} shape_of_model;

static int push_tensor(ws_lite *lite, const char *name, const size_t dims[4], const void *data)
{
    const ws_lite_tensor like = {
        .type = WS_LITE_FLOAT32, .dims = {dims[0], dims[1], dims[2], dims[3]}, .n_dims = 4};

    return ws_lite_push_tensor(lite, &lite->graphs[0], name, &like, data);
}

static int push_wholes(ws_lite *lite, const int32_t *numbers, size_t h, size_t w)
{
    const ws_lite_tensor like = {.type = WS_LITE_INT32, .dims = {h, w}, .n_dims = w > 0 ? 2 : 1};

    return ws_lite_push_tensor(lite, &lite->graphs[0], "wholes", &like, numbers);
}

static int push_bias(ws_lite *lite, const float *numbers, size_t n)
{
    const ws_lite_tensor like = {.type = WS_LITE_FLOAT32, .dims = {n}, .n_dims = 1};

    return ws_lite_push_tensor(lite, &lite->graphs[0], "bias", &like, numbers);
}

static int push_node(ws_lite *lite, ws_lite_kind kind, const int *inputs, size_t n, int output,
                     ws_lite_activation activation)
{
    ws_lite_node node = {
        .kind = kind,
        .n_inputs = n,
        .outputs = {output},
        .n_outputs = 1,
        .options = {.padding = WS_LITE_VALID,
                    .activation = (int32_t)activation,
                    .stride_h = 1,
                    .stride_w = 1,
                    .dilation_h = 1,
                    .dilation_w = 1,
                    .depth_multiplier = 1},
    };

    for (size_t i = 0; i < n; i++)
        node.inputs[i] = inputs[i];
    (void)ws_lite_push_node(lite, &lite->graphs[0], &node);
    return output;
}

static void draw(float *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        numbers[i] = (float)(2.0 * ws_random_uniform(&random_numbers) - 1.0);
}

/** A convolution that gives three channels of very different size, then a depthwise one, which
 *  makes them alike. */
static void make(ws_lite *lite, const shape_of_model *shape)
{
    static const float sizes[] = {1.0f, 0.02f, 5.0f};
    const size_t image[4] = {1, H, W, shape->is_depthwise_first ? N_BETWEEN : N_IN};
    const size_t between[4] = {1, H, W, N_BETWEEN};
    float weights[36], bias[36];

    *lite = (ws_lite){.n_graphs = 0};
    ws_lite_graph *graph = ws_lite_push_graph(lite);
    assert_non_null(graph);
    const int input = push_tensor(lite, "features", image, NULL);
    draw(weights, N_BETWEEN * N_IN);
    draw(bias, N_BETWEEN);
    for (size_t c = 0; c < N_BETWEEN; c++) {
        bias[c] *= sizes[c];
        for (size_t k = 0; k < N_IN; k++)
            weights[c * N_IN + k] *= sizes[c];
    }
    const size_t n_first = shape->is_depthwise_first ? 1 : N_BETWEEN;
    const int first = push_tensor(
        lite, "first", (size_t[]){n_first, 1, 1, shape->is_depthwise_first ? N_BETWEEN : N_IN},
        weights);
    const int first_bias = push_bias(lite, bias, N_BETWEEN);
    int last = push_tensor(lite, "between", between, NULL);
    graph->tensors[last].range = (ws_lite_range){shape->is_known, -9.0f, 9.0f};
    push_node(lite, shape->is_depthwise_first ? WS_LITE_DEPTHWISE_CONV_2D : WS_LITE_CONV_2D,
              (int[]){input, first, first_bias}, 3, last, shape->activation);
    const int middle = last;
    size_t h = H, w = W, c = N_BETWEEN;
    if (shape->has_pad) {
        const int pads = push_wholes(lite, (const int32_t[]){0, 0, 1, 0, 0, 2, 0, 0}, 4, 2);
        h += 1;
        w += 2;
        const int padded = push_tensor(lite, "padded", (size_t[]){1, h, w, c}, NULL);
        last = push_node(lite, WS_LITE_PAD, (int[]){last, pads}, 2, padded, 0);
    }
    if (shape->has_reshape) {
        const int32_t dims[] = {1, (int32_t)h, 1, (int32_t)(w * c)};
        c *= w;
        w = 1;
        const int moved = push_tensor(lite, "moved", (size_t[]){1, h, w, c}, NULL);
        last = push_node(lite, WS_LITE_RESHAPE, (int[]){last, push_wholes(lite, dims, 4, 0)}, 2,
                         moved, 0);
    }
    draw(weights, 2 * c);
    for (size_t k = 0; k < 2 * c; k++)
        weights[k] /= sizes[k % N_BETWEEN];
    draw(bias, c);
    const int second = push_tensor(lite, "second", (size_t[]){1, 2, 1, c}, weights);
    const int second_bias = shape->shares_weights ? first_bias : push_bias(lite, bias, c);
    const int output = push_tensor(lite, "scores", (size_t[]){1, h - 1, w, c}, NULL);
    push_node(lite, WS_LITE_DEPTHWISE_CONV_2D, (int[]){last, second, second_bias}, 3, output, 0);
    if (shape->is_read_twice) {
        const int more = push_tensor(lite, "more", between, NULL);
        push_node(lite, WS_LITE_RELU, (int[]){middle}, 1, more, 0);
        graph->outputs[graph->n_outputs++] = more;
    }
    graph->inputs[graph->n_inputs++] = input;
    graph->outputs[graph->n_outputs++] = output;
    if (shape->is_output)
        graph->outputs[graph->n_outputs++] = middle;
    assert_int_equal(ws_lite_status(lite, NULL), WS_OK);
}

static int find(const ws_lite *lite, const char *name)
{
    for (size_t i = 0; i < lite->graphs[0].n_tensors; i++)
        if (strcmp(lite->graphs[0].tensors[i].name, name) == 0)
            return (int)i;
    fail_msg("no tensor \"%s\"", name);
    return 0;
}

static size_t size_of_sample(const ws_lite *lite)
{
    return ws_lite_tensor_size(&lite->graphs[0].tensors[find(lite, "features")]);
}

/** @param numbers  [N_SAMPLES * size of the tensor], filled */
static void hear(const ws_lite *lite, const char *name, float *numbers)
{
    const int tensor = find(lite, name);
    const size_t n = ws_lite_tensor_size(&lite->graphs[0].tensors[tensor]);
    ws_lite_run *run;

    assert_int_equal(ws_lite_run_create(&run, lite, &(ws_lite_run_options){0}, NULL), WS_OK);
    for (size_t i = 0; i < N_SAMPLES; i++) {
        ws_lite_run_write(run, 0, samples + i * size_of_sample(lite));
        ws_lite_run_invoke(run);
        ws_lite_run_read(run, tensor, numbers + i * n);
    }
    ws_lite_run_destroy(run);
}

/** The largest number of each channel between, without signs. */
static void find_largest(const ws_lite *lite, float largest[N_BETWEEN])
{
    float numbers[N_SAMPLES * H * W * N_BETWEEN];

    hear(lite, "between", numbers);
    for (size_t c = 0; c < N_BETWEEN; c++)
        largest[c] = 0.0f;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        largest[i % N_BETWEEN] = fmaxf(largest[i % N_BETWEEN], fabsf(numbers[i]));
}

enum { N_MOST = (H + 1) * (W + 2) * N_BETWEEN };

static void test_channels_get_the_range_of_the_widest(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 16; k++) {
        const shape_of_model shape = {
            .is_depthwise_first = (k & 1) != 0,
            .has_reshape = (k & 2) != 0,
            .has_pad = (k & 4) != 0,
            .activation = (k & 8) != 0 ? WS_LITE_ACTIVATION_RELU : WS_LITE_NO_ACTIVATION,
        };
        float want[N_SAMPLES * N_MOST], got[N_SAMPLES * N_MOST];
        float before[N_BETWEEN], after[N_BETWEEN];
        ws_lite lite;
        make(&lite, &shape);
        hear(&lite, "scores", want);
        find_largest(&lite, before);
        assert_int_equal(ws_lite_equalize(&lite, samples, N_SAMPLES, size_of_sample(&lite), NULL),
                         WS_OK);
        hear(&lite, "scores", got);
        find_largest(&lite, after);
        const size_t n =
            N_SAMPLES * ws_lite_tensor_size(&lite.graphs[0].tensors[find(&lite, "scores")]);
        for (size_t i = 0; i < n; i++)
            assert_true(fabsf(got[i] - want[i]) <= 1e-5f * fmaxf(1.0f, fabsf(want[i])));
        const float widest = fmaxf(before[0], fmaxf(before[1], before[2]));
        for (size_t c = 0; c < N_BETWEEN; c++) {
            const float wanted = before[c] > 0.0f ? fminf(widest, 256.0f * before[c]) : 0.0f;
            assert_true(fabsf(after[c] - wanted) <= 1e-4f * widest);
        }
        ws_lite_deinit(&lite);
    }
}

static void test_other_models_are_left_alone(void **state)
{
    static const shape_of_model shapes[] = {
        {.activation = WS_LITE_ACTIVATION_RELU6},
        {.is_read_twice = true},
        {.is_output = true},
        {.is_known = true},
        {.shares_weights = true},
    };

    (void)state;
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        float before[N_BETWEEN], after[N_BETWEEN];
        ws_lite lite;
        make(&lite, &shapes[k]);
        find_largest(&lite, before);
        assert_int_equal(ws_lite_equalize(&lite, samples, N_SAMPLES, SIZE, NULL), WS_OK);
        find_largest(&lite, after);
        assert_memory_equal(after, before, sizeof before);
        ws_lite_deinit(&lite);
    }
}

/** How far scores of 8 bits are off, in squares. */
static double error_of(bool is_equalized)
{
    const ws_lite_quantize_options types = {WS_LITE_FLOAT32, WS_LITE_FLOAT32};
    float want[N_SAMPLES * N_MOST], got[N_SAMPLES * N_MOST];
    ws_lite lite, whole;
    double sum = 0.0;

    ws_random_init(&random_numbers, 7, WS_RANDOM_TEST, 0, 0);
    make(&lite, &(shape_of_model){.is_depthwise_first = false});
    hear(&lite, "scores", want);
    if (is_equalized)
        assert_int_equal(ws_lite_equalize(&lite, samples, N_SAMPLES, SIZE, NULL), WS_OK);
    assert_int_equal(
        ws_lite_calibrate(&lite, samples, N_SAMPLES, SIZE, WS_LITE_CALIBRATION_MIN_MAX, NULL),
        WS_OK);
    assert_int_equal(ws_lite_quantize(&whole, &lite, &types, NULL), WS_OK);
    ws_lite_run *run;
    assert_int_equal(ws_lite_run_create(&run, &whole, &(ws_lite_run_options){0}, NULL), WS_OK);
    const size_t n = ws_lite_tensor_size(ws_lite_run_get_output(run, 0));
    for (size_t i = 0; i < N_SAMPLES; i++) {
        ws_lite_run_write(run, 0, samples + i * SIZE);
        ws_lite_run_invoke(run);
        ws_lite_run_read(run, whole.graphs[0].outputs[0], got);
        for (size_t k = 1; k < n; k += N_BETWEEN) /* of the small channel */
            sum += pow((double)got[k] - (double)want[i * n + k], 2.0);
    }
    ws_lite_run_destroy(run);
    ws_lite_deinit(&lite);
    ws_lite_deinit(&whole);
    return sum;
}

static void test_a_small_channel_keeps_its_numbers_in_8_bits(void **state)
{
    (void)state;
    const double with = error_of(true), without = error_of(false);

    if (!(with < without / 4.0))
        fail_msg("%g with equal ranges, %g without", with, without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_channels_get_the_range_of_the_widest),
        cmocka_unit_test(test_other_models_are_left_alone),
        cmocka_unit_test(test_a_small_channel_keeps_its_numbers_in_8_bits),
    };

    ws_random_init(&random_numbers, 3, WS_RANDOM_TEST, 0, 0);
    draw(samples, sizeof samples / sizeof *samples);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
