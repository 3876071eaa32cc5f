/* Times the FFT convolution pieces of one training step of `conv`: bench_fftconv [threads [level
 * [rounds]]]. A line a piece: median milliseconds for the whole batch, and the direct
 * convolution's floating-point operations over that time for each convolution. With one thread
 * it is processor time that is taken, so that a busy machine disturbs less. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/random.h"
#include "nn/engine/fft/fftconv.h"

enum { BATCH = 100, MAX_ROUNDS = 999, SAMPLES_PER_CHUNK = 25 };

typedef struct bench {
    ws_fftconv first, second;
    int n_threads;
    ws_arena arena;
    float *images, *first_weights, *second_weights, *gradient;
    float *first_x, *first_v, *first_dv; /* one input channel */
    float *x, *y, *v, *dv;               /* second layer; dx replaces x */
    float **work, **tile;                /* [n_threads] */
} bench;

static float *push(bench *b, size_t n)
{
    float *memory = ws_arena_push(&b->arena, n * sizeof(float));
    ws_random random;
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < n; i++)
        memory[i] = (float)(ws_random_bits(&random) >> 8) * 0x1p-24f - 0.5f;
    return memory;
}

static int n_chunks(void)
{
    return BATCH / SAMPLES_PER_CHUNK;
}

static void bench_layout(bench *b)
{
    const size_t n_work =
        b->first.work_floats > b->second.work_floats ? b->first.work_floats : b->second.work_floats;
    const size_t v_floats = ws_fftconv_one_v_get_floats(&b->first);
    const size_t out_blocks = (size_t)b->first.out_blocks;

    b->images = push(b, BATCH * 98 * 40);
    b->first_weights = push(b, 20 * 8 * 64);
    b->second_weights = push(b, 10 * 4 * 64 * 64);
    b->gradient = push(b, 10 * 4 * 64 * 64);
    b->first_x = push(b, BATCH * ws_fftconv_one_x_get_floats(&b->first));
    b->first_v = push(b, out_blocks * v_floats);
    b->first_dv = push(b, (size_t)n_chunks() * out_blocks * v_floats);
    b->x = push(b, b->second.x_floats);
    b->y = push(b, b->second.y_floats);
    b->v = push(b, b->second.v_floats);
    b->dv = push(b, b->second.v_floats);
    for (int i = 0; i < b->n_threads; i++) {
        b->work[i] = push(b, n_work + 4096);
        b->tile[i] = push(b, 98 * 40 * 16);
    }
}

/* ---- the pieces, in the order of a step ---- */

static void first_inputs(bench *b)
{
    const size_t x_floats = ws_fftconv_one_x_get_floats(&b->first);
#pragma omp parallel for schedule(static, 1)
    for (int n = 0; n < BATCH; n += 16)
        ws_fftconv_one_input_forward(
            &b->first, b->images + n * 98 * 40, BATCH - n < 16 ? BATCH - n : 16,
            b->first_x + (size_t)n * x_floats, b->work[omp_get_thread_num()]);
}

static void first_weights(bench *b)
{
    const size_t v_floats = ws_fftconv_one_v_get_floats(&b->first);
#pragma omp parallel for schedule(static, 1)
    for (int block = 0; block < b->first.out_blocks; block++)
        ws_fftconv_one_weights_forward(&b->first, b->first_weights, block,
                                       b->first_v + (size_t)block * v_floats,
                                       b->work[omp_get_thread_num()]);
}

static void first_outputs(bench *b)
{
    const ws_fftconv *conv = &b->first;
    const size_t x_floats = ws_fftconv_one_x_get_floats(conv);
    const size_t v_floats = ws_fftconv_one_v_get_floats(conv);
    /* blocks outside: the spectrum of a block's weights stays in the second cache */
#pragma omp parallel
    for (int block = 0; block < conv->out_blocks; block++) {
        const int thread = omp_get_thread_num();
#pragma omp for schedule(static) nowait
        for (int n = 0; n < BATCH; n++) {
            ws_fftconv_one_output_columns(conv, b->first_x + (size_t)n * x_floats,
                                          b->first_v + (size_t)block * v_floats, b->work[thread]);
            for (int row = 0; row < conv->output.n_rows; row += 2) /* a row of the pool */
                conv->transform->rows_inverse(&conv->fft, &conv->output, b->tile[thread], row, 2,
                                              b->work[thread]);
        }
    }
}

