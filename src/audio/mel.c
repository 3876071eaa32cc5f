#include "audio/mel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fft/real_plan.h"

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

static void map_bins(ws_mel *mel, double hz_per_bin)
{
    const ws_mel_options *options = &mel->options;
    int next = 0; /* the first triangle whose top is not below the bin */

    for (size_t i = mel->first_bin; i < mel->end_bin; i++) {
        const double position = mel_of((double)i * hz_per_bin);
        while (next <= (int)options->n_bands && centre_of(options, next) < position)
            next++;
        /* between the tops of band and band + 1; those of -1 and n_bands are the scale's ends */
        const int band = next - 1;
        const double left = centre_of(options, band), right = centre_of(options, band + 1);
        mel->bands[i] = band;
        mel->weights[i] = (right - position) / (right - left);
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

    *mel = (ws_mel){.options = *options};
    mel->first_bin = (size_t)(1.5 + options->lower_hz / hz_per_bin);
    mel->end_bin = (size_t)(options->upper_hz / hz_per_bin) + 1;
    if (mel->end_bin > options->n_bins)
        return ws_fail(err, WS_EINVAL,
                       "mel bands up to %g Hz need a sample rate of at least %g Hz, not %g",
                       options->upper_hz, 2.0 * options->upper_hz, options->sample_rate_hz);
    mel->bands = calloc(options->n_bins, sizeof *mel->bands);
    mel->weights = calloc(options->n_bins, sizeof *mel->weights);
    if (mel->bands == NULL || mel->weights == NULL) {
        ws_mel_deinit(mel);
        return ws_fail_memory(err, "mel bands");
    }
    map_bins(mel, hz_per_bin);
    count_missing(mel);
    return WS_OK;
}

void ws_mel_deinit(ws_mel *mel)
{
    free(mel->bands);
    free(mel->weights);
    *mel = (ws_mel){0};
}

void ws_mel_run(const ws_mel *mel, const double *power, double *out)
{
    const int n_bands = (int)mel->options.n_bands;

    memset(out, 0, mel->options.n_bands * WS_FFT_LANES * sizeof *out);
    for (size_t i = mel->first_bin; i < mel->end_bin; i++) {
        const double weight = mel->weights[i];
        const int band = mel->bands[i];
        double whole[WS_FFT_LANES], part[WS_FFT_LANES];
        for (size_t lane = 0; lane < WS_FFT_LANES; lane++) {
            whole[lane] = sqrt(power[i * WS_FFT_LANES + lane]);
            part[lane] = whole[lane] * weight;
        }
        if (band >= 0) {
            double *row = out + (size_t)band * WS_FFT_LANES;
            for (size_t lane = 0; lane < WS_FFT_LANES; lane++)
                row[lane] += part[lane];
        }
        if (band + 1 < n_bands) {
            double *row = out + (size_t)(band + 1) * WS_FFT_LANES;
            for (size_t lane = 0; lane < WS_FFT_LANES; lane++)
                row[lane] += whole[lane] - part[lane];
        }
    }
}
