/** Which of the three sets a clip belongs to, by its name alone. */
#ifndef WS_DATASET_SPLIT_H
#define WS_DATASET_SPLIT_H

#include <stdint.h>

typedef enum ws_set {
    WS_SET_TRAINING,
    WS_SET_VALIDATION,
    WS_SET_TESTING,
    WS_N_SETS,
} ws_set;

/** "training", "validation" or "testing". */
const char *ws_set_name(ws_set set);

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
