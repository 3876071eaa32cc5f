/* Blocks of few lanes: kernels of the lanes engine give for 4 samples in a block of 4 lanes what
 * they give for them in a block of 16, on every level that this processor has; max pooling is
 * compared with a plain loop. Gradients of weights are in test_lanes.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/guarded.h"
#include "nn/engine/lanes/maps.h"
#include "nn/engine/lanes/products.h"

enum { N_ROWS = 2, MAX_C = 21, MAX_W = 6, N_SOURCES = 5, BANDS = 2 };

/** Sources and a result of a map in one of the two layouts. */
typedef struct layout {
    size_t n_lanes;
    float *sources[N_SOURCES];
    guarded y, second;
} layout;

/** The same samples in both; other lanes have numbers, too. */
typedef struct trial {
    layout wide, few;
    size_t w, c;
    float factors[8][BANDS * MAX_C];
} trial;

static void layout_init(layout *l, size_t n_lanes, size_t n)
{
    l->n_lanes = n_lanes;
    for (size_t i = 0; i < N_SOURCES; i++)
        l->sources[i] = zeros_create(n * n_lanes, sizeof(float));
    l->y = guarded_create(n * n_lanes);
    l->second = guarded_create(n * n_lanes);
}

static void layout_deinit(layout *l)
{
    for (size_t i = 0; i < N_SOURCES; i++)
        free(l->sources[i]);
    guarded_destroy(&l->y);
    guarded_destroy(&l->second);
}

static void trial_init(trial *t, size_t w, size_t c)
{
    const size_t n = N_ROWS * w * c;

    t->w = w;
    t->c = c;
    layout_init(&t->wide, WS_LANES, n);
    layout_init(&t->few, WS_FEW_LANES, n);
    for (size_t i = 0; i < N_SOURCES; i++) {
        fill_random(t->few.sources[i], n * WS_FEW_LANES, (uint32_t)i);
        fill_random(t->wide.sources[i], n * WS_LANES, 10);
        for (size_t e = 0; e < n; e++)
            memcpy(t->wide.sources[i] + e * WS_LANES, t->few.sources[i] + e * WS_FEW_LANES,
                   WS_FEW_LANES * sizeof(float));
    }
    for (size_t i = 0; i < sizeof t->factors / sizeof *t->factors; i++)
        fill_random(t->factors[i], BANDS * MAX_C, 20 + (uint32_t)i);
}

static void trial_deinit(trial *t)
{
    layout_deinit(&t->wide);
    layout_deinit(&t->few);
}

/** How a map is called: bits of `parts` say what it has. */
enum { HAS_FACTORS = 1, HAS_N = 2, HAS_Z = 4, HAS_Q = 8, IS_NARROW = 16, HAS_DEAD = 32 };

static ws_lanes_map describe(const trial *t, const layout *l, unsigned parts, ws_lanes_gate gate)
{
    static const float live[WS_LANES] = {1, 1, 1};
    const size_t row = t->w * t->c * l->n_lanes;
    const bool is_narrow = (parts & IS_NARROW) != 0;
    const size_t ahead = l->n_lanes == WS_LANES ? 0 : 100000; /* far after the end */

    return (ws_lanes_map){
        .n_rows = N_ROWS,
        .w = t->w,
        .c = t->c,
        .n_bands = t->w % BANDS == 0 ? BANDS : 1,
        .y = l->y.at,
        .y_pitch = row,
        .x = {l->sources[0], row, ahead},
        .z = {parts & HAS_Z ? l->sources[1] : NULL, row, ahead},
        .n = {parts & HAS_N ? l->sources[2] : NULL, row, 0},
        .m = {l->sources[3], row, ahead},
        .q = {parts & HAS_Q ? l->sources[4] : NULL, row, ahead},
        .z_is_narrow = is_narrow,
        .n_is_narrow = is_narrow,
        .factor = 0.75f,
        .a = parts & HAS_FACTORS ? t->factors[0] : NULL,
        .b = parts & HAS_FACTORS ? t->factors[1] : NULL,
        .m_a = t->factors[2],
        .m_b = t->factors[3],
        .q_a = t->factors[4],
        .q_b = t->factors[5],
        .q_c = t->factors[6],
        .mean = t->factors[7],
        .live = parts & HAS_DEAD ? live : NULL,
        .gate = gate,
        .levels = {.min = -0.5f, .max = 0.75f, .scale = 1.25f / 255.0f, .zero = 102.0f},
        .x_channels = t->c,
        .y_channels = t->c,
    };
}

