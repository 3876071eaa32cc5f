/** Dropout does nothing in prediction: a graph without it. */
#ifndef WS_NN_PASSES_DROP_DROPOUT_H
#define WS_NN_PASSES_DROP_DROPOUT_H

#include "nn/graph.h"

/**
 * Writes a graph again without its dropouts; what read one reads its input instead. Variables keep
 * their places, so that the same arrays of numbers belong to both graphs. A dropout that is the
 * output stays if the node before it is not what it reads, because the last node is the output.
 *
 * @param to  uninitialised before; empty after an error
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_drop_dropout(ws_graph *to, const ws_graph *from, ws_error *err);

#endif
