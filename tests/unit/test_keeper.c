/* checkpoint/keeper: what stays on disk, across resumes, failures and damage. */
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

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "checkpoint/keeper.h"
#include "checkpoint/locate.h"
#include "checkpoint/state.h"
#include "support/bundle_file.h"
#include "support/check.h"

/** A directory and the last warning that a keeper logged. */
typedef struct folder {
    char dir[256];
    char *best;
    char warning[2048];
} folder;

static void keep_line(void *user, ws_log_level level, const char *line)
{
    folder *f = user;
    if (level >= WS_LOG_WARN)
        (void)snprintf(f->warning, sizeof f->warning, "%s", line);
}

static int open_folder(void **state)
{
    folder *f = calloc(1, sizeof *f);
    ws_test_make_dir(f->dir, sizeof f->dir);
    f->best = ws_path_join(f->dir, "best");
    *state = f;
    return 0;
}

static int close_folder(void **state)
{
    folder *f = *state;
    ws_test_remove_dir(f->dir);
    free(f->best);
    free(f);
    return 0;
}

/** @param last_step  that a resumed run goes on from; 0: the newest */
static ws_keeper *create_at(folder *f, const char *dir, bool is_resumed, int64_t last_step)
{
    const ws_log log = {.level = WS_LOG_INFO, .write = keep_line, .user = f};
    static ws_log kept_log; /* outlives the keepers of one test */
    ws_error err = {.message = ""};
    ws_keeper *keeper = NULL;
    kept_log = log;
    const ws_keeper_options options = {.dir = dir,
                                       .name = "conv",
                                       .is_resumed = is_resumed,
                                       .last_step = last_step,
                                       .log = &kept_log};
    if (ws_keeper_create(&keeper, &options, &err) != WS_OK)
        fail_msg("%s", err.message);
    return keeper;
}

static ws_keeper *create_in(folder *f, const char *dir, bool is_resumed)
{
    return create_at(f, dir, is_resumed, 0);
}

static ws_keeper *create(folder *f, bool is_resumed)
{
    return create_in(f, f->dir, is_resumed);
}

static ws_status write_step(ws_keeper *keeper, int64_t step, ws_error *err)
{
    const float weights[2] = {(float)step, 1};
    const ws_bundle_tensor tensors[] = {
        {"weights", WS_BUNDLE_FLOAT32, 1, {2}, weights, sizeof weights},
        {"global_step", WS_BUNDLE_INT64, 0, {0}, &step, sizeof step},
    };
    return ws_keeper_write(keeper, step, tensors, 2, err);
}

static ws_status write_best(ws_keeper *keeper, int64_t step, float score, ws_error *err)
{
    const ws_bundle_tensor tensor = {"global_step", WS_BUNDLE_INT64, 0, {0}, &step, sizeof step};
    return ws_keeper_write_best(keeper, step, score, &tensor, 1, err);
}

static void must(ws_status status, const ws_error *err)
{
    if (status != WS_OK)
        fail_msg("%s", err->message);
}

static void write_steps(ws_keeper *keeper, int64_t first, int64_t last)
{
    ws_error err = {.message = ""};
    for (int64_t step = first; step <= last; step += 100)
        must(write_step(keeper, step, &err), &err);
}

static void assert_names(const char *dir, const char *want)
{
    char *names = ws_test_names(dir);
    assert_string_equal(names, want);
    free(names);
}

static void assert_file(const char *dir, const char *name, const char *want)
{
    size_t size;
    char *path = ws_path_join(dir, name);
    unsigned char *bytes = ws_test_bytes_read(path, &size);
    assert_string_equal((char *)bytes, want);
    free(bytes);
    free(path);
}

#define FILES(step) "conv.ckpt-" step ".data-00000-of-00001 conv.ckpt-" step ".index"

static void the_last_five_are_kept(void **state)
{
    folder *f = *state;
    ws_keeper *keeper = create(f, false);
    assert_null(ws_keeper_last(keeper));
    write_steps(keeper, 100, 300);
    assert_names(f->dir, "checkpoint " FILES("100") " " FILES("200") " " FILES("300"));
    write_steps(keeper, 400, 1100);
    assert_names(f->dir, "checkpoint " FILES("1000") " " FILES("1100") " " FILES("700") " " FILES(
                             "800") " " FILES("900"));
    assert_file(f->dir, "checkpoint",
                "model_checkpoint_path: \"conv.ckpt-1100\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-700\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-800\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-900\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-1000\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-1100\"\n");
    ws_keeper_destroy(keeper);
}

