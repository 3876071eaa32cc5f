/**
 * A long recording to test a model on, made of a data set: words of its testing set at known
 * moments, under background noise.
 *
 *     | gap, at random |  clip  |    rest of the gap    | gap, at random |  clip  | ...
 *     |<- word 0 ------------------------------------->|<- word 1 --------------------
 *
 * Built as the original's generate_streaming_test_wav.py builds it, from random numbers of our own
 * (which has none that can be repeated): the same seed and data give the same bits.
 */
#ifndef WS_DATASET_STREAMING_TEST_H
#define WS_DATASET_STREAMING_TEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"
#include "dataset/index.h"
#include "dataset/noise.h"

/** All pointers are borrowed; names are the flags'. */
typedef struct ws_streaming_test_options {
    const ws_index *index;
    const ws_noise *noise;         /* each recording longer than a clip; NULL: none */
    double background_volume;      /* upper bound of the noise's gain */
    double background_frequency;   /* share of the seconds with noise; the original's is 1 */
    int64_t sample_rate;           /* Hz */
    int64_t clip_duration_ms;      /* at least 1 sample */
    int64_t word_gap_ms;           /* 0 or more, between the words' starts besides the clip */
    int64_t test_duration_seconds; /* at least 1 */
    int64_t unknown_percentage;    /* of the words are others than the wanted ones, 0 to 100 */
    uint64_t seed;
    const ws_log *log; /* warnings; NULL: nobody */
} ws_streaming_test_options;

/** A word in it. */
typedef struct ws_streaming_word {
    const char *label; /* the index's: a wanted word, or WS_LABEL_UNKNOWN */
    double time_ms;    /* where its clip starts */
} ws_streaming_word;

typedef struct ws_streaming_test {
    float *samples; /* [n_samples] owned; not limited to +-1 */
    size_t n_samples;
    int sample_rate_hz;
    ws_streaming_word *words; /* [n_words] owned, by time */
    size_t n_words;
} ws_streaming_test;

/** What is wrong with the options besides the data: a length in which no word fits, or that is too
 *  much. @return WS_OK or WS_EUSAGE naming the flags */
WS_MUST_CHECK ws_status ws_streaming_test_check(const ws_streaming_test_options *options,
                                                ws_error *err);

/**
 * Makes it, in memory; of the data set only the clips that are taken are read. One that cannot be
 * read is named in a warning and another one of the word taken.
 *
 * @param test  overwritten; ws_streaming_test_deinit() it after success
 * @return WS_OK; WS_EUSAGE as above; WS_ENOTFOUND if a word that may be taken has no clip for
 *         testing; WS_EFORMAT if none of those can be read; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_streaming_test_init(ws_streaming_test *test,
                                               const ws_streaming_test_options *options,
                                               ws_error *err);

void ws_streaming_test_deinit(ws_streaming_test *test);

/**
 * Writes the sound as a 16-bit WAV, which cuts off what is too loud, and the words as lines
 * "<label>, <milliseconds>" (metrics/stream_score.h reads them). Either both files are new or none.
 */
WS_MUST_CHECK ws_status ws_streaming_test_write(const ws_streaming_test *test,
                                                const char *audio_file, const char *labels_file,
                                                ws_error *err);

#endif
