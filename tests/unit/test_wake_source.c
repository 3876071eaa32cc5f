/* dataset/wake_source: the order and the number of threads change no bit, no speaker is in two
 * sets, hard places are heard, and what cannot be used is named. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "base/file.h"
#include "support/allocations.h"
#include "support/check.h"
#include "support/sound_file.h"
#include "unit/wake_fixture.h"

/** All windows of a step, by that number of threads. */
static void make_step(ws_wake_source *source, int n_threads, float *out)
{
#pragma omp parallel for num_threads(n_threads) schedule(dynamic)
    for (int row = 0; row < 40; row++) {
        ws_wake_window window = {.samples = out + (size_t)row * WAKE_WINDOW};
        ws_wake_source_make(source, (size_t)omp_get_thread_num(), 5, (uint32_t)row, &window);
    }
}

static void order_and_threads_change_no_bit(void **state)
{
    ws_wake_options options = wake_make_options();
    const size_t n = (size_t)40 * WAKE_WINDOW;
    float *first = calloc(n, sizeof *first), *again = calloc(n, sizeof *again);

    (void)state;
    assert_true(first != NULL && again != NULL);
    options.n_threads = 4;
    options.speed_change = 0.15;
    options.tempo_change = 0.15;
    options.noise_share = 0.7;
    options.microphone_share = 0.5;
    options.room_share = 0.5;
    options.shuffle_share = 0.3;
    ws_wake_source *source = wake_open(&options);
    make_step(source, 1, first);
    (void)wake_make(source, 4, 17);
    for (int n_threads = 2; n_threads <= 4; n_threads++) {
        memset(again, 0, n * sizeof *again);
        make_step(source, n_threads, again);
        assert_memory_equal(first, again, n * sizeof *again);
    }
    const size_t before = ws_test_n_allocations();
    make_step(source, 1, again);
    assert_true(ws_test_n_allocations() == before || !ws_test_counts_allocations());
    ws_wake_source_destroy(source);
    options.room_share = 0.0; /* the FFT's last bits may differ between levels */
    source = wake_open(&options);
    make_step(source, 1, first);
    ws_wake_source_destroy(source);
    for (size_t level = 0; level <= (size_t)ws_cpu_level_get_best(); level++) {
        options.level = (ws_cpu_level)level;
        source = wake_open(&options);
        make_step(source, 2, again);
        assert_memory_equal(first, again, n * sizeof *again);
        ws_wake_source_destroy(source);
    }
    options.seed++;
    source = wake_open(&options);
    make_step(source, 2, again);
    assert_memory_not_equal(first, again, n * sizeof *again);
    ws_wake_source_destroy(source);
    free(first);
    free(again);
}

static void no_speaker_is_in_two_sets(void **state)
{
    ws_wake_options options = wake_make_options();
    size_t n[2];

    (void)state;
    options.validation_percentage = 30;
    options.n_folders = 2;
    for (size_t set = 0; set < 2; set++) {
        options.set = set == 0 ? WS_SET_TRAINING : WS_SET_VALIDATION;
        ws_wake_source *source = wake_open(&options);
        n[set] = ws_wake_source_n_recordings(source);
        for (size_t i = 0; i < n[set]; i++)
            assert_int_equal(ws_split_find(ws_wake_source_recording(source, i).path, 30, 0),
                             options.set);
        ws_wake_source_destroy(source);
    }
    assert_true(n[0] > 0 && n[1] > 0);
    assert_int_equal(n[0] + n[1], 2 * WAKE_N_PHRASES);
}

/** How many recordings of a folder are in a set, of those that are there. */
static size_t count_in(const ws_wake_options *options, const char *dir)
{
    ws_wake_source *source = wake_open(options);
    size_t n = 0;

    for (size_t i = 0; i < ws_wake_source_n_recordings(source); i++)
        n += strncmp(ws_wake_source_recording(source, i).path, dir, strlen(dir)) == 0;
    /* what is drawn has to be there */
    for (uint32_t row = 0; row < 50; row++)
        (void)wake_make(source, 1, row);
    ws_wake_source_destroy(source);
    return n;
}

/** A folder with one recording, beside those of the fixture; half of all names are validated. */
static ws_wake_options with_one(ws_wake_folder list[3], const char *dir, ws_wake_kind kind)
{
    ws_wake_options options = wake_make_options();

    list[0] = wake_folders[0];
    list[1] = wake_folders[1];
    list[2] = wake_folders[0];
    list[2].dir = dir;
    list[2].kind = kind;
    options.folders = list;
    options.n_folders = 3;
    options.validation_percentage = 50;
    return options;
}

