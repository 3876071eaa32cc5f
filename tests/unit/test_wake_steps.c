/* Which steps of `wordspot wake` are done: by their commands, their files and the user's sound. */
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
#include "cmd/wake_sound.h"
#include "cmd/wake_steps.h"

static char dir[] = "/tmp/wake_steps.XXXXXX";

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL || chdir(dir) != 0;
}

static int remove_dir(void **state)
{
    char command[64];

    (void)state;
    (void)snprintf(command, sizeof command, "rm -rf %s", dir);
    return chdir("/") != 0 || system(command) != 0;
}

static void write_text(const char *path, const char *text)
{
    assert_int_equal(ws_file_write(path, text, strlen(text), NULL), WS_OK);
}

/** What a record says of the step "freeze one" with the output "made".
 *  @param runs  whether the step is also run */
static ws_wake_state open_record(const char *record, const char *stamp, bool runs)
{
    char freeze[] = "freeze", one[] = "one", made[] = "made", *words[] = {freeze, one},
         *files[] = {made};
    const ws_text_list command = {.items = words, .n_items = 2};
    const ws_text_list outputs = {.items = files, .n_items = 1};
    const ws_wake_step step = {.words = &command, .outputs = &outputs, .stamp = stamp};
    ws_wake_steps steps;

    write_text("steps.txt", record);
    assert_int_equal(ws_wake_steps_open(&steps, "wordspot", ".", NULL), WS_OK);
    const ws_wake_state state = ws_wake_steps_look(&steps, &step);
    if (runs)
        assert_int_equal(ws_wake_steps_run(&steps, &step, NULL, NULL), WS_OK);
    ws_wake_steps_close(&steps);
    return state;
}

static ws_wake_state look(const char *record, const char *stamp)
{
    return open_record(record, stamp, false);
}

/** A call that is killed after a step that was done has not forgotten the later ones; one that has
 *  another step has. */
static void a_record_keeps_what_may_still_be_done(void **state)
{
    static const struct {
        const char *before, *after;
        ws_wake_state state;
    } cases[] = {
        {"done\tfreeze one\ndone\ttest two\n", "done\tfreeze one\ndone\ttest two\n", WS_WAKE_DONE},
        {"begun\tfreeze one\ndone\ttest two\n", "begun\tfreeze one\ndone\ttest two\n",
         WS_WAKE_BEGUN},
        {"done\tfreeze none\ndone\ttest two\n", "begun\tfreeze one\n", WS_WAKE_NEW},
    };

    (void)state;
    write_text("made", "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char *now = NULL;
        size_t size = 0;
        assert_int_equal(open_record(cases[i].before, "", true), cases[i].state);
        assert_int_equal(ws_file_read("steps.txt", 1000, &now, &size, NULL), WS_OK);
        assert_string_equal((char *)now, cases[i].after);
        free(now);
    }
    assert_int_equal(unlink("made"), 0);
}

static void a_step_is_done_with_its_files_and_its_sound(void **state)
{
    (void)state;
    assert_int_equal(look("done\tfreeze one\n", ""), WS_WAKE_BEGUN); /* its file is missing */
    write_text("made", "");
    assert_int_equal(look("done\tfreeze one\n", ""), WS_WAKE_DONE);
    assert_int_equal(look("begun\tfreeze one\n", ""), WS_WAKE_BEGUN);
    assert_int_equal(look("done\tfreeze two\n", ""), WS_WAKE_NEW);
    assert_int_equal(look("done\tfreeze one\t# 2\n", "# 2"), WS_WAKE_DONE);
    assert_int_equal(look("done\tfreeze one\t# 2\n", "# 3"), WS_WAKE_NEW);
    assert_int_equal(look("done\tfreeze one\t# 2\n", ""), WS_WAKE_NEW);
    assert_int_equal(look("done\tfreeze one\n", "# 2"), WS_WAKE_NEW);
    assert_int_equal(look("", ""), WS_WAKE_NEW);
    assert_int_equal(unlink("made"), 0);
}

static char *stamp_of(const char *first, const char *second)
{
    const char *const dirs[] = {first, second};
    char *stamp = NULL;

    assert_int_equal(ws_wake_sound_stamp(dirs, 2, &stamp, NULL), WS_OK);
    return stamp;
}

/** Whether the stamp of a,b has changed; takes the new one. */
static bool is_changed(char **stamp)
{
    char *now = stamp_of("a,b", "");
    const bool differs = strcmp(now, *stamp) != 0;

    free(*stamp);
    *stamp = now;
    return differs;
}

static void a_stamp_follows_the_files(void **state)
{
    (void)state;
    assert_int_equal(mkdir("a", 0777), 0);
    assert_int_equal(mkdir("b", 0777), 0);
    assert_int_equal(mkdir("b/inside", 0777), 0);
    char *stamp = stamp_of("", "");
    assert_string_equal(stamp, "");
    assert_true(is_changed(&stamp));
    assert_false(is_changed(&stamp));
    write_text("a/one.wav", "12");
    assert_true(is_changed(&stamp));
    write_text("b/inside/two.flac", "12");
    assert_true(is_changed(&stamp));
    write_text("b/inside/two.flac", "123");
    assert_true(is_changed(&stamp));
    write_text("a/notes.txt", "12"); /* no sound */
    assert_false(is_changed(&stamp));
    assert_int_equal(rename("a/one.wav", "a/other.wav"), 0);
    assert_true(is_changed(&stamp));
    assert_int_equal(unlink("a/other.wav"), 0);
    assert_true(is_changed(&stamp));
    assert_false(is_changed(&stamp));
    free(stamp);
}

/** Of a flag whose folders may not be named "b" if phrase says so. */
static ws_status check_dirs(const char *dirs, const char *phrase, ws_error *err)
{
    const ws_wake_sound all[] = {{.flag = "recordings", .dirs = ""},
                                 {.flag = "misses", .dirs = dirs, .phrase = phrase}};

    return ws_wake_sound_check(all, 2, err);
}

static void folders_are_looked_at_first(void **state)
{
    ws_error err = {.status = WS_OK};

    (void)state;
    assert_int_equal(check_dirs("", NULL, &err), WS_OK);
    assert_int_equal(check_dirs("b", NULL, &err), WS_OK);
    assert_int_equal(check_dirs("b", "a", &err), WS_OK);
    assert_int_equal(check_dirs("b,nowhere", NULL, &err), WS_ENOTFOUND);
    assert_string_equal(err.message, "--misses: nowhere: there is no such directory");
    assert_int_equal(check_dirs("b,a", NULL, &err), WS_ENOTFOUND);
    assert_string_equal(err.message, "--misses: a: has no sound file");
    assert_int_equal(check_dirs("b", "B", &err), WS_EUSAGE);
    assert_non_null(strstr(err.message, "--misses: b: its folder is named after the phrase"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_done_with_its_files_and_its_sound),
        cmocka_unit_test(a_record_keeps_what_may_still_be_done),
        cmocka_unit_test(a_stamp_follows_the_files),
        cmocka_unit_test(folders_are_looked_at_first),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
