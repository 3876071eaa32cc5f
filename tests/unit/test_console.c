/* cmd/console without a terminal: bytes are reported once a minute, other progress never. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cmd/console.h"

static char last_line[256];
static unsigned n_lines;

static void take_line(void *user, ws_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)snprintf(last_line, sizeof last_line, "%s", line);
    n_lines++;
}

static void show(ws_console *console, double seconds_ago, const ws_train_progress *progress)
{
    ws_error err;
    assert_int_equal(ws_console_init(console, "info", &err), WS_OK);
    console->log.write = take_line;
    console->live = false;
    console->last_drawn -= seconds_ago;
    last_line[0] = '\0';
    ws_console_show_progress(console, progress);
}

static void bytes_are_told_once_a_minute(void **state)
{
    ws_train_progress progress = {
        .activity = "downloading",
        .n_done = 1200000000,
        .n_all = 2428923189,
        .is_in_bytes = true,
        .per_second = 8100000,
        .seconds_left = 151.7,
    };
    ws_console console;
    (void)state;
    show(&console, 61, &progress);
    assert_string_equal(last_line, "downloading: 1.20 GB of 2.43 GB  8.10 MB/s  2 min 32 s left");
    n_lines = 0;
    ws_console_show_progress(&console, &progress);
    assert_int_equal(n_lines, 0);
    show(&console, 50, &progress);
    assert_int_equal(n_lines, 0);
    progress.n_all = 0; /* unknown, and so is the time left */
    show(&console, 61, &progress);
    assert_string_equal(last_line, "downloading: 1.20 GB  8.10 MB/s");
}

static void steps_and_clips_are_not(void **state)
{
    const ws_train_progress progress = {
        .activity = "training", .n_done = 5, .n_all = 100, .per_second = 1, .seconds_left = 95};
    ws_console console;
    (void)state;
    n_lines = 0;
    show(&console, 1000, &progress);
    assert_int_equal(n_lines, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_told_once_a_minute),
        cmocka_unit_test(steps_and_clips_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
