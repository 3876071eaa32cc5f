/**
 * The scores that a wake word's detector gives of whole recordings: one after each call of the
 * network, as on a device. Features continue from frame to frame, and the network follows the sound
 * (nn/passes/stream.h); a TFLite file for devices (freeze --target=esphome) is run as it is.
 *
 * A recording is a start from silence (what came before its first sample are zeros), or the next
 * part of the sound of the call before. A scorer belongs to one thread at a time; several scorers
 * are independent of each other.
 */
#ifndef WS_RECOGNIZE_SCORER_H
#define WS_RECOGNIZE_SCORER_H

#include <stddef.h>

#include "base/cpu.h"
#include "formats/frozen.h"

typedef struct ws_scorer_options {
    const ws_frozen *model; /* borrowed until the scorer is destroyed */
    size_t label;           /* whose score it gives, below the number of labels */
    ws_cpu_level level;     /* of the network's kernels and the features' */
} ws_scorer_options;

typedef struct ws_scorer ws_scorer;

/** @return WS_OK; WS_EUSAGE if the network or its features cannot follow endless sound, with the
 *          reason; WS_EFORMAT if the model's features do not fit its network; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_scorer_create(const ws_scorer_options *options, ws_scorer **scorer,
                                         ws_error *err);

/** NULL is fine. */
void ws_scorer_destroy(ws_scorer *scorer);

/** Samples from one score to the next. */
size_t ws_scorer_stride(const ws_scorer *scorer);

/** The first scores of a recording, which also depend on what stands in for the sound before it:
 *  they say nothing of the recording alone. */
size_t ws_scorer_n_blind(const ws_scorer *scorer);

/** Numbers of a score's new frames. */
size_t ws_scorer_call_size(const ws_scorer *scorer);

/** How many scores a recording of n samples gives. */
size_t ws_scorer_n_scores(const ws_scorer *scorer, size_t n_samples);

/**
 * Features of a recording, for models with the same features and frames a call.
 *
 * @param samples  [n_samples] within +-1 at the model's sample rate
 * @param frames   [ws_scorer_n_scores(n_samples), ws_scorer_call_size()] filled
 */
void ws_scorer_find_frames(ws_scorer *scorer, const float *samples, size_t n_samples,
                           float *frames);

/** Scores of a recording by its features. @param scores  [n_scores] filled, 0 to 1 */
void ws_scorer_run_frames(ws_scorer *scorer, const float *frames, size_t n_scores, float *scores);

/** Both, without memory for all features. Score i stands after sample i * stride + a frame.
 *  @param scores  [ws_scorer_n_scores(n_samples)] filled, 0 to 1 */
void ws_scorer_run(ws_scorer *scorer, const float *samples, size_t n_samples, float *scores);

/** The same of a recording that follows that of the last call, but for its last samples, less than
 *  a stride and a frame, which were not enough for a score. */
void ws_scorer_continue(ws_scorer *scorer, const float *samples, size_t n_samples, float *scores);

#endif
