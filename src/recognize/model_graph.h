/** The network that a run's options describe: its features and its operators. */
#ifndef WS_RECOGNIZE_MODEL_GRAPH_H
#define WS_RECOGNIZE_MODEL_GRAPH_H

#include "audio/features.h"
#include "base/text.h"
#include "base/status.h"
#include "nn/graph.h"
#include "settings/train_options.h"

/** The options that define the features; borrows from them. */
ws_feature_options ws_model_graph_features(const ws_train_options *options);

/**
 * Builds the architecture, with fake quantisation where the options ask for it.
 *
 * @param settings  of the features above
 * @param graph     overwritten
 * @return WS_OK; WS_ENOTFOUND for an unknown architecture or kind of features; WS_EUSAGE if the
 * network does not fit the features; WS_ELIMIT
 */
WS_MUST_CHECK ws_status ws_model_graph_build(const ws_train_options *options,
                                             const ws_feature_settings *settings, size_t n_labels,
                                             ws_graph *graph, ws_error *err);

/** The labels of a network that is trained with these options: the wake word alone, or silence,
 *  unknown words and the wanted ones. @param labels  an empty list
 *  @return as ws_labels_push */
WS_MUST_CHECK ws_status ws_model_graph_push_labels(const ws_train_options *options,
                                                   ws_text_list *labels, ws_error *err);

#endif
