/* checkpoint/keeper: what failures and damage leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/text.h"
#include "support/bundle_file.h"
#include "unit/keeper_folder.h"

static void a_full_disk_changes_nothing(void **state)
{
    keeper_folder *f = *state;
    ws_error err = {.message = ""};
    size_t size;
    ws_keeper *keeper = keeper_folder_create(f, false);
    keeper_write_steps(keeper, 100, 500);
    keeper_must(keeper_write_best(keeper, 500, 0.5f, &err), &err);
    char *index = ws_text_format("%s/conv.ckpt-500.index", f->dir);
    free(ws_test_bytes_read(index, &size));
    char *before = ws_test_names(f->dir);
    char *best_before = ws_test_names(f->best);
    char *list_path = ws_path_join(f->dir, "checkpoint");
    unsigned char *list = ws_test_bytes_read(list_path, &(size_t){0});
    /* from "nothing can be written" to "only the list cannot be written" (it is longer than both)
     */
    const size_t limits[] = {0, size / 2, size - 1, size};
    for (size_t i = 0; i < 4; i++) {
        ws_test_limit_files(limits[i]);
        const ws_status last = keeper_write_step(keeper, 600, &err);
        const ws_status same = keeper_write_step(keeper, 300, NULL);
        const ws_status best = keeper_write_best(keeper, 600, 0.75f, NULL);
        ws_test_unlimit_files();
        assert_int_equal(last, WS_EIO);
        assert_int_equal(same, WS_EIO);
        assert_int_equal(best, WS_EIO);
        assert_non_null(strstr(err.message, f->dir));
        keeper_assert_names(f->dir, before);
        keeper_assert_names(f->best, best_before);
        keeper_assert_file(f->dir, "checkpoint", (const char *)list);
    }
    assert_non_null(strstr(err.message, "/checkpoint: cannot be written"));
    assert_string_equal(ws_keeper_last(keeper) + strlen(f->dir), "/conv.ckpt-500");
    ws_buf all;
    ws_buf_init(&all, 9999);
    keeper_must(ws_test_bundle_read_all(ws_keeper_last(keeper), &all, &err), &err);
    ws_buf_deinit(&all);
    keeper_write_steps(keeper, 600, 600); /* with room again it continues */
    keeper_assert_names(
        f->dir, "best checkpoint " KEEPER_FILES("200") " " KEEPER_FILES("300") " " KEEPER_FILES(
                    "400") " " KEEPER_FILES("500") " " KEEPER_FILES("600"));
    ws_keeper_destroy(keeper);
    free(list);
    free(list_path);
    free(before);
    free(best_before);
    free(index);
}

static void damaged_lists_are_a_warning(void **state)
{
    keeper_folder *f = *state;
    ws_error err = {.message = ""};
    char *path = ws_path_join(f->dir, "checkpoint");
    ws_keeper *keeper = keeper_folder_create(f, false);
    keeper_write_steps(keeper, 100, 200);
    keeper_must(keeper_write_best(keeper, 200, 0.5f, &err), &err);
    ws_keeper_destroy(keeper);
    ws_test_bytes_write(path, "model_checkpoint_path \"conv\"", 28);
    keeper = keeper_folder_create(f, true);
    assert_non_null(strstr(f->warning, "checkpoint: line 1"));
    assert_null(ws_keeper_last(keeper));
    assert_false(ws_keeper_is_better(keeper, 0.5f)); /* the best one is not affected */
    ws_keeper_destroy(keeper);

    char *best_data = ws_text_format("%s/conv.ckpt-200.data-00000-of-00001", f->best);
    assert_int_equal(unlink(best_data), 0);
    keeper = keeper_folder_create(f, true);
    assert_non_null(strstr(f->warning, best_data));
    assert_true(ws_keeper_is_better(keeper, 0.1f));
    assert_null(ws_keeper_best(keeper, NULL));
    keeper_must(keeper_write_best(keeper, 300, 0.1f, &err), &err);
    keeper_assert_names(f->best, "checkpoint " KEEPER_FILES("300"));
    ws_keeper_destroy(keeper);
    free(best_data);
    free(path);
}

/** The number of a process that is gone. */
static long dead_process(void)
{
    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_true(child > 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return (long)child;
}

static void half_written_files_of_killed_runs_go(void **state)
{
    keeper_folder *f = *state;
    const long dead = dead_process();
    const long alive = (long)getpid();
    static const char *const forms[] = {
        "conv.ckpt-100.index.tmp-%ld",
        "conv.ckpt-100.data-00000-of-00001.tmp-%ld",
        "checkpoint.tmp-%ld",
        "notes.tmp-%ld",
    };
    char name[128];
    for (size_t i = 0; i < 4; i++) {
        const long pids[] = {dead, alive};
        for (size_t k = 0; k < 2; k++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            (void)snprintf(name, sizeof name, forms[i], pids[k]);
#pragma GCC diagnostic pop
            char *path = ws_path_join(f->dir, name);
            ws_test_bytes_write(path, "x", 1);
            free(path);
        }
    }
    ws_keeper_destroy(keeper_folder_create(f, false));
    char *names = ws_test_names(f->dir);
    char *want = ws_text_format("checkpoint.tmp-%ld conv.ckpt-100.data-00000-of-00001.tmp-%ld "
                                "conv.ckpt-100.index.tmp-%ld",
                                alive, alive, alive);
    assert_true(strncmp(names, want, strlen(want)) == 0);
    (void)snprintf(name, sizeof name, "notes.tmp-%ld", dead);
    assert_non_null(strstr(names, name)); /* not a checkpoint's */
    (void)snprintf(name, sizeof name, "index.tmp-%ld", dead);
    assert_null(strstr(names, name));
    free(names);
    free(want);
}

static void a_file_in_the_place_of_the_directory_is_an_error(void **state)
{
    keeper_folder *f = *state;
    ws_error err = {.message = ""};
    ws_keeper *keeper = NULL;
    char *path = ws_path_join(f->dir, "file");
    ws_test_bytes_write(path, "x", 1);
    const ws_keeper_options options = {.dir = path, .name = "conv"};
    assert_int_not_equal(ws_keeper_create(&keeper, &options, &err), WS_OK);
    assert_null(keeper);
    assert_non_null(strstr(err.message, path));
    free(path);
    path = ws_path_join(f->dir, "best"); /* and in that of best/ */
    ws_test_bytes_write(path, "x", 1);
    keeper = keeper_folder_create(f, false);
    assert_int_not_equal(keeper_write_best(keeper, 1, 1, &err), WS_OK);
    assert_non_null(strstr(err.message, path));
    assert_null(ws_keeper_best(keeper, NULL));
    ws_keeper_destroy(keeper);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KEEPER_TEST(a_full_disk_changes_nothing),
        KEEPER_TEST(damaged_lists_are_a_warning),
        KEEPER_TEST(half_written_files_of_killed_runs_go),
        KEEPER_TEST(a_file_in_the_place_of_the_directory_is_an_error),
    };
    return cmocka_run_group_tests_name("keeper_damage", tests, NULL, NULL);
}
