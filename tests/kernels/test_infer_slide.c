/* Overlapping windows of a stream: with rows kept from window to window, each window gives the bits
 * that it gives by itself, for every model, graphs that branch and random chains of windows, on
 * every instruction set, from all distances of two windows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "kernels/branching_graphs.h"
#include "kernels/guarded.h"
#include "models/model.h"
#include "nn/infer/infer.h"
#include "support/count_alloc.h"
#include "support/models.h"
#include "support/thin.h"

/** A graph with random numbers, and windows of a stream of random frames. */
typedef struct fixture {
    const ws_graph *graph;
    const char *name;
    bool is_large; /* only on the best instruction set */
    float *parameters, *states;
    size_t n_windows;
    float *frames; /* [(n_windows - 1) * n_rows + rows of a window, row] */
    float *alone;  /* [n_windows, n_labels] what each window gives by itself */
} fixture;

static ws_infer *create(const fixture *f, size_t n_rows, ws_cpu_level level)
{
    ws_infer *infer;
    ws_error err;

    if (ws_infer_create_sliding(&infer, f->graph, &(ws_infer_numbers){f->parameters, f->states},
                                n_rows, level, &err) != WS_OK)
        fail_msg("%s: %s", f->name, err.message);
    return infer;
}

static void check_window(const fixture *f, size_t window, size_t n_rows, ws_cpu_level level,
                         const float *got)
{
    const size_t n_labels = ws_graph_n_labels(f->graph);
    const float *want = f->alone + window * n_labels;

    for (size_t i = 0; i < n_labels; i++) {
        if (memcmp(&got[i], &want[i], sizeof *got) != 0)
            fail_msg("%s on %s, %zu rows from window to window: output %zu of window %zu is %.9g, "
                     "expected %.9g",
                     f->name, ws_cpu_level_get_name(level), n_rows, i, window, (double)got[i],
                     (double)want[i]);
    }
}

/** All windows one by one; again from the middle, as another stream, in calls of some. */
static void check_level(const fixture *f, size_t n_rows, ws_cpu_level level)
{
    const ws_shape in = ws_graph_input_shape(f->graph);
    const size_t n_labels = ws_graph_n_labels(f->graph), row = in.w * in.c, first = 3;
    ws_infer *plain = create(f, 0, level), *sliding = create(f, n_rows, level);
    float *windows = zeros_create(f->n_windows * in.h * row, sizeof *windows);
    float *got = zeros_create(f->n_windows * n_labels, sizeof *got);

    for (size_t i = 0; i < f->n_windows; i++)
        memcpy(windows + i * in.h * row, f->frames + i * n_rows * row,
               in.h * row * sizeof *windows);
    const size_t allocated = ws_test_n_allocations();
    ws_infer_run(plain, windows, f->n_windows, f->alone);
    for (size_t i = 0; i < f->n_windows; i++) {
        ws_infer_run(sliding, f->frames + i * n_rows * row, 1, got);
        check_window(f, i, n_rows, level, got);
    }
    ws_infer_reset(sliding);
    ws_infer_run(sliding, windows + first * in.h * row, 2, got);
    ws_infer_run(sliding, windows + (first + 2) * in.h * row, f->n_windows - first - 2,
                 got + 2 * n_labels);
    assert_int_equal(ws_test_n_allocations(), allocated);
    for (size_t i = first; i < f->n_windows; i++)
        check_window(f, i, n_rows, level, got + (i - first) * n_labels);
    free(windows);
    free(got);
    ws_infer_destroy(plain);
    ws_infer_destroy(sliding);
}

