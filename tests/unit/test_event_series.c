/* events: runs, what counts of a run in each loader, tables, plots, and texts for terminals. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "inspect/csv.h"
#include "inspect/diff.h"
#include "inspect/show.h"
#include "inspect/text_plot.h"
#include "unit/event_file.h"
#include "unit/event_maker.h"

static ws_error err;

/** Writes a file below scratch_dir and makes its directory. */
static void write_file(const char *name, const made_file *file)
{
    char path[512], parent[512];
    (void)snprintf(path, sizeof path, "%s/%s", scratch_dir, name);
    (void)snprintf(parent, sizeof parent, "%s", path);
    *strrchr(parent, '/') = '\0';
    assert_int_equal(ws_dir_create_all(parent, &err), WS_OK);
    assert_int_equal(ws_file_write(path, file->bytes, file->size, &err), WS_OK);
}

/* ---- runs ---- */

static void runs_are_directories(void **state)
{
    static const made_file empty;
    char path[512], link_path[512];
    ws_event_runs runs = {.items = NULL};
    (void)state;
    assert_int_equal(ws_event_runs_find(&runs, scratch_dir, &err), WS_ENOTFOUND);
    write_file("b/train/x.tfevents.2", &empty);
    write_file("b/train/x.tfevents.10", &empty);
    write_file("b/train/notes.txt", &empty);
    write_file("a/x.tfevents.1", &empty);
    write_file("a/x.tfevents.1.profile-empty", &empty);
    write_file("none/notes.txt", &empty);
    (void)snprintf(path, sizeof path, "%s/b", scratch_dir);
    (void)snprintf(link_path, sizeof link_path, "%s/b/loop", scratch_dir);
    assert_int_equal(symlink(path, link_path), 0);
    (void)snprintf(link_path, sizeof link_path, "%s/b/nowhere.tfevents", scratch_dir);
    assert_int_equal(symlink("nothing", link_path), 0);
    assert_int_equal(ws_event_runs_find(&runs, scratch_dir, &err), WS_OK);
    assert_int_equal(runs.n_items, 2);
    assert_string_equal(runs.items[0].name, "a");
    assert_int_equal(runs.items[0].files.n_items, 1);
    assert_string_equal(runs.items[1].name, "b/train");
    assert_int_equal(runs.items[1].files.n_items, 2);
    assert_true(ws_text_has_suffix(runs.items[1].files.items[0], ".10")); /* by name */
    ws_event_runs_deinit(&runs);

    (void)snprintf(path, sizeof path, "%s/none/notes.txt",
                   scratch_dir); /* a file may have any name */
    assert_int_equal(ws_event_runs_find(&runs, path, &err), WS_OK);
    assert_string_equal(runs.items[0].name, ".");
    ws_event_runs_deinit(&runs);
    (void)snprintf(path, sizeof path, "%s/pipe", scratch_dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(ws_event_runs_find(&runs, path, &err), WS_EIO);
    assert_int_equal(ws_event_runs_find(&runs, "no/such/path", &err), WS_ENOTFOUND);
    ws_event_runs_deinit(&runs);
}

static void count_line(void *user, ws_log_level level, const char *line)
{
    size_t *n_lines = user;
    assert_int_equal(level, WS_LOG_WARN);
    assert_non_null(strstr(line, "ignored"));
    ++*n_lines;
}

/** Others keep to themselves what is in a directory that many write to. */
static void what_cannot_be_read_is_passed_over(void **state)
{
    static const made_file empty;
    size_t n_lines = 0;
    const ws_log log = {WS_LOG_INFO, count_line, &n_lines};
    ws_event_runs runs = {.log = &log};
    const uid_t user = geteuid();
    char path[512];
    (void)state;
    write_file("a/x.tfevents.1", &empty);
    write_file("a/x.tfevents.2", &empty);
    write_file("b/x.tfevents.1", &empty);
    (void)snprintf(path, sizeof path, "%s/a/x.tfevents.2", scratch_dir);
    assert_int_equal(chmod(path, 0), 0);
    (void)snprintf(path, sizeof path, "%s/b", scratch_dir);
    assert_int_equal(chmod(path, 0), 0);
    assert_int_equal(chmod(scratch_dir, 0755), 0);
    if (user == 0) /* who can read all */
        assert_int_equal(seteuid(65534), 0);
    const ws_status found = ws_event_runs_find(&runs, scratch_dir, &err);
    const ws_status alone = ws_event_runs_find(&runs, path, &err);
    assert_int_equal(seteuid(user), 0);
    assert_int_equal(chmod(path, 0700), 0);
    assert_int_equal(found, WS_OK);
    assert_int_equal(runs.n_items, 1);
    assert_int_equal(runs.items[0].files.n_items, 1);
    assert_int_equal(runs.n_passed, 2);
    assert_int_equal(n_lines, 2);
    assert_int_equal(alone, WS_EIO); /* what was asked for is another thing */
    ws_event_runs_deinit(&runs);
}

/* ---- what counts ---- */

typedef struct points {
    int64_t steps[64];
    double values[64];
    size_t n;
} points;

static ws_status push_point(void *user, const ws_event_point *point, ws_error *e)
{
    points *all = user;
    (void)e;
    all->steps[all->n] = point->step;
    all->values[all->n++] = point->number.value;
    return WS_OK;
}

/** Checks the steps of the first tag of the run that scratch_dir is. */
static void expect_steps(ws_event_loader loader, const int64_t *steps, size_t n)
{
    ws_event_runs runs = {.items = NULL};
    ws_event_series series;
    points all = {.n = 0};
    assert_int_equal(ws_event_runs_find(&runs, scratch_dir, &err), WS_OK);
    assert_int_equal(ws_event_series_read(&series, &runs.items[0], loader, NULL, &err), WS_OK);
    assert_int_equal(ws_event_series_visit(&series, push_point, &all, &err), WS_OK);
    assert_int_equal(all.n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(all.steps[i], steps[i]);
    assert_int_equal(series.tags[0].n_values, n);
    assert_int_equal(series.tags[0].first_step, steps[0]);
    assert_int_equal(series.tags[0].last_step, steps[n - 1]);
    ws_event_series_deinit(&series);
    ws_event_runs_deinit(&runs);
}
#define EXPECT_STEPS(loader, ...)                        \
    expect_steps(loader, (const int64_t[]){__VA_ARGS__}, \
                 sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void push_steps(made_file *file, const int64_t *steps, size_t n)
{
    for (size_t i = 0; i < n; i++)
        made_push_scalar(file, "m/a", steps[i], (float)steps[i]);
}

/** The scenarios of the reference, section 6.4. */
static void loaders_differ_where_steps_go_back(void **state)
{
    static const int64_t zigzag[] = {0, 10, 5, 20, 15}, first[] = {0, 1, 2, 3, 4, 5},
                         second[] = {3, 4, 5, 6, 7};
    made_file a = {.size = 0}, b = {.size = 0};
    (void)state;
    made_begin(&a);
    push_steps(&a, zigzag, 5);
    write_file("1.tfevents", &a);
    EXPECT_STEPS(WS_LOADER_RUST, 0, 5, 15);
    EXPECT_STEPS(WS_LOADER_PYTHON, 0, 10, 5, 20, 15);

    a.size = 0;
    made_begin(&a);
    push_steps(&a, first, 6);
    made_push_version(&b, "brain.Event:2");
    made_push_start(&b, 3);
    push_steps(&b, second, 5);
    write_file("1.tfevents", &a);
    write_file("2.tfevents", &b);
    EXPECT_STEPS(WS_LOADER_RUST, 0, 1, 2, 3, 4, 5, 6, 7);
    EXPECT_STEPS(WS_LOADER_PYTHON, 0, 1, 2, 3, 4, 5, 6, 7);

    a.size = 0; /* no START in the first file */
    made_push_version(&a, "brain.Event:2");
    push_steps(&a, first, 6);
    write_file("1.tfevents", &a);
    EXPECT_STEPS(WS_LOADER_RUST, 0, 1, 2, 3, 4, 5, 6, 7);
    EXPECT_STEPS(WS_LOADER_PYTHON, 0, 1, 2, 3, 4, 5, 3, 4, 5, 6, 7);
}

static void without_a_version_a_lower_step_takes_back(void **state)
{
    static const int64_t steps[] = {0, 10, 20, 15, 15, 30};
    made_file a = {.size = 0};
    (void)state;
    push_steps(&a, steps, 6);
    write_file("1.tfevents", &a);
    EXPECT_STEPS(WS_LOADER_PYTHON, 0, 10, 15, 15, 30);
    EXPECT_STEPS(WS_LOADER_RUST, 0, 10, 15, 30);
}

/** The points that count, by the definition: against all later ones. */
static void cuts_are_as_by_definition(void **state)
{
    unsigned seed = 1;
    (void)state;
    for (int round = 0; round < 200; round++) {
        int64_t steps[24], kept[24];
        size_t n_kept = 0;
        made_file a = {.size = 0};
        for (size_t i = 0; i < 24; i++) {
            seed = seed * 1103515245u + 12345u;
            steps[i] = seed >> 16 & 15;
        }
        for (size_t i = 0; i < 24; i++) {
            bool is_kept = true;
            for (size_t k = i + 1; k < 24; k++)
                is_kept &= steps[k] > steps[i];
            if (is_kept)
                kept[n_kept++] = steps[i];
        }
        push_steps(&a, steps, 24);
        write_file("1.tfevents", &a);
        expect_steps(WS_LOADER_RUST, kept, n_kept);
    }
}

static void figures_leave_out_nan(void **state)
{
    made_file a = {.size = 0};
    ws_event_runs runs = {.items = NULL};
    ws_event_series series;
    (void)state;
    made_begin(&a);
    made_push_scalar(&a, "m/a", 1, NAN);
    made_push_scalar(&a, "m/a", 2, 5);
    made_push_scalar(&a, "m/a", 3, -7);
    made_push_scalar(&a, "m/a", 4, INFINITY);
    write_file("1.tfevents", &a);
    assert_int_equal(ws_event_runs_find(&runs, scratch_dir, &err), WS_OK);
    assert_int_equal(ws_event_series_read(&series, &runs.items[0], WS_LOADER_RUST, NULL, &err),
                     WS_OK);
    const ws_event_tag *tag = &series.tags[0];
    assert_true(tag->n_values == 4 && tag->n_finite == 2);
    assert_true(tag->least.value == -7 && tag->least_step == 3 && tag->most.value == 5 &&
                tag->most_step == 2);
    assert_true(isinf(tag->last.value) && tag->lowest_step == 2 && tag->highest_step == 3);
    ws_event_series_deinit(&series);
    ws_event_runs_deinit(&runs);
}

/* ---- tables ---- */

/** The table of the run that scratch_dir is. */
static char *table_of(const char *name, const char *pattern, bool is_wide)
{
    ws_event_runs runs = {.items = NULL};
    ws_event_series series;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(ws_event_runs_find(&runs, scratch_dir, &err), WS_OK);
    assert_int_equal(ws_event_series_read(&series, &runs.items[0], WS_LOADER_PYTHON, NULL, &err),
                     WS_OK);
    const ws_event_csv_run run = {name, &series};
    assert_int_equal(is_wide ? ws_event_csv_write_wide(&run, 1, pattern, out, &err)
                             : ws_event_csv_write(&run, pattern, out, &err),
                     WS_OK);
    assert_int_equal(fclose(out), 0);
    ws_event_series_deinit(&series);
    ws_event_runs_deinit(&runs);
    return text;
}

static void tables_quote_what_needs_it(void **state)
{
    made_file a = {.size = 0};
    (void)state;
    made_push_scalar(&a, "m/a", 1, 0.1f);
    made_push_scalar(&a, "a,\"b\"\n", 2, 1.5f);
    made_push_scalar(&a, "=1+1", -3, NAN);
    made_push_scalar(&a, "m/ab", 4, 16777217.0f);
    write_file("1.tfevents", &a);
    char *text = table_of("@run", "", false);
    assert_string_equal(text, "\"'@run\",m/a,1,1000,0.1\n"
                              "\"'@run\",\"a,\"\"b\"\"\\n\",2,1001,1.5\n"
                              "\"'@run\",\"'=1+1\",-3,1002,nan\n"
                              "\"'@run\",m/ab,4,1003,16777216\n");
    free(text);
    text = table_of("r", "m/*", false);
    assert_string_equal(text, "r,m/a,1,1000,0.1\nr,m/ab,4,1003,16777216\n");
    free(text);
}

static void wide_tables_have_a_line_a_step(void **state)
{
    made_file a = {.size = 0};
    (void)state;
    made_begin(&a);
    made_push_scalar(&a, "b", 1, 1);
    made_push_scalar(&a, "a", 1, 2);
    made_push_scalar(&a, "a", 3, 3);
    made_push_scalar(&a, "b", 2, 4);
    made_push_scalar(&a, "b", 2, 5); /* the last counts */
    write_file("1.tfevents", &a);
    char *text = table_of("r", "", true);
    assert_string_equal(text, "run,step,wall_time,b,a\nr,1,1003,1,2\nr,2,1006,5,\nr,3,1004,,3\n");
    free(text);
}

/* ---- texts ---- */

/** What a terminal shows of a start that takes at most n columns, [0] for n = 0 and so on. */
static void widths_are_columns(void)
{
    static const struct {
        const char *text;
        size_t width;
        size_t n_bytes[6], n_taken[6];
    } rows[] = {
        {"grüß", 4, {0, 1, 2, 4, 6, 6}, {0, 1, 2, 3, 4, 4}},
        {"停下", 4, {0, 0, 3, 3, 6, 6}, {0, 0, 2, 2, 4, 4}},
        {"a停b", 4, {0, 1, 1, 4, 5, 5}, {0, 1, 1, 3, 4, 4}},
        {"e\u0301x", 2, {0, 3, 4, 4, 4, 4}, {0, 1, 2, 2, 2, 2}}, /* a mark over the e */
        {"ス한ｶ", 5, {0, 0, 3, 3, 6, 9}, {0, 0, 2, 2, 4, 5}},
        {"\xff停", 3, {0, 1, 1, 4, 4, 4}, {0, 1, 1, 3, 3, 3}},
        {"", 0, {0}, {0}},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(ws_show_width(rows[i].text), rows[i].width);
        for (size_t n = 0; n < 6; n++) {
            size_t n_taken;
            assert_int_equal(ws_show_start(rows[i].text, n, &n_taken), rows[i].n_bytes[n]);
            assert_int_equal(n_taken, rows[i].n_taken[n]);
        }
    }
}

static void texts_cannot_harm_a_terminal(void **state)
{
    static const char *const rows[][2] = {
        {"a/grüß 日", "a/grüß 日"},
        {"a\x1b[31m\n\t\\", "a\\x1b[31m\\n\\t\\\\"},
        {"\xff\xc0\x80", "\\xff\\xc0\\x80"},
        {"\xc2\x9b", "\\xc2\\x9b"},            /* a control character of two bytes */
        {"\xe2\x80\xae!", "\\xe2\\x80\\xae!"}, /* turns the direction around */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},   /* half a pair */
        {"\xf0\x9f\x98", "\\xf0\\x9f\\x98"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *shown = ws_show_text(rows[i][0]);
        assert_string_equal(shown, rows[i][1]);
        free(shown);
    }
    widths_are_columns();
    assert_true(ws_show_is_utf8("a\0b", 3) && !ws_show_is_utf8("\xf0\x9f\x98", 3));
}

static void numbers_come_back(void **state)
{
    static const double values[] = {0,  -0.0, 0.1,  1.0 / 3, 1e-310,        1.7e308,
                                    -5, 1e10, 1e22, 5e-324,  123456789.125, 0.30000001192092896};
    char text[WS_SHOW_NUMBER_BYTES];
    unsigned seed = 1;
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const ws_stored_number stored = {values[i], 0, TBE_TYPE_DOUBLE};
        assert_true(strtod(ws_show_stored(&stored, text), NULL) == values[i]);
        assert_true(strtod(ws_show_time(values[i], text), NULL) == values[i]);
    }
    for (int i = 0; i < 10000; i++) {
        seed = seed * 1103515245u + 12345u;
        const double time = 1.6e9 + seed / 7.0;
        assert_true(strtod(ws_show_time(time, text), NULL) == time);
    }
    assert_string_equal(ws_show_time(1700000000, text), "1700000000");
    assert_string_equal(ws_show_time(1700000000.5, text), "1700000000.5");
    static const struct {
        ws_stored_number number;
        const char *text;
    } rows[] = {
        {{0.30000001192092896, 0, TBE_TYPE_NONE}, "0.3"},
        {{0.30000001192092896, 0, TBE_TYPE_FLOAT}, "0.3"},
        {{0.30000001192092896, 0, TBE_TYPE_DOUBLE}, "0.30000001192092896"},
        {{0.0999755859375, 0, TBE_TYPE_HALF}, "0.0999755859"},
        {{0.10009765625, 0, TBE_TYPE_BFLOAT16}, "0.100097656"},
        {{1099511627777.0, 1099511627777, TBE_TYPE_INT64}, "1099511627777"},
        {{1099511627776.0, 1099511627776, TBE_TYPE_INT64}, "1099511627776"},
        {{-9223372036854775808.0, INT64_MIN, TBE_TYPE_INT64}, "-9223372036854775808"},
        {{18446744073709551616.0, -1, TBE_TYPE_UINT64}, "18446744073709551615"},
        {{255, 255, TBE_TYPE_UINT8}, "255"},
        {{-(double)NAN, 0, TBE_TYPE_FLOAT}, "nan"},
        {{-(double)INFINITY, 0, TBE_TYPE_DOUBLE}, "-inf"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(ws_show_stored(&rows[i].number, text), rows[i].text);
}

/* ---- side by side ---- */

static void sides_are_compared_by_name(void **state)
{
    made_file a = {.size = 0}, b = {.size = 0};
    ws_event_side sides[2];
    ws_event_shared_list list = {.items = NULL};
    char path[2][512];
    (void)state;
    made_push_scalar(&a, "eval/accuracy", 1, 1);
    made_push_scalar(&a, "eval/loss", 1, 1);
    made_push_scalar(&b, "eval/accuracy", 1, 2);
    made_push_scalar(&b, "other", 1, 2);
    write_file("a/train/1.tfevents", &a);
    write_file("a/validation/1.tfevents", &a);
    write_file("b/train/1.tfevents", &a);
    write_file("b/validation/1.tfevents", &b);
    write_file("b/test/1.tfevents", &b);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path[i], sizeof path[i], "%s/%c", scratch_dir, 'a' + i);
        assert_int_equal(ws_event_side_open(&sides[i], path[i], WS_LOADER_RUST, NULL, &err), WS_OK);
    }
    assert_int_equal(ws_event_shared_find(&list, sides, 2, "", &err), WS_OK);
    assert_int_equal(list.n_items, 3);
    assert_string_equal(list.items[0].run, "train");
    assert_string_equal(list.items[0].tag, "eval/accuracy");
    assert_string_equal(list.items[2].run, "validation");
    assert_int_equal(ws_event_shared_choose(&list), 2);
    assert_true(ws_event_side_find(&sides[1], "validation", "eval/accuracy").figures->last.value ==
                2);
    assert_null(ws_event_side_find(&sides[1], "validation", "eval/loss").series);
    assert_true(ws_event_less_is_better("eval/cross_entropy") &&
                !ws_event_less_is_better("eval/accuracy"));
    free(list.items);
    for (int i = 0; i < 2; i++)
        ws_event_side_close(&sides[i]);
}

static void plots_are_true(void **state)
{
    ws_text_plot plot;
    char *text = NULL;
    size_t size = 0;
    (void)state;
    ws_text_plot_init(&plot, 0, 63, -1, 1);
    ws_text_plot_push(&plot, 'A', 0, 1);
    ws_text_plot_push(&plot, 'B', 63, -1);
    ws_text_plot_push(&plot, 'A', 30, 0);
    ws_text_plot_push(&plot, 'B', 30, 0);
    ws_text_plot_push(&plot, 'A', 10, (double)NAN);
    ws_text_plot_push(&plot, 'A', 10, 2); /* outside */
    ws_text_plot_push(&plot, 'A', 64, 0);
    assert_int_equal(plot.cells[0][0], 'A');
    assert_int_equal(plot.cells[WS_TEXT_PLOT_ROWS - 1][63], 'B');
    assert_int_equal(plot.cells[WS_TEXT_PLOT_ROWS / 2][30], '*');
    FILE *out = open_memstream(&text, &size);
    ws_text_plot_print(&plot, out);
    assert_int_equal(fclose(out), 0);
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
        assert_true(strchr(line, '\n') - line <= 80);
    size_t n_marks = 0;
    for (const char *p = text; *p != '\0'; p++) {
        assert_true(*p == '\n' || (*p >= ' ' && *p <= '~'));
        n_marks += *p == 'A' || *p == 'B' || *p == '*';
    }
    assert_int_equal(n_marks, 3);
    assert_non_null(strstr(text, "          1 |A"));
    assert_non_null(strstr(text, "         -1 |"));
    assert_non_null(strstr(text, "step 0 "));
    assert_non_null(strstr(text, " 63\n"));
    free(text);
}

/** Axes as wide as numbers get. */
static void plots_hold_any_numbers(void **state)
{
    ws_text_plot plot;
    char *text = NULL;
    size_t size = 0;
    (void)state;
    ws_text_plot_init(&plot, INT64_MIN, INT64_MAX, -1.7e308, 1.7e308);
    ws_text_plot_push(&plot, 'A', INT64_MIN, -1.7e308);
    ws_text_plot_push(&plot, 'A', INT64_MAX, 1.7e308);
    assert_int_equal(plot.cells[WS_TEXT_PLOT_ROWS - 1][0], 'A');
    assert_int_equal(plot.cells[0][WS_TEXT_PLOT_COLUMNS - 1], 'A');
    FILE *out = open_memstream(&text, &size);
    ws_text_plot_print(&plot, out);
    ws_text_plot_init(&plot, 5, 5, 0.5, 0.5); /* one point: in the middle */
    ws_text_plot_push(&plot, 'A', 5, 0.5);
    assert_int_equal(plot.cells[WS_TEXT_PLOT_ROWS / 2][0], 'A');
    ws_text_plot_print(&plot, out);
    assert_int_equal(fclose(out), 0);
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
        assert_true(strchr(line, '\n') - line <= 80);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(runs_are_directories),
        SCRATCH_TEST(what_cannot_be_read_is_passed_over),
        SCRATCH_TEST(loaders_differ_where_steps_go_back),
        SCRATCH_TEST(without_a_version_a_lower_step_takes_back),
        SCRATCH_TEST(cuts_are_as_by_definition),
        SCRATCH_TEST(figures_leave_out_nan),
        SCRATCH_TEST(tables_quote_what_needs_it),
        SCRATCH_TEST(wide_tables_have_a_line_a_step),
        cmocka_unit_test(texts_cannot_harm_a_terminal),
        cmocka_unit_test(numbers_come_back),
        SCRATCH_TEST(sides_are_compared_by_name),
        cmocka_unit_test(plots_are_true),
        cmocka_unit_test(plots_hold_any_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
