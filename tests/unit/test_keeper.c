/* checkpoint/keeper: what stays on disk, and across resumes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "checkpoint/locate.h"
#include "checkpoint/state.h"
#include "support/bundle_file.h"
#include "unit/keeper_folder.h"

static void the_last_five_are_kept(void **state)
{
    keeper_folder *f = *state;
    ws_keeper *keeper = keeper_folder_create(f, false);
    assert_null(ws_keeper_last(keeper));
    keeper_write_steps(keeper, 100, 300);
    keeper_assert_names(
        f->dir, "checkpoint " KEEPER_FILES("100") " " KEEPER_FILES("200") " " KEEPER_FILES("300"));
    keeper_write_steps(keeper, 400, 1100);
    keeper_assert_names(
        f->dir, "checkpoint " KEEPER_FILES("1000") " " KEEPER_FILES("1100") " " KEEPER_FILES(
                    "700") " " KEEPER_FILES("800") " " KEEPER_FILES("900"));
    keeper_assert_file(f->dir, "checkpoint",
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
    keeper_folder *f = *state;
    ws_error err;
    ws_keeper *keeper = keeper_folder_create(f, false);
    keeper_write_steps(keeper, 100, 500);
    assert_int_equal(keeper_write_step(keeper, 300, &err), WS_OK);
    keeper_assert_file(f->dir, "checkpoint",
                       "model_checkpoint_path: \"conv.ckpt-300\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-100\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-200\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-400\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-500\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-300\"\n");
    ws_keeper_destroy(keeper);
}

static void one_best_checkpoint_is_kept_too(void **state)
{
    keeper_folder *f = *state;
    ws_error err = {.message = ""};
    ws_keeper *keeper = keeper_folder_create(f, false);
    float score = 0;
    char *prefix = NULL;
    assert_null(ws_keeper_best(keeper, &score));
    assert_false(ws_keeper_is_better(keeper, (float)(0.0 / 0.0)));
    assert_true(ws_keeper_is_better(keeper, 0));
    keeper_must(keeper_write_best(keeper, 100, 0.5f, &err), &err);
    keeper_write_steps(keeper, 100, 900);
    assert_false(ws_keeper_is_better(keeper, 0.5f));
    assert_false(ws_keeper_is_better(keeper, (float)(0.0 / 0.0)));
    assert_true(ws_keeper_is_better(keeper, 0.75f));
    keeper_assert_names(f->best, "checkpoint " KEEPER_FILES("100"));
    keeper_must(keeper_write_best(keeper, 400, 0.75f, &err), &err);
    keeper_assert_names(f->best, "checkpoint " KEEPER_FILES("400"));
    assert_non_null(ws_keeper_best(keeper, &score));
    assert_true(score == 0.75f);
    keeper_must(ws_checkpoint_locate(f->best, &prefix, &err), &err);
    assert_string_equal(prefix, ws_keeper_best(keeper, NULL));
    free(prefix);
    ws_keeper_destroy(keeper);
}

/** Trains from one step to another: a checkpoint each 100, an evaluation each 200. */
static void run(keeper_folder *f, const char *dir, bool is_resumed, int64_t first, int64_t last)
{
    static const float scores[] = {0.3f, 0.5f, 0.4f, 0.8f, 0.8f, 0.7f};
    ws_error err = {.message = ""};
    ws_keeper *keeper = keeper_folder_create_in(f, dir, is_resumed);
    for (int64_t step = first; step <= last; step += 100) {
        const float score = scores[step / 200 % 6];
        if (step % 200 == 0 && ws_keeper_is_better(keeper, score))
            keeper_must(keeper_write_best(keeper, step, score, &err), &err);
        keeper_must(keeper_write_step(keeper, step, &err), &err);
    }
    ws_keeper_destroy(keeper);
}

static void assert_same_folders(const char *left, const char *right)
{
    ws_text_list names = {.items = NULL};
    char *left_names = ws_test_names(left);
    keeper_assert_names(right, left_names);
    free(left_names);
    assert_int_equal(ws_dir_list(left, &names, NULL), WS_OK);
    for (size_t i = 0; i < names.n_items; i++) {
        char *a = ws_path_join(left, names.items[i]);
        char *b = ws_path_join(right, names.items[i]);
        if (ws_dir_exists(a))
            assert_same_folders(a, b);
        else
            ws_test_assert_same_bytes(a, b);
        free(a);
        free(b);
    }
    ws_text_list_deinit(&names);
}

static void a_resumed_run_leaves_the_same_files(void **state)
{
    keeper_folder *f = *state;
    char *whole = ws_path_join(f->dir, "whole");
    run(f, whole, false, 100, 1500);
    for (int64_t stop = 100; stop < 1500; stop += 300) {
        char *parts = ws_text_format("%s/parts%d", f->dir, (int)stop);
        run(f, parts, false, 100, stop);
        run(f, parts, true, stop + 100, 1500);
        assert_same_folders(whole, parts);
        free(parts);
    }
    /* resuming from an earlier checkpoint repeats some steps; the end is the same too */
    char *again = ws_path_join(f->dir, "again");
    run(f, again, false, 100, 900);
    run(f, again, true, 700, 1500);
    assert_same_folders(whole, again);
    assert_string_equal(f->warning, "");
    free(again);
    free(whole);
}

