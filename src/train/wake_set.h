/**
 * What a wake word is validated on: recordings that training never heard, each as a detector on a
 * device hears it, in streams, once as it is and once with noise at 10 dB.
 *
 * Features are made once and kept; an evaluation runs the network over them with its present
 * weights.
 */
#ifndef WS_TRAIN_WAKE_SET_H
#define WS_TRAIN_WAKE_SET_H

#include "audio/features.h"
#include "dataset/wake_source.h"
#include "metrics/det.h"
#include "nn/graph.h"

/** A recording, heard in one way; all is borrowed from the set. */
typedef struct ws_wake_piece {
    const char *path;
    bool is_phrase; /* the phrase is in it, once */
    bool is_noisy;
    float best;  /* the highest mean of scores in the last evaluation */
    size_t from; /* first sample of the window that it belongs to; the piece may end inside it */
} ws_wake_piece;

/** All pointers are borrowed and must outlive the set. */
typedef struct ws_wake_set_options {
    const ws_wake_source *source;      /* of the recordings of WS_SET_VALIDATION */
    const ws_graph *graph;             /* of the network; it can follow a stream */
    const ws_feature_settings *window; /* of the network's features */
    const ws_feature_options *features;
    size_t max_samples; /* of all pieces; the rest is left out with a warning */
    uint64_t seed;
    int n_threads; /* 1 or more */
    const ws_log *log;
} ws_wake_set_options;

typedef struct ws_wake_set ws_wake_set;

/** @return WS_OK; WS_EUSAGE if the network cannot follow a stream of sound; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_wake_set_create(ws_wake_set **set, const ws_wake_set_options *options,
                                           ws_error *err);
/** NULL is fine. */
void ws_wake_set_destroy(ws_wake_set *set);

/** Pieces, those with the phrase first. */
size_t ws_wake_set_n(const ws_wake_set *set);
ws_wake_piece ws_wake_set_get(const ws_wake_set *set, size_t i);

/**
 * Hears all pieces.
 *
 * @param parameters, states  of the graph; states NULL without any
 * @param det  overwritten: of all pieces together
 * @return WS_OK, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_wake_set_run(ws_wake_set *set, const float *parameters,
                                        const float *states, ws_det *det, ws_error *err);

/** The window in which a piece came nearest to the phrase, padded with zeros.
 *  @param samples  [desired_samples of the window] filled */
WS_MUST_CHECK ws_status ws_wake_set_read(const ws_wake_set *set, size_t i, float *samples,
                                         ws_error *err);

#endif
