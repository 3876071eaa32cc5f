/* Dense layers, tails and dropout masks on each level of instruction sets: between guards,
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
#include "nn/engine/common/tail.h"
#include "nn/engine/gemm/dense_kernels.h"

#define FOR_ALL_LEVELS(level) \
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++)

/* ---- dense layers ---- */

typedef struct dense_case {
    size_t n, n_in, n_out;
    ws_range part;
} dense_case;

/* In the last one dx is stored around the caches. */
static const dense_case dense_cases[] = {
    {1, 1, 1, {0, 1}},       {3, 17, 5, {0, 17}},     {7, 300, 12, {0, 300}},
    {5, 300, 12, {13, 290}}, {2, 40, 16, {39, 40}},   {9, 33, 17, {1, 33}},
    {4, 600, 33, {5, 530}},  {17, 20, 63, {0, 20}},   {1, 70, 64, {3, 70}},
    {29, 300, 70, {0, 290}}, {13, 40, 130, {39, 40}}, {100, 33, 97, {0, 33}},
    {5, 48, 13, {0, 48}},    {6, 48, 16, {0, 48}},    {5, 48, 29, {0, 48}},
    {5, 48, 32, {0, 48}},    {5, 48, 61, {0, 48}},    {1010, 1040, 12, {16, 1030}},
};

