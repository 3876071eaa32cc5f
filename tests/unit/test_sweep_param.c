/* sweep/param: what a user may write for --param, and the resulting values. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/check.h"
#include "sweep/param.h"

static const ws_flag text_flag = {.name = "a", .type = WS_FLAG_TEXT, .initial = "x"};
static const ws_flag whole_flag = {.name = "a", .type = WS_FLAG_WHOLE, .initial = "1"};
static const ws_flag numbers_flag = {.name = "a", .type = WS_FLAG_NUMBERS, .initial = "1"};
static const ws_flag path_flag = {.name = "a", .type = WS_FLAG_PATH, .initial = ""};

/** The values of a text, with a "|" between them; the sentence if it is refused. */
static const char *values_for(const char *text, const ws_flag *flag)
{
    static char joined[2048];
    ws_sweep_param param;
    ws_error err = {.status = WS_OK};

    joined[0] = '\0';
    ws_status status = ws_sweep_param_init(&param, text, &err);
    if (status == WS_OK)
        status = ws_sweep_param_read(&param, flag, &err);
    if (status != WS_OK) {
        assert_int_equal(status, WS_EUSAGE);
        assert_int_equal(err.status, WS_EUSAGE);
        (void)snprintf(joined, sizeof joined, "%s", err.message);
    }
    for (size_t i = 0; status == WS_OK && i < param.values.n_items; i++)
        (void)snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s",
                       i > 0 ? "|" : "", param.values.items[i]);
    if (status == WS_OK && param.is_range)
        (void)snprintf(joined, sizeof joined, "%s%g to %g%s", param.is_log ? "log " : "", param.min,
                       param.max, param.is_whole ? " whole" : "");
    ws_sweep_param_deinit(&param);
    return joined;
}

static const char *values_of(const char *text, bool is_whole)
{
    return values_for(text, is_whole ? &whole_flag : &text_flag);
}

static void blanks_are_ignored(void **state)
{
    (void)state;
    assert_string_equal(values_of("a = 10", true), "10");
    assert_string_equal(values_of(" a\t=\t10 ,\t20 ", true), "10|20");
    assert_string_equal(values_for("a = 0.1, 0.01 | 0.2, 0.02", &numbers_flag),
                        "0.1,0.01|0.2,0.02");
    assert_string_equal(values_of("a = 1 .. 3 : 3", true), "1|2|3");
    assert_string_equal(values_of("a=log: 1 .. 100 :3", true), "1|10|100");
    assert_string_equal(values_of("a=b c, d", false), "b c|d"); /* those inside stay */
    assert_string_equal(values_of("a=1, 1 ", true), "--param a=1,1: a value is given twice");
}

/** An empty value switches off what is off by default; elsewhere it is a mistake. */
static void empty_values_are_defaults(void **state)
{
    (void)state;
    assert_string_equal(values_for("a=,x", &path_flag), "|x");
    assert_string_equal(values_for("a=|0..20", &path_flag), "|0..20");
    assert_string_equal(values_for("a=,", &path_flag), "--param a=,: a value is given twice");
    assert_string_equal(values_of("a=,x", false), "--param a=,x: a value is empty");
    assert_string_equal(values_for("a=0.1||0.2", &numbers_flag),
                        "--param a=0.1||0.2: a value is empty");
}

static void a_tilde_is_the_home(void **state)
{
    char *before = getenv("HOME") != NULL ? strdup(getenv("HOME")) : NULL;
    (void)state;
    assert_int_equal(setenv("HOME", "/h", 1), 0);
    assert_string_equal(values_for("a=~/x,y", &path_flag), "/h/x|y");
    assert_string_equal(values_of("a=~/x,y", false), "~/x|y");
    if (before != NULL)
        assert_int_equal(setenv("HOME", before, 1), 0);
    free(before);
}

static void lists_part_at_commas_or_bars(void **state)
{
    (void)state;
    assert_string_equal(values_of("a=1,2,3", false), "1|2|3");
    assert_string_equal(values_of("a=1", false), "1");
    assert_string_equal(values_of("a=1,2|3,4", false), "1,2|3,4");
    assert_string_equal(values_of("a=x=y,z", false), "x=y|z");
    assert_string_equal(values_of("a=1,nan,0.1|0.1", false), "1,nan,0.1|0.1");
    assert_string_equal(values_of("a=1,nan", false), "1|nan");
    assert_string_equal(values_of("a=../b,..", false), "../b|..");
    assert_string_equal(values_of("a=1..b", false), "1..b");
    assert_string_equal(values_of("a=0.1,0.2..0.3", false), "0.1|0.2..0.3");
}

