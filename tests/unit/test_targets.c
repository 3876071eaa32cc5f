/* train/targets: what clips should come to with smoothing and mixup; and that engines learn from
 * it as the reference engine does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "base/random.h"
#include "dataset/mixup.h"
#include "models/model.h"
#include "settings/train_flags.h"
#include "train/targets.h"

enum { N = 21, SIZE = 30, N_LABELS = 4, MAX_SIZE = 40 * 20 };

static char *names[] = {(char[]){"_silence_"}, (char[]){"_unknown_"}, (char[]){"yes"},
                        (char[]){"no"}};
static const ws_text_list label_list = {.items = names, .n_items = N_LABELS};

static ws_targets *make(double smoothing, double alpha, ws_flags *flags, ws_train_options *options)
{
    ws_targets *targets = NULL;
    ws_error err;

    assert_int_equal(ws_flags_init(flags, &ws_train_flags, options, &err), WS_OK);
    options->label_smoothing = smoothing;
    options->mixup = alpha;
    options->seed = 77;
    assert_int_equal(ws_targets_create(&targets,
                                       &(ws_targets_options){.options = options,
                                                             .labels = &label_list,
                                                             .max_batch = N,
                                                             .size = SIZE},
                                       &err),
                     WS_OK);
    return targets;
}

static void check_targets(double smoothing, double alpha)
{
    float features[N * SIZE];
    int32_t labels[N];
    ws_train_options options;
    ws_flags flags;
    ws_targets *targets = make(smoothing, alpha, &flags, &options);
    const ws_mixup mixup = {.seed = 77, .step = 6, .alpha = alpha, .n = N};
    ws_batch batch = {.features = features, .labels = labels, .n = N};

    for (size_t i = 0; i < N; i++)
        labels[i] = (int32_t)(i % N_LABELS);
    for (size_t i = 0; i < N * SIZE; i++)
        features[i] = (float)(i % 13);
    ws_targets_set(targets, 6, &batch);
    assert_true((batch.features == features) == (alpha == 0.0));
    assert_true((batch.targets.shares == NULL) == (alpha == 0.0 && smoothing == 0.0));
    for (size_t row = 0; batch.targets.shares != NULL && row < N; row++) {
        const float *shares = batch.targets.shares + row * N_LABELS;
        const ws_mixed_row mixed =
            alpha > 0.0 ? ws_mixup_draw(&mixup, row) : (ws_mixed_row){row, 1.0f};
        double sum = 0.0;
        for (size_t k = 0; k < N_LABELS; k++) {
            const double own = k == (size_t)labels[row] ? (double)mixed.share : 0.0;
            const double other = k == (size_t)labels[mixed.other] ? 1.0 - (double)mixed.share : 0.0;
            const double want = (1.0 - smoothing) * (own + other) + smoothing / N_LABELS;
            assert_true(fabs((double)shares[k] - want) < 1e-6);
            assert_true(shares[k] <= shares[labels[row]] + 1e-6f);
            sum += (double)shares[k];
        }
        assert_true(fabs(sum - 1.0) < 1e-6);
    }
    ws_targets_destroy(targets);
    ws_flags_deinit(&flags);
}

static void labels_are_smoothed_and_mixed(void **state)
{
    (void)state;

    check_targets(0.0, 0.0);
    check_targets(0.1, 0.0);
    check_targets(0.0, 0.3);
    check_targets(0.2, 1.0);
}

/** A training step of an engine. */
typedef struct outcome {
    double loss;
    float *gradients; /* owned */
} outcome;

static outcome train(const ws_graph *graph, ws_engine engine, unsigned n_threads,
                     const ws_batch *batch)
{
    outcome result = {.gradients = malloc(graph->n_weights * sizeof(float))};
    float logits[N * N_LABELS];
    ws_network *network = NULL;
    ws_error err;

    assert_non_null(result.gradients);
    assert_int_equal(
        ws_network_create(
            &network, graph,
            &(ws_network_options){.max_batch = N, .engine = engine, .n_threads = n_threads}, &err),
        WS_OK);
    ws_network_init_parameters(network, 3);
    result.loss = ws_network_train(network, batch, logits);
    memcpy(result.gradients, ws_network_gradients(network), graph->n_weights * sizeof(float));
    ws_network_destroy(network);
    return result;
}

