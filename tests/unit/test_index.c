/* dataset/labels and index: a made-up data set against lists that CPython worked out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "dataset/index.h"
#include "dataset/labels.h"
#include "support/set_name.h"
#include "unit/index_fixture.h"

static void check_against_frozen(const ws_index *index, size_t skip)
{
    static const ws_set order[] = {WS_SET_VALIDATION, WS_SET_TESTING, WS_SET_TRAINING};
    unsigned char *want;
    size_t size;
    char line[512];
    assert_int_equal(
        ws_file_read(WS_TESTS_DIR "/unit/data/small_index.txt", 1 << 20, &want, &size, NULL),
        WS_OK);
    const char *at = (const char *)want;
    for (size_t s = 0; s < WS_N_SETS; s++) {
        for (size_t i = 0; i < ws_index_n_clips(index, order[s]); i++) {
            const ws_clip clip = ws_index_clip(index, order[s], i);
            const int length = snprintf(line, sizeof line, "%s %d %s\n", ws_test_set_name(order[s]),
                                        clip.label, clip.path + skip);
            if (strncmp(at, line, (size_t)length) != 0)
                fail_msg("line \"%.80s\", expected \"%.80s\"", line, at);
            at += length;
            assert_true(clip.file < ws_index_n_files(index));
        }
    }
    assert_true(*at == '\0');
    free(want);
}

static void lists_are_cpythons(void **state)
{
    static const char *const labels[] = {"_silence_", "_unknown_", "yes", "no", "up"};
    ws_index_options options = index_small_options();
    char slashed[300];
    ws_index *index;
    (void)state;
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    assert_int_equal(ws_index_n_files(index), 120);
    assert_int_equal(ws_index_n_labels(index), 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(ws_index_label(index, i), labels[i]);
    check_against_frozen(index, strlen(index_dir) + 1);
    ws_index_destroy(index);
    (void)snprintf(slashed, sizeof slashed, "%s/", index_dir);
    options.data_dir = slashed;
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    check_against_frozen(index, strlen(slashed));
    ws_index_destroy(index);
}

static void order_of_wanted_words_is_the_labels(void **state)
{
    ws_index_options options = index_small_options();
    ws_index *index;
    (void)state;
    options.wanted_words = "bed,yes";
    options.silence_percentage = options.unknown_percentage = 0.0;
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    assert_string_equal(ws_index_label(index, 2), "bed");
    size_t n = 0;
    for (size_t set = 0; set < WS_N_SETS; set++) {
        for (size_t i = 0; i < ws_index_n_clips(index, (ws_set)set); i++, n++) {
            const ws_clip clip = ws_index_clip(index, (ws_set)set, i);
            assert_int_equal(clip.label, strstr(clip.path, "/bed/") != NULL ? 2 : 3);
        }
    }
    assert_int_equal(n, 50);
    ws_index_destroy(index);
}

static void shares_beyond_what_there_is(void **state)
{
    ws_index_options options = index_small_options();
    size_t n_unknown = 0, n_silence = 0;
    ws_index *index;
    (void)state;
    options.unknown_percentage = 1000.0;
    options.silence_percentage = 0.5; /* of however few: one */
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    for (size_t set = 0; set < WS_N_SETS; set++) {
        for (size_t i = 0; i < ws_index_n_clips(index, (ws_set)set); i++) {
            n_unknown += ws_index_clip(index, (ws_set)set, i).label == WS_UNKNOWN_INDEX;
            n_silence += ws_index_clip(index, (ws_set)set, i).label == WS_SILENCE_INDEX;
        }
    }
    assert_int_equal(n_unknown, 37); /* all of bed, a-b and a */
    assert_int_equal(n_silence, 3);
    ws_index_destroy(index);
}

/** Draws many unknown clips: how many are of each folder, and of each file. */
static void count_unknown(const ws_index *index, bool by_words, size_t of_word[3], size_t *of_file)
{
    static const char *const words[] = {"/bed/", "/a-b/", "/a/"};
    ws_random random;

    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, by_words);
    memset(of_file, 0, ws_index_n_files(index) * sizeof *of_file);
    memset(of_word, 0, 3 * sizeof *of_word);
    for (int i = 0; i < 6000; i++) {
        const ws_clip clip = ws_index_draw_unknown(index, by_words, &random);
        assert_int_equal(clip.label, WS_UNKNOWN_INDEX);
        of_file[clip.file]++;
        for (size_t k = 0; k < 3; k++)
            of_word[k] += strstr(clip.path, words[k]) != NULL;
    }
    assert_int_equal(of_word[0] + of_word[1] + of_word[2], 6000);
}

