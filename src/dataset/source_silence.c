/* Silence as microphones give it, for the rows of a source. Half of it is as long as a clip and ends
 * with zeros, like a word in a window that is longer than its clip. Otherwise a network learns that
 * zeros come after words only, and takes a second of noise with zeros after it for a word. */
#include <string.h>

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

/** Leaves as much of out [n] as a clip drawn at random has, and zeros after it. */
static ws_status cut_like_a_clip(clips *from, ws_random *random, float *out, size_t n)
{
    ws_samples clip;

    const ws_status status = read_clip(from, random, &clip);
    if (status == WS_OK && clip.n < n)
        memset(out + clip.n, 0, (n - clip.n) * sizeof *out);
    return status == WS_ENOTFOUND ? WS_OK : status;
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
    ws_status status = ws_silence_make(&parts, random, out);

    if (status == WS_OK && ws_random_below(random, 2) == 0)
        status = cut_like_a_clip(&from, random, out, parts.n_samples);
    return status == WS_OK ? WS_ROW_GOOD : WS_ROW_NO_MEMORY;
}
