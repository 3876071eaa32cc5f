/* tbevents: names of files, when bytes get there, and what happens when they cannot. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tbevents/tbevents.h"
#include "unit/event_file.h"

static tbe_writer *open_at(double wall_time)
{
    const tbe_options options = fixed_options(wall_time);
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    assert_int_equal(tbe_get_status(writer), TBE_OK);
    return writer;
}

/** The part of a writer's path after its directory; a static text. */
static const char *name_of(const tbe_writer *writer)
{
    static char name[256];
    const char *slash = strrchr(tbe_get_path(writer), '/');
    assert_non_null(slash);
    (void)snprintf(name, sizeof name, "%s", slash + 1);
    return name;
}

static void make_file(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", scratch_dir, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    (void)fclose(file);
}

static int64_t size_of(const tbe_writer *writer)
{
    struct stat info;
    assert_int_equal(stat(tbe_get_path(writer), &info), 0);
    return (int64_t)info.st_size;
}

/** Waits until the writer's thread has written at least that many bytes to the file. */
static int64_t wait_for_size(const tbe_writer *writer, int64_t least)
{
    const struct timespec wait = {0, 1000000};
    for (int tries = 0; tries < 20000 && size_of(writer) < least; tries++)
        assert_int_equal(nanosleep(&wait, NULL), 0);
    assert_true(size_of(writer) >= least);
    return size_of(writer);
}

/** Fails the test if the file grows although nothing was handed over. */
static void expect_no_growth(const tbe_writer *writer, int64_t size)
{
    const struct timespec wait = {0, 30000000};
    assert_int_equal(nanosleep(&wait, NULL), 0);
    assert_int_equal(size_of(writer), size);
}

/* ---- names ---- */

static void names_have_all_their_parts(void **state)
{
    char expected[256];
    tbe_options options = fixed_options(1700000000.75);
    (void)state;
    options.file_suffix = ".v2";
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    (void)snprintf(expected, sizeof expected, "events.out.tfevents.1700000000.host.%ld.0.v2",
                   (long)getpid());
    assert_string_equal(name_of(writer), expected);
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);

    writer = open_at(1.0); /* earlier than that file: the clock was set back */
    (void)snprintf(expected, sizeof expected, "events.out.tfevents.1700000001.host.%ld.0",
                   (long)getpid());
    assert_string_equal(name_of(writer), expected);
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
}

static void short_times_have_ten_digits(void **state)
{
    (void)state;
    tbe_writer *writer = open_at(1.5);
    assert_memory_equal(name_of(writer), "events.out.tfevents.0000000001.host.", 36);
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
}

static void the_host_is_the_machines(void **state)
{
    char host[300], expected[400];
    (void)state;
    assert_int_equal(gethostname(host, sizeof host), 0);
    tbe_writer *writer = tbe_open(scratch_dir, NULL);
    const char *rest = name_of(writer) + strlen("events.out.tfevents.");
    const long long seconds = strtoll(rest, NULL, 10);
    assert_true(llabs(seconds - (long long)time(NULL)) <= 2);
    (void)snprintf(expected, sizeof expected, "%010lld.%.64s.%ld.0", seconds, host, (long)getpid());
    assert_string_equal(rest, expected);
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
}

static void each_new_file_sorts_last(void **state)
{
    enum { N = 40 };
    char opened[N][256];
    size_t n_names;
    (void)state;
    make_file("zebra.tfevents.notes"); /* neither form is TensorFlow's: left out */
    make_file("events.out.tfevents.99");
    for (size_t i = 0; i < N; i++) { /* all in the same second, with numbers beyond 9 */
        tbe_writer *writer = open_at(1000.0);
        (void)snprintf(opened[i], sizeof opened[i], "%s", name_of(writer));
        assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
    }
    char **names = names_read(scratch_dir, &n_names);
    assert_int_equal(n_names, N + 2);
    for (size_t i = 0; i < N; i++)
        assert_string_equal(names[i], opened[i]);
    names_destroy(names, n_names);
}

static void files_from_the_future_are_passed(void **state)
{
    static const char *const newest[] = {
        "events.out.tfevents.2000000000.zzz.99999.9.v2",
        "events.out.tfevents.3000000000123.host" /* milliseconds */};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        make_file(newest[i]);
        tbe_writer *writer = open_at(1.0);
        assert_true(strcmp(name_of(writer), newest[i]) > 0);
        assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
    }
    make_file("events.out.tfevents.9999999999.host");
    tbe_options options = fixed_options(1.0);
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    assert_int_equal(tbe_get_status(writer), TBE_EEXIST);
    assert_non_null(strstr(tbe_get_message(writer), scratch_dir));
    assert_string_equal(tbe_get_path(writer), "");
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_EEXIST);
}