/** All unknown clips for training come, those that the set leaves out, too, and no others. */
static void unknown_clips_are_drawn_evenly(void **state)
{
    ws_index_options options = index_small_options();
    ws_index *index;
    size_t of_word[3], n_training = 0, n_drawn = 0;
    (void)state;
    options.unknown_percentage = 10.0;
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    size_t *of_file = calloc(ws_index_n_files(index), sizeof *of_file);
    assert_non_null(of_file);
    count_unknown(index, false, of_word, of_file);
    ws_index *whole;
    options.unknown_percentage = 1000.0; /* its set has them all */
    assert_int_equal(ws_index_create(&options, &whole, NULL), WS_OK);
    for (size_t i = 0; i < ws_index_n_clips(whole, WS_SET_TRAINING); i++) {
        const ws_clip clip = ws_index_clip(whole, WS_SET_TRAINING, i);
        n_training += clip.label == WS_UNKNOWN_INDEX;
        if (clip.label == WS_UNKNOWN_INDEX)
            assert_true(of_file[clip.file] > 0);
    }
    for (size_t i = 0; i < ws_index_n_files(index); i++)
        n_drawn += of_file[i] > 0;
    assert_int_equal(n_drawn, n_training);
    assert_true(n_training > 15);
    for (size_t i = 0; i < ws_index_n_files(index); i++)
        assert_true(of_file[i] == 0 || of_file[i] > 3000 / n_training);
    count_unknown(index, true, of_word, of_file);
    for (size_t k = 0; k < 3; k++)
        assert_in_range(of_word[k], 1850, 2150); /* 2000, deviation 37 */
    free(of_file);
    ws_index_destroy(index);
    ws_index_destroy(whole);
}

static size_t count_word(const ws_index *index, ws_set set, const char *word)
{
    size_t n = 0;
    for (size_t i = 0; i < ws_index_n_clips(index, set); i++) {
        const ws_clip clip = ws_index_clip(index, set, i);
        n += clip.label == WS_UNKNOWN_INDEX && strstr(clip.path, word) != NULL;
    }
    return n;
}

/** Held-out words are in validation and test alone, where no other unknown ones are. */
static void words_are_held_out(void **state)
{
    ws_index_options options = index_small_options();
    ws_index *index;
    ws_random random;
    (void)state;
    options.unknown_percentage = 1000.0; /* all that there are */
    options.unknown_held_out = "bed,a";
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    assert_int_equal(count_word(index, WS_SET_TRAINING, "/bed/"), 0);
    assert_int_equal(count_word(index, WS_SET_TRAINING, "/a/"), 0);
    assert_true(count_word(index, WS_SET_TRAINING, "/a-b/") > 0);
    assert_int_equal(count_word(index, WS_SET_VALIDATION, "/a-b/"), 0);
    assert_int_equal(count_word(index, WS_SET_TESTING, "/a-b/"), 0);
    assert_true(count_word(index, WS_SET_VALIDATION, "/bed/") > 0);
    assert_true(
        count_word(index, WS_SET_TESTING, "/bed/") + count_word(index, WS_SET_TESTING, "/a/") > 0);
    ws_random_init(&random, 1, WS_RANDOM_TEST, 0, 0);
    for (int i = 0; i < 100; i++)
        assert_non_null(strstr(ws_index_draw_unknown(index, i % 2 == 0, &random).path, "/a-b/"));
    ws_index_destroy(index);
    options.unknown_held_out = "bed,nothing";
    index_expect_fault(&options, WS_ENOTFOUND,
                       "--unknown_held_out: there is no folder \"nothing\"");
    options.unknown_held_out = "bed,yes";
    index_expect_fault(&options, WS_EUSAGE, "--unknown_held_out: \"yes\" is one of --wanted_words");
    options.unknown_held_out = "bed,a,a-b"; /* training has none then, and none is drawn */
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    assert_int_equal(count_word(index, WS_SET_TRAINING, "/"), 0);
    ws_index_destroy(index);
}

