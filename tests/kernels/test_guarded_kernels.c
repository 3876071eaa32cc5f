/* Dense layers, tails of tiles and dropout masks on each level of instruction sets: between guards,
 * against plain sums, at odd sizes. (test_engine.c runs them inside whole networks.) */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/guarded.h"
#include "nn/dropout.h"
#include "nn/engine/common/tile_tail.h"
#include "nn/engine/gemm/dense_kernels.h"

#define FOR_ALL_LEVELS(level) \
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++)

/* ---- dense layers ---- */

typedef struct dense_case {
    size_t n, n_in, n_out;
    ws_range part;
} dense_case;

static const dense_case dense_cases[] = {
    {1, 1, 1, {0, 1}},     {3, 17, 5, {0, 17}},  {7, 300, 12, {0, 300}}, {5, 300, 12, {13, 290}},
    {2, 40, 16, {39, 40}}, {9, 33, 17, {1, 33}}, {4, 600, 33, {5, 530}}, {17, 20, 63, {0, 20}},
};

/** Whatever a part does not own stays as guarded_create has filled it. */
static void check_forward(const dense_case *c, ws_cpu_level level)
{
    const size_t stride = ws_dense_out_stride(c->n_out);
    guarded x = guarded_create(c->n * c->n_in), w = guarded_create(c->n_in * c->n_out);
    guarded work = guarded_create(ws_dense_work_floats(c->n_out));
    guarded sums = guarded_create(c->n * stride);

    fill_random(x.at, x.n, 1);
    fill_random(w.at, w.n, 2);
    const ws_dense_product product = {c->n, c->n_in, c->n_out, x.at, w.at, work.at};
    ws_dense_kernels_get(level)->forward(&product, c->part, sums.at);
    for (size_t i = 0; i < c->n; i++) {
        for (size_t o = 0; o < stride; o++) {
            double want = 0.0;
            for (size_t k = c->part.begin; o < c->n_out && k < c->part.end; k++)
                want += (double)x.at[i * c->n_in + k] * (double)w.at[k * c->n_out + o];
            assert_true(fabs((double)sums.at[i * stride + o] - want) < 1e-4);
        }
    }
    guarded_destroy(&x);
    guarded_destroy(&w);
    guarded_destroy(&work);
    guarded_destroy(&sums);
}

/** Gradients of a part's rows; those of others are untouched. */
static void check_backward(const dense_case *c, ws_cpu_level level)
{
    const size_t stride = ws_dense_out_stride(c->n_out);
    guarded x = guarded_create(c->n * c->n_in), w = guarded_create(c->n_in * c->n_out);
    guarded work = guarded_create(ws_dense_work_floats(c->n_out));
    guarded dy = guarded_create(c->n * stride), dx = guarded_create(c->n * c->n_in);
    guarded dw = guarded_create(c->n_in * c->n_out), untouched = guarded_create(x.n + w.n);

    fill_random(x.at, x.n, 1);
    fill_random(w.at, w.n, 2);
    fill_random(dy.at, dy.n, 3);
    for (size_t at = 0; at < dy.n; at++)
        dy.at[at] = at % stride < c->n_out ? dy.at[at] : 0.0f;
    const ws_dense_product product = {c->n, c->n_in, c->n_out, x.at, w.at, work.at};
    ws_dense_kernels_get(level)->backward(&product, c->part, dy.at, dw.at, dx.at);
    for (size_t k = 0; k < c->n_in; k++) {
        const size_t row = k * c->n_out;
        if (k < c->part.begin || k >= c->part.end) {
            assert_memory_equal(dw.at + row, untouched.at + row, c->n_out * sizeof(float));
            continue;
        }
        for (size_t o = 0; o < c->n_out; o++) {
            double want = 0.0;
            for (size_t i = 0; i < c->n; i++)
                want += (double)x.at[i * c->n_in + k] * (double)dy.at[i * stride + o];
            assert_true(fabs((double)dw.at[row + o] - want) < 1e-4);
        }
        for (size_t i = 0; i < c->n; i++) {
            double want = 0.0;
            for (size_t o = 0; o < c->n_out; o++)
                want += (double)w.at[row + o] * (double)dy.at[i * stride + o];
            assert_true(fabs((double)dx.at[i * c->n_in + k] - want) < 1e-4);
        }
    }
    guarded *const all[] = {&x, &w, &work, &dy, &dx, &dw, &untouched};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        guarded_destroy(all[i]);
}

