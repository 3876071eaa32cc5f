/* dataset/noise: loading, other sample rates, and each way in which it can go wrong. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "dataset/noise.h"
#include "support/check.h"
#include "support/sound_file.h"

enum { RATE_HZ = 16000, CLIP = 16000, LONG = 20000 };

/** What was logged. */
typedef struct lines {
    char text[4096]; /* lines, one after the other */
    size_t n;
} lines;

static void keep_line(void *user, ws_log_level level, const char *line)
{
    lines *kept = user;
    assert_int_equal(level, WS_LOG_WARN);
    const size_t used = strlen(kept->text);
    (void)snprintf(kept->text + used, sizeof kept->text - used, "%s\n", line);
    kept->n++;
}

static lines logged;
static const ws_log log_to_lines = {WS_LOG_INFO, keep_line, &logged};
static const ws_noise_options about_noise = {
    .sample_rate_hz = RATE_HZ, .desired_samples = CLIP, .log = &log_to_lines};

static char dir[256];
static char path[512];
static float samples[LONG];

static const char *at(const char *name)
{
    (void)snprintf(path, sizeof path, "%s/_background_noise_/%s", dir, name);
    return path;
}

static int make_dir(void **state)
{
    (void)state;
    logged = (lines){0};
    ws_test_make_dir(dir, sizeof dir);
    for (size_t i = 0; i < LONG; i++)
        samples[i] = (float)((int)(i * 7919 % 2001) - 1000) / 32768.0f;
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    ws_test_remove_dir(dir);
    return 0;
}

static void make_noise_folder(void)
{
    at("");
    assert_int_equal(mkdir(path, 0777), 0);
}

static void write_noise(const char *name, int rate_hz, size_t n)
{
    ws_test_sound_write(at(name), &(ws_test_sound){WS_TEST_WAV_16, rate_hz, 1, samples, n});
}

static void without_a_folder_there_is_no_noise(void **state)
{
    ws_noise *noise;
    (void)state;
    assert_int_equal(ws_noise_create(dir, &about_noise, &noise, NULL), WS_OK);
    assert_int_equal(ws_noise_n_sounds(noise), 0);
    ws_noise_destroy(noise);
    assert_int_equal(ws_noise_n_sounds(NULL), 0);
}

static void recordings_come_sorted_and_whole(void **state)
{
    size_t n;
    ws_noise *noise;
    (void)state;
    make_noise_folder();
    write_noise("b.wav", RATE_HZ, CLIP + 1);
    write_noise("a.wav", RATE_HZ, LONG);
    write_noise("c.wav", RATE_HZ / 2, LONG / 2);
    ws_test_file_write(at("README.md"), "no sound\n", 9);
    assert_int_equal(ws_noise_create(dir, &about_noise, &noise, NULL), WS_OK);
    assert_int_equal(ws_noise_n_sounds(noise), 3);
    const float *sound = ws_noise_sound(noise, 0, &n);
    assert_int_equal(n, LONG);
    assert_close("a.wav", sound, samples, LONG, 0.0);
    (void)ws_noise_sound(noise, 1, &n);
    assert_int_equal(n, CLIP + 1);
    (void)ws_noise_sound(noise, 2, &n); /* of twice as many samples now */
    assert_in_range(n, LONG - 1, LONG);
    ws_noise_destroy(noise);
}

static void a_folder_of_any_name(void **state)
{
    ws_noise *noise;
    ws_error err;
    char folder[512];
    (void)state;
    make_noise_folder();
    write_noise("a.wav", RATE_HZ, LONG);
    (void)snprintf(folder, sizeof folder, "%s/_background_noise_", dir);
    assert_int_equal(ws_noise_create_from(folder, &about_noise, &noise, NULL), WS_OK);
    assert_int_equal(ws_noise_n_sounds(noise), 1);
    ws_noise_destroy(noise);
    (void)snprintf(folder, sizeof folder, "%s/none", dir);
    assert_int_equal(ws_noise_create_from(folder, &about_noise, &noise, &err), WS_ENOTFOUND);
    assert_null(noise);
    assert_non_null(strstr(err.message, folder));
}