/** The first n numbers of each sample are equal; sums may have been added in another order. */
static void check_equal(const char *what, const trial *t, const guarded *few, const guarded *wide,
                        size_t n)
{
    for (size_t e = 0; e < n; e++)
        for (size_t lane = 0; lane < WS_FEW_LANES; lane++) {
            const float got = few->at[e * WS_FEW_LANES + lane];
            const float want = wide->at[e * WS_LANES + lane];
            const float error = got > want ? got - want : want - got;
            if (!(error <= 1e-6f * (1.0f + (want < 0.0f ? -want : want))))
                fail_msg("%s, %zu x %zu, number %zu, lane %zu: %.9g, not %.9g", what, t->w, t->c, e,
                         lane, (double)got, (double)want);
        }
}

static void check_joins(const trial *t, const ws_lanes_maps *few, const ws_lanes_maps *wide)
{
    for (unsigned parts = 0; parts < 64; parts++) {
        if ((parts & HAS_Q) && (parts & (HAS_FACTORS | HAS_Z)))
            continue;
        for (ws_lanes_gate gate = WS_LANES_GATE_OPEN; gate <= WS_LANES_GATE_MASK_NORM; gate++) {
            const ws_lanes_map a = describe(t, &t->few, parts, gate);
            const ws_lanes_map b = describe(t, &t->wide, parts, gate);
            few->join(&a);
            wide->join(&b);
            check_equal("join", t, &t->few.y, &t->wide.y, N_ROWS * t->w * t->c);
        }
    }
}

typedef struct named_map {
    const char *name;
    size_t offset; /* of the function in ws_lanes_maps */
    size_t n_w;    /* pixels of a row that it gives; 0: all */
    bool is_narrow;
} named_map;

static void check_maps(const trial *t, const ws_lanes_maps *few, const ws_lanes_maps *wide)
{
    static const named_map maps[] = {
        {"copy", offsetof(ws_lanes_maps, copy), 0, false},
        {"expand", offsetof(ws_lanes_maps, expand), 0, false},
        {"multiply", offsetof(ws_lanes_maps, multiply), 0, false},
        {"multiply, narrow", offsetof(ws_lanes_maps, multiply), 0, true},
        {"sigmoid", offsetof(ws_lanes_maps, sigmoid), 0, false},
        {"sigmoid back", offsetof(ws_lanes_maps, sigmoid_back), 0, false},
        {"silu", offsetof(ws_lanes_maps, silu), 0, false},
        {"silu back", offsetof(ws_lanes_maps, silu_back), 0, false},
        {"quantize", offsetof(ws_lanes_maps, quantize), 0, false},
        {"quantize back", offsetof(ws_lanes_maps, quantize_back), 0, false},
        {"sum_w", offsetof(ws_lanes_maps, sum_w), 1, false},
    };

    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        for (unsigned factors = 0; factors <= HAS_FACTORS; factors++) {
            const unsigned parts = HAS_Z | factors | (maps[i].is_narrow ? IS_NARROW : 0u);
            ws_lanes_map a = describe(t, &t->few, parts, WS_LANES_GATE_OPEN);
            ws_lanes_map b = describe(t, &t->wide, parts, WS_LANES_GATE_OPEN);
            const size_t n_w = maps[i].n_w > 0 ? maps[i].n_w : t->w;
            void (*run)(const ws_lanes_map *);
            a.y_pitch = n_w * t->c * WS_FEW_LANES;
            b.y_pitch = n_w * t->c * WS_LANES;
            memcpy(&run, (const char *)few + maps[i].offset, sizeof run);
            run(&a);
            memcpy(&run, (const char *)wide + maps[i].offset, sizeof run);
            run(&b);
            check_equal(maps[i].name, t, &t->few.y, &t->wide.y, N_ROWS * n_w * t->c);
        }
    }
}

static void clear(layout *l)
{
    memset(l->y.at, 0, l->y.n * sizeof *l->y.at);
    memset(l->second.at, 0, l->second.n * sizeof *l->second.at);
}

static void run_sums(const ws_lanes_maps *maps, layout *l, const ws_lanes_map *map, int kind)
{
    clear(l);
    if (kind == 0)
        maps->sum_rows(map, l->y.at);
    else if (kind == 1)
        maps->moments(map, l->y.at, l->second.at);
    else if (kind == 2)
        maps->norm_sums(map, l->y.at, l->second.at);
    else
        maps->extremes(map, l->y.at, l->second.at);
}

