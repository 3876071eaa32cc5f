/* nn/lite: layers of 8 bits of each instruction set against the plain loops in double precision, on
 * random shapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/guarded.h"
#include "nn/lite/byte_layer.h"

enum { N_CASES = 400, MAX_OUTPUTS = 80 };

static uint32_t state_of_numbers = 1;

/** A number from low to high. */
static int32_t draw(int32_t low, int32_t high)
{
    state_of_numbers = state_of_numbers * 1664525u + 1013904223u;
    return low + (int32_t)((state_of_numbers >> 8) % (uint32_t)(high - low + 1));
}

/** A layer with its numbers. */
typedef struct layer {
    ws_lite_node node;
    ws_lite_tensor in, weights, bias, out;
    float in_scale, out_scale, scales[MAX_OUTPUTS];
    ws_lite_args args;
    double *values[3];
} layer;

static void *bytes_of(const ws_lite_tensor *tensor)
{
    return zeros_create(ws_lite_tensor_bytes(tensor), 1);
}

/** Extremes in some cases, else any. */
static void fill_bytes(uint8_t *bytes, size_t n)
{
    const bool is_extreme = draw(0, 3) == 0;

    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(is_extreme ? (draw(0, 1) == 0 ? 0x80 : 0x7f) : draw(0, 255));
}

static size_t window_output(size_t n, size_t window, size_t stride, size_t dilation, bool is_same)
{
    return is_same ? (n + stride - 1) / stride : (n - (window - 1) * dilation - 1) / stride + 1;
}

/** An image of h x w and its filters. */
static void draw_window(layer *l, size_t n_in, size_t n_out)
{
    const bool is_depthwise = l->node.kind == WS_LITE_DEPTHWISE_CONV_2D;
    const bool is_same = draw(0, 1) == 0;
    const size_t h = (size_t)draw(1, 4), w = (size_t)draw(1, 5);
    ws_lite_options *o = &l->node.options;

    o->padding = is_same ? WS_LITE_SAME : WS_LITE_VALID;
    o->stride_h = draw(1, 3);
    o->stride_w = draw(1, 3);
    o->dilation_h = draw(1, 2);
    o->dilation_w = draw(1, 2);
    const size_t least_h = is_same ? 1 : (h - 1) * (size_t)o->dilation_h + 1;
    const size_t least_w = is_same ? 1 : (w - 1) * (size_t)o->dilation_w + 1;
    const size_t in_h = least_h + (size_t)draw(0, 9), in_w = least_w + (size_t)draw(0, 9);
    l->in = (ws_lite_tensor){.dims = {1, in_h, in_w, n_in}, .n_dims = 4};
    l->weights = (ws_lite_tensor){
        .dims = {is_depthwise ? 1 : n_out, h, w, is_depthwise ? n_out : n_in}, .n_dims = 4};
    l->out = (ws_lite_tensor){
        .dims = {1, window_output(in_h, h, (size_t)o->stride_h, (size_t)o->dilation_h, is_same),
                 window_output(in_w, w, (size_t)o->stride_w, (size_t)o->dilation_w, is_same),
                 n_out},
        .n_dims = 4};
}

static void draw_shape(layer *l, ws_lite_kind kind)
{
    size_t n_in = (size_t)(draw(0, 2) == 0 ? 1 : draw(1, MAX_OUTPUTS));
    const size_t n_out = (size_t)draw(1, MAX_OUTPUTS);

    l->node = (ws_lite_node){.kind = kind};
    if (kind == WS_LITE_FULLY_CONNECTED) {
        n_in = (size_t)draw(1, 600);
        l->in = (ws_lite_tensor){.dims = {1, n_in}, .n_dims = 2};
        l->weights = (ws_lite_tensor){.dims = {n_out, n_in}, .n_dims = 2};
        l->out = (ws_lite_tensor){.dims = {1, n_out}, .n_dims = 2};
    } else {
        draw_window(l, kind == WS_LITE_CONV_2D || n_in == 1 ? n_in : n_out, n_out);
    }
    l->bias = (ws_lite_tensor){.type = WS_LITE_INT32, .dims = {n_out}, .n_dims = 1};
}

