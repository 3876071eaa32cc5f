/* nn/graph and nn/plan: shapes, parameters and errors; nn/network: its starting weights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
        ws_graph_deinit(&graph);
    }
}

static void parameters_follow_each_other(void **state)
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
    ws_graph_deinit(&graph);
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
    ws_graph_deinit(&graph);
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

    ws_graph_deinit(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){4, 4, 1});
    x = ws_graph_push_conv2d(&graph, x,
                             &(ws_conv2d_args){.name = "w",
                                               .kernel_h = 5,
                                               .kernel_w = 2,
                                               .n_channels = 1,
                                               .padding = WS_PADDING_VALID});
    (void)ws_graph_push_dense(&graph, 99, &(ws_dense_args){.name = "v", .n_units = 0});
    expect_error(&graph, WS_EINVAL, "window of 5x2 does not fit into an input of 4x4");

    ws_graph_deinit(&graph);
    (void)ws_graph_push_input(&graph, (ws_shape){0, 40, 1});
    expect_error(&graph, WS_EINVAL, "no numbers");

    ws_graph_deinit(&graph);
    x = ws_graph_push_input(&graph, (ws_shape){4, 4, 1});
    (void)ws_graph_push_svdf(
        &graph, x, &(ws_svdf_args){.frequency_name = "f", .time_name = "t", .n_units = 3});
    expect_error(&graph, WS_EINVAL, "3 units of rank 0");
    ws_graph_deinit(&graph);
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
    ws_graph_deinit(&graph);
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
    ws_graph_deinit(&graph);
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
    ws_graph_deinit(&graph);
}

static void weights_start_from_a_truncated_normal(void **state)
{
    ws_graph graph;
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
    ws_graph_deinit(&graph);
}

/** Values are read several times, by operators of two inputs, too. */
static void shapes_follow_from_all_inputs(void **state)
{
    ws_graph graph;
    (void)state;

    ws_graph_init(&graph);
    const size_t x = ws_graph_push_input(&graph, (ws_shape){10, 8, 6});
    const size_t mean = ws_graph_push_mean(&graph, x, WS_AXIS_W);
    assert_shape(graph.nodes[mean].shape, 10, 1, 6);
    const size_t sum = ws_graph_push_add(&graph, mean, x);
    assert_shape(graph.nodes[sum].shape, 10, 8, 6);
    assert_int_equal(graph.nodes[sum].n_inputs, 2);
    assert_int_equal(graph.nodes[sum].inputs[0], mean);
    const size_t part = ws_graph_push_slice(&graph, x, (ws_shape){2, 0, 1}, (ws_shape){3, 0, 2});
    assert_shape(graph.nodes[part].shape, 3, 8, 2);
    const size_t both = ws_graph_push_concat(&graph, (const size_t[]){x, sum}, 2);
    assert_shape(graph.nodes[both].shape, 10, 8, 12);
    const size_t depthwise =
        ws_graph_push_depthwise(&graph, x,
                                &(ws_conv2d_args){.name = "w",
                                                  .kernel_h = 3,
                                                  .kernel_w = 1,
                                                  .dilation_h = 4,
                                                  .padding = WS_PADDING_VALID});
    assert_shape(graph.nodes[depthwise].shape, 2, 8, 6);
    const size_t padded = ws_graph_push_average_pool(&graph, x,
                                                     &(ws_pool_args){.window_h = 4,
                                                                     .window_w = 3,
                                                                     .stride_h = 3,
                                                                     .padding = WS_PADDING_EXPLICIT,
                                                                     .zeros = {1, 2, 0, 1}});
    assert_shape(graph.nodes[padded].shape, 4, 7, 6);
    assert_int_equal(ws_graph_status(&graph, NULL), WS_OK);
    ws_graph_deinit(&graph);
}

