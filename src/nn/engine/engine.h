/**
 * What an engine is: something that takes batches of a graph forward and backward. ws_network has a
 * list of them and takes the first that can run the graph, or the reference engine where that is
 * asked for.
 *
 * A pass with labels is a training step: forward, loss, backward. It fills logits, losses and
 * gradients, moves the running numbers in states, and lets ranges of fake quantisation learn. One
 * without labels fills logits only. All results depend on the batch and not on the number of
 * threads, and a pass allocates nothing.
 */
#ifndef WS_NN_ENGINE_ENGINE_H
#define WS_NN_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"
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

/**
 * Sums over samples (gradients of weights) are cut into at most this many blocks of samples, each
 * summed by one thread, and the blocks added in order. It is what makes results independent of
 * the number of threads, and it bounds how many threads can work at such sums.
 */
enum { WS_N_SAMPLE_BLOCKS = 16 };

/** A run of samples or other items. */
typedef struct ws_range {
    size_t begin, end;
} ws_range;

/** The i-th of n_blocks nearly equal parts of 0 .. n. */
static inline ws_range ws_range_cut(size_t n, size_t n_blocks, size_t i)
{
    return (ws_range){n * i / n_blocks, n * (i + 1) / n_blocks};
}

typedef struct ws_engine_setup {
    const ws_graph *graph; /* borrowed as long as the engine lives */
    size_t max_batch;
    unsigned n_threads; /* at least 1 */
    ws_convolution convolution;
    ws_cpu_level level; /* the instruction set to use */
    size_t stream_step; /* as in ws_network_options */
    bool predicts_only; /* no pass will have labels: arrays of the way back may be left out */
    const ws_log *log;  /* NULL: none; used during create only */
    ws_ranks *ranks;    /* NULL: one process; borrowed as long as the engine lives */
} ws_engine_setup;

/**
 * One pass of a batch through the network. Without labels it ends at the logits.
 *
 * A training step may be shared out among ranks (cluster/ranks.h): then the arrays have rows first
 * .. first + n of a batch of n_all, and sums over the batch are made of what all ranks have.
 */
typedef struct ws_pass {
    const float *parameters; /* [n_weights] as operators read them: quantised if they are to be */
    float *states;           /* [n_state_numbers] running means and the like; with labels changed */
    ws_quant_range *ranges;  /* [n_quantizers] with labels, averages learn from the batch */
    const float *features;   /* [n, input size], or shared rows (network.h) */
    size_t n;                /* 1 .. max_batch; 0: all rows are other ranks' */
    size_t first, n_all;     /* 0 and n if nothing is shared out */
    bool is_changed;         /* parameters, states or ranges may not be those of the last pass: what
                                an engine has made of them is to be made again */
    float *logits;           /* [n, n_labels], filled */

    const int32_t *labels;        /* [n], or NULL: no dropout, no backward */
    ws_soft_targets targets;      /* with labels */
    const ws_dropout *dropout;    /* with labels */
    double *losses;               /* [n], filled: the loss of each sample (loss.h) */
    float *gradients;             /* [n_weights], filled: of the mean loss */
    const ws_tensor_watch *watch; /* NULL: nobody; the fast engine shows nothing */
} ws_pass;

typedef struct ws_engine_kind {
    const char *name;
    /** Whether it can run such a graph: WS_OK, or WS_EINVAL with a sentence that names an operator
     *  that it cannot. */
    ws_status (*check)(const ws_graph *graph, ws_error *err);
    ws_status (*create)(void **engine, const ws_engine_setup *setup, ws_error *err);
    void (*destroy)(void *engine); /* of what create gave; never NULL */
    void (*run)(void *engine, const ws_pass *pass);
    /** Rows of a training batch of n that a rank has to do, rank after rank; NULL: all of them, on
     *  every rank. With setup->ranks only. */
    ws_range (*share)(const void *engine, size_t n, size_t rank);
    /** Of the last run, as ws_network_phases; may be NULL. */
    size_t (*phases)(const void *engine, ws_phase_time *phases);
    size_t (*bytes)(const void *engine); /* of its arrays */
    /** Whether it takes samples that share rows, as the setup's stream_step says; NULL: never. */
    bool (*shares_rows)(const void *engine);
} ws_engine_kind;

extern const ws_engine_kind ws_engine_reference;
extern const ws_engine_kind ws_engine_fast;  /* chains of the original's operators */
extern const ws_engine_kind ws_engine_lanes; /* today's networks: lanes/program.h */

#endif
