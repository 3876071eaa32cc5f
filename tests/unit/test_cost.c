/* How much arithmetic graphs ask for, against sums worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/model.h"
#include "nn/cost.h"

static ws_graph graph;

static void build(const char *name)
{
    const ws_model *model;
    ws_error err;

    assert_int_equal(ws_model_find(&model, name, &err), WS_OK);
    ws_graph_deinit(&graph);
    assert_int_equal(model->build(&graph, &(ws_model_settings){98, 40, 12, NULL}, &err), WS_OK);
}

static void nodes_of_conv(void **state)
{
    static const double first = 98.0 * 40 * 64 * 20 * 8, second = 49.0 * 20 * 64 * 10 * 4 * 64;
    static const double dense = 49.0 * 20 * 64 * 12;
    double sum = 0.0;

    (void)state;
    build("conv");
    assert_true(ws_graph_count_products(&graph, 0) == 0.0); /* the input */
    assert_true(ws_graph_count_products(&graph, 1) == first);
    assert_true(ws_graph_count_products(&graph, 2) == 0.0); /* a bias is no product */
    for (size_t node = 0; node < graph.n_nodes; node++)
        sum += ws_graph_count_products(&graph, node);
    assert_true(sum == first + second + dense);
    /* the gradient of the features is not needed */
    assert_true(ws_graph_count_training_operations(&graph) ==
                2.0 * (2.0 * first + 3.0 * second + 3.0 * dense));
}

static void strided_convolution(void **state)
{
    (void)state;
    build("tiny_conv");
    assert_true(ws_graph_count_training_operations(&graph) ==
                2.0 * (2.0 * 49 * 20 * 8 * 10 * 8 + 3.0 * 7840 * 12));
}

static void one_layer(void **state)
{
    (void)state;
    build("single_fc");
    assert_true(ws_graph_count_training_operations(&graph) == 2.0 * 2.0 * 3920 * 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_of_conv),
        cmocka_unit_test(strided_convolution),
        cmocka_unit_test(one_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
