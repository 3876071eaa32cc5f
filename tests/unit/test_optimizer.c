/* Optimisers: their formulas on numbers that can be followed by hand, and the cutting into pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "optim/ema.h"
#include "optim/optimizer.h"

static void they_are_found_by_name(void **state)
{
    const ws_optimizer *optimizer = NULL;
    ws_error err;
    (void)state;

    assert_int_equal(ws_optimizer_find("gradient_descent", &optimizer, &err), WS_OK);
    assert_int_equal(ws_optimizer_n_slots(optimizer), 0);
    assert_int_equal(ws_optimizer_find("adamw", &optimizer, &err), WS_OK);
    assert_int_equal(ws_optimizer_n_slots(optimizer), 2);
    assert_string_equal(optimizer->slots[1], "Adam_1");
    assert_int_equal(ws_optimizer_find("adagrad", &optimizer, &err), WS_ENOTFOUND);
    assert_string_equal(err.message, "unknown --optimizer \"adagrad\", expected one of: "
                                     "gradient_descent, momentum, sgd_momentum, adam, adamw");
}

static void gradient_descent_goes_down(void **state)
{
    float weights[3] = {1, 2, 3};
    const float gradients[3] = {8, -8, 0}, expected[3] = {0, 3, 3};
    (void)state;

    ws_optimizer_run(
        &ws_optimizer_gradient_descent,
        &(ws_update){
            .weights = weights, .gradients = gradients, .n = 3, .rate = 0.125f, .scale = 1.0f},
        0);
    assert_memory_equal(weights, expected, sizeof weights);
}

/** a = 0.9 a + g, w -= rate (g + 0.9 a). */
static void momentum_looks_ahead(void **state)
{
    float weight = 1.0f, slot = 0.0f;
    const float gradient = 2.0f;
    const ws_update update = {.weights = &weight,
                              .gradients = &gradient,
                              .slots = {&slot},
                              .n = 1,
                              .rate = 0.5f,
                              .scale = 1.0f,
                              .hyper = &(ws_hyper){.momentum = 0.9f}};
    (void)state;

    ws_optimizer_run(&ws_optimizer_momentum, &update, 1);
    assert_float_equal(slot, 2.0f, 0.0f);
    assert_float_equal(weight, 1.0f - 0.5f * (2.0f + 1.8f), 1e-6f);
    ws_optimizer_run(&ws_optimizer_momentum, &update, 1);
    assert_float_equal(slot, 3.8f, 1e-6f);
    assert_float_equal(weight, 1.0f - 0.5f * (3.8f + 2.0f + 3.42f), 1e-6f);
}

/** Slots of n numbers, and the same again for a plain loop to change. */
typedef struct arrays {
    size_t n;
    float *weights, *gradients, *slots[WS_OPTIMIZER_MAX_SLOTS];
    float powers[WS_OPTIMIZER_N_POWERS];
} arrays;

static float *make_random(size_t n, uint32_t stream, double least)
{
    float *values = malloc((n + 1) * sizeof *values);
    ws_random random;

    assert_non_null(values);
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, stream);
    for (size_t i = 0; i <= n; i++)
        values[i] = (float)(least + (1.0 - least) * ws_random_uniform(&random));
    return values;
}

static arrays make_arrays(size_t n)
{
    return (arrays){
        .n = n,
        .weights = make_random(n, 1, -1.0),
        .gradients = make_random(n, 2, -1.0),
        .slots = {make_random(n, 3, -1.0), make_random(n, 4, 0.0)},
        .powers = {0.81f, 0.998f},
    };
}

static void free_arrays(arrays *a)
{
    free(a->weights);
    free(a->gradients);
    for (size_t s = 0; s < WS_OPTIMIZER_MAX_SLOTS; s++)
        free(a->slots[s]);
}

/** What an update means, one number after the other; a kernel's call has n = 1. */
static void update_plainly(const ws_optimizer *optimizer, const ws_update *all)
{
    for (size_t i = 0; i < all->n; i++) {
        bool decays = false;
        for (size_t s = 0; s < all->n_decayed; s++)
            decays = decays || (i >= all->decayed[s].begin && i < all->decayed[s].end);
        const float decay = decays ? all->hyper->weight_decay : 0.0f;
        float gradient = all->scale * all->gradients[i];
        ws_update one = *all;
        one.weights += i;
        if (decay != 0.0f && optimizer->decays_apart)
            *one.weights *= 1.0f - all->rate * decay;
        else if (decay != 0.0f)
            gradient += decay * *one.weights;
        one.gradients = &gradient;
        for (size_t s = 0; s < WS_OPTIMIZER_MAX_SLOTS; s++)
            one.slots[s] += i;
        one.n = 1;
        optimizer->update(&one);
    }
}

