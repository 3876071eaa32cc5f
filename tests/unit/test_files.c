/* base/file: files are written whole or not at all, alone and together; trees are removed. */
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
#include "base/path.h"
#include "base/text.h"
#include "support/check.h"

static void files_are_written_whole_or_not_at_all(void **state)
{
    char dir[] = "/tmp/ws_test_files_XXXXXX";
    ws_error err;
    unsigned char *data = NULL;
    size_t size = 0;
    ws_text_list names = {.items = NULL};
    (void)state;
    assert_non_null(mkdtemp(dir));
    char *deep = ws_path_join(dir, "x/y/z");
    char *path = ws_path_join(deep, "file");
    assert_int_equal(ws_file_write(path, "abc", 3, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, path));
    assert_int_equal(ws_dir_create_all(deep, &err), WS_OK);
    assert_int_equal(ws_dir_create_all(deep, &err), WS_OK);
    assert_int_equal(ws_file_write(path, "abc", 3, &err), WS_OK);
    assert_int_equal(ws_file_write(path, "defg", 4, &err), WS_OK);
    assert_int_equal(ws_file_read(path, 3, &data, &size, &err), WS_ELIMIT);
    assert_int_equal(ws_file_read(deep, 100, &data, &size, &err), WS_EIO);
    assert_int_equal(ws_file_read("/dev/zero", 100, &data, &size, &err), WS_EIO);
    assert_int_equal(ws_file_read(path, 4, &data, &size, &err), WS_OK);
    assert_int_equal(size, 4);
    assert_string_equal((char *)data, "defg");
    assert_int_equal(ws_file_stage(path, "hij", 3, &err), WS_OK);
    assert_int_equal(ws_file_commit_new(path, &err), WS_EEXISTS); /* it stays what it is */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(ws_file_stage(path, "klmn", 4, &err), WS_OK);
    assert_int_equal(ws_file_commit_new(path, &err), WS_OK);
    assert_int_equal(ws_dir_list(deep, &names, &err), WS_OK);
    assert_int_equal(names.n_items, 1); /* no temporary file is left */
    ws_text_list_deinit(&names);
    assert_int_equal(ws_dir_create_all(path, &err), WS_EEXISTS); /* a file is in the way */
    assert_int_equal(ws_dir_create_parent(path, &err), WS_OK);
    assert_int_equal(ws_file_check_replaceable(path, &err), WS_OK);
    assert_int_equal(ws_file_check_replaceable(deep, &err), WS_EEXISTS);
    assert_int_equal(ws_file_check_replaceable("/dev/null", &err), WS_EEXISTS);
    assert_int_equal(ws_file_check_replaceable("nothing/", &err), WS_EUSAGE);
    /* root could put a file in the place of a device */
    char *fifo = ws_path_join(deep, "fifo");
    struct stat info;
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(ws_file_write(fifo, "abc", 3, &err), WS_EEXISTS);
    assert_non_null(strstr(err.message, "is a device or a pipe"));
    assert_int_equal(ws_file_stage(fifo, "abc", 3, &err), WS_EEXISTS);
    assert_int_equal(
        ws_file_write_all(&(ws_file_part){.path = fifo, .data = "abc", .size = 3}, 1, &err),
        WS_EEXISTS);
    assert_int_equal(stat(fifo, &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
    assert_int_equal(unlink(fifo), 0);
    free(fifo);
    assert_true(ws_file_is_same(path, path));
    assert_false(ws_file_is_same(path, deep));
    free(data);
    (void)unlink(path);
    for (int i = 0; i < 4; i++) { /* z, y, x and the directory itself */
        (void)rmdir(deep);
        char *parent = ws_path_dir(deep);
        free(deep);
        deep = parent;
    }
    assert_false(ws_dir_exists(dir));
    free(deep);
    free(path);
}

static void assert_holds(const char *path, const char *text)
{
    unsigned char *data = NULL;
    size_t size = 0;

    assert_int_equal(ws_file_read(path, 100, &data, &size, NULL), WS_OK);
    assert_int_equal(size, strlen(text));
    assert_memory_equal(data, text, size);
    free(data);
}

static size_t count_names(const char *dir)
{
    ws_text_list names = {.items = NULL};

    assert_int_equal(ws_dir_list(dir, &names, NULL), WS_OK);
    const size_t n = names.n_items;
    ws_text_list_deinit(&names);
    return n;
}

static void files_that_belong_together_come_together(void **state)
{
    char dir[] = "/tmp/ws_test_files_XXXXXX";
    ws_error err;
    (void)state;
    assert_non_null(mkdtemp(dir));
    char *a = ws_path_join(dir, "a"), *b = ws_path_join(dir, "b"), *c = ws_path_join(dir, "c");
    char *nowhere = ws_path_join(dir, "x/y");
    const ws_file_part good[] = {{a, "one", 3}, {b, "two", 3}};
    assert_int_equal(ws_file_write_all(good, 2, &err), WS_OK);
    assert_holds(a, "one");
    assert_holds(b, "two");
    const ws_file_part unwritable[] = {{a, "new", 3}, {c, "new", 3}, {nowhere, "new", 3}};
    assert_int_equal(ws_file_write_all(unwritable, 3, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, nowhere));
    assert_holds(a, "one");
    assert_int_equal(count_names(dir), 2);
    assert_int_equal(unlink(b), 0);
    assert_int_equal(mkdir(b, 0700), 0); /* so that renaming fails */
    const ws_file_part unnamable[] = {{c, "new", 3}, {b, "new", 3}, {a, "new", 3}};
    assert_int_equal(ws_file_write_all(unnamable, 3, &err), WS_EIO);
    assert_non_null(strstr(err.message, b));
    assert_holds(a, "one");
    assert_int_equal(count_names(dir), 2);
    assert_int_equal(ws_dir_remove_all(dir, NULL), WS_OK);
    free(a);
    free(b);
    free(c);
    free(nowhere);
}

static void trees_are_removed_and_links_stay_links(void **state)
{
    char dir[256], path[300], outside[300];
    (void)state;
    ws_test_make_dir(dir, sizeof dir);
    (void)snprintf(outside, sizeof outside, "%s/outside", dir);
    assert_int_equal(ws_file_write(outside, "x", 1, NULL), WS_OK);
    (void)snprintf(path, sizeof path, "%s/tree/a/b", dir);
    assert_int_equal(ws_dir_create_all(path, NULL), WS_OK);
    (void)snprintf(path, sizeof path, "%s/tree/a/file", dir);
    assert_int_equal(ws_file_write(path, "x", 1, NULL), WS_OK);
    (void)snprintf(path, sizeof path, "%s/tree/link", dir);
    assert_int_equal(symlink(outside, path), 0);
    (void)snprintf(path, sizeof path, "%s/tree/to_folder", dir);
    assert_int_equal(symlink(dir, path), 0);
    (void)snprintf(path, sizeof path, "%s/tree", dir);
    assert_int_equal(ws_dir_remove_all(path, NULL), WS_OK);
    assert_false(ws_dir_exists(path));
    assert_true(ws_file_exists(outside));
    assert_int_equal(ws_dir_remove_all(path, NULL), WS_OK); /* is gone already */
    assert_int_equal(ws_dir_remove_all(outside, NULL), WS_OK);
    assert_false(ws_file_exists(outside));
    ws_test_remove_dir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_written_whole_or_not_at_all),
        cmocka_unit_test(files_that_belong_together_come_together),
        cmocka_unit_test(trees_are_removed_and_links_stay_links),
    };
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
