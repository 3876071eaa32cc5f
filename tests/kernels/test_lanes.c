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

enum { MAX_BATCH = 40, N_DIFFERENCES = 30 /* of a network, each two passes of plain loops */ };

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

static void run(trial *t, ws_cpu_level level, unsigned n_threads, bool is_training)
{
    const ws_lanes_runner_options options = {
        .max_batch = MAX_BATCH, .n_threads = n_threads, .level = level};
    const ws_lanes_pass pass = {.parameters = t->parameters,
                                .state = t->state,
                                .is_training = is_training,
                                .n = t->n,
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
    static const size_t batches[] = {5, 16, 19, MAX_BATCH};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
