#include "synth/speaker.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "dataset/split.h"

/* English as espeak-ng 1.50 and later have it. A name that a version lacks is not an error there:
 * it falls back to the nearest it has. */
static const char *const accents[] = {
    "en-us",      "en-us",          "en-gb",          "en-gb-scotland",
    "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029",
};

/* Those of its variants that differ from each other and can be understood. */
static const char *const variants[] = {
    "m1",     "m2",    "m3",     "m4",      "m5",      "m6",      "m7",   "m8",      "f1",
    "f2",     "f3",    "f4",     "f5",      "klatt",   "klatt2",  "Alex", "Andy",    "Annie",
    "Denis",  "Gene",  "Hugo",   "Lee",     "Mario",   "Michael", "Mike", "belinda", "benjamin",
    "david",  "ed",    "edward", "grandma", "grandpa", "john",    "max",  "paul",    "rob",
    "robert", "steph", "travis", "victor",  "norbert",
};

#define N_ACCENTS  (sizeof accents / sizeof *accents)
#define N_VARIANTS (sizeof variants / sizeof *variants)

/** Murmur3's finaliser: mixes all bits into all, and no two numbers give the same. */
static uint32_t mix(uint32_t x)
{
    x = (x ^ (x >> 16)) * 0x85ebca6bu;
    x = (x ^ (x >> 13)) * 0xc2b2ae35u;
    return x ^ (x >> 16);
}

static ws_set wanted_set(size_t index)
{
    return index % 10 == 0 ? WS_SET_VALIDATION : index % 10 == 1 ? WS_SET_TESTING : WS_SET_TRAINING;
}

bool ws_synth_speaker_is_training(size_t index)
{
    return wanted_set(index) == WS_SET_TRAINING;
}

/**
 * Tries names until one falls into the wanted set, which takes some ten or twenty for the smaller
 * ones. Index and attempt lie side by side in the number that is mixed, so that no two speakers
 * can get the same name.
 */
static void draw_name(char name[9], uint64_t seed, size_t index)
{
    ws_random random;
    ws_random_init(&random, seed, WS_RANDOM_SYNTH, WS_SYNTH_STREAM_SPEAKER, UINT32_MAX);
    const uint32_t key = ws_random_bits(&random);

    uint32_t attempt = 0;
    do {
        assert(attempt < UINT32_MAX / WS_SYNTH_MAX_SPEAKERS);
        const uint32_t number = attempt++ * WS_SYNTH_MAX_SPEAKERS + (uint32_t)index;
        (void)snprintf(name, 9, "%08" PRIx32, mix(number ^ key));
    } while (ws_split_find(name, 10, 10) != wanted_set(index));
}

_Static_assert(N_ACCENTS *N_VARIANTS == WS_SYNTH_N_ESPEAK_VOICES, "each with each");

void ws_synth_speaker_get_voice(size_t i, char voice[48])
{
    (void)snprintf(voice, 48, "%s+%s", accents[i / N_VARIANTS], variants[i % N_VARIANTS]);
}

void ws_synth_speaker_init(ws_synth_speaker *speaker, uint64_t seed, size_t index)
{
    ws_random random;

    assert(index < WS_SYNTH_MAX_SPEAKERS);
    draw_name(speaker->name, seed, index);
    ws_random_init(&random, seed, WS_RANDOM_SYNTH, WS_SYNTH_STREAM_SPEAKER, (uint32_t)index);
    const char *accent = accents[ws_random_below(&random, N_ACCENTS)];
    const char *variant = variants[ws_random_below(&random, N_VARIANTS)];
    (void)snprintf(speaker->voice, sizeof speaker->voice, "%s+%s", accent, variant);
    speaker->pitch = 20 + (int)ws_random_below(&random, 61);
    speaker->speed_wpm = 125 + (int)ws_random_below(&random, 81);
    speaker->size = exp(log(0.94) + log(1.07 / 0.94) * ws_random_uniform(&random));
}
