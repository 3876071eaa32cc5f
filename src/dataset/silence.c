#include "dataset/silence.h"

#include <math.h>
#include <string.h>

#include "base/lookup.h"
#include "dataset/silence_kind.h"

static const char *const names[] = {
    [WS_SILENCE_ORIGINAL] = "original", [WS_SILENCE_MICROPHONE] = "microphone"};

static const char *name_at(size_t i)
{
    return names[i];
}

ws_status ws_silence_find(const char *name, ws_silence *silence, ws_error *err)
{
    size_t i = 0;
    const ws_status status =
        ws_lookup("--silence", name, name_at, sizeof names / sizeof *names, &i, err);

    *silence = (ws_silence)i;
    return status;
}

static const ws_silence_kind *const kinds[] = {&ws_silence_zeros, &ws_silence_hum,
                                               &ws_silence_coloured, &ws_silence_recording,
                                               &ws_silence_end};

static const ws_silence_kind *draw_kind(ws_random *random)
{
    const size_t n_kinds = sizeof kinds / sizeof *kinds;
    uint32_t left = ws_random_below(random, 100);
    size_t i = 0;

    while (i + 1 < n_kinds && left >= kinds[i]->percent)
        left -= kinds[i++]->percent;
    return kinds[i];
}

/** The gain that brings samples to a level of the kind; 1 for kinds with a level of their own. */
static double draw_gain(const ws_silence_kind *kind, const ws_silence_parts *parts,
                        ws_random *random, const float *samples)
{
    const ws_samples all = {.floats = samples, .n = parts->n_samples};

    if (kind->lowest_dbfs == kind->highest_dbfs)
        return 1.0;
    const double dbfs =
        kind->lowest_dbfs + ws_random_uniform(random) * (kind->highest_dbfs - kind->lowest_dbfs);
    const double power = ws_samples_get_power(&all, parts->level);
    return power > 0.0 ? sqrt(pow(10.0, dbfs / 10.0) / power) : 0.0;
}

/** Steps of 16 bits, at most full scale: below -90 dBFS hardly anything is left, as in files. */
static void round_to_16_bits(double gain, float *samples, size_t n)
{
    const double scale = gain * 32768.0;

    for (size_t i = 0; i < n; i++) {
        double x = scale * (double)samples[i];
        x = x < -32768.0 ? -32768.0 : x > 32767.0 ? 32767.0 : x;
        samples[i] = (float)(int32_t)(x < 0.0 ? x - 0.5 : x + 0.5) / 32768.0f;
    }
}

ws_status ws_silence_make(const ws_silence_parts *parts, ws_random *random, float *out)
{
    const ws_silence_kind *kind = draw_kind(random);

    ws_status status = kind->make(parts, random, out);
    if (status == WS_ENOTFOUND) {
        kind = &ws_silence_coloured;
        status = kind->make(parts, random, out);
    }
    if (status == WS_OK)
        round_to_16_bits(draw_gain(kind, parts, random, out), out, parts->n_samples);
    return status;
}

static ws_status make_zeros(const ws_silence_parts *parts, ws_random *random, float *out)
{
    (void)random;
    memset(out, 0, parts->n_samples * sizeof *out);
    return WS_OK;
}

const ws_silence_kind ws_silence_zeros = {.name = "zeros", .percent = 10, .make = make_zeros};

static ws_status make_recording(const ws_silence_parts *parts, ws_random *random, float *out)
{
    const float *noise = ws_noise_draw(parts->noise, parts->n_samples, random);

    if (noise == NULL)
        return WS_ENOTFOUND;
    memcpy(out, noise, parts->n_samples * sizeof *out);
    return WS_OK;
}

const ws_silence_kind ws_silence_recording = {.name = "recording",
                                              .percent = 40,
                                              .make = make_recording,
                                              .lowest_dbfs = -90.0,
                                              .highest_dbfs = -10.0};
