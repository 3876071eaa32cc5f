/* Lowering for prediction: on every model the same logits from a graph without dropout, and layers
 * that hold each node once. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "nn/network.h"
#include "nn/passes/drop_dropout.h"
#include "nn/passes/lower.h"
#include "nn/passes/quantize.h"
#include "support/models.h"

enum { N_FRAMES = 40, WIDTH = 40, N_LABELS = 5, N = 2 };

static const unsigned relu = 1u << WS_OP_RELU;

static void fill(float *values, size_t n, double low, double high, uint32_t stream)
{
    ws_random random;

    ws_random_init(&random, 3, WS_RANDOM_TEST, 0, stream);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)(low + (high - low) * ws_random_uniform(&random));
}

static ws_network *make_network(const ws_graph *graph)
{
    const ws_network_options options = {
        .max_batch = N, .n_threads = 1, .engine = WS_ENGINE_REFERENCE, .predicts_only = true};
    ws_network *network;
    ws_error err;

    if (ws_network_create(&network, graph, &options, &err) != WS_OK)
        fail_msg("%s", err.message);
    return network;
}

/** Each node is in one layer, in its place; layers read only what earlier ones give. */
static void check_layers(const ws_lowered *lowered, unsigned activations)
{
    const ws_graph *graph = &lowered->model.graph;
    size_t *gives = calloc(graph->n_nodes, sizeof *gives); /* 1: inside a layer, 2: its value */

    assert_non_null(gives);
    gives[0] = 2;
    for (size_t i = 0; i < lowered->n_layers; i++) {
        const ws_layer *layer = &lowered->layers[i];
        const size_t parts[] = {layer->node, layer->bias, layer->activation, layer->fake_quant};
        const ws_node *node = &graph->nodes[layer->node];
        size_t last = 0;

        for (size_t k = 0; k < node->n_inputs; k++)
            assert_int_equal(gives[node->inputs[k]], 2);
        for (size_t k = 0; k < 4; k++) {
            if (parts[k] == 0)
                continue;
            assert_int_equal(gives[parts[k]], 0);
            assert_true(last == 0 || graph->nodes[parts[k]].inputs[0] == last);
            gives[parts[k]] = 1;
            last = parts[k];
        }
        assert_int_equal(layer->value, last);
        gives[last] = 2;
        if (layer->bias != 0)
            assert_int_equal(graph->nodes[layer->bias].kind, WS_OP_BIAS_ADD);
        if (layer->activation != 0)
            assert_true((activations & 1u << graph->nodes[layer->activation].kind) != 0);
    }
    for (size_t i = 0; i < graph->n_nodes; i++) {
        assert_int_not_equal(gives[i], 0);
        assert_int_not_equal(graph->nodes[i].kind, WS_OP_DROPOUT);
    }
    assert_int_equal(lowered->layers[lowered->n_layers - 1].value, graph->n_nodes - 1);
    free(gives);
}

/** A model with its numbers, all random. */
typedef struct trained {
    ws_graph graph;
    float *parameters, *states;
} trained;

static trained make(const ws_model *model, bool is_quantized)
{
    const ws_model_settings settings = ws_test_model_settings(N_FRAMES, WIDTH, N_LABELS);
    trained made;
    ws_error err;

    if (model->build(&made.graph, &settings, &err) != WS_OK)
        fail_msg("%s: %s", model->name, err.message);
    if (is_quantized)
        assert_int_equal(ws_graph_quantize(&made.graph, -1.0f, 1.0f, NULL), WS_OK);
    ws_network *network = make_network(&made.graph);
    ws_network_init_parameters(network, 1);
    made.parameters = malloc(made.graph.n_weights * sizeof(float));
    made.states = malloc((made.graph.n_state_numbers + 1) * sizeof(float));
    assert_true(made.parameters != NULL && made.states != NULL);
    memcpy(made.parameters, ws_network_parameters(network), made.graph.n_weights * sizeof(float));
    for (size_t i = 0; i < made.graph.n_weights; i++) /* biases and offsets, too, are not zero */
        made.parameters[i] += 0.01f * (float)(i % 7);
    fill(made.states, made.graph.n_state_numbers, 0.5, 2.0, 1);
    ws_network_destroy(network);
    return made;
}

static void destroy(trained *made)
{
    ws_graph_deinit(&made->graph);
    free(made->parameters);
    free(made->states);
}

static void predict(const ws_graph *graph, const float *parameters, const float *states,
                    float *logits)
{
    ws_network *network = make_network(graph);
    float *features = malloc(N * N_FRAMES * WIDTH * sizeof *features);

    assert_non_null(features);
    fill(features, N * N_FRAMES * WIDTH, -1.0, 1.0, 2);
    memcpy(ws_network_parameters(network), parameters, graph->n_weights * sizeof *parameters);
    if (graph->n_states > 0)
        memcpy(ws_network_states(network), states, graph->n_state_numbers * sizeof *states);
    ws_network_predict(network, features, N, logits);
    free(features);
    ws_network_destroy(network);
}

static void logits_of_every_model(void **state)
{
    (void)state;
    for (size_t i = 0; i < ws_model_n(); i++) {
        float want[N * N_LABELS], got[N * N_LABELS];
        trained made = make(ws_model_get(i), false);
        ws_lowered lowered;

        assert_int_equal(ws_lower(&lowered, &made.graph, made.parameters, made.states, relu, NULL),
                         WS_OK);
        check_layers(&lowered, relu);
        predict(&made.graph, made.parameters, made.states, want);
        predict(&lowered.model.graph, lowered.model.parameters, lowered.model.states, got);
        for (size_t k = 0; k < N * N_LABELS; k++)
            if (!(fabsf(got[k] - want[k]) <= 1e-5f * (1.0f + fabsf(want[k]))))
                fail_msg("%s: %g, expected %g", ws_model_get(i)->name, (double)got[k],
                         (double)want[k]);
        ws_lowered_deinit(&lowered);
        destroy(&made);
    }
}

