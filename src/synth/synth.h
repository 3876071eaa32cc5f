/**
 * A spoken-word data set without any download: words said by espeak-ng in many voices.
 *
 * The result is laid out as a Speech Commands archive, so every command takes it as data_dir:
 *
 *     <data_dir>/<word>/<speaker>_nohash_<n>.wav   one second each, mono, 16 bit
 *     <data_dir>/_background_noise_/<kind>.wav
 *     <data_dir>/synth.txt                         what it was made from
 *
 * A speaker is one draw of accent, voice, pitch, speed and size, and says all the words in n
 * slightly different ways. As the split into training, validation and testing goes by the
 * speaker's name, nobody is heard in two sets. Of ten speakers in a row one is for validation and
 * one for testing (at the usual 10 and 10 per cent), so that each set has each word.
 *
 * Every file depends on the options and its own place only: the same options give the same bytes,
 * whatever the number of processes and however often the work was interrupted. Nothing in it is
 * anyone's recording: the speech is espeak-ng's, the noises are computed.
 */
#ifndef WS_SYNTH_SYNTH_H
#define WS_SYNTH_SYNTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define WS_SYNTH_MARKER             "synth.txt" /* in data_dir; its presence says: made by us */
#define WS_SYNTH_SAMPLE_RATE_HZ     16000
#define WS_SYNTH_N_BACKGROUND_KINDS 6

#define WS_SYNTH_MIN_CLIPS              3     /* a word: one in each set */
#define WS_SYNTH_MAX_CLIPS              10000 /* a word */
#define WS_SYNTH_MAX_WORDS              1000  /* wanted and unknown */
#define WS_SYNTH_MAX_JOBS               256
#define WS_SYNTH_MIN_BACKGROUND_SECONDS 2 /* the original refuses noise of a clip's length */
#define WS_SYNTH_MAX_BACKGROUND_SECONDS 600

/* A speech program that takes longer for one clip hangs, unless told otherwise. */
#define WS_SYNTH_MAX_SPEECH_SECONDS 60.0

/** All strings are borrowed for the call. */
typedef struct ws_synth_options {
    const char *data_dir;      /* made if it does not exist; nothing else may be in it */
    const char *words;         /* separated by commas: lower case, no word twice */
    const char *unknown_words; /* the same; "" for none */
    size_t n_clips;            /* of each word */
    size_t n_unknown_clips;    /* of each unknown word */
    size_t n_background_files; /* 0 .. WS_SYNTH_N_BACKGROUND_KINDS */
    size_t background_seconds; /* of each */
    uint64_t seed;
    size_t n_jobs;      /* clips made at a time; 0: two per processor */
    const char *espeak; /* program name, looked up in PATH, or path */
} ws_synth_options;

/** Someone who looks on. */
typedef struct ws_synth_watch {
    /** Called after every file, from one thread at a time. @return false to stop early. */
    bool (*progress)(void *user, size_t n_done, size_t n_files);
    void *user; /* borrowed */
} ws_synth_watch;

/** What a run did. */
typedef struct ws_synth_report {
    size_t n_files;   /* of the whole data set, clips and background */
    size_t n_made;    /* in this run */
    size_t n_found;   /* made earlier; equal to n_files if the set was complete already */
    bool is_complete; /* false only if the watch stopped it */
} ws_synth_report;

/**
 * Makes the data set, or what is missing of one begun with the same options. n_jobs and espeak
 * may differ between the two. A file name never stands for half a file.
 *
 * @param watch   may be NULL
 * @param report  filled in on success; may be NULL
 * @return WS_OK; WS_EINVAL for an option (err names it and says what is possible); WS_EEXISTS if
 *         data_dir holds other files, or a set of other options, or one being made by another
 *         process; WS_ENOTFOUND if there is no espeak-ng; WS_EFORMAT if it gave no usable speech
 *         (err names word and voice); WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_synth_run(const ws_synth_options *options, const ws_synth_watch *watch,
                                     ws_synth_report *report, ws_error *err);

#endif
