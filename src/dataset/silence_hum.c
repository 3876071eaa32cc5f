/* The hum of the mains: 50 or 60 Hz and its harmonics, each weaker by a random amount, over hiss.
 */
#include <math.h>

#include "dataset/silence_kind.h"

enum { MAX_HARMONICS = 12 };

static const double two_pi = 6.283185307179586;

/** Adds a tone, by a rotation for each sample instead of a sine. */
static void add_tone(double amplitude, double radians, double phase, float *out, size_t n)
{
    const double c = cos(radians), s = sin(radians);
    double x = amplitude * cos(phase), y = amplitude * sin(phase);

    for (size_t i = 0; i < n; i++) {
        const double turned = c * x - s * y;
        out[i] += (float)y;
        y = s * x + c * y;
        x = turned;
    }
}

static ws_status make(const ws_silence_parts *parts, ws_random *random, float *out)
{
    /* networks stray by a few tenths of a hertz */
    const double hz =
        (ws_random_below(random, 2) == 0 ? 50.0 : 60.0) + 0.4 * (ws_random_uniform(random) - 0.5);
    const uint32_t n_harmonics = 1 + ws_random_below(random, MAX_HARMONICS);
    const float hiss = (float)pow(10.0, -0.5 - 2.0 * ws_random_uniform(random));
    double amplitude = 1.0;

    ws_silence_fill_coloured(random, out, parts->n_samples);
    for (size_t i = 0; i < parts->n_samples; i++)
        out[i] *= hiss;
    for (uint32_t k = 1; k <= n_harmonics; k++) {
        const double radians = two_pi * hz * k / parts->sample_rate_hz;
        const double phase = two_pi * ws_random_uniform(random);
        if (radians < two_pi / 2.0)
            add_tone(amplitude, radians, phase, out, parts->n_samples);
        amplitude *= 0.3 + 0.7 * ws_random_uniform(random);
    }
    return WS_OK;
}

const ws_silence_kind ws_silence_hum = {
    .name = "hum", .percent = 10, .make = make, .lowest_dbfs = -90.0, .highest_dbfs = -10.0};