static void ranges_are_drawn_from_or_spaced(void **state)
{
    (void)state;
    assert_string_equal(values_of("a=0..0.5", false), "0 to 0.5");
    assert_string_equal(values_of("a=-1..1e3", false), "-1 to 1000");
    assert_string_equal(values_of("a=.1...5", false), "0.1 to 0.5");
    assert_string_equal(values_of("a=log:0.001..0.1", false), "log 0.001 to 0.1");
    assert_string_equal(values_of("a=5..20", true), "5 to 20 whole");
    assert_string_equal(values_of("a=0..1:5", false), "0|0.25|0.5|0.75|1");
    assert_string_equal(values_of("a=log:0.001..0.1:3", false), "0.001|0.01|0.1");
    assert_string_equal(values_of("a=log:0.001..0.1:5", false),
                        "0.001|0.00316228|0.01|0.0316228|0.1");
    assert_string_equal(values_of("a=1..4:7", true), "1|2|3|4"); /* each whole number once */
    assert_string_equal(values_of("a=log:1..1000:4", true), "1|10|100|1000");
}

static void what_makes_no_sense_is_refused(void **state)
{
    static const char *const texts[] = {
        "a",         "=1",          "",           "a=",         "a=1,,2",
        "a=1|",      "a=1,1",       "a=2..1",     "a=1..1",     "a=1..2:1",
        "a=1..2:",   "a=1..2:1001", "a=1..2:x",   "a=log:0..1", "a=log:-1..1",
        "a=log:1,2", "a=log:",      "a=log:x..y", "a=0.1,0.10", "a=1|1e0",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_non_null(strstr(values_of(texts[i], false), texts[i]));
    assert_non_null(strstr(values_of("a=0.5..2", true), "whole numbers"));
    assert_non_null(strstr(values_of("a=1..1e300", true), "whole numbers"));
}

static void draws_cover_the_range_and_stay_in_it(void **state)
{
    enum { N_DRAWS = 4000 };
    char room[WS_PARAM_VALUE_SIZE];
    ws_sweep_param param;
    ws_random random;
    size_t n_low = 0, counts[4] = {0};
    (void)state;

    assert_int_equal(ws_sweep_param_init(&param, "a=log:0.0001..1", NULL), WS_OK);
    assert_int_equal(ws_sweep_param_read(&param, &text_flag, NULL), WS_OK);
    for (uint64_t i = 0; i < N_DRAWS; i++) {
        double value = 0;
        ws_random_init(&random, 7, WS_RANDOM_TEST, i, 0);
        assert_true(ws_text_to_double(ws_sweep_param_draw(&param, &random, room), &value));
        assert_true(value >= 0.0001 && value <= 1);
        n_low += value < 0.01; /* half of it, on a logarithm's axis */
    }
    assert_true(n_low * 100 > N_DRAWS * 46 && n_low * 100 < N_DRAWS * 54);
    ws_sweep_param_deinit(&param);

    assert_int_equal(ws_sweep_param_init(&param, "a=3..6", NULL), WS_OK);
    assert_int_equal(ws_sweep_param_read(&param, &whole_flag, NULL), WS_OK);
    for (uint64_t i = 0; i < N_DRAWS; i++) {
        int64_t value = 0;
        ws_random_init(&random, 8, WS_RANDOM_TEST, i, 0);
        assert_true(ws_text_to_int64(ws_sweep_param_draw(&param, &random, room), &value));
        assert_true(value >= 3 && value <= 6);
        counts[value - 3]++;
    }
    for (size_t i = 0; i < 4; i++) /* the ends as often as the others */
        assert_true(counts[i] > N_DRAWS / 5 && counts[i] < N_DRAWS * 3 / 10);
    ws_sweep_param_deinit(&param);
}

static void write_text(const char *path, const char *text, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void files_hold_one_a_line(void **state)
{
    static const char good[] =
        "\xef\xbb\xbf# rates\n\n  learning_rate=log:0.001..0.1:3 \r\nbatch_size=10,20";
    static const char flag[] = "batch_size=10,20\n--param a=1,2\n", nul[] = "a=1\0b=2\n";
    char dir[256], path[300];
    ws_text_list texts = {.items = NULL};
    ws_error err;
    (void)state;

    ws_test_make_dir(dir, sizeof dir);
    (void)snprintf(path, sizeof path, "%s/params", dir);
    assert_int_equal(ws_sweep_params_read(path, &texts, &err), WS_ENOTFOUND);
    write_text(path, good, sizeof good - 1);
    assert_int_equal(ws_sweep_params_read(path, &texts, &err), WS_OK);
    assert_int_equal(texts.n_items, 2);
    assert_string_equal(texts.items[0], "learning_rate=log:0.001..0.1:3");
    assert_string_equal(texts.items[1], "batch_size=10,20");
    write_text(path, flag, sizeof flag - 1);
    assert_int_equal(ws_sweep_params_read(path, &texts, &err), WS_EFORMAT);
    assert_non_null(strstr(err.message, "line 2"));
    write_text(path, nul, sizeof nul - 1);
    assert_int_equal(ws_sweep_params_read(path, &texts, &err), WS_EFORMAT);
    ws_text_list_deinit(&texts);
    ws_test_remove_dir(dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_are_ignored),
        cmocka_unit_test(empty_values_are_defaults),
        cmocka_unit_test(a_tilde_is_the_home),
        cmocka_unit_test(lists_part_at_commas_or_bars),
        cmocka_unit_test(ranges_are_drawn_from_or_spaced),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(draws_cover_the_range_and_stay_in_it),
        cmocka_unit_test(files_hold_one_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
