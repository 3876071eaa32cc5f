/*
 * dataset/streaming_test: each word is where the labels say, faded in and out, and comes from the
 * testing set; noise is as frequent and as loud as requested; and failures. Clips are constant,
 * each with its own level, which identifies it in the track.
 */
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

#include "audio/sound.h"
#include "base/file.h"
#include "dataset/labels.h"
#include "dataset/split.h"
#include "dataset/streaming_test.h"
#include "metrics/stream_score.h"
#include "support/check.h"
#include "support/sound_file.h"

enum {
    RATE_HZ = 8000,
    CLIP = RATE_HZ / 2,     /* samples */
    SLOT = 3 * RATE_HZ / 4, /* of a clip and its gap */
    RAMP = 500,             /* of a word */
    N_SPEAKERS = 40,        /* a word */
    TESTING = 40,           /* percent */
    N_NOISE = 3 * RATE_HZ,  /* samples */
    SECONDS = 90,
    N_WORDS = SECONDS * 4 / 3 /* slots of 750 ms */
};

static const ws_noise_options about_noise = {.sample_rate_hz = RATE_HZ, .desired_samples = CLIP};
static const char *const words[] = {"yes", "no", "bed", "cat"};
static const float noise_level = 0.5f;

static char dir[256];

/** A name in the directory, of a static buffer. */
static const char *at(const char *folder, const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s/%s", dir, folder, name);
    return path;
}

static const char *clip_path(size_t word, unsigned speaker)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s%u_nohash_0.wav", words[word], speaker);
    return at(words[word], name);
}

/** Of all clips another one, and the same in a 16-bit file. */
static float clip_level(size_t word, unsigned speaker)
{
    return (float)(1 + word * N_SPEAKERS + speaker) / 512.0f;
}

static void write_constant(const char *path, float level, size_t n)
{
    static float samples[N_NOISE];
    for (size_t i = 0; i < n; i++)
        samples[i] = level;
    ws_test_sound_write(path, &(ws_test_sound){WS_TEST_WAV_16, RATE_HZ, 1, samples, n});
}

static int make_data(void **state)
{
    (void)state;
    ws_test_make_dir(dir, sizeof dir);
    for (size_t word = 0; word < 4; word++) {
        assert_int_equal(mkdir(at(words[word], ""), 0777), 0);
        for (unsigned i = 0; i < N_SPEAKERS; i++)
            write_constant(clip_path(word, i), clip_level(word, i), CLIP);
    }
    assert_int_equal(mkdir(at("_background_noise_", ""), 0777), 0);
    write_constant(at("_background_noise_", "a.wav"), noise_level, N_NOISE);
    write_constant(at("_background_noise_", "b.wav"), -noise_level, N_NOISE);
    return 0;
}

static int remove_data(void **state)
{
    (void)state;
    ws_test_remove_dir(dir);
    return 0;
}

static ws_index *open_index(const char *wanted, int64_t testing)
{
    ws_index *index;
    const ws_index_options options = {.data_dir = dir,
                                      .wanted_words = wanted,
                                      .unknown_percentage = 50,
                                      .testing_percentage = testing,
                                      .validation_percentage = 10};
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    return index;
}

static ws_streaming_test_options plain_options(const ws_index *index)
{
    return (ws_streaming_test_options){.index = index,
                                       .background_volume = 0.1,
                                       .background_frequency = 1,
                                       .sample_rate = RATE_HZ,
                                       .clip_duration_ms = 500,
                                       .word_gap_ms = 250,
                                       .test_duration_seconds = SECONDS,
                                       .unknown_percentage = 30,
                                       .seed = 7};
}

static ws_streaming_test make_test(const ws_streaming_test_options *options)
{
    ws_streaming_test test;
    ws_error err;
    if (ws_streaming_test_init(&test, options, &err) != WS_OK)
        fail_msg("%s", err.message);
    return test;
}

/** Finds the clip of that level; fails if no clip has it. */
static void find_clip(float level, size_t *word, unsigned *speaker)
{
    for (*word = 0; *word < 4; ++*word) {
        for (*speaker = 0; *speaker < N_SPEAKERS; ++*speaker) {
            if (fabsf(level - clip_level(*word, *speaker)) < 1e-6f)
                return;
        }
    }
    fail_msg("no clip has the level %g", (double)level);
}

