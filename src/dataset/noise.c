#include "dataset/noise.h"

#include <stdlib.h>

#include "audio/sound.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "dataset/labels.h"

struct ws_noise {
    ws_sound *sounds; /* [n_sounds] */
    size_t n_sounds;
};

typedef struct wanted_sound {
    int sample_rate_hz;
    size_t longer_than; /* samples */
} wanted_sound;

static ws_status read_sound(const char *dir, const char *name, const wanted_sound *wanted,
                            ws_sound *sound, ws_error *err)
{
    char *path = ws_path_join(dir, name);
    if (path == NULL)
        return ws_fail_memory(err, "background noise");
    ws_status status = ws_sound_read_at(path, wanted->sample_rate_hz, 0, sound, NULL, err);
    if (status == WS_OK && sound->n_samples <= wanted->longer_than) {
        status = ws_fail(err, WS_EFORMAT,
                         "%s: too short for background noise: more than %zu samples are needed, "
                         "but only %zu were found",
                         path, wanted->longer_than, sound->n_samples);
        ws_sound_deinit(sound);
    }
    free(path);
    return status;
}

static ws_status read_sounds(ws_noise *noise, const char *dir, const ws_text_list *names,
                             const wanted_sound *wanted, ws_error *err)
{
    ws_status status = WS_OK;

    noise->sounds = calloc(names->n_items + 1, sizeof *noise->sounds);
    if (noise->sounds == NULL)
        return ws_fail_memory(err, "background noise");
    for (size_t i = 0; status == WS_OK && i < names->n_items; i++) {
        if (!ws_text_has_suffix(names->items[i], ".wav"))
            continue;
        status = read_sound(dir, names->items[i], wanted, &noise->sounds[noise->n_sounds], err);
        if (status == WS_OK)
            noise->n_sounds++;
    }
    if (status == WS_OK && noise->n_sounds == 0)
        return ws_fail(err, WS_ENOTFOUND,
                       "no background noise found at %s/*.wav, expected some "
                       "(or no such folder)",
                       dir);
    return status;
}

ws_status ws_noise_create_from(const char *dir, int sample_rate_hz, size_t desired_samples,
                               ws_noise **noise, ws_error *err)
{
    const wanted_sound wanted = {sample_rate_hz, desired_samples};
    ws_text_list names = {0};

    *noise = NULL;
    ws_noise *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "background noise");
    ws_status status = ws_dir_list(dir, &names, err);
    if (status == WS_OK)
        status = read_sounds(made, dir, &names, &wanted, err);
    ws_text_list_deinit(&names);
    if (status == WS_OK)
        *noise = made;
    else
        ws_noise_destroy(made);
    return status;
}

ws_status ws_noise_create(const char *data_dir, int sample_rate_hz, size_t desired_samples,
                          ws_noise **noise, ws_error *err)
{
    ws_status status = WS_OK;

    *noise = NULL;
    char *dir = ws_path_join(data_dir, WS_NOISE_DIR);
    if (dir == NULL)
        return ws_fail_memory(err, "background noise");
    if (ws_dir_exists(dir))
        status = ws_noise_create_from(dir, sample_rate_hz, desired_samples, noise, err);
    free(dir);
    return status;
}

void ws_noise_destroy(ws_noise *noise)
{
    if (noise == NULL)
        return;
    for (size_t i = 0; i < noise->n_sounds; i++)
        ws_sound_deinit(&noise->sounds[i]);
    free(noise->sounds);
    free(noise);
}

size_t ws_noise_n_sounds(const ws_noise *noise)
{
    return noise != NULL ? noise->n_sounds : 0;
}

const float *ws_noise_sound(const ws_noise *noise, size_t i, size_t *n_samples)
{
    *n_samples = noise->sounds[i].n_samples;
    return noise->sounds[i].samples;
}