static void two_writers_do_not_mix(void **state)
{
    (void)state;
    tbe_writer *first = open_at(1000.0);
    tbe_writer *second = open_at(1000.0);
    assert_string_not_equal(tbe_get_path(first), tbe_get_path(second));
    assert_int_equal(tbe_add_scalar(first, 1, "first", 1), TBE_OK);
    assert_int_equal(tbe_add_scalar(second, 1, "second", 1), TBE_OK);
    event_file *files[2] = {close_and_read(first, TBE_OK), close_and_read(second, TBE_OK)};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(files[i]->n_records, 3);
        assert_string_equal(files[i]->events[2]->summary->value[0]->tag,
                            i == 0 ? "first" : "second");
        event_file_destroy(files[i]);
    }
}

static void every_file_starts_a_session(void **state)
{
    static const int64_t steps[] = {0, 101, -5, INT64_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        tbe_options options = fixed_options(1.0);
        options.start_step = steps[i];
        event_file *file = close_and_read(tbe_open(scratch_dir, &options), TBE_OK);
        assert_int_equal(file->n_records, 2);
        assert_string_equal(file->events[0]->file_version, "brain.Event:2");
        assert_int_equal(file->events[1]->what_case, TBPROTO__EVENT__WHAT_SESSION_LOG);
        assert_int_equal(file->events[1]->session_log->status,
                         TBPROTO__SESSION_LOG__SESSION_STATUS__START);
        assert_true(file->events[1]->step == steps[i]);
        event_file_destroy(file);
    }
}

/* ---- when bytes get there ---- */

static void the_first_scalars_are_seen_at_once(void **state)
{
    (void)state;
    tbe_options options = fixed_options(1.0);
    options.flush_interval_s = 3600;
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    const int64_t beginning = size_of(writer);
    assert_int_equal(beginning, 40 + 29);
    assert_int_equal(tbe_add_scalar(writer, 1, "x", 1), TBE_OK);
    const int64_t first = wait_for_size(writer, beginning + 1);
    assert_int_equal(tbe_add_scalar(writer, 2, "x", 1), TBE_OK);
    expect_no_growth(writer, first); /* waits */
    assert_int_equal(tbe_flush(writer), TBE_OK);
    const int64_t second = size_of(writer);
    assert_true(second > first);
    for (int64_t step = 3; step < 3 + (1 << 16) / 39; step++) /* as much as waits in memory */
        assert_int_equal(tbe_add_scalar(writer, step, "x", 1), TBE_OK);
    (void)wait_for_size(writer, second + 60000);
    assert_int_equal(tbe_flush(writer), TBE_OK);
    event_file_destroy(event_file_read(tbe_get_path(writer))); /* whole records */
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
}

static void later_scalars_are_seen_after_the_interval(void **state)
{
    const struct timespec wait = {0, 60000000};
    (void)state;
    tbe_options options = fixed_options(1.0);
    options.flush_interval_s = 0.05;
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    assert_int_equal(tbe_add_scalar(writer, 1, "x", 1), TBE_OK);
    assert_int_equal(tbe_flush(writer), TBE_OK);
    const int64_t before = size_of(writer);
    assert_int_equal(nanosleep(&wait, NULL), 0);
    assert_int_equal(tbe_add_scalar(writer, 2, "x", 1), TBE_OK);
    (void)wait_for_size(writer, before + 1);
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
}

/* ---- failures ---- */

/* a record with the scalar "x" of a step below 128, and four of them */
enum { SCALAR_BYTES = 39, ALL_BYTES = 4 * SCALAR_BYTES };

/** Writes events into a file that may have limit bytes. Runs in a child: the limit is its own. */
static void write_limited(rlim_t limit)
{
    char message[256];
    struct rlimit limits;
    (void)signal(SIGXFSZ, SIG_IGN); /* then write() fails with EFBIG */
    tbe_writer *writer = open_at(1.0);
    const int64_t beginning = size_of(writer);
    if (getrlimit(RLIMIT_FSIZE, &limits) != 0)
        _exit(10);
    limits.rlim_cur = (rlim_t)beginning + limit;
    if (setrlimit(RLIMIT_FSIZE, &limits) != 0)
        _exit(11);
    for (int64_t step = 1; step <= 4; step++)
        (void)tbe_add_scalar(writer, step, "x", 1);
    const tbe_status flushed = tbe_flush(writer);
    const int64_t size = size_of(writer);
    const bool fits = limit >= ALL_BYTES;
    if (flushed != (fits ? TBE_OK : TBE_EIO) || tbe_get_status(writer) != flushed)
        _exit(12);
    if (size != beginning + (fits ? 4 : (int64_t)limit / SCALAR_BYTES) * SCALAR_BYTES)
        _exit(13);
    if (!fits && (strstr(tbe_get_message(writer), tbe_get_path(writer)) == NULL ||
                  tbe_add_scalar(writer, 5, "x", 1) != TBE_EIO || tbe_flush(writer) != TBE_EIO ||
                  size_of(writer) != size))
        _exit(14);
    if (tbe_close(writer, message, sizeof message) != flushed || (message[0] == '\0') != fits)
        _exit(15);
    _exit(0);
}

