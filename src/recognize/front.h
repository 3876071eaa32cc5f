/**
 * What stands before and after a model's network: how sound becomes its features, and how its
 * outputs become scores. Private to recognize/.
 */
#ifndef WS_RECOGNIZE_FRONT_H
#define WS_RECOGNIZE_FRONT_H

#include <stdbool.h>
#include <stddef.h>

#include "audio/features.h"
#include "formats/frozen.h"

typedef struct ws_front {
    ws_feature_settings settings; /* of a window */
    float sample_scale; /* factor for samples before the features are made; 1: unchanged */
    size_t n_labels;
    bool gives_scores; /* the model ends in scores, whose logarithms stand for logits */
    int scores;        /* of a TFLite model: the tensor that it gives */
    size_t step;       /* of a TFLite model of streams: frames that it takes a call; else 0 */
} ws_front;

/**
 * Prepares the features and checks that they fit the network.
 *
 * @return WS_OK; WS_EFORMAT if the model's weights are not finite or its features do not fit its
 *         network; WS_EUSAGE for invalid features
 */
WS_MUST_CHECK ws_status ws_front_init(const ws_frozen *model, ws_front *front, ws_error *err);

/**
 * Runs a TFLite model on a sample.
 *
 * @param run       of the front's model
 * @param features  [its input]
 * @param logits    [n_labels] the logarithms of its scores, finite ones of zeros, too
 */
void ws_front_run_lite(const ws_front *front, ws_lite_run *run, const float *features,
                       float *logits);

/**
 * The softmax of a sample's logits; what the model gave, if that are scores.
 *
 * @param logits, scores  [n_labels]
 * @return whether no score is NaN
 */
bool ws_front_find_scores(const ws_front *front, const float *logits, float *scores);

#endif
