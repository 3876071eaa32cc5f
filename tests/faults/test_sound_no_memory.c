/* audio/sound, dataset/index and wake_source: the n-th allocation fails, for every n that there is.
 * Nothing may crash or leak, and the answer is WS_ENOMEM or right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "audio/sound.h"
#include "dataset/index.h"
#include "dataset/noise.h"
#include "dataset/wake_source.h"
#include "support/check.h"
#include "support/failing_alloc.h"
#include "support/sound_file.h"

enum { RATE_HZ = 16000, N = 3000, N_FILES = 4 };

static char dir[256];
static char paths[N_FILES][300];
static float samples[2 * N];

static void make_path(char *path, const char *name)
{
    (void)snprintf(path, sizeof paths[0], "%s/%s", dir, name);
}

/** A plain file, one whose header promises too much, one of two channels, one of another rate. */
static int make_files(void **state)
{
    (void)state;
    ws_test_make_dir(dir, sizeof dir);
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        samples[i] = (float)((int)(i * 7919 % 2001) - 1000) / 32768.0f;
    make_path(paths[0], "yes");
    assert_int_equal(mkdir(paths[0], 0777), 0);
    make_path(paths[0], "_background_noise_");
    assert_int_equal(mkdir(paths[0], 0777), 0);
    make_path(paths[0], "yes/a_nohash_0.wav");
    make_path(paths[1], "yes/b_nohash_0.wav");
    make_path(paths[2], "yes/c_nohash_0.flac");
    make_path(paths[3], "_background_noise_/d.wav");
    ws_test_sound_write(paths[0], &(ws_test_sound){WS_TEST_WAV_16, RATE_HZ, 1, samples, N});
    ws_test_sound_write(paths[1], &(ws_test_sound){WS_TEST_WAV_16, RATE_HZ, 1, samples, N});
    ws_test_file_cut(paths[1], 44 + N);
    ws_test_sound_write(paths[2], &(ws_test_sound){WS_TEST_FLAC_16, RATE_HZ, 2, samples, N});
    ws_test_sound_write(paths[3], &(ws_test_sound){WS_TEST_WAV_16, RATE_HZ / 2, 1, samples, N});
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    ws_test_remove_dir(dir);
    return 0;
}

static void assert_right(ws_status status, const ws_error *err)
{
    if (status != WS_OK && (status != WS_ENOMEM || !allocation_has_failed()))
        fail_msg("status %d: %s", (int)status, err->message);
    if (status == WS_ENOMEM)
        assert_int_equal(err->status, WS_ENOMEM);
}

static void files_are_read_or_memory_is_missing(void **state)
{
    (void)state;
    for (size_t file = 0; file < N_FILES; file++) {
        const size_t n_want = file == 1 ? N / 2 : file == 3 ? 2 * N : N;
        long n = 0;
        do {
            ws_sound sound;
            ws_error err = {0};
            fail_allocation(n++);
            const ws_status status = ws_sound_read_at(paths[file], RATE_HZ, 0, &sound, &err);
            fail_no_allocation();
            assert_right(status, &err);
            if (status == WS_OK)
                assert_int_equal(sound.n_samples, n_want);
            else
                assert_null(sound.samples);
            ws_sound_deinit(&sound);
        } while (allocation_has_failed());
        assert_true(n > 3); /* some did fail */
    }
}

static void files_are_read_in_pieces_or_memory_is_missing(void **state)
{
    static float piece[2 * N];
    (void)state;
    for (size_t file = 0; file < N_FILES; file++) {
        long n = 0;
        do {
            ws_sound_reader *reader;
            ws_error err = {0};
            size_t n_read = 1;
            fail_allocation(n++);
            ws_status status = ws_sound_reader_open(paths[file], RATE_HZ, &reader, &err);
            while (status == WS_OK && n_read > 0)
                status = ws_sound_reader_read(reader, piece, 1000, &n_read, &err);
            ws_sound_reader_close(reader);
            fail_no_allocation();
            assert_right(status, &err);
        } while (allocation_has_failed());
        assert_true(n > 3);
    }
}

