/* inspect/writers: which files of a run several writers wrote at the same time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/file.h"
#include "inspect/writers.h"
#include "unit/event_file.h"
#include "unit/event_findings.h"

/** A file of a run: when it was begun, whether a session starts in it and where, its steps from
 *  first to last, a second for each. */
typedef struct row {
    const char *name, *tag;
    double time;
    int start, first, last; /* start -1: none */
    size_t part;            /* expected */
} row;

static void make(const row *from, const char *path)
{
    made_file file = {.wall_time = from->time - 1};

    made_push_version(&file, "brain.Event:2");
    file.wall_time = from->time - 1;
    if (from->start >= 0)
        made_push_start(&file, from->start);
    for (int step = from->first; step <= from->last; step++)
        made_push_scalar(&file, from->tag, step, 1);
    assert_int_equal(ws_file_write(path, file.bytes, file.size, NULL), WS_OK);
}

static void expect_parts(const row *rows, size_t n_rows)
{
    char path[512];
    char name[] = "run";
    ws_event_run run = {.name = name};
    ws_event_parts parts;
    ws_error err;
    size_t n_parts = 0;

    for (size_t i = 0; i < n_rows; i++) {
        (void)snprintf(path, sizeof path, "%s/events.out.tfevents.17000000%02zu.%s", scratch_dir, i,
                       rows[i].name);
        make(&rows[i], path);
        assert_int_equal(ws_text_list_push(&run.files, path), WS_OK);
        n_parts = rows[i].part + 1 > n_parts ? rows[i].part + 1 : n_parts;
    }
    assert_int_equal(ws_event_parts_find(&parts, &run, &err), WS_OK);
    assert_int_equal(parts.n_items, n_parts);
    for (size_t i = 0; i < n_rows; i++)
        assert_true(ws_text_list_has(&parts.items[rows[i].part].run.files, run.files.items[i]));
    for (size_t i = 0; i < n_parts; i++) {
        assert_string_equal(parts.items[i].run.name, "run");
        assert_true((parts.items[i].with != NULL) == (i > 0));
        assert_true(i == 0 || parts.items[i].shared_s > 0);
    }
    ws_event_parts_deinit(&parts);
    ws_text_list_deinit(&run.files);
}
#define EXPECT(...) \
    expect_parts((const row[]){__VA_ARGS__}, sizeof((const row[]){__VA_ARGS__}) / sizeof(const row))

static void one_after_the_other_is_one_writer(void **state)
{
    (void)state;
    EXPECT({"h", "m/a", 1000, 0, 1, 9, 0});
    EXPECT({"h", "m/a", 1000, 0, 1, 9, 0}, {"h", "m/a", 2000, 5, 5, 9, 0});
    EXPECT({"h", "m/a", 1000, -1, 1, 9, 0}, {"h", "m/a", 2000, -1, 5, 9, 0});
}

static void at_once_are_two(void **state)
{
    (void)state;
    EXPECT({"a", "m/a", 1000, -1, 1, 9, 0}, {"b", "m/a", 1002, -1, 1, 9, 1});
    EXPECT({"a", "m/a", 1000, 0, 1, 9, 0}, {"b", "m/a", 1002, 0, 1, 9, 1});
    EXPECT({"a", "m/a", 1000, 300, 301, 309, 0}, {"b", "m/a", 1002, 300, 301, 309, 1});
    EXPECT({"a", "m/a", 1000, 0, 1, 9, 0},
           {"b", "m/b", 1002, 0, 1, 9, 1}); /* its START takes all */
    EXPECT({"a", "m/a", 1000, -1, 1, 9, 0}, {"b", "m/a", 1001, -1, 1, 9, 1},
           {"c", "m/a", 1002, -1, 1, 9, 2});
}

static void what_does_not_disturb_is_one(void **state)
{
    (void)state;
    EXPECT({"a", "m/a", 1000, -1, 1, 9, 0}, {"b", "m/b", 1002, -1, 1, 9, 0}); /* other tags */
    EXPECT({"a", "m/a", 1000, 0, 1, 9, 0}, {"b", "m/a", 1002, 5, 5, 9, 0});   /* a clock set back */
}

/** Each of two writers began a second file. */
static void later_files_go_to_their_writer(void **state)
{
    (void)state;
    EXPECT({"a", "m/a", 1000, -1, 1, 9, 0}, {"b", "m/a", 1001, -1, 1, 9, 1},
           {"b", "m/a", 2000, -1, 10, 19, 1}, {"a", "m/a", 2001, -1, 10, 19, 0});
}

/** A check reports it once, not for each step. */
static void a_check_says_so(void **state)
{
    const row rows[] = {{"a", "m/a", 1000, 0, 1, 9, 0}, {"b", "m/a", 1002, 0, 1, 9, 1}};
    char path[2][512];
    char name[] = "run";
    ws_event_run run = {.name = name};
    findings all = {{0}, {.path = NULL}};
    const ws_event_check_hooks hooks = {.user = &all, .found = findings_take};
    ws_error err;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path[i], sizeof path[i], "%s/events.out.tfevents.170000000%zu.h",
                       scratch_dir, i);
        make(&rows[i], path[i]);
        assert_int_equal(ws_text_list_push(&run.files, path[i]), WS_OK);
    }
    assert_int_equal(ws_event_check_run(&run, &hooks, &err), WS_OK);
    expect_in(&all, (const ws_event_rule_id[]){WS_RULE_TWO_WRITERS, WS_N_RULES});
    ws_text_list_deinit(&run.files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(one_after_the_other_is_one_writer),
        SCRATCH_TEST(at_once_are_two),
        SCRATCH_TEST(what_does_not_disturb_is_one),
        SCRATCH_TEST(later_files_go_to_their_writer),
        SCRATCH_TEST(a_check_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
