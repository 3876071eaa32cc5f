/**
 * A training step as the graph that TensorBoard draws: how a clip becomes features, the network's
 * operators in a box a layer, softmax and loss, and the way back to the weights.
 *
 *     features/   wav_data -> DecodeWav -> AudioSpectrogram -> Mfcc
 *     input/      Reshape [FakeQuant..]
 *     conv_1/     Conv2D -> BiasAdd -> Relu -> Dropout -> MaxPool
 *     dense_2/    ...
 *     stage1/     block1/ and so on, where the model has named its parts
 *     Softmax     loss/ SparseSoftmaxCrossEntropyWithLogits -> Mean     labels
 *     gradients/  dense_2 -> conv_1
 *     update/     ApplyGradientDescent
 */
#ifndef WS_TRAIN_STEP_GRAPH_H
#define WS_TRAIN_STEP_GRAPH_H

#include "audio/features.h"
#include "nn/network.h"
#include "nn/plan.h"
#include "report/node_list.h"
#include "report/report.h"

/** Nodes that take a step's time besides those of stages: input, loss, update. */
enum { WS_STEP_GRAPH_MAX_TIMED = 2 * WS_PLAN_MAX_STAGES + 3 };

typedef struct ws_step_graph {
    ws_node_list list;
    /* which node takes the time of which part of a step */
    size_t input, loss, update;
    size_t n_stages; /* of the plan; 1 where there is none: the whole network */
    size_t forward[WS_PLAN_MAX_STAGES];
    size_t backward[WS_PLAN_MAX_STAGES]; /* 0: there is no way back */
    /* all of them in the order in which they run */
    size_t timed[WS_STEP_GRAPH_MAX_TIMED]; /* [n_timed] */
    size_t n_timed;
    /* of the last step */
    ws_phase_time phases[WS_NETWORK_MAX_PHASES];
    double seconds[WS_STEP_GRAPH_MAX_TIMED]; /* [n_timed] */
} ws_step_graph;

/**
 * Draws it.
 *
 * @param update_op  TensorFlow's name of the optimiser's update; borrowed for the call
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_step_graph_create(ws_step_graph **drawn, const ws_graph *graph,
                                             const ws_feature_settings *settings,
                                             const char *update_op, ws_error *err);
/** NULL is fine. */
void ws_step_graph_destroy(ws_step_graph *drawn);

/**
 * Where the time of a step has gone. What no node has taken for itself is the loss's.
 *
 * @param network  which has just made the step
 * @param step     its seconds, input_seconds and update_seconds are read
 * @return [n_timed] seconds, valid until the next call; NULL: the network measures none, as the
 *         reference engine
 */
const double *ws_step_graph_time(ws_step_graph *drawn, const ws_network *network,
                                 const ws_report_step *step);

#endif
