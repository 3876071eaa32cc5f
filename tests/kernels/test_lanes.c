/* The lanes engine on every level that this processor has, against plain loops in double
 * precision: outputs, running statistics, and gradients against central differences of the loops;
 * and equal bits for any number of threads. */
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
#include "kernels/lanes_reference.h"
#include "nn/engine/lanes/run.h"
#include "support/lanes_networks.h"

enum {
    MAX_BATCH = 40,    /* 32 samples and 8 */
    N_DIFFERENCES = 30 /* of a network, each two passes of plain loops */
};

/** A network with random numbers for everything. */
typedef struct trial {
    lanes_network net;
    size_t n, n_features, n_labels;
    float *parameters, *state, *features, *dlogits;
    float *logits, *gradients; /* what came out */
} trial;

static size_t sample_size(const ws_lanes_node *node)
{
    return node->h * node->w * node->c;
}

static trial trial_create(const lanes_network_kind *kind, size_t n)
{
    trial t = {.n = n};

    lanes_network_init(&t.net, kind);
    assert_int_equal(ws_lanes_program_status(&t.net.program, NULL), WS_OK);
    t.n_features = n * sample_size(&t.net.program.nodes[t.net.program.features]);
    t.n_labels = sample_size(&t.net.program.nodes[t.net.program.output]);
    t.parameters = zeros_create(t.net.n_parameters, sizeof(float));
    t.state = zeros_create(t.net.n_state + 1, sizeof(float));
    t.features = zeros_create(t.n_features, sizeof(float));
    t.dlogits = zeros_create(n * t.n_labels, sizeof(float));
    t.logits = zeros_create(n * t.n_labels, sizeof(float));
    t.gradients = zeros_create(t.net.n_parameters, sizeof(float));
    fill_random(t.parameters, t.net.n_parameters, 1);
    fill_random(t.features, t.n_features, 2);
    fill_random(t.dlogits, n * t.n_labels, 3);
    for (size_t i = 0; i < t.net.n_state; i++)
        t.state[i] = 0.5f;
    return t;
}

static void trial_destroy(trial *t)
{
    lanes_network_deinit(&t->net);
    free(t->parameters);
    free(t->state);
    free(t->features);
    free(t->dlogits);
    free(t->logits);
    free(t->gradients);
}

static void run_with_room(trial *t, ws_cpu_level level, unsigned n_threads, bool is_training,
                          size_t max_batch)
{
    const ws_lanes_runner_options options = {
        .max_batch = max_batch, .n_threads = n_threads, .level = level};
    const ws_lanes_pass pass = {.parameters = t->parameters,
                                .state = t->state,
                                .is_training = is_training,
                                .n = t->n,
                                .n_all = t->n,
                                .features = t->features,
                                .logits = t->logits,
                                .dlogits = t->dlogits,
                                .gradients = t->gradients};
    ws_lanes_runner *runner;

    assert_int_equal(ws_lanes_runner_create(&runner, &t->net.program, &options, NULL), WS_OK);
    for (int round = 0; round < (is_training ? 1 : 2); round++) {
        ws_lanes_forward(runner, &pass);
        if (is_training)
            ws_lanes_backward(runner, &pass);
    }
    ws_lanes_runner_destroy(runner);
}

static void run(trial *t, ws_cpu_level level, unsigned n_threads, bool is_training)
{
    run_with_room(t, level, n_threads, is_training, MAX_BATCH);
}

static double loss_of(const trial *t, lanes_reference *reference, const double *parameters)
{
    double loss = 0.0;

    lanes_reference_run(reference, parameters, NULL);
    for (size_t i = 0; i < t->n * t->n_labels; i++)
        loss += reference->values[t->net.program.output][i] * (double)t->dlogits[i];
    return loss;
}

/** Against central differences of the loss. */
static void check_gradients(const trial *t, lanes_reference *reference, double *parameters,
                            const char *what)
{
    const double step = 2e-8; /* small: few steps cross the bend of a ReLU */
    double largest = 0.0, worst = 0.0;
    const size_t stride = t->net.n_parameters / N_DIFFERENCES + 1;
    size_t n_bad = 0, n = 0;

    for (size_t i = 0; i < t->net.n_parameters; i++)
        largest = fmax(largest, fabs((double)t->gradients[i]));
    for (size_t i = 0; i < t->net.n_parameters; i += stride, n++) {
        const double before = parameters[i];
        parameters[i] = before + step;
        const double up = loss_of(t, reference, parameters);
        parameters[i] = before - step;
        const double down = loss_of(t, reference, parameters);
        parameters[i] = before;
        const double error = fabs((up - down) / (2.0 * step) - (double)t->gradients[i]) / largest;
        worst = fmax(worst, error);
        n_bad += error >= 1e-5;
    }
    printf("%s: %zu gradients, worst error %.1e, %zu across a bend of a ReLU\n", what, n, worst,
           n_bad);
    /* Close to the bend of a ReLU, float and double or the two ends of a difference may be on
       different sides: one element of a hundred thousand then shows. */
    assert_true(n_bad <= n / 10 && worst < 1e-3);
}

