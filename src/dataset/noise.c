#include "dataset/noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/** Recordings being read. */
typedef struct reading {
    ws_noise *noise;
    const ws_noise_options *options;
    size_t n_left;       /* samples that may still be kept */
    ws_text_list faults; /* a sentence for each recording that is skipped */
    bool is_full;
} reading;

/** Repeats a short recording until it is longer than a clip. */
static ws_status repeat(ws_sound *sound, size_t desired_samples, const char *path, ws_error *err)
{
    const size_t n = sound->n_samples;
    const size_t n_copies = n > 0 ? desired_samples / n + 1 : 0;

    if (n_copies == 0)
        return ws_fail(err, WS_EFORMAT, "%s: has no samples, expected background noise", path);
    if (n_copies == 1)
        return WS_OK;
    float *longer = realloc(sound->samples, n * n_copies * sizeof *longer);
    if (longer == NULL)
        return ws_fail_memory(err, "background noise");
    for (size_t copy = 1; copy < n_copies; copy++)
        memcpy(longer + copy * n, longer, n * sizeof *longer);
    sound->samples = longer;
    sound->n_samples = n * n_copies;
    return WS_OK;
}

/** Reads as much of a recording as may be kept. */
static ws_status read_sound(reading *all, const char *path, ws_sound *sound, ws_error *err)
{
    const ws_noise_options *options = all->options;
    ws_status status = ws_sound_read_at(path, options->sample_rate_hz, all->n_left, sound, err);

    if (status != WS_OK)
        return status;
    if (sound->n_samples < all->n_left)
        all->n_left -= sound->n_samples;
    else
        all->is_full = true;
    status = repeat(sound, options->desired_samples, path, err);
    if (status != WS_OK)
        ws_sound_deinit(sound);
    return status;
}

/** Reads the next recording, or keeps the sentence about why it is skipped. */
static ws_status take_sound(reading *all, const char *path, ws_error *err)
{
    const ws_noise_options *options = all->options;
    ws_noise *noise = all->noise;
    ws_sound *sound = &noise->sounds[noise->n_sounds];
    ws_error fault = {0};

    const ws_status status = read_sound(all, path, sound, &fault);
    if (status != WS_OK && (options->strict || status == WS_ENOMEM))
        return ws_fail(err, status, "%s", fault.message);
    if (status != WS_OK)
        return ws_text_list_push(&all->faults, fault.message) == WS_OK
                   ? WS_OK
                   : ws_fail_memory(err, "background noise");
    noise->n_sounds++;
    if (sound->oddity != WS_SOUND_AS_PROMISED)
        ws_log_write(options->log, WS_LOG_WARN, "%s: %s; it is read as far as there is sound", path,
                     ws_sound_oddity_text(sound->oddity));
    if (all->is_full)
        ws_log_write(options->log, WS_LOG_WARN,
                     "%s: with this recording the background noise reaches its limit of %zu "
                     "samples; the rest of it and all further recordings are left out",
                     path, options->max_samples > 0 ? options->max_samples : WS_NOISE_MAX_SAMPLES);
    return WS_OK;
}

static ws_status read_sounds(ws_noise *noise, const char *dir, const ws_text_list *names,
                             const ws_noise_options *options, ws_error *err)
{
    reading all = {
        .noise = noise,
        .options = options,
        .n_left = options->max_samples > 0 ? options->max_samples : WS_NOISE_MAX_SAMPLES,
    };
    ws_status status = WS_OK;

    noise->sounds = calloc(names->n_items + 1, sizeof *noise->sounds);
    if (noise->sounds == NULL)
        return ws_fail_memory(err, "background noise");
    for (size_t i = 0; status == WS_OK && i < names->n_items && !all.is_full; i++) {
        char *path = ws_path_join(dir, names->items[i]);
        status =
            path != NULL ? take_sound(&all, path, err) : ws_fail_memory(err, "background noise");
        free(path);
    }
    if (status == WS_OK && noise->n_sounds == 0 && all.faults.n_items > 0)
        status =
            ws_fail(err, WS_EFORMAT, "%s: no recording in it is usable as noise; the first: %s",
                    dir, all.faults.items[0]);
    for (size_t i = 0; status == WS_OK && i < all.faults.n_items; i++)
        ws_log_write(options->log, WS_LOG_WARN, "broken noise skipped: %s", all.faults.items[i]);
    ws_text_list_deinit(&all.faults);
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
                         "no background noise found in %s, expected sound files in it (or no such "
                         "folder)%s%s",
                         dir, has_text ? "; " : "", has_text ? text : "");
    else if (has_text)
        ws_log_write(log, WS_LOG_WARN, "%s: %s", dir, text);
    free(text);
    return status;
}

ws_status ws_noise_list(const char *dir, const ws_log *log, ws_text_list *names, ws_error *err)
{
    ws_left_out left_out = {0};

    if (!ws_dir_exists(dir))
        return ws_fail(err, WS_ENOTFOUND, "%s: %s, expected one with background noise", dir,
                       ws_dir_fault(dir));
    const ws_status status = ws_folder_list_nested(dir, names, &left_out, err);
    return status == WS_OK ? check_names(dir, names, &left_out, log, err) : status;
}

ws_status ws_noise_create_from(const char *dir, const ws_noise_options *options, ws_noise **noise,
                               ws_error *err)
{
    ws_text_list found = {0};
    ws_status status = WS_OK;

    *noise = NULL;
    ws_noise *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "background noise");
    if (options->names == NULL)
        status = ws_noise_list(dir, options->log, &found, err);
    if (status == WS_OK)
        status =
            read_sounds(made, dir, options->names != NULL ? options->names : &found, options, err);
    ws_text_list_deinit(&found);
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

double ws_noise_get_loudest_dbfs(const ws_noise *noise)
{
    double loudest = 0.0;

    for (size_t i = 0; i < ws_noise_n_sounds(noise); i++) {
        const ws_sound *sound = &noise->sounds[i];
        double sum = 0.0;
        for (size_t k = 0; k < sound->n_samples; k++)
            sum += (double)sound->samples[k] * (double)sound->samples[k];
        const double power = sum / (double)sound->n_samples;
        loudest = power > loudest ? power : loudest;
    }
    return 10.0 * log10(loudest);
}

const float *ws_noise_draw(const ws_noise *noise, size_t n_samples, ws_random *random)
{
    const size_t n_sounds = ws_noise_n_sounds(noise);

    if (n_sounds == 0)
        return NULL;
    const ws_sound *sound = &noise->sounds[ws_random_below(random, (uint32_t)n_sounds)];
    return sound->samples + ws_random_below(random, (uint32_t)(sound->n_samples - n_samples));
}
