/* cmd/wake_recordings: which folders of recordings hold the phrase of `wordspot wake`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "cmd/wake_recordings.h"
#include "dataset/phrase_name.h"
#include "support/check.h"

/** Makes a folder or, with a dot in its name, a file and its folder in the test's directory. */
static void make(const char *name)
{
    char path[1200];

    (void)snprintf(path, sizeof path, "%s/%s", ws_test_dir, name);
    if (strchr(name, '.') == NULL) {
        assert_int_equal(ws_dir_create_all(path, NULL), WS_OK);
        return;
    }
    assert_int_equal(ws_dir_create_parent(path, NULL), WS_OK);
    assert_int_equal(ws_file_write(path, "x", 1, NULL), WS_OK);
}

/** @param phrase_dir, others  from the test's directory on; others: each after a comma */
static void expect(const char *phrase, const char *phrase_dir, const char *const *others, size_t n)
{
    char path[4800], *end = path;
    ws_wake_recordings found;

    assert_int_equal(ws_wake_recordings_find(ws_test_dir, phrase, &found, NULL), WS_OK);
    (void)snprintf(path, sizeof path, "%s%s", ws_test_dir, phrase_dir);
    assert_string_equal(found.phrase, path);
    *path = '\0';
    for (size_t i = 0; i < n; i++)
        end += snprintf(end, 1200, "%s%s/%s", i > 0 ? "," : "", ws_test_dir, others[i]);
    assert_string_equal(found.others, path);
    ws_wake_recordings_deinit(&found);
}

static void a_folder_of_clips_is_the_phrase(void **state)
{
    static const char *const others[] = {"kitchen", "office"};
    ws_wake_recordings found;
    ws_error err = {.status = WS_OK};

    (void)state;
    make("kitchen/one.wav");
    make("office/deep/two.flac");
    make("hey jarvis.wav"); /* a file is no folder */
    make("_background_noise_/noise.wav");
    make("documents");
    make("Hey_Jarvis");
    assert_int_equal(ws_wake_recordings_find(ws_test_dir, "hey jarvis", &found, &err),
                     WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "Hey_Jarvis: has no sound file"));
    ws_wake_recordings_deinit(&found);
    make("Hey_Jarvis/me.wav");
    expect("hey jarvis", "/Hey_Jarvis", others, 2);
    expect("Hey-Jarvis", "/Hey_Jarvis", others, 2);
    expect("jarvis", "", NULL, 0); /* a part of a name is not the name */
    expect("hey jarvi", "", NULL, 0);
}

/** Nobody says the phrase in what is speech without it. */
static void no_folder_of_the_phrase_is_another_word(void **state)
{
    char two[600];
    ws_wake_recordings found;

    (void)state;
    make("Hey Jarvis/one.wav");
    make("hey_jarvis/two.wav");
    assert_int_equal(ws_wake_recordings_find(ws_test_dir, "hey jarvis", &found, NULL), WS_OK);
    (void)snprintf(two, sizeof two, "%s/Hey Jarvis,%s/hey_jarvis", ws_test_dir, ws_test_dir);
    assert_string_equal(found.phrase, two);
    assert_string_equal(found.others, "");
    ws_wake_recordings_deinit(&found);
}

static void no_folder_is_no_recording(void **state)
{
    ws_wake_recordings found;

    (void)state;
    assert_int_equal(ws_wake_recordings_find("", "yes", &found, NULL), WS_OK);
    assert_string_equal(found.phrase, "");
    assert_string_equal(found.others, "");
    ws_wake_recordings_deinit(&found);
    assert_int_equal(ws_wake_recordings_find("no/such", "yes", &found, NULL), WS_OK);
    assert_string_equal(found.phrase, "no/such"); /* which reading it will name */
    ws_wake_recordings_deinit(&found);
}

static void names_are_of_letters_and_digits(void **state)
{
    char name[WS_PHRASE_NAME_BYTES], is_long[2 * WS_PHRASE_NAME_BYTES];

    (void)state;
    ws_phrase_name_write("Hey J'arvis-2", name);
    assert_string_equal(name, "hey_j_arvis_2");
    memset(is_long, 'A', sizeof is_long - 1);
    is_long[sizeof is_long - 1] = '\0';
    ws_phrase_name_write(is_long, name);
    assert_int_equal(strlen(name), WS_PHRASE_NAME_BYTES - 1);
}

static void a_list_of_folders_needs_names_without_commas(void **state)
{
    static const char *const others[] = {"kitchen"};
    ws_wake_recordings found;
    ws_error err = {.status = WS_OK};

    (void)state;
    make("yes/one.wav");
    make("kitchen/two.wav");
    expect("yes", "/yes", others, 1);
    make("left, right/three.wav");
    expect("no", "", NULL, 0); /* there is no list */
    assert_int_equal(ws_wake_recordings_find(ws_test_dir, "yes", &found, &err), WS_EUSAGE);
    assert_non_null(strstr(err.message, "left, right: has a comma"));
    ws_wake_recordings_deinit(&found);
}

static void folders_are_named_after_a_phrase(void **state)
{
    (void)state;
    assert_true(ws_phrase_name_is_of("Hey_Jarvis", "hey jarvis"));
    assert_true(ws_phrase_name_is_of("/data/hey-jarvis//", "hey jarvis"));
    assert_false(ws_phrase_name_is_of("/hey jarvis/data", "hey jarvis"));
    assert_false(ws_phrase_name_is_of("hey", "hey jarvis"));
    assert_false(ws_phrase_name_is_of("/", "hey jarvis"));
    assert_true(ws_phrase_name_is_in("words/HEY JARVIS/one.wav", "hey jarvis"));
    assert_true(ws_phrase_name_is_in("hey_jarvis/by/me/one.wav", "hey jarvis"));
    assert_false(ws_phrase_name_is_in("words/hey jarvis", "hey jarvis")); /* a file */
    assert_false(ws_phrase_name_is_in("words/hey jarvises/one.wav", "hey jarvis"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_of_clips_is_the_phrase, ws_test_dir_set_up,
                                        ws_test_dir_tear_down),
        cmocka_unit_test_setup_teardown(no_folder_of_the_phrase_is_another_word, ws_test_dir_set_up,
                                        ws_test_dir_tear_down),
        cmocka_unit_test_setup_teardown(a_list_of_folders_needs_names_without_commas,
                                        ws_test_dir_set_up, ws_test_dir_tear_down),
        cmocka_unit_test(folders_are_named_after_a_phrase),
        cmocka_unit_test(no_folder_is_no_recording),
        cmocka_unit_test(names_are_of_letters_and_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
