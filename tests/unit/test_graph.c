/* nn/graph and nn/plan: shapes, parameters and errors; nn/network: its starting weights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "nn/network.h"
#include "nn/plan.h"

static void assert_shape(ws_shape shape, size_t h, size_t w, size_t c)
{
    assert_int_equal(shape.h, h);
    assert_int_equal(shape.w, w);
    assert_int_equal(shape.c, c);
}

/** TensorFlow's figures for the models that the program has or will have. */
static void windows_fit_as_in_tensorflow(void **state)
{
    static const struct {
        ws_shape in;
        ws_conv2d_args args;
        size_t h, w, before_h, before_w;
    } cases[] = {
        {{98, 40, 1}, {.kernel_h = 20, .kernel_w = 8}, 98, 40, 9, 3},
        {{49, 20, 64}, {.kernel_h = 10, .kernel_w = 4}, 49, 20, 4, 1},
        {{98, 40, 1}, {.kernel_h = 10, .kernel_w = 8, .stride_h = 2, .stride_w = 2}, 49, 20, 4, 3},
        {{49, 40, 1}, {.kernel_h = 10, .kernel_w = 8, .stride_h = 2, .stride_w = 2}, 25, 20, 4, 3},
        {{49, 20, 8}, {.kernel_h = 10, .kernel_w = 8, .stride_h = 8, .stride_w = 8}, 7, 3, 4, 2},
        {{98, 40, 1}, {.kernel_h = 98, .kernel_w = 8, .padding = WS_PADDING_VALID}, 1, 33, 0, 0},
        {{9, 9, 1}, {.kernel_h = 2, .kernel_w = 1, .stride_h = 4, .stride_w = 5}, 3, 2, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_graph graph;
        ws_conv2d_args args = cases[i].args;
        args.name = "w";
        args.n_channels = 2;
        ws_graph_init(&graph);
        const size_t x =
            ws_graph_push_conv2d(&graph, ws_graph_push_input(&graph, cases[i].in), &args);
        assert_int_equal(ws_graph_status(&graph, NULL), WS_OK);
        assert_shape(graph.nodes[x].shape, cases[i].h, cases[i].w, 2);
        assert_int_equal(graph.nodes[x].window.zeros.before_h, cases[i].before_h);
        assert_int_equal(graph.nodes[x].window.zeros.before_w, cases[i].before_w);
    }
}

static void parameters_lie_one_behind_the_other(void **state)
{
    ws_graph graph;
    (void)state;

    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){5, 4, 3});
    x = ws_graph_push_conv2d(
        &graph, x, &(ws_conv2d_args){.name = "w", .kernel_h = 2, .kernel_w = 3, .n_channels = 7});
    x = ws_graph_push_bias_add(&graph, x, "b");
    x = ws_graph_push_max_pool(
        &graph, x, &(ws_pool_args){.window_h = 2, .window_w = 2, .stride_h = 2, .stride_w = 2});
    assert_shape(graph.nodes[x].shape, 3, 2, 7);
    x = ws_graph_push_dense(&graph, x, &(ws_dense_args){.name = "fc", .n_units = 9});
    assert_int_equal(ws_graph_status(&graph, NULL), WS_OK);

    const ws_variable *p = graph.parameters;
    assert_int_equal(graph.n_parameters, 3);
    assert_string_equal(p[0].name, "w");
    assert_int_equal(p[0].n_dims, 4);
    assert_int_equal(p[0].dims[0] * 1000 + p[0].dims[1] * 100 + p[0].dims[2] * 10 + p[0].dims[3],
                     2337);
    assert_int_equal(p[1].offset, 126);
    assert_int_equal(p[1].size, 7);
    assert_int_equal(p[2].offset, 133);
    assert_int_equal(p[2].dims[0], 42); /* flat: 3 * 2 * 7 */
    assert_int_equal(graph.n_weights, 133 + 42 * 9);
    assert_int_equal(ws_graph_n_labels(&graph), 9);
}

