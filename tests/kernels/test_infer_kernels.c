/* The kernels of inference against plain loops, for random shapes on every instruction set: sums of
 * terms that repeat along rows or columns, depthwise taps, products. A row, a place or a position
 * has the same bits alone as among others. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "kernels/guarded.h"
#include "nn/infer/kernels.h"

enum { N_SHAPES = 400 };

static ws_random draws;

static size_t draw(size_t least, size_t most)
{
    return least + (size_t)ws_random_below(&draws, (uint32_t)(most - least + 1));
}

/** Random numbers, and room for a vector that is read beyond them. */
static float *random_create(size_t n, uint32_t stream)
{
    float *x = zeros_create(n + WS_INFER_SLACK, sizeof *x);

    fill_random(x, n, stream);
    return x;
}

static guarded output_create(size_t n)
{
    return guarded_create(n + WS_INFER_SLACK);
}

static float plain_relu(float x, bool has_relu)
{
    return has_relu && x <= 0.0f ? 0.0f : x;
}

/** Floats added in order, so the bits are known. */
static void check_sum(const ws_infer_terms *t, const char *name)
{
    for (size_t row = 0; row < t->n_rows; row++)
        for (size_t place = 0; place < t->n_places; place++)
            for (size_t i = 0; i < t->length; i++) {
                const size_t at = (row * t->n_places + place) * t->length + i;
                float sum = 0.0f;
                for (size_t k = 0; k < t->n_terms; k++) {
                    const float x = t->x[k][row * t->row_steps[k] + place * t->place_steps[k] + i];
                    sum = k == 0 ? x : sum + x;
                }
                if (t->y[at] != plain_relu(sum, t->has_relu))
                    fail_msg("%s: %zu x %zu x %zu, number %zu: %g, expected %g", name, t->n_rows,
                             t->n_places, t->length, at, (double)t->y[at], (double)sum);
            }
}

/** A term that repeats along the axes that are drawn for it. */
static void draw_term(ws_infer_terms *t, size_t k)
{
    const size_t kind = draw(0, 5); /* 3 to 5: whole */
    const bool has_places = kind != 0 && kind != 2, has_rows = kind != 1 && kind != 2;
    const size_t row = has_places ? t->n_places * t->length : t->length;

    t->place_steps[k] = has_places ? t->length : 0;
    t->row_steps[k] = has_rows ? row : 0;
    t->x[k] = random_create(has_rows ? t->n_rows * row : row, (uint32_t)k);
}

static void sums_of_terms(void **state)
{
    (void)state;
    for (size_t shape = 0; shape < N_SHAPES; shape++) {
        ws_infer_terms t = {.n_terms = draw(2, WS_INFER_MAX_TERMS),
                            .n_rows = draw(1, shape % 8 == 0 ? 120 : 12),
                            .n_places = draw(1, shape % 16 == 1 ? 300 : 21),
                            .length = draw(1, 40),
                            .has_relu = draw(0, 1) == 1};
        for (size_t k = 0; k < t.n_terms; k++)
            draw_term(&t, k);
        for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++) {
            guarded y = output_create(t.n_rows * t.n_places * t.length);
            t.y = y.at;
            ws_infer_kernels_get(level)->add(&t);
            check_sum(&t, ws_cpu_level_get_name(level));
            guarded_destroy(&y);
        }
        for (size_t k = 0; k < t.n_terms; k++)
            free((float *)(uintptr_t)t.x[k]);
    }
}

/** A row of taps in double. */
static void check_taps(const ws_infer_taps *t, const char *name)
{
    for (size_t row = 0; row < t->n_rows; row++)
        for (size_t i = 0; i < t->n_places * t->length; i++) {
            const size_t place = i / t->length;
            const float *x = t->x + row * t->x_step + place * t->place_step + i % t->length;
            const float got = t->y[row * t->y_step + i];
            double sum = (double)t->bias[i];
            for (size_t k = 0; k < t->n_taps; k++)
                sum += (double)t->w[k * t->w_step + i] * (double)x[t->offsets[k]];
            sum = t->has_relu && sum <= 0.0 ? 0.0 : sum;
            if (!(fabs((double)got - sum) < 1e-5))
                fail_msg("%s: %zu taps, row %zu of %zu, number %zu: %g, expected %g", name,
                         t->n_taps, row, t->n_rows, i, (double)got, sum);
        }
}

static void check_taps_level(ws_infer_taps t, ws_cpu_level level)
{
    const size_t n = t.n_rows * t.y_step, n_row = t.n_places * t.length;
    guarded all = output_create(n), one = output_create(n);

    t.y = all.at;
    ws_infer_kernels_get(level)->taps(&t);
    check_taps(&t, ws_cpu_level_get_name(level));
    ws_infer_taps alone = t;
    alone.n_rows = 1;
    for (size_t row = 0; row < t.n_rows; row++) {
        alone.x = t.x + row * t.x_step;
        alone.y = one.at;
        ws_infer_kernels_get(level)->taps(&alone);
        assert_memory_equal(one.at, all.at + row * t.y_step, n_row * sizeof *one.at);
    }
    guarded_destroy(&all);
    guarded_destroy(&one);
}

