/* Whole networks against TensorFlow's figures: logits, loss, every gradient, weights after a step
 * of gradient descent and after five of momentum; with both engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/model.h"
#include "nn/network.h"
#include "optim/optimizer.h"
#include "support/check.h"
#include "support/npz.h"

enum { N_SAMPLES = 4, MAX_NAME = 128 };

typedef struct golden_case {
    const char *architecture;
    const char *file; /* below the shared data, or below tests/ with `here` */
    bool here;        /* a subset that travels with the tests: no weights after a step */
    size_t n_frames, n_labels, n_weights;
} golden_case;

static const golden_case cases[] = {
    {"tiny_conv", "golden/data/tiny_conv_49.npz", true, 49, 4, 16652},
    {"single_fc", "golden/tensorflow/networks/single_fc.npz", false, 98, 12, 47052},
    {"tiny_conv", "golden/tensorflow/networks/tiny_conv.npz", false, 98, 12, 94740},
    {"tiny_conv", "golden/tensorflow/networks/tiny_conv_49.npz", false, 49, 4, 16652},
    {"tiny_embedding_conv", "golden/data/tiny_embedding_conv_49.npz", true, 49, 4, 6164},
    {"tiny_embedding_conv", "golden/tensorflow/networks/tiny_embedding_conv.npz", false, 98, 12,
     7804},
    {"tiny_embedding_conv", "golden/tensorflow/networks/tiny_embedding_conv_49.npz", false, 49, 4,
     6164},
    {"low_latency_conv", "golden/tensorflow/networks/low_latency_conv.npz", false, 98, 12, 949862},
    {"low_latency_svdf", "golden/tensorflow/networks/low_latency_svdf.npz", false, 98, 12, 751372},
    {"conv", "golden/tensorflow/networks/conv.npz", false, 98, 12, 926860},
};

/**
 * A way to compute a network.
 *
 * The golden weights and features are small integers times powers of two, so that plain sums of
 * them are exact: some outputs of `conv`'s first layer are exactly zero, where ReLU has its bend,
 * and some are exactly equal under a window of max pooling. By FFT they are so but for rounding,
 * and fall to either side. That moves the gradients of that layer, and of nothing else; here they
 * are only held to TIED. The last test moves the golden point a little off its ties and holds all
 * gradients there to the reference engine, which equals TensorFlow on the point itself.
 */
typedef struct way {
    const char *name;
    ws_engine engine;
    ws_convolution convolution;
    double tolerance; /* of logits and gradients, relative to the largest */
    bool breaks_ties;
} way;

#define TIED 0.05

static const way reference = {"reference", WS_ENGINE_REFERENCE, WS_CONVOLUTION_CHEAPER, 1e-5,
                              false};
static const way fast_products = {"fast, products", WS_ENGINE_FAST, WS_CONVOLUTION_BY_PRODUCTS,
                                  1e-5, false};
static const way fast = {"fast", WS_ENGINE_FAST, WS_CONVOLUTION_CHEAPER, 1e-5, true};

/** A case under way. */
typedef struct trial {
    const golden_case *at;
    const way *by;
    ws_npz npz;
    ws_graph graph;
    ws_network *network;
    float *features; /* [N_SAMPLES, size] */
    int32_t labels[N_SAMPLES];
} trial;

static ws_npy get(const trial *t, const char *prefix, const char *name)
{
    char whole[MAX_NAME];
    ws_npy npy;
    ws_error err;

    (void)snprintf(whole, sizeof whole, "%s%s", prefix, name);
    if (ws_npz_get(&t->npz, whole, &npy, &err) != WS_OK)
        fail_msg("%s", err.message);
    return npy;
}

/** Weights are integers times a power of two. */
static void load_parameters(trial *t)
{
    float *parameters = ws_network_parameters(t->network);

    for (size_t p = 0; p < t->graph.n_parameters; p++) {
        const ws_variable *parameter = &t->graph.parameters[p];
        ws_npy weights = get(t, "weights/", parameter->name);
        ws_npy scale = get(t, "scale/", parameter->name);
        assert_int_equal(weights.n_dims, parameter->n_dims);
        for (size_t i = 0; i < weights.n_dims; i++)
            assert_int_equal(weights.shape[i], parameter->dims[i]);
        for (size_t i = 0; i < parameter->size; i++)
            parameters[parameter->offset + i] =
                (float)(ws_npy_item(&weights, i) * ws_npy_item(&scale, 0));
        ws_npy_deinit(&weights);
        ws_npy_deinit(&scale);
    }
}

