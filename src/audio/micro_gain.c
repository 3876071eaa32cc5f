#include "audio/micro_gain.h"

#include <math.h>

enum {
    GAIN_BITS = 21,       /* of a gain's fraction */
    SNR_BITS = 12,        /* of a level's over its noise */
    WEIGHT_ROOT_BITS = 6, /* what the weights of the channels add to the root of an energy */
    ESTIMATE_BITS = 32,
    MAX_GAIN = 32767,
};

static const float strength = 0.95f, offset = 80.0f;

/** What the gains are worked out with. */
typedef struct gain_curve {
    int input_bits; /* of a noise estimate's fraction */
    bool is_device;
} gain_curve;

/** The gain for a noise estimate x. */
static int16_t gain_of(uint32_t x, const gain_curve *curve)
{
    const float noise = (float)x / (float)((uint32_t)1 << curve->input_bits);
    const float gain = (float)((uint32_t)1 << GAIN_BITS) * powf(noise + offset, -strength);
    if (gain > (float)MAX_GAIN)
        return MAX_GAIN;
    return curve->is_device ? (int16_t)(gain + 0.5f) : (int16_t)((double)gain + 0.5);
}

/** A parabola through the curve at both ends and in the middle; n_bits 2 or more. */
static void fit_stretch(ws_micro_gain *gain, int n_bits, const gain_curve *curve)
{
    const uint32_t x0 = (uint32_t)1 << (n_bits - 1);
    const uint32_t x2 = n_bits == ESTIMATE_BITS ? x0 + (x0 - 1) : 2 * x0;
    const int32_t start = gain_of(x0, curve);
    const int32_t to_middle = gain_of(x0 + x0 / 2, curve) - start;
    const int32_t to_end = gain_of(x2, curve) - start;
    const int32_t slope = 4 * to_middle - to_end;
    gain->starts_and_slopes[n_bits] = (int32_t)((uint32_t)slope << 16 | (uint32_t)start);
    gain->bends[n_bits] = (int16_t)(to_end - slope);
}

static int log2_of(size_t power_of_two)
{
    int log2 = 0;
    while ((size_t)1 << log2 < power_of_two)
        log2++;
    return log2;
}

static int32_t log_correction(int segment)
{
    const double x = (double)segment / WS_MICRO_LOG_SEGMENTS;
    return (int32_t)lround(65536.0 * (log2(1.0 + x) - x));
}

void ws_micro_gain_init(ws_micro_gain *gain, size_t fft_length, bool is_device)
{
    const int lost_bits = log2_of(fft_length) - WEIGHT_ROOT_BITS;
    const gain_curve curve = {.input_bits = WS_MICRO_NOISE_BITS - lost_bits,
                              .is_device = is_device};

    *gain = (ws_micro_gain){
        .starts_and_slopes = {gain_of(0, &curve), gain_of(1, &curve)},
        .snr_shift = GAIN_BITS - lost_bits - SNR_BITS,
        .log_shift = lost_bits,
    };
    for (int n_bits = 2; n_bits <= ESTIMATE_BITS; n_bits++)
        fit_stretch(gain, n_bits, &curve);
    for (int i = 0; i < WS_MICRO_LOG_SEGMENTS; i++) {
        const int32_t here = log_correction(i);
        gain->log_corrections[i] = here + (log_correction(i + 1) - here) * 65536;
    }
}