static void faults_say_what_was_expected(void **state)
{
    ws_index_options options = index_small_options();
    char path[300];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/nowhere", index_dir);
    options.data_dir = path;
    index_expect_fault(&options, WS_ENOTFOUND, "/nowhere\", expected one with the clips");
    (void)snprintf(path, sizeof path, "%s/empty", index_dir);
    index_expect_fault(&options, WS_ENOTFOUND, "no clips found in ");
    options = index_small_options();
    options.wanted_words = "yes,Up";
    index_expect_fault(&options, WS_ENOTFOUND, "no folder \"Up\" with clips");
    index_expect_fault(&options, WS_ENOTFOUND, "a-b, a, bed, no, yes");
    options = index_small_options();
    options.validation_percentage = 50;
    options.testing_percentage = 50;
    index_expect_fault(&options, WS_ENOTFOUND, "none of the 120 clips");
    options.testing_percentage = 51;
    index_expect_fault(&options, WS_EUSAGE,
                       "--testing_percentage=51 and --validation_percentage=50");
    options.testing_percentage = -1;
    index_expect_fault(&options, WS_EUSAGE, "--testing_percentage=-1");
    options = index_small_options();
    options.silence_percentage = -0.5;
    index_expect_fault(&options, WS_EUSAGE, "--silence_percentage=-0.5: expected 0 to 1000");
    options = index_small_options();
    options.unknown_percentage = 1e9;
    index_expect_fault(&options, WS_EUSAGE, "--unknown_percentage=1e+09: expected 0 to 1000");
}

/** What was index_logged, one line after the other. */
static void one_line_counts_what_is_left_out(void **state)
{
    ws_index_options options = index_small_options();
    ws_index *index;
    (void)state;
    index_logged[0] = '\0';
    options.log = &index_log_to_text;
    index_make_file("bed/.DS_Store");
    index_make_file("bed/README");
    index_make_file("bed/sound.m4a");
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    ws_index_destroy(index);
    assert_non_null(strstr(index_logged,
                           ": left out: 3 files that are not sound by their names (the "
                           "first: "));
    assert_non_null(strstr(index_logged,
                           "bed/sound.m4a), 1 sound file in a folder inside a folder of "
                           "clips ("));
    assert_non_null(strstr(index_logged, "1 sound file in no folder (README.wav)\n"));
    assert_ptr_equal(strchr(index_logged, '\n'), index_logged + strlen(index_logged) - 1);
}

/** How many entries of all sets have the label. */
static size_t count_label(const ws_index *index, int32_t label)
{
    size_t n = 0;
    for (size_t set = 0; set < WS_N_SETS; set++) {
        for (size_t i = 0; i < ws_index_n_clips(index, (ws_set)set); i++)
            n += ws_index_clip(index, (ws_set)set, i).label == label;
    }
    return n;
}

static void extensions_have_no_case(void **state)
{
    ws_index_options options = index_small_options();
    ws_index *index;
    (void)state;
    index_make_folder("loud");
    for (unsigned i = 0; i < 40; i++) {
        char name[64];
        static const char *const ends[] = {"WAV", "Wav", "FLAC", "Mp3", "ogg", "opus", "AIFF"};
        (void)snprintf(name, sizeof name, "loud/%08x_nohash_0.%s", i, ends[i % 7]);
        index_make_file(name);
    }
    options.wanted_words = "loud";
    options.unknown_percentage = 0.0;
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    assert_int_equal(count_label(index, 2), 40);
    ws_index_destroy(index);
}

