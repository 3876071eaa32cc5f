/**
 * The architectures: each a file with one function that appends its operators to a graph, and one
 * row in model.c. Names, variables and starting weights are the original's.
 */
#ifndef WS_MODELS_MODEL_H
#define WS_MODELS_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "models/mixednet.h"
#include "nn/graph.h"

typedef struct ws_model_settings {
    size_t n_frames;                      /* time steps of a fingerprint */
    size_t width;                         /* numbers in a time step */
    size_t n_labels;                      /* silence and unknown included */
    const ws_mixednet_settings *mixednet; /* of `mixednet`; NULL: ws_mixednet_2024 */
} ws_model_settings;

/** Features that a network was made for, as flags of `wordspot train`. Other features may fit
 *  too. */
typedef struct ws_model_features {
    const char *preprocess;
    int64_t clip_duration_ms;
    double window_size_ms, window_stride_ms;
    int64_t feature_bin_count;
} ws_model_features;

typedef struct ws_model {
    const char *name; /* as --model_architecture takes it */
    /** Builds the model in graph (uninitialised before), which must be deinitialised also after
     *  a failure. @return WS_EUSAGE if the model does not support these settings */
    ws_status (*build)(ws_graph *graph, const ws_model_settings *settings, ws_error *err);
    const ws_model_features *features; /* NULL: the defaults of the flags */
} ws_model;

/** @return WS_OK; WS_ENOTFOUND with a sentence that lists the names */
WS_MUST_CHECK ws_status ws_model_find(const ws_model **model, const char *name, ws_error *err);

/** The table, for lists and tests. */
size_t ws_model_n(void);
const ws_model *ws_model_get(size_t i);

extern const ws_model ws_model_bc_resnet_1;
extern const ws_model ws_model_bc_resnet_1_5;
extern const ws_model ws_model_bc_resnet_2;
extern const ws_model ws_model_bc_resnet_3;
extern const ws_model ws_model_bc_resnet_6;
extern const ws_model ws_model_bc_resnet_8;
extern const ws_model ws_model_conv;
extern const ws_model ws_model_ds_cnn_l;
extern const ws_model ws_model_ds_cnn_m;
extern const ws_model ws_model_ds_cnn_s;
extern const ws_model ws_model_ds_tc_resnet;
extern const ws_model ws_model_low_latency_conv;
extern const ws_model ws_model_low_latency_svdf;
extern const ws_model ws_model_mixednet;
extern const ws_model ws_model_single_fc;
extern const ws_model ws_model_tc_resnet_14;
extern const ws_model ws_model_tc_resnet_14_1_5;
extern const ws_model ws_model_tc_resnet_8;
extern const ws_model ws_model_tc_resnet_8_1_5;
extern const ws_model ws_model_tiny_conv;
extern const ws_model ws_model_tiny_embedding_conv;

#endif
