#include "audio/micro_bank.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { WEIGHT_ONE = 4096 };

/* Single precision where the originals have it: the weights must come out the same to the bit. */

/**
 * The logarithm of 1 + x, x from 0.01 to 1000, as the C libraries of microcontrollers compute it in
 * single precision: by the method of FreeBSD's msun and of newlib, which is wrong by one in the
 * last place now and then. Other libraries round otherwise, and the weights are those of the device
 * on every machine.
 *
 * With 1 + x = 2^k (1 + f), f from -0.3 to 0.41, and s = f / (2 + f):
 * log(1 + f) = f - f^2 / 2 + s (f^2 / 2 + R), R a polynomial of s^2.
 */
static float device_log1p(float x)
{
    static const float ln2_high = 0x1.62e3p-1f, ln2_low = 0x1.2fefa2p-17f;
    static const float terms[] = {0x1.555556p-1f, 0x1.99999ap-2f, 0x1.24924ap-2f, 0x1.c71c52p-3f,
                                  0x1.74664ap-3f, 0x1.39a09ep-3f, 0x1.2f112ep-3f};
    const float sum = 1.0f + x;
    int k = 0;
    float f = x, lost = 0.0f; /* what rounding took from the sum, relative to it */

    if (x >= 0x1.a827aep-2f) { /* the root of 2, less 1: f is at most that */
        lost = (sum >= 2.0f ? 1.0f - (sum - x) : x - (sum - 1.0f)) / sum;
        float mantissa = 2.0f * frexpf(sum, &k);
        k--;
        if (mantissa >= 0x1.6a09eep+0f) {
            mantissa *= 0.5f;
            k++;
        }
        f = mantissa - 1.0f;
    }
    const float half_square = 0.5f * f * f;
    const float s = f / (2.0f + f), z = s * s;
    float rest = terms[6];
    for (int i = 5; i >= 0; i--)
        rest = terms[i] + z * rest;
    rest *= z;
    if (k == 0)
        return f - (half_square - s * (half_square + rest));
    const float whole = (float)k;
    return whole * ln2_high -
           ((half_square - (s * (half_square + rest) + (whole * ln2_low + lost))) - f);
}

typedef struct mel_scale {
    bool is_device;
    float hz_per_bin;
    float lower, step; /* mel */
} mel_scale;

static float mel_of(float hz, bool is_device)
{
    return is_device ? 1127.0f * device_log1p(hz / 700.0f)
                     : (float)(1127.0 * log1p((double)hz / 700.0));
}

static mel_scale make_scale(const ws_micro_bank_options *options)
{
    const float lower = mel_of(options->lower_hz, options->is_device);
    const float span = mel_of(options->upper_hz, options->is_device) - lower;
    return (mel_scale){
        .is_device = options->is_device,
        .hz_per_bin = (float)(0.5 * options->sample_rate_hz / (double)(options->n_bins - 1)),
        .lower = lower,
        .step = span / (float)(options->n_channels + 1),
    };
}

/** Where triangle i has its top; the foot of the first one for i = -1. */
static float top_of(const mel_scale *scale, int64_t i)
{
    return i < 0 ? scale->lower : scale->lower + scale->step * (float)(i + 1);
}

static float mel_of_bin(const mel_scale *scale, size_t bin)
{
    return mel_of((float)bin * scale->hz_per_bin, scale->is_device);
}

/** The edges; false if the bins do not suffice. */
static bool find_edges(ws_micro_bank *bank, const mel_scale *scale, size_t n_bins)
{
    size_t bin = bank->first_bin;

    for (size_t i = 0; i < bank->n_channels + 1; i++) {
        bank->edges[i] = bin;
        while (bin < n_bins && mel_of_bin(scale, bin) <= top_of(scale, (int64_t)i))
            bin++;
    }
    bank->edges[bank->n_channels + 1] = bank->end_bin = bin;
    return bin < n_bins;
}

/** A share in units of 1/4096, rounded in the precision of the original. */
static double weight_of(double share, bool is_device)
{
    return is_device ? (double)floorf((float)share * (float)WEIGHT_ONE + 0.5f)
                     : floor(share * WEIGHT_ONE + 0.5);
}

static void fill_weights(ws_micro_bank *bank, const mel_scale *scale)
{
    for (size_t i = 0; i < bank->n_channels + 1; i++) {
        const float top = top_of(scale, (int64_t)i), before = top_of(scale, (int64_t)i - 1);
        for (size_t bin = bank->edges[i]; bin < bank->edges[i + 1]; bin++) {
            const float share = (top - mel_of_bin(scale, bin)) / (top - before);
            bank->falling[bin] = weight_of((double)share, scale->is_device);
            bank->rising[bin] = weight_of(1.0 - (double)share, scale->is_device);
        }
    }
}

static size_t find_first_bin(const ws_micro_bank_options *options, float hz_per_bin)
{
    const float at = options->lower_hz / hz_per_bin;
    return options->is_device ? (size_t)(1.5f + at) : (size_t)(1.5 + (double)at);
}

ws_status ws_micro_bank_init(ws_micro_bank *bank, const ws_micro_bank_options *options,
                             ws_error *err)
{
    const mel_scale scale = make_scale(options);

    *bank = (ws_micro_bank){
        .n_channels = options->n_channels,
        .first_bin = find_first_bin(options, scale.hz_per_bin),
        .edges = malloc((options->n_channels + 2) * sizeof *bank->edges),
        .falling = calloc(options->n_bins, sizeof *bank->falling),
        .rising = calloc(options->n_bins, sizeof *bank->rising),
    };
    if (bank->edges == NULL || bank->falling == NULL || bank->rising == NULL) {
        ws_micro_bank_deinit(bank);
        return ws_fail_memory(err, "mel channels");
    }
    if (!find_edges(bank, &scale, options->n_bins)) {
        ws_micro_bank_deinit(bank);
        return ws_fail(err, WS_EINVAL,
                       "mel channels up to %g Hz at a sample rate of %d Hz: expected a rate above "
                       "twice of that",
                       (double)options->upper_hz, options->sample_rate_hz);
    }
    fill_weights(bank, &scale);
    return WS_OK;
}

void ws_micro_bank_deinit(ws_micro_bank *bank)
{
    free(bank->edges);
    free(bank->falling);
    free(bank->rising);
    *bank = (ws_micro_bank){0};
}