static void scopes_name_variables(void **state)
{
    ws_graph graph, copy;
    (void)state;

    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){4, 10, 6});
    ws_graph_open_scope(&graph, "stage1");
    ws_graph_open_scope(&graph, "block2");
    x = ws_graph_push_batch_norm(&graph, x, &(ws_norm_args){.name = "norm", .n_bands = 5});
    ws_graph_close_scope(&graph);
    x = ws_graph_push_bias_add(&graph, x, "bias");
    ws_graph_close_scope(&graph);
    (void)ws_graph_push_bias_add(&graph, x, "bias");
    assert_int_equal(ws_graph_status(&graph, NULL), WS_OK);
    assert_int_equal(ws_graph_init_copy(&copy, &graph, NULL), WS_OK);
    ws_graph_deinit(&graph);

    assert_int_equal(copy.n_parameters, 4);
    assert_string_equal(copy.parameters[0].name, "stage1/block2/norm/gamma");
    assert_string_equal(copy.parameters[1].name, "stage1/block2/norm/beta");
    assert_string_equal(copy.parameters[2].name, "stage1/bias");
    assert_string_equal(copy.parameters[3].name, "bias");
    assert_int_equal(copy.n_states, 2);
    assert_string_equal(copy.states[0].name, "stage1/block2/norm/moving_mean");
    assert_string_equal(copy.states[1].name, "stage1/block2/norm/moving_variance");
    assert_int_equal(copy.states[1].offset, 30);
    assert_int_equal(copy.states[1].dims[0] * 100 + copy.states[1].dims[1], 506);
    assert_int_equal(copy.n_state_numbers, 60);
    assert_int_equal(copy.n_weights, 30 + 30 + 6 + 6);
    assert_string_equal(copy.scopes[copy.nodes[1].scope].name, "stage1/block2");
    assert_string_equal(copy.scopes[copy.nodes[2].scope].name, "stage1");
    assert_string_equal(copy.scopes[copy.nodes[3].scope].name, "");
    ws_graph_deinit(&copy);
}

/** The numbers of nodes, parameters, states and scopes have no limit. */
static void large_graphs_have_no_limits(void **state)
{
    enum { N = 1000 };
    ws_graph graph;
    char name[32];
    (void)state;

    ws_graph_init(&graph);
    size_t x = ws_graph_push_input(&graph, (ws_shape){1, 1, 2});
    for (int i = 0; i < N; i++) {
        (void)snprintf(name, sizeof name, "layer%d", i);
        ws_graph_open_scope(&graph, name);
        x = ws_graph_push_batch_norm(&graph, x, &(ws_norm_args){.name = "n", .has_no_scale = true});
        ws_graph_push_constant(&graph, &(ws_variable){.name = "c"});
        ws_graph_close_scope(&graph);
    }
    assert_int_equal(ws_graph_status(&graph, NULL), WS_OK);
    assert_int_equal(graph.n_nodes, N + 1);
    assert_int_equal(graph.n_parameters, N);
    assert_int_equal(graph.n_states, 2 * N);
    assert_int_equal(graph.n_constants, N);
    for (int i = 0; i < N; i++) {
        (void)snprintf(name, sizeof name, "layer%d/n/beta", i);
        assert_string_equal(graph.parameters[i].name, name);
        assert_int_equal(graph.parameters[i].offset, 2 * i);
        assert_int_equal(graph.nodes[i + 1].parameters[WS_NORM_SCALE], WS_NO_VARIABLE);
        assert_int_equal(graph.nodes[i + 1].parameters[WS_NORM_OFFSET], i);
    }
    ws_graph_deinit(&graph);
}

static void push_bad(ws_graph *graph, size_t x, int which)
{
    switch (which) {
    case 0:
        (void)ws_graph_push_add(graph, x, ws_graph_push_mean(graph, x, WS_AXIS_H));
        (void)ws_graph_push_add(graph, x,
                                ws_graph_push_slice(graph, x, (ws_shape){0}, (ws_shape){.w = 2}));
        break;
    case 1:
        (void)ws_graph_push_slice(graph, x, (ws_shape){.c = 3}, (ws_shape){.c = 2});
        break;
    case 2:
        (void)ws_graph_push_batch_norm(graph, x, &(ws_norm_args){.name = "n", .n_bands = 4});
        break;
    case 3:
        (void)ws_graph_push_reshape(graph, x, (ws_shape){1, 1, 1});
        break;
    case 4:
        (void)ws_graph_push_mean(graph, x, 0);
        break;
    case 5:
        (void)ws_graph_push_dropout_of(graph, x, &(ws_dropout_args){.rate = 1.0});
        break;
    case 6:
        (void)ws_graph_push_concat(graph,
                                   (const size_t[]){x, ws_graph_push_mean(graph, x, WS_AXIS_H)}, 2);
        break;
    case 7:
        (void)ws_graph_push_mul(graph, x, 99);
        break;
    default:
        ws_graph_open_scope(graph, "a_name_of_more_characters_than_a_checkpoint_ever_needs_for_one_"
                                   "of_its_variables_however_deep_they_lie");
    }
}

