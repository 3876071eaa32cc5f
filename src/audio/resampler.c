#include "audio/resampler.h"

#include <assert.h>
#include <soxr.h>
#include <stdint.h>
#include <stdlib.h>

enum { MAX_RATIO = 256 };

struct ws_resampler {
    soxr_t state;
};

ws_status ws_resampler_create(int from_hz, int to_hz, ws_resampler **resampler, ws_error *err)
{
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    const soxr_runtime_spec_t threads = soxr_runtime_spec(1);
    soxr_error_t fault = NULL;

    *resampler = NULL;
    assert(from_hz > 0 && to_hz > 0);
    if ((uint64_t)from_hz > (uint64_t)to_hz * MAX_RATIO ||
        (uint64_t)to_hz > (uint64_t)from_hz * MAX_RATIO)
        return ws_fail(err, WS_EFORMAT,
                       "cannot convert from %d to %d samples a second: more than %d times apart",
                       from_hz, to_hz, MAX_RATIO);
    ws_resampler *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "converting a sound");
    made->state = soxr_create(from_hz, to_hz, 1, &fault, NULL, &quality, &threads);
    if (made->state == NULL || fault != NULL) { /* nothing but memory can be missing */
        ws_resampler_destroy(made);
        return ws_fail_memory(err, "converting a sound");
    }
    *resampler = made;
    return WS_OK;
}

void ws_resampler_destroy(ws_resampler *resampler)
{
    if (resampler == NULL)
        return;
    if (resampler->state != NULL)
        soxr_delete(resampler->state);
    free(resampler);
}

ws_status ws_resampler_run(ws_resampler *resampler, const ws_resampler_job *job, size_t *n_used,
                           size_t *n_done, ws_error *err)
{
    /* no input at all is how libsoxr is told that the sound has ended */
    const float *in = job->is_last && job->n_in == 0 ? NULL : job->in;

    *n_used = *n_done = 0;
    const soxr_error_t fault = soxr_process(resampler->state, in, in != NULL ? job->n_in : 0,
                                            n_used, job->out, job->n_out, n_done);
    return fault == NULL ? WS_OK : ws_fail_memory(err, "converting a sound");
}

/** All of in, then what the filter still holds. *n_out, the room, becomes what was made. */
static ws_status convert_all(ws_resampler *resampler, const ws_sound *in, float *out, size_t *n_out,
                             ws_error *err)
{
    const size_t room = *n_out;
    size_t n_taken = 0, n_used, n_done;
    ws_status status = WS_OK;

    *n_out = 0;
    do {
        status = ws_resampler_run(resampler,
                                  &(ws_resampler_job){.in = in->samples + n_taken,
                                                      .n_in = in->n_samples - n_taken,
                                                      .is_last = true,
                                                      .out = out + *n_out,
                                                      .n_out = room - *n_out},
                                  &n_used, &n_done, err);
        n_taken += n_used;
        *n_out += n_done;
    } while (status == WS_OK && n_used + n_done > 0 && *n_out < room);
    return status;
}

ws_status ws_sound_resample(ws_sound *sound, int sample_rate_hz, ws_error *err)
{
    ws_resampler *resampler;

    assert(sample_rate_hz > 0 && sound->sample_rate_hz > 0);
    if (sound->sample_rate_hz == sample_rate_hz || sound->n_samples == 0) {
        sound->sample_rate_hz = sample_rate_hz;
        return WS_OK;
    }
    const uint64_t from_hz = (uint64_t)sound->sample_rate_hz, to_hz = (uint64_t)sample_rate_hz;
    ws_status status = ws_resampler_create(sound->sample_rate_hz, sample_rate_hz, &resampler, err);
    if (status != WS_OK)
        return status;
    const uint64_t most = ((uint64_t)sound->n_samples * to_hz + from_hz - 1) / from_hz;
    size_t n_out = (size_t)most;
    float *converted = NULL;
    if (most > WS_SOUND_MAX_SAMPLES)
        status = ws_fail(err, WS_ELIMIT, "longer than %zu samples at %d samples a second",
                         WS_SOUND_MAX_SAMPLES, sample_rate_hz);
    else if ((converted = malloc(n_out * sizeof *converted)) == NULL)
        status = ws_fail_memory(err, "a resampled sound");
    else
        status = convert_all(resampler, sound, converted, &n_out, err);
    ws_resampler_destroy(resampler);
    if (status != WS_OK) {
        free(converted);
        return status;
    }
    free(sound->samples);
    sound->samples = converted;
    sound->n_samples = n_out;
    sound->sample_rate_hz = sample_rate_hz;
    return WS_OK;
}
