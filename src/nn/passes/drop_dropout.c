#include "nn/passes/drop_dropout.h"

#include <assert.h>

#include "nn/passes/rewrite.h"

static size_t move_node(ws_rewrite *rewrite, size_t i)
{
    const ws_node *node = &rewrite->from->nodes[i];
    const bool is_needed = i + 1 == rewrite->from->n_nodes &&
                           rewrite->values[node->inputs[0]] + 1 != rewrite->to->n_nodes;

    if (node->kind == WS_OP_DROPOUT && !is_needed)
        return rewrite->values[node->inputs[0]];
    return ws_rewrite_keep(rewrite, i);
}

ws_status ws_drop_dropout(ws_graph *to, const ws_graph *from, ws_error *err)
{
    const ws_status status = ws_rewrite_run(to, from, move_node, NULL, err);

    assert(status != WS_OK ||
           (to->n_weights == from->n_weights && to->n_state_numbers == from->n_state_numbers));
    return status;
}