/** Types, scales, numbers. */
static void draw_numbers(layer *l, ws_lite_rounding rounding)
{
    static const int32_t activations[] = {WS_LITE_NO_ACTIVATION, WS_LITE_ACTIVATION_RELU,
                                          WS_LITE_ACTIVATION_RELU6};
    static const ws_lite_type outputs[] = {WS_LITE_INT8,  WS_LITE_INT8,  WS_LITE_INT8,
                                           WS_LITE_UINT8, WS_LITE_INT16, WS_LITE_FLOAT32};
    const size_t n_out = l->bias.dims[0];
    const bool is_signed = draw(0, 3) > 0, is_per_channel = draw(0, 1) == 0;

    l->in.type = is_signed ? WS_LITE_INT8 : WS_LITE_UINT8;
    l->weights.type = WS_LITE_INT8;
    l->out.type = outputs[draw(0, 5)];
    l->in_scale = (float)draw(1, 1000) / 10000.0f;
    l->out_scale = (float)draw(1, 1000) / 1000.0f;
    for (size_t i = 0; i < n_out; i++)
        l->scales[i] = (float)draw(1, 1000) / 100000.0f;
    l->in.scale = (ws_lite_scale){&l->in_scale, 1, 0, is_signed ? draw(-128, 127) : draw(0, 255)};
    l->weights.scale = (ws_lite_scale){l->scales, is_per_channel ? n_out : 1, 0, 0};
    if (l->out.type != WS_LITE_FLOAT32)
        l->out.scale = (ws_lite_scale){&l->out_scale, 1, 0, draw(-128, 127)};
    l->node.options.activation = activations[draw(0, 2)];
    l->args = (ws_lite_args){.node = &l->node, .rounding = rounding};
    l->weights.data = bytes_of(&l->weights);
    fill_bytes(l->weights.data, ws_lite_tensor_size(&l->weights));
    l->bias.data = bytes_of(&l->bias);
    for (size_t i = 0; i < n_out; i++)
        ((int32_t *)l->bias.data)[i] = draw(-100000, 100000);
    void *x = bytes_of(&l->in);
    fill_bytes(x, ws_lite_tensor_size(&l->in));
    l->args.in[0] = &l->in;
    l->args.in[1] = &l->weights;
    l->args.in[2] = draw(0, 3) > 0 ? &l->bias : NULL;
    l->args.out[0] = &l->out;
    l->args.x[0] = x;
    l->args.x[1] = l->weights.data;
    l->args.x[2] = l->bias.data;
    for (size_t k = 0; k < 3; k++) {
        if (l->args.in[k] == NULL)
            continue;
        l->values[k] = zeros_create(ws_lite_tensor_size(l->args.in[k]), sizeof(double));
        ws_lite_load(l->args.in[k], l->args.x[k], l->values[k]);
        l->args.v[k] = l->values[k];
    }
    l->args.r = zeros_create(ws_lite_tensor_size(&l->out), sizeof(double));
}

static void layer_deinit(layer *l)
{
    for (size_t k = 0; k < 3; k++)
        free(l->values[k]);
    free(l->weights.data);
    free(l->bias.data);
    free(l->args.r);
    free((void *)(uintptr_t)l->args.x[0]);
}

static void finish(const ws_lite_args *args)
{
    if (args->rounding == WS_LITE_ROUNDING_TFLM && args->out[0]->type == WS_LITE_INT8)
        ws_lite_tflm_sums(args);
    else
        ws_lite_store_sums(args);
}

/** A level against the plain loops, twice: nothing is left over from the first time. */
static void compare(layer *l, const void *want, ws_cpu_level level)
{
    const size_t n_bytes = ws_lite_tensor_bytes(&l->out);
    ws_lite_byte_layer *made;

    assert_int_equal(ws_lite_byte_layer_create(&made, &l->args, level, NULL), WS_OK);
    assert_non_null(made);
    for (int round = 0; round < 2; round++) {
        l->args.y[0] = zeros_create(n_bytes, 1);
        if (!ws_lite_byte_layer_compute(made, &l->args))
            finish(&l->args);
        if (memcmp(l->args.y[0], want, n_bytes) != 0)
            fail_msg("%s of %zu x %zu x %zu to %zu channels: other numbers with %s",
                     ws_lite_kind_name(l->node.kind), l->in.dims[1], l->in.dims[2], l->in.dims[3],
                     l->bias.dims[0], ws_cpu_level_get_name(level));
        free(l->args.y[0]);
    }
    ws_lite_byte_layer_destroy(made);
}

static void every_level_gives_what_plain_loops_give(void **state)
{
    static const ws_lite_kind kinds[] = {WS_LITE_CONV_2D, WS_LITE_DEPTHWISE_CONV_2D,
                                         WS_LITE_FULLY_CONNECTED};

    (void)state;
    for (int i = 0; i < N_CASES; i++) {
        layer l = {.values = {NULL}};
        draw_shape(&l, kinds[i % 3]);
        draw_numbers(&l, i % 4 == 3 ? WS_LITE_ROUNDING_TFLM : WS_LITE_ROUNDING_EXACT);
        const ws_lite_kernel *kernel = ws_lite_kernel_get(l.node.kind);
        void *want = bytes_of(&l.out);
        assert_null(kernel->check(&l.args));
        l.args.y[0] = want;
        kernel->compute(&l.args);
        finish(&l.args);
        for (int level = 0; level <= (int)ws_lite_byte_layer_level(); level++)
            compare(&l, want, (ws_cpu_level)level);
        free(want);
        layer_deinit(&l);
    }
}

