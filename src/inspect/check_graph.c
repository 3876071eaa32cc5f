/* Graphs, and the times of one. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "graph.pb-c.h"
#include "inspect/check_graph.h"
#include "inspect/message.h"
#include "run_metadata.pb-c.h"
#include "saved_model.pb-c.h"

/** Whether an input, "name", "name:1" or "^name", is a node. */
static bool is_node(const ws_names *nodes, const char *input)
{
    char *name = ws_text_copy(input + strspn(input, "^"));

    if (name == NULL)
        return true; /* nothing is said without knowing */
    name[strcspn(name, ":")] = '\0';
    const bool is_there = ws_names_find(nodes, name) < nodes->n_items;
    free(name);
    return is_there;
}

static void check_inputs(ws_event_check *check, const ws_names *nodes, const Tbproto__NodeDef *node)
{
    for (size_t i = 0; i < node->n_input; i++) {
        if (is_node(nodes, node->input[i]))
            continue;
        ws_check_found(check, WS_RULE_GRAPH_INPUT, "of node %.60s", node->name);
        return;
    }
}

static ws_status check_nodes(ws_event_check *check, const Tbproto__GraphDef *graph, ws_error *err)
{
    ws_names nodes = {.items = NULL};
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < graph->n_node; i++) {
        size_t number = 0;
        const size_t n_before = nodes.n_items;
        status = ws_names_push(&nodes, graph->node[i]->name, &number, err);
        if (status == WS_OK && number < n_before)
            ws_check_found(check, WS_RULE_GRAPH_NODES, "%.60s", graph->node[i]->name);
    }
    for (size_t i = 0; status == WS_OK && i < graph->n_node; i++)
        check_inputs(check, &nodes, graph->node[i]);
    ws_names_deinit(&nodes);
    return status;
}

ws_status ws_check_graph(ws_event_check *check, ProtobufCBinaryData bytes, ws_error *err)
{
    ws_status status = WS_OK;
    bool too_large = false;

    if (++check->n_graphs == 2)
        ws_check_found_plain(check, WS_RULE_GRAPH_AGAIN);
    ProtobufCMessage *graph = ws_message_decode(&tbproto__graph_def__descriptor, bytes, &too_large);
    if (graph != NULL)
        status = check_nodes(check, (const void *)graph, err);
    else
        ws_check_found_plain(check, too_large ? WS_RULE_MANY_PARTS : WS_RULE_GRAPH);
    if (graph != NULL)
        protobuf_c_message_free_unpacked(graph, NULL);
    return status;
}

void ws_check_meta_graph(ws_event_check *check, ProtobufCBinaryData bytes)
{
    bool too_large = false;
    ProtobufCMessage *graph =
        ws_message_decode(&tbproto__meta_graph_def__descriptor, bytes, &too_large);

    ws_check_found_plain(check, graph != NULL ? WS_RULE_META_GRAPH
                                : too_large   ? WS_RULE_MANY_PARTS
                                              : WS_RULE_BAD_META_GRAPH);
    if (graph != NULL)
        protobuf_c_message_free_unpacked(graph, NULL);
}

/** "...device:CPU:0": what the Graphs page looks for. */
static bool is_device(const char *name)
{
    static const char word[] = "device:";
    const char *last = NULL;

    for (const char *p = strstr(name, word); p != NULL; p = strstr(p + 1, word))
        last = p;
    if (last == NULL)
        return false;
    const char *number = strchr(last + sizeof word - 1, ':');
    return number != NULL && number > last + sizeof word - 1 && number[1] != '\0' &&
           number[1 + strspn(number + 1, "0123456789")] == '\0';
}

static void check_device(ws_event_check *check, const Tbproto__DeviceStepStats *device)
{
    if (!is_device(device->device))
        ws_check_found(check, WS_RULE_DEVICE_NAME, "%.80s", device->device);
    for (size_t i = 0; i < device->n_node_stats; i++) {
        if (device->node_stats[i]->all_start_micros != 0)
            continue;
        ws_check_found_plain(check, WS_RULE_TIME_ZERO);
        return;
    }
}

void ws_check_run_times(ws_event_check *check, ProtobufCBinaryData bytes)
{
    bool too_large = false;
    ProtobufCMessage *message =
        ws_message_decode(&tbproto__run_metadata__descriptor, bytes, &too_large);

    if (message == NULL) {
        ws_check_found_plain(check, too_large ? WS_RULE_MANY_PARTS : WS_RULE_RUN_TIMES);
        return;
    }
    const Tbproto__StepStats *stats =
        ((const Tbproto__RunMetadata *)(const void *)message)->step_stats;
    for (size_t i = 0; stats != NULL && i < stats->n_dev_stats; i++)
        check_device(check, stats->dev_stats[i]);
    protobuf_c_message_free_unpacked(message, NULL);
}