static void dense_layers(void **state)
{
    (void)state;
    FOR_ALL_LEVELS(level)
    {
        for (size_t i = 0; i < sizeof dense_cases / sizeof *dense_cases; i++) {
            check_forward(&dense_cases[i], level);
            check_backward(&dense_cases[i], level);
        }
    }
}

/* ---- tails of tiles ---- */

enum { LANES = WS_TILE_LANES, N_CHANNELS = 21, CHANNEL = 16, N_LIVE = N_CHANNELS - CHANNEL };

typedef struct tail_case {
    size_t middle_h, middle_w;
    ws_window pool; /* 1 x 1: none */
    bool has_relu, has_mask;
} tail_case;

static const tail_case tail_cases[] = {
    {1, 1, {.h = 1, .w = 1, .stride_h = 1, .stride_w = 1, .padding = WS_PADDING_VALID}, true, true},
    {5,
     7,
     {.h = 1, .w = 1, .stride_h = 1, .stride_w = 1, .padding = WS_PADDING_VALID},
     false,
     false},
    {4, 6, {.h = 2, .w = 2, .stride_h = 2, .stride_w = 2, .padding = WS_PADDING_SAME}, true, true},
    {5, 7, {.h = 2, .w = 2, .stride_h = 2, .stride_w = 2, .padding = WS_PADDING_SAME}, true, true},
    {5,
     7,
     {.h = 3,
      .w = 3,
      .stride_h = 2,
      .stride_w = 1,
      .padding = WS_PADDING_SAME,
      .zeros = {.before_h = 1, .before_w = 1}},
     false,
     true},
    {6,
     5,
     {.h = 3, .w = 2, .stride_h = 3, .stride_w = 2, .padding = WS_PADDING_VALID},
     true,
     false},
};

static size_t count_out(size_t n, size_t window, size_t stride, ws_padding padding)
{
    return padding == WS_PADDING_SAME ? (n + stride - 1) / stride : (n - window) / stride + 1;
}

/** Everything about a case but the arrays. */
static ws_tile_tail make_tail(const tail_case *c, const uint32_t *keep)
{
    ws_tile_tail tail = {
        .middle = {c->middle_h, c->middle_w, N_CHANNELS},
        .out = {count_out(c->middle_h, c->pool.h, c->pool.stride_h, c->pool.padding),
                count_out(c->middle_w, c->pool.w, c->pool.stride_w, c->pool.padding), N_CHANNELS},
        .pool = c->pool,
        .has_relu = c->has_relu,
        .channel = CHANNEL,
        .keep = c->has_mask ? keep : NULL,
        .scale = c->has_mask ? 2.0f : 1.0f,
    };
    for (int lane = 0; lane < N_LIVE; lane++)
        tail.bias[lane] = 0.1f * (float)lane - 0.2f;
    return tail;
}

/** What element (i, j, lane) of z becomes before the pooling. */
static float plain_value(const ws_tile_tail *tail, const float *z, size_t place, size_t lane)
{
    const size_t e = place * N_CHANNELS + CHANNEL + lane;
    const float sum = z[place * LANES + lane] + tail->bias[lane];
    const float value = tail->has_relu && sum < 0.0f ? 0.0f : sum;
    const bool is_kept = tail->keep == NULL || (tail->keep[e / 32] >> (e % 32) & 1) != 0;
    return is_kept ? value * tail->scale : 0.0f;
}

/** The winner of the window of output (oi, oj): its place in middle. */
static size_t plain_winner(const ws_tile_tail *tail, const float *z, size_t oi, size_t oj,
                           size_t lane)
{
    size_t winner = SIZE_MAX;
    for (size_t u = 0; u < tail->pool.h; u++) {
        for (size_t v = 0; v < tail->pool.w; v++) {
            const size_t i = oi * tail->pool.stride_h + u, j = oj * tail->pool.stride_w + v;
            if (i < tail->pool.zeros.before_h || j < tail->pool.zeros.before_w ||
                i - tail->pool.zeros.before_h >= tail->middle.h ||
                j - tail->pool.zeros.before_w >= tail->middle.w)
                continue;
            const size_t place =
                (i - tail->pool.zeros.before_h) * tail->middle.w + j - tail->pool.zeros.before_w;
            if (winner == SIZE_MAX ||
                plain_value(tail, z, place, lane) > plain_value(tail, z, winner, lane))
                winner = place;
        }
    }
    return winner;
}

