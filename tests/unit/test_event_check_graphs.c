/* events/check: graphs and times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph.pb-c.h"
#include "run_metadata.pb-c.h"
#include "unit/event_findings.h"

static void push_graph(made_file *file, ProtobufCBinaryData bytes, bool is_times)
{
    Tbproto__Event event;
    Tbproto__TaggedRunMetadata times;
    char tag[] = "step 1";
    tbproto__event__init(&event);
    tbproto__tagged_run_metadata__init(&times);
    times.tag = tag;
    times.run_metadata = bytes;
    event.what_case =
        is_times ? TBPROTO__EVENT__WHAT_TAGGED_RUN_METADATA : TBPROTO__EVENT__WHAT_GRAPH_DEF;
    if (is_times)
        event.tagged_run_metadata = &times;
    else
        event.graph_def = bytes;
    made_push_event(file, &event);
}

/** Two nodes; the second has the first one's output as its input. */
static ProtobufCBinaryData pack_graph(uint8_t *out, char *first, char *second, char *input)
{
    Tbproto__GraphDef graph;
    Tbproto__NodeDef nodes[2];
    Tbproto__NodeDef *list[2] = {&nodes[0], &nodes[1]};
    tbproto__graph_def__init(&graph);
    tbproto__node_def__init(&nodes[0]);
    tbproto__node_def__init(&nodes[1]);
    nodes[0].name = first;
    nodes[1].name = second;
    nodes[1].n_input = 1;
    nodes[1].input = &input;
    graph.n_node = 2;
    graph.node = list;
    return (ProtobufCBinaryData){tbproto__graph_def__pack(&graph, out), out};
}

static void meta_graphs_are_looked_at(void **state)
{
    uint8_t content[] = {0x12, 2, 0x0a, 0};
    Tbproto__Event event;
    made_file file = good();
    (void)state;
    tbproto__event__init(&event);
    event.what_case = TBPROTO__EVENT__WHAT_META_GRAPH_DEF;
    event.meta_graph_def = (ProtobufCBinaryData){4, content};
    made_push_event(&file, &event);
    expect(file, WS_RULE_META_GRAPH);
    event.meta_graph_def.len = 3; /* torn */
    made_push_event(&file, &event);
    expect(file, WS_RULE_META_GRAPH, WS_RULE_BAD_META_GRAPH);
}

static void graphs_are_looked_at(void **state)
{
    uint8_t bytes[256], none[] = {0xff, 0xff};
    char a[] = "a", b[] = "b", output[] = "^a:1", unknown[] = "c";
    made_file file = good();
    (void)state;
    push_graph(&file, pack_graph(bytes, a, b, output), false);
    expect(file, nothing);
    push_graph(&file, pack_graph(bytes, a, b, output), false);
    expect(file, WS_RULE_GRAPH_AGAIN);
    file = good();
    push_graph(&file, pack_graph(bytes, a, a, output), false);
    expect(file, WS_RULE_GRAPH_NODES);
    file = good();
    push_graph(&file, pack_graph(bytes, a, b, unknown), false);
    expect(file, WS_RULE_GRAPH_INPUT);
    file = good();
    push_graph(&file, (ProtobufCBinaryData){2, none}, false);
    expect(file, WS_RULE_GRAPH);
    file = good();
    push_graph(&file, (ProtobufCBinaryData){2, none}, true);
    expect(file, WS_RULE_RUN_TIMES);
}

static void times_are_looked_at(void **state)
{
    uint8_t bytes[256];
    char good_name[] = "/job:a/device:CPU:0", bad_name[] = "/cpu:0", node_name[] = "n";
    Tbproto__RunMetadata times;
    Tbproto__StepStats stats;
    Tbproto__DeviceStepStats device, *devices = &device;
    Tbproto__NodeExecStats node, *nodes = &node;
    (void)state;
    tbproto__run_metadata__init(&times);
    tbproto__step_stats__init(&stats);
    tbproto__device_step_stats__init(&device);
    tbproto__node_exec_stats__init(&node);
    times.step_stats = &stats;
    stats.n_dev_stats = 1;
    stats.dev_stats = &devices;
    device.n_node_stats = 1;
    device.node_stats = &nodes;
    node.node_name = node_name;
    for (int i = 0; i < 2; i++) {
        made_file file = good();
        device.device = i == 0 ? good_name : bad_name;
        node.all_start_micros = i == 0;
        push_graph(&file, (ProtobufCBinaryData){tbproto__run_metadata__pack(&times, bytes), bytes},
                   true);
        if (i == 0)
            expect(file, nothing);
        else
            expect(file, WS_RULE_DEVICE_NAME, WS_RULE_TIME_ZERO);
    }
}

/* A record whose graph has so many small parts that it is kept without being parsed. */
static void what_swells_is_passed(void **state)
{
    uint8_t bytes[8000];
    made_file file = good();
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i += 2) { /* empty nodes */
        bytes[i] = 0x0a;
        bytes[i + 1] = 0;
    }
    push_graph(&file, (ProtobufCBinaryData){sizeof bytes, bytes}, false);
    expect(file, WS_RULE_MANY_PARTS);
    file = good();
    bytes[0] = 0x2a; /* empty values */
    bytes[1] = ((sizeof bytes - 3) & 127) | 128;
    bytes[2] = (sizeof bytes - 3) >> 7;
    bytes[3] = 0x0a;
    for (size_t i = 3; i + 1 < sizeof bytes; i += 2) {
        bytes[i] = 0x0a;
        bytes[i + 1] = 0;
    }
    made_push_payload(&file, bytes, sizeof bytes - 1);
    const made_file *const files[] = {&file};
    const findings all = findings_of(files, 1, GOOD_NAME);
    assert_true(all.n[WS_RULE_MANY_PARTS] == 1 || all.n[WS_RULE_NOT_EVENT] == 1);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(graphs_are_looked_at),
        cmocka_unit_test(meta_graphs_are_looked_at),
        cmocka_unit_test(times_are_looked_at),
        cmocka_unit_test(what_swells_is_passed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
