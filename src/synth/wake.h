/**
 * Voices for a wake word without any recording: the phrase, phrases that sound nearly like it, and
 * other speech, said by text-to-speech programs, and computed noise.
 *
 *     <data_dir>/positive/<engine>-<number>_nohash_0.flac  the phrase
 *     <data_dir>/near/...                                  near misses
 *     <data_dir>/speech/...                                sentences of common and invented words
 *     <data_dir>/noise/<kind>.wav
 *     <data_dir>/manifest.tsv                              a line for each file: what it says, who
 *                                                          says it, source and licence
 *     <data_dir>/synth.txt                                 what it was made from
 *
 * All of it is mono, 16 bit, at WS_SYNTH_SAMPLE_RATE_HZ; FLAC halves the disk that speech takes.
 * All kinds are spoken by the same voices, so that a synthetic voice alone says nothing about the
 * phrase. What a file is made of depends on the options, the engines that are there and its own
 * place, so the same command completes what was interrupted.
 */
#ifndef WS_SYNTH_WAKE_H
#define WS_SYNTH_WAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"
#include "synth/synth.h"

#define WS_SYNTH_MANIFEST "manifest.tsv" /* in data_dir */

#define WS_SYNTH_MAX_WAKE_CLIPS   100000 /* of each kind */
#define WS_SYNTH_MAX_PHRASE_BYTES 64

/** All strings are borrowed for the call. */
typedef struct ws_synth_wake_options {
    const char *data_dir; /* made if it does not exist; nothing else may be in it */
    const char *phrase;   /* letters, blanks, "'" and "-" */
    size_t n_positives, n_near_misses, n_sentences; /* clips of each kind */
    size_t background_seconds;                      /* of each kind of noise; 0: no noise */
    uint64_t seed;
    size_t n_jobs;       /* programs that speak at a time; 0: two per processor */
    const char *engines; /* a comma list; "": those that are installed */
    const char *command; /* a further engine by its command (engine_command.c); "": none */
    const char *espeak;  /* program name, looked up in PATH, or path */
    double max_seconds;  /* that a program may take for one clip, above 0 */
} ws_synth_wake_options;

/** Whether the voices can speak a phrase. @param flag  that it comes from, to name in the error
 *  @return WS_OK; WS_EUSAGE */
WS_MUST_CHECK ws_status ws_synth_wake_check_phrase(const char *flag, const char *phrase,
                                                   ws_error *err);

/**
 * Makes the clips, or those that are missing.
 *
 * @param watch   may be NULL
 * @param log     is told which engines could be installed; NULL: nobody
 * @param report  filled in on success; may be NULL
 * @return as ws_synth_run()
 */
WS_MUST_CHECK ws_status ws_synth_wake_run(const ws_synth_wake_options *options,
                                          const ws_synth_watch *watch, const ws_log *log,
                                          ws_synth_report *report, ws_error *err);

#endif
