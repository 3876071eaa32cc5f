/* Training steps that are shared out among ranks: losses, logits, gradients, running statistics and
 * learned ranges have the bits of one process alone, for every model, for 1, 2, 3 and 5 ranks of
 * one and two threads. Ranks are processes of this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "nn/network.h"
#include "nn/passes/quantize.h"
#include "support/local_ranks.h"
#include "support/models.h"

enum {
    N_LABELS = 5,
    BATCH = 53, /* four blocks of 16 samples, the last one not full */
    N_STEPS = 2,
    MAX_RANKS = 5,
    N_FRAMES = 45,
    WIDTH = 40,
};

typedef struct outcome {
    double losses[N_STEPS];
    size_t n_rows;   /* of the batch that this rank had */
    float numbers[]; /* logits, gradients, states; then ranges */
} outcome;

typedef struct trial {
    const ws_graph *graph;
    ws_engine engine;
    unsigned n_threads;
    size_t n_bytes;          /* of an outcome */
    unsigned char *outcomes; /* [MAX_RANKS, n_bytes] shared */
    const float *features;
    const int32_t *labels;
} trial;

static size_t count_numbers(const ws_graph *graph)
{
    return BATCH * N_LABELS + graph->n_weights + graph->n_state_numbers;
}

static size_t outcome_bytes(const ws_graph *graph)
{
    const size_t n = sizeof(outcome) + count_numbers(graph) * sizeof(float) +
                     graph->n_quantizers * sizeof(ws_quant_range);
    return (n + 63) / 64 * 64;
}

static void take_outcome(const trial *t, ws_network *network, const float *logits, outcome *out)
{
    const ws_graph *graph = t->graph;
    float *to = out->numbers;

    memcpy(to, logits, BATCH * N_LABELS * sizeof *to);
    to += BATCH * N_LABELS;
    memcpy(to, ws_network_gradients(network), graph->n_weights * sizeof *to);
    to += graph->n_weights;
    if (graph->n_state_numbers > 0)
        memcpy(to, ws_network_states(network), graph->n_state_numbers * sizeof *to);
    to += graph->n_state_numbers;
    if (graph->n_quantizers > 0)
        memcpy(to, ws_network_ranges(network), graph->n_quantizers * sizeof(ws_quant_range));
}

/** Some steps, with a plain update between them. */
static int run_rank(ws_ranks *ranks, void *user)
{
    const trial *t = user;
    const size_t size = ws_shape_size(ws_graph_input_shape(t->graph));
    outcome *out = (outcome *)(void *)(t->outcomes + ws_ranks_rank(ranks) * t->n_bytes);
    ws_network *network = NULL;
    float logits[BATCH * N_LABELS];

    if (ws_network_create(
            &network, t->graph,
            &(ws_network_options){
                .max_batch = BATCH, .n_threads = t->n_threads, .engine = t->engine, .ranks = ranks},
            NULL) != WS_OK)
        return 1;
    ws_network_init_parameters(network, 3);
    const ws_network_rows rows = ws_network_share(network, BATCH);
    out->n_rows = rows.n;
    for (uint64_t step = 0; step < N_STEPS; step++) {
        const ws_batch batch = {.features = t->features + rows.first * size,
                                .labels = t->labels + rows.first,
                                .n = rows.n,
                                .first = rows.first,
                                .n_all = BATCH,
                                .dropout = {.rate = 0.5, .seed = 11, .step = step}};
        out->losses[step] = ws_network_train(network, &batch, logits);
        float *parameters = ws_network_parameters(network);
        for (size_t i = 0; i < t->graph->n_weights; i++)
            parameters[i] -= 0.01f * ws_network_gradients(network)[i];
    }
    take_outcome(t, network, logits, out);
    ws_network_destroy(network);
    return ws_ranks_check(ranks, NULL) == WS_OK ? 0 : 2;
}

/** Runs it on n_ranks ranks; all must end well. */
static void run_trial(const trial *t, size_t n_ranks)
{
    int codes[MAX_RANKS];

    memset(t->outcomes, 0, MAX_RANKS * t->n_bytes);
    local_ranks_run(n_ranks, run_rank, (void *)(uintptr_t)t, codes);
    for (size_t r = 0; r < n_ranks; r++)
        assert_int_equal(codes[r], 0);
}

