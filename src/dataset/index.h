/**
 * The index of a data set: which clips are in which set, under which label.
 *
 * Equal to the original's, draw for draw, if that one is given the files sorted by whole path as
 * bytes (it takes them in the order of the file system, which no two machines share).
 */
#ifndef WS_DATASET_INDEX_H
#define WS_DATASET_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/random.h"
#include "base/status.h"
#include "dataset/split.h"

typedef struct ws_index_options {
    const char *data_dir;                              /* holds <word>/<clip>, any sound files */
    const char *wanted_words;                          /* comma list */
    double silence_percentage, unknown_percentage;     /* of the wanted clips of a set, 0 to 1000 */
    int64_t testing_percentage, validation_percentage; /* 0 to 100, and so their sum */
    const char *unknown_held_out; /* comma list, see the flag; NULL or "": none */
    const char *split;            /* "auto" (also NULL), "lists" or "hash": see ws_split_by */
    const ws_log *log; /* what was left out of the index, and which split; NULL: nobody */
} ws_index_options;

typedef struct ws_index ws_index;

/** One entry of a set. */
typedef struct ws_clip {
    const char *path; /* lives as long as the index; a silence entry's is never read */
    size_t file;      /* number of the file, below ws_index_n_files() */
    int32_t label;    /* WS_SILENCE_INDEX, WS_UNKNOWN_INDEX, or a wanted word's */
} ws_clip;

/** What can be wrong with the options by themselves, before any data is read: lists of words,
 * shares out of their bounds and an unknown split. @return WS_OK, WS_ENOMEM, or WS_EUSAGE naming
 * the flag
 */
WS_MUST_CHECK ws_status ws_index_check_options(const ws_index_options *options, ws_error *err);

/**
 * Lists the folders and makes the index. Opens no clip.
 *
 * @return WS_OK; WS_EUSAGE for bad words or percentages; WS_ENOTFOUND if there is no such
 *         directory, no clip in it, no folder for a wanted word (the sentence lists those found),
 *         no clip for training, or no list that was asked for; WS_EFORMAT for lists that do not fit
 *         the data set; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_index_create(const ws_index_options *options, ws_index **index,
                                        ws_error *err);

/** Appends the index as bytes, for other processes: see ws_index_read. A failure is in
 *  bytes->status. */
void ws_index_write(const ws_index *index, ws_buf *bytes);

/**
 * The index that another process has made of the same clips, which lie in options->data_dir here.
 * It reads no directory, and does not look whether the files are there.
 *
 * @param options  those of the other process, but for data_dir
 * @param bytes    [n_bytes] of ws_index_write, by the same version of this program
 * @return WS_OK; WS_EFORMAT for other bytes, or for options that do not fit them; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_index_read(const ws_index_options *options, const void *bytes,
                                      size_t n_bytes, ws_index **index, ws_error *err);

/**
 * Makes sure that each wanted word has a clip for training that can be read, so that a run does not
 * train for hours on a word of which nothing is there. It opens the clips of a word until one is
 * good, which is the first as a rule.
 *
 * @return WS_OK; WS_EFORMAT with the word and what is wrong with its first clip; WS_ENOTFOUND for a
 *         word without a clip for training; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_index_check_clips(const ws_index *index, ws_error *err);

/** NULL is fine. */
void ws_index_destroy(ws_index *index);

size_t ws_index_n_labels(const ws_index *index);
const char *ws_index_label(const ws_index *index, size_t label);

/** Files found, in all sets and none. */
size_t ws_index_n_files(const ws_index *index);

/** The path of a file. It lives as long as the index. */
const char *ws_index_path(const ws_index *index, size_t file);

/** Entries of a set, silence and unknown ones included. */
size_t ws_index_n_clips(const ws_index *index, ws_set set);

/** Entry i of a set. */
ws_clip ws_index_clip(const ws_index *index, ws_set set, size_t i);

/**
 * Draws an unknown clip for training from all that there are, also those that the set leaves out.
 * There must be one.
 *
 * @param by_words  each word is equally likely, else each clip
 */
ws_clip ws_index_draw_unknown(const ws_index *index, bool by_words, ws_random *random);

#endif
