/* tbevents: a disk that is slow or hangs. The library's write() goes through this file, which lets
 * it wait until a gate opens. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tbevents/tbevents.h"
#include "unit/event_file.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static bool is_shut;
static int n_waiting; /* writes before the gate */

ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    (void)pthread_mutex_lock(&mutex);
    n_waiting++;
    while (is_shut)
        (void)pthread_cond_wait(&opened, &mutex);
    n_waiting--;
    (void)pthread_mutex_unlock(&mutex);
    return __real_write(fd, data, size);
}

static void set_gate(bool shut)
{
    (void)pthread_mutex_lock(&mutex);
    is_shut = shut;
    (void)pthread_cond_broadcast(&opened);
    (void)pthread_mutex_unlock(&mutex);
}

static double now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void sleep_ms(long n)
{
    const struct timespec wait = {n / 1000, n % 1000 * 1000000};
    (void)nanosleep(&wait, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    set_gate(false);
    scratch_destroy();
    return 0;
}

enum { QUEUE_BYTES = 1 << 18, TAG_BYTES = 1000 };

/** A writer with a small queue, whose calls wait for the given time. */
static tbe_writer *open_small(double max_wait_s)
{
    tbe_options options = fixed_options(1.0);
    options.max_waiting_bytes = QUEUE_BYTES;
    options.max_wait_s = max_wait_s;
    options.close_wait_s = 20.0;
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    assert_int_equal(tbe_get_status(writer), TBE_OK);
    return writer;
}

/** Adds an event of about a kilobyte. */
static tbe_status add_large(tbe_writer *writer, int64_t step)
{
    static char tag[TAG_BYTES + 1];
    memset(tag, 't', TAG_BYTES);
    return tbe_add_scalar(writer, step, tag, (float)step);
}

/** Adds events until one is dropped. @return the number of those that were taken */
static int64_t fill(tbe_writer *writer)
{
    int64_t n = 0;
    tbe_status status;
    while ((status = add_large(writer, n + 1)) == TBE_OK)
        assert_true(++n < 2 * QUEUE_BYTES / TAG_BYTES);
    assert_int_equal(status, TBE_EBUSY);
    return n;
}

/* ---- */

static void a_disk_that_hangs_costs_one_wait(void **state)
{
    char message[256];
    (void)state;
    tbe_writer *writer = open_small(0.2);
    set_gate(true);
    double start = now_s();
    const int64_t n_taken = fill(writer);
    assert_true(now_s() - start >= 0.19);
    assert_true(now_s() - start < 5.0);
    assert_true(n_taken > (QUEUE_BYTES - (1 << 16)) / TAG_BYTES);
    assert_int_equal(tbe_get_n_dropped(writer), 1);
    assert_non_null(strstr(tbe_get_message(writer), "1 was dropped"));

    start = now_s();
    for (int i = 0; i < 1000; i++)
        assert_int_equal(add_large(writer, n_taken + 1), TBE_EBUSY);
    assert_int_equal(tbe_flush(writer), TBE_EBUSY);
    assert_true(now_s() - start < 0.19); /* a thousand waits would be minutes */
    assert_int_equal(tbe_get_status(writer), TBE_OK);

    set_gate(false);
    while (tbe_flush(writer) == TBE_EBUSY)
        sleep_ms(1);
    assert_int_equal(add_large(writer, 1000000), TBE_OK); /* it continues */
    char *path = strdup(tbe_get_path(writer));
    assert_int_equal(tbe_close(writer, message, sizeof message), TBE_EBUSY);
    assert_non_null(strstr(message, "1001 were dropped"));
    event_file *file = event_file_read(path);
    free(path);
    assert_int_equal(file->n_records, 2 + n_taken + 1);
    for (int64_t i = 0; i < n_taken; i++)
        assert_int_equal(file->events[2 + i]->step, i + 1);
    assert_int_equal(file->events[2 + n_taken]->step, 1000000);
    event_file_destroy(file);
}

static void *open_gate_later(void *unused)
{
    (void)unused;
    sleep_ms(100);
    set_gate(false);
    return NULL;
}

/** Though no call waits any more, closing does: what was taken is written. */
static void closing_waits_for_a_disk_that_comes_back(void **state)
{
    pthread_t thread;
    (void)state;
    tbe_writer *writer = open_small(0.01);
    set_gate(true);
    const int64_t n_taken = fill(writer);
    assert_int_equal(pthread_create(&thread, NULL, open_gate_later, NULL), 0);
    event_file *file = close_and_read(writer, TBE_EBUSY);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(file->n_records, 2 + n_taken);
    event_file_destroy(file);
}

static void a_refused_call_and_drops_are_both_told(void **state)
{
    char message[256];
    (void)state;
    tbe_writer *writer = open_small(0.01);
    assert_int_equal(tbe_add_scalar(writer, 1, "", 1), TBE_EINVAL);
    set_gate(true);
    (void)fill(writer);
    set_gate(false);
    assert_int_equal(tbe_close(writer, message, sizeof message), TBE_EINVAL);
    assert_non_null(strstr(message, "is empty"));
    assert_non_null(strstr(message, "1 events were dropped"));
}

static void a_caller_that_may_wait_loses_nothing(void **state)
{
    enum { N = 3 * QUEUE_BYTES / TAG_BYTES };
    pthread_t thread;
    (void)state;
    tbe_writer *writer = open_small(60.0);
    set_gate(true);
    assert_int_equal(pthread_create(&thread, NULL, open_gate_later, NULL), 0);
    for (int64_t i = 0; i < N; i++)
        assert_int_equal(add_large(writer, i), TBE_OK);
    assert_int_equal(pthread_join(thread, NULL), 0);
    event_file *file = close_and_read(writer, TBE_OK);
    assert_int_equal(file->n_records, 2 + N);
    event_file_destroy(file);
}

static void a_large_event_goes_into_a_small_queue(void **state)
{
    enum { N_CELLS = 8, CELL_BYTES = 1 << 17 };
    const char *cells[N_CELLS];
    char *cell = malloc(CELL_BYTES);
    (void)state;
    assert_non_null(cell);
    memset(cell, 'c', CELL_BYTES - 1);
    cell[CELL_BYTES - 1] = '\0';
    for (size_t i = 0; i < N_CELLS; i++)
        cells[i] = cell;
    tbe_writer *writer = open_small(60.0);
    for (int64_t step = 0; step < 4; step++)
        assert_int_equal(tbe_add_text_table(writer, step, "large", 1, N_CELLS, cells), TBE_OK);
    event_file *file = close_and_read(writer, TBE_OK);
    assert_int_equal(file->n_records, 2 + 4);
    event_file_destroy(file);
    free(cell);
}

static void closing_does_not_wait_forever(void **state)
{
    char message[512];
    tbe_options options = fixed_options(1.0);
    (void)state;
    options.close_wait_s = 0.1;
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    char *path = strdup(tbe_get_path(writer));
    set_gate(true);
    assert_int_equal(tbe_add_scalar(writer, 1, "x", 1), TBE_OK);
    const double start = now_s();
    assert_int_equal(tbe_close(writer, message, sizeof message), TBE_EIO);
    assert_true(now_s() - start < 5.0);
    assert_non_null(strstr(message, path));

    set_gate(false); /* now the thread that was left to itself ends it all the same */
    size_t n_torn = 1, n_records = 0;
    for (int tries = 0; tries < 2000 && n_records < 3; tries++) {
        sleep_ms(5);
        event_file *file = event_file_read_torn(path, &n_torn);
        n_records = file->n_records;
        event_file_destroy(file);
    }
    assert_int_equal(n_records, 3);
    assert_int_equal(n_torn, 0);
    free(path);
}

static void what_waits_is_written_in_few_pieces(void **state)
{
    (void)state;
    tbe_options options = fixed_options(1.0);
    options.flush_interval_s = 1e-9; /* due at every call */
    tbe_writer *writer = tbe_open(scratch_dir, &options);
    set_gate(true);
    for (int64_t i = 0; i < 5000; i++) /* a chunk of memory each would be 300 MB */
        assert_int_equal(tbe_add_scalar(writer, i, "x", 1), TBE_OK);
    set_gate(false);
    event_file *file = close_and_read(writer, TBE_OK);
    assert_int_equal(file->n_records, 2 + 5000);
    event_file_destroy(file);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, scratch_set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_disk_that_hangs_costs_one_wait),
        TEST(closing_waits_for_a_disk_that_comes_back),
        TEST(a_refused_call_and_drops_are_both_told),
        TEST(a_caller_that_may_wait_loses_nothing),
        TEST(a_large_event_goes_into_a_small_queue),
        TEST(closing_does_not_wait_forever),
        TEST(what_waits_is_written_in_few_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