/** With all parts of the loss. */
static void check_engines(const char *name)
{
    static float features[N * MAX_SIZE], shares[N * N_LABELS];
    double teacher[N * N_LABELS], worst = 0.0, largest = 0.0;
    int32_t labels[N] = {0};
    const ws_model *model = NULL;
    ws_graph graph = {0};
    ws_random random;
    ws_error err;

    ws_random_init(&random, 4, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < N * MAX_SIZE; i++)
        features[i] = (float)ws_random_uniform(&random);
    for (size_t i = 0; i < N * N_LABELS; i++) {
        shares[i] = i % N_LABELS == i / N_LABELS % N_LABELS ? 0.85f : 0.05f;
        teacher[i] = 4.0 * ws_random_uniform(&random);
    }
    assert_int_equal(ws_model_find(&model, name, &err), WS_OK);
    assert_int_equal(
        model->build(&graph,
                     &(ws_model_settings){.n_frames = 40, .width = 20, .n_labels = N_LABELS}, &err),
        WS_OK);
    const ws_batch batch = {
        .features = features,
        .labels = labels,
        .n = N,
        .targets = {
            .shares = shares, .teacher = teacher, .temperature = 2.5, .teacher_share = 0.4}};
    outcome want = train(&graph, WS_ENGINE_REFERENCE, 1, &batch);
    outcome one = train(&graph, WS_ENGINE_FAST, 1, &batch);
    outcome three = train(&graph, WS_ENGINE_FAST, 3, &batch);
    assert_memory_equal(&one.loss, &three.loss, sizeof one.loss);
    assert_memory_equal(one.gradients, three.gradients, graph.n_weights * sizeof(float));
    assert_true(fabs(one.loss - want.loss) < 1e-5 * want.loss);
    for (size_t i = 0; i < graph.n_weights; i++) {
        worst = fmax(worst, fabs((double)one.gradients[i] - (double)want.gradients[i]));
        largest = fmax(largest, fabs((double)want.gradients[i]));
    }
    print_message("  %-12s loss %.4f, gradients off by %.1e of the largest\n", name, want.loss,
                  worst / largest);
    assert_true(worst < 1e-4 * largest);
    free(want.gradients);
    free(one.gradients);
    free(three.gradients);
    ws_graph_deinit(&graph);
}

static void engines_learn_from_soft_targets(void **state)
{
    (void)state;

    check_engines("tiny_conv");
    check_engines("tc_resnet_8");
    check_engines("single_fc");
}

/** The score, after training, of sound that is the phrase in 99 of 100 cases. */
static double learn(double logit_factor, ws_engine engine)
{
    enum { N_STEPS = 400 };
    static const float features[] = {1.0f, -1.0f}, shares[] = {0.99f, 0.01f};
    static const int32_t labels[] = {1, 0};
    const float rate = (float)(10.0 / (logit_factor * logit_factor));
    ws_network *network = NULL;
    ws_graph graph;
    float logits[2];
    ws_error err;

    ws_graph_init(&graph);
    (void)ws_graph_push_dense(&graph, ws_graph_push_input(&graph, (ws_shape){1, 1, 1}),
                              &(ws_dense_args){.name = "w", .n_units = 1});
    assert_int_equal(
        ws_network_create(&network, &graph,
                          &(ws_network_options){.max_batch = 2, .engine = engine, .n_threads = 1},
                          &err),
        WS_OK);
    ws_network_parameters(network)[0] = 0.0f;
    for (int i = 0; i < N_STEPS; i++) {
        (void)ws_network_train(
            network,
            &(ws_batch){.features = features,
                        .labels = labels,
                        .n = 2,
                        .targets = {.shares = shares, .logit_factor = logit_factor}},
            logits);
        ws_network_parameters(network)[0] -= rate * ws_network_gradients(network)[0];
    }
    assert_true(fabs((double)(logits[0] + logits[1])) < 1e-6);
    ws_network_destroy(network);
    ws_graph_deinit(&graph);
    return 1.0 / (1.0 + exp(-(double)logits[0]));
}

/** The factor is what keeps scores from the end of the scale. */
static void a_factor_brings_scores_down(void **state)
{
    static const double factors[] = {1.0, 2.0, 4.0};
    (void)state;

    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        const double want = 1.0 / (1.0 + exp(-log(99.0) / factors[i]));
        assert_true(fabs(learn(factors[i], WS_ENGINE_REFERENCE) - want) < 1e-3);
        assert_true(fabs(learn(factors[i], WS_ENGINE_FAST) - want) < 1e-3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_factor_brings_scores_down),
        cmocka_unit_test(labels_are_smoothed_and_mixed),
        cmocka_unit_test(engines_learn_from_soft_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
