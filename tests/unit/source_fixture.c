#include "unit/source_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/random.h"
#include "support/check.h"
#include "support/sound_file.h"

static char dir[256];
static const ws_noise_options about_noise = {.sample_rate_hz = RATE_HZ, .desired_samples = CLIP};
static float noisy[3 * CLIP]; /* what clips and noise are made of */
static bool has_broken;       /* whether the clips of source_broken are */

const char *source_dir(void)
{
    return dir;
}

static void make_folder(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(mkdir(path, 0777), 0);
}

/** Clip number i of a folder: its kind, rate and length vary with i. */
static void make_clip(const char *folder, unsigned i)
{
    static const ws_test_sound_kind kinds[] = {WS_TEST_WAV_16, WS_TEST_WAV_24, WS_TEST_WAV_FLOAT,
                                               WS_TEST_FLAC_16};
    const ws_test_sound_kind kind = kinds[i % 4];
    const bool is_other_rate = i % 7 == 3;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s/%s%u_nohash_0.%s", dir, folder, folder, i,
                   kind == WS_TEST_FLAC_16 ? "flac" : "wav");
    ws_test_sound_write(path, &(ws_test_sound){kind, is_other_rate ? 11025 : RATE_HZ, 1,
                                               noisy + 97 * i, CLIP / 2 + 300 * (i % 9)});
}

void source_cut_clip(const char *name, size_t size)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    ws_test_file_cut(path, size);
}

static void overwrite_clip(const char *name, const char *text)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    ws_test_file_write(path, text, strlen(text));
}

int source_make_whole(void **state)
{
    char path[512];
    ws_random random;
    (void)state;
    has_broken = false;
    ws_test_make_dir(dir, sizeof dir);
    ws_random_init(&random, 3, WS_RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < sizeof noisy / sizeof *noisy; i++)
        noisy[i] = (float)(0.6 * ws_random_uniform(&random) - 0.3);
    make_folder("yes");
    make_folder("no");
    make_folder("bed");
    for (unsigned i = 0; i < 16; i++) {
        make_clip("yes", i);
        make_clip("no", i);
        make_clip("bed", i);
    }
    make_folder("_background_noise_");
    for (unsigned i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/_background_noise_/%u.wav", dir, i);
        ws_test_sound_write(
            path, &(ws_test_sound){WS_TEST_WAV_16, RATE_HZ, 1, noisy, CLIP + 500 + 700 * i});
    }
    return 0;
}

const char *const source_broken[N_BROKEN] = {"yes/yes0_nohash_0.wav", "yes/yes4_nohash_0.wav",
                                             "no/no1_nohash_0.wav",   "no/no7_nohash_0.flac",
                                             "yes/yes9_nohash_0.wav", "bed/bed5_nohash_0.wav"};

int source_make_with_broken(void **state)
{
    (void)source_make_whole(state);
    has_broken = true;
    source_cut_clip(source_broken[0], 44); /* nothing but its header */
    source_cut_clip(source_broken[1], 0);
    overwrite_clip(source_broken[2], "not a sound but a text\n");
    source_cut_clip(source_broken[3], 200);
    source_cut_clip(source_broken[4], 20);
    overwrite_clip(source_broken[5], "<html>404</html>\n");
    return 0;
}

int source_remove(void **state)
{
    (void)state;
    ws_test_remove_dir(dir);
    return 0;
}

bool source_is_broken(const char *path)
{
    for (size_t i = 0; has_broken && i < N_BROKEN; i++) {
        if (strcmp(path + strlen(dir) + 1, source_broken[i]) == 0)
            return true;
    }
    return false;
}

static void keep_line(void *user, ws_log_level level, const char *line)
{
    lines *kept = user;
    assert_int_equal(level, WS_LOG_WARN);
    assert_true(strlen(kept->text) + strlen(line) + 2 < sizeof kept->text);
    strcat(kept->text, line);
    strcat(kept->text, "\n");
    kept->n++;
}

/** Opens all; options that are not 0 override the defaults. */
fixture *source_open(const ws_source_options *options)
{
    const ws_index_options index = {.data_dir = dir,
                                    .wanted_words = "yes,no",
                                    .silence_percentage = 40.0,
                                    .unknown_percentage = 30.0,
                                    .testing_percentage = 20,
                                    .validation_percentage = 30};
    const ws_feature_options features = {"mfcc", RATE_HZ, 500, 30.0, 10.0, 40};
    ws_feature_settings settings;
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->log = (ws_log){WS_LOG_INFO, keep_line, &f->lines};
    assert_int_equal(ws_index_create(&index, &f->index, NULL), WS_OK);
    assert_int_equal(ws_feature_settings_init(&features, &settings, NULL), WS_OK);
    assert_int_equal(settings.desired_samples, CLIP);
    assert_int_equal(ws_features_create(&settings, NULL, &f->features, NULL), WS_OK);
    assert_int_equal(ws_noise_create(dir, &about_noise, &f->noise, NULL), WS_OK);
    ws_source_options all = *options;
    all.index = f->index;
    all.features = f->features;
    all.noise = f->noise;
    all.background_volume = 0.1;
    all.background_frequency = 0.8;
    all.time_shift_samples = SHIFT;
    all.seed = SEED;
    all.log = &f->log;
    assert_int_equal(ws_source_create(&all, &f->source, NULL), WS_OK);
    f->size = ws_source_settings(f->source)->size;
    f->rows = malloc(N_ROWS * f->size * sizeof *f->rows);
    assert_non_null(f->rows);
    return f;
}

void source_close(fixture *f)
{
    ws_source_destroy(f->source);
    ws_noise_destroy(f->noise);
    ws_features_destroy(f->features);
    ws_index_destroy(f->index);
    free(f->rows);
    free(f);
}

void source_read_step(fixture *f, uint64_t step)
{
    ws_error err = {0};
    if (ws_source_read_training(f->source, step, 0, N_ROWS, f->rows, f->labels, &err) != WS_OK)
        fail_msg("%s", err.message);
}
