/**
 * How fast a trained model predicts here, as labelling does it: from samples to scores, on noise.
 *
 * A model of clips labels many clips at once; one that follows a stream hears one long sound.
 */
#ifndef WS_MEASURE_PREDICTION_H
#define WS_MEASURE_PREDICTION_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/frozen.h"
#include "nn/network.h"

typedef struct ws_prediction_options {
    const ws_frozen *model; /* borrowed for the call */
    unsigned n_threads;     /* at least 1; a stream has one in any case */
    ws_engine engine;
    const char *isa; /* instruction set; NULL or "": the best */
    size_t n_runs;   /* to time, at least 1 and at most WS_PREDICTION_MAX_RUNS */
} ws_prediction_options;

enum { WS_PREDICTION_MAX_RUNS = 10000 };

/** Times are medians over the runs, of all threads together. */
typedef struct ws_prediction {
    bool is_step;           /* a call takes the next frames of a stream; else a clip */
    double sound_seconds;   /* new sound that a call takes */
    double seconds;         /* of a call, with its features */
    double feature_seconds; /* of it, for the features */
} ws_prediction;

/** @return WS_OK; what ws_labeller_create and ws_scorer_create say of a model; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_prediction_measure(const ws_prediction_options *options,
                                              ws_prediction *prediction, ws_error *err);

#endif