/** Word i of a test without noise. @return whether it is a wanted one */
static bool check_word(const ws_streaming_test *test, size_t i)
{
    const size_t start = (size_t)(test->words[i].time_ms * RATE_HZ / 1000.0 + 0.5);
    const float *slot = test->samples + i * SLOT, *sound = test->samples + start;
    const size_t gap = start - i * SLOT;
    size_t word;
    unsigned speaker;

    assert_in_range(start, i * SLOT, (i + 1) * SLOT - CLIP - 1);
    find_clip(sound[CLIP / 2], &word, &speaker);
    const float level = clip_level(word, speaker);
    assert_string_equal(test->words[i].label, word < 2 ? words[word] : WS_LABEL_UNKNOWN);
    assert_int_equal(ws_split_find(clip_path(word, speaker), 10, TESTING), WS_SET_TESTING);
    for (size_t k = 0; k < SLOT; k++) { /* silence, the ramps by their formulas, silence */
        const size_t p = k - gap;
        float want = k < gap || p >= CLIP ? 0.0f : level;
        if (want > 0.0f && p < RAMP)
            want *= (float)p / RAMP;
        else if (want > 0.0f && p > CLIP - RAMP)
            want *= (float)(CLIP - p) / RAMP;
        assert_true(fabsf(slot[k] - want) < 1e-6f);
    }
    return word < 2;
}

static void words_are_where_the_labels_say(void **state)
{
    ws_index *index = open_index("yes,no", TESTING);
    const ws_streaming_test_options options = plain_options(index);
    ws_streaming_test test = make_test(&options);
    size_t n_wanted = 0;

    (void)state;
    assert_int_equal(test.n_samples, SECONDS * RATE_HZ);
    assert_int_equal(test.n_words, N_WORDS);
    for (size_t i = 0; i < N_WORDS; i++)
        n_wanted += check_word(&test, i);
    assert_in_range(n_wanted, N_WORDS * 55 / 100, N_WORDS * 85 / 100); /* 70 %, +-3.6 deviations */
    ws_streaming_test_deinit(&test);
    ws_index_destroy(index);
}

static void unknown_words_by_their_percentage(void **state)
{
    ws_index *index = open_index("yes,no", TESTING);
    ws_streaming_test_options options = plain_options(index);

    (void)state;
    for (int all = 0; all < 2; all++) {
        options.unknown_percentage = all ? 100 : 0;
        ws_streaming_test test = make_test(&options);
        for (size_t i = 0; i < N_WORDS; i++)
            assert_int_equal(strcmp(test.words[i].label, WS_LABEL_UNKNOWN) == 0, all);
        ws_streaming_test_deinit(&test);
    }
    ws_index_destroy(index);
}

static void seeds_repeat_and_differ(void **state)
{
    ws_index *index = open_index("yes,no", TESTING);
    ws_noise *noise;
    ws_streaming_test_options options = plain_options(index);

    (void)state;
    assert_int_equal(ws_noise_create(dir, &about_noise, &noise, NULL), WS_OK);
    options.noise = noise;
    ws_streaming_test one = make_test(&options), same = make_test(&options);
    options.seed++;
    ws_streaming_test other = make_test(&options);
    assert_memory_equal(one.samples, same.samples, one.n_samples * sizeof *one.samples);
    assert_memory_equal(one.words, same.words, one.n_words * sizeof *one.words);
    assert_memory_not_equal(one.samples, other.samples, one.n_samples * sizeof *one.samples);
    assert_memory_not_equal(one.words, other.words, one.n_words * sizeof *one.words);
    ws_streaming_test_deinit(&one);
    ws_streaming_test_deinit(&same);
    ws_streaming_test_deinit(&other);
    ws_noise_destroy(noise);
    ws_index_destroy(index);
}

/** Only the noise: the track without the words. [n_samples], free() */
static float *make_noise_only(ws_streaming_test_options *options, size_t *n_samples)
{
    const ws_noise *noise = options->noise;
    ws_streaming_test both = make_test(options);
    options->noise = NULL;
    ws_streaming_test without = make_test(options);
    options->noise = noise;
    for (size_t i = 0; i < both.n_samples; i++)
        without.samples[i] = both.samples[i] - without.samples[i];
    float *left = without.samples;
    *n_samples = without.n_samples;
    without.samples = NULL;
    ws_streaming_test_deinit(&both);
    ws_streaming_test_deinit(&without);
    return left;
}

