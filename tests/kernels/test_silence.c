/* Images that are zero in parts, as features of silence are, with biases of 0: the convolution's
 * output is exactly 0 there, ReLU's border, on which no rounding may fall. The maps of such places
 * (nn/engine/common/live.h) against their definition, and the fast engine against the reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/random.h"
#include "kernels/engine_ways.h"
#include "nn/engine/common/live.h"
#include "nn/engine/common/tail.h"
#include "nn/network.h"
#include "nn/op.h"

enum { MAX_W = 200, MAX_H = 40, MAX_C = 16 };

static float uniform(ws_random *random)
{
    return (float)(2.0 * ws_random_uniform(random) - 1.0);
}

/* ---- maps ---- */

static bool has_bit(const uint64_t *map, ws_shape image, size_t i, size_t j)
{
    const size_t n_words = ws_live_n_words(image) / image.h;
    return map[i * n_words + j / 64] >> (j % 64) & 1;
}

static bool is_nonzero(ws_shape image, const float *x, size_t i, size_t j)
{
    for (size_t c = 0; c < image.c; c++)
        if (x[(i * image.w + j) * image.c + c] != 0.0f)
            return true;
    return false;
}

/** Whether the window of output (i, j) has a place in the image that is not zero. */
static bool sees_any(const ws_stage *stage, const float *x, size_t i, size_t j)
{
    for (size_t u = 0; u < stage->window.h; u++) {
        for (size_t v = 0; v < stage->window.w; v++) {
            const size_t row = i + u - stage->window.zeros.before_h; /* may wrap around */
            const size_t column = j + v - stage->window.zeros.before_w;
            if (row < stage->in.h && column < stage->in.w && is_nonzero(stage->in, x, row, column))
                return true;
        }
    }
    return false;
}

/** A layer's image, and how many of its places in a thousand are not zero. */
typedef struct layer {
    ws_shape in;
    size_t kernel_h, kernel_w;
    ws_padding padding;
    uint32_t per_mille;
} layer;

static const layer layers[] = {
    {{11, 7, 1}, 3, 2, WS_PADDING_SAME, 30},     {{11, 64, 1}, 4, 9, WS_PADDING_SAME, 5},
    {{9, 65, 16}, 2, 3, WS_PADDING_SAME, 20},    {{12, 63, 3}, 5, 4, WS_PADDING_VALID, 10},
    {{5, 130, 2}, 3, 100, WS_PADDING_SAME, 3},   {{7, 200, 1}, 2, 130, WS_PADDING_VALID, 3},
    {{6, 70, 1}, 7, 79, WS_PADDING_SAME, 4},     {{40, 128, 1}, 1, 1, WS_PADDING_SAME, 500},
    {{3, 129, 16}, 2, 1, WS_PADDING_VALID, 900}, {{20, 66, 1}, 6, 5, WS_PADDING_SAME, 995},
};

static ws_stage stage_of(const layer *l)
{
    ws_stage stage = {.in = l->in};

    stage.window = (ws_window){
        .h = l->kernel_h, .w = l->kernel_w, .stride_h = 1, .stride_w = 1, .padding = l->padding};
    stage.middle.c = WS_TILE_LANES;
    assert_int_equal(ws_window_fit(&stage.window, l->in, &stage.middle, "test", NULL), WS_OK);
    return stage;
}

/** Zeros of both signs but for some numbers, the least and the strangest among them. */
static void fill_sparse(const layer *l, uint32_t stream, float *x)
{
    static const float odd[] = {1e-45f, -1e-45f, (float)INFINITY, (float)NAN, -3.0f};
    ws_random random;

    ws_random_init(&random, 11, WS_RANDOM_TEST, stream, 0);
    for (size_t i = 0; i < ws_shape_size(l->in); i++)
        x[i] = ws_random_below(&random, 2) == 0 ? 0.0f : -0.0f;
    for (size_t p = 0; p < l->in.h * l->in.w; p++)
        if (ws_random_below(&random, 1000) < l->per_mille)
            x[p * l->in.c + ws_random_below(&random, (uint32_t)l->in.c)] =
                odd[ws_random_below(&random, 5)];
}

/** A tile has the same map on each level. */
static void check_tile(ws_shape in, const float *x, const uint64_t *map)
{
    static _Alignas(64) float tile[MAX_W * MAX_H * WS_TILE_LANES];
    static uint64_t got[MAX_W * MAX_H];

    memcpy(tile, x, ws_shape_size(in) * sizeof *x);
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++) {
        ws_live_find_tile(in, ws_tail_kernels_get(level), tile, got);
        assert_memory_equal(got, map, ws_live_n_words(in) * sizeof *map);
    }
}

