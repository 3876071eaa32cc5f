/* tbevents: the data of a whole run: the bytes of each kind, and refused values. Records after
 * those of the first tests come from TensorBoard's own Python package. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tbevents/tbevents.h"
#include "unit/event_file.h"
#include "unit/golden_events.h"

/* ---- graph ---- */

static const char *const dense_inputs[] = {"clip"};
static const char *const last_inputs[] = {"f", "b"};
static const int64_t clip_shape[] = {-1, 12};
static const tbe_attribute attributes[] = {{"parameters", TBE_ATTRIBUTE_INTEGER, 768, 0, NULL},
                                           {"x", TBE_ATTRIBUTE_BOOL, 0, 0, NULL},
                                           {"x", TBE_ATTRIBUTE_NUMBER, 0, 0.5, NULL},
                                           {"x", TBE_ATTRIBUTE_TEXT, 0, 0, "text"}};

enum { N_NODES = 5 };

/** A graph with all that there can be in one. @param nodes  filled */
static tbe_graph sample_graph(tbe_node nodes[N_NODES])
{
    const tbe_node all[N_NODES] = {
        {"clip", "Placeholder", NULL, NULL, 0, clip_shape, 2, NULL, 0},
        {"layers/dense", "MatMul", "/device:CPU:0", dense_inputs, 1, NULL, 0, attributes, 1},
        {"b", "B", NULL, NULL, 0, NULL, 0, attributes + 1, 1},
        {"f", "F", NULL, NULL, 0, NULL, 0, attributes + 2, 1},
        {"s", "S", NULL, last_inputs, 2, NULL, 0, attributes + 3, 1},
    };
    tbe_graph graph;
    memcpy(nodes, all, sizeof all);
    tbe_graph_init(&graph, sizeof graph, sizeof(tbe_node), sizeof(tbe_attribute));
    graph.nodes = nodes;
    graph.n_nodes = N_NODES;
    return graph;
}

static void graphs_are_golden(void **state)
{
    tbe_node nodes[N_NODES];
    const tbe_graph graph = sample_graph(nodes);
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_graph(writer, &graph), TBE_OK);
    golden_assert(
        writer,
        "ca00000000000000accf13c509000000000000084022be010a3c0a04636c6970120b506c616365686f6c646572"
        "2a270a0e5f6f75747075745f73686170657312150a133a11120b08ffffffffffffffffff011202080c0a3e0a0c"
        "6c61796572732f64656e736512064d61744d756c1a04636c6970220d2f6465766963653a4350553a302a110a0a"
        "706172616d657465727312031880060a0f0a01621201422a070a0178120228000a120a01661201462a0a0a0178"
        "1205250000003f0a190a01731201531a01661a01622a0b0a01781206120474657874d00e06d3");
}

static void nodes_may_be_larger_or_smaller_than_ours(void **state)
{
    typedef struct larger_node {
        tbe_node known;
        const char *later; /* a field of a version to come */
    } larger_node;
    tbe_node nodes[N_NODES];
    larger_node larger[N_NODES];
    struct {
        const char *name, *op, *device; /* an older program */
    } smaller[2] = {{"a", "A", NULL}, {"b", "B", NULL}};
    tbe_graph graph = sample_graph(nodes);
    (void)state;
    memset(larger, 0, sizeof larger);
    for (size_t i = 0; i < N_NODES; i++)
        larger[i].known = nodes[i];
    graph.nodes = &larger[0].known;
    graph.node_size = sizeof(larger_node);
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_graph(writer, &graph), TBE_OK);
    larger[N_NODES - 1].later = "unknown";
    assert_int_equal(tbe_add_graph(writer, &graph), TBE_EINVAL);
    graph.nodes = (const tbe_node *)(const void *)smaller;
    graph.node_size = sizeof smaller[0];
    graph.n_nodes = 2;
    assert_int_equal(tbe_add_graph(writer, &graph), TBE_OK);
    graph.node_size = 1;
    assert_int_equal(tbe_add_graph(writer, &graph), TBE_EINVAL);
    golden_assert_n(writer, TBE_EINVAL, 2);
}

/** The status of a graph whose node i is this. */
static tbe_status status_with(tbe_writer *writer, size_t i, const tbe_node *node)
{
    tbe_node nodes[N_NODES];
    const tbe_graph graph = sample_graph(nodes);
    nodes[i] = *node;
    return tbe_add_graph(writer, &graph);
}