static void check_tail(const tail_case *c, ws_cpu_level level)
{
    static uint32_t keep[64];
    const size_t n_middle = c->middle_h * c->middle_w;
    guarded z = guarded_create(n_middle * LANES), dz = guarded_create(n_middle * LANES);
    for (size_t i = 0; i < sizeof keep / sizeof *keep; i++)
        keep[i] = (uint32_t)(i + 1) * 2654435761u;
    ws_tile_tail tail = make_tail(c, keep);
    const size_t n_out = tail.out.h * tail.out.w;
    guarded y = guarded_create(n_out * LANES), dy = guarded_create(n_out * LANES);
    guarded codes = guarded_create(n_out * LANES / sizeof(float)), sums = guarded_create(LANES);
    const ws_tile_rows all = {{0, tail.middle.h}, {0, tail.out.h}};
    double *want = zeros_create(n_middle * LANES, sizeof *want);
    double want_sums[LANES] = {0.0};

    tail.codes = (uint8_t *)codes.at;
    fill_random(z.at, z.n, 4);
    fill_random(dy.at, dy.n, 5);
    memset(sums.at, 0, LANES * sizeof(float));
    ws_tile_tail_kernels_get(level)->forward(&tail, all, z.at, (ws_tile_places){y.at, LANES});
    ws_tile_tail_kernels_get(level)->backward(&tail, all, (ws_tile_places){dy.at, LANES}, dz.at,
                                              sums.at);
    for (size_t o = 0; o < n_out; o++) {
        for (size_t lane = 0; lane < N_LIVE; lane++) {
            const size_t winner = plain_winner(&tail, z.at, o / tail.out.w, o % tail.out.w, lane);
            const float value = plain_value(&tail, z.at, winner, lane);
            const double gradient = (double)dy.at[o * LANES + lane] * (double)tail.scale;
            assert_true(fabsf(y.at[o * LANES + lane] - value) < 1e-6f);
            if (value != 0.0f) { /* what ReLU or dropout made zero passes nothing */
                want[winner * LANES + lane] += gradient;
                want_sums[lane] += gradient;
            }
        }
    }
    for (size_t at = 0; at < n_middle * LANES; at++)
        if (at % LANES < N_LIVE)
            assert_true(fabs((double)dz.at[at] - want[at]) < 1e-5);
    for (size_t lane = 0; lane < N_LIVE; lane++)
        assert_true(fabs((double)sums.at[lane] - want_sums[lane]) < 1e-4);
    free(want);
    guarded *const arrays[] = {&z, &dz, &y, &dy, &codes, &sums};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        guarded_destroy(arrays[i]);
}

static void tails_of_tiles(void **state)
{
    (void)state;
    FOR_ALL_LEVELS(level)
    {
        for (size_t i = 0; i < sizeof tail_cases / sizeof *tail_cases; i++)
            check_tail(&tail_cases[i], level);
    }
}

/* ---- dropout masks ---- */

static void masks(void **state)
{
    static const size_t sizes[] = {1, 31, 128, 129, 5000};
    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const size_t n_words = ws_dropout_n_words(sizes[s]);
        for (double rate = 0.25; rate <= 0.5; rate += 0.25) {
            guarded first = guarded_create(n_words);
            FOR_ALL_LEVELS(level)
            {
                guarded keep = guarded_create(n_words);
                const ws_dropout dropout = {.rate = rate, .seed = 3, .step = 9, .level = level};
                ws_dropout_draw(&dropout, (ws_dropout_address){2, 4}, 0, sizes[s],
                                (uint32_t *)(level == WS_CPU_GENERIC ? first.at : keep.at));
                if (level != WS_CPU_GENERIC)
                    assert_memory_equal(keep.at, first.at, sizes[s] / 32 * sizeof(uint32_t));
                guarded_destroy(&keep);
            }
            guarded_destroy(&first);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_layers),
        cmocka_unit_test(tails_of_tiles),
        cmocka_unit_test(masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
