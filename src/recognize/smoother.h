/**
 * Finds words in the scores of overlapping windows of a stream, by one of two rules.
 *
 * The usual rule is the original's RecognizeCommands. Scores are averaged over the last window_ms.
 * A word is reported when its average rises above a threshold, it differs from the previous word,
 * and the previous word is long enough ago.
 *
 * With n_last the rule is that of ESPHome's wake words: the mean of the last n_last scores. A word
 * is reported when its mean rises above the threshold; then the scores are forgotten, and nothing
 * is reported for suppression_ms. Silence and unknown words are never reported.
 *
 *     ws_smoother_push(smoother, scores, time_ms, &word, err);
 *     if (word.is_new) ...
 *
 * With the usual rule a word is not reported twice unless another label, such as silence, comes in
 * between. All comparisons with the bounds below are strict.
 */
#ifndef WS_RECOGNIZE_SMOOTHER_H
#define WS_RECOGNIZE_SMOOTHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct ws_smoother_options {
    size_t n_labels;        /* at least 1 */
    size_t silence;         /* the label of silence; n_labels or more: no such label */
    int64_t window_ms;      /* scores that are older than this are forgotten, at least 1 */
    double threshold;       /* of an average, 0 to 1 */
    int64_t suppression_ms; /* after a word, nothing is reported for this time */
    size_t min_count;       /* windows that an average needs, at least 1 */
    size_t n_last;          /* 0: the usual rule; else windows in a mean, and window_ms and
                               min_count are not used */
    size_t unknown;         /* with n_last: the label of unknown words, as silence above */
} ws_smoother_options;

/** The current word. */
typedef struct ws_heard {
    size_t label;
    double score; /* the average; 0 while there are too few windows to average */
    bool is_new;  /* it was just reported */
} ws_heard;

typedef struct ws_smoother ws_smoother;

/** @return WS_OK or WS_ENOMEM; ws_smoother_destroy() it */
WS_MUST_CHECK ws_status ws_smoother_create(const ws_smoother_options *options,
                                           ws_smoother **smoother, ws_error *err);

/** Makes room for n windows at once: ws_smoother_push() does not allocate while no more of them are
 *  stored. @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_smoother_reserve(ws_smoother *smoother, size_t n, ws_error *err);

/** Forgets all windows and the previous word. */
void ws_smoother_reset(ws_smoother *smoother);

/** NULL is fine. */
void ws_smoother_destroy(ws_smoother *smoother);

/**
 * Takes the scores of one window.
 *
 * @param scores   [n_labels] of a softmax
 * @param time_ms  of the window; may go back, but not before the oldest window that is stored
 * @return WS_OK; WS_EINVAL if it does, with heard unchanged; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_smoother_push(ws_smoother *smoother, const float *scores,
                                         int64_t time_ms, ws_heard *heard, ws_error *err);

#endif