/** Sums over chunks of samples; adding the chunks up is not worth timing. */
static void first_gradients(bench *b)
{
    const ws_fftconv *conv = &b->first;
    const size_t x_floats = ws_fftconv_one_x_get_floats(conv);
    const size_t v_floats = ws_fftconv_one_v_get_floats(conv);
    const int blocks = conv->out_blocks;
#pragma omp parallel for schedule(static)
    for (int item = 0; item < blocks * n_chunks(); item++) {
        const int thread = omp_get_thread_num(), first = item / blocks * SAMPLES_PER_CHUNK;
        float *dv = b->first_dv + (size_t)item * v_floats;
        memset(dv, 0, v_floats * sizeof(float));
        for (int n = first; n < first + SAMPLES_PER_CHUNK; n++) {
            for (int row = 0; row < conv->output.n_rows; row += 2)
                conv->transform->rows_forward(&conv->fft, &conv->output, b->tile[thread], row, 2,
                                              b->work[thread]);
            ws_fftconv_one_weights_add(conv, b->first_x + (size_t)n * x_floats, dv,
                                       b->work[thread]);
        }
        ws_fftconv_one_weights_inverse(conv, dv, item % blocks, b->gradient, b->work[thread]);
    }
}

static void second_inputs(bench *b)
{
#pragma omp parallel for schedule(static)
    for (int n = 0; n < BATCH; n++)
        for (int block = 0; block < b->second.in_blocks; block++)
            ws_fftconv_input_forward(&b->second, b->tile[omp_get_thread_num()], n, block, b->x,
                                     b->work[omp_get_thread_num()]);
}

static void second_weights(bench *b)
{
#pragma omp parallel for schedule(static)
    for (int channel = 0; channel < 64; channel++)
        ws_fftconv_weights_forward(&b->second, b->second_weights, channel, channel + 1, b->v,
                                   b->work[omp_get_thread_num()]);
}

static void second_product(bench *b)
{
    const ws_fftconv_forward product = {.x = b->x, .v = b->v, .y = b->y, .n = BATCH};
#pragma omp parallel
    {
        const int n = b->second.fft.n_freqs, i = omp_get_thread_num();
        ws_fftconv_product_forward(&b->second, &product, n * i / b->n_threads,
                                   n * (i + 1) / b->n_threads, b->work[i]);
    }
}

static void second_outputs(bench *b)
{
#pragma omp parallel for schedule(static)
    for (int n = 0; n < BATCH; n++)
        for (int block = 0; block < b->second.out_blocks; block++)
            ws_fftconv_output_inverse(&b->second, b->y, n, block, b->tile[omp_get_thread_num()],
                                      b->work[omp_get_thread_num()]);
}

static void second_output_gradients(bench *b)
{
#pragma omp parallel for schedule(static)
    for (int n = 0; n < BATCH; n++)
        for (int block = 0; block < b->second.out_blocks; block++)
            ws_fftconv_output_forward(&b->second, b->tile[omp_get_thread_num()], n, block, b->y,
                                      b->work[omp_get_thread_num()]);
}

static void backward(bench *b, float *dx)
{
    const ws_fftconv_backward product = {
        .x = b->x, .v = b->v, .dy = b->y, .dx = dx, .dv = b->dv, .n = BATCH};
#pragma omp parallel
    {
        const int n = b->second.fft.n_freqs, i = omp_get_thread_num();
        ws_fftconv_product_backward(&b->second, &product, n * i / b->n_threads,
                                    n * (i + 1) / b->n_threads, b->work[i]);
    }
}

static void second_weights_product(bench *b)
{
    backward(b, NULL);
}

static void second_both_products(bench *b)
{
    backward(b, b->x);
}

static void second_input_gradients(bench *b)
{
#pragma omp parallel for schedule(static)
    for (int n = 0; n < BATCH; n++)
        for (int block = 0; block < b->second.in_blocks; block++)
            ws_fftconv_input_inverse(&b->second, b->x, n, block, b->tile[omp_get_thread_num()],
                                     b->work[omp_get_thread_num()]);
}

static void second_weight_gradients(bench *b)
{
#pragma omp parallel for schedule(static)
    for (int channel = 0; channel < 64; channel++)
        ws_fftconv_weights_inverse(&b->second, b->dv, channel, channel + 1, b->gradient,
                                   b->work[omp_get_thread_num()]);
}

typedef struct piece {
    const char *name;
    void (*run)(bench *b);
    double direct_gflop; /* of the convolution that ends with this piece, or 0 */
    int first;           /* the piece that it begins with */
    bool is_extra;       /* part of the next piece: not in the sum */
} piece;

/* 2 BATCH out_h out_w kernel_h kernel_w n_in n_out */
#define FIRST_GFLOP  (2e-9 * BATCH * 98 * 40 * 20 * 8 * 64)
#define SECOND_GFLOP (2e-9 * BATCH * 49 * 20 * 10 * 4 * 64 * 64)

