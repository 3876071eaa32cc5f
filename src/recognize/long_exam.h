/**
 * Tests a wake word as it is used: hours of sound in which the phrase is not said, and recordings
 * in which it is, heard in streams as by a device. Each is heard in one or more ways: as it is, or
 * with noise at a level below it.
 * Files without the phrase that lie in one folder are one sound, up to 32 of them.
 */
#ifndef WS_RECOGNIZE_LONG_EXAM_H
#define WS_RECOGNIZE_LONG_EXAM_H

#include <stdbool.h>

#include "base/log.h"
#include "base/text.h"
#include "dataset/noise.h"
#include "formats/frozen.h"
#include "metrics/cutoff.h"

/** One way to hear a recording. */
typedef struct ws_long_way {
    bool is_noisy;
    double snr_db; /* how far the noise is below the speech */
} ws_long_way;

/** All is borrowed for the call. */
typedef struct ws_long_exam_options {
    const ws_frozen *model;
    size_t label;            /* the phrase's */
    const char *phrase;      /* of other_dir, sound files in folders that are named after it (see
                              * phrase_name.h) are left out with a warning; NULL: none */
    const char *other_dir;   /* sound files without the phrase, also in folders inside */
    const char *phrases_dir; /* sound files with the phrase, each once; NULL: none */
    const ws_long_way *ways; /* [n_ways] 1 or more */
    size_t n_ways;
    const ws_noise *noise; /* at the model's sample rate; NULL: no way is noisy */
    uint64_t seed;         /* of which noise where */
    int n_threads;         /* 1 or more */
    ws_cpu_level level;
    const ws_log *log; /* gets a warning for each file that cannot be read; NULL: silent */
    void *user;        /* handed to show_progress, which may be NULL */
    void (*show_progress)(void *user, size_t n_done, size_t n_all); /* files */
} ws_long_exam_options;

/** A file, heard in one way. */
typedef struct ws_long_piece {
    const char *path;    /* borrowed from the exam */
    const char *speaker; /* the same: the name before "_nohash_", else the folder, else the file */
    size_t way;
    bool is_phrase;
    double seconds; /* that were judged: without the first window */
    float *means;   /* [n] after each score, what a detector compares with its cutoff; owned */
    size_t n;
    float best;     /* the highest of them */
    size_t best_at; /* its number; the lowest one */
} ws_long_piece;

typedef struct ws_long_exam {
    ws_det_rule rule;
    double seconds_each;   /* from one score to the next */
    ws_long_piece *pieces; /* [n] files in their order, for each way; owned */
    size_t n;
    size_t n_broken;              /* files that could not be read */
    ws_text_list paths, speakers; /* owned */
} ws_long_exam;

/**
 * Hears everything.
 *
 * @param exam  overwritten; ws_long_exam_deinit() it, after a failure too
 * @return WS_OK; WS_ENOTFOUND for a folder that has no sound file to hear; WS_EUSAGE if other_dir
 *         itself is named after the phrase; WS_EFORMAT with the first fault
 *         if no file without the phrase can be read; as ws_scorer_create; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_long_exam_run(const ws_long_exam_options *options, ws_long_exam *exam,
                                         ws_error *err);

/** All zeros is fine. */
void ws_long_exam_deinit(ws_long_exam *exam);

/** The figures of the pieces of one way; of n_ways: of all pieces. Of one speaker, unless NULL. */
ws_det ws_long_exam_count(const ws_long_exam *exam, size_t way, size_t n_ways, const char *speaker);

/** The figures at one cutoff. */
typedef struct ws_long_count {
    uint64_t n_false, n_missed, n_phrases;
    double seconds; /* of other sound */
} ws_long_count;

/** Those of the pieces of one way, at any cutoff, which need not be one of ws_det_cutoff(). */
ws_long_count ws_long_exam_count_at(const ws_long_exam *exam, size_t way, double cutoff);

/** The cutoff for a number of false accepts an hour, by all ways together (metrics/cutoff.h).
 *  @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_long_exam_choose(const ws_long_exam *exam, double rate,
                                            ws_cutoff *cutoff, ws_error *err);

#endif
