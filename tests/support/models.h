/** Networks for tests that go over them all. */
#ifndef WS_TESTS_SUPPORT_MODELS_H
#define WS_TESTS_SUPPORT_MODELS_H

#include "models/model.h"

/** The original's, then one of each family of today's. */
static const char *const ws_test_models[] = {
    "single_fc",        "conv",      "low_latency_conv",
    "low_latency_svdf", "tiny_conv", "tiny_embedding_conv",
    "bc_resnet_1",      "ds_cnn_s",  "tc_resnet_8",
    "ds_tc_resnet",     "mixednet",
};
enum {
    WS_TEST_N_ORIGINAL_MODELS = 6,
    WS_TEST_N_MODELS = sizeof ws_test_models / sizeof *ws_test_models
};

/** Of mixednet, for clips of 40 frames or more. */
static const ws_mixednet_settings ws_test_mixednet = {
    .first_filters = 8,
    .first_kernel = 5,
    .stride = 3,
    .kernels = "[3],[5,7]",
    .filters = "12,10",
    .residuals = "0,1",
};

static inline ws_model_settings ws_test_model_settings(size_t n_frames, size_t width,
                                                       size_t n_labels)
{
    return (ws_model_settings){n_frames, width, n_labels, &ws_test_mixednet};
}

#endif
