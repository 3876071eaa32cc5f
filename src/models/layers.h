/**
 * Groups of operators that several models have. Those of today's models have a scope of their own,
 * which names their variables: `<scope>/weights`, `<scope>/norm/gamma` and so on.
 */
#ifndef WS_MODELS_LAYERS_H
#define WS_MODELS_LAYERS_H

#include "nn/graph.h"

/* ---- the original's models, without scopes ---- */

/** Starting weights of the original's layers. */
extern const ws_init ws_original_init;

/** Bias, ReLU and dropout: what follows each of the original's first layers. */
size_t ws_push_bias_relu_dropout(ws_graph *graph, size_t input, const char *bias);

/** A matrix product with bias and dropout, without an activation. */
size_t ws_push_dense_dropout(ws_graph *graph, size_t input, size_t n_units, const char *weights,
                             const char *bias);

/** The scores: a matrix product with bias, `final_fc_weights` and `final_fc_bias`. */
size_t ws_push_final_dense(ws_graph *graph, size_t input, size_t n_labels);

/* ---- today's models ---- */

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