static void maps_are_their_definition(void **state)
{
    static float x[MAX_W * MAX_H * MAX_C];
    static uint64_t map[MAX_W * MAX_H], live[MAX_W * MAX_H];
    (void)state;
    for (size_t l = 0; l < sizeof layers / sizeof *layers; l++) {
        const ws_stage stage = stage_of(&layers[l]);
        size_t n_dead = 0;
        assert_true(ws_shape_size(stage.in) <= sizeof x / sizeof *x);
        fill_sparse(&layers[l], (uint32_t)l, x);
        ws_live_find(stage.in, x, map);
        if (stage.in.c == WS_TILE_LANES)
            check_tile(stage.in, x, map);
        for (size_t p = 0; p < stage.in.h * stage.in.w; p++)
            assert_int_equal(has_bit(map, stage.in, p / stage.in.w, p % stage.in.w),
                             is_nonzero(stage.in, x, p / stage.in.w, p % stage.in.w));
        ws_live_widen(&stage, map, live);
        for (size_t i = 0; i < stage.middle.h; i++) {
            for (size_t j = 0; j < stage.middle.w; j++) {
                assert_int_equal(has_bit(live, stage.middle, i, j), sees_any(&stage, x, i, j));
                n_dead += !has_bit(live, stage.middle, i, j);
            }
        }
        print_message("  %zux%zu: %zu of %zu dead\n", stage.in.h, stage.in.w, n_dead,
                      stage.middle.h * stage.middle.w);
    }
}

static void maps_are_added(void **state)
{
    const ws_shape image = {2, 65, 1};
    uint64_t map[4] = {1, 0, 6, 1};
    const uint64_t other[4] = {3, 1, 8, 0};
    (void)state;
    assert_int_equal(ws_live_n_words(image), 4);
    ws_live_add(image, other, map);
    assert_true(map[0] == 3 && map[1] == 1 && map[2] == 14 && map[3] == 1);
}

static void only_dead_places_become_zero(void **state)
{
    enum { N_ROWS = 3 };
    const ws_shape middle = {5, 67, 32};
    static float z[N_ROWS * 67 * WS_TILE_LANES];
    uint64_t live[10];
    ws_random random;
    (void)state;

    ws_random_init(&random, 12, WS_RANDOM_TEST, 0, 0);
    for (size_t k = 0; k < 10; k++)
        live[k] = (uint64_t)ws_random_below(&random, UINT32_MAX) << 32 | 0xf0f0f0f1u;
    for (size_t i = 0; i < sizeof z / sizeof *z; i++)
        z[i] = i % 7 == 0 ? (float)NAN : i % 11 == 0 ? -(float)INFINITY : 1.0f;
    ws_live_clear_dead(live, middle, (ws_range){1, 1 + N_ROWS}, z);
    for (size_t i = 0; i < sizeof z / sizeof *z; i++) {
        const size_t place = i / WS_TILE_LANES;
        const bool is_live = has_bit(live, middle, 1 + place / 67, place % 67);
        if (i % 7 == 0)
            assert_true(isnan(z[i]));
        else if (i % 11 == 0)
            assert_true(isinf(z[i]));
        else
            assert_true(z[i] == (is_live ? 1.0f : 0.0f));
    }
}

/* ---- engines ---- */

enum { N_LABELS = 4, N_SAMPLES = 7, MAX_FEATURES = 4000 };

typedef struct geometry {
    const char *name;
    ws_shape in;
    ws_conv2d_args conv[2]; /* n_channels 0: none */
    ws_pool_args pool;      /* behind the first; window_h 0: none */
} geometry;