static void check_sums(trial *t, const ws_lanes_maps *few, const ws_lanes_maps *wide)
{
    static const char *const names[] = {"sum_rows", "moments", "norm_sums", "extremes"};

    for (int kind = 0; kind < 4; kind++) {
        for (unsigned parts = 0; parts < 64; parts++) {
            for (ws_lanes_gate gate = WS_LANES_GATE_OPEN; gate <= WS_LANES_GATE_MASK_NORM; gate++) {
                const ws_lanes_map a = describe(t, &t->few, parts | HAS_Q, gate);
                const ws_lanes_map b = describe(t, &t->wide, parts | HAS_Q, gate);
                const size_t n = kind == 3 ? 1 : a.n_bands * t->c;
                run_sums(few, &t->few, &a, kind);
                run_sums(wide, &t->wide, &b, kind);
                check_equal(names[kind], t, &t->few.y, &t->wide.y, n);
                check_equal(names[kind], t, &t->few.second, &t->wide.second, n);
            }
        }
    }
}

/** Sums over the lanes, and samples to lanes and back. */
static void check_lanes(trial *t, const ws_lanes_maps *few)
{
    const size_t n = N_ROWS * t->w * t->c;
    guarded totals = guarded_create(n), samples = guarded_create(3 * n);

    few->add_lanes(t->few.sources[0], n, totals.at);
    for (size_t e = 0; e < n; e++) {
        double sum = 0.0;
        for (size_t lane = 0; lane < WS_FEW_LANES; lane++)
            sum += (double)t->few.sources[0][e * WS_FEW_LANES + lane];
        assert_float_equal(totals.at[e], (float)sum, 1e-6f);
    }
    few->unpack(t->few.sources[0], 3, n, samples.at);
    few->pack(samples.at, 3, n, t->few.y.at);
    for (size_t i = 0; i < n * WS_FEW_LANES; i++)
        assert_true(t->few.y.at[i] == (i % WS_FEW_LANES < 3 ? t->few.sources[0][i] : 0.0f));
    guarded_destroy(&totals);
    guarded_destroy(&samples);
}

static void test_maps(void **state)
{
    (void)state;
    for (ws_cpu_level level = 0; level <= ws_cpu_level_get_best(); level++) {
        const ws_lanes_maps *few = ws_lanes_maps_few_get(level), *wide = ws_lanes_maps_get(level);
        for (size_t c = 1; c <= MAX_C; c++) {
            trial t;
            trial_init(&t, 1 + c * 5 % MAX_W, c);
            check_joins(&t, few, wide);
            check_maps(&t, few, wide);
            check_sums(&t, few, wide);
            check_lanes(&t, few);
            trial_deinit(&t);
        }
    }
}

/** The pixels of a row under one window, of which the second one gets no gradient. */
static void run_max(const ws_lanes_maps *maps, const trial *t, layout *l)
{
    const float *x[MAX_W];
    float *dx[MAX_W];
    const size_t pixel = t->c * l->n_lanes;

    memset(l->second.at, 0, l->second.n * sizeof *l->second.at);
    for (size_t j = 0; j < t->w; j++) {
        x[j] = l->sources[0] + j * pixel;
        dx[j] = j == 1 ? NULL : l->second.at + j * pixel;
    }
    maps->max(x, t->w, t->c, l->y.at);
    maps->max_back(x, t->w, t->c, l->sources[1], dx);
}

/** One channel of a sample, by a plain loop: where its gradient goes. */
static size_t find_winner(const trial *t, size_t c, size_t lane)
{
    size_t winner = 0;
    float best = 0.0f;

    for (size_t j = 0; j < t->w; j++) {
        const float x = t->few.sources[0][(j * t->c + c) * WS_FEW_LANES + lane];
        if (j == 0 || x > best || isnan(x)) {
            winner = j;
            best = x;
        }
    }
    return winner;
}

/** Some numbers are equal, some are NaN. */
static void test_max(void **state)
{
    (void)state;
    for (ws_cpu_level level = 0; level <= ws_cpu_level_get_best(); level++) {
        for (size_t c = 1; c <= MAX_C; c++) {
            trial t;
            trial_init(&t, 1 + c * 5 % MAX_W, c);
            for (size_t i = 0; i < t.w * c * WS_FEW_LANES; i++) {
                const float x = t.few.sources[0][i];
                const float number = x > 0.9f ? NAN : x > 0.0f ? 0.5f : x;
                t.few.sources[0][i] = number;
                t.wide.sources[0][i / WS_FEW_LANES * WS_LANES + i % WS_FEW_LANES] = number;
            }
            run_max(ws_lanes_maps_few_get(level), &t, &t.few);
            run_max(ws_lanes_maps_get(level), &t, &t.wide);
            for (size_t i = 0; i < t.w * c * WS_FEW_LANES; i++) {
                const size_t j = i / WS_FEW_LANES / c, lane = i % WS_FEW_LANES;
                const size_t k = i / WS_FEW_LANES % c, at = k * WS_FEW_LANES + lane;
                const size_t winner = find_winner(&t, k, lane);
                const float y = t.few.sources[0][winner * c * WS_FEW_LANES + at];
                const float dx = winner == j && j != 1 ? t.few.sources[1][at] : 0.0f;
                const size_t wide = i / WS_FEW_LANES * WS_LANES + lane;
                assert_true(t.few.y.at[at] == y || (isnan(y) && isnan(t.few.y.at[at])));
                assert_true(t.wide.y.at[k * WS_LANES + lane] == y ||
                            (isnan(y) && isnan(t.wide.y.at[k * WS_LANES + lane])));
                assert_true(t.few.second.at[i] == dx && t.wide.second.at[wide] == dx);
            }
            trial_deinit(&t);
        }
    }
}

