/* synth/wake: voices for a wake word as a whole, spoken by tests/support/fake_espeak.c under the
 * names of three engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "audio/sound.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "support/check.h"
#include "synth/wake.h"

enum { N_POSITIVES = 40, N_NEAR = 30, N_SENTENCES = 10, N_NOISES = 5 };

static char programs[512]; /* a directory with the engines, all that PATH has */
static char set_dir[512];

/** Makes the engines of a comma list callable. */
static void install(const char *names)
{
    ws_text_list list = {0};
    char path[1024];

    assert_int_equal(ws_dir_remove_all(programs, NULL), WS_OK);
    assert_int_equal(ws_dir_create_all(programs, NULL), WS_OK);
    assert_int_equal(ws_text_list_push_split(&list, names, ','), WS_OK);
    for (size_t i = 0; i < list.n_items; i++) {
        if (list.items[i][0] == '\0')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", programs, list.items[i]);
        assert_int_equal(symlink(WS_FAKE_ESPEAK, path), 0);
    }
    ws_text_list_deinit(&list);
    assert_int_equal(setenv("PATH", programs, 1), 0);
}

static int set_up(void **state)
{
    (void)ws_test_dir_set_up(state);
    (void)snprintf(programs, sizeof programs, "%s/programs", ws_test_dir);
    (void)snprintf(set_dir, sizeof set_dir, "%s/set", ws_test_dir);
    install("espeak-ng,flite,festival");
    return 0;
}

static int tear_down(void **state)
{
    assert_int_equal(setenv("PATH", "/usr/bin:/bin", 1), 0);
    return ws_test_dir_tear_down(state);
}

static ws_synth_wake_options make_options(void)
{
    return (ws_synth_wake_options){
        .data_dir = set_dir,
        .phrase = "hej tobi",
        .n_positives = N_POSITIVES,
        .n_near_misses = N_NEAR,
        .n_sentences = N_SENTENCES,
        .background_seconds = 2,
        .seed = 11,
        .n_jobs = 2,
        .engines = "",
        .command = "",
        .espeak = "espeak-ng",
        .max_seconds = WS_SYNTH_MAX_SPEECH_SECONDS,
    };
}

static ws_synth_report make(const ws_synth_wake_options *options)
{
    ws_synth_report report = {0};
    ws_error err = {.status = WS_OK};

    if (ws_synth_wake_run(options, NULL, NULL, &report, &err) != WS_OK)
        fail_msg("%s", err.message);
    return report;
}

static void expect_fault(const ws_synth_wake_options *options, ws_status status, const char *part)
{
    ws_error err = {.status = WS_OK};

    assert_int_equal(ws_synth_wake_run(options, NULL, NULL, NULL, &err), status);
    if (strstr(err.message, part) == NULL)
        fail_msg("\"%s\" has no \"%s\"", err.message, part);
}

/** The bytes of all files of a folder of the set, summed up, and their number. */
static uint64_t sum_folder(const char *dir, const char *folder, size_t *n)
{
    ws_text_list names = {0};
    char path[1200];
    uint64_t sum = 14695981039346656037u;

    (void)snprintf(path, sizeof path, "%s/%s", dir, folder);
    assert_int_equal(ws_dir_list(path, &names, NULL), WS_OK);
    *n = names.n_items;
    for (size_t i = 0; i < names.n_items; i++) {
        unsigned char *data;
        size_t size;
        (void)snprintf(path, sizeof path, "%s/%s/%s", dir, folder, names.items[i]);
        assert_int_equal(ws_file_read(path, 1 << 24, &data, &size, NULL), WS_OK);
        for (size_t k = 0; k < size; k++)
            sum = (sum ^ data[k]) * 1099511628211u;
        free(data);
    }
    ws_text_list_deinit(&names);
    return sum;
}

