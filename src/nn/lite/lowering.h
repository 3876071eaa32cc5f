/** Shared by the files that lower a graph. Private to nn/lite. */
#ifndef WS_NN_LITE_LOWERING_H
#define WS_NN_LITE_LOWERING_H

#include "nn/lite/lower.h"
#include "nn/passes/lower.h"

typedef struct ws_lite_lowering {
    ws_lowered model;
    const ws_lite_lower_options *options;
    ws_lite *lite;
    ws_lite_graph *to;   /* lite's first graph */
    ws_lite_graph *init; /* the second one, which begins a stream; NULL: clips */
    int *values;         /* [nodes] the tensor of each value */
    float *weights;      /* [weights of the largest parameter] scratch */
    ws_status status;    /* the first failure but that of lite */
    ws_error *err;
} ws_lite_lowering;

/** Lowers the operator of a layer. @return the tensor of what the layer gives */
typedef int ws_lite_lower_row(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node);

/** The row of an operator; NULL: it cannot be said. */
ws_lite_lower_row *ws_lite_lower_row_find(ws_op_kind kind);

/* For rows. */

/** A tensor of a value that is computed, named after the node. */
int ws_lite_lowering_push_value(ws_lite_lowering *low, const ws_node *node, const char *suffix,
                                const size_t *dims, size_t n_dims);
int ws_lite_lowering_push_image(ws_lite_lowering *low, const ws_node *node, const char *suffix,
                                ws_shape shape);
int ws_lite_lowering_push_floats(ws_lite_lowering *low, const char *name, const size_t *dims,
                                 size_t n_dims, const float *values);
int ws_lite_lowering_push_wholes(ws_lite_lowering *low, const char *name, const int32_t *values,
                                 size_t n);
/** Input k of the node as an image of shape, which has as many numbers; reshaped if it is not. */
int ws_lite_lowering_input(ws_lite_lowering *low, const ws_node *node, size_t k, ws_shape shape);
int ws_lite_lowering_reshape(ws_lite_lowering *low, const ws_node *node, int tensor,
                             const char *suffix, const size_t *dims, size_t n_dims);
/** Appends a node of one output. @return the output */
int ws_lite_lowering_push(ws_lite_lowering *low, ws_lite_kind kind, const int *inputs,
                          size_t n_inputs, int output, const ws_lite_options *options);
/** The weights of a parameter as training reads them, in low->weights. */
const float *ws_lite_lowering_weights(ws_lite_lowering *low, const ws_variable *parameter);
/** The bias of a layer of n channels as a constant; zeros if it has none. */
int ws_lite_lowering_bias(ws_lite_lowering *low, const ws_layer *layer, size_t n);
ws_lite_activation ws_lite_lowering_activation(const ws_layer *layer);
/** The options of a window over an image, which is padded first if TFLite cannot say its zeros. */
ws_lite_options ws_lite_lowering_window(ws_lite_lowering *low, const ws_layer *layer,
                                        const ws_node *node, ws_shape in, int *image);
void ws_lite_lowering_fail(ws_lite_lowering *low, const ws_node *node, const char *why);

/* Rows of lower_stream.c. */
ws_lite_lower_row ws_lite_lower_history;
/** Begins a graph that has variables. */
void ws_lite_lowering_push_begin(ws_lite_lowering *low);
/** One score of logits [1, n]. @return [1, 1] */
int ws_lite_lowering_push_last_score(ws_lite_lowering *low, int logits, size_t n);

/* Rows of lower_layers.c: those with weights. */
ws_lite_lower_row ws_lite_lower_conv2d, ws_lite_lower_depthwise, ws_lite_lower_dense,
    ws_lite_lower_svdf, ws_lite_lower_batch_norm, ws_lite_lower_bias_add;

#endif
