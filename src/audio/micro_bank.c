#include "audio/micro_bank.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { WEIGHT_ONE = 4096 };

/* Single precision where the original has it: the weights must come out the same to the bit. */
static float mel_of(float hz)
{
    return (float)(1127.0 * log1p((double)hz / 700.0));
}

typedef struct mel_scale {
    float hz_per_bin;
    float lower, step; /* mel */
} mel_scale;

static mel_scale make_scale(const ws_micro_bank_options *options)
{
    const float lower = mel_of(options->lower_hz);
    const float span = mel_of(options->upper_hz) - lower;
    return (mel_scale){
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
    return mel_of((float)bin * scale->hz_per_bin);
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

static void fill_weights(ws_micro_bank *bank, const mel_scale *scale)
{
    for (size_t i = 0; i < bank->n_channels + 1; i++) {
        const float top = top_of(scale, (int64_t)i), before = top_of(scale, (int64_t)i - 1);
        for (size_t bin = bank->edges[i]; bin < bank->edges[i + 1]; bin++) {
            const float share = (top - mel_of_bin(scale, bin)) / (top - before);
            bank->falling[bin] = floor((double)share * WEIGHT_ONE + 0.5);
            bank->rising[bin] = floor((1.0 - (double)share) * WEIGHT_ONE + 0.5);
        }
    }
}

ws_status ws_micro_bank_init(ws_micro_bank *bank, const ws_micro_bank_options *options,
                             ws_error *err)
{
    const mel_scale scale = make_scale(options);

    *bank = (ws_micro_bank){
        .n_channels = options->n_channels,
        .first_bin = (size_t)(1.5 + (double)(options->lower_hz / scale.hz_per_bin)),
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
