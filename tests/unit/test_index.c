/* dataset/labels and index: a made-up data set against lists that CPython worked out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "dataset/index.h"
#include "dataset/labels.h"
#include "support/check.h"
#include "support/sound_file.h"

/* As in data/make_small_index.py. */
static const struct {
    const char *name;
    unsigned n;
    const char *extension;
} folders[] = {
    {"yes", 30, "wav"}, {"no", 25, "wav"}, {"Up", 22, "flac"}, {"up", 6, "wav"},
    {"bed", 20, "wav"}, {"a-b", 8, "wav"}, {"a", 9, "wav"},    {"_background_noise_", 2, "wav"},
};

static char dir[256];

static void make_folder(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(mkdir(path, 0777), 0);
}

static void make_file(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    ws_test_file_write(path, "", 0); /* the index opens no clip */
}

static int make_data_set(void **state)
{
    uint32_t x = 1;
    char name[256];
    (void)state;
    ws_test_make_dir(dir, sizeof dir);
    for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
        make_folder(folders[f].name);
        for (unsigned i = 0; i < folders[f].n; i++) {
            x = x * 1664525u + 1013904223u;
            (void)snprintf(name, sizeof name, "%s/%08x_nohash_%u.%s", folders[f].name, x, i % 3,
                           folders[f].extension);
            make_file(name);
        }
    }
    /* what is no clip */
    make_file("README.wav");
    make_file("yes/notes.txt");
    make_file("yes/00000000_nohash_0.WAV");
    make_file("yes/00000000_nohash_0.wav.tmp");
    make_folder("empty");
    make_folder("yes/deeper.wav");
    make_file("yes/deeper.wav/00000000_nohash_0.wav");
    return 0;
}

static int remove_data_set(void **state)
{
    (void)state;
    ws_test_remove_dir(dir);
    return 0;
}

static ws_index_options small_options(void)
{
    return (ws_index_options){.data_dir = dir,
                              .wanted_words = "yes,no,up",
                              .silence_percentage = 15.0,
                              .unknown_percentage = 35.0,
                              .validation_percentage = 20,
                              .testing_percentage = 15};
}

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
            const int length = snprintf(line, sizeof line, "%s %d %s\n", ws_set_name(order[s]),
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
    ws_index_options options = small_options();
    char slashed[300];
    ws_index *index;
    (void)state;
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    assert_int_equal(ws_index_n_files(index), 120);
    assert_int_equal(ws_index_n_labels(index), 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(ws_index_label(index, i), labels[i]);
    check_against_frozen(index, strlen(dir) + 1);
    ws_index_destroy(index);
    (void)snprintf(slashed, sizeof slashed, "%s/", dir);
    options.data_dir = slashed;
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    check_against_frozen(index, strlen(slashed));
    ws_index_destroy(index);
}

static void order_of_wanted_words_is_the_labels(void **state)
{
    ws_index_options options = small_options();
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
    ws_index_options options = small_options();
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

static void expect_fault(const ws_index_options *options, ws_status status, const char *part)
{
    ws_error err = {0};
    ws_index *index;
    assert_int_equal(ws_index_create(options, &index, &err), status);
    assert_null(index);
    if (strstr(err.message, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, part);
}

static void faults_say_what_was_expected(void **state)
{
    ws_index_options options = small_options();
    char path[300];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/nowhere", dir);
    options.data_dir = path;
    expect_fault(&options, WS_ENOTFOUND, "/nowhere\", expected one with the clips");
    (void)snprintf(path, sizeof path, "%s/empty", dir);
    expect_fault(&options, WS_ENOTFOUND, "no clips found at ");
    expect_fault(&options, WS_ENOTFOUND, "/empty/*/*.wav");
    options = small_options();
    options.wanted_words = "yes,Up";
    expect_fault(&options, WS_ENOTFOUND, "no folder \"Up\" with clips");
    expect_fault(&options, WS_ENOTFOUND, "a-b, a, bed, no, yes");
    options = small_options();
    options.validation_percentage = 50;
    options.testing_percentage = 50;
    expect_fault(&options, WS_ENOTFOUND, "none of the 120 clips");
    options.testing_percentage = 51;
    expect_fault(&options, WS_EUSAGE, "--testing_percentage=51 and --validation_percentage=50");
    options.testing_percentage = -1;
    expect_fault(&options, WS_EUSAGE, "--testing_percentage=-1");
    options = small_options();
    options.silence_percentage = -0.5;
    expect_fault(&options, WS_EUSAGE, "--silence_percentage=-0.5: expected 0 to 1000");
    options = small_options();
    options.unknown_percentage = 1e9;
    expect_fault(&options, WS_EUSAGE, "--unknown_percentage=1e+09: expected 0 to 1000");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_cpythons),
        cmocka_unit_test(order_of_wanted_words_is_the_labels),
        cmocka_unit_test(shares_beyond_what_there_is),
        cmocka_unit_test(faults_say_what_was_expected),
        cmocka_unit_test(bad_words_are_refused),
    };
    return cmocka_run_group_tests(tests, make_data_set, remove_data_set);
}