static void svdf_has_two_parameters(void **state)
{
    ws_graph graph;
    (void)state;

    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){98, 10, 4});
    x = ws_graph_push_svdf(
        &graph, x,
        &(ws_svdf_args){.frequency_name = "f", .time_name = "t", .n_units = 6, .rank = 2});
    x = ws_graph_push_bias_add(&graph, x, "b");
    assert_int_equal(ws_graph_status(&graph, NULL), WS_OK);
    assert_shape(graph.nodes[x].shape, 1, 1, 6);
    assert_int_equal(graph.n_parameters, 3);

    const ws_variable *p = &graph.parameters[graph.nodes[1].parameters[0]];
    assert_string_equal(p[0].name, "f");
    assert_int_equal(p[0].dims[0] * 100 + p[0].dims[1], 4012);
    assert_string_equal(p[1].name, "t");
    assert_int_equal(p[1].dims[0] * 100 + p[1].dims[1], 1298);
    assert_int_equal(p[1].offset, p[0].offset + p[0].size);
    assert_string_equal(p[2].name, "b");
    assert_int_equal(graph.n_weights, 40 * 12 + 12 * 98 + 6);
}

static void expect_error(const ws_graph *graph, ws_status status, const char *part)
{
    ws_error err;
    assert_int_equal(ws_graph_status(graph, &err), status);
    if (strstr(err.message, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, part);
}

static void the_first_error_stays(void **state)
{
    ws_graph graph;
    (void)state;

    ws_graph_init(&graph);
    (void)ws_graph_push_relu(&graph, 0);
    expect_error(&graph, WS_EINVAL, "begins with one input");

    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){4, 4, 1});
    x = ws_graph_push_conv2d(&graph, x,
                             &(ws_conv2d_args){.name = "w",
                                               .kernel_h = 5,
                                               .kernel_w = 2,
                                               .n_channels = 1,
                                               .padding = WS_PADDING_VALID});
    (void)ws_graph_push_dense(&graph, 99, &(ws_dense_args){.name = "v", .n_units = 0});
    expect_error(&graph, WS_EINVAL, "window of 5x2 does not fit into an input of 4x4");

    ws_graph_init(&graph);
    (void)ws_graph_push_input(&graph, (ws_shape){0, 40, 1});
    expect_error(&graph, WS_EINVAL, "no numbers");

    ws_graph_init(&graph);
    x = ws_graph_push_input(&graph, (ws_shape){4, 4, 1});
    (void)ws_graph_push_svdf(
        &graph, x, &(ws_svdf_args){.frequency_name = "f", .time_name = "t", .n_units = 3});
    expect_error(&graph, WS_EINVAL, "3 units of rank 0");
}

static void svdf_is_fast_on_features_only(void **state)
{
    static ws_plan plan;
    ws_graph graph;
    const ws_svdf_args args = {.frequency_name = "f", .time_name = "t", .n_units = 5, .rank = 2};
    ws_error err;
    (void)state;

    ws_graph_init(&graph);
    size_t x = ws_graph_push_svdf(&graph, ws_graph_push_input(&graph, (ws_shape){6, 3, 1}), &args);
    x = ws_graph_push_relu(&graph, ws_graph_push_bias_add(&graph, x, "b"));
    assert_int_equal(ws_plan_init(&plan, &graph, &err), WS_OK);
    assert_int_equal(plan.n_stages, 1);
    assert_int_equal(plan.stages[0].rank, 2);
    assert_string_equal(plan.stages[0].bias->name, "b");
    (void)ws_graph_push_svdf(&graph, x, &args);
    assert_int_equal(ws_plan_init(&plan, &graph, &err), WS_EINVAL);
    assert_non_null(strstr(err.message, "SVDF on features only, not after Relu"));
}