static void bad_attributes_are_refused(void **state)
{
    static const struct {
        ws_status status;
        const char *part;
    } expected[] = {
        {WS_EINVAL, "sum of [3, 6, 4] and [3, 2, 4]: expected equal sizes, or 1"},
        {WS_EINVAL, "[3, 6, 2] from [0, 0, 3] on is not within [3, 6, 4]"},
        {WS_EINVAL, "6 frequencies do not divide into 4 bands"},
        {WS_EINVAL, "[3, 6, 4] and [1, 1, 1] differ in their size"},
        {WS_EINVAL, "mean: axes 0"},
        {WS_EINVAL, "dropout: a rate of 1"},
        {WS_EINVAL, "inputs of 3x6 and of 1x6"},
        {WS_EINVAL, "each operator reads earlier ones"},
        {WS_ELIMIT, "a name in a graph has at most 95 characters"},
    };
    (void)state;

    for (int i = 0; i < (int)(sizeof expected / sizeof *expected); i++) {
        ws_graph graph;
        ws_graph_init(&graph);
        push_bad(&graph, ws_graph_push_input(&graph, (ws_shape){3, 6, 4}), i);
        expect_error(&graph, expected[i].status, expected[i].part);
        ws_graph_deinit(&graph);
    }
}

/** Convolutions and dropout of new kinds look like old ones, but the stages of the plan do not know
 *  them. */
static void the_plan_refuses_what_stages_do_not_know(void **state)
{
    static const ws_conv2d_args convolutions[] = {
        {.name = "w", .kernel_h = 2, .kernel_w = 2, .n_channels = 2, .dilation_h = 2},
        {.name = "w", .kernel_h = 2, .kernel_w = 2, .n_channels = 2, .dilation_w = 2},
        {.name = "w",
         .kernel_h = 2,
         .kernel_w = 2,
         .n_channels = 2,
         .padding = WS_PADDING_EXPLICIT,
         .zeros = {1, 0, 0, 0}},
    };
    static const ws_dropout_args dropouts[] = {{.rate = 0.5}, {.is_spatial = true}};
    static ws_plan plan;
    ws_error err;
    (void)state;

    for (size_t i = 0; i < 5; i++) {
        ws_graph graph;
        ws_graph_init(&graph);
        const size_t x = ws_graph_push_input(&graph, (ws_shape){8, 8, 1});
        if (i < 3)
            (void)ws_graph_push_conv2d(&graph, x, &convolutions[i]);
        else
            (void)ws_graph_push_dropout_of(
                &graph, ws_graph_push_dense(&graph, x, &(ws_dense_args){.name = "w", .n_units = 2}),
                &dropouts[i - 3]);
        assert_int_equal(ws_graph_status(&graph, NULL), WS_OK);
        assert_int_equal(ws_plan_init(&plan, &graph, &err), WS_EINVAL);
        assert_non_null(strstr(err.message, i < 3 ? "1, Conv2D" : "2, Dropout, after MatMul"));
        ws_graph_deinit(&graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_fit_as_in_tensorflow),
        cmocka_unit_test(parameters_follow_each_other),
        cmocka_unit_test(svdf_has_two_parameters),
        cmocka_unit_test(the_first_error_stays),
        cmocka_unit_test(svdf_is_fast_on_features_only),
        cmocka_unit_test(networks_refuse_what_they_cannot_run),
        cmocka_unit_test(shapes_follow_from_all_inputs),
        cmocka_unit_test(scopes_name_variables),
        cmocka_unit_test(large_graphs_have_no_limits),
        cmocka_unit_test(bad_attributes_are_refused),
        cmocka_unit_test(the_plan_refuses_what_stages_do_not_know),
        cmocka_unit_test(the_plan_takes_operators_along),
        cmocka_unit_test(weights_start_from_a_truncated_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