static void expect_fault(ws_status status, const char *part)
{
    ws_noise *noise;
    ws_error err = {0};
    assert_int_equal(ws_noise_create(dir, &about_noise, &noise, &err), status);
    assert_null(noise);
    if (strstr(err.message, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, part);
}

static void what_cannot_be_used_is_skipped(void **state)
{
    ws_noise_options strict = about_noise;
    ws_noise *noise;
    ws_error err;
    (void)state;
    make_noise_folder();
    expect_fault(WS_ENOTFOUND, "no background noise found in ");
    write_noise("fine.wav", RATE_HZ, LONG);
    write_noise("none.wav", RATE_HZ, 0);
    ws_test_file_write(at("page.wav"), "<!DOCTYPE html>\n", 16);
    ws_test_file_write(at("._fine.wav"), "\0\5\x16\7", 4);
    assert_int_equal(ws_noise_create(dir, &about_noise, &noise, NULL), WS_OK);
    assert_int_equal(ws_noise_n_sounds(noise), 1);
    ws_noise_destroy(noise);
    assert_int_equal(logged.n, 2);
    assert_non_null(strstr(logged.text, "page.wav: not a sound file"));
    assert_non_null(strstr(logged.text, "none.wav: "));
    strict.strict = true;
    assert_int_equal(ws_noise_create(dir, &strict, &noise, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "none.wav"));
    assert_int_equal(remove(at("fine.wav")), 0);
    expect_fault(WS_EFORMAT, "no recording in it is usable as noise; the first: ");
}

/* As clips: any format, any case; unlike clips in folders inside, too, sorted by path. */
static void noise_is_of_any_kind_and_place(void **state)
{
    ws_noise *noise;
    size_t n;
    char folder[512];
    (void)state;
    make_noise_folder();
    write_noise("UPPER.WAV", RATE_HZ, LONG);
    ws_test_sound_write(at("a.Flac"), &(ws_test_sound){WS_TEST_FLAC_16, RATE_HZ, 1, samples, LONG});
    ws_test_sound_write(at("c.aiff"), &(ws_test_sound){WS_TEST_AIFF, RATE_HZ, 1, samples, LONG});
    assert_int_equal(mkdir(at("b"), 0777), 0);
    assert_int_equal(mkdir(at("b/deeper"), 0777), 0);
    write_noise("b/deeper/c.wav", RATE_HZ, CLIP + 5);
    ws_test_file_write(at("b/text.txt"), "x", 1);
    ws_test_file_write(at("d.m4a"), "x", 1);
    ws_test_file_write(at("README.md"), "x", 1);
    (void)snprintf(folder, sizeof folder, "%s/_background_noise_/", dir); /* with its slash */
    assert_int_equal(ws_noise_create(dir, &about_noise, &noise, NULL), WS_OK);
    assert_int_equal(ws_noise_n_sounds(noise), 4);
    (void)ws_noise_sound(noise, 2, &n); /* b/deeper/c.wav comes before c.aiff */
    assert_int_equal(n, CLIP + 5);
    ws_noise_destroy(noise);
    assert_int_equal(ws_noise_create_from(folder, &about_noise, &noise, NULL), WS_OK);
    assert_int_equal(ws_noise_n_sounds(noise), 4);
    ws_noise_destroy(noise);
    assert_int_equal(logged.n, 2);
    assert_non_null(strstr(logged.text, "left out: 1 file that is not sound by its name ("));
    assert_null(strstr(logged.text, "in a folder inside"));
}

static void short_noise_is_repeated(void **state)
{
    static const size_t lengths[] = {1, 7, CLIP / 2, CLIP - 1, CLIP, CLIP + 1};
    ws_noise *noise;
    (void)state;
    make_noise_folder();
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%zu.wav", i);
        write_noise(name, RATE_HZ, lengths[i]);
    }
    assert_int_equal(ws_noise_create(dir, &about_noise, &noise, NULL), WS_OK);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t n;
        const float *sound = ws_noise_sound(noise, i, &n);
        assert_true(n > CLIP && n <= CLIP + lengths[i] && n % lengths[i] == 0);
        for (size_t k = 0; k < n; k++)
            assert_true(sound[k] == samples[k % lengths[i]]);
    }
    ws_noise_destroy(noise);
}

static void noise_has_a_limit(void **state)
{
    ws_noise_options options = about_noise;
    ws_noise *noise;
    size_t n;
    (void)state;
    make_noise_folder();
    write_noise("a.wav", RATE_HZ, LONG);
    write_noise("b.wav", RATE_HZ, LONG);
    write_noise("c.wav", RATE_HZ, LONG);
    options.max_samples = LONG + CLIP + 100;
    assert_int_equal(ws_noise_create(dir, &options, &noise, NULL), WS_OK);
    assert_int_equal(ws_noise_n_sounds(noise), 2);
    (void)ws_noise_sound(noise, 1, &n);
    assert_int_equal(n, CLIP + 100);
    assert_int_equal(logged.n, 1);
    assert_non_null(strstr(logged.text, "b.wav: with this recording the background noise reaches "
                                        "its limit of 36100 samples"));
    ws_noise_destroy(noise);
}

static void the_loudest_recording_is_found(void **state)
{
    static float square[LONG], half[LONG], zeros[LONG];
    ws_noise *noise;
    (void)state;
    for (size_t i = 0; i < LONG; i++) {
        square[i] = i / 10 % 2 == 0 ? 0.01f : -0.01f;
        half[i] = square[i] / 2.0f;
    }
    make_noise_folder();
    ws_test_sound_write(at("a.wav"), &(ws_test_sound){WS_TEST_WAV_FLOAT, RATE_HZ, 1, zeros, LONG});
    assert_int_equal(ws_noise_create(dir, &about_noise, &noise, NULL), WS_OK);
    assert_true(isinf(ws_noise_get_loudest_dbfs(noise)) && ws_noise_get_loudest_dbfs(noise) < 0.0);
    ws_noise_destroy(noise);
    ws_test_sound_write(at("b.wav"), &(ws_test_sound){WS_TEST_WAV_FLOAT, RATE_HZ, 1, square, LONG});
    ws_test_sound_write(at("c.wav"), &(ws_test_sound){WS_TEST_WAV_FLOAT, RATE_HZ, 1, half, LONG});
    assert_int_equal(ws_noise_create(dir, &about_noise, &noise, NULL), WS_OK);
    assert_true(fabs(ws_noise_get_loudest_dbfs(noise) - -40.0) < 1e-3);
    ws_noise_destroy(noise);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_a_folder_there_is_no_noise, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(recordings_come_sorted_and_whole, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_folder_of_any_name, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(what_cannot_be_used_is_skipped, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(noise_is_of_any_kind_and_place, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(short_noise_is_repeated, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(noise_has_a_limit, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(the_loudest_recording_is_found, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
