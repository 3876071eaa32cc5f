/* The memory plan of a microcontroller, on a model made by hand. tests/interop/test_esphome.py
 * holds it to TensorFlow Lite Micro's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nn/lite/arena_size.h"

static int push_tensor(ws_lite *lite, ws_lite_graph *graph, size_t n_bytes, const void *data)
{
    const ws_lite_tensor like = {.type = WS_LITE_INT8, .dims = {n_bytes}, .n_dims = 1};
    return ws_lite_push_tensor(lite, graph, "x", &like, data);
}

static void push_step(ws_lite *lite, ws_lite_graph *graph, int from, int with, int to)
{
    ws_lite_push_node(lite, graph,
                      &(ws_lite_node){.kind = WS_LITE_ADD,
                                      .inputs = {from, with},
                                      .n_inputs = 2,
                                      .outputs = {to},
                                      .n_outputs = 1});
}

/** A chain of n tensors, each the sum of the one before and a constant. */
static void make_chain(ws_lite *lite, const size_t *n_bytes, size_t n)
{
    static const int8_t constant[1000];
    int last = 0;

    *lite = (ws_lite){.n_graphs = 0};
    ws_lite_graph *graph = ws_lite_push_graph(lite);
    assert_non_null(graph);
    for (size_t i = 0; i < n; i++) {
        const int next = push_tensor(lite, graph, n_bytes[i], NULL);
        if (i == 0)
            graph->inputs[graph->n_inputs++] = next;
        else
            push_step(lite, graph, last, push_tensor(lite, graph, sizeof constant, constant), next);
        last = next;
    }
    graph->outputs[graph->n_outputs++] = last;
    assert_int_equal(ws_lite_status(lite, NULL), WS_OK);
}

static size_t plan(const ws_lite *lite)
{
    size_t n_bytes = 0;
    assert_int_equal(ws_lite_tensors_size(lite, &n_bytes, NULL), WS_OK);
    return n_bytes;
}

static void test_only_neighbours_need_room(void **state)
{
    (void)state;
    ws_lite lite;

    /* 112 and 208 at the same time, then 208 and 64: the last takes the first one's place */
    make_chain(&lite, (const size_t[]){100, 200, 50}, 3);
    assert_int_equal(plan(&lite), 208 + 112);
    ws_lite_deinit(&lite);
    make_chain(&lite, (const size_t[]){64, 64, 64, 64, 64}, 5);
    assert_int_equal(plan(&lite), 64 + 64);
    ws_lite_deinit(&lite);
}

static void test_what_is_used_later_stays(void **state)
{
    (void)state;
    ws_lite lite;

    make_chain(&lite, (const size_t[]){64, 64, 64, 64}, 4);
    ws_lite_graph *graph = &lite.graphs[0];
    const int sum = push_tensor(&lite, graph, 64, NULL);
    push_step(&lite, graph, graph->outputs[0], graph->inputs[0], sum);
    graph->outputs[0] = sum;
    assert_int_equal(plan(&lite), 3 * 64);
    ws_lite_deinit(&lite);
}

static void test_an_arena_holds_more_than_tensors(void **state)
{
    (void)state;
    size_t small = 0, large = 0;
    ws_lite lite;

    make_chain(&lite, (const size_t[]){64, 64}, 2);
    assert_int_equal(ws_lite_arena_size(&lite, &small, NULL), WS_OK);
    assert_true(small > plan(&lite) && small % 16 == 0);
    ws_lite_deinit(&lite);
    make_chain(&lite, (const size_t[]){64, 64, 64}, 3);
    assert_int_equal(ws_lite_arena_size(&lite, &large, NULL), WS_OK);
    assert_true(large > small); /* an operator more, in tensors as large */
    ws_lite_deinit(&lite);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_neighbours_need_room),
        cmocka_unit_test(test_what_is_used_later_stays),
        cmocka_unit_test(test_an_arena_holds_more_than_tensors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
