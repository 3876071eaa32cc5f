/**
 * A graph made to run: its parameters, their gradients, and an engine that takes batches through
 * it. Everything is allocated in ws_network_create; training and predicting allocate nothing.
 *
 * The same parameters, batch and dropout give the same bits whatever the number of threads: sums
 * over samples are cut into a fixed number of pieces that are added in a fixed order.
 */
#ifndef WS_NN_NETWORK_H
#define WS_NN_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"
#include "cluster/ranks.h"
#include "nn/convolution.h"
#include "nn/dropout.h"
#include "nn/fake_quant.h"
#include "nn/graph.h"
#include "nn/loss.h"
#include "nn/phase_time.h"
#include "nn/tensor_watch.h"

typedef struct ws_network ws_network;

typedef enum ws_engine {
    WS_ENGINE_FAST,
    WS_ENGINE_REFERENCE, /* every operator as plain loops in double precision: slow, the yardstick
                          */
} ws_engine;

typedef struct ws_network_options {
    size_t max_batch;   /* samples in one training step, at least 1 */
    unsigned n_threads; /* 0: as many as the process may use */
    ws_engine engine;
    ws_convolution convolution;
    /** For predicting only: samples may be windows of a stream, each this many rows (of time) after
     *  the one before; see ws_network_shares_rows. 0: they lie apart. */
    size_t stream_step;
    bool predicts_only; /* never trained: memory of the way back may be left out */
    const char *isa;    /* instruction set (base/cpu.h) of the fast engine; NULL or "": the best */
    const ws_log *log;  /* NULL: none. Gets a line a stage, for debugging, during create */
    ws_ranks *ranks;    /* which share out training steps; NULL: one process. Borrowed */
} ws_network_options;

typedef struct ws_batch {
    const float *features;   /* [n, input size] */
    const int32_t *labels;   /* [n], each below the number of labels; of one label 0 or 1 */
    size_t n;                /* 1 .. max_batch */
    ws_dropout dropout;      /* of this training step */
    ws_soft_targets targets; /* all zeros: the labels alone are what samples should come to */
    /** With ranks: the arrays have rows first .. first + n, those of ws_network_share, of a batch
     * of n_all. n_all 0: of n, which must be those of every rank. */
    size_t first, n_all;
} ws_batch;

/**
 * @param graph    borrowed until the network is destroyed; without an error in it
 * @return WS_OK; WS_EINVAL if the engine cannot run such a graph, or the
 *         processor not such instructions; WS_ENOTFOUND for an unknown name of them; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_network_create(ws_network **network, const ws_graph *graph,
                                          const ws_network_options *options, ws_error *err);

/** NULL is fine. */
void ws_network_destroy(ws_network *network);

/** Starts from scratch: each variable as its initialiser says, ranges as before any step. */
void ws_network_init_parameters(ws_network *network, uint64_t seed);

/** All parameters in one array [graph->n_weights], at the graph's offsets; the caller writes it. A
 *  network may keep what it has made of them from one prediction to the next: get the array again
 *  to write it after a prediction. This holds for states and ranges, too. */
float *ws_network_parameters(ws_network *network);

/** All states in one array [graph->n_state_numbers], at the graph's offsets: ws_network_train moves
 *  them, a caller may write it. NULL without states. */
float *ws_network_states(ws_network *network);

/** What the graph's quantizers have learned, [graph->n_quantizers]: ws_network_train continues to
 *  learn, a caller may write it. NULL without quantizers. */
ws_quant_range *ws_network_ranges(ws_network *network);

/** The gradients of the last ws_network_train in the same order. */
const float *ws_network_gradients(const ws_network *network);

/** A run of rows. */
typedef struct ws_network_rows {
    size_t first, n;
} ws_network_rows;

/** The rows of a training batch of n that this rank has to give to ws_network_train; maybe none.
 *  All of them without ranks, and with an engine or graph that cannot be shared out: then every
 *  rank does the whole batch. */
ws_network_rows ws_network_share(const ws_network *network, size_t n);

/** With ranks: of an array with a row for each of a training batch of n, in which each rank has
 *  filled its own rows, all get all. @param row_bytes  of one row */
void ws_network_gather(ws_network *network, size_t n, void *array, size_t row_bytes);

/**
 * Forward with dropout, mean loss (loss.h: softmax cross entropy, unless the batch has other
 * targets), and all gradients (overwritten). Does not
 * change the parameters: that is the optimiser's part. Quantizers learn their ranges from the
 * batch before they use them, and running means move.
 *
 * With ranks, all of them call this at the same time, each with its rows. All get the same loss,
 * logits and gradients, whose bits are those of one process alone; after a fault between ranks,
 * which ws_ranks_check tells, they mean nothing.
 *
 * @param logits  [n, n_labels] of the whole batch, filled
 * @return the loss: mean over the batch, natural logarithm
 */
double ws_network_train(ws_network *network, const ws_batch *batch, float *logits);

/** Shows every tensor of what follows to a watch (NULL: to none); the reference engine only.
 *  watch is borrowed. */
void ws_network_watch(ws_network *network, const ws_tensor_watch *watch);

/**
 * Whether predicting goes over rows that samples share once only, which stream_step asked for:
 * where what a row gives does not depend on its place in the sample, and where that saves work.
 * If so, features are one array of rows, [(n - 1) * stream_step + input h, row].
 */
bool ws_network_shares_rows(const ws_network *network);

/** Forward without dropout, any n. Ranges stay as they are.
 *  @param features  [n, input size], or shared rows
 *  @param logits    [n, n_labels], filled */
void ws_network_predict(ws_network *network, const float *features, size_t n, float *logits);

/** The phases of the last ws_network_train or _predict in their order; none with the reference
 *  engine. @return how many; phases: [WS_NETWORK_MAX_PHASES] */
size_t ws_network_phases(const ws_network *network, ws_phase_time *phases);

/** Memory of its arrays: parameters, gradients, all that the engine keeps. */
size_t ws_network_get_bytes(const ws_network *network);

/** Mean over n rows of -log softmax(logits)[label], of one label as in loss.h; for evaluations. */
double ws_cross_entropy(const float *logits, const int32_t *labels, size_t n, size_t n_labels);

#endif