static void a_full_disk_leaves_whole_records(void **state)
{
    (void)state;
    for (rlim_t limit = 0; limit <= ALL_BYTES; limit++) {
        int how;
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_limited(limit);
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFEXITED(how));
        assert_int_equal(WEXITSTATUS(how), 0);
    }
    size_t n_names;
    char **names = names_read(scratch_dir, &n_names);
    assert_int_equal(n_names, ALL_BYTES + 1);
    for (size_t i = 0; i < n_names; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", scratch_dir, names[i]);
        event_file *file = event_file_read(path); /* fails on half a record */
        assert_true(file->n_records >= 2);
        event_file_destroy(file);
    }
    names_destroy(names, n_names);
}

static void a_child_writes_nothing(void **state)
{
    int how;
    (void)state;
    tbe_options options = fixed_options(1.0);
    options.flush_interval_s = 3600;
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    assert_int_equal(tbe_add_scalar(writer, 1, "x", 1), TBE_OK);
    assert_int_equal(tbe_add_scalar(writer, 2, "x", 1), TBE_OK); /* waits */
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const bool right = tbe_add_scalar(writer, 3, "x", 1) == TBE_OK &&
                           tbe_flush(writer) == TBE_EFORK &&
                           tbe_add_scalar(writer, 4, "x", 1) == TBE_EFORK &&
                           tbe_close(writer, NULL, 0) == TBE_EFORK;
        _exit(right ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    assert_int_equal(tbe_add_scalar(writer, 3, "x", 1), TBE_OK);
    event_file *file = close_and_read(writer, TBE_OK);
    assert_int_equal(file->n_records, 2 + 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(file->events[2 + i]->step, i + 1);
    event_file_destroy(file);
}

/** The kernel may stop a write between two pages when it kills, so the last record can be torn;
 *  both loaders stop before such a one without a word. */
static void a_killed_process_leaves_a_readable_file(void **state)
{
    int how;
    (void)state;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        tbe_writer *writer = open_at(1.0);
        for (int64_t step = 1;; step++)
            (void)tbe_add_scalar(writer, step, "x", 1);
    }
    char path[512] = "";
    struct stat info = {.st_size = 0};
    for (int tries = 0; tries < 1000 && info.st_size < 100000; tries++) {
        const struct timespec wait = {0, 10000000};
        size_t n_names;
        char **names = names_read(scratch_dir, &n_names);
        if (n_names > 0)
            (void)snprintf(path, sizeof path, "%s/%s", scratch_dir, names[0]);
        names_destroy(names, n_names);
        (void)stat(path, &info);
        assert_int_equal(nanosleep(&wait, NULL), 0);
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &how, 0), child);
    size_t n_torn;
    event_file *file = event_file_read_torn(path, &n_torn);
    assert_true(n_torn < 64);
    assert_true(file->n_records > 1000);
    event_file_destroy(file);
}

static void the_directory_is_made(void **state)
{
    char deep[512];
    (void)state;
    (void)snprintf(deep, sizeof deep, "%s/a//b/c/", scratch_dir);
    tbe_writer *writer = tbe_open(deep, NULL);
    assert_int_equal(tbe_get_status(writer), TBE_OK);
    assert_null(strstr(tbe_get_path(writer), "c//"));
    assert_int_equal(tbe_close(writer, NULL, 0), TBE_OK);
}

static void an_impossible_directory_is_named(void **state)
{
    char inside[512], message[64];
    (void)state;
    make_file("file");
    (void)snprintf(inside, sizeof inside, "%s/file/run", scratch_dir);
    tbe_writer *writer = tbe_open(inside, NULL);
    assert_non_null(writer);
    assert_int_equal(tbe_get_status(writer), TBE_EIO);
    assert_non_null(strstr(tbe_get_message(writer), inside));
    assert_int_equal(tbe_add_scalar(writer, 1, "x", 1), TBE_EIO);
    assert_int_equal(tbe_describe(writer, "x", NULL, "x"), TBE_EIO);
    assert_int_equal(tbe_set_wall_time(writer, 1), TBE_EIO);
    assert_int_equal(tbe_flush(writer), TBE_EIO);
    assert_int_equal(tbe_close(writer, message, 8), TBE_EIO);
    assert_int_equal(strlen(message), 7); /* cut */
    assert_int_equal(tbe_close(tbe_open("", NULL), message, sizeof message), TBE_EINVAL);
    assert_int_equal(tbe_close(tbe_open(NULL, NULL), NULL, 0), TBE_EINVAL);
}

