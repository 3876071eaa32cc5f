/* Folding batch normalisation: the same logits from fewer operators. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "base/random.h"
#include "nn/network.h"
#include "nn/passes/fold_batch_norm.h"

enum { H = 5, W = 4, N_LABELS = 3, N = 4 };

/** Layers of each kind with a normalisation, with a bias and without, and normalisations that must
 *  stay: in bands, after a sum, and of a value that is read elsewhere. */
static void build(ws_graph *graph)
{
    const ws_init some = {WS_INIT_UNIFORM, 0.5};
    ws_error err;

    ws_graph_init(graph);
    const size_t input = ws_graph_push_input(graph, (ws_shape){H, W, 1});
    size_t x = ws_graph_push_conv2d(
        graph, input,
        &(ws_conv2d_args){
            .name = "a", .kernel_h = 3, .kernel_w = 3, .n_channels = 4, .init = some});
    x = ws_graph_push_bias_add_init(graph, x, "a_bias", some);
    x = ws_graph_push_relu(graph,
                           ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "n1"}));
    x = ws_graph_push_depthwise(
        graph, x, &(ws_conv2d_args){.name = "b", .kernel_h = 3, .kernel_w = 1, .init = some});
    x = ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "n2", .has_no_scale = true});
    const size_t shared = ws_graph_push_depthwise(
        graph, x, &(ws_conv2d_args){.name = "c", .kernel_h = 1, .kernel_w = 3, .init = some});
    x = ws_graph_push_batch_norm(graph, shared, &(ws_norm_args){.name = "stays"});
    x = ws_graph_push_add(graph, x, shared);
    x = ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "stays_too"});
    x = ws_graph_push_depthwise(
        graph, x, &(ws_conv2d_args){.name = "d", .kernel_h = 2, .kernel_w = 1, .init = some});
    x = ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "bands", .n_bands = 2});
    x = ws_graph_push_dense(graph, x,
                            &(ws_dense_args){.name = "e", .n_units = N_LABELS, .init = some});
    (void)ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "n3", .epsilon = 0.1});
    if (ws_graph_status(graph, &err) != WS_OK)
        fail_msg("%s", err.message);
}

static size_t count_kind(const ws_graph *graph, ws_op_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < graph->n_nodes; i++)
        n += graph->nodes[i].kind == kind;
    return n;
}

static void fill_random(float *values, size_t n, double low, double high, uint32_t stream)
{
    ws_random random;

    ws_random_init(&random, 6, WS_RANDOM_TEST, 0, stream);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)(low + (high - low) * ws_random_uniform(&random));
}

static void predict(const ws_graph *graph, const float *parameters, const float *states,
                    const float *features, float *logits)
{
    const ws_network_options options = {
        .max_batch = N, .engine = WS_ENGINE_REFERENCE, .predicts_only = true};
    ws_network *network;

    assert_int_equal(ws_network_create(&network, graph, &options, NULL), WS_OK);
    memcpy(ws_network_parameters(network), parameters, graph->n_weights * sizeof *parameters);
    memcpy(ws_network_states(network), states, graph->n_state_numbers * sizeof *states);
    ws_network_predict(network, features, N, logits);
    ws_network_destroy(network);
}

static void logits_stay_the_same(void **state)
{
    float features[N * H * W], want[N * N_LABELS], got[N * N_LABELS];
    ws_folded folded;
    ws_graph graph;
    (void)state;

    build(&graph);
    float *parameters = malloc(graph.n_weights * sizeof *parameters);
    float *states = malloc(graph.n_state_numbers * sizeof *states);
    assert_true(parameters != NULL && states != NULL);
    fill_random(parameters, graph.n_weights, -1.0, 1.0, 0);
    fill_random(states, graph.n_state_numbers, 0.2, 2.0, 1); /* variances are above zero */
    fill_random(features, N * H * W, -1.0, 1.0, 2);
    predict(&graph, parameters, states, features, want);

    assert_int_equal(ws_fold_batch_norm(&folded, &graph, parameters, states, NULL), WS_OK);
    assert_int_equal(count_kind(&graph, WS_OP_BATCH_NORM), 6);
    assert_int_equal(count_kind(&folded.graph, WS_OP_BATCH_NORM), 3);
    assert_int_equal(count_kind(&folded.graph, WS_OP_BIAS_ADD), 3);
    assert_int_equal(folded.graph.n_nodes, graph.n_nodes - 1);
    assert_int_equal(folded.graph.n_states, 6);
    assert_string_equal(folded.graph.parameters[1].name, "a_bias");
    assert_string_equal(folded.graph.parameters[3].name, "n2/beta");
    predict(&folded.graph, folded.parameters, folded.states, features, got);
    for (size_t i = 0; i < N * N_LABELS; i++)
        assert_true(fabsf(got[i] - want[i]) <= 2e-6f * (1.0f + fabsf(want[i])));
    free(parameters);
    free(states);
    ws_folded_deinit(&folded);
    ws_graph_deinit(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(logits_stay_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
