/**
 * Follows endless sound frame by frame, as a device does: features continue from frame to frame
 * (micro keeps its estimate of the noise), and a network in streaming form (nn/passes/stream.h)
 * gets each frame once. So does a TFLite model of streams. Scores differ a little from those of
 * windows as separate clips, which begin without an estimate. Private to recognize/.
 */
#ifndef WS_RECOGNIZE_ENDLESS_H
#define WS_RECOGNIZE_ENDLESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"
#include "formats/frozen.h"
#include "recognize/front.h"

typedef struct ws_endless_options {
    const ws_frozen *model; /* borrowed for the call */
    const ws_front *front;  /* its own; borrowed until it is destroyed */
    size_t stride_samples; /* from one score to the next, a multiple of a call's frames; 0: one call
                            */
    ws_cpu_level level;
} ws_endless_options;

typedef struct ws_endless ws_endless;

/** @return WS_OK; WS_EUSAGE if the network or its features cannot follow endless sound, with the
 *          reason, or for a stride; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_endless_create(const ws_endless_options *options, ws_endless **endless,
                                          ws_error *err);

/** NULL is fine. */
void ws_endless_destroy(ws_endless *endless);

/** Samples from one score to the next. */
size_t ws_endless_stride(const ws_endless *endless);

/** Samples that the next call needs, and how many of those it is done with. */
size_t ws_endless_n_needed(const ws_endless *endless);
size_t ws_endless_n_used(const ws_endless *endless);

/**
 * The next call of the network.
 *
 * @param samples       [ws_endless_n_needed()] from the first one that is not done with
 * @param first_sample  set to where the window begins that was judged
 * @return logits [n_labels], until the next call; NULL: no score is due
 */
const float *ws_endless_run(ws_endless *endless, const float *samples, uint64_t *first_sample);

/** The next sample is the first of another sound. */
void ws_endless_reset(ws_endless *endless);

#endif