/** The recordings of one person, or one long file, are trained with, whatever the name is: a folder
 *  of its own must neither fail nor end the validation with the other folders. */
static void one_speaker_is_for_training(void **state)
{
    size_t n_hashed_away = 0;
    char dir[1024], path[1200], name[64];
    ws_wake_folder list[3];
    ws_wake_source *source;
    ws_error err = {.status = WS_OK};

    (void)state;
    (void)snprintf(dir, sizeof dir, "%s/mine", ws_test_dir);
    assert_int_equal(ws_dir_create_all(dir, NULL), WS_OK);
    memset(wake_sound, 0, sizeof wake_sound);
    wake_add_tone(wake_sound, 4000, 12000, wake_phrase_hz, 0.2);
    for (int k = 0; k < 20; k++) {
        (void)snprintf(name, sizeof name, "%d.wav", k);
        n_hashed_away += ws_split_find(name, 50, 0) != WS_SET_TRAINING;
        wake_write_sound(dir, name, WAKE_RATE_HZ, WAKE_RATE_HZ);
        ws_wake_options options = with_one(list, dir, WS_WAKE_POSITIVE);
        assert_int_equal(count_in(&options, dir), 1);
        options.set = WS_SET_VALIDATION;
        assert_int_equal(count_in(&options, dir), 0);
        options = with_one(list, dir, WS_WAKE_SPEECH); /* and all there is of its kind */
        assert_int_equal(count_in(&options, dir), 1);
        options.set = WS_SET_VALIDATION;
        assert_int_equal(ws_wake_source_create(&options, &source, &err), WS_ENOTFOUND);
        assert_non_null(strstr(err.message, "mine: all its usable recordings are in training"));
        (void)snprintf(path, sizeof path, "%s/%s", dir, name);
        assert_int_equal(remove(path), 0);
    }
    assert_in_range(n_hashed_away, 3, 17);
}

static void hard_places_are_heard(void **state)
{
    ws_wake_options options = wake_make_options();
    size_t n_hard = 0;

    (void)state;
    memset(wake_sound, 0, sizeof wake_sound); /* one moment that is not like the rest */
    wake_add_tone(wake_sound, 0, WAKE_LONG, wake_speech_hz, 0.2);
    memset(wake_sound + 40000, 0, 4000 * sizeof *wake_sound);
    wake_add_tone(wake_sound, 40000, 44000, wake_phrase_hz, 0.2);
    wake_write_sound(wake_dirs[2], "reader.wav", WAKE_RATE_HZ, WAKE_LONG);
    options.n_folders = 3;
    wake_folders[0].share = wake_folders[1].share = 0.0;
    options.silence_share = 0.0;
    ws_wake_source *source = wake_open(&options);
    const size_t last = ws_wake_source_n_recordings(source) - 1;
    assert_int_equal(ws_wake_source_recording(source, last).kind, WS_WAKE_SPEECH);
    const ws_wake_place place = {.recording = last, .end = 48000};
    assert_int_equal(ws_wake_source_set_hard(source, &place, 1, 1.0, NULL), WS_OK);
    for (uint32_t row = 0; row < 100; row++) {
        assert_int_equal(wake_make(source, 2, row).recording, last);
        n_hard += wake_tone_power(wake_samples, WAKE_WINDOW, wake_phrase_hz) > 1e-6;
    }
    assert_in_range(n_hard, 90, 100); /* up to an eighth of a window away, it is there */
    assert_int_equal(ws_wake_source_set_hard(source, NULL, 0, 1.0, NULL), WS_OK);
    n_hard = 0;
    for (uint32_t row = 0; row < 100; row++) {
        (void)wake_make(source, 2, row);
        n_hard += wake_tone_power(wake_samples, WAKE_WINDOW, wake_phrase_hz) > 1e-6;
    }
    assert_in_range(n_hard, 20, 89);
    ws_wake_source_destroy(source);
}

/* Text that was logged, and an error's sentence. */
static char warnings[4096];

static void keep_line(void *user, ws_log_level level, const char *line)
{
    (void)user;
    assert_int_equal(level, WS_LOG_WARN);
    (void)snprintf(warnings + strlen(warnings), sizeof warnings - strlen(warnings), "%s\n", line);
}

