/**
 * Windows of sound to train a wake word on: with the phrase at their end, or without it.
 *
 * A window depends on nothing but the options, the seed, the step and its row: not on the number of
 * threads, nor on what was made before, so a resumed run hears what an uninterrupted one would
 * have heard. All recordings are in memory, as 16-bit samples.
 *
 *     ws_wake_source_create(&options, &source, err);
 *     for each step, for each row, in any order and by any thread:
 *         ws_wake_source_make(source, thread, step, row, &window);
 */
#ifndef WS_DATASET_WAKE_SOURCE_H
#define WS_DATASET_WAKE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"
#include "base/log.h"
#include "base/status.h"
#include "dataset/augmentations.h"
#include "dataset/split.h"

/** What is heard in a window. */
typedef enum ws_wake_kind {
    WS_WAKE_POSITIVE, /* the phrase, which ends at most `end_samples` before the window does */
    WS_WAKE_NEAR,     /* a phrase that sounds nearly alike, or the beginning of the phrase, there */
    WS_WAKE_SPEECH,   /* a stretch of other speech, or a single word */
    WS_WAKE_NOISE,    /* noise or music, without speech */
    WS_WAKE_SILENCE,  /* what a microphone gives where nothing is heard (silence.h) */
    WS_WAKE_N_KINDS,
} ws_wake_kind;

/** The kind in a word: "positive", "near", "speech", "noise", "silence". */
const char *ws_wake_kind_name(ws_wake_kind kind);

/**
 * Where recordings come from: sound files of any format, rate and length, also in folders inside
 * it. In a clip of WS_WAKE_POSITIVE or WS_WAKE_NEAR one phrase is looked for (phrase.h); if there
 * is nothing but silence in it, the clip is named in a warning and left out.
 */
typedef struct ws_wake_folder {
    const char *dir;
    ws_wake_kind kind; /* not WS_WAKE_SILENCE */
    int label;         /* of its windows: 0 for no wake phrase, else its number, from 1 */
    double share;      /* how often it is drawn, against the other shares and silence_share; a
                        * folder of noise with share 0 is still mixed into other windows */
    float weight;      /* of its windows in the loss */
} ws_wake_folder;

/** All pointers are borrowed and must outlive the source, the log's excepted. */
typedef struct ws_wake_options {
    const ws_wake_folder *folders; /* [n_folders], at least one of them with a share */
    size_t n_folders;
    const char *phrase; /* what is said in the clips of it: of WS_WAKE_SPEECH and WS_WAKE_NOISE all
                         * recordings in folders inside `dir` that are named after it (see
                         * phrase_name.h) are left out with a warning; NULL: none */
    double silence_share;
    float silence_weight;
    int sample_rate_hz;    /* 8000 to 48000 */
    size_t n_samples;      /* of a window */
    size_t end_samples;    /* most samples from the end of the phrase to the end of the window */
    double part_share;     /* share of the WS_WAKE_NEAR windows that hold the first 30 to 70 % of a
                            * phrase from a folder of WS_WAKE_POSITIVE */
    double shuffle_share;  /* share of the WS_WAKE_SPEECH windows that are short pieces of phrases
                            * and of other speech in any order: they have the voices of the
                            * phrases, and sequences of sounds that the recordings do not have */
    double noise_share;    /* share of the windows with speech that get noise; the others are as
                            * clean as their recordings */
    ws_noise_snr snr;      /* of that noise; is_wanted has to be true */
    const char *rooms_dir; /* impulse responses of rooms (rooms.h); NULL: computed ones */
    double room_share;     /* share of the windows with speech that are heard in a room */
    double microphone_share; /* share of the windows that lose lows and highs, and of which some
                              * clip (microphone.h); silence does not */
    double speed_change;     /* largest change of the speed of speech, 0 to 0.5 */
    double tempo_change; /* largest change of the tempo at the same pitch, 0 to 0.5, of half of the
                          * voices: so pitch and tempo change separately */
    double low_dbfs, high_dbfs; /* the level of speech is drawn evenly from these */
    /** Only recordings of one set, split by speaker: the name before "_nohash_", else the folder
     * inside `dir` that a file lies in, else the file. Noise belongs to all sets. If all speakers
     * of a folder would be in another set, as one person or one long file may be, then the folder
     * is WS_SET_TRAINING as a whole. */
    ws_set set;
    int64_t validation_percentage; /* of speakers. 0: all are WS_SET_TRAINING */
    uint64_t seed;
    size_t max_samples; /* of all recordings; the rest is left out with a warning. 0: 2^28 */
    int n_threads;      /* that may call ws_wake_source_make; at least 1 */
    ws_cpu_level level; /* of the kernels; all give the same bits but where there is a room */
    bool strict;        /* a recording that cannot be used is an error, not a warning */
    const ws_log *log;  /* warnings while it is created; NULL: nobody */
} ws_wake_options;

