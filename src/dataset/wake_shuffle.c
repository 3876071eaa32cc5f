/* Speech that nobody has said: pieces of recordings in any order. */
#include <math.h>
#include <string.h>

#include "dataset/augment.h"
#include "dataset/wake_internal.h"

/* Of all pieces, those of phrases; the others are of other speech. */
static const double phrase_chance = 0.5;

/* Most of a phrase that a piece has, so that a few of them are not the phrase again. */
static const double most_of_phrase = 0.4;

/* How the loudness of pieces differs, and how often there is a pause between two. */
static const double most_db = 4.0, pause_chance = 0.15;

enum { SHORT_MS = 60, LONG_MS = 350, CROSSING_MS = 10, PAUSE_MS = 200 };

/** A stretch of a recording. */
typedef struct piece {
    const int16_t *samples;
    size_t n;
} piece;

static size_t draw_length(const ws_wake_source *source, ws_random *random)
{
    const size_t n_ms = SHORT_MS + ws_random_below(random, LONG_MS - SHORT_MS + 1);

    return (size_t)source->options.sample_rate_hz * n_ms / 1000;
}

/** The clips of a folder of that kind, by the shares of the folders: so a few recordings of people
 *  are heard beside many voices. */
static const ws_wake_pool *draw_pool(const ws_wake_source *source, ws_wake_kind kind,
                                     ws_random *random)
{
    const ws_wake_options *options = &source->options;
    const ws_wake_pool *last = ws_wake_pool_of_kind(source, kind);
    double total = 0.0;

    for (size_t i = 0; i < options->n_folders; i++)
        total += options->folders[i].kind == kind ? options->folders[i].share : 0.0;
    double left = ws_random_uniform(random) * total;
    for (size_t i = 0; i < options->n_folders && total > 0.0; i++) {
        if (options->folders[i].kind != kind || source->pools[i].n_items == 0)
            continue;
        last = &source->pools[i];
        if (left < options->folders[i].share)
            break;
        left -= options->folders[i].share;
    }
    return last;
}

/** @return an empty one if there are no recordings of that kind */
static piece draw_piece(const ws_wake_source *source, ws_random *random)
{
    const bool is_phrase = ws_random_uniform(random) < phrase_chance;
    const ws_wake_pool *pool =
        draw_pool(source, is_phrase ? WS_WAKE_POSITIVE : WS_WAKE_SPEECH, random);
    size_t n = draw_length(source, random);

    if (pool->n_items == 0)
        return (piece){.n = 0};
    const ws_wake_clip *clip = is_phrase ? ws_wake_pool_draw(source, pool, random)
                                         : ws_wake_pool_draw_second(source, pool, random);
    const size_t start = is_phrase ? clip->start : 0;
    const size_t length = is_phrase ? clip->end - clip->start : clip->n_samples;
    const size_t most = is_phrase ? (size_t)(most_of_phrase * (double)length) : length;
    n = n < most ? n : most;
    return (piece){clip->samples + start + ws_random_below(random, (uint32_t)(length - n) + 1), n};
}

/** Adds a piece at a place, with ramps that overlap those of its neighbours. */
static void add_piece(const ws_wake_source *source, const piece *p, float gain, float *out)
{
    const size_t ramp = (size_t)source->options.sample_rate_hz * CROSSING_MS / 1000;

    for (size_t i = 0; i < p->n; i++) {
        const size_t left = i < p->n - 1 - i ? i : p->n - 1 - i;
        const float fade = left < ramp ? ((float)left + 0.5f) / (float)ramp : 1.0f;
        out[i] += gain * fade * (float)p->samples[i];
    }
}

void ws_wake_shuffle(const ws_wake_source *source, ws_random *random, float *samples, size_t n)
{
    const size_t rate = (size_t)source->options.sample_rate_hz;
    const size_t crossing = rate * CROSSING_MS / 1000, pause = rate * PAUSE_MS / 1000;
    size_t at = 0;

    memset(samples, 0, n * sizeof *samples);
    while (at < n) {
        piece p = draw_piece(source, random);
        const double db = most_db * (2.0 * ws_random_uniform(random) - 1.0);
        p.n = p.n < n - at ? p.n : n - at;
        if (p.n > crossing) {
            const double power = ws_samples_get_power(&(ws_samples){.int16 = p.samples, .n = p.n},
                                                      source->options.level);
            /* silence stays silent, not noise at full level */
            const double gain = sqrt(pow(10.0, db / 10.0) / fmax(power, 1e-6));
            add_piece(source, &p, (float)gain / 32768.0f, samples + at);
        }
        at += p.n > crossing ? p.n - crossing : crossing;
        if (ws_random_uniform(random) < pause_chance)
            at += ws_random_below(random, (uint32_t)pause);
    }
}