static void load_batch(trial *t)
{
    ws_npy eighths = get(t, "", "input_eighths");
    ws_npy labels = get(t, "", "labels");

    assert_int_equal(labels.n_items, N_SAMPLES);
    assert_int_equal(eighths.n_items, N_SAMPLES * 40 * t->at->n_frames);
    t->features = malloc(eighths.n_items * sizeof *t->features);
    assert_non_null(t->features);
    for (size_t i = 0; i < eighths.n_items; i++)
        t->features[i] = (float)(ws_npy_item(&eighths, i) / 8.0);
    for (size_t i = 0; i < N_SAMPLES; i++)
        t->labels[i] = (int32_t)ws_npy_item(&labels, i);
    ws_npy_deinit(&eighths);
    ws_npy_deinit(&labels);
}

/** Finds the entries that the archive keeps of an array: all, or every k-th. k is 1 if all are
 *  there. */
static ws_npy get_kept(const trial *t, const char *prefix, const char *name, size_t *k)
{
    char sampled[MAX_NAME];

    (void)snprintf(sampled, sizeof sampled, "%s%s", prefix, name);
    *k = 1;
    if (ws_npz_has(&t->npz, sampled))
        return get(t, "", sampled);
    for (*k = 2; *k < 1000; ++*k) {
        (void)snprintf(sampled, sizeof sampled, "%s%s#every%zu", prefix, name, *k);
        if (ws_npz_has(&t->npz, sampled))
            return get(t, "", sampled);
    }
    fail_msg("no %s%s in any form", prefix, name);
    return (ws_npy){0};
}

/** Largest difference of the kept entries; and the largest of the reference. */
static double compare_kept(const ws_npy *kept, size_t k, const float *values, double *largest)
{
    double worst = 0.0;

    *largest = ws_test_largest(ws_npy_f4(kept), kept->n_items);
    for (size_t i = 0; i < kept->n_items; i++) {
        const double off = fabs((double)values[i * k] - (double)ws_npy_f4(kept)[i]);
        worst = off <= worst ? worst : off; /* a NaN stays */
    }
    return worst;
}

/** Sum, sum of absolutes and sum of squares of a sampled array. */
static void check_sums(const trial *t, const char *prefix, const char *name, const float *values,
                       size_t n)
{
    char whole[MAX_NAME];
    double sums[3] = {0.0, 0.0, 0.0};

    (void)snprintf(whole, sizeof whole, "%s#sums", name);
    ws_npy want = get(t, prefix, whole);
    for (size_t i = 0; i < n; i++) {
        const double value = (double)values[i];
        sums[0] += value;
        sums[1] += fabs(value);
        sums[2] += value * value;
    }
    assert_close_double(whole, sums, ws_npy_f8(&want), 2, 1e-6 * ws_npy_f8(&want)[1]);
    assert_close_double(whole, sums + 2, ws_npy_f8(&want) + 2, 1, 2e-6 * ws_npy_f8(&want)[2]);
    ws_npy_deinit(&want);
}

/** One variable of a set of arrays such as "gradient/"; tolerance relative to the largest. */
static void check_array(const trial *t, const char *prefix, const ws_variable *parameter,
                        const float *values, bool relative, double tolerance)
{
    size_t k;
    double largest;
    ws_npy kept = get_kept(t, prefix, parameter->name, &k);
    const double worst = compare_kept(&kept, k, values, &largest);
    const double limit = relative ? tolerance * largest : tolerance;

    assert_int_equal(kept.n_items, (parameter->size + k - 1) / k);
    print_message("  %s%-18s worst %.1e of %.1e\n", prefix, parameter->name, worst, limit);
    if (!(worst <= limit))
        fail_msg("%s%s is off by %g, at most %g", prefix, parameter->name, worst, limit);
    if (k > 1)
        check_sums(t, prefix, parameter->name, values, parameter->size);
    ws_npy_deinit(&kept);
}

static bool has_ties(const trial *t, const ws_variable *parameter)
{
    return t->by->breaks_ties && strcmp(t->at->architecture, "conv") == 0 &&
           strncmp(parameter->name, "first_", 6) == 0;
}

