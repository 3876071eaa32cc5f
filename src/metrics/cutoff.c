#include "metrics/cutoff.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double hour = 3600.0, least_events = 3.0;
static const double least_gap = 0.5 / WS_DET_N_CUTOFFS; /* of scores from 0 and 1 */

static const double least_shape = -0.1;

enum { MAX_TAIL = 20 }; /* peaks that the guess is made of */

size_t ws_cutoff_find_peaks(const float *means, size_t n, size_t n_each, float *peaks)
{
    size_t n_peaks = 0;

    for (size_t first = 0; first < n; first += n_each) {
        float best = means[first];
        for (size_t i = first; i < n && i < first + n_each; i++)
            best = means[i] > best ? means[i] : best;
        peaks[n_peaks++] = best;
    }
    return n_peaks;
}

static int compare_falling(const void *left, const void *right)
{
    const float a = *(const float *)left, b = *(const float *)right;

    return (a < b) - (a > b);
}

static double logit_of(double score)
{
    const double inside = fmin(fmax(score, least_gap), 1.0 - least_gap);

    return log(inside / (1.0 - inside));
}

/** The logit that is exceeded at that rate, carried on from the highest peaks. */
static double extrapolate(ws_peaks *peaks, double rate)
{
    const size_t n_tail = peaks->n / 2 < MAX_TAIL ? peaks->n / 2 : MAX_TAIL;

    qsort(peaks->scores, peaks->n, sizeof *peaks->scores, compare_falling);
    if (n_tail == 0)
        return 0.0;
    const double threshold = logit_of((double)peaks->scores[n_tail]);
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n_tail; i++) {
        const double excess = logit_of((double)peaks->scores[i]) - threshold;
        sum += excess;
        squares += excess * excess;
    }
    const double mean = sum / (double)n_tail;
    const double variance = squares / (double)n_tail - mean * mean;
    if (!(variance > 0.0))
        return threshold + mean;
    /* a generalised Pareto distribution by its moments: how it bends is badly known from so few
     * peaks, so that it may bend down (as where training with smoothed labels bounds logits), but
     * not much, and not up */
    const double ratio = mean * mean / variance;
    const double shape = fmin(fmax(0.5 * (1.0 - ratio), least_shape), 0.0);
    const double scale = mean * (1.0 - shape);
    const double tail_rate = (double)n_tail * hour / peaks->seconds;
    const double times = fmax(log(tail_rate / rate), 0.0);
    return threshold + (shape < 0.0 ? scale * expm1(shape * times) / shape : scale * times);
}

ws_cutoff ws_cutoff_choose(const ws_det *det, ws_peaks *peaks, double rate)
{
    const double hours = det->seconds / hour;
    const double counted = ws_det_cutoff(ws_det_find_cutoff(det, rate));
    ws_cutoff chosen = {.cutoff = counted,
                        .is_extrapolated = rate * hours < least_events,
                        .least_rate = HUGE_VAL,
                        .needed_seconds = hour * least_events / rate};

    if (hours > 0.0)
        chosen.least_rate = least_events / hours;
    if (chosen.is_extrapolated && peaks->n > 0 && peaks->seconds > 0.0)
        chosen.cutoff = fmax(counted, 1.0 / (1.0 + exp(-extrapolate(peaks, rate))));
    chosen.cutoff = fmin(fmax(chosen.cutoff, 2.0 * least_gap), 1.0 - 2.0 * least_gap);
    return chosen;
}

void ws_cutoff_write_least_rate(const ws_cutoff *cutoff, char text[WS_CUTOFF_RATE_BYTES])
{
    if (cutoff->least_rate < 10.0)
        (void)snprintf(text, WS_CUTOFF_RATE_BYTES, "%.2g", cutoff->least_rate);
    else
        (void)snprintf(text, WS_CUTOFF_RATE_BYTES, "%.0f", cutoff->least_rate);
}