static const geometry geometries[] = {
    {.name = "like conv",
     .in = {30, 16, 1},
     .conv = {{.kernel_h = 6, .kernel_w = 4, .n_channels = 32},
              {.kernel_h = 5, .kernel_w = 3, .n_channels = 32}},
     .pool = {2, 2, 2, 2, WS_PADDING_SAME, {0}}},
    {.name = "valid, odd channels",
     .in = {31, 17, 1},
     .conv = {{.kernel_h = 5, .kernel_w = 3, .n_channels = 21, .padding = WS_PADDING_VALID},
              {.kernel_h = 4, .kernel_w = 2, .n_channels = 7, .padding = WS_PADDING_VALID}},
     .pool = {3, 2, 3, 2, WS_PADDING_VALID, {0}}},
    {.name = "wide, several channels",
     .in = {13, 70, 3},
     .conv = {{.kernel_h = 3, .kernel_w = 5, .n_channels = 3},
              {.kernel_h = 3, .kernel_w = 6, .n_channels = 17}}},
    {.name = "wide, one channel, overlapping pools",
     .in = {12, 131, 1},
     .conv = {{.kernel_h = 3, .kernel_w = 7, .n_channels = 5},
              {.kernel_h = 2, .kernel_w = 9, .n_channels = 18}},
     .pool = {3, 3, 2, 1, WS_PADDING_SAME, {0}}},
    {.name = "kernel larger than half the image",
     .in = {14, 20, 1},
     .conv = {{.kernel_h = 8, .kernel_w = 11, .n_channels = 9},
              {.kernel_h = 9, .kernel_w = 3, .n_channels = 16}}},
    {.name = "kernels of few places, few channels beyond a block",
     .in = {18, 15, 1},
     .conv = {{.kernel_h = 2, .kernel_w = 2, .n_channels = 18},
              {.kernel_h = 1, .kernel_w = 1, .n_channels = 16}}},
    {.name = "behind strides",
     .in = {40, 30, 1},
     .conv = {{.kernel_h = 4, .kernel_w = 3, .n_channels = 18, .stride_h = 2, .stride_w = 2},
              {.kernel_h = 3, .kernel_w = 3, .n_channels = 20}}},
    {.name = "as high as the image",
     .in = {24, 40, 1},
     .conv = {{.kernel_h = 24, .kernel_w = 8, .n_channels = 20, .padding = WS_PADDING_VALID}}},
};
enum { N_GEOMETRIES = sizeof geometries / sizeof *geometries };

static size_t push_conv(ws_graph *graph, size_t x, const geometry *g, size_t which)
{
    ws_conv2d_args args = g->conv[which];
    args.name = which == 0 ? "first" : "second";
    args.init = (ws_init){WS_INIT_TRUNCATED_NORMAL, 0.2};
    x = ws_graph_push_conv2d(graph, x, &args);
    x = ws_graph_push_bias_add(graph, x, which == 0 ? "first_bias" : "second_bias");
    return ws_graph_push_dropout(graph, ws_graph_push_relu(graph, x));
}

static void build(ws_graph *graph, const geometry *g)
{
    ws_error err;

    ws_graph_deinit(graph); /* of the case before; a static one begins as zeros */
    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, g->in);
    x = push_conv(graph, x, g, 0);
    if (g->pool.window_h > 0)
        x = ws_graph_push_max_pool(graph, x, &g->pool);
    if (g->conv[1].n_channels > 0)
        x = push_conv(graph, x, g, 1);
    x = ws_graph_push_dense(graph, x,
                            &(ws_dense_args){"last", N_LABELS, {WS_INIT_TRUNCATED_NORMAL, 0.2}});
    (void)ws_graph_push_bias_add(graph, x, "last_bias");
    if (ws_graph_status(graph, &err) != WS_OK)
        fail_msg("%s: %s", g->name, err.message);
}

/* Of what a sample consists; all but the last two begin their rows with the same number, as
 * frames of silence and of an even noise do. */
enum kind { SPEECH, SILENCE, PADDED, LATE, ONE_SILENT_ROW, ONE_NUMBER, NOTHING };

static bool is_speech(enum kind kind, size_t row, size_t h)
{
    switch (kind) {
    case SPEECH:
        return true;
    case PADDED:
        return row < h / 2;
    case LATE:
        return row >= 2 * h / 3;
    case ONE_SILENT_ROW:
        return row != h / 3;
    default:
        return false;
    }
}

static void fill_sample(enum kind kind, ws_shape in, float *x)
{
    ws_random random;

    ws_random_init(&random, 13, WS_RANDOM_TEST, (uint32_t)kind, 0);
    memset(x, 0, ws_shape_size(in) * sizeof *x);
    for (size_t i = 0; i < ws_shape_size(in); i++) {
        const size_t row = i / (in.w * in.c), at = i % (in.w * in.c);
        const float value = uniform(&random);
        if (is_speech(kind, row, in.h))
            x[i] = value;
        if (at == 0 && kind < ONE_NUMBER)
            x[i] = -2.5f;
    }
    if (kind == ONE_NUMBER)
        x[(in.h / 2 * in.w + in.w / 3) * in.c] = 1.5f;
}