static void check_tied(const trial *t, const ws_variable *parameter, const float *gradient)
{
    size_t k;
    double largest;
    ws_npy kept = get_kept(t, "gradient/", parameter->name, &k);
    const double worst = compare_kept(&kept, k, gradient, &largest);

    print_message("  %s worst %.1e of %.1e: ties\n", parameter->name, worst, TIED * largest);
    assert_true(worst <= TIED * largest);
    ws_npy_deinit(&kept);
}

static void check_logits_and_loss(const trial *t, const float *logits, double loss)
{
    ws_npy want_logits = get(t, "", "logits");
    ws_npy want_loss = get(t, "", "loss");
    const size_t n = N_SAMPLES * t->at->n_labels;
    const double largest = ws_test_largest(ws_npy_f4(&want_logits), n);

    assert_int_equal(want_logits.n_items, n);
    assert_close("logits", logits, ws_npy_f4(&want_logits), n, t->by->tolerance * largest);
    const double want = ws_npy_item(&want_loss, 0);
    print_message("  loss %.9f, TensorFlow %.9f\n", loss, want);
    assert_true(fabs(loss - want) <= t->by->tolerance / 10.0 * want);
    assert_true(fabs(ws_cross_entropy(logits, t->labels, N_SAMPLES, t->at->n_labels) - want) <=
                t->by->tolerance / 10.0 * want);
    ws_npy_deinit(&want_logits);
    ws_npy_deinit(&want_loss);
}

static void check_gradients_and_step(const trial *t)
{
    const float *gradients = ws_network_gradients(t->network);
    const float *parameters = ws_network_parameters(t->network);

    for (size_t p = 0; p < t->graph.n_parameters; p++) {
        const ws_variable *parameter = &t->graph.parameters[p];
        const float *gradient = gradients + parameter->offset;
        if (has_ties(t, parameter)) {
            check_tied(t, parameter, gradient);
            continue;
        }
        check_array(t, "gradient/", parameter, gradient, true, t->by->tolerance);
        if (t->at->here)
            continue;
        float *after = malloc(parameter->size * sizeof *after);
        assert_non_null(after);
        for (size_t i = 0; i < parameter->size; i++)
            after[i] = parameters[parameter->offset + i] - 0.001f * gradient[i];
        check_array(t, "after_one_sgd/", parameter, after, false, 5e-8);
        free(after);
    }
}

static void open_trial(trial *t, const char *path)
{
    ws_error err;
    const ws_model *model;
    const ws_network_options options = {
        .max_batch = N_SAMPLES, .engine = t->by->engine, .convolution = t->by->convolution};
    const ws_model_settings settings = {t->at->n_frames, 40, t->at->n_labels, NULL};

    assert_int_equal(ws_npz_read(path, &t->npz, &err), WS_OK);
    assert_int_equal(ws_model_find(&model, t->at->architecture, &err), WS_OK);
    assert_int_equal(model->build(&t->graph, &settings, &err), WS_OK);
    assert_int_equal(t->graph.n_weights, t->at->n_weights);
    assert_int_equal(ws_network_create(&t->network, &t->graph, &options, &err), WS_OK);
    load_parameters(t);
    load_batch(t);
}

static void close_trial(trial *t)
{
    free(t->features);
    ws_network_destroy(t->network);
    ws_graph_deinit(&t->graph);
    ws_npz_deinit(&t->npz);
}

static void run_case(const golden_case *at, const way *by)
{
    static trial t;
    char path[512];
    float logits[N_SAMPLES * 12];

    if (at->here)
        (void)snprintf(path, sizeof path, "%s/%s", WS_TESTS_DIR, at->file);
    else if (!ws_test_shared(path, sizeof path, at->file))
        return;
    t = (trial){.at = at, .by = by};
    open_trial(&t, path);
    print_message("%s, %s\n", at->file, by->name);

    const ws_batch batch = {.features = t.features, .labels = t.labels, .n = N_SAMPLES};
    const double loss = ws_network_train(t.network, &batch, logits);
    check_logits_and_loss(&t, logits, loss);
    check_gradients_and_step(&t);
    memset(logits, 0, sizeof logits);
    ws_network_predict(t.network, t.features, N_SAMPLES, logits);
    check_logits_and_loss(&t, logits, loss);
    close_trial(&t);
}

static void reference_engine_equals_tensorflow(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run_case(&cases[i], &reference);
}

static void fast_engine_equals_tensorflow(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run_case(&cases[i], &fast);
}

static void matrix_products_equal_tensorflow(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run_case(&cases[i], &fast_products);
}

