/**
 * How well the words heard in a stream match those that were spoken: the original's statistics of
 * test_streaming_accuracy.
 */
#ifndef WS_METRICS_STREAM_SCORE_H
#define WS_METRICS_STREAM_SCORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/** A word at a moment of the stream. */
typedef struct ws_stream_word {
    const char *label; /* borrowed */
    int64_t time_ms;
} ws_stream_word;

/** The words that were spoken, by time. */
typedef struct ws_stream_truth {
    ws_stream_word *words; /* [n_words] owned, with their labels */
    size_t n_words;
    char *text; /* owned: what labels point into */
} ws_stream_truth;

/**
 * Reads lines "<label>, <milliseconds>"; lines without exactly one comma are passed over, times are
 * rounded to whole milliseconds, halves to even.
 *
 * @param truth  filled on success (ws_stream_truth_deinit), all zeros otherwise
 * @return WS_OK; WS_EFORMAT naming the line whose time is not a number, or that is not text;
 *         WS_ENOTFOUND, WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_stream_truth_read(const char *path, ws_stream_truth *truth,
                                             ws_error *err);
void ws_stream_truth_deinit(ws_stream_truth *truth);

typedef struct ws_stream_score {
    size_t n_words;           /* that were spoken until then */
    size_t n_correct;         /* heard words with a spoken one of the same label near them */
    size_t n_wrong;           /* of another label, or one that was taken already */
    size_t n_false_positives; /* with none near them */
} ws_stream_score;

enum { WS_STREAM_WHOLE = -1 };

/**
 * Scores the heard words. For each the first spoken one within the tolerance decides: it is
 * correct if the labels are the same and that moment was not taken by an earlier one.
 *
 * @param heard         [n_heard] in the order in which they were heard
 * @param until_ms      only words spoken until then, and the tolerance after, count;
 *                      WS_STREAM_WHOLE: all
 * @param[out] score    overwritten
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_stream_score_get(const ws_stream_truth *truth,
                                            const ws_stream_word *heard, size_t n_heard,
                                            int64_t until_ms, int64_t tolerance_ms,
                                            ws_stream_score *score, ws_error *err);

#endif
