/**
 * Where batches come from: clips of an index, augmented, as fingerprints.
 *
 * A training row depends on nothing but the seed, the step and its place in the batch; not on the
 * number of threads, nor on what was read before. Broken clips are named in one warning each and
 * skipped; options.strict makes the first one an error instead.
 *
 * A source belongs to one thread at a time; inside it works with several.
 */
#ifndef WS_DATASET_SOURCE_H
#define WS_DATASET_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/features.h"
#include "base/log.h"
#include "base/status.h"
#include "dataset/augmentations.h"
#include "dataset/index.h"
#include "dataset/noise.h"
#include "dataset/silence.h"

/** Whether an unknown clip of training is drawn from all unknown clips each time that it is met,
 *  instead of once for the run. */
typedef enum ws_unknown_redraw {
    WS_REDRAW_NONE,
    WS_REDRAW_CLIPS, /* each clip equally likely */
    WS_REDRAW_WORDS, /* each word equally likely, then each of its clips */
} ws_unknown_redraw;

/** What --unknown_redraw calls them. @return WS_OK, or WS_ENOTFOUND with the names */
WS_MUST_CHECK ws_status ws_unknown_redraw_find(const char *name, ws_unknown_redraw *redraw,
                                               ws_error *err);

/** All pointers are borrowed and must outlive the source. */
typedef struct ws_source_options {
    const ws_index *index;
    const ws_features *features;
    const ws_noise *noise;    /* NULL: none */
    double background_volume; /* upper bound of the noise gain on spoken clips, without snr */
    ws_unknown_redraw unknown_redraw;
    ws_silence silence;          /* what silence is made of, in training and evaluation */
    ws_noise_snr snr;            /* of spoken training clips that get noise */
    double background_frequency; /* share of spoken training clips that get noise */
    int64_t time_shift_samples;  /* largest shift, below 2^30; 0 or less: no shift */
    ws_augment_options augment;  /* of training rows; fits the features (ws_augmentations_check) */
    uint64_t seed;
    size_t clip_cache_mb; /* MiB of decoded training clips kept in memory */
    /** Training rows go through all clips of an epoch before the next one begins (epoch_order.h),
     * in batches of this size from step 1 on. 0: each row is drawn for itself, with replacement. */
    size_t epoch_batch_size;
    int n_threads;     /* 0: as many as OpenMP would use */
    bool strict;       /* a broken clip is an error */
    const ws_log *log; /* warnings; NULL: nobody */
} ws_source_options;

/** Clips met so far. */
typedef struct ws_source_stats {
    size_t n_broken;    /* could not be read */
    size_t n_resampled; /* had another sample rate */
    size_t n_odd;       /* had a wrong header and were read as far as there was sound */
} ws_source_stats;

typedef struct ws_source ws_source;

/** @return WS_OK, WS_ENOMEM, or WS_EUSAGE for a time shift that is too large */
WS_MUST_CHECK ws_status ws_source_create(const ws_source_options *options, ws_source **source,
                                         ws_error *err);

/** NULL is fine. */
void ws_source_destroy(ws_source *source);

/** How its clips are looked at; lives as long as the source's features. */
const ws_feature_settings *ws_source_settings(const ws_source *source);

/**
 * Rows first .. first + n of a training batch. Allocates nothing once all clips that fit are
 * cached.
 *
 * @param step      of the run, below 2^32, from 1 on
 * @param first, n  first + n is below 2^32, and at most options.epoch_batch_size if that is not 0
 * @param features  [n, size]
 * @param labels    [n]
 * @return WS_OK; WS_EFORMAT and others if 100 draws in a row hit broken clips, so that the data
 *         must be broken as a whole, or at the first one if strict
 */
WS_MUST_CHECK ws_status ws_source_read_training(ws_source *source, uint64_t step, size_t first,
                                                size_t n, float *features, int32_t *labels,
                                                ws_error *err);

/** Rows of an evaluation; the arrays are the caller's. */
typedef struct ws_evaluation_rows {
    float *features; /* [n, size] */
    int32_t *labels; /* [n] */
    size_t *entries; /* [n] which entries of the set they are, rising; NULL: not wanted */
    size_t n;        /* broken clips are left out, so it may be less than what was asked for */
} ws_evaluation_rows;

/**
 * The entries offset .. offset+n-1 of a set in order (fewer at its end), without shift, noise only
 * under silence, the same at each evaluation. Fingerprints are kept: the second time is a copy.
 *
 * @param rows  room for n; filled. The next batch starts at offset + n, however many came
 */
WS_MUST_CHECK ws_status ws_source_read_evaluation(ws_source *source, ws_set set, size_t offset,
                                                  size_t n, ws_evaluation_rows *rows,
                                                  ws_error *err);

/**
 * The sound of an entry of a set as an evaluation hears it, to look at and listen to: what its
 * fingerprint is made of, cut or padded to the length of a clip. It is read again.
 *
 * @param i        an entry, below ws_index_n_clips() of the set
 * @param samples  [desired_samples] filled, +-1
 * @return WS_OK; WS_EFORMAT if the clip is broken, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_source_read_samples(ws_source *source, ws_set set, size_t i,
                                               float *samples, ws_error *err);

/** What was met so far, in this process or another one of the run. */
ws_source_stats ws_source_get_stats(const ws_source *source);

/** What was met of a file, joined by |. */
enum {
    WS_SOURCE_MET_BROKEN = 1,
    WS_SOURCE_MET_RESAMPLED = 2,
    WS_SOURCE_MET_ODD = 4,
};

/** @param marks  [files of the index] filled with what this process has met */
void ws_source_get_marks(const ws_source *source, uint8_t *marks);

/**
 * Takes note of what another process of the run has met: the figures count it, and the log names it
 * as if it was met here. A file that is named is read for that.
 *
 * @param marks  [files of the index]
 */
void ws_source_add_marks(ws_source *source, const uint8_t *marks);

#endif