static void check_rows(fixture *f, size_t n_rows)
{
    const ws_shape in = ws_graph_input_shape(f->graph);
    const size_t row = in.w * in.c;

    /* all rows of a value, and a few more, so that the copies have moved to their beginning */
    f->n_windows = 8 + in.h * 3 / 2 / n_rows;
    const size_t n_frames = (f->n_windows - 1) * n_rows + in.h;
    f->frames = zeros_create(n_frames * row + 1, sizeof *f->frames);
    f->alone = zeros_create(f->n_windows * ws_graph_n_labels(f->graph), sizeof *f->alone);
    fill_random(f->frames, n_frames * row, (uint32_t)n_rows);
    const size_t n_levels = f->is_large ? 1 : ws_test_n_sizes(WS_CPU_N_LEVELS, 1);
    const size_t best = (size_t)ws_cpu_level_get_best();
    for (size_t i = 0; i < n_levels && i <= best; i++)
        check_level(f, n_rows, (ws_cpu_level)(best - i));
    free(f->frames);
    free(f->alone);
}

static fixture open_fixture(const ws_graph *graph, const char *name)
{
    fixture f = {.graph = graph, .name = name};
    ws_error err;

    if (ws_graph_status(graph, &err) != WS_OK)
        fail_msg("%s: %s", name, err.message);
    f.parameters = zeros_create(graph->n_weights + 1, sizeof *f.parameters);
    f.states = zeros_create(graph->n_state_numbers + 1, sizeof *f.states);
    fill_random(f.parameters, graph->n_weights, 1);
    for (size_t i = 0; i < graph->n_weights; i++)
        f.parameters[i] *= 0.4f;
    for (size_t i = 0; i < graph->n_state_numbers; i++)
        f.states[i] = 0.2f + 0.1f * (float)(i % 9);
    return f;
}

static void close_fixture(fixture *f)
{
    free(f->parameters);
    free(f->states);
}

static void check(const ws_graph *graph, const char *name, size_t most_rows)
{
    fixture f = open_fixture(graph, name);

    f.is_large = graph->n_weights > 500000;
    for (size_t n_rows = f.is_large ? most_rows : 1; n_rows <= most_rows; n_rows++)
        check_rows(&f, n_rows);
    close_fixture(&f);
}

static void models(void **state)
{
    (void)state;
    for (size_t i = 0; i < WS_TEST_N_MODELS; i++) {
        const ws_model_settings settings = ws_test_model_settings(49, 40, 12);
        const ws_model *model;
        ws_graph graph;

        assert_int_equal(ws_model_find(&model, ws_test_models[i], NULL), WS_OK);
        assert_int_equal(model->build(&graph, &settings, NULL), WS_OK);
        check(&graph, ws_test_models[i], 3);
        ws_graph_deinit(&graph);
    }
}

static void branching(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_BRANCHING_GRAPHS; i++) {
        ws_graph graph;

        ws_graph_init(&graph);
        branching_graphs[i].build(&graph);
        check(&graph, branching_graphs[i].name, 4);
        ws_graph_deinit(&graph);
    }
}

/** The networks that are padded along time compute less: they keep values. */
static void padded_networks_keep_rows(void **state)
{
    static const char *const names[] = {"conv", "tiny_conv", "bc_resnet_1", "ds_cnn_s",
                                        "tc_resnet_8"};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        const ws_model_settings settings = ws_test_model_settings(98, 40, 12);
        const ws_model *model;
        ws_graph graph;

        assert_int_equal(ws_model_find(&model, names[i], NULL), WS_OK);
        assert_int_equal(model->build(&graph, &settings, NULL), WS_OK);
        fixture f = open_fixture(&graph, names[i]);
        ws_infer *plain = create(&f, 0, WS_CPU_GENERIC), *far = create(&f, 98, WS_CPU_GENERIC);
        ws_infer *sliding = create(&f, 2, WS_CPU_GENERIC);
        assert_int_equal(ws_infer_get_bytes(far), ws_infer_get_bytes(plain));
        if (ws_infer_get_bytes(sliding) <= ws_infer_get_bytes(plain))
            fail_msg("%s keeps no rows", names[i]);
        ws_infer_destroy(plain);
        ws_infer_destroy(far);
        ws_infer_destroy(sliding);
        close_fixture(&f);
        ws_graph_deinit(&graph);
    }
}

