/* --save_format=graph_def: one file with a binary GraphDef, its weights inside. */
#include <sys/stat.h>

#include "base/file.h"
#include "formats/format.h"
#include "formats/graph_write.h"

/** Renaming a file over a device or a pipe would take that away, and not write to it. */
static ws_status check_can_replace(const char *path, ws_error *err)
{
    struct stat info;

    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return ws_fail(err, WS_EEXISTS, "%s: is %s, expected a file to replace or nothing", path,
                       S_ISDIR(info.st_mode) ? "a directory" : "a device or a pipe");
    return WS_OK;
}

static ws_status write_graph_def(const char *path, const ws_frozen *frozen, ws_error *err)
{
    ws_node_name features;
    ws_buf graph;

    ws_buf_init(&graph, WS_GRAPH_MESSAGE_MAX_BYTES);
    ws_status status = check_can_replace(path, err);
    if (status == WS_OK)
        status = ws_graph_write(frozen, &graph, features, err);
    if (status == WS_OK)
        status = ws_file_write(path, graph.data, graph.size, err);
    ws_buf_deinit(&graph);
    return status;
}

const ws_format ws_format_graph_def = {.name = "graph_def", .write = write_graph_def};