/* Python's str.lower() of each folder is the wanted word; letters and accents may be apart. */
static void words_are_of_any_script(void **state)
{
    static const char *const words[][2] = {
        {"\xc3\x96"
         "ffnen",
         "\xc3\xb6"
         "ffnen"}, /* Oe umlaut */
        {"O\xcc\x88"
         "l",
         "\xc3\xb6"
         "l"},                                       /* O and two dots */
        {"\xce\x9b\xce\x9f\xce\x93\xce\x9f\xce\xa3", /* LOGOS, with a final sigma */
         "\xce\xbb\xce\xbf\xce\xb3\xce\xbf\xcf\x82"},
        {"\xd0\x94\xd0\x90", "\xd0\xb4\xd0\xb0"}, /* DA */
        {"\xc4\xb0"
         "T",
         "i\xcc\x87"
         "t"}, /* I with a dot becomes two */
        {"STRASSE", "strasse"},
        {"\xe3\x81\xaf\xe3\x81\x84", "\xe3\x81\xaf\xe3\x81\x84"}, /* hai */
        {"\xff"
         "A\xc3",
         "\xff"
         "a\xc3"}, /* not UTF-8 */
    };
    (void)state;
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        ws_index_options options = index_small_options();
        ws_index *index;
        ws_error err = {0};
        char name[128];
        index_make_folder(words[w][0]);
        for (unsigned i = 0; i < 20; i++) {
            (void)snprintf(name, sizeof name, "%s/%08x_nohash_0.wav", words[w][0], i);
            index_make_file(name);
        }
        options.wanted_words = words[w][1];
        options.unknown_percentage = 0.0;
        if (ws_index_create(&options, &index, &err) != WS_OK)
            fail_msg("%s: %s", words[w][1], err.message);
        assert_int_equal(count_label(index, 2), 20);
        assert_string_equal(ws_index_label(index, 2), words[w][1]);
        ws_index_destroy(index);
    }
    ws_index_options options = index_small_options();
    options.wanted_words = "\xc3\xb6l,o\xcc\x88l";
    index_expect_fault(&options, WS_EUSAGE, "are the same word");
}

static void bad_words_are_refused(void **state)
{
    static const char *const cases[][2] = {
        {"yes,,no", "\"\" is an empty word"},
        {"", "\"\" is an empty word"},
        {"yes,no,yes", "\"yes\" is there twice"},
        {"yes,_silence_", "\"_silence_\" is a label of its own"},
        {"_unknown_", "\"_unknown_\" is a label of its own"},
        {"_background_noise_", "not the name of a folder of clips"},
        {"a/b", "not the name of a folder of clips"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_text_list labels = {0};
        ws_error err = {0};
        assert_int_equal(ws_labels_push(&labels, cases[i][0], &err), WS_EUSAGE);
        assert_non_null(strstr(err.message, cases[i][1]));
        assert_non_null(strstr(err.message, "--wanted_words"));
        ws_text_list_deinit(&labels);
    }
}

/** Bad words are found before any data is: a user may have to download it first. */
static void words_are_checked_without_data(void **state)
{
    static const struct {
        const char *wanted, *held_out, *message;
    } cases[] = {
        {"yes,no", "bed,no", "--unknown_held_out: \"no\" is one of --wanted_words"},
        {"yes,\xc3\xb6l", "o\xcc\x88l", "is one of --wanted_words"},
        {"yes,no", "bed,,a", "--unknown_held_out: \"\" is an empty word"},
        {"yes,no", "bed,", "--unknown_held_out: \"\" is an empty word"},
        {"yes,no", "bed,a,bed", "--unknown_held_out: \"bed\" is there twice"},
        {"yes,no", "\xc3\xb6l,o\xcc\x88l", "is there twice"},
        {"yes,no", "_silence_", "--unknown_held_out: \"_silence_\" is a label of its own"},
        {"yes,no", "../bed", "--unknown_held_out: \"../bed\" is not the name of a folder"},
        {"yes,yes", "bed", "--wanted_words: \"yes\" is there twice"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_index_options options = index_small_options();
        ws_error err = {0};
        options.data_dir = "/nowhere";
        options.wanted_words = cases[i].wanted;
        options.unknown_held_out = cases[i].held_out;
        assert_int_equal(ws_index_check_options(&options, &err), WS_EUSAGE);
        if (strstr(err.message, cases[i].message) == NULL)
            fail_msg("\"%s\" in: %s", cases[i].message, err.message);
    }
    ws_index_options options = index_small_options();
    options.data_dir = "/nowhere";
    options.unknown_held_out = "bed,a";
    assert_int_equal(ws_index_check_options(&options, NULL), WS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DATA_SET(lists_are_cpythons),
        ON_DATA_SET(order_of_wanted_words_is_the_labels),
        ON_DATA_SET(unknown_clips_are_drawn_evenly),
        ON_DATA_SET(words_are_held_out),
        ON_DATA_SET(shares_beyond_what_there_is),
        ON_DATA_SET(faults_say_what_was_expected),
        ON_DATA_SET(bad_words_are_refused),
        ON_DATA_SET(words_are_checked_without_data),
        ON_DATA_SET(one_line_counts_what_is_left_out),
        ON_DATA_SET(extensions_have_no_case),
        ON_DATA_SET(words_are_of_any_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