static void all_kinds_are_spoken_by_all_engines(void **state)
{
    const ws_synth_wake_options options = make_options();
    unsigned char *manifest;
    char path[1200];
    size_t size, n, n_lines = 0;

    (void)state;
    const ws_synth_report report = make(&options);
    assert_int_equal(report.n_files, N_POSITIVES + N_NEAR + N_SENTENCES + N_NOISES);
    assert_int_equal(report.n_made, report.n_files);
    assert_true(report.is_complete);
    (void)sum_folder(set_dir, "positive", &n);
    assert_int_equal(n, N_POSITIVES);
    (void)sum_folder(set_dir, "near", &n);
    assert_int_equal(n, N_NEAR);
    (void)sum_folder(set_dir, "noise", &n);
    assert_int_equal(n, N_NOISES);
    (void)snprintf(path, sizeof path, "%s/%s", set_dir, WS_SYNTH_MANIFEST);
    assert_int_equal(ws_file_read(path, 1 << 20, &manifest, &size, NULL), WS_OK);
    for (char *line = strtok((char *)manifest, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        size_t n_tabs = 0;
        for (const char *c = line; *c != '\0'; c++)
            n_tabs += *c == '\t';
        assert_int_equal(n_tabs, 6);
        if (n_lines++ == 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%.*s", set_dir, (int)strcspn(line, "\t"), line);
        ws_sound sound;
        assert_int_equal(ws_sound_read(path, 0, &sound, NULL), WS_OK);
        assert_int_equal(sound.sample_rate_hz, 16000);
        ws_sound_deinit(&sound);
        assert_true(strstr(line, "\tnear\t") == NULL || strstr(line, "\thej tobi\t") == NULL);
        assert_true(strstr(line, "positive/") != line || strstr(line, "\thej tobi") != NULL);
    }
    assert_int_equal(n_lines, report.n_files + 1);
    free(manifest);
    static const char *const engines[] = {"espeak-ng", "flite", "festival"};
    for (size_t i = 0; i < 3; i++) { /* 40 draws with shares of 3, 4 and 4 */
        ws_text_list names = {0};
        size_t n_of = 0;
        (void)snprintf(path, sizeof path, "%s/positive", set_dir);
        assert_int_equal(ws_dir_list(path, &names, NULL), WS_OK);
        for (size_t k = 0; k < names.n_items; k++)
            n_of += strncmp(names.items[k], engines[i], strlen(engines[i])) == 0;
        ws_text_list_deinit(&names);
        assert_in_range(n_of, 3, 28);
    }
}

/** A watch that stops after some files. */
static bool stop_early(void *user, size_t n_done, size_t n_files)
{
    (void)n_files;
    return n_done < *(const size_t *)user;
}

static void what_is_there_is_not_made_again(void **state)
{
    static const char *const folders[] = {"positive", "near", "speech", "noise"};
    ws_synth_wake_options options = make_options();
    char other[600], path[1200];
    size_t n_first = 25, n;
    ws_synth_report report;

    (void)state;
    const ws_synth_watch watch = {.progress = stop_early, .user = &n_first};
    assert_int_equal(ws_synth_wake_run(&options, &watch, NULL, &report, NULL), WS_OK);
    assert_false(report.is_complete);
    assert_in_range(report.n_made, n_first, report.n_files - 1);
    (void)snprintf(path, sizeof path, "%s/%s", set_dir, WS_SYNTH_MANIFEST);
    assert_false(ws_file_exists(path));
    const size_t n_made = report.n_made;
    report = make(&options);
    assert_true(report.is_complete);
    assert_int_equal(report.n_found, n_made);
    assert_int_equal(report.n_made, report.n_files - n_made);
    report = make(&options);
    assert_int_equal(report.n_made, 0);
    /* in one go, by another number of programs: the same bytes */
    (void)snprintf(other, sizeof other, "%s/other", ws_test_dir);
    options.data_dir = other;
    options.n_jobs = 5;
    (void)make(&options);
    for (size_t i = 0; i < 4; i++)
        assert_true(sum_folder(set_dir, folders[i], &n) == sum_folder(other, folders[i], &n));
    (void)snprintf(path, sizeof path, "%s/.speaking", set_dir);
    assert_false(ws_dir_exists(path));
    options.data_dir = set_dir;
    options.seed++;
    expect_fault(&options, WS_EEXISTS, "\"seed: 11\", which now is \"seed: 12\"");
    options.seed--;
    install("espeak-ng");
    expect_fault(&options, WS_EEXISTS, "speech program");
}

static void engines_that_are_missing_are_named(void **state)
{
    ws_synth_wake_options options = make_options();

    (void)state;
    install("espeak-ng");
    options.engines = "espeak-ng,flite";
    expect_fault(&options, WS_ENOTFOUND, "apt-get install flite");
    options.engines = "espeak-ng,siri";
    expect_fault(&options, WS_EUSAGE, "--engines");
    options.engines = "";
    install("flite");
    expect_fault(&options, WS_ENOTFOUND, "apt-get install espeak-ng"); /* for near misses */
    options.n_near_misses = 0;
    assert_true(make(&options).is_complete);
    install("");
    expect_fault(&options, WS_ENOTFOUND, "apt-get install espeak-ng flite festival");
}

static void a_command_speaks_too(void **state)
{
    ws_synth_wake_options options = make_options();
    char command[1200], path[1200];
    unsigned char *said;
    size_t size;

    (void)state;
    (void)snprintf(command, sizeof command,
                   "test {n} -ge 0 && read line && echo \"$line\" >> '%s/said' && "
                   "%s -v x -p 50 -s 160 -w {out} -- {text}",
                   ws_test_dir, WS_FAKE_ESPEAK);
    options.command = command;
    options.n_near_misses = 0;
    options.n_jobs = 1;
    (void)make(&options);
    (void)snprintf(path, sizeof path, "%s/said", ws_test_dir);
    assert_int_equal(ws_file_read(path, 1 << 20, &said, &size, NULL), WS_OK);
    assert_non_null(strstr((char *)said, "hej tobi\n"));
    free(said);
    assert_int_equal(ws_dir_remove_all(set_dir, NULL), WS_OK);
    options.command = "true {out}";
    expect_fault(&options, WS_EFORMAT, "wrote no file");
    options.command = "piper";
    expect_fault(&options, WS_EUSAGE, "expected {out} in it");
    assert_int_equal(ws_dir_remove_all(set_dir, NULL), WS_OK);
    options.command = "/bin/sleep 60; : {out}";
    options.max_seconds = 0.5;
    expect_fault(&options, WS_ELIMIT, "/bin/sleep 60; : ");
    expect_fault(&options, WS_ELIMIT, "still ran after 0.5 s, and was stopped");
}

static void phrases_of_other_characters_are_refused(void **state)
{
    static const char *const phrases[] = {" hey", "hey ", "hey  you", "r2d2", "say \"x\"",
                                          "-v",   "a\\b", "a\tb",     "[[h]]"};
    ws_synth_wake_options options = make_options();

    (void)state;
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        options.phrase = phrases[i];
        expect_fault(&options, WS_EUSAGE, "--phrase=");
        ws_error err = {.status = WS_OK};
        assert_int_equal(ws_synth_wake_check_phrase("word", phrases[i], &err), WS_EUSAGE);
        assert_non_null(strstr(err.message, "--word="));
    }
    assert_int_equal(ws_synth_wake_check_phrase("word", "don't stop", NULL), WS_OK);
    options.phrase = "";
    expect_fault(&options, WS_EUSAGE, "--phrase is missing");
    static const char *const scripts[] = {"\xe4\xbd\xa0\xe5\xa5\xbd",          /* Chinese */
                                          "\xd0\xbf\xd1\x80\xd0\xb8",          /* Cyrillic */
                                          "what\xe2\x80\x99s up", "a\xc3\x97", /* signs */
                                          "caf\xe9"};                          /* Latin-1 */
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        options.phrase = scripts[i];
        expect_fault(&options, WS_EUSAGE, "expected letters of the Latin alphabet");
    }
    options.phrase = "mute";
    expect_fault(&options, WS_EFORMAT, "nothing is heard of");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_kinds_are_spoken_by_all_engines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_there_is_not_made_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(engines_that_are_missing_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_command_speaks_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(phrases_of_other_characters_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
