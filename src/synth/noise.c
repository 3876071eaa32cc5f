#include "synth/noise.h"

#include <math.h>

#include "synth/synth.h"

#define PI 3.14159265358979323846

static double uniform(ws_random *random, double low, double high)
{
    return low + (high - low) * ws_random_uniform(random);
}

/* One word of randomness a sample, not two as ws_random_uniform: there are millions. */
double ws_synth_white(ws_random *random)
{
    return (double)ws_random_bits(random) / 2147483648.0 - 1.0;
}

/* Three one-pole low passes whose sum falls by 3 dB an octave; the coefficients are Paul Kellet's
 * well-known "economy" ones, scaled down to stay near +-1. */
double ws_synth_pink_next(ws_synth_pink *pink, ws_random *random)
{
    static const double pole[3] = {0.99765, 0.96300, 0.57000};
    static const double gain[3] = {0.0990460, 0.2965164, 1.0526913};
    const double white = ws_synth_white(random);
    double sum = 0.1848 * white;
    for (int k = 0; k < 3; k++) {
        pink->state[k] = pole[k] * pink->state[k] + gain[k] * white;
        sum += pink->state[k];
    }
    return sum / 5.0;
}

static void fill_white(float *samples, size_t n, ws_random *random)
{
    for (size_t i = 0; i < n; i++)
        samples[i] = (float)ws_synth_white(random);
}

static void fill_pink(float *samples, size_t n, ws_random *random)
{
    ws_synth_pink pink = {{0.0}};
    for (size_t i = 0; i < n; i++)
        samples[i] = (float)ws_synth_pink_next(&pink, random);
}

/** A transformer and a fan: harmonics of 50 Hz over brown noise (-6 dB an octave). */
static void fill_hum(float *samples, size_t n, ws_random *random)
{
    enum { N_HARMONICS = 8 };
    double gain[N_HARMONICS], phase[N_HARMONICS], brown = 0.0;

    for (int k = 0; k < N_HARMONICS; k++) {
        gain[k] = uniform(random, 0.3, 1.0) / (k + 1);
        phase[k] = uniform(random, 0.0, 2.0 * PI);
    }
    for (size_t i = 0; i < n; i++) {
        const double t = (double)i / WS_SYNTH_SAMPLE_RATE_HZ;
        brown = 0.995 * brown + 0.1 * ws_synth_white(random);
        double sum = brown;
        for (int k = 0; k < N_HARMONICS; k++)
            sum += 0.5 * gain[k] * sin(2.0 * PI * 50.0 * (k + 1) * t + phase[k]);
        samples[i] = (float)sum;
    }
}

/** Adds a struck plate or glass: a few inharmonic partials that die away. */
static void add_clink(float *samples, size_t n, ws_random *random)
{
    enum { N_PARTIALS = 4 };
    const double strength = uniform(random, 0.2, 1.0);
    const double pitch_hz = exp(uniform(random, log(900.0), log(3200.0)));
    const double decay_s = uniform(random, 0.02, 0.15);

    for (int k = 0; k < N_PARTIALS; k++) {
        const double hz = pitch_hz * (1.0 + k * uniform(random, 0.4, 0.9));
        const double gain = strength / (k + 1);
        for (size_t i = 0; i < n && hz < WS_SYNTH_SAMPLE_RATE_HZ / 2.0; i++) {
            const double t = (double)i / WS_SYNTH_SAMPLE_RATE_HZ;
            samples[i] += (float)(gain * exp(-t / decay_s) * sin(2.0 * PI * hz * t));
        }
    }
}

/** Someone at the sink: clinks over running water. */
static void fill_dishes(float *samples, size_t n, ws_random *random)
{
    const size_t longest = (size_t)WS_SYNTH_SAMPLE_RATE_HZ / 2;
    ws_synth_pink pink = {{0.0}};

    for (size_t i = 0; i < n; i++)
        samples[i] = (float)(0.15 * ws_synth_pink_next(&pink, random));
    for (size_t i = ws_random_below(random, (uint32_t)longest); i < n;
         i += 400 + ws_random_below(random, (uint32_t)longest))
        add_clink(samples + i, n - i < longest ? n - i : longest, random);
}

/** A tap: white noise through a resonance that wanders, swelling and falling. */
static void fill_tap(float *samples, size_t n, ws_random *random)
{
    double band = 0.0, low = 0.0, target_hz = 1000.0, hz = 1000.0;

    for (size_t i = 0; i < n; i++) {
        if (i % 1600 == 0)
            target_hz = uniform(random, 500.0, 2000.0);
        hz += 0.0005 * (target_hz - hz);
        /* the two-pole state-variable filter, damping 0.8 */
        const double f = 2.0 * sin(PI * hz / WS_SYNTH_SAMPLE_RATE_HZ);
        low += f * band;
        band += f * (ws_synth_white(random) - low - 0.8 * band);
        samples[i] =
            (float)(band * (1.0 + 0.3 * sin(2.0 * PI * 0.7 * (double)i / WS_SYNTH_SAMPLE_RATE_HZ)));
    }
}

static const ws_synth_noise_kind kinds[] = {
    {"white_noise", fill_white},       {"pink_noise", fill_pink}, {"mains_hum", fill_hum},
    {"doing_the_dishes", fill_dishes}, {"running_tap", fill_tap},
};

const ws_synth_noise_kind *ws_synth_noise_kind_at(size_t i)
{
    return i < sizeof kinds / sizeof *kinds ? &kinds[i] : NULL;
}