/** What is not a number is gone when the stream is two windows further. */
static void not_a_number(void **state)
{
    enum { H = 49, W = 40, N_FRAMES = 4 * H + 8, FRAME = H };
    const ws_model_settings settings = ws_test_model_settings(H, W, 12);

    (void)state;
    for (size_t i = 0; i < WS_TEST_N_MODELS; i++) {
        const ws_model *model;
        ws_graph graph;
        float got[12], want[12];

        assert_int_equal(ws_model_find(&model, ws_test_models[i], NULL), WS_OK);
        assert_int_equal(model->build(&graph, &settings, NULL), WS_OK);
        fixture f = open_fixture(&graph, ws_test_models[i]);
        ws_infer *plain = create(&f, 0, ws_cpu_level_get_best());
        ws_infer *sliding = create(&f, 2, ws_cpu_level_get_best());
        float *frames = zeros_create(N_FRAMES * W, sizeof *frames);
        fill_random(frames, N_FRAMES * W, 7);
        for (size_t k = 0; k < W; k++)
            frames[FRAME * W + k] = NAN;
        for (size_t first = 0; first + H <= N_FRAMES; first += 2) {
            ws_infer_run(sliding, frames + first * W, 1, got);
            ws_infer_run(plain, frames + first * W, 1, want);
            if (isnan(want[0]))
                assert_true(isnan(got[0]));
            else if (first < FRAME || first > FRAME + 2 * H)
                assert_memory_equal(got, want, sizeof want);
        }
        free(frames);
        ws_infer_destroy(plain);
        ws_infer_destroy(sliding);
        close_fixture(&f);
        ws_graph_deinit(&graph);
    }
}

/** One operator with rows, at random. */
static size_t push_random(ws_graph *g, ws_random *random, size_t x, size_t number)
{
    const size_t kernels[] = {1, 2, 3, 5};
    char name[24];
    ws_conv2d_args a = {
        .kernel_h = kernels[ws_random_below(random, 4)],
        .kernel_w = kernels[ws_random_below(random, 3)],
        .n_channels = 1 + ws_random_below(random, 24),
        .stride_h = 1 + ws_random_below(random, 4) / 3,
        .stride_w = 1,
        .dilation_h = 1 + ws_random_below(random, 2),
        .dilation_w = 1,
        .padding = WS_PADDING_SAME,
        .init = {WS_INIT_UNIFORM, 0.5},
    };
    const ws_pool_args p = {a.kernel_h, a.kernel_w, a.stride_h, 1, WS_PADDING_SAME, {0, 0, 0, 0}};

    snprintf(name, sizeof name, "n%zu", number);
    a.name = name;
    switch (ws_random_below(random, 12)) {
    case 0:
    case 1:
        return ws_graph_push_conv2d(g, x, &a);
    case 2:
    case 3:
        return ws_graph_push_relu(g, ws_graph_push_depthwise(g, x, &a));
    case 4:
        return ws_graph_push_max_pool(g, x, &p);
    case 5:
        return ws_graph_push_average_pool(g, x, &p);
    case 6:
        return ws_graph_push_silu(g, x);
    case 7:
        return ws_graph_push_add(g, x, ws_graph_push_mean(g, x, WS_AXIS_W));
    case 8:
        return ws_graph_push_mul(g, x, ws_graph_push_sigmoid(g, x));
    case 9:
        return ws_graph_push_batch_norm(g, x, &(ws_norm_args){.name = name});
    case 10: {
        const size_t parts[] = {x, ws_graph_push_sigmoid(g, x)};
        return ws_graph_push_relu(g, ws_graph_push_concat(g, parts, 2));
    }
    default:
        a.stride_h = a.dilation_h = 1;
        a.kernel_h = 3;
        a.n_channels = g->nodes[x].shape.c;
        return ws_graph_push_relu(g, ws_graph_push_add(g, x, ws_graph_push_conv2d(g, x, &a)));
    }
}

