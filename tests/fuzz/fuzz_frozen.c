/* formats/: any bytes as a frozen graph, or as the saved_model.pb of a SavedModel.
 *
 * First byte even: the rest is a GraphDef. Odd: a SavedModel. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "formats/graph_read.h"
#include "formats/graph_write.h"
#include "formats/saved_model.h"

/* A model that takes longer to write than a fuzzer should wait for. */
enum { MAX_WEIGHTS = 1 << 16 };

static void check_same(const ws_frozen *a, const ws_frozen *b)
{
    if (a->graph.n_nodes != b->graph.n_nodes || a->graph.n_parameters != b->graph.n_parameters ||
        a->graph.n_weights != b->graph.n_weights ||
        memcmp(a->parameters, b->parameters, a->graph.n_weights * sizeof(float)) != 0)
        abort();
    for (size_t i = 0; i < a->graph.n_nodes; i++) {
        const ws_node *x = &a->graph.nodes[i], *y = &b->graph.nodes[i];
        if (x->kind != y->kind || x->parameters[0] != y->parameters[0] ||
            memcmp(&x->shape, &y->shape, sizeof x->shape) != 0)
            abort();
    }
}

/** What was read can be written, unless two names are the same then, and is read as the same. */
static void check_model(const ws_frozen *frozen)
{
    static ws_frozen again;
    ws_node_name features;
    ws_error err;
    ws_buf graph;

    ws_buf_init(&graph, 1 << 26);
    const ws_status status = ws_graph_write(frozen, &frozen->labels, &graph, features, &err);
    if (status == WS_OK) {
        if (ws_graph_read(
                &(ws_graph_source){.path = "again", .bytes = graph.data, .size = graph.size},
                &again, &err) != WS_OK)
            abort();
        if (frozen->graph.n_states == 0) /* normalisations become part of layers */
            check_same(frozen, &again);
        ws_frozen_deinit(&again);
    } else if (status != WS_EINVAL && status != WS_EUSAGE) {
        abort();
    }
    ws_buf_deinit(&graph);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ws_frozen frozen;
    ws_error err = {.message = ""};
    ws_status status = WS_OK;

    if (size == 0)
        return 0;
    const ws_graph_source source = {.path = "input", .bytes = data + 1, .size = size - 1};
    if (data[0] % 2 == 0)
        status = ws_graph_read(&source, &frozen, &err);
    else
        status = ws_saved_model_read_bytes(&source, &frozen, &err);
    if (status == WS_OK && frozen.graph.n_weights <= MAX_WEIGHTS)
        check_model(&frozen);
    if (status != WS_OK && (frozen.parameters != NULL || err.message[0] == '\0'))
        abort();
    ws_frozen_deinit(&frozen);
    return 0;
}