static void odd_nodes_are_refused(void **state)
{
    static const int64_t bad_shape[] = {-2};
    static const tbe_attribute bad[] = {
        {NULL, TBE_ATTRIBUTE_BOOL, 0, 0, NULL},      {"_hidden", TBE_ATTRIBUTE_BOOL, 0, 0, NULL},
        {"\n", TBE_ATTRIBUTE_BOOL, 0, 0, NULL},      {"x", (tbe_attribute_kind)0, 0, 0, NULL},
        {"x", TBE_ATTRIBUTE_NUMBER, 0, 1e300, NULL}, {"x", TBE_ATTRIBUTE_TEXT, 0, 0, NULL},
        {"x", TBE_ATTRIBUTE_TEXT, 0, 0, "\xff"}};
    const tbe_node nodes[] = {
        {NULL, "Op", NULL, NULL, 0, NULL, 0, NULL, 0},
        {"", "Op", NULL, NULL, 0, NULL, 0, NULL, 0},
        {"a:1", "Op", NULL, NULL, 0, NULL, 0, NULL, 0},
        {"^a", "Op", NULL, NULL, 0, NULL, 0, NULL, 0},
        {"\xff", "Op", NULL, NULL, 0, NULL, 0, NULL, 0},
        {"a", NULL, NULL, NULL, 0, NULL, 0, NULL, 0},
        {"a", "Op", "\n", NULL, 0, NULL, 0, NULL, 0},
        {"a", "Op", NULL, NULL, 1, NULL, 0, NULL, 0},
        {"a", "Op", NULL, NULL, 0, NULL, 0, NULL, 1},
        {"a", "Op", NULL, NULL, 0, bad_shape, 1, NULL, 0},
        {"b", "Op", NULL, NULL, 0, NULL, 0, NULL, 0}, /* twice */
    };
    (void)state;
    tbe_writer *writer = golden_open();
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        assert_int_equal(status_with(writer, 4, &nodes[i]), TBE_EINVAL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const tbe_node node = {"a", "Op", NULL, NULL, 0, NULL, 0, bad + i, 1};
        assert_int_equal(status_with(writer, 4, &node), TBE_EINVAL);
    }
    const tbe_node other_name = {"other", "Op", NULL, NULL, 0, NULL, 0, NULL, 0};
    assert_int_equal(status_with(writer, 0, &other_name), TBE_EINVAL); /* "clip" is an input */
    assert_non_null(strstr(tbe_get_message(writer), "\"clip\""));
    const tbe_node many = {"a", "Op", NULL, dense_inputs, TBE_MAX_PER_NODE + 1, NULL, 0, NULL, 0};
    assert_int_equal(status_with(writer, 4, &many), TBE_ELIMIT);
    assert_int_equal(tbe_add_graph(writer, NULL), TBE_EINVAL);
    golden_assert_n(writer, TBE_EINVAL, 0);
}

/* ---- times ---- */

static void times_are_golden(void **state)
{
    static const tbe_node_time nodes[] = {{"layers/dense", 0, 1500, 4800}, {"clip", 1500, 0, 0}};
    tbe_run_times times;
    (void)state;
    tbe_run_times_init(&times, sizeof times, sizeof(tbe_node_time));
    times.nodes = nodes;
    times.n_nodes = 2;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_run_times(writer, 100, "step 100", &times), TBE_OK);
    golden_assert(
        writer,
        "7800000000000000a2a521c50900000000000008401064426b0a087374657020313030125f0a5d0a5b0a2c2f6a"
        "6f623a6c6f63616c686f73742f7265706c6963613a302f7461736b3a302f6465766963653a4350553a3012200a"
        "0c6c61796572732f64656e7365100120dc0b28dc0b32080a0363707510c02512090a04636c697010dd0b219769"
        "08");
}

static void odd_times_are_refused(void **state)
{
    static const tbe_node_time bad[] = {{NULL, 0, 1, 0},       {"", 0, 1, 0},   {"\xff", 0, 1, 0},
                                        {"a", -1, 1, 0},       {"a", 0, -1, 0}, {"a", 0, 1, -1},
                                        {"a", INT64_MAX, 1, 0}};
    tbe_run_times times;
    (void)state;
    tbe_run_times_init(&times, sizeof times, sizeof(tbe_node_time));
    tbe_writer *writer = golden_open();
    times.n_nodes = 1;
    assert_int_equal(tbe_add_run_times(writer, 1, "x", &times), TBE_EINVAL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        times.nodes = bad + i;
        assert_int_equal(tbe_add_run_times(writer, 1, "x", &times), TBE_EINVAL);
    }
    times.n_nodes = TBE_MAX_NODES + 1;
    assert_int_equal(tbe_add_run_times(writer, 1, "x", &times), TBE_ELIMIT);
    times.n_nodes = 0;
    assert_int_equal(tbe_add_run_times(writer, 1, "x\n", &times), TBE_EINVAL);
    assert_int_equal(tbe_add_run_times(writer, 1, "x", &times), TBE_OK);
    golden_assert_n(writer, TBE_EINVAL, 1);
}

/* ---- layouts ---- */

