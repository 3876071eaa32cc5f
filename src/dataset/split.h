/** Which of the three sets a clip belongs to. */
#ifndef WS_DATASET_SPLIT_H
#define WS_DATASET_SPLIT_H

#include <stdint.h>

#include "base/status.h"

typedef enum ws_set {
    WS_SET_TRAINING,
    WS_SET_VALIDATION,
    WS_SET_TESTING,
    WS_N_SETS,
} ws_set;

/** What decides about a clip's set. */
typedef enum ws_split_by {
    WS_SPLIT_AUTO,  /* the lists, where both lie in the data set and percentages are 10 and 10 */
    WS_SPLIT_LISTS, /* validation_list.txt and testing_list.txt of the data set */
    WS_SPLIT_HASH,  /* the clip's name */
} ws_split_by;

/** The value of the flag --split: "auto" (also NULL), "lists" or "hash". @return WS_OK or WS_EUSAGE
 */
WS_MUST_CHECK ws_status ws_split_by_find(const char *name, ws_split_by *by, ws_error *err);

/**
 * The place of a file on the scale from 0 to 100 that is cut into the sets: from the SHA-1 of its
 * base name up to "_nohash_", so that all recordings of a speaker stay together. Adding clips
 * moves no other clip.
 *
 * @param path  with or without folders
 */
double ws_split_percent(const char *path);

/** The set: validation below validation_percentage, then testing, the rest is training. */
ws_set ws_split_find(const char *path, int64_t validation_percentage, int64_t testing_percentage);

#endif
