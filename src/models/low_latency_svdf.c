/* Filters that are products of a frequency and a time part (nn/ops/svdf.c), made for streams: a
 * device stores the frequency part of earlier frames. Training sees whole clips. At 98 frames of
 * 40:
 *
 *     [98, 40]
 *       svdf `weights_frequency`, `weights_time`, rank 2, + `bias`, ReLU, dropout  1280
 *       dense `first_fc_weights` + `first_fc_bias`, dropout                        256
 *       dense `second_fc_weights` + `second_fc_bias`, dropout                      256
 *       dense `final_fc_weights` + `final_fc_bias`                                 n_labels
 *
 * The dense layers have no activation. It learns little at the default rate: the
 * original's advice is --how_many_training_steps=100000,35000 --learning_rate=0.01,0.005.
 *
 * The original's checkpoints also have the memory of the stream (zeros) and a flag that says that
 * the memory is still empty. */
#include "models/layers.h"
#include "models/model.h"

enum { N_UNITS = 1280, RANK = 2, N_HIDDEN = 256 };

static void push_stream_state(ws_graph *graph, size_t n_frames)
{
    ws_graph_push_constant(graph, &(ws_variable){.name = "runtime-memory",
                                                 .dims = {N_UNITS * RANK, 1, n_frames},
                                                 .n_dims = 3});
    ws_graph_push_constant(graph, &(ws_variable){.name = "first_time_flag",
                                                 .init = {WS_INIT_VALUE, 1.0},
                                                 .is_integer = true});
}

static ws_status build(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    ws_graph_init(graph);
    size_t x = ws_graph_push_input(graph, (ws_shape){settings->n_frames, settings->width, 1});

    x = ws_graph_push_svdf(graph, x,
                           &(ws_svdf_args){.frequency_name = "weights_frequency",
                                           .time_name = "weights_time",
                                           .n_units = N_UNITS,
                                           .rank = RANK,
                                           .init = ws_original_init});
    push_stream_state(graph, settings->n_frames);
    x = ws_push_bias_relu_dropout(graph, x, "bias");

    x = ws_push_dense_dropout(graph, x, N_HIDDEN, "first_fc_weights", "first_fc_bias");
    x = ws_push_dense_dropout(graph, x, N_HIDDEN, "second_fc_weights", "second_fc_bias");
    (void)ws_push_final_dense(graph, x, settings->n_labels);
    return ws_graph_status(graph, err);
}

const ws_model ws_model_low_latency_svdf = {.name = "low_latency_svdf", .build = build};
