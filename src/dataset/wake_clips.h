/** The recordings of a wake source, in memory. Private to dataset/. */
#ifndef WS_DATASET_WAKE_CLIPS_H
#define WS_DATASET_WAKE_CLIPS_H

#include "dataset/wake_source.h"

typedef struct ws_wake_clip {
    char *path;       /* owned */
    int16_t *samples; /* [n_samples] owned */
    size_t n_samples;
    size_t start, end; /* of the phrase */
    size_t folder;
} ws_wake_clip;

typedef struct ws_wake_clips {
    ws_wake_clip *items; /* [n_items] owned */
    size_t n_items, capacity;
    size_t *firsts;   /* [n_folders + 1] owned: the clips of folder i are firsts[i] up to but not
                       * including firsts[i + 1] */
    size_t n_samples; /* of all clips */
} ws_wake_clips;

/**
 * Reads the folders of the options.
 *
 * @param clips  overwritten; ws_wake_clips_deinit() it whatever comes back
 * @return as ws_wake_source_create()
 */
WS_MUST_CHECK ws_status ws_wake_clips_init(ws_wake_clips *clips, const ws_wake_options *options,
                                           ws_error *err);
void ws_wake_clips_deinit(ws_wake_clips *clips);

#endif
