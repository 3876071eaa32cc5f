/* tbevents: an event file that is deleted, moved or replaced while it is written. Each case
 * is tried with the writer's thread and without it. */
#include <errno.h>
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

#include "tbevents/tbevents.h"
#include "unit/event_file.h"

enum { START_STEP = 7 };

/** A run in scratch_dir/logs/run whose file was written and then lost. */
typedef struct lost_run {
    tbe_writer *writer;
    char dir[400];    /* of the run */
    char parent[300]; /* of that */
    char path[600];   /* of the first file */
    char aside[300];  /* where something may be moved to */
} lost_run;

static lost_run open_run(int no_thread)
{
    lost_run run;
    tbe_options options = fixed_options(1.0);

    (void)snprintf(run.parent, sizeof run.parent, "%s/logs", scratch_dir);
    (void)snprintf(run.dir, sizeof run.dir, "%s/run", run.parent);
    (void)snprintf(run.aside, sizeof run.aside, "%s/aside", scratch_dir);
    options.start_step = START_STEP;
    options.no_thread = no_thread;
    options.flush_interval_s = TBE_NO_TIME;
    options.max_wait_s = 10.0;
    run.writer = tbe_open(run.dir, &options);
    assert_int_equal(tbe_get_status(run.writer), TBE_OK);
    (void)snprintf(run.path, sizeof run.path, "%s", tbe_get_path(run.writer));
    assert_int_equal(tbe_add_scalar(run.writer, 10, "loss", 1.0f), TBE_OK);
    assert_int_equal(tbe_flush(run.writer), TBE_OK);
    return run;
}

/** The number of event files in the run's directory. */
static size_t count_files(const lost_run *run)
{
    size_t n;
    char **names = names_read(run->dir, &n);
    names_destroy(names, n);
    return n;
}

/** Fails the test unless a file has its beginning and scalars of these two steps. */
static void assert_file(const char *path, int64_t first, int64_t second)
{
    event_file *file = event_file_read(path);
    assert_int_equal(file->n_records, 4);
    assert_string_equal(file->events[0]->file_version, "brain.Event:2");
    assert_int_equal(file->events[1]->session_log->status,
                     TBPROTO__SESSION_LOG__SESSION_STATUS__START);
    assert_int_equal(file->events[1]->step, START_STEP);
    assert_int_equal(file->events[2]->step, first);
    assert_int_equal(file->events[3]->step, second);
    event_file_destroy(file);
}

/** After the loss: two events make a new file, and the loss is reported once by a flush and at the
 * end.
 */
static void check_new_file(lost_run *run)
{
    char message[1024], path[600];

    assert_int_equal(tbe_add_scalar(run->writer, 11, "loss", 2.0f), TBE_OK);
    assert_int_equal(tbe_flush(run->writer), TBE_ELOST);
    assert_int_equal(tbe_get_n_lost(run->writer), 1);
    assert_non_null(strstr(tbe_get_message(run->writer), run->path));
    assert_non_null(strstr(tbe_get_message(run->writer), "deleted, moved or replaced"));
    (void)snprintf(path, sizeof path, "%s", tbe_get_path(run->writer));
    assert_memory_equal(path, run->dir, strlen(run->dir));
    assert_non_null(strstr(tbe_get_message(run->writer), path));
    assert_int_equal(tbe_add_scalar(run->writer, 12, "loss", 3.0f), TBE_OK);
    assert_int_equal(tbe_flush(run->writer), TBE_OK); /* it was reported */
    assert_int_equal(tbe_get_status(run->writer), TBE_OK);
    assert_int_equal(tbe_close(run->writer, message, sizeof message), TBE_ELOST);
    assert_non_null(strstr(message, run->path));
    assert_file(path, 11, 12);
}

static void remove_file(const lost_run *run)
{
    assert_int_equal(unlink(run->path), 0);
}

static void remove_folders(const lost_run *run)
{
    remove_file(run);
    assert_int_equal(rmdir(run->dir), 0);
    assert_int_equal(rmdir(run->parent), 0);
}

static void rename_file(const lost_run *run)
{
    assert_int_equal(rename(run->path, run->aside), 0);
}

static void rename_folder(const lost_run *run)
{
    assert_int_equal(rename(run->parent, run->aside), 0);
}

static void replace_folder(const lost_run *run)
{
    rename_folder(run);
    assert_int_equal(mkdir(run->parent, 0777), 0);
    assert_int_equal(mkdir(run->dir, 0777), 0);
}

