/**
 * A trained model that follows a stream of sound: the scores of windows as long as its clips, each
 * a stride behind the one before.
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
 * Window i begins at sample i * stride. As in the original, only windows with a sample behind them
 * are looked at. Scores are those of the window as a clip by itself, with the same bits for any
 * number of threads and whatever pieces the stream comes in; but of low_latency_svdf, and in the
 * last digit low_latency_conv, sums are made in another order.
 *
 * What windows share is done once: frames of features, if their kind has no memory (micro has) and
 * the strides have a common multiple that is shorter than a window; and with them the products of
 * SVDF. Convolutions with padding, and a pooling behind them, see where a window begins and ends:
 * of the 98 rows of `conv`, 19 have other values in each window, and of its second layer 19 of 49.
 * To make only those and what is new would save a third of the time at best (measured in its
 * parts, before anything is moved from one place to another), and be a second engine.
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

/** Windows whose scores a run gives at most; so many keep several threads busy. */
enum { WS_STREAM_MAX_WINDOWS = 100 };

typedef struct ws_stream_options {
    const ws_frozen *model; /* borrowed until the stream is destroyed */
    size_t stride_samples;  /* at the model's sample rate, at least 1 */
    unsigned n_threads;     /* 0: as many as the process may use */
    ws_engine engine;
    const char *isa;   /* instruction set of the network's engine; NULL or "": the best */
    const ws_log *log; /* borrowed; warnings while it is created. NULL: nobody */
} ws_stream_options;

typedef struct ws_stream ws_stream;

/** @return as ws_labeller_create; WS_ENOMEM also for windows or strides too long for the memory */
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
 * @return how many it took; if fewer than n, ws_stream_run() has windows to look at
 */
size_t ws_stream_push(ws_stream *stream, const float *samples, size_t n);

/**
 * Looks at WS_STREAM_MAX_WINDOWS windows once they are there; and at the rest at the end.
 *
 * @param has_ended  nothing is pushed any more; called until it gives no window
 * @param scores     [WS_STREAM_MAX_WINDOWS, n_labels], of which *n_windows rows are filled: the
 *                   softmax of the network's outputs
 * @return WS_OK; WS_ENUMERIC if scores are no finite numbers
 */
WS_MUST_CHECK ws_status ws_stream_run(ws_stream *stream, bool has_ended, float *scores,
                                      size_t *n_windows, ws_error *err);

#endif