static void check_level(const lanes_network_kind *kind, size_t n, ws_cpu_level level)
{
    trial t = trial_create(kind, n);
    lanes_reference reference;
    double *parameters = zeros_create(t.net.n_parameters, sizeof(double));
    /* numbers that nearly cancel in one of many normalisations lose digits for all that follow */
    const double bound = 1e-5 * (1.0 + (double)t.net.program.n_norms / 10.0);
    char what[100];

    snprintf(what, sizeof what, "%s, %zu samples, %s", kind->name, n, ws_cpu_level_get_name(level));
    for (size_t i = 0; i < t.net.n_parameters; i++)
        parameters[i] = (double)t.parameters[i];
    lanes_reference_init(&reference, &t.net.program, n, t.features);
    run(&t, level, 1, true);
    lanes_reference_run(&reference, parameters, NULL);
    const double *exact = reference.values[t.net.program.output];
    assert_error_below(what, relative_error(t.logits, exact, n * t.n_labels), bound);
    for (size_t i = 0, at = 0; i < t.net.program.n_norms; i++) {
        const ws_lanes_norm *norm = &t.net.program.norms[i];
        for (size_t k = 0; k < norm->n_bands * norm->c; k++, at++)
            assert_true(fabs((double)t.state[norm->mean + k] - 0.45 - 0.1 * reference.mean[at]) <
                        1e-5 * fmax(1.0, fabs(reference.mean[at])));
    }
    check_gradients(&t, &reference, parameters, what);
    run(&t, level, 2, false);
    lanes_reference_run(&reference, parameters, t.state);
    assert_error_below(what, relative_error(t.logits, exact, n * t.n_labels), bound);
    lanes_reference_deinit(&reference);
    free(parameters);
    trial_destroy(&t);
}

static void test_exact(void **cmocka_state)
{
    static const size_t batches[] = {5, 20, 19, 35}; /* blocks of 16 lanes, full or not, and of 4 */
    (void)cmocka_state;

    for (const lanes_network_kind *kind = lanes_small_networks; kind->name != NULL; kind++)
        for (ws_cpu_level level = 0; level <= ws_cpu_level_get_best(); level++)
            check_level(kind, batches[(size_t)level % 4], level);
}

static void test_threads(void **cmocka_state)
{
    (void)cmocka_state;

    for (const lanes_network_kind *kind = lanes_small_networks; kind->name != NULL; kind++) {
        trial one = trial_create(kind, 35);
        run(&one, ws_cpu_level_get_best(), 1, true);
        for (unsigned n_threads = 2; n_threads <= 5; n_threads++) {
            trial more = trial_create(kind, 35);
            run(&more, ws_cpu_level_get_best(), n_threads, true);
            assert_memory_equal(one.logits, more.logits, 35 * one.n_labels * sizeof(float));
            assert_memory_equal(one.state, more.state, one.net.n_state * sizeof(float));
            assert_memory_equal(one.gradients, more.gradients,
                                one.net.n_parameters * sizeof(float));
            trial_destroy(&more);
        }
        trial_destroy(&one);
    }
}

enum { LARGE_FLOATS = 17 << 20 /* of features alone: room for them, which nothing touches */ };

/** A network that needs more memory than caches have writes around them. */
static void test_streams(void **cmocka_state)
{
    (void)cmocka_state;

    for (ws_cpu_level level = 0; level <= ws_cpu_level_get_best(); level++) {
        for (const lanes_network_kind *kind = lanes_small_networks; kind->name != NULL; kind++) {
            trial small = trial_create(kind, 35), large = trial_create(kind, 35);
            run(&small, level, 2, true);
            run_with_room(&large, level, 2, true, LARGE_FLOATS / (small.n_features / 35) + 1);
            assert_memory_equal(small.logits, large.logits, 35 * small.n_labels * sizeof(float));
            assert_memory_equal(small.gradients, large.gradients,
                                small.net.n_parameters * sizeof(float));
            trial_destroy(&small);
            trial_destroy(&large);
        }
    }
}