/** Another file takes the name: as after a copy of the folder is put in its place. */
static void replace_file(const lost_run *run)
{
    rename_file(run);
    FILE *file = fopen(run->path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void a_lost_file_is_followed_by_another(void **state)
{
    void (*const losses[])(const lost_run *) = {remove_file,   remove_folders, rename_file,
                                                rename_folder, replace_folder, replace_file};
    (void)state;
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        for (int no_thread = 0; no_thread < 2; no_thread++) {
            scratch_dir = scratch_create();
            lost_run run = open_run(no_thread);
            losses[i](&run);
            check_new_file(&run);
            assert_int_equal(count_files(&run), losses[i] == replace_file ? 2 : 1);
            scratch_destroy();
        }
    }
}

/** While no new file can be made, events go to the old one; then one is made after all. */
static void it_is_tried_until_a_file_can_be_made(void **state)
{
    (void)state;
    for (int no_thread = 0; no_thread < 2; no_thread++) {
        char message[1024], path[600];
        scratch_dir = scratch_create();
        lost_run run = open_run(no_thread);
        rename_folder(&run);
        FILE *file = fopen(run.parent, "w"); /* a file in the way of the folder */
        assert_non_null(file);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(tbe_add_scalar(run.writer, 11, "loss", 2.0f), TBE_OK);
        assert_int_equal(tbe_flush(run.writer), TBE_ELOST);
        assert_string_equal(tbe_get_path(run.writer), run.path);
        assert_int_equal(unlink(run.parent), 0);
        assert_int_equal(tbe_add_scalar(run.writer, 12, "loss", 3.0f), TBE_OK);
        assert_int_equal(tbe_flush(run.writer), TBE_OK);
        assert_int_equal(tbe_add_scalar(run.writer, 13, "loss", 4.0f), TBE_OK);
        assert_int_equal(tbe_flush(run.writer), TBE_OK);
        (void)snprintf(path, sizeof path, "%s", tbe_get_path(run.writer));
        assert_int_equal(tbe_get_n_lost(run.writer), 1);
        assert_int_equal(tbe_close(run.writer, message, sizeof message), TBE_ELOST);
        assert_file(path, 12, 13);
        (void)snprintf(path, sizeof path, "%s/run%s", run.aside, strrchr(run.path, '/'));
        assert_file(path, 10, 11);
        scratch_destroy();
    }
}

/** A folder that is moved away and back before the next event was never missed. */
static void what_comes_back_is_not_lost(void **state)
{
    (void)state;
    for (int no_thread = 0; no_thread < 2; no_thread++) {
        scratch_dir = scratch_create();
        lost_run run = open_run(no_thread);
        rename_folder(&run);
        assert_int_equal(rename(run.aside, run.parent), 0);
        assert_int_equal(tbe_add_scalar(run.writer, 11, "loss", 2.0f), TBE_OK);
        assert_int_equal(tbe_close(run.writer, NULL, 0), TBE_OK);
        assert_file(run.path, 10, 11);
        scratch_destroy();
    }
}

/** A loss after the last event is reported, although no event needs a new file. */
static void a_loss_at_the_end_is_told(void **state)
{
    (void)state;
    for (int no_thread = 0; no_thread < 2; no_thread++) {
        char message[1024];
        scratch_dir = scratch_create();
        lost_run run = open_run(no_thread);
        remove_file(&run);
        assert_int_equal(tbe_close(run.writer, message, sizeof message), TBE_ELOST);
        assert_non_null(strstr(message, run.path));
        assert_int_equal(count_files(&run), 0);
        scratch_destroy();
    }
}

static void each_loss_counts(void **state)
{
    (void)state;
    scratch_dir = scratch_create();
    lost_run run = open_run(0);
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(unlink(tbe_get_path(run.writer)), 0);
        assert_int_equal(tbe_add_scalar(run.writer, 10 + (int64_t)i, "loss", 2.0f), TBE_OK);
        assert_int_equal(tbe_flush(run.writer), TBE_ELOST);
        assert_int_equal(tbe_get_n_lost(run.writer), i);
    }
    assert_int_equal(count_files(&run), 1);
    assert_int_equal(tbe_close(run.writer, NULL, 0), TBE_ELOST);
    scratch_destroy();
}

/** The names of files do not depend on the current directory when they are looked up. */
static void another_working_directory_loses_nothing(void **state)
{
    char before[4096];
    (void)state;
    assert_non_null(getcwd(before, sizeof before));
    scratch_dir = scratch_create();
    assert_int_equal(chdir(scratch_dir), 0);
    tbe_options options = fixed_options(1.0);
    options.flush_interval_s = TBE_NO_TIME;
    tbe_writer *writer = tbe_open("run", &options);
    assert_int_equal(tbe_get_status(writer), TBE_OK);
    assert_memory_equal(tbe_get_path(writer), "run/", 4);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(tbe_add_scalar(writer, 1, "loss", 2.0f), TBE_OK);
    assert_int_equal(tbe_flush(writer), TBE_OK);
    assert_int_equal(tbe_get_n_lost(writer), 0);
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
    assert_int_equal(chdir(before), 0);
    scratch_destroy();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_file_is_followed_by_another),
        cmocka_unit_test(it_is_tried_until_a_file_can_be_made),
        cmocka_unit_test(what_comes_back_is_not_lost),
        cmocka_unit_test(a_loss_at_the_end_is_told),
        cmocka_unit_test(each_loss_counts),
        cmocka_unit_test(another_working_directory_loses_nothing),
    };
    return cmocka_run_group_tests_name("tbevents_lost", tests, NULL, NULL);
}