static void writing_a_step_again_moves_it_to_the_end(void **state)
{
    folder *f = *state;
    ws_error err;
    ws_keeper *keeper = create(f, false);
    write_steps(keeper, 100, 500);
    assert_int_equal(write_step(keeper, 300, &err), WS_OK);
    assert_file(f->dir, "checkpoint",
                "model_checkpoint_path: \"conv.ckpt-300\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-100\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-200\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-400\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-500\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-300\"\n");
    ws_keeper_destroy(keeper);
}

static void one_best_is_kept_beside_them(void **state)
{
    folder *f = *state;
    ws_error err = {.message = ""};
    ws_keeper *keeper = create(f, false);
    float score = 0;
    char *prefix = NULL;
    assert_null(ws_keeper_best(keeper, &score));
    assert_false(ws_keeper_is_better(keeper, (float)(0.0 / 0.0)));
    assert_true(ws_keeper_is_better(keeper, 0));
    must(write_best(keeper, 100, 0.5f, &err), &err);
    write_steps(keeper, 100, 900);
    assert_false(ws_keeper_is_better(keeper, 0.5f));
    assert_false(ws_keeper_is_better(keeper, (float)(0.0 / 0.0)));
    assert_true(ws_keeper_is_better(keeper, 0.75f));
    assert_names(f->best, "checkpoint " FILES("100"));
    must(write_best(keeper, 400, 0.75f, &err), &err);
    assert_names(f->best, "checkpoint " FILES("400"));
    assert_non_null(ws_keeper_best(keeper, &score));
    assert_true(score == 0.75f);
    must(ws_checkpoint_locate(f->best, &prefix, &err), &err);
    assert_string_equal(prefix, ws_keeper_best(keeper, NULL));
    free(prefix);
    ws_keeper_destroy(keeper);
}

/** Trains from one step to another: a checkpoint each 100, an evaluation each 200. */
static void run(folder *f, const char *dir, bool is_resumed, int64_t first, int64_t last)
{
    static const float scores[] = {0.3f, 0.5f, 0.4f, 0.8f, 0.8f, 0.7f};
    ws_error err = {.message = ""};
    ws_keeper *keeper = create_in(f, dir, is_resumed);
    for (int64_t step = first; step <= last; step += 100) {
        const float score = scores[step / 200 % 6];
        if (step % 200 == 0 && ws_keeper_is_better(keeper, score))
            must(write_best(keeper, step, score, &err), &err);
        must(write_step(keeper, step, &err), &err);
    }
    ws_keeper_destroy(keeper);
}

static void assert_same_folders(const char *left, const char *right)
{
    ws_text_list names = {.items = NULL};
    char *left_names = ws_test_names(left);
    assert_names(right, left_names);
    free(left_names);
    assert_int_equal(ws_dir_list(left, &names, NULL), WS_OK);
    for (size_t i = 0; i < names.n_items; i++) {
        char *a = ws_path_join(left, names.items[i]);
        char *b = ws_path_join(right, names.items[i]);
        size_t a_size = 0, b_size = 0;
        if (ws_dir_exists(a)) {
            assert_same_folders(a, b);
        } else {
            unsigned char *a_bytes = ws_test_bytes_read(a, &a_size);
            unsigned char *b_bytes = ws_test_bytes_read(b, &b_size);
            assert_int_equal(a_size, b_size);
            assert_memory_equal(a_bytes, b_bytes, a_size);
            free(a_bytes);
            free(b_bytes);
        }
        free(a);
        free(b);
    }
    ws_text_list_deinit(&names);
}

static void a_resumed_run_leaves_the_same_files(void **state)
{
    folder *f = *state;
    char *whole = ws_path_join(f->dir, "whole");
    run(f, whole, false, 100, 1500);
    for (int64_t stop = 100; stop < 1500; stop += 300) {
        char *parts = ws_text_format("%s/parts%d", f->dir, (int)stop);
        run(f, parts, false, 100, stop);
        run(f, parts, true, stop + 100, 1500);
        assert_same_folders(whole, parts);
        free(parts);
    }
    /* going on from an earlier checkpoint does some steps again; in the end it is the same too */
    char *again = ws_path_join(f->dir, "again");
    run(f, again, false, 100, 900);
    run(f, again, true, 700, 1500);
    assert_same_folders(whole, again);
    assert_string_equal(f->warning, "");
    free(again);
    free(whole);
}

