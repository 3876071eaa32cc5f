#include "dataset/tempo.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Where a piece fits is looked for in a coarse copy first, whose samples are means of COARSE. */
enum { HOP_MS = 16, REACH_MS = 10, COARSE = 4, SUMS = 4 };

static const double pi = 3.14159265358979323846;

/** Sums side by side: a register of every processor. */
__extension__ typedef float sums __attribute__((vector_size(SUMS * sizeof(float))));

/** A run under way. */
typedef struct stretching {
    const float *samples; /* [n] */
    float *coarse;        /* [n / COARSE] */
    float *window;        /* [hop] the rising half of a Hann window */
    size_t n, hop;        /* a piece is two hops */
    int64_t reach;
} stretching;

size_t ws_tempo_scratch(size_t n)
{
    return n / COARSE + n + 1; /* a hop is shorter than any sound that has one */
}

/** The sum of products of n samples at two places, over the root of the energy at the second; what
 *  is left over of SUMS is not looked at. */
static double compare(const float *samples, size_t n_samples, int64_t place, int64_t other,
                      size_t n)
{
    sums products = {0.0f}, energies = {0.0f};
    float product = 0.0f, energy = 0.0f;

    if (place < 0 || other < 0 || place + (int64_t)n > (int64_t)n_samples ||
        other + (int64_t)n > (int64_t)n_samples)
        return -1.0;
    const float *a = samples + place, *b = samples + other;
    for (size_t i = 0; i + SUMS <= n; i += SUMS) {
        sums x, y;
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        products += x * y;
        energies += y * y;
    }
    for (size_t k = 0; k < SUMS; k++) {
        product += products[k];
        energy += energies[k];
    }
    return energy > 0.0f ? (double)product / sqrt((double)energy) : 0.0;
}

/** The distance within -reach to reach of a place at which the sound is most like that at another
 *  one; 0 where nothing is better. */
static int64_t find_best(const float *samples, size_t n_samples, int64_t place, int64_t like,
                         int64_t reach, size_t n)
{
    double most = compare(samples, n_samples, like, place, n);
    int64_t best = 0;

    for (int64_t d = -reach; d <= reach; d++) {
        const double alike = compare(samples, n_samples, like, place + d, n);
        if (alike > most) {
            most = alike;
            best = d;
        }
    }
    return best;
}

/** The place near another one whose sound is most like that at `natural`. */
static int64_t find_place(const stretching *all, int64_t place, int64_t natural)
{
    if (natural == place)
        return place;
    place += COARSE * find_best(all->coarse, all->n / COARSE, place / COARSE, natural / COARSE,
                                all->reach / COARSE, all->hop / COARSE);
    return place + find_best(all->samples, all->n, place, natural, COARSE, all->hop);
}

/** Adds a piece: it rises over one hop and falls over the next. */
static void add_piece(const stretching *all, int64_t from, int64_t to, float *out)
{
    for (size_t half = 0; half < 2; half++)
        for (size_t i = 0; i < all->hop; i++) {
            const int64_t in_at = from + (int64_t)(half * all->hop + i);
            const int64_t out_at = to + (int64_t)(half * all->hop + i);
            const float share = half == 0 ? all->window[i] : 1.0f - all->window[i];
            if (in_at >= 0 && in_at < (int64_t)all->n && out_at >= 0 && out_at < (int64_t)all->n)
                out[out_at] += share * all->samples[in_at];
        }
}

void ws_tempo_run(double factor, int sample_rate_hz, const float *samples, float *scratch,
                  float *out, size_t n)
{
    const size_t hop = (size_t)sample_rate_hz * HOP_MS / 1000;
    const stretching all = {
        .samples = samples,
        .coarse = scratch,
        .window = scratch + n / COARSE,
        .n = n,
        .hop = hop,
        .reach = (int64_t)sample_rate_hz * REACH_MS / 1000,
    };
    int64_t before = 0; /* where the piece before comes from */

    memset(out, 0, n * sizeof *out);
    if (hop == 0 || hop > n) {
        memcpy(out, samples, n * sizeof *out);
        return;
    }
    for (size_t i = 0; i < n / COARSE; i++)
        all.coarse[i] = (samples[COARSE * i] + samples[COARSE * i + 1] + samples[COARSE * i + 2] +
                         samples[COARSE * i + 3]) /
                        COARSE;
    for (size_t i = 0; i < hop; i++)
        all.window[i] = (float)(0.5 - 0.5 * cos(pi * ((double)i + 0.5) / (double)hop));
    for (int64_t to = -(int64_t)hop; to < (int64_t)n; to += (int64_t)hop) {
        const double middle = (double)(n / 2), centre = (double)to + (double)hop;
        const int64_t place =
            (int64_t)floor(middle + (centre - middle) * factor + 0.5) - (int64_t)hop;
        const int64_t from = to < 0 ? place : find_place(&all, place, before + (int64_t)hop);
        add_piece(&all, from, to, out);
        before = from;
    }
}
