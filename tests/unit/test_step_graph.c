/* The graph that TensorBoard draws of a network that branches: boxes, edges and what nodes say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "train/step_graph.h"

static void build(ws_graph *graph)
{
    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, (ws_shape){98, 40, 1});
    x = ws_graph_push_conv2d(
        graph, x, &(ws_conv2d_args){.name = "stem", .kernel_h = 3, .kernel_w = 3, .n_channels = 4});
    ws_graph_open_scope(graph, "stage1");
    ws_graph_open_scope(graph, "block1");
    size_t y = ws_graph_push_batch_norm(
        graph,
        ws_graph_push_depthwise(graph, x,
                                &(ws_conv2d_args){.name = "f1",
                                                  .kernel_h = 3,
                                                  .kernel_w = 1,
                                                  .dilation_h = 2,
                                                  .padding = WS_PADDING_EXPLICIT,
                                                  .zeros = {2, 2, 0, 0}}),
        &(ws_norm_args){.name = "norm", .n_bands = 5});
    y = ws_graph_push_conv2d(
        graph, y, &(ws_conv2d_args){.name = "one", .kernel_h = 1, .kernel_w = 1, .n_channels = 4});
    y = ws_graph_push_conv2d(
        graph, y, &(ws_conv2d_args){.name = "two", .kernel_h = 1, .kernel_w = 1, .n_channels = 4});
    ws_graph_close_scope(graph);
    ws_graph_close_scope(graph);
    x = ws_graph_push_add(graph, x, y);
    x = ws_graph_push_mean(graph, x, WS_AXIS_H | WS_AXIS_W);
    (void)ws_graph_push_dense(graph, x, &(ws_dense_args){.name = "fc", .n_units = 3});
    assert_int_equal(ws_graph_status(graph, NULL), WS_OK);
}

static const tbe_node *find(const ws_node_list *list, const char *name)
{
    for (size_t i = 0; i < list->n_nodes; i++)
        if (strcmp(list->nodes[i].name, name) == 0)
            return &list->nodes[i];
    fail_msg("there is no node %s", name);
    return NULL;
}

static void expect_inputs(const ws_node_list *list, const char *name, const char *first,
                          const char *second)
{
    const tbe_node *node = find(list, name);

    assert_int_equal(node->n_inputs, second != NULL ? 2 : 1);
    assert_string_equal(node->inputs[0], first);
    if (second != NULL)
        assert_string_equal(node->inputs[1], second);
}

static void expect_text(const ws_node_list *list, const char *name, const char *key,
                        const char *text)
{
    const tbe_node *node = find(list, name);

    for (size_t i = 0; i < node->n_attributes; i++) {
        if (strcmp(node->attributes[i].name, key) != 0)
            continue;
        assert_string_equal(node->attributes[i].text, text);
        return;
    }
    fail_msg("%s says nothing of %s", name, key);
}

static void parts_of_the_model_are_boxes(void **state)
{
    static const ws_feature_options features = {"mfcc", 16000, 1000, 30.0, 10.0, 40};
    ws_feature_settings settings;
    ws_step_graph *drawn;
    ws_graph graph;
    (void)state;

    build(&graph);
    assert_int_equal(ws_feature_settings_init(&features, &settings, NULL), WS_OK);
    assert_int_equal(ws_step_graph_create(&drawn, &graph, &settings, "ApplyGradientDescent", NULL),
                     WS_OK);
    const ws_node_list *list = &drawn->list;
    for (size_t i = 0; i < list->n_nodes; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(list->nodes[i].name, list->nodes[k].name);

    expect_inputs(list, "conv_1/Conv2D", "input/Reshape", NULL);
    expect_inputs(list, "stage1/block1/DepthwiseConv2dNative", "conv_1/Conv2D", NULL);
    expect_inputs(list, "stage1/block1/FusedBatchNormV3", "stage1/block1/DepthwiseConv2dNative",
                  NULL);
    expect_inputs(list, "stage1/block1/Conv2D_1", "stage1/block1/Conv2D", NULL);
    expect_inputs(list, "AddV2", "conv_1/Conv2D", "stage1/block1/Conv2D_1");
    expect_inputs(list, "dense_2/MatMul", "Mean", NULL);
    expect_inputs(list, "gradients/network", "loss/Mean", NULL);
    expect_text(list, "stage1/block1/DepthwiseConv2dNative", "dilations", "2 x 1");
    expect_text(list, "stage1/block1/DepthwiseConv2dNative", "padding",
                "rows 2 and 2, columns 0 and 0");
    expect_text(list, "stage1/block1/FusedBatchNormV3", "variable",
                "stage1/block1/norm/gamma [5, 4]");
    expect_text(list, "stage1/block1/FusedBatchNormV3", "running_variance",
                "stage1/block1/norm/moving_variance [5, 4]");
    ws_step_graph_destroy(drawn);
    ws_graph_deinit(&graph);
}

/** An engine without stages measures any number of phases: no phase is lost. */
static void times_of_phases_without_stages_add_up(void **state)
{
    static const ws_feature_options features = {"mfcc", 16000, 1000, 30.0, 10.0, 40};
    static float x[2 * 98 * 40], logits[2 * 3];
    const int32_t labels[2] = {0, 1};
    const ws_network_options options = {.max_batch = 2, .n_threads = 1};
    const ws_report_step step = {.seconds = 100.0, .input_seconds = 10.0, .update_seconds = 20.0};
    ws_feature_settings settings;
    ws_step_graph *drawn;
    ws_network *network;
    ws_graph graph;
    double sum = 0.0;
    (void)state;

    build(&graph);
    assert_int_equal(ws_feature_settings_init(&features, &settings, NULL), WS_OK);
    assert_int_equal(ws_step_graph_create(&drawn, &graph, &settings, "ApplyMomentum", NULL), WS_OK);
    assert_int_equal(ws_network_create(&network, &graph, &options, NULL), WS_OK);
    ws_network_init_parameters(network, 1);
    (void)ws_network_train(network, &(ws_batch){.features = x, .labels = labels, .n = 2}, logits);
    const double *seconds = ws_step_graph_time(drawn, network, &step);
    assert_non_null(seconds);
    for (size_t i = 0; i < drawn->n_timed; i++)
        sum += seconds[i];
    assert_int_equal(drawn->n_timed, 5); /* input, forward, loss, backward, update */
    assert_true(sum > 99.999 && sum < 100.001);
    assert_true(seconds[0] == 10.0 && seconds[1] > 0.0 && seconds[3] > 0.0 && seconds[4] == 20.0);
    ws_network_destroy(network);
    ws_step_graph_destroy(drawn);
    ws_graph_deinit(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_the_model_are_boxes),
        cmocka_unit_test(times_of_phases_without_stages_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
