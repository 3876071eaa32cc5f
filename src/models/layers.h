/**
 * Groups of operators that several models have. Each has a scope of its own, which names its
 * variables: `<scope>/weights`, `<scope>/norm/gamma` and so on.
 */
#ifndef WS_MODELS_LAYERS_H
#define WS_MODELS_LAYERS_H

#include "nn/graph.h"

/** Convolution, then batch normalisation. @param conv  its name is set here
 *  @param norm  likewise; NULL: the defaults */
size_t ws_push_conv_norm(ws_graph *graph, size_t input, const char *scope, ws_conv2d_args conv,
                         const ws_norm_args *norm);

/** The same, then ReLU. */
size_t ws_push_conv_norm_relu(ws_graph *graph, size_t input, const char *scope, ws_conv2d_args conv,
                              const ws_norm_args *norm);

/** Convolution of each channel by itself, `<scope>/depthwise_weights`; it leaves the scope open,
 * for a normalisation or another layer. */
size_t ws_push_depthwise_open(ws_graph *graph, size_t input, const char *scope,
                              ws_conv2d_args conv);

/** The scores: mean over all places, then a matrix product with bias, `labels/weights` and
 *  `labels/bias`. @param bias  what the bias starts from */
size_t ws_push_mean_and_labels(ws_graph *graph, size_t input, size_t n_labels, ws_init weights,
                               ws_init bias);

#endif
