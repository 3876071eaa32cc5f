/**
 * Follows a stream of sound at the model's sample rate and judges each window as soon as its last
 * sample is there, on the caller's thread. What libwordspot consists of; `wordspot
 * test_streaming_accuracy` uses stream.h, which judges many windows at a time on several threads.
 *
 * Window i begins at sample i * stride. Frames of features that windows share are made once
 * (stream_features.h). A network that can follow a stream (nn/passes/stream.h) gets each frame
 * once, if that is less work; any other one keeps the rows that windows share
 * (ws_infer_create_sliding). All memory is allocated at create. The scores have the same bits for
 * any division of the stream into pieces, and equal those of the window as a clip. Private to
 * recognize/.
 */
#ifndef WS_RECOGNIZE_SPOTTER_H
#define WS_RECOGNIZE_SPOTTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"
#include "base/status.h"
#include "formats/frozen.h"

typedef struct ws_spotter_options {
    const ws_frozen *model; /* borrowed for the call */
    size_t stride_samples;  /* at the model's sample rate, 1 to the length of a window; 0: only if
                               it is endless, see there */
    bool is_endless;        /* as endless.h says, instead of windows that are separate clips; so
                               is a TFLite model of streams in any case */
    ws_cpu_level level;     /* of the network's kernels and the features' */
} ws_spotter_options;

typedef struct ws_spotter ws_spotter;

/**
 * Called for each window, in order.
 *
 * @param scores        [n_labels] softmax of the network's outputs; borrowed for the call
 * @param first_sample  where the window begins
 */
typedef void ws_spotter_see(void *user, const float *scores, uint64_t first_sample);

/** @return WS_OK; WS_EUSAGE for a stride outside its range, or as ws_endless_create; WS_EFORMAT if
 * the model's weights are not finite or its features do not fit its network; WS_ENOMEM */
WS_MUST_CHECK ws_status ws_spotter_create(const ws_spotter_options *options, ws_spotter **spotter,
                                          ws_error *err);

/** NULL is fine. */
void ws_spotter_destroy(ws_spotter *spotter);

/** The length of a window, and the distance of two of them. */
size_t ws_spotter_window_samples(const ws_spotter *spotter);
size_t ws_spotter_stride_samples(const ws_spotter *spotter);

/**
 * Takes the next samples, and calls see for each window that they complete.
 *
 * @param samples  [n] finite, usually within +-1
 * @param user     handed to see
 * @return WS_OK; WS_ENUMERIC if scores of a window are not finite: the others are still seen
 */
WS_MUST_CHECK ws_status ws_spotter_push(ws_spotter *spotter, const float *samples, size_t n,
                                        ws_spotter_see *see, void *user, ws_error *err);

/** Forgets the stream; the next sample is the first of another one. */
void ws_spotter_reset(ws_spotter *spotter);

#endif
