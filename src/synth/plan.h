/** All that synth is going to make, as a list of files. Private to synth. */
#ifndef WS_SYNTH_PLAN_H
#define WS_SYNTH_PLAN_H

#include <stddef.h>

#include "base/status.h"
#include "base/text.h"
#include "synth/synth.h"

/** One clip; its index in the plan is its stream of random numbers. */
typedef struct ws_synth_clip {
    size_t word;       /* in ws_synth_plan.words */
    size_t speaker;    /* ws_synth_speaker_init()'s index */
    size_t repetition; /* the n of its file name */
} ws_synth_clip;

typedef struct ws_synth_plan {
    ws_text_list words; /* the wanted, then the unknown */
    size_t n_wanted;
    size_t n_speakers;
    ws_synth_clip *clips; /* [n_clips] owned, word by word */
    size_t n_clips;
    ws_text_list clip_paths;  /* [n_clips] */
    ws_text_list noise_paths; /* [options->n_background_files] */
} ws_synth_plan;

/**
 * Checks the options and lists the files. Touches no disk.
 *
 * @return WS_OK, or WS_EINVAL with a sentence that names the option and what is possible
 */
WS_MUST_CHECK ws_status ws_synth_plan_init(ws_synth_plan *plan, const ws_synth_options *options,
                                           ws_error *err);
/** All zeros is fine. */
void ws_synth_plan_deinit(ws_synth_plan *plan);

#endif
