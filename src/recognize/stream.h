/**
 * A trained model that follows a stream of sound: the scores of windows as long as its clips, each
 * one stride after the previous one.
 *
 *     while ((n = read some samples) > 0) {
 *         while (n > 0) {
 *             n_taken = ws_stream_push(stream, samples, n);
 *             samples += n_taken, n -= n_taken;
 *             status = ws_stream_run(stream, false, scores, &n_windows, err);
 *             ...
 *         }
 *     }
 *     do status = ws_stream_run(stream, true, scores, &n_windows, err); while (n_windows > 0);
 *
 * Window i begins at sample i * stride. As in the original, a window is used only if a
 * sample follows it. Scores equal those of the window as a separate clip, with the same bits for
 * any number of threads and any division of the stream into pieces. Only low_latency_svdf, and in
 * the last digit low_latency_conv, add in another order.
 *
 * Work that windows share is done once: frames of features, if their kind has no memory (micro has)
 * and the strides have a common multiple that is shorter than a window; and then also the products
 * of SVDF. Convolutions with padding, and a pooling after them, depend on where a window begins and
 * ends: 19 of the 98 rows of `conv` differ in each window, and 19 of 49 in its second layer. To
 * compute only these and the new rows would need a second engine, and save a third of the time at
 * best (measured for its parts, without the time to move data).
 *
 * Memory does not grow with the stream. A stream belongs to one thread at a time; inside it works
 * with several.
 */
#ifndef WS_RECOGNIZE_STREAM_H
#define WS_RECOGNIZE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "base/status.h"
#include "formats/frozen.h"
#include "nn/network.h"

/** The most windows that a run gives scores of; enough to keep several threads busy. */
enum { WS_STREAM_MAX_WINDOWS = 100 };

typedef struct ws_stream_options {
    const ws_frozen *model; /* borrowed until the stream is destroyed */
    size_t stride_samples;  /* at the model's sample rate, at least 1 */
    unsigned n_threads;     /* 0: as many as the process may use */
    ws_engine engine;
    const char *isa;   /* instruction set of the network's engine; NULL or "": the best */
    const ws_log *log; /* borrowed; warnings while it is created. NULL: silent */
} ws_stream_options;

typedef struct ws_stream ws_stream;

/** @return as ws_labeller_create; WS_ENOMEM also if windows or strides are too long for the memory
 */
WS_MUST_CHECK ws_status ws_stream_create(const ws_stream_options *options, ws_stream **stream,
                                         ws_error *err);

/** NULL is fine. */
void ws_stream_destroy(ws_stream *stream);

/** How many samples a window has. */
size_t ws_stream_window_samples(const ws_stream *stream);

/**
 * Takes the next samples of the stream, as many as there is room for.
 *
 * @param samples  [n] finite, usually within +-1, at the model's sample rate
 * @return the number of samples taken; if fewer than n, ws_stream_run() has windows to score
 */
size_t ws_stream_push(ws_stream *stream, const float *samples, size_t n);

/**
 * Scores the windows that are complete, at most WS_STREAM_MAX_WINDOWS. Where batches are faster
 * (large kernels as in `conv`, windows that share rows, fake quantisation) it waits for that number
 * of windows, or for the end.
 *
 * @param has_ended  no more samples follow; call it until it gives no window
 * @param scores     [WS_STREAM_MAX_WINDOWS, n_labels], of which *n_windows rows are filled: the
 *                   softmax of the network's outputs
 * @return WS_OK; WS_ENUMERIC if scores are not finite
 */
WS_MUST_CHECK ws_status ws_stream_run(ws_stream *stream, bool has_ended, float *scores,
                                      size_t *n_windows, ws_error *err);

#endif