static void no_writer_is_out_of_memory(void **state)
{
    char message[64] = "";
    (void)state;
    assert_int_equal(tbe_get_status(NULL), TBE_ENOMEM);
    assert_int_equal(tbe_add_scalar(NULL, 1, "x", 1), TBE_ENOMEM);
    assert_int_equal(tbe_add_image(NULL, 1, "x", NULL), TBE_ENOMEM);
    assert_int_equal(tbe_add_png(NULL, 1, "x", NULL, 0), TBE_ENOMEM);
    assert_int_equal(tbe_add_audio(NULL, 1, "x", NULL), TBE_ENOMEM);
    assert_int_equal(tbe_add_text(NULL, 1, "x", NULL), TBE_ENOMEM);
    assert_int_equal(tbe_add_text_table(NULL, 1, "x", 0, 0, NULL), TBE_ENOMEM);
    assert_int_equal(tbe_add_histogram(NULL, 1, "x", 0, NULL, NULL), TBE_ENOMEM);
    assert_int_equal(tbe_add_histogram_buckets(NULL, 1, "x", 0, NULL), TBE_ENOMEM);
    assert_int_equal(tbe_add_pr_curve(NULL, 1, "x", NULL), TBE_ENOMEM);
    assert_int_equal(tbe_add_pr_scores(NULL, 1, "x", 0, NULL, NULL, 0), TBE_ENOMEM);
    assert_int_equal(tbe_add_graph(NULL, NULL), TBE_ENOMEM);
    assert_int_equal(tbe_add_run_times(NULL, 1, "x", NULL), TBE_ENOMEM);
    assert_int_equal(tbe_add_layout(NULL, NULL), TBE_ENOMEM);
    assert_int_equal(tbe_add_session_start(NULL, NULL), TBE_ENOMEM);
    assert_int_equal(tbe_add_session_end(NULL, TBE_SESSION_SUCCESS, 0), TBE_ENOMEM);
    assert_int_equal(tbe_add_experiment(NULL, NULL), TBE_ENOMEM);
    assert_int_equal(tbe_get_n_dropped(NULL), 0);
    assert_int_equal(tbe_describe(NULL, "x", NULL, NULL), TBE_ENOMEM);
    assert_int_equal(tbe_set_wall_time(NULL, 1), TBE_ENOMEM);
    assert_int_equal(tbe_flush(NULL), TBE_ENOMEM);
    assert_int_equal(tbe_close(NULL, message, sizeof message), TBE_ENOMEM);
    assert_string_equal(message, tbe_get_message(NULL));
    assert_string_equal(tbe_get_path(NULL), "");
    for (int status = TBE_EDATA; status <= TBE_END; status++)
        assert_string_not_equal(tbe_status_text((tbe_status)status), "unknown status");
}

static void the_first_failure_is_kept(void **state)
{
    char message[256];
    (void)state;
    tbe_writer *writer = open_at(1.0);
    assert_string_equal(tbe_get_message(writer), "");
    assert_int_equal(tbe_add_scalar(writer, 1, "bad\nname\xff", 1), TBE_EINVAL);
    assert_non_null(strstr(tbe_get_message(writer), "bad?name?")); /* fit for a terminal */
    assert_int_equal(tbe_set_wall_time(writer, -1), TBE_EINVAL);
    assert_null(strstr(tbe_get_message(writer), "bad"));
    assert_int_equal(tbe_get_status(writer), TBE_OK); /* it continues */
    assert_int_equal(tbe_flush(writer), TBE_OK);
    assert_int_equal(tbe_close(writer, message, sizeof message), TBE_EINVAL);
    assert_non_null(strstr(message, "bad?name?"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(names_have_all_their_parts),
        SCRATCH_TEST(short_times_have_ten_digits),
        SCRATCH_TEST(the_host_is_the_machines),
        SCRATCH_TEST(each_new_file_sorts_last),
        SCRATCH_TEST(files_from_the_future_are_passed),
        SCRATCH_TEST(two_writers_do_not_mix),
        SCRATCH_TEST(every_file_starts_a_session),
        SCRATCH_TEST(the_first_scalars_are_seen_at_once),
        SCRATCH_TEST(later_scalars_are_seen_after_the_interval),
        SCRATCH_TEST(a_full_disk_leaves_whole_records),
        SCRATCH_TEST(a_child_writes_nothing),
        SCRATCH_TEST(a_killed_process_leaves_a_readable_file),
        SCRATCH_TEST(the_directory_is_made),
        SCRATCH_TEST(an_impossible_directory_is_named),
        SCRATCH_TEST(no_writer_is_out_of_memory),
        SCRATCH_TEST(the_first_failure_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
