/**
 * The common part of labelling clips and following a stream: a model's features and network, ready
 * to run. Private to recognize/.
 */
#ifndef WS_RECOGNIZE_RECOGNIZER_H
#define WS_RECOGNIZE_RECOGNIZER_H

#include <stddef.h>

#include "formats/frozen.h"
#include "nn/infer/infer.h"
#include "nn/network.h"
#include "recognize/front.h"

/* The network's batch. It affects how convolutions are computed, and so the last bits of the
 * scores. It is always the usual one of training. */
enum { WS_RECOGNIZER_BATCH = 100 };

typedef struct ws_recognizer_options {
    const ws_frozen *model; /* borrowed until the recognizer is deinitialised */
    unsigned n_threads;     /* 0: as many as the process may use */
    ws_engine engine;
    const char *isa;   /* instruction set of the network's engine; NULL or "": the best */
    const ws_log *log; /* borrowed; NULL: silent */
} ws_recognizer_options;

typedef struct ws_recognizer {
    ws_recognizer_options options;
    ws_front front;
    ws_network *network; /* of batches of WS_RECOGNIZER_BATCH; NULL until it is opened, and with
                            engines for inference or models of small runtimes */
    ws_infer **infers;   /* [n_threads] the same model once a thread, or NULL */
    ws_lite_run **runs;  /* [n_threads] of a model of small runtimes; NULL: another model */
    int n_threads;       /* 1 or more */
} ws_recognizer;

/**
 * Prepares the features and checks that they fit the network.
 *
 * @param recognizer  overwritten; ws_recognizer_deinit() it, after a failure too
 * @return WS_OK; WS_EFORMAT if the model's weights are not finite or its features do not fit its
 *         network; WS_EUSAGE for invalid features
 */
WS_MUST_CHECK ws_status ws_recognizer_init(const ws_recognizer_options *options,
                                           ws_recognizer *recognizer, ws_error *err);

/**
 * Makes what predicts: engines for inference, which take a sample by itself, on each thread; or the
 * network of training where that is faster in batches (large kernels by FFT, rows that samples
 * share), where ranges of fake quantisation must give its bits, and with the reference engine.
 *
 * @param stream_step  as in ws_network_options
 * @return WS_OK; WS_EINVAL, WS_ENOTFOUND for an instruction set; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_recognizer_open_network(ws_recognizer *recognizer, size_t stream_step,
                                                   ws_error *err);

/** Whether samples may share rows: ws_network_shares_rows. */
bool ws_recognizer_shares_rows(const ws_recognizer *recognizer);

/**
 * Whether what a sample gives costs the same alone as in a batch, and has the same bits.
 */
bool ws_recognizer_takes_any_batch(const ws_recognizer *recognizer);

/** What the model gives: of a model of small runtimes, which gives scores, their logarithms.
 *  @param features  [n, input size], or shared rows
 *  @param logits    [n, n_labels], filled */
void ws_recognizer_predict(ws_recognizer *recognizer, const float *features, size_t n,
                           float *logits);

/** All zeros is fine. */
void ws_recognizer_deinit(ws_recognizer *recognizer);

#endif