static void an_index_is_made_or_memory_is_missing(void **state)
{
    const ws_index_options options = {.data_dir = dir, .wanted_words = "yes", .split = "lists"};
    const ws_noise_options about_noise = {.sample_rate_hz = RATE_HZ, .desired_samples = N};
    char path[300];
    long n = 0;
    (void)state;
    make_path(path, "validation_list.txt");
    ws_test_file_write(path, "yes/c_nohash_0.flac\n", 20);
    make_path(path, "testing_list.txt");
    ws_test_file_write(path, "", 0);
    do {
        ws_index *index;
        ws_noise *noise = NULL;
        ws_error err = {0};
        fail_allocation(n++);
        ws_status status = ws_index_create(&options, &index, &err);
        if (status == WS_OK)
            status = ws_index_check_clips(index, &err);
        if (status == WS_OK)
            status = ws_noise_create(dir, &about_noise, &noise, &err);
        fail_no_allocation();
        assert_right(status, &err);
        if (status == WS_OK) {
            assert_int_equal(ws_index_n_clips(index, WS_SET_TRAINING), 2);
            assert_int_equal(ws_noise_n_sounds(noise), 1);
        }
        ws_noise_destroy(noise);
        ws_index_destroy(index);
    } while (allocation_has_failed());
    assert_true(n > 30);
}

static void an_index_is_read_or_memory_is_missing(void **state)
{
    const ws_index_options options = {.data_dir = dir, .wanted_words = "yes"};
    ws_index *made, *read;
    ws_buf bytes;
    long n = 0;
    (void)state;
    ws_buf_init(&bytes, 1 << 20);
    assert_int_equal(ws_index_create(&options, &made, NULL), WS_OK);
    ws_index_write(made, &bytes);
    assert_int_equal(bytes.status, WS_OK);
    do {
        ws_error err = {0};
        fail_allocation(n++);
        const ws_status status = ws_index_read(&options, bytes.data, bytes.size, &read, &err);
        fail_no_allocation();
        assert_right(status, &err);
        if (status == WS_OK)
            assert_int_equal(ws_index_n_files(read), ws_index_n_files(made));
        ws_index_destroy(read);
    } while (allocation_has_failed());
    assert_true(n > 10);
    ws_index_destroy(made);
    ws_buf_deinit(&bytes);
}

static void windows_of_a_wake_word_or_memory_is_missing(void **state)
{
    static float window_samples[N];
    char words[300], noise[300];
    const ws_wake_folder folders[] = {{words, WS_WAKE_SPEECH, 0, 1.0, 1.0f},
                                      {noise, WS_WAKE_NOISE, 0, 1.0, 1.0f}};
    const ws_wake_options options = {
        .folders = folders,
        .n_folders = 2,
        .sample_rate_hz = RATE_HZ,
        .n_samples = N,
        .noise_share = 1.0,
        .snr = {.is_wanted = true},
        .rooms_dir = noise,
        .room_share = 1.0,
        .microphone_share = 1.0,
        .speed_change = 0.1,
        .tempo_change = 0.1,
        .n_threads = 2,
    };
    long n = 0;

    (void)state;
    make_path(words, "yes");
    make_path(noise, "_background_noise_");
    do {
        const ws_wake_place place = {.recording = 0, .end = N};
        ws_wake_window window = {.samples = window_samples};
        ws_wake_source *source = NULL;
        ws_error err = {0};
        fail_allocation(n++);
        ws_status status = ws_wake_source_create(&options, &source, &err);
        if (status == WS_OK)
            status = ws_wake_source_set_hard(source, &place, 1, 0.5, &err);
        if (status == WS_OK)
            ws_wake_source_make(source, 0, 1, 1, &window);
        fail_no_allocation();
        assert_right(status, &err);
        if (status == WS_OK)
            assert_int_equal(ws_wake_source_n_recordings(source), 4);
        ws_wake_source_destroy(source);
    } while (allocation_has_failed());
    assert_true(n > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read_or_memory_is_missing),
        cmocka_unit_test(files_are_read_in_pieces_or_memory_is_missing),
        cmocka_unit_test(an_index_is_made_or_memory_is_missing),
        cmocka_unit_test(an_index_is_read_or_memory_is_missing),
        cmocka_unit_test(windows_of_a_wake_word_or_memory_is_missing),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
