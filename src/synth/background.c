#include "synth/background.h"

#include <stdlib.h>

#include "audio/sound.h"
#include "base/random.h"
#include "synth/noise.h"
#include "synth/shape.h"
#include "synth/speaker.h"
#include "synth/synth.h"

#define PEAK            0.7
#define VOICES_A_SECOND 5 /* the number that talk at a time, as clips are one second long */
#define BABBLE_NAME     "babble"

/* The computed kinds first, the babble last. */
static size_t n_noise_kinds(void)
{
    size_t n = 0;
    while (ws_synth_noise_kind_at(n) != NULL)
        n++;
    return n;
}

const char *ws_synth_background_name(size_t i)
{
    const ws_synth_noise_kind *kind = ws_synth_noise_kind_at(i);
    if (kind != NULL)
        return kind->name;
    return i == n_noise_kinds() ? BABBLE_NAME : NULL;
}

/** Draws a clip of a training speaker: background noise is heard in training, and who is to be
 *  recognised in validation and testing should not be heard there. */
static const char *draw_clip(const ws_synth_plan *plan, ws_random *random)
{
    for (;;) {
        const size_t i = ws_random_below(random, (uint32_t)plan->n_clips);
        if (ws_synth_speaker_is_training(plan->clips[i].speaker))
            return plan->clip_paths.items[i];
    }
}

/** People talking across each other: clips at random places, the last cut off. */
static ws_status fill_babble(float *samples, size_t n, const ws_synth_plan *plan, ws_random *random,
                             ws_error *err)
{
    const size_t n_voices = 1 + n / WS_SYNTH_SAMPLE_RATE_HZ * VOICES_A_SECOND;

    for (size_t i = 0; i < n_voices; i++) {
        const char *path = draw_clip(plan, random);
        const size_t start = ws_random_below(random, (uint32_t)n);
        ws_sound clip;
        const ws_status status = ws_sound_read(path, 0, &clip, err);
        if (status != WS_OK)
            return status;
        for (size_t k = 0; k < clip.n_samples && start + k < n; k++)
            samples[start + k] += clip.samples[k];
        ws_sound_deinit(&clip);
    }
    return WS_OK;
}

ws_status ws_synth_background_write(const char *path, size_t kind, uint64_t seed, size_t n_samples,
                                    const ws_synth_plan *plan, ws_error *err)
{
    const ws_synth_noise_kind *noise = ws_synth_noise_kind_at(kind);
    float *samples = calloc(n_samples, sizeof *samples);
    ws_status status = WS_OK;
    ws_random random;

    if (samples == NULL)
        return ws_fail_memory(err, path);
    ws_random_init(&random, seed, WS_RANDOM_SYNTH, WS_SYNTH_STREAM_BACKGROUND, (uint32_t)kind);
    if (noise != NULL)
        noise->fill(samples, n_samples, &random);
    else
        status = fill_babble(samples, n_samples, plan, &random, err);
    if (status == WS_OK) {
        ws_synth_set_peak(samples, n_samples, PEAK);
        status = ws_sound_write(path, samples, n_samples, WS_SYNTH_SAMPLE_RATE_HZ, err);
    }
    free(samples);
    return status;
}