/** Five steps with the same batch; each loss is that before the step. */
static void check_nesterov(trial *t)
{
    enum { N_STEPS = 5 };
    const size_t n = t->graph.n_weights;
    const ws_batch batch = {.features = t->features, .labels = t->labels, .n = N_SAMPLES};
    const ws_optimizer *momentum = NULL;
    ws_npy losses = get(t, "", "nesterov_losses");
    float logits[N_SAMPLES * 12];
    float *slots = calloc(n, sizeof *slots);
    ws_error err;

    assert_non_null(slots);
    assert_int_equal(losses.n_items, N_STEPS);
    assert_int_equal(ws_optimizer_find("momentum", &momentum, &err), WS_OK);
    for (size_t step = 0; step < N_STEPS; step++) {
        const double loss = ws_network_train(t->network, &batch, logits);
        const ws_update update = {.weights = ws_network_parameters(t->network),
                                  .gradients = ws_network_gradients(t->network),
                                  .slots = {slots},
                                  .n = n,
                                  .rate = 0.001f,
                                  .scale = 1.0f,
                                  .hyper = &(ws_hyper){.momentum = 0.9f}};
        const double want = ws_npy_item(&losses, step);
        print_message("  loss %.9f, TensorFlow %.9f\n", loss, want);
        /* of the first one, for it falls far below that, and errors of weights add up */
        assert_true(fabs(loss - want) <= 2e-6 * ws_npy_item(&losses, 0));
        ws_optimizer_run(momentum, &update, 3);
    }
    for (size_t p = 0; p < t->graph.n_parameters; p++)
        check_array(t, "after_five_nesterov/", &t->graph.parameters[p],
                    ws_network_parameters(t->network) + t->graph.parameters[p].offset, false, 1e-7);
    free(slots);
    ws_npy_deinit(&losses);
}

/* Not by FFT, for the ties (see above) move the weights of `conv`. */
static void momentum_equals_tensorflow(void **state)
{
    static const way *const ways[] = {&reference, &fast_products};
    static trial t;
    char path[512];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (cases[i].here || !ws_test_shared(path, sizeof path, cases[i].file))
            continue;
        for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
            t = (trial){.at = &cases[i], .by = ways[k]};
            open_trial(&t, path);
            print_message("%s, %s\n", cases[i].file, ways[k]->name);
            check_nesterov(&t);
            close_trial(&t);
        }
    }
}

/** Moves weights and features by up to a thousandth of themselves, the same for each engine. */
static void leave_ties(trial *t)
{
    float *parameters = ws_network_parameters(t->network);
    ws_random random;

    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < t->graph.n_weights; i++)
        parameters[i] *= (float)(1.0 + 1e-3 * (2.0 * ws_random_uniform(&random) - 1.0));
    for (size_t i = 0; i < N_SAMPLES * 40 * t->at->n_frames; i++)
        t->features[i] *= (float)(1.0 + 1e-3 * (2.0 * ws_random_uniform(&random) - 1.0));
}

static void off_the_ties_the_engines_agree(void **state)
{
    const golden_case *conv = &cases[sizeof cases / sizeof *cases - 1];
    static trial trials[2];
    char path[512];
    float logits[N_SAMPLES * 12];

    (void)state;
    if (!ws_test_shared(path, sizeof path, conv->file))
        return;
    for (size_t i = 0; i < 2; i++) {
        trials[i] = (trial){.at = conv, .by = i == 0 ? &reference : &fast};
        open_trial(&trials[i], path);
        leave_ties(&trials[i]);
        const ws_batch batch = {
            .features = trials[i].features, .labels = trials[i].labels, .n = N_SAMPLES};
        (void)ws_network_train(trials[i].network, &batch, logits);
    }
    for (size_t p = 0; p < trials[0].graph.n_parameters; p++) {
        const ws_variable *parameter = &trials[0].graph.parameters[p];
        const float *want = ws_network_gradients(trials[0].network) + parameter->offset;
        const float *got = ws_network_gradients(trials[1].network) + parameter->offset;
        const double largest = ws_test_largest(want, parameter->size);
        assert_close(parameter->name, got, want, parameter->size, 1e-5 * largest);
    }
    close_trial(&trials[0]);
    close_trial(&trials[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_engine_equals_tensorflow),
        cmocka_unit_test(fast_engine_equals_tensorflow),
        cmocka_unit_test(matrix_products_equal_tensorflow),
        cmocka_unit_test(momentum_equals_tensorflow),
        cmocka_unit_test(off_the_ties_the_engines_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
