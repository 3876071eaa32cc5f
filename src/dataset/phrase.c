#include "dataset/phrase.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HOP_MS = 10, PAUSE_MS = 200, MEDIAN_FRAMES = 9 };

/* Loudest over quietest level: below it, it is an even noise. 6 dB. */
static const double least_range = 1.41;

/* The soft ends of a phrase are above this share of the way from the floor to the threshold, and
 * 4.6 dB above the floor. */
static const double low_share = 0.22, low_factor = 1.3;

/** Levels of all frames, as the square root of the amplitude: in dB, a fade or zeros at an end
 * would weigh as much as speech; as amplitudes, soft sounds would not count. */
typedef struct levels {
    double *loudness; /* [n] */
    size_t n;
    double low, high; /* thresholds of soft ends and of the phrase */
} levels;

/** Frames from first up to but not including end. */
typedef struct stretch {
    size_t first, end;
    double score; /* how far above the threshold, summed over its frames */
} stretch;

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** The levels of frames, without what is below 200 Hz. */
static void measure(const int16_t *samples, size_t hop, double pole, levels *all)
{
    double before = 0.0, y = 0.0, last = 0.0;

    for (size_t i = 0; i <= all->n; i++) {
        double energy = 0.0;
        for (size_t k = i * hop; k < (i + 1) * hop; k++) {
            y = samples[k] - before + pole * y;
            before = samples[k];
            energy += y * y;
        }
        if (i > 0) /* a frame is two hops */
            all->loudness[i - 1] = sqrt(sqrt((last + energy) / (double)(2 * hop)));
        last = energy;
    }
}

/** A median over frames: clicks are shorter than half of it, and the edges of a phrase stay. */
static void drop_clicks(levels *all, double *copy)
{
    memcpy(copy, all->loudness, all->n * sizeof *copy);
    for (size_t i = 0; i < all->n; i++) {
        double sorted[MEDIAN_FRAMES];
        for (size_t k = 0; k < MEDIAN_FRAMES; k++) {
            const size_t j = i + k < MEDIAN_FRAMES / 2 ? 0 : i + k - MEDIAN_FRAMES / 2;
            sorted[k] = copy[j < all->n ? j : all->n - 1];
        }
        qsort(sorted, MEDIAN_FRAMES, sizeof *sorted, compare);
        all->loudness[i] = sorted[MEDIAN_FRAMES / 2];
    }
}

/**
 * Finds the threshold that parts frames with speech from the others so that the levels on each side
 * are as alike as they can be (Otsu: "A Threshold Selection Method from Gray-Level Histograms",
 * 1979).
 *
 * @param sorted  [n] overwritten
 * @return false if all frames are alike
 */
static bool find_thresholds(levels *all, double *sorted)
{
    double total = 0.0, below = 0.0, best = -1.0, floor_level = 0.0;

    memcpy(sorted, all->loudness, all->n * sizeof *sorted);
    qsort(sorted, all->n, sizeof *sorted, compare);
    for (size_t i = 0; i < all->n; i++)
        total += sorted[i];
    for (size_t i = 1; i < all->n; i++) {
        below += sorted[i - 1];
        const double n_below = (double)i, n_above = (double)(all->n - i);
        const double distance = (total - below) / n_above - below / n_below;
        const double between = n_below * n_above * distance * distance;
        if (between <= best)
            continue;
        best = between;
        floor_level = below / n_below;
        all->high = (floor_level + (total - below) / n_above) / 2.0;
    }
    all->low = fmax(floor_level + low_share * (all->high - floor_level), low_factor * floor_level);
    all->low = fmin(all->low, all->high);
    return all->n > 1 && sorted[all->n - 1] > 0.0 && sorted[all->n - 1] >= least_range * sorted[0];
}

/** The stretch with the highest score: frames above the low threshold and pauses between them. */
static stretch find_best(const levels *all)
{
    stretch best = {0}, now = {0};
    bool is_open = false;

    for (size_t i = 0; i < all->n; i++) {
        if (all->loudness[i] <= all->low)
            continue;
        if (!is_open || i - now.end > PAUSE_MS / HOP_MS)
            now = (stretch){.first = i};
        is_open = true;
        now.end = i + 1;
        now.score += fmax(0.0, all->loudness[i] - all->high);
        best = now.score > best.score ? now : best;
        if (now.first == best.first)
            best.end = now.end;
    }
    return best;
}

ws_status ws_phrase_find(const int16_t *samples, size_t n, int sample_rate_hz, ws_phrase *phrase,
                         ws_error *err)
{
    const size_t hop = (size_t)sample_rate_hz * HOP_MS / 1000;
    const size_t frame = 2 * hop;
    const double pole = exp(-2.0 * 3.141592653589793 * 200.0 / sample_rate_hz);
    levels all = {.n = n >= frame ? (n - frame) / hop + 1 : 0};

    *phrase = (ws_phrase){0, 0};
    if (all.n == 0)
        return WS_OK;
    all.loudness = malloc(2 * all.n * sizeof *all.loudness);
    if (all.loudness == NULL)
        return ws_fail_memory(err, "the levels of a clip");
    measure(samples, hop, pole, &all);
    drop_clicks(&all, all.loudness + all.n);
    if (find_thresholds(&all, all.loudness + all.n)) {
        const stretch found = find_best(&all);
        phrase->start = found.first * hop;
        phrase->end = found.end > found.first ? (found.end - 1) * hop + frame : phrase->start;
    }
    free(all.loudness);
    return WS_OK;
}
