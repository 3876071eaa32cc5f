/* The kernels of SVDF on every level that this processor has, against the plain operator in double
 * precision, with guards around what they write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernels/guarded.h"
#include "nn/engine/svdf/svdf_kernels.h"
#include "nn/op.h"

static const ws_svdf cases[] = {
    {.n = 1, .n_times = 1, .n_frequencies = 1, .n_units = 1, .rank = 1},
    {.n = 100, .n_times = 7, .n_frequencies = 40, .n_units = 64, .rank = 2},
    {.n = 13, .n_times = 5, .n_frequencies = 43, .n_units = 33, .rank = 2},
    {.n = 5, .n_times = 3, .n_frequencies = 200, .n_units = 31, .rank = 1},
    {.n = 19, .n_times = 11, .n_frequencies = 3, .n_units = 70, .rank = 3},
};

/** Everything in both precisions. */
typedef struct trial {
    ws_svdf svdf;
    size_t n_x, n_wf, n_wt, n_y;
    guarded x, w, dy, y, dwf, dwt, work; /* w: wf, then wt */
    double *x_exact, *w_exact, *dy_exact, *y_exact, *dw_exact;
} trial;

static double *widen(const guarded *array)
{
    double *wide = zeros_create(array->n, sizeof *wide);
    for (size_t i = 0; i < array->n; i++)
        wide[i] = (double)array->at[i];
    return wide;
}

static guarded random_create(size_t n, uint32_t stream)
{
    guarded array = guarded_create(n);
    fill_random(array.at, n, stream);
    return array;
}

static trial trial_create(const ws_svdf *at)
{
    trial t = {.svdf = *at};
    t.n_x = at->n * at->n_times * at->n_frequencies;
    t.n_wf = at->n_frequencies * at->n_units * at->rank;
    t.n_wt = at->n_units * at->rank * at->n_times;
    t.n_y = at->n * at->n_units;
    t.x = random_create(t.n_x, 1);
    t.w = random_create(t.n_wf + t.n_wt, 2);
    t.dy = random_create(t.n_y, 3);
    t.y = guarded_create(t.n_y);
    t.dwf = guarded_create(t.n_wf);
    t.dwt = guarded_create(t.n_wt);
    t.work = guarded_create(ws_svdf_work_floats(at));
    t.x_exact = widen(&t.x);
    t.w_exact = widen(&t.w);
    t.dy_exact = widen(&t.dy);
    t.y_exact = zeros_create(t.n_y, sizeof(double));
    t.dw_exact = zeros_create(t.n_wf + t.n_wt, sizeof(double));
    t.svdf.x = t.x.at;
    t.svdf.wf = t.w.at;
    t.svdf.wt = t.w.at + t.n_wf;
    t.svdf.work = t.work.at;
    return t;
}

static void trial_destroy(trial *t)
{
    guarded *arrays[] = {&t->x, &t->w, &t->dy, &t->y, &t->dwf, &t->dwt, &t->work};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        guarded_destroy(arrays[i]);
    free(t->x_exact);
    free(t->w_exact);
    free(t->dy_exact);
    free(t->y_exact);
    free(t->dw_exact);
}

static void run_exact(trial *t)
{
    const ws_node node = {.shape = {1, 1, t->svdf.n_units}, .rank = t->svdf.rank};
    ws_op_run run = {.node = &node,
                     .in = {{t->svdf.n_times, t->svdf.n_frequencies, 1}},
                     .n = t->svdf.n,
                     .x = {t->x_exact},
                     .w = {t->w_exact, t->w_exact + t->n_wf},
                     .dy = t->dy_exact};
    run.y = t->y_exact;
    run.dw[WS_SVDF_FREQUENCY] = t->dw_exact;
    run.dw[WS_SVDF_TIME] = t->dw_exact + t->n_wf;
    ws_op_plain_svdf.forward(&run);
    ws_op_plain_svdf.backward(&run);
}

/** Gradients are summed in shards of any sizes. */
static void check(const ws_svdf *at, size_t n_shards, ws_cpu_level level, const char *what)
{
    const ws_svdf_kernels *kernels = ws_svdf_kernels_get(level);
    trial t = trial_create(at);
    ws_shards shards = {.n = n_shards, .n_all = n_shards};

    for (size_t i = 0; i <= n_shards; i++)
        shards.bounds[i] = at->n * i / n_shards;
    t.svdf.shards = &shards;
    run_exact(&t);
    for (size_t block = ws_svdf_n_blocks(at->n_units); block-- > 0;) {
        kernels->forward(&t.svdf, block, t.y.at);
        kernels->backward(&t.svdf, block, t.dy.at, t.dwf.at, t.dwt.at);
    }
    assert_error_below(what, relative_error(t.y.at, t.y_exact, t.n_y), 1e-6);
    assert_error_below(what, relative_error(t.dwf.at, t.dw_exact, t.n_wf), 1e-6);
    assert_error_below(what, relative_error(t.dwt.at, t.dw_exact + t.n_wf, t.n_wt), 1e-6);
    trial_destroy(&t);
}

/** Samples of a stream that share time steps. */
static void check_stream(const ws_svdf *at, size_t step, ws_cpu_level level, const char *what)
{
    ws_svdf stream = *at;
    const size_t n_row = at->n_frequencies, n_sample = at->n_times * n_row;
    trial t = trial_create(at);

    stream.stream_step = step;
    guarded x = random_create(ws_svdf_stream_times(&stream) * n_row, 7);
    guarded work = guarded_create(ws_svdf_work_floats(&stream));
    stream.x = x.at;
    stream.work = work.at;
    stream.wf = t.svdf.wf;
    stream.wt = t.svdf.wt;
    for (size_t i = 0; i < t.n_x; i++)
        t.x_exact[i] = (double)x.at[i / n_sample * step * n_row + i % n_sample];
    run_exact(&t);
    for (size_t block = ws_svdf_n_blocks(at->n_units); block-- > 0;)
        ws_svdf_kernels_get(level)->forward_stream(&stream, block, t.y.at);
    assert_error_below(what, relative_error(t.y.at, t.y_exact, t.n_y), 1e-6);
    guarded_destroy(&x);
    guarded_destroy(&work);
    trial_destroy(&t);
}

static void streams_equal_the_operator(void **state)
{
    static const size_t steps[] = {1, 2, 5};
    (void)state;
    for (int level = WS_CPU_GENERIC; level <= (int)ws_cpu_level_get_best(); level++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases * 3; i++) {
            char what[80];
            (void)snprintf(what, sizeof what, "case %zu as a stream, step %zu, %s", i / 3,
                           steps[i % 3], ws_cpu_level_get_name((ws_cpu_level)level));
            check_stream(&cases[i / 3], steps[i % 3], (ws_cpu_level)level, what);
        }
    }
}

static void every_level_equals_the_operator(void **state)
{
    (void)state;
    for (int level = WS_CPU_GENERIC; level <= (int)ws_cpu_level_get_best(); level++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            for (size_t n_shards = 1; n_shards <= WS_MAX_SHARDS; n_shards *= 2) {
                char what[80];
                (void)snprintf(what, sizeof what, "case %zu in %zu shards, %s", i, n_shards,
                               ws_cpu_level_get_name((ws_cpu_level)level));
                check(&cases[i], n_shards, (ws_cpu_level)level, what);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_equals_the_operator),
        cmocka_unit_test(streams_equal_the_operator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
