/* What a report is made of: cells of tables, texts that are no markup, pictures as text, numbers
 * and axes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "page/chart.h"
#include "page/html.h"
#include "page/markdown_table.h"

static void tables_become_plain_cells(void **state)
{
    static const char text[] =
        "Rows & columns.\n\n| said | `_a_` | <code>&#124;&#233;</code> |\n"
        "|---|---|---|\n| `x` | **12** |  |\n| too | few |\n| y | 3 | 4 |\n\n"
        "| another | table | here |\n";
    static const char *const wanted[] = {"said", "_a_", "|\xc3\xa9", "x", "12", "", "y", "3", "4"};
    ws_markdown_table table;

    (void)state;
    assert_int_equal(ws_markdown_table_read(&table, text), WS_OK);
    assert_int_equal(table.n_rows, 3);
    assert_int_equal(table.n_columns, 3);
    for (size_t i = 0; i < 9; i++)
        assert_string_equal(ws_markdown_table_get(&table, i / 3, i % 3), wanted[i]);
    ws_markdown_table_deinit(&table);
    assert_int_equal(ws_markdown_table_read(&table, "no table | at all\n&#"), WS_OK);
    assert_int_equal(table.n_rows, 0);
    ws_markdown_table_deinit(&table);
    assert_int_equal(ws_markdown_table_read(&table, "| &#0; | &#1114112; | &#x41; | &#65"), WS_OK);
    ws_markdown_table_deinit(&table);
}

static void assert_taken(ws_buf *buf, const char *wanted)
{
    char *text = ws_buf_take_string(buf);
    assert_string_equal(text, wanted);
    free(text);
}

static void texts_are_no_markup(void **state)
{
    ws_buf buf;

    (void)state;
    ws_buf_init(&buf, 1 << 12);
    ws_html_push_text(&buf, "<a href=\"x\">'&\xc3\xa9\xff\x01\n");
    assert_taken(&buf, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\xc3\xa9??\n");
    ws_buf_deinit(&buf);
    ws_buf_init(&buf, 1 << 12);
    ws_html_push_short(&buf, "<<<\xc3\xa9\xc3\xa9", 4);
    assert_taken(&buf, "&lt;&lt;&lt;\xc3\xa9...");
    ws_buf_deinit(&buf);
}

static void bytes_become_base64(void **state)
{
    static const struct {
        const char *bytes, *wanted;
    } cases[] = {{"", ""},        {"f", "Zg=="},          {"fo", "Zm8="},
                 {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd\xfc", "//79/A=="}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char wanted[64];
        ws_buf buf;
        ws_buf_init(&buf, 1 << 12);
        ws_html_push_data(&buf, "a/b", (const uint8_t *)cases[i].bytes, strlen(cases[i].bytes));
        (void)snprintf(wanted, sizeof wanted, "data:a/b;base64,%s", cases[i].wanted);
        assert_taken(&buf, wanted);
        ws_buf_deinit(&buf);
    }
}

static void numbers_are_short(void **state)
{
    static const struct {
        double number;
        const char *wanted;
    } cases[] = {{0, "0"},
                 {999, "999"},
                 {1234567, "1,234,567"},
                 {0.25, "0.25"},
                 {-12345678, "-1.23457e+07"},
                 {1e12, "1e+12"},
                 {(double)NAN, "-"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_buf buf;
        ws_buf_init(&buf, 1 << 12);
        ws_html_push_number(&buf, cases[i].number);
        assert_taken(&buf, cases[i].wanted);
        ws_buf_deinit(&buf);
    }
}

/** Whatever the range, an axis has 3 to 9 numbers inside it, and they are 1, 2 or 5 times a power
 * of ten apart. */
static void axes_have_round_numbers(void **state)
{
    (void)state;
    for (double least = -1000; least < 1000; least += 37.3)
        for (double span = 1e-6; span < 1e9; span *= 1.37) {
            double ticks[WS_CHART_MAX_TICKS];
            const size_t n = ws_chart_find_ticks(least, least + span, ticks);
            assert_true(n >= 3 && n <= WS_CHART_MAX_TICKS);
            const double distance = ticks[1] - ticks[0], margin = distance * 1e-4;
            assert_true(ticks[0] >= least - margin && ticks[0] < least + distance + margin);
            assert_true(ticks[n - 1] <= least + span + margin &&
                        ticks[n - 1] > least + span - distance - margin);
            assert_true(fabs(ticks[n - 1] - ticks[0] - (double)(n - 1) * distance) < margin);
            const double digit = distance / pow(10, floor(log10(distance) + 1e-4));
            assert_true(fabs(digit - 1) < 1e-4 || fabs(digit - 2) < 1e-4 || fabs(digit - 5) < 1e-4);
        }
}

/** Curves with the largest steps and values that there are, the smallest, and neighbours. */
static void any_numbers_make_a_chart(void **state)
{
    static const double least_denormal = 5e-324;
    static const ws_page_point pairs[][2] = {
        {{9e18, 1}, {9e18 + 2048, 2}},
        {{0, 1}, {9223372036854775807.0, 2}},
        {{-9223372036854775808.0, 1}, {9223372036854775807.0, 2}},
        {{9007199254740992.0, 1}, {9007199254740994.0, 2}},
        {{0, 1e16}, {1, 1e16 + 2}},
        {{0, 1.7e308}, {1, -1.7e308}},
        {{0, HUGE_VAL}, {1, 1}},
        {{0, least_denormal}, {1, 2 * least_denormal}},
        {{0, 1e300}, {1, 1e300}},
        {{0, 0}, {0, 0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        static const double spreads[2] = {1, 1e308};
        const ws_chart_line line = {
            .points = pairs[i], .spreads = i % 2 == 0 ? spreads : NULL, .n = 2, .title = "line"};
        ws_buf buf;
        ws_buf_init(&buf, 1 << 16);
        ws_chart_push(
            &buf, &(ws_chart){.title = "chart", .x_title = "step", .lines = &line, .n_lines = 1});
        char *text = ws_buf_take_string(&buf);
        assert_non_null(text);
        /* titles of dots say what the value is; no place in the drawing may be no number */
        for (char *at = text; (at = strstr(at, "points=\"")) != NULL; at++) {
            const char *end = strchr(at + 8, '"');
            for (const char *c = at + 8; c < end; c++)
                assert_non_null(strchr("0123456789.,- ", *c));
        }
        assert_null(strstr(text, "\"nan"));
        assert_null(strstr(text, "\"-nan"));
        assert_null(strstr(text, "\"inf"));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_become_plain_cells), cmocka_unit_test(texts_are_no_markup),
        cmocka_unit_test(bytes_become_base64),       cmocka_unit_test(numbers_are_short),
        cmocka_unit_test(axes_have_round_numbers),   cmocka_unit_test(any_numbers_make_a_chart),
    };
    return cmocka_run_group_tests_name("page parts", tests, NULL, NULL);
}