enum { TAP_STEP = 2 /* pixels from a tap to the next */ };

/** A gradient of weights: rows of pixels, of which those that a tap meets may lie apart. */
typedef struct weights_case {
    size_t n_taps, n_in, n_out, n_rows, n_w, n_live;
} weights_case;

static const ws_lanes_products *products_of(const weights_case *c, ws_cpu_level level)
{
    return ws_lanes_block_width(c->n_live) == WS_LANES ? ws_lanes_products_get(level)
                                                       : ws_lanes_products_few_get(level);
}

static double exact_weight(const weights_case *c, const ws_lanes_pairs *pairs, size_t tap, size_t k,
                           size_t o)
{
    const size_t n_lanes = ws_lanes_block_width(c->n_live);
    double sum = 0.0;

    for (size_t i = 0; i < c->n_rows; i++)
        for (size_t j = 0; j < c->n_w; j++)
            for (size_t lane = 0; lane < c->n_live; lane++)
                sum +=
                    (double)pairs->x[i * pairs->x_row + (j + tap * TAP_STEP) * pairs->x_pixel +
                                     k * n_lanes + lane] *
                    (double)pairs->dz[i * pairs->dz_row + j * pairs->dz_pixel + o * n_lanes + lane];
    return sum;
}

/** Adds the first row, then the others: both are added to what is there. */
static void add_weights(void (*weights)(const ws_lanes_product *, const ws_lanes_pairs *, float *),
                        const ws_lanes_product *product, const ws_lanes_pairs *pairs, float *sums)
{
    ws_lanes_pairs some = *pairs;

    some.n_rows = 1;
    weights(product, &some, sums);
    some.x += pairs->x_row;
    some.dz += pairs->dz_row;
    some.n_rows = pairs->n_rows - 1;
    weights(product, &some, sums);
}

static void check_weights(const weights_case *c, ws_cpu_level level)
{
    const size_t n_lanes = ws_lanes_block_width(c->n_live);
    const size_t n_x_row = c->n_w + (c->n_taps - 1) * TAP_STEP;
    const size_t n_x = c->n_rows * n_x_row * c->n_in * n_lanes;
    const size_t n_dz = c->n_rows * c->n_w * c->n_out * n_lanes;
    const size_t n_sums = c->n_taps * c->n_in * c->n_out;
    float *x = zeros_create(n_x, sizeof *x), *dz = zeros_create(n_dz, sizeof *dz);
    guarded sums = guarded_create(n_sums);
    ws_lanes_tap *taps = zeros_create(c->n_taps, sizeof *taps);
    double worst = 0.0, largest = 0.0;

    fill_random(x, n_x, 4);
    fill_random(dz, n_dz, 5);
    for (size_t i = 0; i < n_dz; i++)
        dz[i] = i % n_lanes < c->n_live ? dz[i] : 0.0f;
    for (size_t t = 0; t < c->n_taps; t++)
        taps[t].offset = (ptrdiff_t)(t * TAP_STEP * c->n_in * WS_LANES);
    const ws_lanes_product product = {
        .taps = taps, .n_taps = c->n_taps, .n_in = c->n_in, .n_out = c->n_out};
    const ws_lanes_pairs pairs = {.x = x,
                                  .x_row = n_x_row * c->n_in * n_lanes,
                                  .x_pixel = c->n_in * n_lanes,
                                  .dz = dz,
                                  .dz_row = c->n_w * c->n_out * n_lanes,
                                  .dz_pixel = c->n_out * n_lanes,
                                  .n_rows = c->n_rows,
                                  .n_w = c->n_w,
                                  .n_live = c->n_live};
    memset(sums.at, 0, n_sums * sizeof *sums.at);
    add_weights(products_of(c, level)->weights, &product, &pairs, sums.at);
    for (size_t i = 0; i < n_sums; i++) {
        const double exact =
            exact_weight(c, &pairs, i / (c->n_in * c->n_out), i / c->n_out % c->n_in, i % c->n_out);
        worst = fmax(worst, fabs(exact - (double)sums.at[i]));
        largest = fmax(largest, fabs(exact));
    }
    if (worst > 1e-5 * largest)
        fail_msg("%zu taps, %zu to %zu channels, %zu x %zu pixels, %zu samples, %s: error %.1e "
                 "where %.1e is the largest",
                 c->n_taps, c->n_in, c->n_out, c->n_rows, c->n_w, c->n_live,
                 ws_cpu_level_get_name(level), worst, largest);
    guarded_destroy(&sums);
    free(x);
    free(dz);
    free(taps);
}