static const piece pieces[] = {
    {"conv1 X", first_inputs, 0, 0, false},
    {"conv1 V", first_weights, 0, 0, false},
    {"conv1 Y = X V, inverse: conv1 forward", first_outputs, FIRST_GFLOP, 0, false},
    {"conv2 V", second_weights, 0, 0, false},
    {"conv2 X", second_inputs, 0, 0, false},
    {"conv2 Y = X V", second_product, 0, 0, false},
    {"conv2 Y inverse: conv2 forward", second_outputs, SECOND_GFLOP, 3, false},
    {"conv2 dY", second_output_gradients, 0, 0, false},
    {"(conv2 dV alone)", second_weights_product, 0, 0, true},
    {"conv2 dV and dX", second_both_products, 0, 0, false},
    {"conv2 dV inverse", second_weight_gradients, 0, 0, false},
    {"conv2 dX inverse: conv2 backward", second_input_gradients, 2 * SECOND_GFLOP, 7, false},
    {"conv1 dY, dV, inverse: conv1 backward", first_gradients, FIRST_GFLOP, 12, false},
};
enum { N_PIECES = sizeof pieces / sizeof *pieces };

static double now(const bench *b)
{
    struct timespec t;
    if (b->n_threads > 1)
        return ws_clock_monotonic();
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double times[N_PIECES][MAX_ROUNDS];

static void report(int n_rounds)
{
    double median[N_PIECES], sum = 0;
    for (int p = 0; p < N_PIECES; p++) {
        qsort(times[p], (size_t)n_rounds, sizeof(double), compare_doubles);
        median[p] = 1e3 * times[p][n_rounds / 2];
        sum += pieces[p].is_extra ? 0 : median[p];
        printf("%-40s %7.2f ms", pieces[p].name, median[p]);
        if (pieces[p].direct_gflop > 0) {
            double whole = 0;
            for (int q = pieces[p].first; q <= p; q++)
                whole += pieces[q].is_extra ? 0 : median[q];
            printf("   in all %7.2f ms = %6.0f GFLOP/s", whole,
                   1e3 * pieces[p].direct_gflop / whole);
        }
        printf("\n");
    }
    printf("%-40s %7.2f ms\n", "sum", sum);
}

static ws_status bench_init(bench *b, ws_cpu_level level, ws_error *err)
{
    const ws_fftconv_shape first = {.n = BATCH,
                                    .in_h = 98,
                                    .in_w = 40,
                                    .n_in = 1,
                                    .out_h = 98,
                                    .out_w = 40,
                                    .n_out = 64,
                                    .kernel_h = 20,
                                    .kernel_w = 8,
                                    .pad_top = 9,
                                    .pad_left = 3};
    const ws_fftconv_shape second = {.n = BATCH,
                                     .in_h = 49,
                                     .in_w = 20,
                                     .n_in = 64,
                                     .out_h = 49,
                                     .out_w = 20,
                                     .n_out = 64,
                                     .kernel_h = 10,
                                     .kernel_w = 4,
                                     .pad_top = 4,
                                     .pad_left = 1};
    ws_status status = ws_fftconv_init(&b->first, &first, level, err);
    if (status == WS_OK)
        status = ws_fftconv_init(&b->second, &second, level, err);
    if (status == WS_OK)
        status = ws_arena_init(&b->arena, (size_t)300 << 20, err);
    if (status == WS_OK)
        bench_layout(b);
    return status;
}

int main(int argc, char **argv)
{
    ws_cpu_level level = ws_cpu_level_get_best();
    ws_error error;
    float *work[64], *tile[64];
    bench b = {.n_threads = argc > 1 ? atoi(argv[1]) : 2, .work = work, .tile = tile};
    const int n_rounds = argc > 3 ? atoi(argv[3]) : 20;

    if (b.n_threads < 1 || b.n_threads > 64 || n_rounds < 1 || n_rounds > MAX_ROUNDS ||
        (argc > 2 && ws_cpu_level_find(argv[2], &level, &error) != WS_OK)) {
        (void)fprintf(stderr, "usage: bench_fftconv [threads [level [rounds]]]\n");
        return 2;
    }
    if (bench_init(&b, level, &error) != WS_OK) {
        (void)fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    omp_set_num_threads(b.n_threads);
    printf("%d threads, %s, grids %d x %d and %d x %d\n", b.n_threads, ws_cpu_level_get_name(level),
           b.first.fft.n_h, b.first.fft.n_w, b.second.fft.n_h, b.second.fft.n_w);
    for (int round = -1; round < n_rounds; round++) { /* the first one warms up */
        for (int p = 0; p < N_PIECES; p++) {
            const double start = now(&b);
            pieces[p].run(&b);
            times[p][round < 0 ? 0 : round] = now(&b) - start;
        }
    }
    report(n_rounds);
    ws_arena_deinit(&b.arena);
    return 0;
}