static tbe_status add_charts(tbe_writer *writer, size_t n, const tbe_chart *charts)
{
    tbe_layout layout;
    tbe_layout_init(&layout, sizeof layout, sizeof(tbe_chart));
    layout.charts = charts;
    layout.n_charts = n;
    return tbe_add_layout(writer, &layout);
}

static void layouts_are_golden(void **state)
{
    static const char *const tags[] = {"loss", "acc"}, *const band[] = {"v", "l", "u"},
                             *const pattern[] = {"y.*"};
    static const tbe_chart one = {"c", "t", TBE_CHART_LINES, tags, 2};
    static const tbe_chart three[] = {{"c", "t", TBE_CHART_LINES, tags, 1},
                                      {"c", "m", TBE_CHART_BAND, band, 3},
                                      {"d", "x", TBE_CHART_LINES, pattern, 1}};
    (void)state;
    tbe_writer *writer = golden_open();
    assert_int_equal(add_charts(writer, 1, &one), TBE_OK);
    golden_assert(writer,
                  "5c00000000000000c9cdf98f0900000000000008402a510a4f0a18637573746f6d5f7363"
                  "616c6172735f5f636f6e6669675f5f421d08071200421712150a016312100a0174120b0a"
                  "046c6f73730a036163634a140a100a0e637573746f6d5f7363616c61727320028395e9cd");
    writer = golden_open();
    assert_int_equal(add_charts(writer, 3, three), TBE_OK);
    golden_assert(
        writer,
        "7a00000000000000138986780900000000000008402a6f0a6d0a18637573746f6d5f7363616c6172735f5f636f"
        "6e6669675f5f423b08071200423512220a0163120b0a017412060a046c6f737312100a016d1a0b0a090a017612"
        "016c1a0175120f0a0164120a0a017812050a03792e2a4a140a100a0e637573746f6d5f7363616c6172732002dc"
        "1fb318");
}

static void odd_layouts_are_refused(void **state)
{
    static const char *const tags[] = {"loss", "acc"}, *const bad_tags[] = {"\n"};
    static const tbe_chart bad[] = {
        {NULL, "t", TBE_CHART_LINES, tags, 2},   {"c", NULL, TBE_CHART_LINES, tags, 2},
        {"c", "\xff", TBE_CHART_LINES, tags, 2}, {"c", "t", (tbe_chart_kind)7, tags, 2},
        {"c", "t", TBE_CHART_LINES, NULL, 2},    {"c", "t", TBE_CHART_LINES, tags, 0},
        {"c", "t", TBE_CHART_BAND, tags, 2},     {"c", "t", TBE_CHART_LINES, bad_tags, 1},
    };
    (void)state;
    tbe_writer *writer = golden_open();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(add_charts(writer, 1, bad + i), TBE_EINVAL);
    assert_int_equal(add_charts(writer, 0, bad), TBE_EINVAL);
    assert_int_equal(add_charts(writer, 1, NULL), TBE_EINVAL);
    assert_int_equal(add_charts(writer, TBE_MAX_CHARTS + 1, bad), TBE_ELIMIT);
    golden_assert_n(writer, TBE_EINVAL, 0);
}

/* ---- elements of a version to come ---- */

static const char *const one_tag[] = {"a"};
static const struct larger_chart {
    tbe_chart known;
    const char *later;
} larger_charts[] = {{{"c", "t", TBE_CHART_LINES, one_tag, 1}, NULL},
                     {{"c", "u", TBE_CHART_LINES, one_tag, 1}, NULL},
                     {{"c", "v", TBE_CHART_LINES, one_tag, 1}, "unknown"}};
static const struct larger_hparam {
    tbe_hparam known;
    const char *later;
} larger_hparams[] = {{{"x", TBE_HPARAM_NUMBER, 1, NULL}, NULL},
                      {{"y", TBE_HPARAM_NUMBER, 2, NULL}, NULL},
                      {{"z", TBE_HPARAM_NUMBER, 3, NULL}, "unknown"}};
static const struct larger_time {
    tbe_node_time known;
    const char *later;
} larger_times[] = {{{"n", 0, 1, 0}, NULL}, {{"m", 1, 1, 0}, NULL}, {{"o", 2, 1, 0}, "unknown"}};
static const struct larger_attribute {
    tbe_attribute known;
    const char *later;
} larger_attributes[] = {{{"x", TBE_ATTRIBUTE_BOOL, 1, 0, NULL}, NULL},
                         {{"y", TBE_ATTRIBUTE_BOOL, 1, 0, NULL}, NULL},
                         {{"z", TBE_ATTRIBUTE_BOOL, 1, 0, NULL}, "unknown"}};
static const struct larger_info {
    tbe_hparam_info known;
    const char *later;
} larger_infos[] = {{{.name = "x", .kind = TBE_HPARAM_BOOL}, NULL},
                    {{.name = "y", .kind = TBE_HPARAM_BOOL}, NULL},
                    {{.name = "z", .kind = TBE_HPARAM_BOOL}, "unknown"}};
