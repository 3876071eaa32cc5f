#include "audio/sound.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "audio/resampler.h"
#include "audio/sound_file.h"
#include "base/path.h"

enum { FIRST_CAPACITY = 1 << 20 /* samples; a file's promise is not believed beyond it */ };

bool ws_sound_has_name(const char *path)
{
    static const char *const endings[] = {".wav",  ".wave", ".flac", ".ogg",  ".oga",
                                          ".opus", ".mp3",  ".aif",  ".aiff", ".aifc",
                                          ".au",   ".snd",  ".caf",  ".w64",  ".rf64"};
    const char *name = ws_path_base(path), *dot = strrchr(name, '.');

    /* macOS puts a file "._x.wav" with its attributes beside x.wav on disks of other systems */
    if (dot == NULL || dot == name || strncmp(name, "._", 2) == 0)
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    }
    return false;
}

const char *ws_sound_oddity_text(ws_sound_oddity oddity)
{
    static const char *const texts[] = {
        [WS_SOUND_AS_PROMISED] = "its header is right",
        [WS_SOUND_WITHOUT_PAD] = "a chunk of odd length has no pad byte after it",
        [WS_SOUND_LENGTH_0] = "its header gives the sound a length of 0",
        [WS_SOUND_SHORTER] = "its header promises more sound than the file holds",
        [WS_SOUND_IN_PARTS] = "its sound is in several chunks",
    };
    return texts[oddity];
}

static ws_status make_room(ws_sound *sound, size_t *capacity, size_t limit, ws_error *err)
{
    if (*capacity > sound->n_samples)
        return WS_OK;
    const size_t grown = limit / 2 > *capacity ? 2 * *capacity : limit;
    float *samples = realloc(sound->samples, grown * sizeof *samples);
    if (samples == NULL)
        return ws_fail_memory(err, "the samples of a sound file");
    sound->samples = samples;
    *capacity = grown;
    return WS_OK;
}

/** Appends samples until there are limit of them or the file ends. */
static ws_status read_samples(ws_sound_file *file, size_t limit, ws_sound *sound, ws_error *err)
{
    const uint64_t n_promised = ws_sound_file_n_promised(file);
    /* one more than is promised, so that the end is seen without growing */
    const uint64_t wanted = n_promised > 0 ? n_promised + 1 : FIRST_CAPACITY;
    size_t capacity = limit < FIRST_CAPACITY ? limit : FIRST_CAPACITY;
    size_t n_read;

    capacity = wanted < capacity ? (size_t)wanted : capacity;
    sound->samples = malloc(capacity * sizeof *sound->samples);
    if (sound->samples == NULL)
        return ws_fail_memory(err, "the samples of a sound file");
    do {
        ws_status status = make_room(sound, &capacity, limit, err);
        if (status == WS_OK)
            status = ws_sound_file_read(file, sound->samples + sound->n_samples,
                                        capacity - sound->n_samples, &n_read, err);
        if (status != WS_OK)
            return status;
        sound->n_samples += n_read;
    } while (n_read > 0 && sound->n_samples < limit);
    return WS_OK;
}

ws_status ws_sound_read(const char *path, size_t max_samples, ws_sound *sound, ws_error *err)
{
    /* one more than is allowed, to tell a file that is just as long from a longer one */
    const size_t limit = max_samples > 0 ? max_samples : WS_SOUND_MAX_SAMPLES + 1;
    ws_sound_file *file;

    *sound = (ws_sound){0};
    ws_status status = ws_sound_file_open(path, &file, err);
    if (status != WS_OK)
        return status;
    sound->sample_rate_hz = sound->file_rate_hz = ws_sound_file_rate(file);
    sound->oddity = ws_sound_file_oddity(file);
    status = read_samples(file, limit, sound, err);
    ws_sound_file_close(file);
    if (status == WS_OK && sound->n_samples > WS_SOUND_MAX_SAMPLES)
        status = ws_fail(err, WS_ELIMIT, "%s: longer than %zu samples", path, WS_SOUND_MAX_SAMPLES);
    if (status != WS_OK)
        ws_sound_deinit(sound);
    return status;
}

/** The number of samples of a file that the first n at another rate are made of; 0: all. */
static size_t find_n_needed(size_t n, int from_hz, int to_hz)
{
    const uint64_t from = (uint64_t)from_hz, to = (uint64_t)to_hz;
    const uint64_t n_needed = (n * from + to - 1) / to + WS_RESAMPLER_REACH * (1 + from / to);

    return n_needed <= WS_SOUND_MAX_SAMPLES ? (size_t)n_needed : 0;
}

ws_status ws_sound_read_at(const char *path, int sample_rate_hz, size_t max_samples,
                           ws_sound *sound, ws_error *err)
{
    ws_error reason = {0};

    ws_status status = ws_sound_read(path, max_samples, sound, err);
    if (status != WS_OK || sound->sample_rate_hz == sample_rate_hz)
        return status;
    if (max_samples > 0) { /* the filter looks beyond what is kept */
        const size_t n = find_n_needed(max_samples, sound->sample_rate_hz, sample_rate_hz);
        ws_sound_deinit(sound);
        status = ws_sound_read(path, n, sound, err);
        if (status != WS_OK)
            return status;
    }
    status = ws_sound_resample(sound, sample_rate_hz, &reason);
    if (status != WS_OK) {
        ws_sound_deinit(sound);
        return ws_fail(err, status, "%s: %s", path, reason.message);
    }
    if (max_samples > 0 && sound->n_samples > max_samples)
        sound->n_samples = max_samples;
    return WS_OK;
}

void ws_sound_deinit(ws_sound *sound)
{
    free(sound->samples);
    *sound = (ws_sound){0};
}
