/* --save_format=graph_def: one file with a binary GraphDef, its weights inside. */
#include "base/file.h"
#include "formats/format.h"
#include "formats/graph_write.h"

static ws_status write_graph_def(const char *path, const ws_frozen *frozen,
                                 const ws_frozen_write_options *options, ws_error *err)
{
    ws_node_name features;
    ws_buf graph;

    ws_buf_init(&graph, WS_GRAPH_MESSAGE_MAX_BYTES);
    ws_status status = ws_file_check_replaceable(path, err);
    if (status == WS_OK)
        status = ws_graph_write(frozen, options->labels, &graph, features, err);
    if (status == WS_OK)
        status = ws_file_write(path, graph.data, graph.size, err);
    ws_buf_deinit(&graph);
    return status;
}

const ws_format ws_format_graph_def = {
    .name = "graph_def", .ending = ".pb", .title = "frozen graph", .write = write_graph_def};