static const struct larger_metric {
    tbe_metric_info known;
    const char *later;
} larger_metrics[] = {{{.tag = "x"}, NULL}, {{.tag = "y"}, NULL}, {{.tag = "z"}, "unknown"}};

/** The status of one call with the first n elements of each array, by its number; TBE_END: there is
 *  no such call. */
static tbe_status add_larger(tbe_writer *writer, size_t call, size_t n)
{
    const tbe_node node = {
        .name = "n", .op = "N", .attributes = &larger_attributes[0].known, .n_attributes = n};
    tbe_layout layout = TBE_LAYOUT_INIT;
    tbe_session session = TBE_SESSION_INIT;
    tbe_run_times times = TBE_RUN_TIMES_INIT;
    tbe_graph graph = TBE_GRAPH_INIT;
    tbe_experiment experiment = TBE_EXPERIMENT_INIT;

    switch (call) {
    case 0:
        layout.charts = &larger_charts[0].known;
        layout.n_charts = n;
        layout.chart_size = sizeof larger_charts[0];
        return tbe_add_layout(writer, &layout);
    case 1:
        session.hparams = &larger_hparams[0].known;
        session.n_hparams = n;
        session.hparam_size = sizeof larger_hparams[0];
        return tbe_add_session_start(writer, &session);
    case 2:
        times.nodes = &larger_times[0].known;
        times.n_nodes = n;
        times.node_size = sizeof larger_times[0];
        return tbe_add_run_times(writer, 1, "times", &times);
    case 3:
        graph.nodes = &node;
        graph.n_nodes = 1;
        graph.attribute_size = sizeof larger_attributes[0];
        return tbe_add_graph(writer, &graph);
    case 4:
        experiment.hparams = &larger_infos[0].known;
        experiment.n_hparams = n;
        experiment.hparam_size = sizeof larger_infos[0];
        return tbe_add_experiment(writer, &experiment);
    case 5:
        experiment.metrics = &larger_metrics[0].known;
        experiment.n_metrics = n;
        experiment.metric_size = sizeof larger_metrics[0];
        return tbe_add_experiment(writer, &experiment);
    default:
        return TBE_END;
    }
}

static void elements_may_be_larger_than_ours(void **state)
{
    (void)state;
    tbe_writer *writer = golden_open();
    size_t n_calls = 0;
    for (tbe_status status; (status = add_larger(writer, n_calls, 2)) != TBE_END; n_calls++) {
        assert_int_equal(status, TBE_OK);
        assert_int_equal(add_larger(writer, n_calls, 3), TBE_EINVAL);
        assert_non_null(strstr(tbe_get_message(writer), "number 2 of the "));
    }
    assert_int_equal(n_calls, 6);
    golden_assert_n(writer, TBE_EINVAL, n_calls);
}

/** A size of 0 is that of version 1.0; macros and functions say the same. */
static void sizes_of_elements_are_set(void **state)
{
    static const tbe_hparam two[] = {{"x", TBE_HPARAM_NUMBER, 1, NULL},
                                     {"y", TBE_HPARAM_NUMBER, 2, NULL}};
    tbe_graph graph, graph_of_macro = TBE_GRAPH_INIT;
    tbe_session session, session_of_macro = TBE_SESSION_INIT;
    tbe_experiment experiment, experiment_of_macro = TBE_EXPERIMENT_INIT;
    (void)state;
    tbe_graph_init(&graph, sizeof graph, sizeof(tbe_node), sizeof(tbe_attribute));
    assert_memory_equal(&graph, &graph_of_macro, sizeof graph);
    tbe_session_init(&session, sizeof session, sizeof(tbe_hparam));
    assert_memory_equal(&session, &session_of_macro, sizeof session);
    tbe_experiment_init(&experiment, sizeof experiment, sizeof(tbe_hparam_info),
                        sizeof(tbe_metric_info));
    assert_memory_equal(&experiment, &experiment_of_macro, sizeof experiment);
    session.hparam_size = 0;
    session.hparams = two;
    session.n_hparams = 2;
    tbe_writer *writer = golden_open();
    assert_int_equal(tbe_add_session_start(writer, &session), TBE_OK);
    golden_assert_n(writer, TBE_OK, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(graphs_are_golden),
        SCRATCH_TEST(nodes_may_be_larger_or_smaller_than_ours),
        SCRATCH_TEST(elements_may_be_larger_than_ours),
        SCRATCH_TEST(sizes_of_elements_are_set),
        SCRATCH_TEST(odd_nodes_are_refused),
        SCRATCH_TEST(times_are_golden),
        SCRATCH_TEST(odd_times_are_refused),
        SCRATCH_TEST(layouts_are_golden),
        SCRATCH_TEST(odd_layouts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
