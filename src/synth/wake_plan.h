/** All clips of a wake word's voices: what is said, and by whom. Private to synth. */
#ifndef WS_SYNTH_WAKE_PLAN_H
#define WS_SYNTH_WAKE_PLAN_H

#include "base/text.h"
#include "synth/engine.h"
#include "synth/near_miss.h"
#include "synth/wake.h"

typedef enum ws_synth_wake_kind {
    WS_SYNTH_WAKE_POSITIVE,
    WS_SYNTH_WAKE_NEAR,
    WS_SYNTH_WAKE_SPEECH,
    WS_SYNTH_WAKE_N_KINDS,
} ws_synth_wake_kind;

/** The name of a kind, which is its folder's. */
const char *ws_synth_wake_kind_name(size_t kind);

/** One clip. */
typedef struct ws_synth_wake_clip {
    ws_synth_wake_kind kind;
    size_t number; /* of its kind */
    size_t engine; /* in the plan's engines */
    size_t voice;  /* of the engine */
    size_t near;   /* which near miss; SIZE_MAX for other kinds */
} ws_synth_wake_clip;

typedef struct ws_synth_wake_plan {
    const ws_synth_wake_options *options; /* borrowed */
    ws_synth_engines engines;
    ws_synth_near_misses near_misses;
    ws_synth_wake_clip *clips; /* [n_clips] owned, those of one engine and voice together */
    size_t n_clips;
    ws_text_list paths; /* of the clips, then of the noise */
} ws_synth_wake_plan;

/** Checks the options, finds the engines and draws all clips.
 *  @param plan  overwritten; ws_synth_wake_plan_deinit() it after success */
WS_MUST_CHECK ws_status ws_synth_wake_plan_init(ws_synth_wake_plan *plan,
                                                const ws_synth_wake_options *options,
                                                ws_error *err);
void ws_synth_wake_plan_deinit(ws_synth_wake_plan *plan);

/** How a clip is spoken. */
typedef struct ws_synth_wake_manner {
    ws_synth_saying saying; /* its text is below, its path is not set */
    double size;            /* of the throat: above 1 deeper, at the same speed */
    char text[256];
} ws_synth_wake_manner;

/** Draws it: the same for each call. */
void ws_synth_wake_plan_draw(const ws_synth_wake_plan *plan, const ws_synth_wake_clip *clip,
                             ws_synth_wake_manner *manner);

#endif