static void networks_refuse_what_they_cannot_run(void **state)
{
    ws_graph graph;
    ws_network *network;
    ws_network_options options = {.max_batch = 2};
    ws_error err;
    (void)state;

    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){4, 4, 1});
    assert_int_equal(ws_network_create(&network, &graph, &options, &err), WS_EINVAL);
    x = ws_graph_push_relu(&graph, x);
    assert_int_equal(ws_network_create(&network, &graph, &options, &err), WS_EINVAL);
    assert_non_null(strstr(err.message, "operator 1, Relu"));
    options.engine = WS_ENGINE_REFERENCE;
    assert_int_equal(ws_network_create(&network, &graph, &options, &err), WS_OK);
    ws_network_destroy(network);
    options.max_batch = 0;
    assert_int_equal(ws_network_create(&network, &graph, &options, &err), WS_EINVAL);
    ws_network_destroy(NULL);
}

static void the_plan_takes_operators_along(void **state)
{
    static ws_plan plan;
    ws_graph graph;
    (void)state;

    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){8, 8, 1});
    x = ws_graph_push_conv2d(
        &graph, x, &(ws_conv2d_args){.name = "w", .kernel_h = 3, .kernel_w = 3, .n_channels = 4});
    x = ws_graph_push_bias_add(&graph, x, "b");
    x = ws_graph_push_relu(&graph, x);
    x = ws_graph_push_dropout(&graph, x);
    x = ws_graph_push_max_pool(
        &graph, x, &(ws_pool_args){.window_h = 2, .window_w = 2, .stride_h = 2, .stride_w = 2});
    (void)ws_graph_push_dense(&graph, x, &(ws_dense_args){.name = "fc", .n_units = 3});
    assert_int_equal(ws_plan_init(&plan, &graph, NULL), WS_OK);
    assert_int_equal(plan.n_stages, 2);
    assert_ptr_equal(plan.stages[0].bias, &graph.parameters[1]);
    assert_true(plan.stages[0].has_relu && plan.stages[0].has_pool);
    assert_int_equal(plan.stages[0].dropout_node, 4);
    assert_shape(plan.stages[0].middle, 8, 8, 4);
    assert_shape(plan.stages[0].out, 4, 4, 4);
    assert_null(plan.stages[1].bias);
    assert_shape(plan.stages[1].in, 4, 4, 4);
}

static void weights_start_from_a_truncated_normal(void **state)
{
    static ws_graph graph;
    ws_network *network;
    const ws_network_options options = {.max_batch = 1, .n_threads = 1};
    enum { N_WEIGHTS = 100 * 100 };
    double squares = 0.0;
    (void)state;

    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){100, 1, 1});
    x = ws_graph_push_dense(&graph, x,
                            &(ws_dense_args){"w", 100, {WS_INIT_TRUNCATED_NORMAL, 0.01}});
    (void)ws_graph_push_bias_add(&graph, x, "b");
    assert_int_equal(ws_network_create(&network, &graph, &options, NULL), WS_OK);
    float *w = ws_network_parameters(network);
    for (size_t i = 0; i < graph.n_weights; i++)
        w[i] = NAN;
    ws_network_init_parameters(network, 1);
    for (size_t i = 0; i < N_WEIGHTS; i++) {
        assert_true(fabsf(w[i]) <= 0.02f);
        squares += (double)w[i] * (double)w[i];
    }
    /* cut off at two deviations, a normal has 0.8796 of its deviation left */
    assert_true(fabs(sqrt(squares / N_WEIGHTS) - 0.008796) < 0.0002);
    for (size_t i = N_WEIGHTS; i < graph.n_weights; i++)
        assert_true(w[i] == 0.0f);
    const float first = w[0];
    ws_network_init_parameters(network, 2);
    assert_true(w[0] != first);
    ws_network_init_parameters(network, 1);
    assert_true(w[0] == first);
    ws_network_destroy(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_fit_as_in_tensorflow),
        cmocka_unit_test(parameters_lie_one_behind_the_other),
        cmocka_unit_test(svdf_has_two_parameters),
        cmocka_unit_test(the_first_error_stays),
        cmocka_unit_test(svdf_is_fast_on_features_only),
        cmocka_unit_test(networks_refuse_what_they_cannot_run),
        cmocka_unit_test(the_plan_takes_operators_along),
        cmocka_unit_test(weights_start_from_a_truncated_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