/* From its first step on, even if it never saves a checkpoint. */
static void a_run_that_goes_back_gives_up_what_came_after(void **state)
{
    keeper_folder *f = *state;
    float score = 0;
    ws_error err = {.message = ""};

    run(f, f->dir, false, 100, 500);
    ws_keeper *keeper = keeper_folder_create(f, true);
    keeper_must(keeper_write_best(keeper, 500, 0.5F, &err), &err);
    ws_keeper_destroy(keeper);
    keeper = keeper_folder_create_at(f, f->dir, true, 300);
    assert_string_equal(strrchr(ws_keeper_last(keeper), '/'), "/conv.ckpt-300");
    assert_null(ws_keeper_best(keeper, &score));
    keeper_assert_file(f->dir, "checkpoint",
                       "model_checkpoint_path: \"conv.ckpt-500\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-100\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-200\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-300\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-400\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-500\"\n");
    keeper_must(ws_keeper_begin(keeper, &err), &err);
    ws_keeper_destroy(keeper); /* as if killed */
    keeper_assert_file(f->dir, "checkpoint",
                       "model_checkpoint_path: \"conv.ckpt-300\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-100\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-200\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-300\"\n");
    char *later = ws_path_join(f->dir, "conv.ckpt-500");
    assert_true(ws_bundle_exists(later));
    free(later);
}

static void files_of_other_runs_are_unchanged(void **state)
{
    keeper_folder *f = *state;
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
    keeper_must(ws_checkpoint_state_write(f->dir, &names, &err), &err);
    ws_text_list_deinit(&names);
    ws_keeper *keeper = keeper_folder_create(f, true);
    assert_null(ws_keeper_last(keeper));
    keeper_write_steps(keeper, 100, 1000);
    ws_keeper_destroy(keeper);
    for (size_t i = 0; i < 4; i++) {
        char *prefix = ws_path_join(f->dir, others[i]);
        assert_true(ws_bundle_exists(prefix));
        free(prefix);
    }
}

static void a_new_run_deletes_nothing_of_an_old_one(void **state)
{
    keeper_folder *f = *state;
    ws_error err = {.message = ""};
    char *old = ws_path_join(f->dir, "conv.ckpt-150");
    ws_keeper *keeper = keeper_folder_create(f, false);
    keeper_must(keeper_write_step(keeper, 150, &err), &err);
    keeper_must(keeper_write_best(keeper, 150, 0.9f, &err), &err);
    ws_keeper_destroy(keeper);
    keeper = keeper_folder_create(f, false);
    assert_null(ws_keeper_last(keeper));
    assert_true(ws_keeper_is_better(keeper, 0.1f));
    keeper_must(keeper_write_best(keeper, 200, 0.1f, &err), &err);
    keeper_write_steps(keeper, 200, 900);
    assert_true(ws_bundle_exists(old));
    keeper_assert_names(f->best, "checkpoint " KEEPER_FILES("150") " " KEEPER_FILES("200"));
    ws_keeper_destroy(keeper);
    free(old);
}

/** Names of another machine's paths are found again by their last part. */
static void a_moved_directory_resumes(void **state)
{
    keeper_folder *f = *state;
    char *path = ws_path_join(f->dir, "checkpoint");
    ws_keeper *keeper = keeper_folder_create(f, false);
    keeper_write_steps(keeper, 100, 200);
    ws_keeper_destroy(keeper);
    static const char text[] = "model_checkpoint_path: \"/old\\\\conv.ckpt-200\"\n"
                               "all_model_checkpoint_paths: '/gone/conv.ckpt-100'\n"
                               "all_model_checkpoint_paths: '/old\\\\conv.ckpt-200'\n";
    ws_test_bytes_write(path, text, sizeof text - 1);
    keeper = keeper_folder_create(f, true);
    keeper_write_steps(keeper, 300, 300);
    keeper_assert_file(f->dir, "checkpoint",
                       "model_checkpoint_path: \"conv.ckpt-300\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-100\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-200\"\n"
                       "all_model_checkpoint_paths: \"conv.ckpt-300\"\n");
    ws_keeper_destroy(keeper);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KEEPER_TEST(the_last_five_are_kept),
        KEEPER_TEST(writing_a_step_again_moves_it_to_the_end),
        KEEPER_TEST(one_best_checkpoint_is_kept_too),
        KEEPER_TEST(a_resumed_run_leaves_the_same_files),
        KEEPER_TEST(a_run_that_goes_back_gives_up_what_came_after),
        KEEPER_TEST(files_of_other_runs_are_unchanged),
        KEEPER_TEST(a_new_run_deletes_nothing_of_an_old_one),
        KEEPER_TEST(a_moved_directory_resumes),
    };
    return cmocka_run_group_tests_name("keeper", tests, NULL, NULL);
}
