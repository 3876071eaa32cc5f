/* Optimisers, clipping, averages, schedules and losses against PyTorch's figures
 * (make_recipe_pytorch.py), from one step to the next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "nn/loss.h"
#include "optim/ema.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "support/npz.h"

enum { N = 48, N_STEPS = 6 };

static const double decay = 0.02, max_norm = 3.0;
static ws_npz npz;

static ws_npy get(const char *name, size_t n)
{
    ws_npy npy;
    ws_error err;

    if (ws_npz_get(&npz, name, &npy, &err) != WS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(npy.n_items, n);
    return npy;
}

/** An array of the archive as floats. @param values  [n] filled */
static void get_floats(const char *name, size_t n, float *values)
{
    ws_npy npy = get(name, n);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)ws_npy_item(&npy, i);
    ws_npy_deinit(&npy);
}

static int open_npz(void **state)
{
    ws_error err;
    (void)state;
    return ws_npz_read(WS_TESTS_DIR "/golden/data/pytorch_recipe.npz", &npz, &err) != WS_OK;
}

static int close_npz(void **state)
{
    (void)state;
    ws_npz_deinit(&npz);
    return 0;
}

static void check_optimizer(const char *name, bool decays)
{
    const ws_hyper hyper = {.momentum = 0.9f,
                            .beta1 = 0.9f,
                            .beta2 = 0.99f,
                            .epsilon = 1e-6f,
                            .weight_decay = decays ? (float)decay : 0.0f};
    const ws_span first_half = {0, N / 2};
    const ws_optimizer *optimizer = NULL;
    ws_optimizer_memory memory;
    float weights[N], gradients[N_STEPS * N], rates[N_STEPS], want[N_STEPS * N];
    char key[64];
    ws_error err;
    double largest = 0.0;

    (void)snprintf(key, sizeof key, "%s%s", name, decays ? "_decay" : "");
    get_floats("weights", N, weights);
    get_floats("gradients", N_STEPS * N, gradients);
    get_floats("rates", N_STEPS, rates);
    get_floats(key, N_STEPS * N, want);
    assert_int_equal(ws_optimizer_find(name, &optimizer, &err), WS_OK);
    assert_int_equal(ws_optimizer_memory_init(&memory, optimizer, &hyper, N, &err), WS_OK);
    for (size_t step = 0; step < N_STEPS; step++) {
        ws_update update = {.weights = weights,
                            .gradients = gradients + step * N,
                            .powers = memory.powers,
                            .n = N,
                            .rate = rates[step],
                            .scale = 1.0f,
                            .hyper = &hyper,
                            .decayed = &first_half,
                            .n_decayed = 1};
        memcpy(update.slots, memory.slots, sizeof update.slots);
        ws_optimizer_run(optimizer, &update, 2);
        for (size_t i = 0; i < N; i++)
            largest = fmax(largest, fabs((double)weights[i] - (double)want[step * N + i]));
    }
    print_message("  %-22s largest difference %.1e\n", key, largest);
    assert_true(largest < 3e-6);
    ws_optimizer_memory_deinit(&memory);
}

static void optimizers_equal_pytorch(void **state)
{
    static const char *const names[] = {"gradient_descent", "momentum", "sgd_momentum", "adam",
                                        "adamw"};
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        check_optimizer(names[i], false);
        check_optimizer(names[i], true);
    }
}

/** By gradient descent of rate 1 from zero, so that weights are the gradients that were used. */
static void clipping_equals_pytorch(void **state)
{
    float gradients[N_STEPS * N], want[N_STEPS * N];
    bool is_shortened = false;
    (void)state;

    get_floats("gradients", N_STEPS * N, gradients);
    get_floats("clipped", N_STEPS * N, want);
    for (size_t step = 0; step < N_STEPS; step++) {
        float weights[N] = {0};
        double norm = 0.0;
        for (size_t i = 0; i < N; i++)
            norm += pow((double)gradients[step * N + i], 2.0);
        const ws_update update = {.weights = weights,
                                  .gradients = gradients + step * N,
                                  .n = N,
                                  .rate = 1.0f,
                                  .scale = ws_clip_scale(sqrt(norm), max_norm)};
        is_shortened = is_shortened || update.scale < 1.0f;
        ws_optimizer_run(&ws_optimizer_gradient_descent, &update, 1);
        for (size_t i = 0; i < N; i++)
            assert_float_equal(-weights[i], want[step * N + i], 2e-6f);
    }
    assert_true(is_shortened);
}

static void averages_equal_pytorch(void **state)
{
    float averages[N], weights[N_STEPS * N], want[N_STEPS * N];
    (void)state;

    get_floats("weights", N, averages);
    get_floats("adam", N_STEPS * N, weights);
    get_floats("ema", N_STEPS * N, want);
    for (size_t step = 0; step < N_STEPS; step++) {
        ws_ema_run(averages, weights + step * N, N, 0.7, 2);
        for (size_t i = 0; i < N; i++)
            assert_float_equal(averages[i], want[step * N + i], 1e-6f);
    }
}