static bool is_same(const trial *t, const unsigned char *want, const unsigned char *got)
{
    const size_t rows = offsetof(outcome, n_rows), after = rows + sizeof(size_t);
    return memcmp(want, got, rows) == 0 &&
           memcmp(want + after, got + after, t->n_bytes - after) == 0;
}

/** @param is_shared  whether the ranks should have different rows
 *  @param most       features are between -most and most */
static void check(const char *name, const ws_graph *graph, ws_engine engine, bool is_shared,
                  double most)
{
    static const size_t counts[] = {2, 3, 5};
    trial t = {.graph = graph, .engine = engine, .n_bytes = outcome_bytes(graph)};
    const size_t n_features = BATCH * ws_shape_size(ws_graph_input_shape(graph));
    float *features = calloc(n_features, sizeof *features);
    unsigned char *want = calloc(1, t.n_bytes);
    int32_t labels[BATCH];
    ws_random random;

    assert_non_null(features);
    assert_non_null(want);
    ws_random_init(&random, 5, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < n_features; i++)
        features[i] = (float)((2.0 * ws_random_uniform(&random) - 1.0) * most);
    for (size_t i = 0; i < BATCH; i++)
        labels[i] = (int32_t)ws_random_below(&random, N_LABELS);
    t.features = features;
    t.labels = labels;
    t.outcomes = local_ranks_memory(MAX_RANKS * t.n_bytes);
    t.n_threads = 2;
    run_trial(&t, 1);
    memcpy(want, t.outcomes, t.n_bytes);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        size_t n_rows = 0;
        t.n_threads = counts[i] == 2 ? 2 : 1;
        run_trial(&t, counts[i]);
        for (size_t r = 0; r < counts[i]; r++) {
            const outcome *got = (const outcome *)(const void *)(t.outcomes + r * t.n_bytes);
            n_rows += got->n_rows;
            if (!is_same(&t, want, t.outcomes + r * t.n_bytes))
                fail_msg("%s: rank %zu of %zu has other bits than one process", name, r, counts[i]);
        }
        assert_int_equal(n_rows, is_shared ? BATCH : counts[i] * BATCH);
    }
    local_ranks_free(t.outcomes, MAX_RANKS * t.n_bytes);
    free(want);
    free(features);
}

static void build_model(const char *name, ws_graph *graph)
{
    const ws_model_settings settings = ws_test_model_settings(N_FRAMES, WIDTH, N_LABELS);
    const ws_model *model;

    assert_int_equal(ws_model_find(&model, name, NULL), WS_OK);
    assert_int_equal(model->build(graph, &settings, NULL), WS_OK);
}

static void test_models(void **state)
{
    (void)state;
    for (size_t i = 0; i < WS_TEST_N_MODELS; i++) {
        ws_graph graph;
        build_model(ws_test_models[i], &graph);
        check(ws_test_models[i], &graph, WS_ENGINE_FAST, true, 1.0);
        ws_graph_deinit(&graph);
    }
}

/* Ranges are learned from the whole batch. */
static void test_quantized(void **state)
{
    static const char *const names[] = {"bc_resnet_1", "tiny_conv"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ws_graph graph;
        build_model(names[i], &graph);
        assert_int_equal(ws_graph_quantize(&graph, -1.0f, 1.0f, NULL), WS_OK);
        check(names[i], &graph, WS_ENGINE_FAST, i == 0, 1.0);
        ws_graph_deinit(&graph);
    }
}

/* Where sums of gradients are below the smallest normal float, one process takes them for 0. */
static void test_tiny(void **state)
{
    ws_graph graph;

    (void)state;
    build_model("single_fc", &graph);
    check("tiny gradients", &graph, WS_ENGINE_FAST, true, 1e-36);
    ws_graph_deinit(&graph);
}

static void test_reference(void **state)
{
    ws_graph graph;

    (void)state;
    build_model("single_fc", &graph);
    check("reference", &graph, WS_ENGINE_REFERENCE, false, 1.0);
    ws_graph_deinit(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_quantized),
        cmocka_unit_test(test_tiny),
        cmocka_unit_test(test_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
