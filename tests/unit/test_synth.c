/* dataset/synth: the data set as a whole, spoken by tests/support/fake_espeak.c. */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <cmocka.h>

#include "audio/sound.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "dataset/split.h"
#include "support/check.h"
#include "synth/synth.h"

static char shared[256];  /* a directory for the whole program: "set" is a finished set */
static char scratch[256]; /* a directory of the running test's own */
static char set_dir[300]; /* the finished set; tests only read it */

static int set_up(void **state)
{
    (void)state;
    ws_test_make_dir(scratch, sizeof scratch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ws_test_remove_dir(scratch);
    return 0;
}

/** A path in the test's directory; lives until the 32nd call after this one. */
static const char *in_scratch(const char *name)
{
    static char paths[32][512];
    static size_t next;
    char *path = paths[next++ % 32];
    (void)snprintf(path, sizeof paths[0], "%s/%s", scratch, name);
    return path;
}

static ws_synth_options small_options(const char *data_dir)
{
    return (ws_synth_options){
        .data_dir = data_dir,
        .words = "yes,no",
        .unknown_words = "bed",
        .n_clips = 24,
        .n_unknown_clips = 10,
        .n_background_files = WS_SYNTH_N_BACKGROUND_KINDS,
        .background_seconds = 2,
        .seed = 59185,
        .espeak = WS_FAKE_ESPEAK,
    };
}

#define N_SMALL_FILES (2 * 24 + 10 + 6)

/* What each test may look at takes its time, so it is made once. */
static int set_up_all(void **state)
{
    ws_error err = {.message = ""};
    (void)state;
    ws_test_make_dir(shared, sizeof shared);
    (void)snprintf(set_dir, sizeof set_dir, "%s/set", shared);
    ws_synth_options options = small_options(set_dir);
    options.n_jobs = 1;
    if (ws_synth_run(&options, NULL, NULL, &err) == WS_OK)
        return 0;
    print_error("%s\n", err.message);
    return 1;
}

static int tear_down_all(void **state)
{
    (void)state;
    ws_test_remove_dir(shared);
    return 0;
}

static ws_synth_report make(const ws_synth_options *options, const ws_synth_watch *watch)
{
    ws_synth_report report;
    ws_error err = {.message = ""};
    if (ws_synth_run(options, watch, &report, &err) != WS_OK)
        fail_msg("%s", err.message);
    return report;
}

/** Appends the path of every file below dir, relative to it, sorted folder by folder. */
static void list_tree(const char *dir, const char *prefix, ws_text_list *paths)
{
    ws_text_list names = {.items = NULL};
    assert_int_equal(ws_dir_list(dir, &names, NULL), WS_OK);
    for (size_t i = 0; i < names.n_items; i++) {
        char *path = ws_path_join(dir, names.items[i]);
        char *relative = ws_text_format("%s%s", prefix, names.items[i]);
        if (ws_dir_exists(path)) {
            char *inner = ws_text_format("%s/", relative);
            list_tree(path, inner, paths);
            free(inner);
        } else {
            assert_int_equal(ws_text_list_push(paths, relative), WS_OK);
        }
        free(relative);
        free(path);
    }
    ws_text_list_deinit(&names);
}

/** Appends the names in a folder of the finished set. */
static void list_word(const char *word, ws_text_list *names)
{
    char *dir = ws_path_join(set_dir, word);
    list_tree(dir, "", names);
    free(dir);
}

static bool files_are_equal(const char *dir_a, const char *dir_b, const char *name)
{
    unsigned char *a, *b;
    size_t size_a, size_b;
    char *path_a = ws_path_join(dir_a, name), *path_b = ws_path_join(dir_b, name);
    assert_int_equal(ws_file_read(path_a, 1 << 24, &a, &size_a, NULL), WS_OK);
    assert_int_equal(ws_file_read(path_b, 1 << 24, &b, &size_b, NULL), WS_OK);
    const bool is_equal = size_a == size_b && memcmp(a, b, size_a) == 0;
    free(a);
    free(b);
    free(path_a);
    free(path_b);
    return is_equal;
}

static void assert_equal_trees(const char *dir_a, const char *dir_b)
{
    ws_text_list a = {.items = NULL}, b = {.items = NULL};
    list_tree(dir_a, "", &a);
    list_tree(dir_b, "", &b);
    assert_int_equal(a.n_items, b.n_items);
    for (size_t i = 0; i < a.n_items; i++) {
        assert_string_equal(a.items[i], b.items[i]);
        if (!files_are_equal(dir_a, dir_b, a.items[i]))
            fail_msg("%s differs", a.items[i]);
    }
    ws_text_list_deinit(&a);
    ws_text_list_deinit(&b);
}

static void same_options_give_same_bytes_with_any_number_of_jobs(void **state)
{
    ws_synth_options options = small_options(in_scratch("two"));
    (void)state;
    options.n_jobs = 2;
    const ws_synth_report report = make(&options, NULL);
    assert_true(report.is_complete);
    assert_int_equal(report.n_files, N_SMALL_FILES);
    assert_int_equal(report.n_made, N_SMALL_FILES);
    assert_int_equal(report.n_found, 0);
    assert_equal_trees(set_dir, options.data_dir);
}

static void another_seed_gives_other_voices_and_noises(void **state)
{
    ws_synth_options options = small_options(in_scratch("other"));
    ws_text_list ours = {.items = NULL}, theirs = {.items = NULL};
    (void)state;
    options.seed++;
    options.n_clips = 12;
    options.unknown_words = "";
    make(&options, NULL);
    assert_false(files_are_equal(set_dir, options.data_dir, "_background_noise_/pink_noise.wav"));
    list_tree(in_scratch("other/yes"), "", &theirs);
    list_word("yes", &ours);
    for (size_t i = 0; i < theirs.n_items; i++)
        for (size_t k = 0; k < ours.n_items; k++)
            assert_string_not_equal(theirs.items[i], ours.items[k]);
    ws_text_list_deinit(&ours);
    ws_text_list_deinit(&theirs);
}

static void assert_clip(const char *data_dir, const char *word, const char *name)
{
    char *path = ws_text_format("%s/%s/%s", data_dir, word, name);
    ws_sound sound;
    float peak = 0.0f;

    assert_int_equal(strspn(name, "0123456789abcdef"), 8);
    assert_int_equal(strncmp(name + 8, "_nohash_", 8), 0);
    assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
    assert_int_equal(sound.n_samples, WS_SYNTH_SAMPLE_RATE_HZ);
    assert_int_equal(sound.sample_rate_hz, WS_SYNTH_SAMPLE_RATE_HZ);
    for (size_t i = 0; i < sound.n_samples; i++)
        peak = fmaxf(peak, fabsf(sound.samples[i]));
    assert_true(peak > 0.08f && peak <= 1.0f);
    ws_sound_deinit(&sound);
    free(path);
}

static void every_set_has_every_word(void **state)
{
    static const char *const words[] = {"yes", "no", "bed"};
    (void)state;
    for (size_t w = 0; w < 3; w++) {
        ws_text_list clips = {.items = NULL};
        size_t n_in_set[WS_N_SETS] = {0};
        list_word(words[w], &clips);
        for (size_t i = 0; i < clips.n_items; i++) {
            assert_clip(set_dir, words[w], clips.items[i]);
            n_in_set[ws_split_find(clips.items[i], 10, 10)]++;
        }
        /* 12 speakers say each word twice, number 0, 1, 10 and 11 are not for training */
        assert_int_equal(n_in_set[WS_SET_TRAINING], w < 2 ? 16 : 8);
        assert_int_equal(n_in_set[WS_SET_VALIDATION], w < 2 ? 4 : 1);
        assert_int_equal(n_in_set[WS_SET_TESTING], w < 2 ? 4 : 1);
        ws_text_list_deinit(&clips);
    }
}

static void speakers_say_all_the_words(void **state)
{
    ws_text_list yes = {.items = NULL}, no = {.items = NULL}, bed = {.items = NULL};
    (void)state;
    list_word("yes", &yes);
    list_word("no", &no);
    list_word("bed", &bed);
    assert_int_equal(yes.n_items, 24);
    assert_int_equal(no.n_items, 24);
    assert_int_equal(bed.n_items, 10);
    for (size_t i = 0; i < 24; i++)
        assert_string_equal(yes.items[i], no.items[i]);
    ws_text_list_deinit(&yes);
    ws_text_list_deinit(&no);
    ws_text_list_deinit(&bed);
}

static void background_noise_is_as_long_as_asked_and_loud(void **state)
{
    ws_text_list names = {.items = NULL};
    (void)state;
    list_word("_background_noise_", &names);
    assert_int_equal(names.n_items, WS_SYNTH_N_BACKGROUND_KINDS);
    for (size_t i = 0; i < names.n_items; i++) {
        char *path = ws_text_format("%s/_background_noise_/%s", set_dir, names.items[i]);
        ws_sound sound;
        double squares = 0.0;
        assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
        assert_int_equal(sound.n_samples, 2 * WS_SYNTH_SAMPLE_RATE_HZ);
        for (size_t k = 0; k < sound.n_samples; k++)
            squares += (double)sound.samples[k] * (double)sound.samples[k];
        assert_true(squares / (double)sound.n_samples > 1e-3);
        ws_sound_deinit(&sound);
        free(path);
    }
    ws_text_list_deinit(&names);
}

static bool stop_after(void *user, size_t n_done, size_t n_files)
{
    assert_int_equal(n_files, N_SMALL_FILES);
    return n_done < *(size_t *)user;
}

static void an_interrupted_set_is_completed(void **state)
{
    ws_synth_options parts = small_options(in_scratch("parts"));
    size_t limit = 7;
    const ws_synth_watch watch = {.progress = stop_after, .user = &limit};
    ws_error err;
    (void)state;
    parts.n_jobs = 1;
    ws_synth_report report = make(&parts, &watch);
    assert_false(report.is_complete);
    assert_int_equal(report.n_made, 7);
    limit = 20;
    report = make(&parts, &watch);
    assert_int_equal(report.n_found, 7);
    assert_int_equal(report.n_made, 13);

    /* what a killed process leaves: half a clip under another name, and one of the speaker's */
    assert_int_equal(ws_file_write(in_scratch("parts/yes/x.wav.tmp-1"), "x", 1, NULL), WS_OK);
    assert_int_equal(ws_dir_create_all(in_scratch("parts/.espeak"), NULL), WS_OK);
    assert_int_equal(ws_file_write(in_scratch("parts/.espeak/1.wav"), "x", 1, NULL), WS_OK);
    report = make(&parts, NULL);
    assert_true(report.is_complete);
    assert_int_equal(report.n_found, 20);
    assert_equal_trees(set_dir, parts.data_dir);
    assert_false(ws_dir_exists(in_scratch("parts/.espeak")));

    /* complete: nothing to do, so no speech program either; one clip lost: that one is made */
    parts.espeak = "/nonexistent/espeak";
    report = make(&parts, NULL);
    assert_int_equal(report.n_found, N_SMALL_FILES);
    assert_int_equal(unlink(in_scratch("parts/_background_noise_/babble.wav")), 0);
    assert_int_equal(ws_synth_run(&parts, NULL, NULL, &err), WS_ENOTFOUND);
    parts.espeak = WS_FAKE_ESPEAK;
    report = make(&parts, NULL);
    assert_int_equal(report.n_made, 1);
    assert_equal_trees(set_dir, parts.data_dir);
}

static void assert_fails(const ws_synth_options *options, ws_status status, const char *part)
{
    ws_error err = {.message = ""};
    assert_int_equal(ws_synth_run(options, NULL, NULL, &err), status);
    assert_int_equal(err.status, status);
    if (strstr(err.message, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, part);
}

static void other_directories_are_refused_and_unchanged(void **state)
{
    ws_synth_options options = small_options(in_scratch("foreign"));
    ws_text_list names = {.items = NULL};
    (void)state;
    assert_int_equal(ws_dir_create_all(in_scratch("foreign/yes"), NULL), WS_OK);
    assert_fails(&options, WS_EEXISTS, "holds \"yes\" and no synth.txt");
    assert_int_equal(ws_dir_list(options.data_dir, &names, NULL), WS_OK);
    assert_int_equal(names.n_items, 1);
    ws_text_list_deinit(&names);

    assert_int_equal(ws_file_write(in_scratch("file"), "x", 1, NULL), WS_OK);
    options.data_dir = in_scratch("file");
    assert_fails(&options, WS_EEXISTS, "file");
}

static void other_options_are_refused_and_named(void **state)
{
    size_t limit = 1;
    const ws_synth_watch watch = {.progress = stop_after, .user = &limit};
    const ws_synth_options made = small_options(in_scratch("begun"));
    ws_synth_options options = made;
    (void)state;
    assert_false(make(&made, &watch).is_complete);
    options.seed = 7;
    assert_fails(&options, WS_EEXISTS, "made with \"seed: 59185\", which now is \"seed: 7\"");
    options = made;
    options.words = "yes,no,go";
    assert_fails(&options, WS_EEXISTS, "which now is \"words: yes,no,go\"");
    options = made;
    options.n_clips = 23;
    assert_fails(&options, WS_EEXISTS, "\"clips a word: 24\", which now is \"clips a word: 23\"");

    /* another voice would not fit to the clips that are there */
    assert_int_equal(setenv("FAKE_ESPEAK_VERSION", "9.9", 1), 0);
    assert_fails(&made, WS_EEXISTS,
                 "which now is \"speech program: eSpeak NG text-to-speech: 9.9\"");
    assert_int_equal(unsetenv("FAKE_ESPEAK_VERSION"), 0);
}

static void two_at_a_time_are_refused(void **state)
{
    const ws_synth_options options = small_options(in_scratch("set"));
    (void)state;
    assert_int_equal(ws_dir_create_all(options.data_dir, NULL), WS_OK);
    const int fd = open(options.data_dir, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_fails(&options, WS_EEXISTS, "another wordspot synth is at work");
    assert_int_equal(close(fd), 0);
    assert_false(ws_file_exists(in_scratch("set/synth.txt")));
}

static void speech_that_fails_is_named(void **state)
{
    ws_synth_options options = small_options(in_scratch("set"));
    (void)state;
    options.espeak = "no-such-espeak";
    assert_fails(&options, WS_ENOTFOUND, "apt-get install espeak-ng");
    options.espeak = "false";
    assert_fails(&options, WS_EIO, "false --version: ended with exit code 1");

    options = small_options(in_scratch("mute"));
    options.words = "mute";
    assert_fails(&options, WS_EFORMAT, "says nothing for \"mute");
    options = small_options(in_scratch("endless"));
    options.words = "endless";
    assert_fails(&options, WS_EFORMAT, "needs more than a second for \"endless");
    options = small_options(in_scratch("broken"));
    options.words = "broken";
    assert_fails(&options, WS_EFORMAT, "ended with exit code 3 while saying \"broken");
    options = small_options(in_scratch("garbage"));
    options.words = "garbage";
    assert_fails(&options, WS_EFORMAT, "garbage/.espeak/");
    assert_false(ws_dir_exists(in_scratch("garbage/.espeak"))); /* cleared up after a failure */
}

/* 200 / speed seconds at up to 205 words a minute, 10 per cent less or more: no word fits at first.
 */
static void a_slow_word_is_said_again_faster(void **state)
{
    ws_synth_options options = small_options(in_scratch("set"));
    (void)state;
    options.words = "drawl";
    options.unknown_words = "";
    options.n_clips = 5;
    options.n_background_files = 0;
    assert_true(make(&options, NULL).is_complete);
}

static void impossible_options_are_named(void **state)
{
    static const struct {
        const char *words, *unknown_words;
        size_t n_clips, n_background_files, background_seconds;
        const char *part;
    } cases[] = {
        {"", "", 10, 1, 5, "no words"},
        {"yes,,no", "", 10, 1, 5, "\"\" cannot be a word"},
        {"Yes", "", 10, 1, 5, "\"Yes\" cannot be a word"},
        {"yes, no", "", 10, 1, 5, "\" no\" cannot be a word"},
        {"../yes", "", 10, 1, 5, "\"../yes\" cannot be a word"},
        {"--path=x", "", 10, 1, 5, "\"--path=x\" cannot be a word"},
        {"_silence_", "", 10, 1, 5, "\"_silence_\" cannot be a word"},
        {"yes", "no,yes", 10, 1, 5, "\"yes\" stands twice"},
        {"yes", "no", 2, 1, 5, "clips a word is 2, expected 3 to 10000"},
        {"yes", "no", 10, 7, 5, "background files is 7, expected 0 to 6"},
        {"yes", "no", 10, 1, 1, "background seconds is 1, expected 2 to 600"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_synth_options options = small_options(in_scratch("none"));
        options.words = cases[i].words;
        options.unknown_words = cases[i].unknown_words;
        options.n_clips = cases[i].n_clips;
        options.n_background_files = cases[i].n_background_files;
        options.background_seconds = cases[i].background_seconds;
        assert_fails(&options, WS_EINVAL, cases[i].part);
        assert_false(ws_dir_exists(options.data_dir));
    }
}

static void the_real_program_speaks(void **state)
{
    ws_synth_options options = small_options(in_scratch("real"));
    ws_synth_report report;
    ws_error err;
    (void)state;
    options.espeak = "espeak-ng";
    options.n_clips = 10;
    options.unknown_words = "";
    const ws_status status = ws_synth_run(&options, NULL, &report, &err);
    if (status == WS_ENOTFOUND) {
        print_message("skipped: espeak-ng is not installed\n");
        skip();
    }
    assert_int_equal(status, WS_OK);
    assert_int_equal(report.n_made, 2 * 10 + 6);
    ws_text_list clips = {.items = NULL};
    list_tree(in_scratch("real/yes"), "", &clips);
    for (size_t i = 0; i < clips.n_items; i++)
        assert_clip(options.data_dir, "yes", clips.items[i]);
    ws_text_list_deinit(&clips);

    ws_synth_options again = options;
    again.data_dir = in_scratch("again");
    again.n_jobs = 1;
    make(&again, NULL);
    assert_equal_trees(options.data_dir, again.data_dir);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(same_options_give_same_bytes_with_any_number_of_jobs),
        TEST(another_seed_gives_other_voices_and_noises),
        TEST(every_set_has_every_word),
        TEST(speakers_say_all_the_words),
        TEST(background_noise_is_as_long_as_asked_and_loud),
        TEST(an_interrupted_set_is_completed),
        TEST(other_directories_are_refused_and_unchanged),
        TEST(other_options_are_refused_and_named),
        TEST(two_at_a_time_are_refused),
        TEST(speech_that_fails_is_named),
        TEST(a_slow_word_is_said_again_faster),
        TEST(impossible_options_are_named),
        TEST(the_real_program_speaks),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
