/* base/program: other programs are fed, heard, and killed when they hang. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/program.h"

/** Runs a line of shell. */
static ws_status run_shell(const char *line, const char *input, char *output, size_t capacity,
                           int *exit_code)
{
    const char *const argv[] = {"/bin/sh", "-c", line, NULL};
    const ws_program program = {
        .argv = argv, .input = input, .output = output, .capacity = capacity, .max_seconds = 60.0};

    return ws_program_run(&program, exit_code, NULL);
}

static void programs_are_fed_and_heard(void **state)
{
    const char *const nothing[] = {"no-such-program", NULL};
    const ws_program program = {
        .argv = nothing, .package = "such", .purpose = "does it", .max_seconds = 60.0};
    char output[9], big[WS_PROGRAM_MAX_INPUT_BYTES + 2];
    ws_error err = {.status = WS_OK};
    int exit_code = -1;

    (void)state;
    assert_int_equal(run_shell("cat; exit 3", "fed\n", output, 8, &exit_code), WS_OK);
    assert_string_equal(output, "fed\n");
    assert_int_equal(exit_code, 3);
    /* more than there is room for, and nobody who reads the input */
    assert_int_equal(run_shell("yes | head -c 300000", "x", output, 8, &exit_code), WS_OK);
    assert_string_equal(output, "y\ny\ny\ny\n");
    assert_int_equal(exit_code, 0);
    assert_int_equal(run_shell("read line; echo \"<$line>\"", NULL, output, 8, &exit_code), WS_OK);
    assert_string_equal(output, "<>\n");
    assert_int_equal(run_shell("kill -9 $$", NULL, NULL, 0, &exit_code), WS_OK);
    assert_int_equal(exit_code, 128 + 9);
    assert_int_equal(ws_program_run(&program, &exit_code, &err), WS_ENOTFOUND);
    assert_non_null(strstr(err.message, "apt-get install such"));
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    assert_int_equal(run_shell("cat", big, output, 8, &exit_code), WS_EINVAL);
    big[sizeof big - 2] = '\0';
    assert_int_equal(run_shell("cat >/dev/null", big, NULL, 0, &exit_code), WS_OK);
    assert_int_equal(exit_code, 0);
}

/* Long enough for a shell that starts beside much other work. */
static const double limit_s = 1.0;

/** Whether a program is killed at its limit and not waited for much longer. */
static void check_killed(const char *line, bool is_heard)
{
    const char *const argv[] = {"/bin/sh", "-c", line, NULL};
    char output[9] = "";
    const ws_program program = {.argv = argv,
                                .output = is_heard ? output : NULL,
                                .capacity = is_heard ? 8 : 0,
                                .max_seconds = limit_s};
    ws_error err = {.status = WS_OK};
    int exit_code = 0;
    const double start = ws_clock_monotonic();

    assert_int_equal(ws_program_run(&program, &exit_code, &err), WS_ELIMIT);
    const double taken = ws_clock_monotonic() - start;
    assert_true(taken >= limit_s && taken < 20.0); /* of 60 */
    assert_non_null(strstr(err.message, "/bin/sh: still running after 1 s"));
    if (is_heard)
        assert_string_equal(output, "said\n");
}

static void programs_that_hang_are_killed(void **state)
{
    int exit_code = -1;

    (void)state;
    check_killed("sleep 60", false);
    check_killed("echo said; sleep 60", true);
    check_killed("echo said; exec >&-; sleep 60", true);             /* it says no more */
    check_killed("exec 3>&-; sleep 60", false);                      /* it closes all that it has */
    check_killed("trap '' TERM INT HUP; sleep 60; sleep 60", false); /* it does not want to end */
    /* its end counts, not that of what it leaves running */
    const double start = ws_clock_monotonic();
    assert_int_equal(run_shell("sleep 8 >/dev/null & exit 5", NULL, NULL, 0, &exit_code), WS_OK);
    assert_int_equal(exit_code, 5);
    assert_true(ws_clock_monotonic() - start < 7.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_are_fed_and_heard),
        cmocka_unit_test(programs_that_hang_are_killed),
    };
    return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