/** Whatever a part does not own stays as guarded_create has filled it. */
static void check_forward(const dense_case *c, ws_cpu_level level)
{
    const size_t stride = ws_dense_out_stride(c->n_out);
    guarded x = guarded_create(c->n * c->n_in), w = guarded_create(c->n_in * c->n_out);
    guarded work = guarded_create(ws_dense_work_floats(c->n, c->n_out));
    guarded sums = guarded_create(c->n * stride);

    fill_random(x.at, x.n, 1);
    fill_random(w.at, w.n, 2);
    const ws_dense_product product = {c->n, c->n_in, c->n_out, x.at, w.at, work.at, NULL};
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
    guarded work = guarded_create(ws_dense_work_floats(c->n, c->n_out));
    guarded dy = guarded_create(c->n * stride), dx = guarded_create(c->n * c->n_in);
    guarded dw = guarded_create(c->n_in * c->n_out), untouched = guarded_create(x.n + w.n);

    fill_random(x.at, x.n, 1);
    fill_random(w.at, w.n, 2);
    fill_random(dy.at, dy.n, 3);
    for (size_t at = 0; at < dy.n; at++)
        dy.at[at] = at % stride < c->n_out ? dy.at[at] : 0.0f;
    const size_t n_shards = c->n >= 4 ? 4 : 1; /* a rank may have fewer rows than a batch */
    const ws_shards shards =
        ws_shards_make((ws_shard_rule){1, 1}, c->n, n_shards, (ws_shard_span){0, n_shards});
    const ws_dense_product product = {c->n, c->n_in, c->n_out, x.at, w.at, work.at, &shards};
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

/* ---- tails ---- */

enum {
    LANES = WS_TILE_LANES,
    N_CHANNELS = 21,
    CHANNEL = 16, /* of the block that is a tile */
    N_LIVE = N_CHANNELS - CHANNEL,
};

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

static ws_stage make_stage(const tail_case *c)
{
    return (ws_stage){
        .middle = {c->middle_h, c->middle_w, N_CHANNELS},
        .out = {count_out(c->middle_h, c->pool.h, c->pool.stride_h, c->pool.padding),
                count_out(c->middle_w, c->pool.w, c->pool.stride_w, c->pool.padding), N_CHANNELS},
        .pool = c->pool,
        .has_pool = c->pool.h * c->pool.w > 1,
        .has_relu = c->has_relu,
        .dropout_node = c->has_mask ? 1 : 0,
    };
}

/** How the numbers of a tail lie: those of place p begin at p * stride. */
typedef struct tail_arrays {
    guarded z, y, dy, dz, codes, keep;
    size_t stride, channel, n_lanes; /* lanes from n_lanes to stride belong to nobody */
} tail_arrays;

static float const untouched = 77.0f;

static tail_arrays tail_arrays_create(const ws_stage *stage, size_t stride, size_t channel,
                                      size_t n_lanes)
{
    const size_t n_middle = stage->middle.h * stage->middle.w * stride;
    const size_t n_out = stage->out.h * stage->out.w * stride;
    tail_arrays a = {.z = guarded_create(n_middle),
                     .y = guarded_create(n_out),
                     .dy = guarded_create(n_out),
                     .dz = guarded_create(n_middle),
                     .codes = guarded_create((n_out + sizeof(float) - 1) / sizeof(float)),
                     .keep = guarded_create(ws_tail_mask_words(stage)),
                     .stride = stride,
                     .channel = channel,
                     .n_lanes = n_lanes};

    fill_random(a.z.at, a.z.n, 4);
    fill_random(a.dy.at, a.dy.n, 5);
    for (size_t i = 0; i < n_out; i++)
        a.y.at[i] = untouched;
    for (size_t i = 0; i < n_middle; i++)
        a.dz.at[i] = i % stride < n_lanes ? 0.0f : untouched;
    for (size_t i = 0; i < a.keep.n; i++)
        ((uint32_t *)a.keep.at)[i] = (uint32_t)(i + 1) * 2654435761u;
    return a;
}

static void tail_arrays_destroy(tail_arrays *a)
{
    guarded *const arrays[] = {&a->z, &a->y, &a->dy, &a->dz, &a->codes, &a->keep};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        guarded_destroy(arrays[i]);
}

static const ws_dropout half = {.rate = 0.5, .seed = 3, .step = 9};

/** What lane `lane` of a place of z becomes before the pooling. */
static float plain_value(const ws_tail *tail, const tail_arrays *a, size_t place, size_t lane)
{
    const size_t e = place * N_CHANNELS + a->channel + lane;
    const float bias = lane < LANES ? tail->bias[lane] : 0.0f;
    const float sum = a->z.at[place * a->stride + lane] + bias;
    const float value = tail->has_relu && sum < 0.0f ? 0.0f : sum;
    const bool is_kept = tail->keep == NULL || (tail->keep[e / 32] >> (e % 32) & 1) != 0;
    return is_kept ? value * tail->scale : 0.0f;
}

/** The winner of the window of output (oi, oj): its place in middle. */
static size_t plain_winner(const ws_tail *tail, const tail_arrays *a, size_t oi, size_t oj,
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
                plain_value(tail, a, place, lane) > plain_value(tail, a, winner, lane))
                winner = place;
        }
    }
    return winner;
}

/** Both ways against plain sums. @param sums  [n_lanes] of dz over its places, or NULL */
static void check_arrays(const ws_tail *tail, const tail_arrays *a, const float *sums)
{
    double *want = zeros_create(a->dz.n, sizeof *want);
    double want_sums[N_CHANNELS] = {0.0};

    for (size_t o = 0; o < tail->out.h * tail->out.w; o++) {
        for (size_t lane = 0; lane < a->n_lanes; lane++) {
            const size_t winner = plain_winner(tail, a, o / tail->out.w, o % tail->out.w, lane);
            const float value = plain_value(tail, a, winner, lane);
            const double gradient = (double)a->dy.at[o * a->stride + lane] * (double)tail->scale;
            assert_true(fabsf(a->y.at[o * a->stride + lane] - value) < 1e-6f);
            if (value != 0.0f) { /* what ReLU or dropout made zero passes nothing */
                want[winner * a->stride + lane] += gradient;
                want_sums[lane] += gradient;
            }
        }
    }
    for (size_t i = 0; i < a->dz.n; i++)
        assert_true(i % a->stride >= a->n_lanes || fabs((double)a->dz.at[i] - want[i]) < 1e-5);
    for (size_t lane = 0; sums != NULL && lane < a->n_lanes; lane++)
        assert_true(fabs((double)sums[lane] - want_sums[lane]) < 1e-4);
    for (size_t i = 0; i < a->y.n; i++)
        assert_true(i % a->stride < a->n_lanes || memcmp(a->y.at + i, &untouched, 4) == 0);
    for (size_t i = 0; i < a->dz.n; i++)
        assert_true(i % a->stride < a->n_lanes || memcmp(a->dz.at + i, &untouched, 4) == 0);
    free(want);
}

