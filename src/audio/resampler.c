#include "audio/resampler.h"

#include <assert.h>
#include <samplerate.h>
#include <stdint.h>
#include <stdlib.h>

#include "audio/sound.h"

struct ws_resampler {
    SRC_STATE *state;
    double ratio;
};

static ws_status check_ratio(int from_hz, int to_hz, double *ratio, ws_error *err)
{
    *ratio = (double)to_hz / (double)from_hz;
    if (src_is_valid_ratio(*ratio))
        return WS_OK;
    return ws_fail(err, WS_EFORMAT,
                   "cannot convert from %d to %d samples a second: more than "
                   "256 times apart",
                   from_hz, to_hz);
}

ws_status ws_sound_resample(ws_sound *sound, int sample_rate_hz, ws_error *err)
{
    assert(sample_rate_hz > 0 && sound->sample_rate_hz > 0);
    if (sound->sample_rate_hz == sample_rate_hz || sound->n_samples == 0) {
        sound->sample_rate_hz = sample_rate_hz;
        return WS_OK;
    }
    double ratio;
    const ws_status status = check_ratio(sound->sample_rate_hz, sample_rate_hz, &ratio, err);
    if (status != WS_OK)
        return status;
    const uint64_t n_out = ((uint64_t)sound->n_samples * (uint64_t)sample_rate_hz +
                            (uint64_t)sound->sample_rate_hz - 1) /
                           (uint64_t)sound->sample_rate_hz;
    if (n_out > WS_SOUND_MAX_SAMPLES)
        return ws_fail(err, WS_ELIMIT, "longer than %zu samples at %d samples a second",
                       WS_SOUND_MAX_SAMPLES, sample_rate_hz);
    float *converted = malloc((size_t)n_out * sizeof *converted);
    if (converted == NULL)
        return ws_fail_memory(err, "a resampled sound");
    SRC_DATA job = {
        .data_in = sound->samples,
        .data_out = converted,
        .input_frames = (long)sound->n_samples,
        .output_frames = (long)n_out,
        .src_ratio = ratio,
    };
    const int fault = src_simple(&job, SRC_SINC_BEST_QUALITY, 1);
    if (fault != 0) {
        free(converted);
        return ws_fail(err, WS_EFORMAT, "cannot convert from %d to %d samples a second: %s",
                       sound->sample_rate_hz, sample_rate_hz, src_strerror(fault));
    }
    free(sound->samples);
    *sound = (ws_sound){converted, (size_t)job.output_frames_gen, sample_rate_hz};
    return WS_OK;
}

ws_status ws_resampler_create(int from_hz, int to_hz, ws_resampler **resampler, ws_error *err)
{
    double ratio;
    int fault = 0;

    *resampler = NULL;
    const ws_status status = check_ratio(from_hz, to_hz, &ratio, err);
    if (status != WS_OK)
        return status;
    ws_resampler *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "converting a sound");
    made->ratio = ratio;
    made->state = src_new(SRC_SINC_BEST_QUALITY, 1, &fault);
    if (made->state == NULL) {
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
        (void)src_delete(resampler->state);
    free(resampler);
}

size_t ws_resampler_run(ws_resampler *resampler, const ws_resampler_job *job, size_t *n_used)
{
    SRC_DATA data = {
        .data_in = job->in,
        .input_frames = (long)job->n_in,
        .data_out = job->out,
        .output_frames = (long)job->n_out,
        .src_ratio = resampler->ratio,
        .end_of_input = job->is_last,
    };
    const int fault = src_process(resampler->state, &data);

    /* it can only fail for a wrong ratio or pointer */
    assert(fault == 0);
    (void)fault;
    *n_used = (size_t)data.input_frames_used;
    return (size_t)data.output_frames_gen;
}