static void schedules_equal_pytorch(void **state)
{
    enum { TOTAL = 40 };
    static const char *const names[] = {"cosine", "linear"};
    (void)state;

    for (size_t k = 0; k < 2; k++) {
        const ws_schedule_options options = {names[k], "40", "", "0.1", 8};
        ws_npy want = get(names[k], TOTAL);
        ws_schedule schedule;
        ws_error err;
        assert_int_equal(ws_schedule_init(&schedule, &options, &err), WS_OK);
        for (size_t i = 0; i < TOTAL; i++)
            assert_true(fabs(ws_schedule_rate(&schedule, (int64_t)i + 1) - ws_npy_item(&want, i)) <
                        1e-12);
        ws_npy_deinit(&want);
    }
}

enum { ROWS = 5, LABELS = 12 };

/** The figures of all losses of make_recipe_pytorch.py. */
typedef struct loss_inputs {
    double logits[ROWS * LABELS], teacher[ROWS * LABELS];
    int32_t labels[ROWS], others[ROWS];
    double shares[ROWS];
} loss_inputs;

static void get_doubles(const char *name, size_t n, double *values)
{
    ws_npy npy = get(name, n);
    for (size_t i = 0; i < n; i++)
        values[i] = ws_npy_item(&npy, i);
    ws_npy_deinit(&npy);
}

static void get_inputs(loss_inputs *in)
{
    double labels[ROWS], others[ROWS];

    get_doubles("logits", ROWS * LABELS, in->logits);
    get_doubles("teacher", ROWS * LABELS, in->teacher);
    get_doubles("labels", ROWS, labels);
    get_doubles("mixed_with", ROWS, others);
    get_doubles("shares", ROWS, in->shares);
    for (size_t i = 0; i < ROWS; i++) {
        in->labels[i] = (int32_t)labels[i];
        in->others[i] = (int32_t)others[i];
    }
}

/** @param tolerance  of numbers around 1 */
static void check_loss(const char *name, const loss_inputs *in, const ws_soft_targets *targets,
                       double tolerance)
{
    double losses[ROWS], gradients[ROWS * LABELS], gradient[LABELS];
    char key[64];

    (void)snprintf(key, sizeof key, "%s_gradient", name);
    get_doubles(name, ROWS, losses);
    get_doubles(key, ROWS * LABELS, gradients);
    for (size_t row = 0; row < ROWS; row++) {
        const double loss =
            ws_sample_loss(in->labels, targets, row, in->logits + row * LABELS, LABELS, gradient);
        assert_true(fabs(loss - losses[row]) < tolerance);
        for (size_t k = 0; k < LABELS; k++)
            assert_true(fabs(gradient[k] - gradients[row * LABELS + k]) < tolerance);
    }
}

/** Shares are floats, so that losses with them are as exact as those. */
static void losses_equal_pytorch(void **state)
{
    loss_inputs in;
    float shares[3][ROWS * LABELS]; /* smooth, mixed, both */
    (void)state;

    get_inputs(&in);
    for (size_t row = 0; row < ROWS; row++) {
        for (size_t k = 0; k < LABELS; k++) {
            const double own = k == (size_t)in.labels[row], other = k == (size_t)in.others[row];
            const double mixed = in.shares[row] * own + (1.0 - in.shares[row]) * other;
            shares[0][row * LABELS + k] = (float)(0.9 * own + 0.1 / LABELS);
            shares[1][row * LABELS + k] = (float)mixed;
            shares[2][row * LABELS + k] = (float)(0.9 * mixed + 0.1 / LABELS);
        }
    }
    check_loss("plain", &in, &(ws_soft_targets){.shares = NULL}, 1e-12);
    check_loss("smooth", &in, &(ws_soft_targets){.shares = shares[0]}, 3e-6);
    check_loss("mixed", &in, &(ws_soft_targets){.shares = shares[1]}, 3e-6);
    check_loss("distilled", &in,
               &(ws_soft_targets){.teacher = in.teacher, .temperature = 3.0, .teacher_share = 0.7},
               1e-12);
    check_loss(
        "everything", &in,
        &(ws_soft_targets){
            .shares = shares[2], .teacher = in.teacher, .temperature = 3.0, .teacher_share = 0.7},
        3e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimizers_equal_pytorch), cmocka_unit_test(clipping_equals_pytorch),
        cmocka_unit_test(averages_equal_pytorch),   cmocka_unit_test(schedules_equal_pytorch),
        cmocka_unit_test(losses_equal_pytorch),
    };
    return cmocka_run_group_tests(tests, open_npz, close_npz);
}