/** A pooling of an image, with scales that are mostly the same. */
static void draw_pool(layer *l)
{
    draw_window(l, (size_t)draw(1, MAX_OUTPUTS), 1);
    const size_t n_channels = l->in.dims[3];
    l->node.options.filter_h = (int32_t)l->weights.dims[1];
    l->node.options.filter_w = (int32_t)l->weights.dims[2];
    l->node.options.dilation_h = l->node.options.dilation_w = 1;
    const bool is_same = l->node.options.padding == WS_LITE_SAME;
    l->out.dims[1] = window_output(l->in.dims[1], l->weights.dims[1],
                                   (size_t)l->node.options.stride_h, 1, is_same);
    l->out.dims[2] = window_output(l->in.dims[2], l->weights.dims[2],
                                   (size_t)l->node.options.stride_w, 1, is_same);
    l->out.dims[3] = n_channels;
    l->bias = (ws_lite_tensor){.type = WS_LITE_INT32, .dims = {n_channels}, .n_dims = 1};
    draw_numbers(l, WS_LITE_ROUNDING_EXACT);
    l->args.in[1] = l->args.in[2] = NULL;
    if (draw(0, 7) > 0) {
        l->in.type = l->out.type = WS_LITE_INT8;
        l->in.scale.zero_point = (int8_t)l->in.scale.zero_point;
        l->out_scale = l->in_scale;
        l->out.scale = l->in.scale;
    }
    ws_lite_load(&l->in, l->args.x[0], l->values[0]);
}

/** Those that are not layers are left to the plain loops; most are. */
static void averages_are_what_plain_loops_give(void **state)
{
    int n_made = 0;

    (void)state;
    for (int i = 0; i < N_CASES; i++) {
        layer l = {.values = {NULL}};
        ws_lite_byte_layer *made;
        l.node = (ws_lite_node){.kind = WS_LITE_AVERAGE_POOL_2D};
        draw_pool(&l);
        void *want = bytes_of(&l.out);
        assert_null(ws_lite_kernel_get(l.node.kind)->check(&l.args));
        ws_lite_kernel_get(l.node.kind)->compute(&l.args);
        ws_lite_store(&l.out, l.args.r, want);
        assert_int_equal(ws_lite_byte_layer_create(&made, &l.args, WS_CPU_GENERIC, NULL), WS_OK);
        for (int level = 0; made != NULL && level <= (int)ws_lite_byte_layer_level(); level++)
            compare(&l, want, (ws_cpu_level)level);
        n_made += made != NULL;
        ws_lite_byte_layer_destroy(made);
        free(want);
        layer_deinit(&l);
    }
    assert_in_range(n_made, N_CASES / 4, N_CASES - 1);
}

/** Sums that could leave 32 bits, and zero points outside of their type, are left to the plain
 *  loops. */
static void what_whole_sums_cannot_do_is_refused(void **state)
{
    (void)state;
    for (int fault = 0; fault < 4; fault++) {
        layer l = {.values = {NULL}};
        ws_lite_byte_layer *made;
        draw_shape(&l, WS_LITE_FULLY_CONNECTED);
        draw_numbers(&l, WS_LITE_ROUNDING_EXACT);
        l.args.in[2] = &l.bias;
        ((int8_t *)l.weights.data)[0] = 1;
        if (fault == 0)
            ((int32_t *)l.bias.data)[0] = INT32_MAX - 254;
        else if (fault == 1)
            ((int32_t *)l.bias.data)[0] = INT32_MIN;
        else if (fault == 2)
            l.in.scale.zero_point = 1000;
        else
            l.bias.type = WS_LITE_FLOAT32;
        assert_int_equal(ws_lite_byte_layer_create(&made, &l.args, WS_CPU_GENERIC, NULL), WS_OK);
        assert_null(made);
        layer_deinit(&l);
    }
}

