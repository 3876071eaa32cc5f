/**
 * Training batches of a wake word.
 *
 * A bank holds the features of stretches of sound, longer than the network's window: with the
 * phrase near their end, or without it. Each step exchanges some of them for new ones, which
 * dataset/ makes of other recordings, rooms and noise, and cuts its windows out of the bank: those
 * with the phrase end shortly after it, the others anywhere. So a window is heard as on a device,
 * after sound that the features have adapted to, and each stretch is worth many windows.
 *
 * Hard negatives: a step cuts more windows without the phrase than it needs and asks the network
 * about them. Half of its negatives are the ones that are nearest to the phrase, by the weights of
 * that step.
 *
 * A batch depends on the options, the seed, the step and the weights: not on threads, nor on
 * whether the run was interrupted.
 */
#ifndef WS_TRAIN_WAKE_BATCHES_H
#define WS_TRAIN_WAKE_BATCHES_H

#include "audio/features.h"
#include "dataset/augmentations.h"
#include "dataset/wake_source.h"
#include "nn/network.h"

/** All pointers are borrowed and must outlive the batches. */
typedef struct ws_wake_batches_options {
    ws_wake_source *source;              /* of stretches; for n_threads threads */
    size_t n_samples;                    /* of a stretch, as the source has it */
    const ws_feature_settings *settings; /* of a window, shorter than a stretch */
    size_t n_stretches;                  /* in the bank */
    size_t n_new;                        /* made in each step */
    size_t batch_size;
    double phrase_share; /* of the batch: windows with the phrase, above 0 and below 1 */
    size_t n_tries;      /* windows that are looked at for each negative of the batch; 1: no hard
                            ones */
    ws_augment_options augment; /* of the features of a window */
    double label_smoothing;     /* 0: none; 0.1: 0.95 for the phrase and 0.05 for other sound */
    double logit_factor;        /* in the loss, see ws_soft_targets; 0: 1 */
    double start_share;         /* of the windows that begin with zeros, as at a stream's start */
    double late_ms; /* after the end of the phrase, windows with it end at most this late */
    uint64_t seed;
    int n_threads; /* 1 or more */
} ws_wake_batches_options;

typedef struct ws_wake_batches ws_wake_batches;

/** @return WS_OK, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_wake_batches_create(ws_wake_batches **batches,
                                               const ws_wake_batches_options *options,
                                               ws_error *err);
/** NULL is fine. */
void ws_wake_batches_destroy(ws_wake_batches *batches);

/**
 * Fills the bank as it is after a step: what a run that made all steps until then would have.
 *
 * @param step  0: before the first one
 * @return WS_OK; WS_EFORMAT if it has no window with the phrase, or none without it
 */
WS_MUST_CHECK ws_status ws_wake_batches_begin(ws_wake_batches *batches, uint64_t step,
                                              ws_error *err);

/**
 * The batch of a step: the one after that of the last call, or of ws_wake_batches_begin().
 * Allocates nothing.
 *
 * @param network  asked about negatives: its weights are those before the step
 * @param batch    its features [batch_size, size of a window], labels [batch_size] and n are filled
 *                 in, and targets.weights points to the weights until the next call
 * @param features, labels  the arrays of batch
 */
void ws_wake_batches_read(ws_wake_batches *batches, uint64_t step, ws_network *network,
                          float *features, int32_t *labels, ws_batch *batch);

#endif