/** Pieces, blocks, spans and a remainder: each number is updated once, and the one after the last
 *  is not. */
static void check_pieces(const ws_optimizer *optimizer, size_t n, unsigned n_threads, bool changes)
{
    const ws_hyper hyper = {.momentum = 0.8f,
                            .beta1 = 0.9f,
                            .beta2 = 0.999f,
                            .epsilon = 1e-7f,
                            .weight_decay = changes ? 0.01f : 0.0f};
    const ws_span decayed[] = {{0, n / 7}, {n / 7, n / 5}, {n / 3, n / 3 + n / 2}};
    arrays have = make_arrays(n), want = make_arrays(n);
    ws_update update = {.weights = have.weights,
                        .gradients = have.gradients,
                        .slots = {have.slots[0], have.slots[1]},
                        .powers = have.powers,
                        .n = n,
                        .rate = 0.1f,
                        .scale = changes ? 0.37f : 1.0f,
                        .hyper = &hyper,
                        .decayed = decayed,
                        .n_decayed = 3};

    ws_optimizer_run(optimizer, &update, n_threads);
    update.weights = want.weights;
    memcpy(update.slots, want.slots, sizeof want.slots);
    update.powers = want.powers;
    update_plainly(optimizer, &update);
    assert_memory_equal(have.weights, want.weights, (n + 1) * sizeof(float));
    for (size_t s = 0; s < WS_OPTIMIZER_MAX_SLOTS; s++)
        assert_memory_equal(have.slots[s], want.slots[s], (n + 1) * sizeof(float));
    const bool moves = have.powers[0] == 0.81f * 0.9f && have.powers[1] == 0.998f * 0.999f;
    const bool rests = have.powers[0] == 0.81f && have.powers[1] == 0.998f;
    assert_true(optimizer->has_powers ? moves : rests);
    free_arrays(&have);
    free_arrays(&want);
}

static void threads_do_not_change_a_bit(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 1025, 32767, 32768, 32769, 100003};
    static const char *const names[] = {"gradient_descent", "momentum", "sgd_momentum", "adam",
                                        "adamw"};
    (void)state;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            const ws_optimizer *optimizer = NULL;
            ws_error err;
            assert_int_equal(ws_optimizer_find(names[k], &optimizer, &err), WS_OK);
            for (unsigned n_threads = 1; n_threads < 4; n_threads++) {
                check_pieces(optimizer, sizes[i], n_threads, false);
                check_pieces(optimizer, sizes[i], n_threads, true);
            }
        }
    }
}

static void clipping_shortens(void **state)
{
    (void)state;

    assert_true(ws_clip_scale(4.0, 1.0) == 0.25f);
    assert_true(ws_clip_scale(1.0, 1.0) == 1.0f && ws_clip_scale(0.0, 1.0) == 1.0f);
    assert_true(ws_clip_scale(1e30, 0.0) == 1.0f);
    /* left to those who look for it */
    assert_true(ws_clip_scale((double)NAN, 1.0) == 1.0f);
}

/** Early steps keep less: (1 + step) / (10 + step). */
static void averages_follow_the_weights(void **state)
{
    enum { N = 100003 };
    float *weights = make_random(N, 5, -1.0), *averages = make_random(N, 6, -1.0);
    float *want = make_random(N, 6, -1.0);
    (void)state;

    assert_true(ws_ema_get_decay(0.999, 1) == 2.0 / 11.0);
    assert_true(ws_ema_get_decay(0.5, 1) == 2.0 / 11.0 && ws_ema_get_decay(0.5, 8) == 0.5);
    assert_true(ws_ema_get_decay(0.999, 100000) == 0.999);
    ws_ema_run(averages, weights, N, 0.75, 3);
    for (size_t i = 0; i < N; i++)
        want[i] = want[i] - 0.25f * (want[i] - weights[i]);
    assert_memory_equal(averages, want, (N + 1) * sizeof *want);
    free(weights);
    free(averages);
    free(want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_found_by_name), cmocka_unit_test(gradient_descent_goes_down),
        cmocka_unit_test(momentum_looks_ahead),   cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(clipping_shortens),      cmocka_unit_test(averages_follow_the_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