/* Whether or not it comes to save a checkpoint. */
static void a_run_that_goes_back_gives_up_what_came_after(void **state)
{
    folder *f = *state;
    float score = 0;
    ws_error err = {.message = ""};

    run(f, f->dir, false, 100, 500);
    ws_keeper *keeper = create(f, true);
    must(write_best(keeper, 500, 0.5F, &err), &err);
    ws_keeper_destroy(keeper);
    keeper = create_at(f, f->dir, true, 300);
    assert_string_equal(strrchr(ws_keeper_last(keeper), '/'), "/conv.ckpt-300");
    assert_null(ws_keeper_best(keeper, &score));
    ws_keeper_destroy(keeper); /* as if killed */
    assert_file(f->dir, "checkpoint",
                "model_checkpoint_path: \"conv.ckpt-300\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-100\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-200\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-300\"\n");
    char *later = ws_path_join(f->dir, "conv.ckpt-500");
    assert_true(ws_bundle_exists(later));
    free(later);
}

static void what_is_not_this_runs_is_left_alone(void **state)
{
    folder *f = *state;
    ws_text_list names = {.items = NULL};
    ws_error err = {.message = ""};
    static const char *const others[] = {"low_latency_conv.ckpt-100", "conv.ckpt-50", "conv.ckpt-x",
                                         "conv.ckpt-"};
    for (size_t i = 0; i < 4; i++) {
        char *prefix = ws_path_join(f->dir, others[i]);
        ws_test_bundle_write(prefix, 1, 1);
        if (i != 1)
            assert_int_equal(ws_text_list_push(&names, others[i]), WS_OK);
        free(prefix);
    }
    assert_int_equal(ws_text_list_push(&names, "conv.ckpt-60"), WS_OK); /* has no files */
    must(ws_checkpoint_state_write(f->dir, &names, &err), &err);
    ws_text_list_deinit(&names);
    ws_keeper *keeper = create(f, true);
    assert_null(ws_keeper_last(keeper));
    write_steps(keeper, 100, 1000);
    ws_keeper_destroy(keeper);
    for (size_t i = 0; i < 4; i++) {
        char *prefix = ws_path_join(f->dir, others[i]);
        assert_true(ws_bundle_exists(prefix));
        free(prefix);
    }
}

static void a_new_run_deletes_nothing_of_an_old_one(void **state)
{
    folder *f = *state;
    ws_error err = {.message = ""};
    char *old = ws_path_join(f->dir, "conv.ckpt-150");
    ws_keeper *keeper = create(f, false);
    must(write_step(keeper, 150, &err), &err);
    must(write_best(keeper, 150, 0.9f, &err), &err);
    ws_keeper_destroy(keeper);
    keeper = create(f, false);
    assert_null(ws_keeper_last(keeper));
    assert_true(ws_keeper_is_better(keeper, 0.1f));
    must(write_best(keeper, 200, 0.1f, &err), &err);
    write_steps(keeper, 200, 900);
    assert_true(ws_bundle_exists(old));
    assert_names(f->best, "checkpoint " FILES("150") " " FILES("200"));
    ws_keeper_destroy(keeper);
    free(old);
}

/** Names of another machine's paths are found again by their last part. */
static void a_moved_directory_goes_on(void **state)
{
    folder *f = *state;
    char *path = ws_path_join(f->dir, "checkpoint");
    ws_keeper *keeper = create(f, false);
    write_steps(keeper, 100, 200);
    ws_keeper_destroy(keeper);
    static const char text[] = "model_checkpoint_path: \"/old\\\\conv.ckpt-200\"\n"
                               "all_model_checkpoint_paths: '/gone/conv.ckpt-100'\n"
                               "all_model_checkpoint_paths: '/old\\\\conv.ckpt-200'\n";
    ws_test_bytes_write(path, text, sizeof text - 1);
    keeper = create(f, true);
    write_steps(keeper, 300, 300);
    assert_file(f->dir, "checkpoint",
                "model_checkpoint_path: \"conv.ckpt-300\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-100\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-200\"\n"
                "all_model_checkpoint_paths: \"conv.ckpt-300\"\n");
    ws_keeper_destroy(keeper);
    free(path);
}