/** A place in a recording: the sample at which a window ends. */
typedef struct ws_wake_place {
    size_t recording; /* below ws_wake_source_n_recordings() */
    size_t end;       /* one past the window's last sample, at most the recording's length */
} ws_wake_place;

/** One window. */
typedef struct ws_wake_window {
    float *samples; /* [n_samples] the caller's; filled, +-1 */
    ws_wake_kind kind;
    int label; /* 0: the phrase is not in it */
    float weight;
    size_t recording; /* what it is made of; SIZE_MAX for silence */
    size_t lag;       /* samples from the end of the phrase or of its likeness to the end of the
                       * window; 0 for the other kinds */
} ws_wake_window;

/** A recording in memory; borrowed from the source. */
typedef struct ws_wake_recording {
    const char *path;
    ws_wake_kind kind;
    int label;
    const int16_t *samples; /* [n_samples] times 32768, at the source's rate */
    size_t n_samples;
    size_t start, end; /* where the phrase lies; 0 and n_samples for other kinds */
} ws_wake_recording;

typedef struct ws_wake_source ws_wake_source;

/**
 * Reads all recordings.
 *
 * @return WS_OK; WS_EUSAGE for options out of range; WS_ENOTFOUND without a folder, for
 *         WS_SET_TRAINING without a usable recording in a folder with a share, for another set
 *         without one in all such folders of a kind; WS_EFORMAT at the first unusable recording if
 *         strict; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_wake_source_create(const ws_wake_options *options,
                                              ws_wake_source **source, ws_error *err);

/** NULL is fine. */
void ws_wake_source_destroy(ws_wake_source *source);

/**
 * Makes one window. Allocates nothing. Several threads may call it at once, each with a number of
 * its own.
 *
 * @param thread  below options.n_threads
 * @param step    below 2^32
 * @param window  its samples point to room for n_samples; all other members are filled in
 */
void ws_wake_source_make(ws_wake_source *source, size_t thread, uint64_t step, uint32_t row,
                         ws_wake_window *window);

/** Recordings of all kinds, in the order of the folders and of their names. */
size_t ws_wake_source_n_recordings(const ws_wake_source *source);
ws_wake_recording ws_wake_source_recording(const ws_wake_source *source, size_t i);

/**
 * Makes the windows that end at these places hard: a share of the windows of WS_WAKE_SPEECH and
 * WS_WAKE_NOISE is drawn from them, up to an eighth of a window earlier or later. As they change
 * what is drawn, a resumed run has to set the same ones.
 *
 * @param places  [n] copied; 0 for n: none
 * @param share   0 to 1
 * @return WS_OK, or WS_ENOMEM and the old ones stay
 */
WS_MUST_CHECK ws_status ws_wake_source_set_hard(ws_wake_source *source, const ws_wake_place *places,
                                                size_t n, double share, ws_error *err);

/** Folders and their number of recordings in use, in a new string (free()), as
 *  "154 in train/alexa, 103 in speech/train"; NULL when out of memory. */
char *ws_wake_source_text(const ws_wake_source *source);

#endif
