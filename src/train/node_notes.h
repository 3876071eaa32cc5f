/** What TensorBoard shows of an operator beside its name and shape: attributes of its node, which
 * is the last one of the list. */
#ifndef WS_TRAIN_NODE_NOTES_H
#define WS_TRAIN_NODE_NOTES_H

#include "nn/graph.h"
#include "report/node_list.h"

/** Its variables, and how many numbers are trained. */
void ws_node_notes_push_variables(ws_node_list *list, const ws_graph *graph, const ws_node *node);

/** What its kind says: windows, rates and the like. */
void ws_node_notes_push_kind(ws_node_list *list, const ws_graph *graph, const ws_node *node);

/** Of an operator that rounds. */
void ws_node_notes_push_quantizer(ws_node_list *list, const ws_quantizer *quantizer);

#endif
