/**
 * A training step as the graph that TensorBoard draws: how a clip becomes features, the network's
 * operators in a box a layer, softmax and loss, and the way back to the weights.
 *
 *     features/   wav_data -> DecodeWav -> AudioSpectrogram -> Mfcc
 *     input/      Reshape [FakeQuant..]
 *     conv_1/     Conv2D -> BiasAdd -> Relu -> Dropout -> MaxPool
 *     dense_2/    ...
 *     Softmax     loss/ SparseSoftmaxCrossEntropyWithLogits -> Mean     labels
 *     gradients/  dense_2 -> conv_1
 *     update/     ApplyGradientDescent
 */
#ifndef WS_REPORT_GRAPH_NODES_H
#define WS_REPORT_GRAPH_NODES_H

#include "nn/plan.h"
#include "report/node_list.h"
#include "report/report.h"

typedef struct ws_graph_nodes {
    ws_node_list list;
    /* which node bears the time of which part of a step */
    size_t input, loss, update;
    size_t n_stages; /* of the plan; 0: the fast engine has none for this graph */
    size_t forward[WS_PLAN_MAX_STAGES];
    size_t backward[WS_PLAN_MAX_STAGES]; /* 0: there is no way back */
} ws_graph_nodes;

/** @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_graph_nodes_create(const ws_report_options *options,
                                              ws_graph_nodes **nodes, ws_error *err);
/** NULL is fine. */
void ws_graph_nodes_destroy(ws_graph_nodes *nodes);

#endif
