/**
 * Labels clips with a trained model.
 *
 * Clips are prepared as in the evaluation of training: brought to the model's sample rate, cut or
 * padded with zeros at their end to the length of its clips, no shift, no noise. The scores of a
 * clip do not depend on the other clips of a call, nor on the number of threads, to the last bit.
 *
 * A labeller belongs to one thread at a time; inside it works with several.
 */
#ifndef WS_RECOGNIZE_LABELLER_H
#define WS_RECOGNIZE_LABELLER_H

#include <stddef.h>

#include "audio/features.h"
#include "base/log.h"
#include "base/status.h"
#include "formats/frozen.h"
#include "nn/network.h"

typedef struct ws_labeller_options {
    const ws_frozen *model; /* borrowed until the labeller is destroyed */
    size_t max_clips;       /* in one call, at least 1; a hundred keep all threads busy */
    unsigned n_threads;     /* 0: as many as the process may use */
    ws_engine engine;
    const char *isa;   /* instruction set of the network's engine; NULL or "": the best */
    const ws_log *log; /* borrowed; warnings, in the order of the clips. NULL: silent */
} ws_labeller_options;

typedef struct ws_labeller ws_labeller;

/**
 * @return WS_OK; WS_EFORMAT if the model's weights are not finite or its features do not fit its
 *         network; WS_EUSAGE for invalid features; WS_EINVAL, WS_ENOTFOUND for an
 *         instruction set; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_labeller_create(const ws_labeller_options *options,
                                           ws_labeller **labeller, ws_error *err);

/** NULL is fine. */
void ws_labeller_destroy(ws_labeller *labeller);

/** The number of scores of a clip. */
size_t ws_labeller_n_labels(const ws_labeller *labeller);

/** The length of its clips in samples, and their rate. */
const ws_feature_settings *ws_labeller_settings(const ws_labeller *labeller);

/**
 * Labels sound files.
 *
 * @param paths   [n]
 * @param n       1 .. max_clips
 * @param scores  [n, n_labels] filled with the softmax of the network's outputs: 0 to 1, each row
 *                sums to 1; zeros for a file that cannot be labelled
 * @param faults  [n] filled with WS_OK, or with what is wrong with the file: the others are
 *                still labelled
 */
void ws_labeller_run(ws_labeller *labeller, const char *const *paths, size_t n, float *scores,
                     ws_error *faults);

/**
 * The same for clips that are in memory.
 *
 * @param samples  [n, desired_samples of ws_labeller_settings()] at the model's rate, +-1
 * @param names    [n] of the clips, for faults
 */
void ws_labeller_run_samples(ws_labeller *labeller, const float *samples, const char *const *names,
                             size_t n, float *scores, ws_error *faults);

/** The network's output for the clips of the last call, before the softmax: [n, n_labels]; owned
 * by the labeller. */
const float *ws_labeller_logits(const ws_labeller *labeller);

#endif
