/**
 * Decoded clips: read once, kept as far as the memory that may be used goes, read again otherwise.
 * Private to dataset/. All functions may be called by several threads at once.
 */
#ifndef WS_DATASET_CLIP_STORE_H
#define WS_DATASET_CLIP_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "audio/sound.h"
#include "base/status.h"
#include "dataset/augment.h"

typedef struct ws_clip_store ws_clip_store;

typedef struct ws_clip_store_options {
    size_t n_files; /* files are known by their number below this */
    int sample_rate_hz;
    size_t desired_samples; /* of a clip, at most; the rest of a longer file is not looked at */
    size_t max_bytes;       /* of clips kept */
} ws_clip_store_options;

WS_MUST_CHECK ws_status ws_clip_store_create(const ws_clip_store_options *options,
                                             ws_clip_store **store, ws_error *err);
void ws_clip_store_destroy(ws_clip_store *store);

/** What to read: a clip and whether it is worth keeping. */
typedef struct ws_clip_request {
    const char *path;
    size_t file; /* its number */
    bool keep;
} ws_clip_request;

/**
 * Gives the samples of a clip, from memory or from its file.
 *
 * @param buffer   [desired_samples] filled if the clip is not in memory
 * @param samples  set to the clip in the store, which stays there, or in the buffer
 * @return WS_OK; WS_EFORMAT if the clip is broken, now and ever after: see ws_clip_store_fault();
 *         WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_clip_store_read(ws_clip_store *store, const ws_clip_request *request,
                                           float *buffer, ws_samples *samples);

/** The sentence about a clip that turned out broken, NULL if it is not known to be. */
const char *ws_clip_store_fault(const ws_clip_store *store, size_t file);

/** Whether the clip was read and had another sample rate. */
bool ws_clip_store_is_resampled(const ws_clip_store *store, size_t file);

/** What is wrong with the header of a clip that was read. */
ws_sound_oddity ws_clip_store_oddity(const ws_clip_store *store, size_t file);

#endif