/** Dims of the output; of both inputs the same, but for some that are 1. */
static void draw_pair_shape(ws_lite_tensor in[2], ws_lite_tensor *out)
{
    static const size_t sizes[] = {1, 2, 3, 5, 16, 17, 70};

    *out = (ws_lite_tensor){.type = WS_LITE_INT8, .n_dims = (size_t)draw(0, 4)};
    in[0] = in[1] = *out;
    for (size_t d = 0; d < out->n_dims; d++) {
        const size_t n = sizes[draw(0, d < 2 ? 3 : 6)];
        const int32_t how = draw(0, 5);
        out->dims[d] = n;
        in[0].dims[d] = how == 0 ? 1 : n;
        in[1].dims[d] = how == 1 ? 1 : n;
    }
    const size_t k = (size_t)draw(0, 1);
    if (out->n_dims > 1 && in[k].dims[0] == 1 && in[1 - k].dims[0] == out->dims[0]) {
        in[k].n_dims--; /* a leading 1 may be left out */
        memmove(in[k].dims, in[k].dims + 1, in[k].n_dims * sizeof *in[k].dims);
    }
}

/** Scales that give halves often, any scales, and some far apart. */
static float draw_scale(int how)
{
    static const float far[] = {1e-30f, 1e-3f, 1.0f, 1e30f};

    return how == 0   ? 0.5f * (float)draw(1, 3)
           : how == 1 ? (float)draw(1, 1000) / 1000.0f
                      : far[draw(0, 3)];
}

/** A level against the plain loops. @return whether it has done the pairs */
static bool compare_pairs(ws_lite_args *args, const int8_t *want, ws_cpu_level level)
{
    int8_t *got = bytes_of(args->out[0]);

    args->y[0] = got;
    const bool is_done = ws_lite_compute_byte_pairs(args, level);
    /* a factor above 1 is left to the plain loops */
    assert_true(is_done || args->rounding == WS_LITE_ROUNDING_TFLM);
    if (is_done)
        assert_memory_equal(got, want, ws_lite_tensor_size(args->out[0]));
    free(got);
    return is_done;
}

static void pairs_are_what_plain_loops_give(void **state)
{
    static const ws_lite_kind kinds[] = {WS_LITE_ADD, WS_LITE_SUB, WS_LITE_MUL};
    static const int32_t activations[] = {WS_LITE_NO_ACTIVATION, WS_LITE_ACTIVATION_RELU,
                                          WS_LITE_ACTIVATION_RELU6};

    int n_twice = 0;

    (void)state;
    for (int i = 0; i < 6 * N_CASES; i++) {
        const ws_lite_node node = {.kind = kinds[i % 3],
                                   .options = {.activation = activations[draw(0, 2)]}};
        ws_lite_tensor in[2], out;
        ws_lite_args args = {
            .node = &node, .rounding = i % 2 == 0 ? WS_LITE_ROUNDING_EXACT : WS_LITE_ROUNDING_TFLM};
        float scales[3];
        double *values[2];
        void *x[2];
        bool is_done = false;
        draw_pair_shape(in, &out);
        const int how = i % 7 == 0 ? 2 : i / 2 % 2;
        for (size_t k = 0; k < 3; k++)
            scales[k] = draw_scale(how);
        out.scale = (ws_lite_scale){&scales[2], 1, 0, draw(-128, 127)};
        const size_t n = ws_lite_tensor_size(&out);
        for (size_t k = 0; k < 2; k++) {
            in[k].scale = (ws_lite_scale){&scales[k], 1, 0, draw(-128, 127)};
            x[k] = bytes_of(&in[k]);
            fill_bytes(x[k], ws_lite_tensor_size(&in[k]));
            values[k] = zeros_create(ws_lite_tensor_size(&in[k]), sizeof(double));
            ws_lite_load(&in[k], x[k], values[k]);
            args.in[k] = &in[k];
            args.x[k] = x[k];
            args.v[k] = values[k];
        }
        args.out[0] = &out;
        args.r = zeros_create(n, sizeof(double));
        int8_t *want = bytes_of(&out);
        assert_null(ws_lite_kernel_get(node.kind)->check(&args));
        args.y[0] = want;
        if (args.rounding == WS_LITE_ROUNDING_EXACT) {
            ws_lite_kernel_get(node.kind)->compute(&args);
            ws_lite_store(&out, args.r, want);
        } else {
            ws_lite_kernel_get(node.kind)->round_as_tflm(&args);
        }
        for (int level = 0; level <= (int)ws_cpu_level_get_best(); level++)
            is_done = compare_pairs(&args, want, (ws_cpu_level)level);
        n_twice += is_done && args.rounding == WS_LITE_ROUNDING_TFLM;
        for (size_t k = 0; k < 2; k++) {
            free(x[k]);
            free(values[k]);
        }
        free(args.r);
        free(want);
    }
    assert_in_range(n_twice, N_CASES, 3 * N_CASES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_gives_what_plain_loops_give),
        cmocka_unit_test(averages_are_what_plain_loops_give),
        cmocka_unit_test(what_whole_sums_cannot_do_is_refused),
        cmocka_unit_test(pairs_are_what_plain_loops_give),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
