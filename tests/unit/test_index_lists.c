/* dataset/index: validation_list.txt and testing_list.txt, and clips that cannot be read. */
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
#include "support/check.h"
#include "support/sound_file.h"
#include "unit/index_fixture.h"

static void make_text(const char *name, const char *text)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", index_dir, name);
    ws_test_file_write(path, text, strlen(text));
}

/** Writes both lists: which every clip of "yes", in order, is in. @return the number of clips */
static unsigned make_lists(const char *line_end)
{
    char *texts[3] = {calloc(1, 8192), calloc(1, 8192), calloc(1, 8192)};
    char path[512];
    ws_text_list names = {0};
    (void)snprintf(path, sizeof path, "%s/yes", index_dir);
    assert_int_equal(ws_dir_list(path, &names, NULL), WS_OK);
    unsigned n = 0;
    for (size_t i = 0; i < names.n_items; i++) {
        if (!ws_text_has_suffix(names.items[i], ".wav") || names.items[i][0] == '.' ||
            strcmp(names.items[i], "deeper.wav") == 0)
            continue;
        char *text = texts[n++ % 3];
        (void)snprintf(text + strlen(text), 8192 - strlen(text), "yes/%s%s", names.items[i],
                       line_end);
    }
    ws_text_list_deinit(&names);
    make_text("validation_list.txt", texts[WS_SET_VALIDATION]);
    make_text("testing_list.txt", texts[WS_SET_TESTING]);
    for (size_t i = 0; i < 3; i++)
        free(texts[i]);
    return n;
}

/** How many clips of "yes" are in each set. */
static void count_sets(const ws_index_options *options, size_t *n)
{
    ws_index *index;
    ws_error err = {0};
    if (ws_index_create(options, &index, &err) != WS_OK)
        fail_msg("%s", err.message);
    for (size_t set = 0; set < WS_N_SETS; set++) {
        n[set] = 0;
        for (size_t i = 0; i < ws_index_n_clips(index, (ws_set)set); i++)
            n[set] += ws_index_clip(index, (ws_set)set, i).label == 2;
    }
    ws_index_destroy(index);
}

static void lists_split_a_data_set(void **state)
{
    ws_index_options options = index_small_options();
    size_t by_hash[WS_N_SETS], n[WS_N_SETS];
    (void)state;
    options.validation_percentage = options.testing_percentage = 10;
    count_sets(&options, by_hash);
    assert_int_equal(make_lists("\n"), 30);
    count_sets(&options, n); /* they lie there */
    assert_true(n[0] == 10 && n[1] == 10 && n[2] == 10);
    (void)make_lists("\r\n");
    count_sets(&options, n);
    assert_true(n[0] == 10 && n[1] == 10 && n[2] == 10);
    options.split = "hash";
    count_sets(&options, n);
    assert_memory_equal(n, by_hash, sizeof n);
    options.split = "auto"; /* a share that was asked for comes first */
    options.validation_percentage = 30;
    count_sets(&options, n);
    assert_true(n[1] != 10 || n[2] != 10);
    options.split = "lists";
    count_sets(&options, n);
    assert_true(n[0] == 10 && n[1] == 10 && n[2] == 10);
    options.split = "list";
    index_expect_fault(&options, WS_EUSAGE,
                       "--split: unknown split \"list\", expected one of: auto, ");
}

static void lists_that_do_not_fit_are_refused(void **state)
{
    ws_index_options options = index_small_options();
    char path[300];
    (void)state;
    options.split = "lists";
    index_expect_fault(&options, WS_ENOTFOUND, "validation_list.txt: cannot be opened");
    (void)make_lists("\n");
    make_text("testing_list.txt", "/home/me/yes/a.wav\n");
    index_expect_fault(
        &options, WS_EFORMAT,
        "testing_list.txt: none of its 1 names is that of a clip, expected lines as ");
    (void)snprintf(path, sizeof path, "%s/testing_list.txt", index_dir);
    (void)make_lists("\n");
    make_text("testing_list.txt", "\n./yes/x.wav  \nno/y.wav");
    make_text("validation_list.txt", "no/y.wav\n");
    index_expect_fault(&options, WS_EFORMAT, "\"no/y.wav\" is in both validation_list.txt and");
    assert_int_equal(remove(path), 0);
    index_logged[0] = '\0';
    options.split = NULL;
    options.log = &index_log_to_text;
    ws_index *index;
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    ws_index_destroy(index);
    assert_non_null(
        strstr(index_logged, "has only one of validation_list.txt and testing_list.txt"));
}

/* All clips of this data set are empty files. */
static void words_without_a_good_clip_end_it(void **state)
{
    ws_index_options options = index_small_options();
    ws_index *index;
    ws_error err = {0};
    char path[600];
    (void)state;
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    assert_int_equal(ws_index_check_clips(index, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "clips of \"yes\" for training can be read; "));
    assert_non_null(strstr(err.message, "the file is empty"));
    for (int32_t label = 2; label < 5; label++) { /* one good clip each, the last one */
        const char *last = NULL;
        for (size_t i = 0; i < ws_index_n_clips(index, WS_SET_TRAINING); i++) {
            const ws_clip clip = ws_index_clip(index, WS_SET_TRAINING, i);
            last = clip.label == label ? clip.path : last;
        }
        const float samples[100] = {0};
        (void)snprintf(path, sizeof path, "%s", last);
        assert_int_equal(ws_index_check_clips(index, NULL), WS_EFORMAT);
        ws_test_sound_write(path, &(ws_test_sound){WS_TEST_WAV_16, 16000, 1, samples, 100});
    }
    assert_int_equal(ws_index_check_clips(index, NULL), WS_OK);
    ws_index_destroy(index);
    index_make_folder("one");
    index_make_file("one/00000001_nohash_0.wav");
    (void)make_lists("\n");
    make_text("testing_list.txt", "one/00000001_nohash_0.wav\n");
    options.wanted_words = "yes,one";
    options.split = "lists";
    assert_int_equal(ws_index_create(&options, &index, NULL), WS_OK);
    assert_int_equal(ws_index_check_clips(index, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "no clip of \"one\" is for training"));
    ws_index_destroy(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DATA_SET(lists_split_a_data_set),
        ON_DATA_SET(lists_that_do_not_fit_are_refused),
        ON_DATA_SET(words_without_a_good_clip_end_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