static const way fast_ways[] = {
    {"usual", WS_ENGINE_FAST, WS_CONVOLUTION_CHEAPER, NULL},
    {"products", WS_ENGINE_FAST, WS_CONVOLUTION_BY_PRODUCTS, NULL},
    {"fft", WS_ENGINE_FAST, WS_CONVOLUTION_BY_FFT, NULL},
    {"fft generic", WS_ENGINE_FAST, WS_CONVOLUTION_BY_FFT, "generic"},
#if defined(__x86_64__)
    {"fft v2", WS_ENGINE_FAST, WS_CONVOLUTION_BY_FFT, "v2"},
    {"fft v3", WS_ENGINE_FAST, WS_CONVOLUTION_BY_FFT, "v3"},
#endif
};
enum { N_FAST_WAYS = sizeof fast_ways / sizeof *fast_ways };

/** What a step gives. */
typedef struct outcome {
    float logits[N_SAMPLES * N_LABELS];
    float *gradients; /* [n_weights], owned */
} outcome;

/** A step of all samples at starting weights, biases of 0 among them, behind a step that leaves
 *  its maps: of the samples in another order. */
static outcome run(const ws_graph *graph, const way *by, unsigned n_threads)
{
    static float features[N_SAMPLES * MAX_FEATURES];
    static const int32_t labels[N_SAMPLES] = {0, 1, 2, 3, 2, 1, 0};
    const ws_shape in = graph->nodes[0].shape;
    const ws_batch batch = {.features = features,
                            .labels = labels,
                            .n = N_SAMPLES,
                            .dropout = {.rate = 0.5, .seed = 5, .step = 1}};
    outcome result = {.gradients = malloc(graph->n_weights * sizeof(float))};
    ws_network *network = way_create_network(by, graph, N_SAMPLES, n_threads);

    assert_non_null(result.gradients);
    assert_true(ws_shape_size(in) <= MAX_FEATURES);
    for (size_t turn = 1; turn <= 2; turn++) {
        for (size_t s = 0; s < N_SAMPLES; s++)
            fill_sample((enum kind)((s + 2 * turn) % N_SAMPLES), in,
                        features + s * ws_shape_size(in));
        (void)ws_network_train(network, &batch, result.logits);
    }
    memcpy(result.gradients, ws_network_gradients(network), graph->n_weights * sizeof(float));
    ws_network_destroy(network);
    return result;
}

static void compare_way(const char *name, const ws_graph *graph, const way *by, const outcome *want)
{
    const outcome got = run(graph, by, 0);
    double worst = 0.0;

    assert_true(way_relative_error(got.logits, want->logits, N_SAMPLES * N_LABELS) < 1e-5);
    for (size_t p = 0; p < graph->n_parameters; p++) {
        const size_t at = graph->parameters[p].offset;
        const double error =
            way_relative_error(got.gradients + at, want->gradients + at, graph->parameters[p].size);
        if (!(error < 1e-5))
            fail_msg("%s, %s: gradient of %s is off by %g of its largest", name, by->name,
                     graph->parameters[p].name, error);
        worst = fmax(worst, error);
    }
    print_message("  %s, %s: worst gradient %.1e\n", name, by->name, worst);
    free(got.gradients);
}

static void silence_has_no_gradient_of_rounding(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_GEOMETRIES; i++) {
        static ws_graph graph;
        build(&graph, &geometries[i]);
        const outcome want = run(&graph, &way_reference, 0);
        for (size_t w = 0; w < N_FAST_WAYS; w++)
            if (way_can_go(&fast_ways[w]))
                compare_way(geometries[i].name, &graph, &fast_ways[w], &want);
        free(want.gradients);
    }
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_GEOMETRIES; i++) {
        static ws_graph graph;
        build(&graph, &geometries[i]);
        const outcome one = run(&graph, &fast_ways[2], 1);
        for (unsigned n_threads = 2; n_threads <= 3; n_threads++) {
            const outcome many = run(&graph, &fast_ways[2], n_threads);
            assert_memory_equal(many.gradients, one.gradients, graph.n_weights * sizeof(float));
            assert_memory_equal(many.logits, one.logits, sizeof one.logits);
            free(many.gradients);
        }
        free(one.gradients);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_are_their_definition),
        cmocka_unit_test(maps_are_added),
        cmocka_unit_test(only_dead_places_become_zero),
        cmocka_unit_test(silence_has_no_gradient_of_rounding),
        cmocka_unit_test(threads_do_not_change_a_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
