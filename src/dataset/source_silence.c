/* Silence as microphones give it, for the rows of a source. */
#include "dataset/labels.h"
#include "dataset/source_internal.h"

/** Whose clips the ends are of. */
typedef struct clips {
    ws_source *source;
    ws_source_worker *worker;
    ws_set set;
} clips;

static ws_status read_clip(void *user, ws_random *random, ws_samples *samples)
{
    const clips *from = user;
    const ws_index *index = from->source->options.index;
    const size_t n = ws_index_n_clips(index, from->set);
    const ws_clip clip = ws_index_clip(index, from->set, ws_random_below(random, (uint32_t)n));
    const bool keep = from->set == WS_SET_TRAINING;

    if (clip.label == WS_SILENCE_INDEX)
        return WS_ENOTFOUND;
    const ws_status status =
        ws_clip_store_read(from->source->clips, &(ws_clip_request){clip.path, clip.file, keep},
                           from->worker->clip, samples);
    return status == WS_OK || status == WS_ENOMEM ? status : WS_ENOTFOUND;
}

ws_row_result ws_source_make_silence(ws_source *source, ws_source_worker *worker, ws_set set,
                                     ws_random *random, float *out)
{
    clips from = {.source = source, .worker = worker, .set = set};
    const ws_silence_parts parts = {
        .noise = source->options.noise,
        .sample_rate_hz = source->settings->sample_rate_hz,
        .n_samples = source->settings->desired_samples,
        .level = source->settings->level,
        .read_clip = read_clip,
        .user = &from,
    };
    return ws_silence_make(&parts, random, out) == WS_OK ? WS_ROW_GOOD : WS_ROW_NO_MEMORY;
}
