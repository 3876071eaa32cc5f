/* A real room through a real microphone: the quieter end of a spoken clip, where the word has not
 * begun yet or is over. Short grains of it, each from a random place and overlapping by half, make
 * a whole clip with the spectrum and level of that end, and without a period. */
#include <math.h>
#include <string.h>

#include "dataset/silence_kind.h"

/* An end is this much quieter than the whole clip, or the word reaches into it. */
static const double least_distance = 31.6; /* 15 dB */

enum { END_MS = 150, GRAIN_MS = 32, MAX_TRIES = 8 };

static ws_samples cut(const ws_samples *clip, size_t first, size_t n)
{
    return (ws_samples){
        .int16 = clip->int16 != NULL ? clip->int16 + first : NULL,
        .floats = clip->floats != NULL ? clip->floats + first : NULL,
        .n = n,
    };
}

/** The quieter end of a clip. @return whether it has one that is quiet, but not plain zeros */
static bool find_end(const ws_silence_parts *parts, const ws_samples *clip, size_t n,
                     ws_samples *end)
{
    if (clip->n < 2 * n)
        return false;
    const ws_samples ends[] = {cut(clip, 0, n), cut(clip, clip->n - n, n)};
    const double power = ws_samples_get_power(clip, parts->level);
    const double first = ws_samples_get_power(&ends[0], parts->level);
    const double last = ws_samples_get_power(&ends[1], parts->level);
    const double least = last < first ? last : first;

    *end = ends[last < first];
    return least > 0.0 && least * least_distance < power;
}

static double sample_at(const ws_samples *samples, size_t i)
{
    return samples->int16 != NULL ? samples->int16[i] / 32768.0 : (double)samples->floats[i];
}

/** Adds a grain of an even length below half a sine, whose squares add up to 1 where grains
 *  overlap. place is where it begins in out, which may be before it. */
static void add_grain(const ws_samples *end, size_t from, size_t length, int64_t place, float *out,
                      size_t n)
{
    const double radians = 3.141592653589793 / (double)length;
    const double c = cos(radians), s = sin(radians);
    double x = cos(0.5 * radians), y = sin(0.5 * radians);

    for (size_t i = 0; i < length; i++) {
        const int64_t at = place + (int64_t)i;
        const double turned = c * x - s * y;
        if (at >= 0 && at < (int64_t)n)
            out[at] += (float)(y * sample_at(end, from + i));
        y = s * x + c * y;
        x = turned;
    }
}

static ws_status make(const ws_silence_parts *parts, ws_random *random, float *out)
{
    const size_t n_end = (size_t)parts->sample_rate_hz * END_MS / 1000;
    const size_t half = (size_t)parts->sample_rate_hz * GRAIN_MS / 2000;
    ws_samples clip, end;
    bool is_found = false;

    for (int i = 0; i < MAX_TRIES && !is_found; i++) {
        const ws_status status = parts->read_clip(parts->user, random, &clip);
        if (status != WS_OK && status != WS_ENOTFOUND)
            return status;
        is_found = status == WS_OK && find_end(parts, &clip, n_end, &end);
    }
    if (!is_found)
        return WS_ENOTFOUND;
    memset(out, 0, parts->n_samples * sizeof *out);
    for (size_t first = 0; first < parts->n_samples + half; first += half) {
        const size_t from = ws_random_below(random, (uint32_t)(n_end - 2 * half + 1));
        add_grain(&end, from, 2 * half, (int64_t)first - (int64_t)half, out, parts->n_samples);
    }
    return WS_OK;
}

const ws_silence_kind ws_silence_end = {.name = "end", .percent = 20, .make = make};
