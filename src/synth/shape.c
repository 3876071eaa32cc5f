#include "synth/shape.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "synth/noise.h"

#define SILENCE_RATIO  0.005 /* of the peak: -46 dB */
#define MARGIN_SECONDS 0.03
#define N_ECHOES       5
#define MAX_ECHO_DELAY 900 /* samples: 56 ms at 16 kHz, a room of some ten metres */
#define MIN_PEAK_DB    (-18.0)
#define MAX_PEAK_DB    (-1.0)
#define MIN_SNR_DB     18.0
#define MAX_SNR_DB     46.0

static double uniform(ws_random *random, double low, double high)
{
    return low + (high - low) * ws_random_uniform(random);
}

static double from_db(double db)
{
    return pow(10.0, db / 20.0);
}

static double find_peak(const float *samples, size_t n_samples)
{
    double peak = 0.0;
    for (size_t i = 0; i < n_samples; i++)
        peak = fmax(peak, fabs((double)samples[i]));
    return peak;
}

void ws_synth_set_peak(float *samples, size_t n_samples, double peak)
{
    const double old = find_peak(samples, n_samples);
    if (old > 0.0)
        for (size_t i = 0; i < n_samples; i++)
            samples[i] = (float)((double)samples[i] * (peak / old));
}

ws_synth_span ws_synth_find_speech(const float *samples, size_t n_samples, int sample_rate_hz)
{
    const double threshold = SILENCE_RATIO * find_peak(samples, n_samples);
    const size_t margin = (size_t)(MARGIN_SECONDS * sample_rate_hz);
    size_t start = 0, end = n_samples;

    /* a peak of zero lets the second loop run down to the first: nothing is louder than it */
    while (start < n_samples && fabs((double)samples[start]) <= threshold)
        start++;
    while (end > start && fabs((double)samples[end - 1]) <= threshold)
        end--;
    if (start == end)
        return (ws_synth_span){.start = 0, .n = 0};
    start = start > margin ? start - margin : 0;
    end = n_samples - end > margin ? end + margin : n_samples;
    return (ws_synth_span){.start = start, .n = end - start};
}

/** Adds a few decaying echoes in place; to every other clip, as not every room has them. */
static void add_echoes(float *clip, size_t n_clip, ws_random *random)
{
    const bool is_dry = ws_random_below(random, 2) == 0;
    size_t delay[N_ECHOES];
    double gain[N_ECHOES];

    for (size_t k = 0; k < N_ECHOES; k++) {
        delay[k] = 40 + ws_random_below(random, MAX_ECHO_DELAY - 40);
        gain[k] = uniform(random, -0.2, 0.2) * exp(-2.0 * (double)delay[k] / MAX_ECHO_DELAY);
    }
    if (is_dry)
        return;
    for (size_t i = n_clip; i-- > 0;) { /* from the end: reads only samples that are still dry */
        double sum = (double)clip[i];
        for (size_t k = 0; k < N_ECHOES; k++)
            if (i >= delay[k])
                sum += gain[k] * (double)clip[i - delay[k]];
        clip[i] = (float)sum;
    }
}

/** A microphone that is duller or sharper than another: y[i] = x[i] + tilt * x[i-1]. */
static void tilt_spectrum(float *clip, size_t n_clip, ws_random *random)
{
    const double tilt = uniform(random, -0.4, 0.4);
    double before = 0.0;
    for (size_t i = 0; i < n_clip; i++) {
        const double now = (double)clip[i];
        clip[i] = (float)(now + tilt * before);
        before = now;
    }
}

/** Adds white and pink noise in a drawn mixture at a drawn distance below the clip's peak. */
static void add_noise(float *clip, size_t n_clip, double peak, ws_random *random)
{
    const double level = peak * from_db(-uniform(random, MIN_SNR_DB, MAX_SNR_DB)) / 2.0;
    const double white_share = ws_random_uniform(random);
    ws_synth_pink pink = {{0.0}};

    for (size_t i = 0; i < n_clip; i++) {
        const double noise = white_share * ws_synth_white(random) +
                             (1.0 - white_share) * 2.0 * ws_synth_pink_next(&pink, random);
        const double sum = (double)clip[i] + level * noise;
        clip[i] = (float)fmax(-1.0, fmin(1.0, sum));
    }
}

void ws_synth_shape_clip(const float *speech, size_t n_speech, float *clip, size_t n_clip,
                         ws_random *random)
{
    assert(n_speech <= n_clip);
    /* Within the middle half of what is free: training shifts clips by 100 ms either way and
     * should not cut a word in two. */
    const double place = uniform(random, 0.25, 0.75);
    const size_t start = (size_t)(place * (double)(n_clip - n_speech));
    const double peak = from_db(uniform(random, MIN_PEAK_DB, MAX_PEAK_DB));

    memset(clip, 0, n_clip * sizeof *clip);
    memcpy(clip + start, speech, n_speech * sizeof *speech);
    add_echoes(clip, n_clip, random);
    tilt_spectrum(clip, n_clip, random);
    ws_synth_set_peak(clip, n_clip, peak);
    add_noise(clip, n_clip, peak, random);
}