/** The last block of channels, which is not full, as a tile. */
static void check_tile(const tail_case *c, ws_cpu_level level)
{
    const ws_stage stage = make_stage(c);
    tail_arrays a = tail_arrays_create(&stage, LANES, CHANNEL, N_LIVE);
    const ws_tail_kernels *kernels = ws_tail_kernels_get(level);
    const ws_tile_rows all = ws_tile_rows_all(&stage);
    ws_tail tail = ws_tail_make(&stage, &half, (const uint32_t *)a.keep.at);
    float sums[LANES] = {0.0f};

    tail.channel = CHANNEL;
    tail.n_lanes = N_LIVE;
    tail.codes = (uint8_t *)a.codes.at;
    tail.code_stride = LANES;
    for (int lane = 0; lane < N_LIVE; lane++)
        tail.bias[lane] = 0.1f * (float)lane - 0.2f;
    kernels->forward(&tail, all, (ws_tile_input){a.z.at, LANES}, (ws_tile_places){a.y.at, LANES});
    kernels->backward(&tail, all, (ws_tile_input){a.dy.at, LANES}, (ws_tile_places){a.dz.at, LANES},
                      sums);
    check_arrays(&tail, &a, sums);
    tail_arrays_destroy(&a);
}

/** All channels of a sample, group of rows by group. */
static void check_sample(const tail_case *c, ws_cpu_level level)
{
    const ws_stage stage = make_stage(c);
    const size_t line = stage.middle.w * N_CHANNELS;
    tail_arrays a = tail_arrays_create(&stage, N_CHANNELS, 0, N_CHANNELS);
    ws_tail tail = ws_tail_make(&stage, &half, (const uint32_t *)a.keep.at);

    tail.codes = (uint8_t *)a.codes.at;
    for (size_t i = 0; i < ws_tile_rows_count(&stage); i++) {
        const ws_tile_rows rows = ws_tile_rows_get(&stage, i);
        const size_t at = rows.z.begin * line;
        ws_tail_forward(&tail, level, rows, a.z.at + at, a.y.at);
        ws_tail_backward(&tail, level, rows, a.dy.at, a.dz.at + at);
    }
    check_arrays(&tail, &a, NULL);
    if (!stage.has_pool) { /* the same in place */
        float *want = zeros_create(a.y.n, sizeof *want);
        memcpy(want, a.y.at, a.y.n * sizeof *want);
        memcpy(a.y.at, a.z.at, a.y.n * sizeof *want);
        ws_tail_forward(&tail, level, ws_tile_rows_all(&stage), a.y.at, a.y.at);
        assert_memory_equal(a.y.at, want, a.y.n * sizeof *want);
        ws_tail_backward(&tail, level, ws_tile_rows_all(&stage), a.dy.at, a.dy.at);
        assert_memory_equal(a.dy.at, a.dz.at, a.dy.n * sizeof *want);
        free(want);
    }
    tail_arrays_destroy(&a);
}

static void tails(void **state)
{
    (void)state;
    FOR_ALL_LEVELS(level)
    {
        for (size_t i = 0; i < sizeof tail_cases / sizeof *tail_cases; i++) {
            check_tile(&tail_cases[i], level);
            check_sample(&tail_cases[i], level);
        }
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
        cmocka_unit_test(tails),
        cmocka_unit_test(masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
