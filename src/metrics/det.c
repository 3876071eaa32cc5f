#include "metrics/det.h"

#include <assert.h>
#include <math.h>

static const double hour = 3600.0; /* seconds */

ws_det_rule ws_det_rule_of_device(double seconds)
{
    const size_t n_last = 5, n_pause = (size_t)(1.0 / seconds + 0.5);

    return (ws_det_rule){.n_last = n_last, .n_pause = n_pause > n_last ? n_pause : n_last};
}

double ws_det_cutoff(size_t i)
{
    return (double)i / WS_DET_N_CUTOFFS;
}

void ws_det_find_means(const ws_det_rule *rule, const float *scores, size_t n, float *means)
{
    const double share = 1.0 / (double)rule->n_last;

    for (size_t i = 0; i < n; i++) {
        const size_t first = i + 1 > rule->n_last ? i + 1 - rule->n_last : 0;
        double sum = 0.0;
        for (size_t k = first; k <= i; k++)
            sum += (double)scores[k];
        means[i] = (float)(sum * share);
    }
}

size_t ws_det_find(const ws_det_rule *rule, const float *means, size_t n, double cutoff, size_t *at)
{
    size_t n_found = 0;

    assert(rule->n_last >= 1 && rule->n_pause >= rule->n_last);
    for (size_t i = 0; i < n; i++) {
        if (!((double)means[i] > cutoff))
            continue;
        if (at != NULL)
            at[n_found] = i;
        n_found++;
        i += rule->n_pause;
    }
    return n_found;
}

void ws_det_push_other(ws_det *det, const float *means, size_t n, double seconds)
{
    for (size_t i = 0; i < WS_DET_N_CUTOFFS; i++)
        det->n_false[i] += ws_det_find(&det->rule, means, n, ws_det_cutoff(i), NULL);
    det->seconds += seconds;
}

void ws_det_push_phrase(ws_det *det, float best)
{
    for (size_t i = 0; i < WS_DET_N_CUTOFFS; i++)
        det->n_missed[i] += !((double)best > ws_det_cutoff(i));
    det->n_phrases++;
}

void ws_det_add(ws_det *det, const ws_det *part)
{
    assert(det->rule.n_last == part->rule.n_last && det->rule.n_pause == part->rule.n_pause);
    for (size_t i = 0; i < WS_DET_N_CUTOFFS; i++) {
        det->n_false[i] += part->n_false[i];
        det->n_missed[i] += part->n_missed[i];
    }
    det->seconds += part->seconds;
    det->n_phrases += part->n_phrases;
}

double ws_det_rate(const ws_det *det, size_t cutoff)
{
    return det->seconds > 0.0 ? (double)det->n_false[cutoff] * hour / det->seconds : (double)NAN;
}

double ws_det_miss_share(const ws_det *det, size_t cutoff)
{
    return det->n_phrases > 0 ? (double)det->n_missed[cutoff] / (double)det->n_phrases
                              : (double)NAN;
}

/** The lowest cutoff with at most that many detections. From above: with a pause after each, fewer
 *  can come at a lower cutoff. */
static size_t find_cutoff(const ws_det *det, double n_allowed)
{
    size_t i = WS_DET_N_CUTOFFS - 1;

    while (i > 0 && (double)det->n_false[i - 1] <= n_allowed)
        i--;
    return i;
}

double ws_det_mean_recall(const ws_det *det, uint64_t n)
{
    double sum = 0.0;

    if (det->n_phrases == 0)
        return 0.0;
    for (uint64_t k = 0; k <= n; k++) {
        const size_t i = find_cutoff(det, (double)k);
        if (det->n_false[i] <= k)
            sum += 1.0 - ws_det_miss_share(det, i);
    }
    return sum / (double)(n + 1);
}

size_t ws_det_find_cutoff(const ws_det *det, double rate)
{
    return find_cutoff(det, rate * det->seconds / hour);
}
