/* checkpoint/locate: everything a user may pass as --start_checkpoint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/text.h"
#include "checkpoint/locate.h"
#include "checkpoint/state.h"
#include "support/bundle_file.h"
#include "support/check.h"
#include "support/raw_table.h"

typedef struct folder {
    char dir[256];
} folder;

/** A directory with the checkpoints 100, 200 and 1000, of which 200 is named the latest. */
static int open_folder(void **state)
{
    static const char *const names[] = {"conv.ckpt-1000", "conv.ckpt-100", "conv.ckpt-200"};
    folder *f = calloc(1, sizeof *f);
    ws_text_list list = {.items = NULL};
    ws_test_make_dir(f->dir, sizeof f->dir);
    for (size_t i = 0; i < 3; i++) {
        char *prefix = ws_path_join(f->dir, names[i]);
        ws_test_bundle_write(prefix, 1, 1);
        assert_int_equal(ws_text_list_push(&list, names[i]), WS_OK);
        free(prefix);
    }
    assert_int_equal(ws_checkpoint_state_write(f->dir, &list, NULL), WS_OK);
    ws_text_list_deinit(&list);
    *state = f;
    return 0;
}

static int close_folder(void **state)
{
    folder *f = *state;
    ws_test_remove_dir(f->dir);
    free(f);
    return 0;
}

static void assert_located(const folder *f, const char *name, const char *want)
{
    ws_error err = {.message = ""};
    char *given = ws_path_join(f->dir, name);
    char *wanted = ws_path_join(f->dir, want);
    char *prefix = NULL;
    if (ws_checkpoint_locate(given, &prefix, &err) != WS_OK)
        fail_msg("%s", err.message);
    assert_string_equal(prefix, wanted);
    free(prefix);
    free(wanted);
    free(given);
}

static void write_into(const folder *f, const char *name, const void *bytes, size_t size)
{
    char *path = ws_path_join(f->dir, name);
    ws_test_bytes_write(path, bytes, size);
    free(path);
}

static void unlink_in(const folder *f, const char *name)
{
    char *path = ws_path_join(f->dir, name);
    assert_int_equal(unlink(path), 0);
    free(path);
}

static void every_name_of_a_checkpoint_will_do(void **state)
{
    const folder *f = *state;
    static const char *const names[] = {"conv.ckpt-100", "conv.ckpt-100.index",
                                        "conv.ckpt-100.data-00000-of-00001", "conv.ckpt-100.meta"};
    for (size_t i = 0; i < 4; i++)
        assert_located(f, names[i], "conv.ckpt-100");
}

static void a_directory_means_its_latest(void **state)
{
    const folder *f = *state;
    char *prefix = NULL;
    ws_error err;
    assert_located(f, "checkpoint", "conv.ckpt-200");
    char *slashed = ws_text_format("%s/", f->dir);
    char *wanted = ws_path_join(f->dir, "conv.ckpt-200");
    const char *const dirs[] = {f->dir, slashed};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(ws_checkpoint_locate(dirs[i], &prefix, &err), WS_OK);
        assert_string_equal(prefix, wanted);
        free(prefix);
    }
    free(wanted);
    free(slashed);
    /* as TensorFlow writes it for an absolute train_dir, and moved since */
    static const char moved[] = "model_checkpoint_path: \"/gone/conv.ckpt-1000\"\n";
    write_into(f, "checkpoint", moved, sizeof moved - 1);
    assert_located(f, "checkpoint", "conv.ckpt-1000");
}

static void names_relative_to_here_work(void **state)
{
    const folder *f = *state;
    static const char *const names[] = {".", "./", "checkpoint", "conv.ckpt-200.index"};
    static const char *const wanted[] = {"./conv.ckpt-200", "./conv.ckpt-200", "./conv.ckpt-200",
                                         "conv.ckpt-200"};
    char *before = getcwd(NULL, 0);
    assert_int_equal(chdir(f->dir), 0);
    for (size_t i = 0; i < 4; i++) {
        char *prefix = NULL;
        ws_error err;
        assert_int_equal(ws_checkpoint_locate(names[i], &prefix, &err), WS_OK);
        assert_string_equal(prefix, wanted[i]);
        free(prefix);
    }
    assert_int_equal(chdir(before), 0);
    free(before);
}

/** Asserts the status and that the sentence begins with the path and holds both parts. */
static void assert_refused(const folder *f, const char *name, ws_status want, const char *part,
                           const char *other_part)
{
    ws_error err = {.message = ""};
    char *given = ws_path_join(f->dir, name);
    char *prefix = NULL;
    assert_int_equal(ws_checkpoint_locate(given, &prefix, &err), want);
    assert_null(prefix);
    if (strncmp(err.message, f->dir, strlen(f->dir)) != 0 || strstr(err.message, part) == NULL ||
        strstr(err.message, other_part) == NULL)
        fail_msg("\"%s\" does not say \"%s\" and \"%s\"", err.message, part, other_part);
    free(given);
}