static size_t count(const ws_lowered *lowered, ws_op_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < lowered->n_layers; i++)
        n += lowered->model.graph.nodes[lowered->layers[i].node].kind == kind;
    return n;
}

static const ws_model *find(const char *name)
{
    const ws_model *model;

    assert_int_equal(ws_model_find(&model, name, NULL), WS_OK);
    return model;
}

/** The layers of the paper's figure: nothing stands by itself that a layer can do. */
static void layers_of_ds_cnn(void **state)
{
    trained made = make(find("ds_cnn_s"), false);
    ws_lowered lowered;

    (void)state;
    assert_int_equal(ws_lower(&lowered, &made.graph, made.parameters, made.states, relu, NULL),
                     WS_OK);
    assert_int_equal(lowered.n_layers, 11);
    assert_int_equal(count(&lowered, WS_OP_CONV2D), 5);
    assert_int_equal(count(&lowered, WS_OP_DEPTHWISE), 4);
    assert_int_equal(count(&lowered, WS_OP_MEAN), 1);
    assert_int_equal(count(&lowered, WS_OP_DENSE), 1);
    for (size_t i = 0; i < 9; i++)
        assert_true(lowered.layers[i].bias != 0 && lowered.layers[i].activation != 0);
    ws_lowered_deinit(&lowered);
    destroy(&made);
}

/** Activations are part of a layer only if the caller's layers have them. */
static void only_activations_asked_for(void **state)
{
    static const unsigned kinds[] = {0, 1u << WS_OP_RELU, 1u << WS_OP_RELU | 1u << WS_OP_SILU};
    trained made = make(find("bc_resnet_1"), false);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        ws_lowered lowered;

        assert_int_equal(
            ws_lower(&lowered, &made.graph, made.parameters, made.states, kinds[i], NULL), WS_OK);
        check_layers(&lowered, kinds[i]);
        assert_int_equal(count(&lowered, WS_OP_SILU), i < 2 ? 12 : 0);
        assert_int_equal(count(&lowered, WS_OP_RELU), i < 1 ? 18 : 0);
        ws_lowered_deinit(&lowered);
    }
    destroy(&made);
}

static void ranges_end_layers(void **state)
{
    trained made = make(find("tiny_conv"), true);
    ws_lowered lowered;

    (void)state;
    assert_int_equal(ws_lower(&lowered, &made.graph, made.parameters, NULL, relu, NULL), WS_OK);
    check_layers(&lowered, relu);
    assert_int_equal(lowered.n_layers, 3); /* the input's range, convolution, dense */
    assert_int_equal(count(&lowered, WS_OP_FAKE_QUANT), 1);
    assert_true(lowered.layers[1].fake_quant != 0 && lowered.layers[1].activation != 0);
    assert_true(lowered.layers[2].fake_quant != 0 && lowered.layers[2].bias != 0);
    ws_lowered_deinit(&lowered);
    destroy(&made);
}

/** What two nodes read cannot disappear inside a layer. */
static void shared_values_stay(void **state)
{
    const float parameters[4] = {1.0f, 2.0f, 3.0f, 4.0f};
    ws_lowered lowered;
    ws_graph graph;

    (void)state;
    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){3, 1, 2});
    x = ws_graph_push_depthwise(&graph, x,
                                &(ws_conv2d_args){.name = "w", .kernel_h = 1, .kernel_w = 1});
    x = ws_graph_push_bias_add(&graph, x, "b");
    (void)ws_graph_push_add(&graph, x, ws_graph_push_relu(&graph, x));
    assert_int_equal(ws_lower(&lowered, &graph, parameters, NULL, relu, NULL), WS_OK);
    check_layers(&lowered, relu);
    assert_int_equal(lowered.n_layers, 3);
    assert_int_equal(lowered.layers[0].activation, 0);
    ws_lowered_deinit(&lowered);
    ws_graph_deinit(&graph);
}

/** The last node is the output, whatever is dropped. */
static void output_after_dropping(void **state)
{
    ws_graph graph, dropped;

    (void)state;
    for (size_t reads_last = 0; reads_last < 2; reads_last++) {
        ws_graph_init(&graph);
        const size_t x = ws_graph_push_input(&graph, (ws_shape){3, 1, 2});
        const size_t sum = ws_graph_push_add(&graph, ws_graph_push_dropout(&graph, x), x);
        const size_t other = ws_graph_push_relu(&graph, sum);
        (void)ws_graph_push_dropout(&graph, reads_last == 1 ? other : sum);
        assert_int_equal(ws_drop_dropout(&dropped, &graph, NULL), WS_OK);
        assert_int_equal(dropped.n_nodes, reads_last == 1 ? 3 : 4);
        assert_int_equal(dropped.nodes[dropped.n_nodes - 1].kind,
                         reads_last == 1 ? WS_OP_RELU : WS_OP_DROPOUT);
        ws_graph_deinit(&dropped);
        ws_graph_deinit(&graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logits_of_every_model),      cmocka_unit_test(layers_of_ds_cnn),
        cmocka_unit_test(only_activations_asked_for), cmocka_unit_test(ranges_end_layers),
        cmocka_unit_test(shared_values_stay),         cmocka_unit_test(output_after_dropping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