static void what_cannot_be_used_is_named(void **state)
{
    static const ws_log log = {WS_LOG_INFO, keep_line, NULL};
    ws_wake_options options = wake_make_options();
    ws_error err = {.status = WS_OK};
    char path[1024];
    ws_wake_source *source;

    (void)state;
    options.log = &log;
    warnings[0] = '\0';
    (void)snprintf(path, sizeof path, "%s/bad.wav", wake_dirs[0]);
    ws_test_file_write(path, "RIFF", 4);
    memset(wake_sound, 0, sizeof wake_sound);
    wake_write_sound(wake_dirs[0], "empty.wav", WAKE_RATE_HZ, WAKE_RATE_HZ);
    source = wake_open(&options);
    assert_non_null(strstr(warnings, "bad.wav"));
    assert_non_null(strstr(warnings, "empty.wav: nothing but silence"));
    char *text = ws_wake_source_text(source);
    assert_non_null(text);
    assert_non_null(strstr(text, "20 in "));
    free(text);
    ws_wake_source_destroy(source);
    options.strict = true;
    assert_int_equal(ws_wake_source_create(&options, &source, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "bad.wav"));
    options.strict = false;
    wake_folders[2].dir = "no/such/place";
    assert_int_equal(ws_wake_source_create(&options, &source, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "no/such/place"));
    wake_folders[2].dir = ws_test_dir;
    warnings[0] = '\0';
    options.max_samples = 30000;
    wake_folders[1].share = wake_folders[2].share = wake_folders[3].share = 0.0;
    source = wake_open(&options);
    assert_non_null(strstr(warnings, "reach their limit of 30000 samples"));
    ws_wake_source_destroy(source);
    options.end_samples = WAKE_WINDOW;
    assert_int_equal(ws_wake_source_create(&options, &source, &err), WS_EUSAGE);
}

/** Copies of what is said in the phrase's own folder, in folders of each kind. */
static void write_named(const char *dir, const char *name)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/words/%s", dir, name);
    assert_int_equal(ws_dir_create_all(path, NULL), WS_OK);
    memset(wake_sound, 0, sizeof wake_sound);
    wake_add_tone(wake_sound, 9600, 17600, wake_phrase_hz, 0.3);
    wake_write_sound(path, "s01_nohash_7.wav", WAKE_RATE_HZ, 24000);
    wake_write_sound(path, "s02_nohash_7.wav", WAKE_RATE_HZ, 24000);
}

static void clips_of_the_phrase_are_no_other_speech(void **state)
{
    static const ws_log log = {WS_LOG_INFO, keep_line, NULL};
    ws_wake_options options = wake_make_options();
    ws_wake_source *source = wake_open(&options);
    const size_t n_before = ws_wake_source_n_recordings(source);
    ws_error err = {.status = WS_OK};

    (void)state;
    ws_wake_source_destroy(source);
    for (size_t i = 0; i < 4; i++)
        write_named(wake_dirs[i], "Hey-Jarvis");
    options.log = &log;
    warnings[0] = '\0';
    source = wake_open(&options); /* nobody said what the phrase is */
    assert_int_equal(ws_wake_source_n_recordings(source), n_before + 8);
    assert_string_equal(warnings, "");
    ws_wake_source_destroy(source);
    options.phrase = "hey jarvis";
    source = wake_open(&options);
    assert_int_equal(ws_wake_source_n_recordings(source), n_before + 4);
    for (size_t i = 0; i < n_before + 4; i++) {
        const ws_wake_recording r = ws_wake_source_recording(source, i);
        assert_true(strstr(r.path, "Hey-Jarvis") == NULL || r.kind == WS_WAKE_POSITIVE ||
                    r.kind == WS_WAKE_NEAR);
    }
    assert_non_null(strstr(warnings, "speech: left out: 2 sound files in folders named"));
    assert_non_null(strstr(warnings, "noise: left out: 2 sound files in folders named"));
    ws_wake_source_destroy(source);
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/words/Hey-Jarvis/s02_nohash_7.wav", wake_dirs[3]);
    assert_int_equal(remove(path), 0);
    warnings[0] = '\0';
    source = wake_open(&options);
    assert_non_null(strstr(warnings, "noise: left out: 1 sound file in folders named"));
    ws_wake_source_destroy(source);
    /* and where nothing else is left, the folder is an error, not an empty kind */
    (void)snprintf(wake_dirs[2] + strlen(wake_dirs[2]), sizeof wake_dirs[2] - strlen(wake_dirs[2]),
                   "/words");
    assert_int_equal(ws_wake_source_create(&options, &source, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "speech/words"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_FOLDERS(order_and_threads_change_no_bit),
        ON_FOLDERS(no_speaker_is_in_two_sets),
        ON_FOLDERS(one_speaker_is_for_training),
        ON_FOLDERS(hard_places_are_heard),
        ON_FOLDERS(what_cannot_be_used_is_named),
        ON_FOLDERS(clips_of_the_phrase_are_no_other_speech),
    };
    return cmocka_run_group_tests_name("wake_source", tests, NULL, NULL);
}
