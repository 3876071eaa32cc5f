/** What the parts of a wake source share. Private to dataset/. */
#ifndef WS_DATASET_WAKE_INTERNAL_H
#define WS_DATASET_WAKE_INTERNAL_H

#include "base/arena.h"
#include "base/random.h"
#include "dataset/rooms.h"
#include "dataset/speed.h"
#include "dataset/tempo.h"
#include "dataset/wake_clips.h"

/** Clips to draw from: each alike, or each second of them alike. */
typedef struct ws_wake_pool {
    size_t *items;  /* [n_items] owned, into clips */
    uint64_t *ends; /* [n_items] owned: samples of the clips up to and including this one */
    size_t n_items;
} ws_wake_pool;

/** A thread's own memory. */
typedef struct ws_wake_worker {
    float *track;   /* [n_samples] the speech of a window */
    float *chunk;   /* [n_wide] a stretch of a recording */
    float *changed; /* [n_wide] the same at another speed */
    float *scratch; /* of ws_speed_run and ws_tempo_run, for n_wide */
    void *room;     /* [ws_rooms_work_bytes] */
} ws_wake_worker;

enum { WS_WAKE_N_FLOORS = 12 };

struct ws_wake_source {
    ws_wake_options options;
    ws_wake_clips clips;
    ws_wake_pool *pools; /* [n_folders + WS_WAKE_N_KINDS] owned: of folders, then of kinds */
    double total_share;
    ws_speed *speed; /* NULL: no change wanted */
    size_t n_pad;    /* n_wide = n_pad + n_samples + n_pad: what a faster window takes */
    size_t n_wide;
    ws_rooms *rooms; /* NULL: none wanted */
    float *floors;   /* [WS_WAKE_N_FLOORS, n_floor] coloured noise of the power 1 */
    size_t n_floor;
    ws_arena arena;
    ws_wake_worker *workers; /* [n_threads] */
    ws_wake_place *hard;     /* [n_hard] owned */
    size_t n_hard;
    double hard_share;
};

/** The clips of a kind. */
const ws_wake_pool *ws_wake_pool_of_kind(const ws_wake_source *source, ws_wake_kind kind);

/** A clip of a pool that is not empty, each alike. */
const ws_wake_clip *ws_wake_pool_draw(const ws_wake_source *source, const ws_wake_pool *pool,
                                      ws_random *random);

/** A clip of a pool that is not empty, each second of sound alike. */
const ws_wake_clip *ws_wake_pool_draw_second(const ws_wake_source *source, const ws_wake_pool *pool,
                                             ws_random *random);

/**
 * Fills samples with pieces of phrases and of other speech in any order, of the mean power 1.
 *
 * @param samples  [n] overwritten
 */
void ws_wake_shuffle(const ws_wake_source *source, ws_random *random, float *samples, size_t n);

#endif