/** Every number of channels takes its own way through vectors that are full or not. */
static void test_weights(void **cmocka_state)
{
    static const size_t ins[] = {1, 3, 8, 17, 24, 64}, taps[] = {1, 3, 40};
    (void)cmocka_state;

    for (ws_cpu_level level = 0; level <= ws_cpu_level_get_best(); level++) {
        for (size_t n_out = 1; n_out <= 140; n_out += n_out < 34 ? 1 : 15) {
            for (size_t i = 0; i < 6; i++) {
                const weights_case c = {.n_taps = taps[(n_out + i) % 3],
                                        .n_in = ins[i],
                                        .n_out = n_out,
                                        .n_rows = 1 + i % 2,
                                        .n_w = 1 + (n_out + i) % 9,
                                        .n_live = 1 + n_out * 5 % 16};
                check_weights(&c, level);
            }
        }
    }
}

/** Channel by channel; sums of each lane are added up here. */
static void check_depthwise_weights(const weights_case *c, ws_cpu_level level)
{
    const size_t n_lanes = ws_lanes_block_width(c->n_live);
    const size_t n_x_row = c->n_w + (c->n_taps - 1) * TAP_STEP;
    const size_t n_x = c->n_rows * n_x_row * c->n_out * n_lanes;
    const size_t n_dz = c->n_rows * c->n_w * c->n_out * n_lanes, n_sums = c->n_taps * c->n_out;
    float *x = zeros_create(n_x, sizeof *x), *dz = zeros_create(n_dz, sizeof *dz);
    guarded sums = guarded_create(n_sums * n_lanes);
    ws_lanes_tap *taps = zeros_create(c->n_taps, sizeof *taps);

    fill_random(x, n_x, 6);
    fill_random(dz, n_dz, 7);
    for (size_t i = 0; i < n_dz; i++)
        dz[i] = i % n_lanes < c->n_live ? dz[i] : 0.0f;
    for (size_t t = 0; t < c->n_taps; t++)
        taps[t].offset = (ptrdiff_t)(t * TAP_STEP * c->n_out * WS_LANES);
    const ws_lanes_product product = {
        .taps = taps, .n_taps = c->n_taps, .n_in = c->n_out, .n_out = c->n_out};
    const ws_lanes_pairs pairs = {.x = x,
                                  .x_row = n_x_row * c->n_out * n_lanes,
                                  .x_pixel = c->n_out * n_lanes,
                                  .dz = dz,
                                  .dz_row = c->n_w * c->n_out * n_lanes,
                                  .dz_pixel = c->n_out * n_lanes,
                                  .n_rows = c->n_rows,
                                  .n_w = c->n_w,
                                  .n_live = c->n_live};
    memset(sums.at, 0, n_sums * n_lanes * sizeof *sums.at);
    add_weights(products_of(c, level)->weights_depthwise, &product, &pairs, sums.at);
    for (size_t i = 0; i < n_sums; i++) {
        const size_t channel = i % c->n_out;
        const double exact = exact_weight(c, &pairs, i / c->n_out, channel, channel);
        double sum = 0.0;
        for (size_t lane = 0; lane < n_lanes; lane++)
            sum += (double)sums.at[i * n_lanes + lane];
        if (fabs(sum - exact) > 1e-5 * (double)(c->n_rows * c->n_w * c->n_live))
            fail_msg("%zu taps, %zu channels, tap and channel %zu: %.8g, not %.8g", c->n_taps,
                     c->n_out, i, sum, exact);
    }
    guarded_destroy(&sums);
    free(x);
    free(dz);
    free(taps);
}

static void test_depthwise_weights(void **cmocka_state)
{
    (void)cmocka_state;

    for (ws_cpu_level level = 0; level <= ws_cpu_level_get_best(); level++)
        for (size_t n_taps = 1; n_taps <= 9; n_taps++)
            for (size_t c = 1; c <= 33; c += 4)
                check_depthwise_weights(&(weights_case){.n_taps = n_taps,
                                                        .n_out = c,
                                                        .n_rows = 1 + c % 3,
                                                        .n_w = 1 + (c + n_taps) % 7,
                                                        .n_live = 1 + n_taps * 5 % 16},
                                        level);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights), cmocka_unit_test(test_depthwise_weights),
        cmocka_unit_test(test_exact),   cmocka_unit_test(test_threads),
        cmocka_unit_test(test_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