/* A piece begins every CLIP samples and is two of them long: just before the next one begins, the
 * previous one is almost over (a two-thousandth of it is left), so only this one is heard. */
static void noise_is_as_loud_and_often_as_asked(void **state)
{
    static const double shares[] = {0, 0.3, 1};
    static const float rest = 1e-4f;
    ws_index *index = open_index("yes,no", TESTING);
    ws_noise *noise;
    ws_streaming_test_options options = plain_options(index);

    (void)state;
    assert_int_equal(ws_noise_create(dir, &about_noise, &noise, NULL), WS_OK);
    options.noise = noise;
    for (size_t k = 0; k < 3; k++) {
        size_t n, n_heard = 0, n_negative = 0;
        options.background_frequency = shares[k];
        float *track = make_noise_only(&options, &n);
        const size_t n_pieces = n / CLIP;
        for (size_t i = 0; i < n_pieces; i++) {
            const float level = track[(i + 1) * CLIP - 1];
            assert_true(fabsf(level) < 0.1f * noise_level + rest);
            n_heard += fabsf(level) > rest;
            n_negative += level < -rest;
        }
        assert_true(fabs((double)n_heard / (double)n_pieces - shares[k]) < 0.12);
        if (shares[k] == 1.0) /* both recordings, one as often as the other */
            assert_in_range(n_negative, n_pieces / 3, n_pieces * 2 / 3);
        free(track);
    }
    ws_noise_destroy(noise);
    ws_index_destroy(index);
}

static void files_say_the_same(void **state)
{
    ws_index *index = open_index("yes,no", TESTING);
    const ws_streaming_test_options options = plain_options(index);
    ws_streaming_test test = make_test(&options);
    char audio[512], labels[512];
    ws_sound sound;
    ws_stream_truth truth;

    (void)state;
    test.samples[3] = 1.5f; /* too loud by half: saturates */
    test.samples[4] = -1.5f;
    (void)snprintf(audio, sizeof audio, "%s/test.wav", dir);
    (void)snprintf(labels, sizeof labels, "%s/test.txt", dir);
    assert_int_equal(ws_streaming_test_write(&test, audio, labels, NULL), WS_OK);
    assert_int_equal(ws_sound_read(audio, 0, &sound, NULL), WS_OK);
    assert_int_equal(sound.sample_rate_hz, RATE_HZ);
    assert_int_equal(sound.n_samples, test.n_samples);
    assert_true(sound.samples[3] == 32767.0f / 32768.0f && sound.samples[4] == -1.0f);
    test.samples[3] = sound.samples[3];
    test.samples[4] = sound.samples[4];
    assert_close("samples", sound.samples, test.samples, test.n_samples, 0.51 / 32768.0);
    assert_int_equal(ws_stream_truth_read(labels, &truth, NULL), WS_OK);
    assert_int_equal(truth.n_words, test.n_words);
    for (size_t i = 0; i < test.n_words; i++) {
        assert_string_equal(truth.words[i].label, test.words[i].label);
        assert_true(fabs((double)truth.words[i].time_ms - test.words[i].time_ms) <= 0.5);
    }
    ws_stream_truth_deinit(&truth);
    ws_sound_deinit(&sound);
    ws_streaming_test_deinit(&test);
    ws_index_destroy(index);
}

/* Where the sound cannot be written, old labels stay, and nothing else is left. */
static void both_files_are_written_or_neither(void **state)
{
    ws_index *index = open_index("yes,no", TESTING);
    const ws_streaming_test_options options = plain_options(index);
    ws_streaming_test test = make_test(&options);
    char audio[512], labels[512];
    unsigned char old[16] = "";
    ws_text_list names = {0};

    (void)state;
    (void)snprintf(audio, sizeof audio, "%s/nowhere/test.wav", dir);
    (void)snprintf(labels, sizeof labels, "%s/cat/test.txt", dir);
    ws_test_file_write(labels, "old", 3);
    assert_int_equal(ws_streaming_test_write(&test, audio, labels, NULL), WS_ENOTFOUND);
    FILE *file = fopen(labels, "rb");
    assert_non_null(file);
    assert_int_equal(fread(old, 1, sizeof old, file), 3);
    assert_int_equal(fclose(file), 0);
    assert_string_equal((char *)old, "old");
    assert_int_equal(remove(labels), 0);
    assert_int_equal(ws_dir_list(at("cat", ""), &names, NULL), WS_OK);
    assert_int_equal(names.n_items, N_SPEAKERS);
    ws_text_list_deinit(&names);
    ws_streaming_test_deinit(&test);
    ws_index_destroy(index);
}

