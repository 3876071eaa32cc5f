#include "dataset/noise.h"

#include <stdlib.h>

#include "audio/sound.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "dataset/folder.h"
#include "dataset/labels.h"

struct ws_noise {
    ws_sound *sounds; /* [n_sounds] */
    size_t n_sounds;
};

static ws_status read_sound(const char *path, const ws_noise_options *options, ws_sound *sound,
                            ws_error *err)
{
    const ws_status status = ws_sound_read_at(path, options->sample_rate_hz, 0, sound, err);

    if (status != WS_OK || sound->n_samples > options->desired_samples)
        return status;
    const size_t n_samples = sound->n_samples;
    ws_sound_deinit(sound);
    return ws_fail(err, WS_EFORMAT,
                   "%s: too short for background noise: more than %zu samples are needed, but only "
                   "%zu were found",
                   path, options->desired_samples, n_samples);
}

/** Reads the next recording, or keeps the sentence about why it is skipped. */
static ws_status take_sound(ws_noise *noise, const char *path, const ws_noise_options *options,
                            ws_text_list *faults, ws_error *err)
{
    ws_sound *sound = &noise->sounds[noise->n_sounds];
    ws_error fault = {0};

    const ws_status status = read_sound(path, options, sound, &fault);
    if (status != WS_OK && (options->strict || status == WS_ENOMEM))
        return ws_fail(err, status, "%s", fault.message);
    if (status != WS_OK)
        return ws_text_list_push(faults, fault.message) == WS_OK
                   ? WS_OK
                   : ws_fail_memory(err, "background noise");
    noise->n_sounds++;
    if (sound->oddity != WS_SOUND_AS_PROMISED)
        ws_log_write(options->log, WS_LOG_WARN, "%s: %s; it is read as far as there is sound", path,
                     ws_sound_oddity_text(sound->oddity));
    return WS_OK;
}

static ws_status read_sounds(ws_noise *noise, const char *dir, const ws_text_list *names,
                             const ws_noise_options *options, ws_error *err)
{
    ws_text_list faults = {0};
    ws_status status = WS_OK;

    noise->sounds = calloc(names->n_items + 1, sizeof *noise->sounds);
    if (noise->sounds == NULL)
        return ws_fail_memory(err, "background noise");
    for (size_t i = 0; status == WS_OK && i < names->n_items; i++) {
        char *path = ws_path_join(dir, names->items[i]);
        status = path != NULL ? take_sound(noise, path, options, &faults, err)
                              : ws_fail_memory(err, "background noise");
        free(path);
    }
    if (status == WS_OK && noise->n_sounds == 0 && faults.n_items > 0)
        status =
            ws_fail(err, WS_EFORMAT, "%s: no recording in it is usable as noise; the first: %s",
                    dir, faults.items[0]);
    for (size_t i = 0; status == WS_OK && i < faults.n_items; i++)
        ws_log_write(options->log, WS_LOG_WARN, "broken noise skipped: %s", faults.items[i]);
    ws_text_list_deinit(&faults);
    return status;
}

/** Warns of what is left out, or fails if nothing else is there. */
static ws_status check_names(const char *dir, const ws_text_list *names,
                             const ws_left_out *left_out, const ws_log *log, ws_error *err)
{
    char *text = ws_left_out_text(left_out);
    const bool has_text = text != NULL && text[0] != '\0';
    ws_status status = WS_OK;

    if (names->n_items == 0)
        status = ws_fail(err, WS_ENOTFOUND,
                         "no background noise found in %s, expected sound files directly in it (or "
                         "no such folder)%s%s",
                         dir, has_text ? "; " : "", has_text ? text : "");
    else if (has_text)
        ws_log_write(log, WS_LOG_WARN, "%s: %s", dir, text);
    free(text);
    return status;
}

ws_status ws_noise_create_from(const char *dir, const ws_noise_options *options, ws_noise **noise,
                               ws_error *err)
{
    ws_text_list names = {0};
    ws_left_out left_out = {0};
    ws_status status = WS_OK;

    *noise = NULL;
    ws_noise *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "background noise");
    if (!ws_dir_exists(dir))
        status = ws_fail(err, WS_ENOTFOUND,
                         "%s: there is no such directory, expected one with background noise", dir);
    if (status == WS_OK)
        status = ws_folder_list(dir, &names, &left_out, err);
    if (status == WS_OK)
        status = check_names(dir, &names, &left_out, options->log, err);
    if (status == WS_OK)
        status = read_sounds(made, dir, &names, options, err);
    ws_text_list_deinit(&names);
    if (status == WS_OK)
        *noise = made;
    else
        ws_noise_destroy(made);
    return status;
}

ws_status ws_noise_create(const char *data_dir, const ws_noise_options *options, ws_noise **noise,
                          ws_error *err)
{
    ws_status status = WS_OK;

    *noise = NULL;
    char *dir = ws_path_join(data_dir, WS_NOISE_DIR);
    if (dir == NULL)
        return ws_fail_memory(err, "background noise");
    if (ws_dir_exists(dir))
        status = ws_noise_create_from(dir, options, noise, err);
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
