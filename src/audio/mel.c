#include "audio/mel.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "audio/mel_kernels.h"

static double mel_of(double hz)
{
    return 1127.0 * log1p(hz / 700.0);
}

/** The mel position of the top of triangle band; -1 is the lower end of the scale. */
static double centre_of(const ws_mel_options *options, int band)
{
    const double low = mel_of(options->lower_hz);
    const double spacing = (mel_of(options->upper_hz) - low) / (double)(options->n_bands + 1);
    return low + spacing * (double)(band + 1);
}

static double hz_of(double mel)
{
    return 700.0 * expm1(mel / 1127.0);
}

static void map_bins(ws_mel *mel, double hz_per_bin)
{
    const ws_mel_options *options = &mel->options;
    const bool is_over_hz = options->sides == WS_MEL_SIDES_HZ;
    int next = 0; /* the first triangle whose top is not below the bin */

    for (size_t i = mel->first_bin; i < mel->end_bin; i++) {
        const double position = mel_of((double)i * hz_per_bin);
        while (next <= (int)options->n_bands && centre_of(options, next) < position)
            next++;
        /* between the tops of band and band + 1; those of -1 and n_bands are the scale's ends */
        const int band = next - 1;
        const double left = centre_of(options, band), right = centre_of(options, band + 1);
        mel->bands[i] = band;
        mel->weights[i] =
            is_over_hz ? (hz_of(right) - (double)i * hz_per_bin) / (hz_of(right) - hz_of(left))
                       : (right - position) / (right - left);
    }
}

/** Bins that rounding put after the last foot belong to no triangle. */
static void find_edges(ws_mel *mel)
{
    size_t i = mel->first_bin;
    for (int edge = 0; edge <= (int)mel->options.n_bands + 1; edge++) {
        while (i < mel->end_bin && mel->bands[i] < edge - 1)
            i++;
        mel->edges[edge] = i;
    }
}

/** Counts bands with less than half a bin in all: the geometry is too fine for the spectrum. */
static void count_missing(ws_mel *mel)
{
    for (size_t band = mel->options.n_bands; band-- > 0;) {
        double sum = 0.0;
        for (size_t i = mel->first_bin; i < mel->end_bin; i++) {
            if (mel->bands[i] == (int)band)
                sum += mel->weights[i];
            else if (mel->bands[i] == (int)band - 1)
                sum += 1.0 - mel->weights[i];
        }
        if (sum < 0.5) {
            mel->n_missing++;
            mel->first_missing = band;
        }
    }
}

ws_status ws_mel_init(ws_mel *mel, const ws_mel_options *options, ws_error *err)
{
    const double hz_per_bin = 0.5 * options->sample_rate_hz / (double)(options->n_bins - 1);

    *mel = (ws_mel){.options = *options, .level = ws_cpu_level_get_best()};
    mel->first_bin = (size_t)(1.5 + options->lower_hz / hz_per_bin);
    mel->end_bin = (size_t)(options->upper_hz / hz_per_bin) + 1;
    if (mel->end_bin > options->n_bins)
        return ws_fail(err, WS_EINVAL,
                       "mel bands up to %g Hz need a sample rate of at least %g Hz, not %g",
                       options->upper_hz, 2.0 * options->upper_hz, options->sample_rate_hz);
    mel->bands = calloc(options->n_bins, sizeof *mel->bands);
    mel->weights = calloc(options->n_bins, sizeof *mel->weights);
    mel->edges = calloc(options->n_bands + 2, sizeof *mel->edges);
    if (mel->bands == NULL || mel->weights == NULL || mel->edges == NULL) {
        ws_mel_deinit(mel);
        return ws_fail_memory(err, "mel bands");
    }
    map_bins(mel, hz_per_bin);
    find_edges(mel);
    count_missing(mel);
    return WS_OK;
}

void ws_mel_deinit(ws_mel *mel)
{
    free(mel->bands);
    free(mel->edges);
    free(mel->weights);
    *mel = (ws_mel){0};
}

void ws_mel_run(const ws_mel *mel, const double *power, double *out)
{
    ws_mel_kernels_get(mel->level)->mel(mel, power, out);
}

void ws_mel_run_power(const ws_mel *mel, const double *power, double *out)
{
    ws_mel_kernels_get(mel->level)->mel_power(mel, power, out);
}