static void expect_fault(const ws_streaming_test_options *options, ws_status status,
                         const char *part)
{
    ws_streaming_test test;
    ws_error err = {0};
    assert_int_equal(ws_streaming_test_init(&test, options, &err), status);
    assert_null(test.samples);
    if (strstr(err.message, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, part);
}

static void impossible_options_are_named(void **state)
{
    ws_index *index = open_index("yes,no", 0);
    ws_streaming_test_options options = plain_options(index);

    (void)state;
    expect_fault(&options, WS_ENOTFOUND, "none of the clips of other words");
    options.unknown_percentage = 0;
    expect_fault(&options, WS_ENOTFOUND, "none of the clips of \"yes\" is for testing");
    options.test_duration_seconds = 1;
    options.word_gap_ms = 501;
    expect_fault(&options, WS_EUSAGE, "no word fits, expected at least the 1001 ms");
    options.test_duration_seconds = 1 << 24;
    expect_fault(&options, WS_EUSAGE, "expected at most 33554 (at --sample_rate=8000)");
    options.test_duration_seconds = 33554;
    options.clip_duration_ms = 10;
    options.word_gap_ms = 0;
    expect_fault(&options, WS_EUSAGE, "more than 1048576 words fit, one every 10 ms");
    ws_index_destroy(index);
    index = open_index("yes,no,bed,cat", TESTING); /* no other words there are */
    options = plain_options(index);
    expect_fault(&options, WS_ENOTFOUND, "for --unknown_percentage=30 (0 does without)");
    ws_index_destroy(index);
}

typedef struct warnings {
    size_t n;
    char last[512];
} warnings;

static void keep_line(void *user, ws_log_level level, const char *line)
{
    warnings *seen = user;
    assert_int_equal(level, WS_LOG_WARN);
    seen->n++;
    (void)snprintf(seen->last, sizeof seen->last, "%s", line);
}

/* All testing clips of "no" but one are damaged: each is named once, and that one is always taken.
 * Then that one is, too. */
static void broken_clips_are_passed_over(void **state)
{
    ws_index *index = open_index("yes,no", TESTING);
    ws_streaming_test_options options = plain_options(index);
    warnings seen = {0};
    const ws_log log = {.level = WS_LOG_INFO, .write = keep_line, .user = &seen};
    unsigned whole = N_SPEAKERS;
    size_t n_damaged = 0;

    (void)state;
    options.log = &log;
    for (unsigned i = 0; i < N_SPEAKERS; i++) {
        if (ws_split_find(clip_path(1, i), 10, TESTING) != WS_SET_TESTING)
            continue;
        if (whole == N_SPEAKERS) {
            whole = i;
            continue;
        }
        ws_test_file_cut(clip_path(1, i), 44);
        n_damaged++;
    }
    ws_streaming_test test = make_test(&options);
    assert_int_equal(seen.n, n_damaged);
    assert_non_null(strstr(seen.last, "holds no samples"));
    for (size_t i = 0; i < N_WORDS; i++) {
        const size_t start = (size_t)(test.words[i].time_ms * RATE_HZ / 1000.0 + 0.5);
        if (strcmp(test.words[i].label, "no") == 0)
            assert_true(fabsf(test.samples[start + CLIP / 2] - clip_level(1, whole)) < 1e-6f);
    }
    ws_streaming_test_deinit(&test);
    ws_test_file_cut(clip_path(1, whole), 44);
    expect_fault(&options, WS_EFORMAT, "none of the clips of \"no\" for testing can be read");
    ws_index_destroy(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_where_the_labels_say),
        cmocka_unit_test(unknown_words_by_their_percentage),
        cmocka_unit_test(seeds_repeat_and_differ),
        cmocka_unit_test(noise_is_as_loud_and_often_as_asked),
        cmocka_unit_test(files_say_the_same),
        cmocka_unit_test(both_files_are_written_or_neither),
        cmocka_unit_test(impossible_options_are_named),
        cmocka_unit_test(broken_clips_are_passed_over), /* the last one: it breaks the data */
    };
    return cmocka_run_group_tests(tests, make_data, remove_data);
}