static void random_chains(void **state)
{
    ws_random random;

    (void)state;
    ws_random_init(&random, 10, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < ws_test_n_sizes(50, 20); i++) {
        ws_graph graph;
        char name[32];

        snprintf(name, sizeof name, "chain %zu", i);
        ws_graph_init(&graph);
        size_t x = ws_graph_push_input(&graph, (ws_shape){20 + ws_random_below(&random, 30),
                                                          1 + ws_random_below(&random, 5),
                                                          1 + ws_random_below(&random, 4)});
        const size_t n = 1 + ws_random_below(&random, 6);
        for (size_t k = 0; k < n; k++)
            x = push_random(&graph, &random, x, k);
        if (i % 2 == 0) { /* rows that the end of a window cuts off; a mean over all of them */
            x = ws_graph_push_slice(&graph, x, (ws_shape){i % 3, 0, 0},
                                    (ws_shape){graph.nodes[x].shape.h - i % 3, 0, 0});
            (void)ws_graph_push_mean(&graph, x, WS_AXIS_H);
        }
        check(&graph, name, 3);
        ws_graph_deinit(&graph);
    }
}

/** A convolution with so many products that sums are kept, with what can follow it. */
static size_t push_large(ws_graph *g, ws_random *random, size_t x, size_t number)
{
    const size_t n_in = g->nodes[x].shape.c;
    char name[24];
    ws_conv2d_args a = {
        .kernel_h = 2 + ws_random_below(random, 6),
        .kernel_w = 1 + ws_random_below(random, 5),
        .n_channels = 16 * (1 + ws_random_below(random, 3)) + ws_random_below(random, 4) / 3,
        .stride_h = 1 + ws_random_below(random, 4) / 3,
        .stride_w = 1,
        .dilation_h = 1 + ws_random_below(random, 4) / 3,
        .dilation_w = 1,
        .padding = WS_PADDING_SAME,
        .init = {WS_INIT_UNIFORM, 0.5},
    };

    snprintf(name, sizeof name, "n%zu", number);
    a.name = name;
    if (number > 0 && ws_random_below(random, 3) == 0) {
        a.stride_h = 1;
        a.n_channels = n_in;
        return ws_graph_push_relu(g, ws_graph_push_add(g, x, ws_graph_push_conv2d(g, x, &a)));
    }
    x = ws_graph_push_conv2d(g, x, &a);
    if (ws_random_below(random, 2) == 0)
        return x;
    snprintf(name, sizeof name, "b%zu", number);
    x = ws_graph_push_bias_add(g, x, name);
    return ws_random_below(random, 3) == 0 ? ws_graph_push_silu(g, x) : ws_graph_push_relu(g, x);
}

static void large_chains(void **state)
{
    ws_random random;

    (void)state;
    ws_random_init(&random, 11, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < ws_test_n_sizes(30, 6); i++) {
        ws_graph graph;
        char name[32];

        snprintf(name, sizeof name, "large chain %zu", i);
        ws_graph_init(&graph);
        size_t x = ws_graph_push_input(&graph, (ws_shape){24 + ws_random_below(&random, 20),
                                                          5 + ws_random_below(&random, 20),
                                                          1 + 16 * ws_random_below(&random, 2)});
        const size_t n = 1 + ws_random_below(&random, 3);
        for (size_t k = 0; k < n; k++)
            x = push_large(&graph, &random, x, k);
        if (i % 3 == 0)
            (void)ws_graph_push_mean(&graph, x, WS_AXIS_W);
        check(&graph, name, 3);
        ws_graph_deinit(&graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models),
        cmocka_unit_test(branching),
        cmocka_unit_test(padded_networks_keep_rows),
        cmocka_unit_test(not_a_number),
        cmocka_unit_test(random_chains),
        cmocka_unit_test(large_chains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