static void depthwise_taps(void **state)
{
    enum { MAX_TAPS = 12, REACH = 100 };
    static const size_t usual[] = {3, 9};

    (void)state;
    for (size_t shape = 0; shape < N_SHAPES; shape++) {
        ptrdiff_t offsets[MAX_TAPS];
        ws_infer_taps t = {.n_rows = draw(1, 11),
                           .n_places = draw(1, 3),
                           .length = draw(1, 70),
                           .n_taps = shape % 3 < 2 ? usual[shape % 3] : draw(1, MAX_TAPS),
                           .offsets = offsets,
                           .has_relu = draw(0, 1) == 1};
        const size_t row = t.n_places * t.length;
        t.place_step = draw(1, 2) * t.length;
        t.x_step = t.n_places * t.place_step;
        t.y_step = t.w_step = row;
        for (size_t k = 0; k < t.n_taps; k++)
            offsets[k] = (ptrdiff_t)draw(0, 2 * REACH) - REACH;
        float *x = random_create(t.n_rows * t.x_step + 2 * REACH, 1);
        float *w = random_create(t.n_taps * row, 2), *bias = random_create(row, 3);
        t.x = x + REACH;
        t.w = w;
        t.bias = bias;
        for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++)
            check_taps_level(t, level);
        free(x);
        free(w);
        free(bias);
    }
}

/** A product, and its weights and bias as they were before they were packed. */
typedef struct multiplied {
    ws_infer_product p;
    float *x, *w, *bias, *start, *residual;
} multiplied;

static void check_product(const multiplied *m, const char *name)
{
    const ws_infer_product *p = &m->p;

    for (size_t at = 0; at < p->n_positions * p->n_out; at++) {
        const float *x = p->x + at / p->n_out * p->x_step;
        const size_t out = at % p->n_out;
        double sum = (double)(p->start != NULL ? p->start[at] : m->bias[out]);
        for (size_t k = 0; k < p->n_inputs; k++)
            sum +=
                (double)x[k / p->run * p->run_step + k % p->run] * (double)m->w[k * p->n_out + out];
        sum += p->residual != NULL ? (double)p->residual[at] : 0.0;
        sum = p->has_relu && sum <= 0.0 ? 0.0 : sum;
        if (!(fabs((double)p->y[at] - sum) < 1e-4))
            fail_msg("%s: %zu positions, %zu runs of %zu, %zu outputs, number %zu: %g, expected %g",
                     name, p->n_positions, p->n_runs, p->run, p->n_out, at, (double)p->y[at], sum);
    }
}

static void check_product_level(multiplied *m, ws_cpu_level level)
{
    const ws_infer_kernels *kernels = ws_infer_kernels_get(level);
    const size_t n_out = m->p.n_out, n = m->p.n_positions * n_out;
    float *w = aligned_alloc(64, (kernels->packed_size(m->p.n_inputs, n_out) + 32) / 16 * 64);
    float *bias = aligned_alloc(64, (kernels->bias_size(n_out) + 32) / 16 * 64);
    guarded all = output_create(n), one = output_create(n_out);

    assert_non_null(w);
    assert_non_null(bias);
    kernels->pack(m->w, m->p.n_inputs, n_out, w);
    kernels->pack_bias(m->bias, n_out, bias);
    m->p.w = w;
    m->p.bias = bias;
    m->p.y = all.at;
    kernels->choose_tiles(&m->p);
    kernels->multiply(&m->p);
    check_product(m, ws_cpu_level_get_name(level));
    ws_infer_product alone = m->p;
    alone.n_positions = 1;
    alone.y = one.at;
    kernels->choose_tiles(&alone);
    for (size_t i = 0; i < m->p.n_positions; i++) {
        alone.x = m->p.x + i * m->p.x_step;
        alone.start = m->start != NULL ? m->start + i * n_out : NULL;
        alone.residual = m->residual != NULL ? m->residual + i * n_out : NULL;
        kernels->multiply(&alone);
        assert_memory_equal(one.at, all.at + i * n_out, n_out * sizeof *one.at);
    }
    guarded_destroy(&all);
    guarded_destroy(&one);
    free(w);
    free(bias);
}

static void products(void **state)
{
    (void)state;
    for (size_t shape = 0; shape < N_SHAPES; shape++) {
        multiplied m = {.p = {.n_positions = draw(1, shape % 8 == 0 ? 130 : 40),
                              .n_rows = 1,
                              .n_runs = draw(1, 3),
                              .run = draw(1, shape % 16 == 1 ? 150 : 20),
                              .n_out = draw(1, 100),
                              .n_groups = 1,
                              .has_relu = draw(0, 1) == 1}};
        ws_infer_product *p = &m.p;
        p->run_step = p->run + draw(0, 9);
        p->x_step = draw(1, 40);
        p->n_inputs = p->n_runs * p->run;
        const size_t n = p->n_positions * p->n_out;
        p->x = m.x = random_create(p->n_positions * p->x_step + p->n_runs * p->run_step, 1);
        m.w = random_create(p->n_inputs * p->n_out, 2);
        m.bias = random_create(p->n_out, 3);
        p->start = m.start = draw(0, 2) == 0 ? random_create(n, 4) : NULL;
        p->residual = m.residual = draw(0, 1) == 0 ? random_create(n, 5) : NULL;
        for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++)
            check_product_level(&m, level);
        free(m.x);
        free(m.w);
        free(m.bias);
        free(m.start);
        free(m.residual);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_of_terms),
        cmocka_unit_test(depthwise_taps),
        cmocka_unit_test(products),
    };
    ws_random_init(&draws, 1, WS_RANDOM_TEST, 0, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