static void a_full_disk_changes_nothing(void **state)
{
    folder *f = *state;
    ws_error err = {.message = ""};
    size_t size;
    ws_keeper *keeper = create(f, false);
    write_steps(keeper, 100, 500);
    must(write_best(keeper, 500, 0.5f, &err), &err);
    char *index = ws_text_format("%s/conv.ckpt-500.index", f->dir);
    free(ws_test_bytes_read(index, &size));
    char *before = ws_test_names(f->dir);
    char *best_before = ws_test_names(f->best);
    char *list_path = ws_path_join(f->dir, "checkpoint");
    unsigned char *list = ws_test_bytes_read(list_path, &(size_t){0});
    /* from "nothing can be written" up to "the list alone cannot" (it is longer than both) */
    const size_t limits[] = {0, size / 2, size - 1, size};
    for (size_t i = 0; i < 4; i++) {
        ws_test_limit_files(limits[i]);
        const ws_status last = write_step(keeper, 600, &err);
        const ws_status same = write_step(keeper, 300, NULL);
        const ws_status best = write_best(keeper, 600, 0.75f, NULL);
        ws_test_unlimit_files();
        assert_int_equal(last, WS_EIO);
        assert_int_equal(same, WS_EIO);
        assert_int_equal(best, WS_EIO);
        assert_non_null(strstr(err.message, f->dir));
        assert_names(f->dir, before);
        assert_names(f->best, best_before);
        assert_file(f->dir, "checkpoint", (const char *)list);
    }
    assert_non_null(strstr(err.message, "/checkpoint: cannot be written"));
    assert_string_equal(ws_keeper_last(keeper) + strlen(f->dir), "/conv.ckpt-500");
    ws_buf all;
    ws_buf_init(&all, 9999);
    must(ws_test_bundle_read_all(ws_keeper_last(keeper), &all, &err), &err);
    ws_buf_deinit(&all);
    write_steps(keeper, 600, 600); /* with room again it goes on */
    assert_names(f->dir, "best checkpoint " FILES("200") " " FILES("300") " " FILES(
                             "400") " " FILES("500") " " FILES("600"));
    ws_keeper_destroy(keeper);
    free(list);
    free(list_path);
    free(before);
    free(best_before);
    free(index);
}

static void damaged_lists_are_a_warning(void **state)
{
    folder *f = *state;
    ws_error err = {.message = ""};
    char *path = ws_path_join(f->dir, "checkpoint");
    ws_keeper *keeper = create(f, false);
    write_steps(keeper, 100, 200);
    must(write_best(keeper, 200, 0.5f, &err), &err);
    ws_keeper_destroy(keeper);
    ws_test_bytes_write(path, "model_checkpoint_path \"conv\"", 28);
    keeper = create(f, true);
    assert_non_null(strstr(f->warning, "checkpoint: line 1"));
    assert_null(ws_keeper_last(keeper));
    assert_false(ws_keeper_is_better(keeper, 0.5f)); /* the best one is not affected */
    ws_keeper_destroy(keeper);

    char *best_data = ws_text_format("%s/conv.ckpt-200.data-00000-of-00001", f->best);
    assert_int_equal(unlink(best_data), 0);
    keeper = create(f, true);
    assert_non_null(strstr(f->warning, best_data));
    assert_true(ws_keeper_is_better(keeper, 0.1f));
    assert_null(ws_keeper_best(keeper, NULL));
    must(write_best(keeper, 300, 0.1f, &err), &err);
    assert_names(f->best, "checkpoint " FILES("300"));
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
    folder *f = *state;
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
    ws_keeper_destroy(create(f, false));
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
    folder *f = *state;
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
    keeper = create(f, false);
    assert_int_not_equal(write_best(keeper, 1, 1, &err), WS_OK);
    assert_non_null(strstr(err.message, path));
    assert_null(ws_keeper_best(keeper, NULL));
    ws_keeper_destroy(keeper);
    free(path);
}

int main(void)
{
#define KEEPER_TEST(name) cmocka_unit_test_setup_teardown(name, open_folder, close_folder)
    const struct CMUnitTest tests[] = {
        KEEPER_TEST(the_last_five_are_kept),
        KEEPER_TEST(writing_a_step_again_moves_it_to_the_end),
        KEEPER_TEST(one_best_is_kept_beside_them),
        KEEPER_TEST(a_resumed_run_leaves_the_same_files),
        KEEPER_TEST(a_run_that_goes_back_gives_up_what_came_after),
        KEEPER_TEST(what_is_not_this_runs_is_left_alone),
        KEEPER_TEST(a_new_run_deletes_nothing_of_an_old_one),
        KEEPER_TEST(a_moved_directory_goes_on),
        KEEPER_TEST(a_full_disk_changes_nothing),
        KEEPER_TEST(damaged_lists_are_a_warning),
        KEEPER_TEST(half_written_files_of_killed_runs_go),
        KEEPER_TEST(a_file_in_the_place_of_the_directory_is_an_error),
    };
#undef KEEPER_TEST
    return cmocka_run_group_tests_name("keeper", tests, NULL, NULL);
}
