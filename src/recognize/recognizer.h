/**
 * What labelling clips and following a stream have in common: a model's features and its network,
 * ready to run. Private to recognize/.
 */
#ifndef WS_RECOGNIZE_RECOGNIZER_H
#define WS_RECOGNIZE_RECOGNIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/frozen.h"
#include "nn/network.h"

/* The network's batch. It decides how convolutions are done, and so the last bits of the scores:
 * always the usual one of training, so that they are those of its evaluation, too. */
enum { WS_RECOGNIZER_BATCH = 100 };

typedef struct ws_recognizer_options {
    const ws_frozen *model; /* borrowed until the recognizer is deinitialised */
    unsigned n_threads;     /* 0: as many as the process may use */
    ws_engine engine;
    const char *isa;   /* instruction set of the network's engine; NULL or "": the best */
    const ws_log *log; /* borrowed; NULL: nobody */
} ws_recognizer_options;

typedef struct ws_recognizer {
    ws_recognizer_options options;
    ws_feature_settings settings;
    ws_network *network; /* of batches of WS_RECOGNIZER_BATCH; NULL until it is opened */
    size_t n_labels;
    int n_threads;      /* 1 or more */
    float sample_scale; /* of the samples, before the features see them; 1: as they are */
} ws_recognizer;

/**
 * Works out the features and sees that they fit the network.
 *
 * @param recognizer  overwritten; ws_recognizer_deinit() it, after a failure too
 * @return WS_OK; WS_EFORMAT if the model's weights are not finite or its features do not fit its
 *         network; WS_EUSAGE for features that cannot be
 */
WS_MUST_CHECK ws_status ws_recognizer_init(const ws_recognizer_options *options,
                                           ws_recognizer *recognizer, ws_error *err);

/**
 * Makes the network.
 *
 * @param stream_step  as in ws_network_options
 * @return WS_OK; WS_EINVAL, WS_ENOTFOUND for an instruction set; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_recognizer_open_network(ws_recognizer *recognizer, size_t stream_step,
                                                   ws_error *err);

/** All zeros is fine. */
void ws_recognizer_deinit(ws_recognizer *recognizer);

/**
 * The softmax of a sample's logits.
 *
 * @param logits, scores  [n_labels]
 * @return whether the scores are numbers
 */
bool ws_recognizer_find_scores(const ws_recognizer *recognizer, const float *logits, float *scores);

#endif
