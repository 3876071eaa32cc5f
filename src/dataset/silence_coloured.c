/* Noise of electronics and of air: white (even), pink (3 dB less for each octave up) and brown (6
 * dB less). */
#include "dataset/silence_kind.h"

/** Even between -1 and 1 in triangles, two samples of 32 random bits. */
static void fill_white(ws_random *random, float *out, size_t n)
{
    for (size_t i = 0; i < n; i += 2) {
        const uint32_t bits = ws_random_bits(random);
        for (size_t k = 0; k < 2 && i + k < n; k++) {
            const uint32_t half = bits >> 16 * k & 0xffff;
            out[i + k] = ((float)(half >> 8) - (float)(half & 0xff)) / 255.0f;
        }
    }
}

/** Three low-passes side by side, whose sum falls by 3 dB an octave within 0.5 dB (Paul Kellet's
 *  economical filter). */
static void make_pink(float *samples, size_t n)
{
    double a = 0.0, b = 0.0, c = 0.0;

    for (size_t i = 0; i < n; i++) {
        const double x = (double)samples[i];
        a = 0.99765 * a + 0.0990460 * x;
        b = 0.96300 * b + 0.2965164 * x;
        c = 0.57000 * c + 1.0526913 * x;
        samples[i] = (float)(a + b + c + 0.1848 * x);
    }
}

/** A sum that forgets: without that it would leave the middle. */
static void make_brown(float *samples, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++) {
        sum = 0.98 * sum + (double)samples[i];
        samples[i] = (float)sum;
    }
}

void ws_silence_fill_coloured(ws_random *random, float *out, size_t n)
{
    const uint32_t colour = ws_random_below(random, 3);

    fill_white(random, out, n);
    if (colour == 1)
        make_pink(out, n);
    else if (colour == 2)
        make_brown(out, n);
}

static ws_status make(const ws_silence_parts *parts, ws_random *random, float *out)
{
    ws_silence_fill_coloured(random, out, parts->n_samples);
    return WS_OK;
}

const ws_silence_kind ws_silence_coloured = {
    .name = "coloured", .percent = 20, .make = make, .lowest_dbfs = -90.0, .highest_dbfs = -10.0};
