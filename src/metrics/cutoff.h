/** Chooses the cutoff of a wake word for a number of false accepts an hour. */
#ifndef WS_METRICS_CUTOFF_H
#define WS_METRICS_CUTOFF_H

#include <stdbool.h>
#include <stddef.h>

#include "metrics/det.h"

/** The highest scores of stretches of sound, one a stretch, from which far rarer ones are guessed.
 */
typedef struct ws_peaks {
    float *scores; /* [n] 0 to 1; the caller's; sorted by ws_cutoff_choose() */
    size_t n;
    double seconds; /* of sound that they come from */
} ws_peaks;

typedef struct ws_cutoff {
    double cutoff;         /* above 0 and below 1 */
    bool is_extrapolated;  /* too little was heard to count that rate */
    double least_rate;     /* the lowest rate an hour that the sound heard could show: three false
                            * accepts are expected at it */
    double needed_seconds; /* of sound, in which the wanted rate could be counted */
} ws_cutoff;

/**
 * The lowest cutoff that keeps to a rate.
 *
 * Where at least three false accepts are expected at that rate in the sound that was heard, they
 * are counted. Otherwise the rate of the highest peaks is carried on: above a high score, how
 * often a logit is exceeded falls like a generalised Pareto distribution (peaks over threshold),
 * exponentially or a little faster. The guess is at least the cutoff at which nothing was accepted.
 *
 * @param det    figures of sound without the phrase
 * @param peaks  of the same sound
 * @param rate   false accepts an hour, above 0
 */
ws_cutoff ws_cutoff_choose(const ws_det *det, ws_peaks *peaks, double rate);

enum { WS_CUTOFF_RATE_BYTES = 32 };

/** least_rate for people: "0.03", "2.3", "125". */
void ws_cutoff_write_least_rate(const ws_cutoff *cutoff, char text[WS_CUTOFF_RATE_BYTES]);

/** The largest of each n_each of means, in their order.
 *  @param peaks  [(n + n_each - 1) / n_each] filled. @return how many */
size_t ws_cutoff_find_peaks(const float *means, size_t n, size_t n_each, float *peaks);

#endif