enum { N_TAPS = 3 };

/** Pixels in turn are written once or twice, and the kernels ask for what lies ahead: where it is
 *  makes no difference. */
static void add_extras(const ws_lanes_products *products, const layout *l, size_t n_pixel,
                       ws_lanes_ahead *ahead, ws_lanes_pixels *pixels)
{
    ahead->n = 3;
    ahead->next = 0;
    for (size_t i = 0; i < ahead->n; i++) {
        ahead->runs[i].at = l->sources[1] + i * 10000000;
        ahead->runs[i].n = 16 + i * 160;
    }
    for (size_t i = 0; i < pixels->n && products->keeps; i += 2)
        pixels->kept[i] = l->second.at + i * n_pixel;
}

/** All pixels of a row but the last ones, which taps reach. */
static void run_products(const ws_lanes_products *products, const trial *t, const layout *l,
                         size_t n_out, const float *weights, bool is_depthwise)
{
    ws_lanes_tap taps[N_TAPS];
    ws_lanes_ahead ahead;
    const ws_lanes_product product = {.taps = taps,
                                      .n_taps = N_TAPS,
                                      .n_in = t->c,
                                      .n_out = n_out,
                                      .weights = weights,
                                      .bias = t->factors[0],
                                      .ahead = l->n_lanes == WS_LANES ? &ahead : NULL};
    ws_lanes_pixels pixels = {.n = 0};

    for (size_t i = 0; i < N_TAPS; i++)
        taps[i] = (ws_lanes_tap){.offset = (ptrdiff_t)((N_TAPS - 1 - i) * t->c * WS_LANES),
                                 .weights = i * n_out * (is_depthwise ? 1 : t->c)};
    for (size_t j = 0; j + N_TAPS <= t->w; j++) {
        pixels.x[pixels.n] = l->sources[0] + j * t->c * l->n_lanes;
        pixels.y[pixels.n++] = l->y.at + j * n_out * l->n_lanes;
    }
    add_extras(products, l, n_out * l->n_lanes, &ahead, &pixels);
    memset(l->second.at, 0, l->second.n * sizeof *l->second.at);
    (is_depthwise ? products->sum_depthwise : products->sum)(&product, &pixels);
    assert_true(ahead.next <= ahead.n);
    if (!is_depthwise && product.ahead != NULL)
        assert_true(ahead.next > 0); /* of one line: every loop has a round */
    for (size_t i = 0; i < pixels.n; i++) {
        const float *kept = l->second.at + i * n_out * l->n_lanes;
        for (size_t e = 0; e < n_out * l->n_lanes; e++)
            assert_true(kept[e] == (pixels.kept[i] != NULL ? pixels.y[i][e] : 0.0f));
    }
}

static void test_products(void **state)
{
    float weights[N_TAPS * MAX_C * 2 * MAX_C];

    (void)state;
    fill_random(weights, sizeof weights / sizeof *weights, 30);
    for (ws_cpu_level level = 0; level <= ws_cpu_level_get_best(); level++) {
        const ws_lanes_products *few = ws_lanes_products_few_get(level);
        const ws_lanes_products *wide = ws_lanes_products_get(level);
        for (size_t c = 1; c <= MAX_C; c++) {
            trial t;
            trial_init(&t, N_TAPS + 5, c);
            for (int is_depthwise = 0; is_depthwise < 2; is_depthwise++) {
                /* y has room for w pixels of c channels */
                const size_t n_out = is_depthwise ? c : 2 * c - 1;
                run_products(few, &t, &t.few, n_out, weights, is_depthwise > 0);
                run_products(wide, &t, &t.wide, n_out, weights, is_depthwise > 0);
                check_equal(is_depthwise ? "depthwise" : "convolution", &t, &t.few.y, &t.wide.y,
                            (t.w - N_TAPS + 1) * n_out);
            }
            trial_deinit(&t);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_maps),
        cmocka_unit_test(test_max),
        cmocka_unit_test(test_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
