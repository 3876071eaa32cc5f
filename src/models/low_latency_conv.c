/* After cnn-one-fstride4 of Sainath and Parada (see conv.c): one convolution whose kernel is as
 * high as the input, so that it is a few large products. At 98 frames of 40:
 *
 *     [98, 40, 1]
 *       conv 98x8 VALID `first_weights` + `first_bias`, ReLU, dropout  [1, 33, 186]
 *       dense `first_fc_weights` + `first_fc_bias`, dropout            128
 *       dense `second_fc_weights` + `second_fc_bias`, dropout          128
 *       dense `final_fc_weights` + `final_fc_bias`                     n_labels
 *
 * The dense layers have no activation. It learns little at the default rate: the
 * original's advice is --how_many_training_steps=20000,6000 --learning_rate=0.01,0.001. */
#include "models/layers.h"
#include "models/model.h"

enum { KERNEL_W = 8, N_HIDDEN = 128 };

static ws_status build(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    ws_graph_init(graph);
    if (settings->width < KERNEL_W)
        return ws_fail(err, WS_EUSAGE,
                       "--model_architecture=low_latency_conv looks at %d features of a frame at a "
                       "time, but there are only %zu: more --feature_bin_count may help",
                       KERNEL_W, settings->width);
    size_t x = ws_graph_push_input(graph, (ws_shape){settings->n_frames, settings->width, 1});

    x = ws_graph_push_conv2d(graph, x,
                             &(ws_conv2d_args){.name = "first_weights",
                                               .kernel_h = settings->n_frames,
                                               .kernel_w = KERNEL_W,
                                               .n_channels = 186,
                                               .padding = WS_PADDING_VALID,
                                               .init = ws_original_init});
    x = ws_push_bias_relu_dropout(graph, x, "first_bias");

    x = ws_push_dense_dropout(graph, x, N_HIDDEN, "first_fc_weights", "first_fc_bias");
    x = ws_push_dense_dropout(graph, x, N_HIDDEN, "second_fc_weights", "second_fc_bias");
    (void)ws_push_final_dense(graph, x, settings->n_labels);
    return ws_graph_status(graph, err);
}

const ws_model ws_model_low_latency_conv = {.name = "low_latency_conv", .build = build};