static void errors_say_what_is_there_instead(void **state)
{
    const folder *f = *state;
    assert_refused(f, "conv.ckpt-300", WS_ENOTFOUND, "conv.ckpt-300.index",
                   "holds conv.ckpt-1000, conv.ckpt-200, conv.ckpt-100");
    assert_refused(f, "conv.ckpt-300.index", WS_ENOTFOUND, "no file", "conv.ckpt-300.index; ");
    assert_refused(f, "conv.ckpt-300.meta", WS_ENOTFOUND, "conv.ckpt-300.index; ", "holds conv");
    assert_refused(f, "nowhere/conv.ckpt-1", WS_ENOTFOUND, "conv.ckpt-1.index",
                   "nowhere does not exist");
    unlink_in(f, "conv.ckpt-200.index");
    assert_refused(f, "", WS_ENOTFOUND, "conv.ckpt-200, but there is no file",
                   "holds conv.ckpt-1000, conv.ckpt-100");
    unlink_in(f, "checkpoint");
    assert_refused(f, "", WS_ENOTFOUND, "has no file \"checkpoint\"", "conv.ckpt-1000");
    assert_refused(f, "checkpoint", WS_ENOTFOUND, "has no file \"checkpoint\"", "conv.ckpt-1000");
    unlink_in(f, "conv.ckpt-1000.index");
    unlink_in(f, "conv.ckpt-100.index");
    assert_refused(f, "", WS_ENOTFOUND, "has no file \"checkpoint\"", "there is no checkpoint in");
}

static void only_the_latest_few_are_listed(void **state)
{
    const folder *f = *state;
    write_into(f, "conv.ckpt-900.index", "", 0);
    write_into(f, "conv.index", "", 0);
    assert_refused(f, "x", WS_ENOTFOUND, "holds conv.ckpt-1000, conv.ckpt-900, conv.ckpt-200",
                   " and 2 older");
}

static void lists_without_a_name_are_refused(void **state)
{
    const folder *f = *state;
    static const char empty_name[] = "model_checkpoint_path: \"\"";
    write_into(f, "checkpoint", "", 0);
    assert_refused(f, "", WS_EFORMAT, "does not name a checkpoint", "checkpoint");
    write_into(f, "checkpoint", empty_name, sizeof empty_name - 1);
    assert_refused(f, "", WS_EFORMAT, "does not name a checkpoint", "checkpoint");
    write_into(f, "checkpoint", "?", 1);
    assert_refused(f, "checkpoint", WS_EFORMAT, "line 1", "checkpoint");
}

static void other_files_are_recognised(void **state)
{
    const folder *f = *state;
    static const unsigned char block[] = "\0\1\1kv\0\0\0\0\1\0\0\0";
    ws_buf table;
    ws_buf_init(&table, 4096);
    ws_test_table_wrap(&table, block, sizeof block - 1, 0);
    write_into(f, "old.ckpt-5", table.data, table.size);
    write_into(f, "frozen.pb", table.data, table.size - 1);
    write_into(f, "short", "x", 1);
    assert_refused(f, "old.ckpt-5", WS_EFORMAT, "old V1 format", "not supported");
    assert_refused(f, "frozen.pb", WS_EFORMAT, "not an sstable", "expected a prefix");
    assert_refused(f, "short", WS_EFORMAT, "not an sstable", "expected a prefix");
    ws_buf_deinit(&table);
    ws_error err;
    char *prefix = NULL;
    assert_int_equal(ws_checkpoint_locate("", &prefix, &err), WS_EINVAL);
}

int main(void)
{
#define LOCATE_TEST(name) cmocka_unit_test_setup_teardown(name, open_folder, close_folder)
    const struct CMUnitTest tests[] = {
        LOCATE_TEST(every_name_of_a_checkpoint_will_do),
        LOCATE_TEST(a_directory_means_its_latest),
        LOCATE_TEST(names_relative_to_here_work),
        LOCATE_TEST(errors_say_what_is_there_instead),
        LOCATE_TEST(only_the_latest_few_are_listed),
        LOCATE_TEST(lists_without_a_name_are_refused),
        LOCATE_TEST(other_files_are_recognised),
    };
#undef LOCATE_TEST
    return cmocka_run_group_tests_name("checkpoint locate", tests, NULL, NULL);
}
