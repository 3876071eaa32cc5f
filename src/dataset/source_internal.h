/** What the parts of a source share. Private to dataset/. */
#ifndef WS_DATASET_SOURCE_INTERNAL_H
#define WS_DATASET_SOURCE_INTERNAL_H

#include "base/arena.h"
#include "base/random.h"
#include "dataset/augment.h"
#include "dataset/clip_store.h"
#include "dataset/source.h"

/** A thread's own memory. */
typedef struct ws_source_worker {
    float *clip;                    /* [desired_samples] as read, of clips that are not in memory */
    float *mixed;                   /* [desired_samples] after augmentation */
    float *changed, *speed_scratch; /* of ws_sound_tools */
    void *scratch;
} ws_source_worker;

/** What became of a row; in a batch they are joined by |. */
typedef enum ws_row_result {
    WS_ROW_GOOD = 0,
    WS_ROW_MET_BROKEN = 1,    /* a clip was broken; in training another one took its place */
    WS_ROW_MET_RESAMPLED = 2, /* the clip has another sample rate */
    WS_ROW_MET_ODD = 4,       /* the clip has a wrong header */
    WS_ROW_NO_MEMORY = 8,
} ws_row_result;

/** Fingerprints of a set, made when they are first asked for. */
typedef struct ws_evaluation_cache {
    float *features;       /* [n_clips, size] or NULL */
    unsigned char *states; /* [n_clips]: 0 not made, 1 made, 2 the clip is broken */
} ws_evaluation_cache;

struct ws_source {
    ws_source_options options;
    const ws_feature_settings *settings;
    ws_clip_store *clips;
    ws_speed *speed;           /* NULL unless its augmentation is wanted */
    ws_arena arena;            /* the workers' memory */
    ws_source_worker *workers; /* [n_threads] */
    unsigned char *is_named;   /* [n_files] a broken clip that was warned of */
    uint8_t *others;           /* [n_files] marks that other processes have met */
    bool warned_of_resampling, warned_of_oddity;
    ws_evaluation_cache evaluation[WS_N_SETS];
};

/** Clips drawn in a row for one row of a batch before giving up on the data. */
enum { WS_MAX_DRAWS = 100 };

/** A training row of this source. */
ws_row_place ws_source_place(const ws_source *source, uint64_t step, size_t row);

/** Goes to the stream of a training row. */
void ws_source_begin_row(const ws_row_place *place, ws_random *random);

/** The clip of a row, or the next one where those before were broken.
 *  @param draw  how many came before, for this row */
ws_clip ws_source_draw_clip(const ws_source *source, const ws_row_place *place, int draw,
                            ws_random *random);

/** Draws and makes one training row: features [size] and its label. */
ws_row_result ws_source_make_training_row(ws_source *source, ws_source_worker *worker,
                                          const ws_row_place *place, float *features,
                                          int32_t *label);

/** Makes silence as microphones give it, out [desired_samples], of the clips of a set. out is not
 *  worker->clip. @return WS_ROW_GOOD or WS_ROW_NO_MEMORY */
ws_row_result ws_source_make_silence(ws_source *source, ws_source_worker *worker, ws_set set,
                                     ws_random *random, float *out);

/** Makes the samples [desired_samples] of entry i of a set as they are heard: without shift, noise
 *  only under silence. out may be worker->mixed. */
ws_row_result ws_source_make_evaluation_samples(ws_source *source, ws_source_worker *worker,
                                                ws_set set, size_t i, float *out);

/** Makes the fingerprint [size] of those samples. */
ws_row_result ws_source_make_evaluation_row(ws_source *source, ws_source_worker *worker, ws_set set,
                                            size_t i, float *features);

/**
 * Says what is to be said of a clip that was just met: once each if broken (or, if strict, as an
 * error), once a run if resampled, once a run if its header is wrong.
 */
WS_MUST_CHECK ws_status ws_source_report_clip(ws_source *source, const ws_clip *clip,
                                              ws_error *err);

#endif
