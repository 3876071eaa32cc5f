#include "dataset/speed.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/augment_kernels.h"

enum { N_TAPS = WS_RESAMPLE_TAPS, N_PHASES = WS_RESAMPLE_PHASES, N_HALF = N_TAPS / 2 };

struct ws_speed {
    double most;
    float *taps; /* [WS_N_SPEEDS, N_PHASES, N_TAPS] owned */
};

double ws_speed_get_factor(const ws_speed *speed, size_t i)
{
    return 1.0 + speed->most * (2.0 * (double)i / (WS_N_SPEEDS - 1) - 1.0);
}

static double sinc(double x)
{
    const double at = 3.141592653589793 * x;
    return fabs(at) < 1e-9 ? 1.0 : sin(at) / at;
}

/** What a sample that lies t samples away counts: a sinc that ends at N_HALF under a Hann window.
 */
static double weight(double t, double cutoff)
{
    const double c = cos(3.141592653589793 / 2.0 * t / N_HALF);
    return fabs(t) >= N_HALF ? 0.0 : sinc(cutoff * t) * c * c;
}

/** The taps of one phase, which add up to 1: a constant stays one. */
static void fill_phase(double phase, double cutoff, float taps[N_TAPS])
{
    double sum = 0.0;

    for (int k = 0; k < N_TAPS; k++)
        sum += weight(k - (N_HALF - 1) - phase, cutoff);
    for (int k = 0; k < N_TAPS; k++)
        taps[k] = (float)(weight(k - (N_HALF - 1) - phase, cutoff) / sum);
}

ws_status ws_speed_create(double most, ws_speed **speed, ws_error *err)
{
    const size_t n = (size_t)WS_N_SPEEDS * N_PHASES * N_TAPS;

    *speed = NULL;
    ws_speed *made = calloc(1, sizeof *made);
    float *taps = malloc(n * sizeof *taps);
    if (made == NULL || taps == NULL) {
        free(made);
        free(taps);
        return ws_fail_memory(err, "--speed_perturbation");
    }
    *made = (ws_speed){.most = most, .taps = taps};
    for (size_t i = 0; i < WS_N_SPEEDS; i++) {
        const double factor = ws_speed_get_factor(made, i);
        for (size_t phase = 0; phase < N_PHASES; phase++, taps += N_TAPS)
            fill_phase((double)phase / N_PHASES, factor > 1.0 ? 1.0 / factor : 1.0, taps);
    }
    *speed = made;
    return WS_OK;
}

void ws_speed_destroy(ws_speed *speed)
{
    if (speed == NULL)
        return;
    free(speed->taps);
    free(speed);
}

size_t ws_speed_scratch(size_t n)
{
    return n + 2 * N_TAPS;
}

/** The clip with zeros before and after it, as far as taps reach. */
static void lay_out(const ws_samples *samples, size_t n_kept, float *padded)
{
    memset(padded, 0, N_TAPS * sizeof *padded);
    if (samples->int16 == NULL && n_kept > 0)
        memcpy(padded + N_TAPS, samples->floats, n_kept * sizeof *padded);
    else
        for (size_t i = 0; i < n_kept; i++)
            padded[N_TAPS + i] = (float)samples->int16[i] * (1.0f / 32768.0f);
    memset(padded + N_TAPS + n_kept, 0, N_TAPS * sizeof *padded);
}

/** The first i >= 0 whose place first + i * step is at least at; step is above 0. */
static int64_t find_place(int64_t first, int64_t step, int64_t at)
{
    return at <= first ? 0 : (at - first + step - 1) / step;
}

void ws_speed_run(const ws_speed *speed, size_t i, const ws_samples *samples, float *scratch,
                  float *out, size_t n, ws_cpu_level level)
{
    const size_t n_kept = samples->n < n ? samples->n : n;
    /* places in units of 1 / 2^32 sample, where the clip begins at N_TAPS samples */
    const int64_t unit = (int64_t)1 << 32;
    const int64_t step = (int64_t)llround(ws_speed_get_factor(speed, i) * (double)unit);
    const int64_t half = (int64_t)(n / 2);
    const int64_t rounding = unit / N_PHASES / 2;
    const int64_t first = (N_TAPS + half) * unit - half * step + rounding;
    /* where all taps lie in the padded clip */
    const int64_t lowest = (N_HALF - 1) * unit;
    const int64_t beyond = (int64_t)(n_kept + 2 * N_TAPS - N_HALF - 1) * unit;
    int64_t begin = find_place(first, step, lowest), end = find_place(first, step, beyond);

    end = end < (int64_t)n ? end : (int64_t)n;
    begin = begin < end ? begin : end;
    lay_out(samples, n_kept, scratch);
    memset(out, 0, (size_t)begin * sizeof *out);
    ws_augment_kernels_get(level)->resample(
        scratch,
        &(ws_resample_run){.taps = speed->taps + i * N_PHASES * N_TAPS,
                           .first = first + begin * step,
                           .step = step},
        out + begin, (size_t)(end - begin));
    memset(out + end, 0, (n - (size_t)end) * sizeof *out);
}
