/* Figures of speed: what is read from lines of JSON, what a page, a text and JSON make of it, and
 * the sentence about each kind of wrong line. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "page/speed_page.h"

#define MACHINE "{\"machine\":\"a <b> c\",\"date\":\"2026-01-02\",\"version\":\"1.2\"}\n"

static const char *const names[] = {"speed_page_test.jsonl", "speed_page_other.jsonl"};
static const ws_page_about about = {"speeds <b>", "1.2", "today"};

static ws_status read_texts(ws_speed_lines *lines, const char *one, const char *other,
                            ws_error *err)
{
    ws_status status = ws_file_write(names[0], one, strlen(one), err);

    *lines = (ws_speed_lines){.n_figures = 0};
    if (status == WS_OK && other != NULL)
        status = ws_file_write(names[1], other, strlen(other), err);
    if (status == WS_OK)
        status = ws_speed_lines_read(lines, names, other != NULL ? 2 : 1, err);
    (void)remove(names[0]);
    (void)remove(names[1]);
    return status;
}

static void assert_figure(const ws_speed_lines *lines, size_t at, const char *what,
                          const char *model, const char *program, double value)
{
    const ws_speed_figure *figure = &lines->figures[at];

    assert_string_equal(figure->what, what);
    assert_string_equal(figure->model, model);
    assert_string_equal(figure->program, program);
    assert_true(fabs(figure->value - value) < 1e-9);
}

static const char mixed[] =
    MACHINE "{\"what\":\"step\",\"model\":\"x\",\"unit\":\"ms\",\"own\":2,\"peer\":8,"
            "\"peer_name\":\"P & Q\",\"peer_version\":\"3\",\"ratio\":4.5,\"ratio_least\":4,"
            "\"ratio_most\":5}\n"
            "{\"what\":\"clip\",\"model\":\"x\",\"unit\":\"us\",\"own\":7}\r\n"
            "\n"
            "{\"what\":\"step\",\"model\":\"y\",\"unit\":\"ms\",\"own\":3,\"peer\":1,"
            "\"peer_name\":\"P & Q\",\"peer_version\":\"3\"}\n"
            "{\"what\":\"step\",\"model\":\"x\",\"unit\":\"ms\",\"own\":2,\"peer\":3,"
            "\"peer_name\":\"R\",\"peer_note\":\"tuned\"}";

static void figures_of_a_network_stand_together(void **state)
{
    ws_speed_lines lines;
    ws_error err = {.status = WS_OK};

    (void)state;
    assert_int_equal(read_texts(&lines, mixed, NULL, &err), WS_OK);
    assert_int_equal(lines.n_sources, 1);
    assert_string_equal(lines.sources[0].date, "2026-01-02");
    assert_int_equal(lines.n_figures, 6);
    assert_figure(&lines, 0, "step", "x", "Wordspot", 2);
    assert_figure(&lines, 1, "step", "x", "P & Q", 8);
    assert_figure(&lines, 2, "step", "x", "R", 3);
    assert_figure(&lines, 3, "step", "y", "Wordspot", 3);
    assert_figure(&lines, 4, "step", "y", "P & Q", 1);
    assert_figure(&lines, 5, "clip", "x", "Wordspot", 7);
    assert_string_equal(lines.figures[2].note, "tuned");
    assert_true(isnan(lines.figures[0].ratio));
    assert_true(fabs(lines.figures[1].ratio - 4.5) < 1e-9);
    assert_true(fabs(lines.figures[2].ratio - 1.5) < 1e-9); /* worked out */
    ws_speed_lines_deinit(&lines);
}

static void lines_of_bench_have_their_machine(void **state)
{
    static const char one[] =
        "{\"model\":\"m\",\"step_ms\":5,\"network_ms\":4,\"input_ms\":1,\"threads\":2,"
        "\"machine\":\"k\",\"date\":\"d\",\"version\":\"v\"}\n";
    static const char other[] =
        "{\"model\":\"m\",\"step_ms\":6,\"network_ms\":5,\"threads\":2,"
        "\"machine\":\"l\",\"date\":\"d\",\"version\":\"v\"}\n"
        "{\"model\":\"f.pb\",\"call\":\"clip\",\"call_ms\":0.5,\"threads\":1,"
        "\"machine\":\"k\",\"date\":\"d\",\"version\":\"v\"}\n";
    ws_speed_lines lines;
    ws_error err = {.status = WS_OK};

    (void)state;
    assert_int_equal(read_texts(&lines, one, other, &err), WS_OK);
    assert_int_equal(lines.n_sources, 2);
    assert_int_equal(lines.n_figures, 5);
    assert_figure(&lines, 0, "training step on made-up clips, 2 threads", "m", "Wordspot", 5);
    assert_figure(&lines, 1, "training step on made-up clips, 2 threads", "m", "Wordspot", 6);
    assert_int_equal(lines.figures[1].source, 1);
    assert_figure(&lines, 2, "network of a training step, 2 threads", "m", "Wordspot", 4);
    assert_figure(&lines, 4, "clip, from samples to scores, 1 thread", "f.pb", "Wordspot", 0.5);
    assert_int_equal(lines.figures[4].source, 0);
    ws_speed_lines_deinit(&lines);
}

static void wrong_lines_are_refused(void **state)
{
#define MEASUREMENT(rest) MACHINE "{\"what\":\"s\",\"model\":\"x\",\"unit\":\"ms\"," rest "}\n"
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"", "speed_page_test.jsonl: has no figures; expected lines of wordspot bench --json or of "
             "tests/bench/compare.sh"},
        {MACHINE, "speed_page_test.jsonl: has no figures; expected lines of wordspot bench --json "
                  "or of tests/bench/compare.sh"},
        {MACHINE "{\"what\":\"s\"",
         "speed_page_test.jsonl:2: is not a JSON object; expected one in each line"},
        {"\n[1]\n", "speed_page_test.jsonl:2: is not a JSON object; expected one in each line"},
        {MACHINE "{\"a\":1}\n",
         "speed_page_test.jsonl:2: has no \"machine\", \"own\", \"step_ms\" or \"call_ms\"; "
         "expected a line of wordspot bench --json or of tests/bench/compare.sh"},
        {"{\"model\":\"m\",\"step_ms\":5,\"network_ms\":4}\n",
         "speed_page_test.jsonl:1: comes before the machine; expected \"machine\", \"date\" and "
         "\"version\" in this line or in one before it"},
        {"{\"machine\":\"m\",\"version\":\"1\"}\n",
         "speed_page_test.jsonl:1: \"date\" is missing; expected a text"},
        {MEASUREMENT("\"own\":0"),
         "speed_page_test.jsonl:2: \"own\" is missing or invalid; expected a number above 0"},
        {MEASUREMENT("\"own\":\"2\""),
         "speed_page_test.jsonl:2: \"own\" is missing or invalid; expected a number above 0"},
        {MEASUREMENT("\"own\":2,\"peer\":-1,\"peer_name\":\"p\""),
         "speed_page_test.jsonl:2: \"peer\" is missing or invalid; expected a number above 0"},
        {MEASUREMENT("\"own\":2,\"peer\":1"),
         "speed_page_test.jsonl:2: \"peer_name\" is missing; expected a text"},
        {MEASUREMENT("\"own\":2,\"peer\":1,\"peer_name\":\"p\",\"ratio_most\":null"),
         "speed_page_test.jsonl:2: \"ratio_most\" is missing or invalid; expected a number above "
         "0"},
        {MACHINE "{\"model\":\"m\",\"step_ms\":5}\n",
         "speed_page_test.jsonl:2: \"network_ms\" is missing or invalid; expected a number above "
         "0"},
        {MACHINE "{\"model\":\"\",\"call_ms\":5}\n",
         "speed_page_test.jsonl:2: \"model\" is missing; expected a text"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_speed_lines lines;
        ws_error err = {.status = WS_OK};
        assert_int_equal(read_texts(&lines, cases[i].text, NULL, &err), WS_EFORMAT);
        assert_string_equal(err.message, cases[i].wanted);
        ws_speed_lines_deinit(&lines);
    }
}

/** A file without end ends at a declared number of figures. */
static void too_many_figures_are_refused(void **state)
{
    ws_buf buf;
    ws_speed_lines lines;
    ws_error err = {.status = WS_OK};

    (void)state;
    ws_buf_init(&buf, 1 << 20);
    ws_buf_push_string(&buf, MACHINE);
    for (int i = 0; i <= WS_SPEED_MAX_FIGURES; i++)
        ws_buf_push_format(&buf, "{\"what\":\"s\",\"model\":\"%d\",\"unit\":\"ms\",\"own\":1}\n",
                           i);
    char *text = ws_buf_take_string(&buf);
    assert_non_null(text);
    assert_int_equal(read_texts(&lines, text, NULL, &err), WS_ELIMIT);
    assert_string_equal(err.message, "speed_page_test.jsonl:4002: more than 4000 figures; expected "
                                     "fewer lines");
    ws_speed_lines_deinit(&lines);
    free(text);
}

static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        n++;
    return n;
}

static void the_page_has_bars_and_no_foreign_markup(void **state)
{
    ws_speed_lines lines;
    ws_error err = {.status = WS_OK};
    char *html = NULL;

    (void)state;
    assert_int_equal(read_texts(&lines, mixed, NULL, &err), WS_OK);
    assert_int_equal(ws_speed_page_write_html(&lines, &about, &html, &err), WS_OK);
    assert_int_equal(count_of(html, "<rect "), 6);
    assert_int_equal(count_of(html, "<section "), 2);
    assert_non_null(strstr(html, "a &lt;b&gt; c"));
    assert_null(strstr(html, "<script"));
    assert_non_null(strstr(html, "measured 2026-01-02"));
    /* a scale for each network: 2 of 8, then 8 of 8; the one figure alone is the longest */
    assert_non_null(strstr(html, "c0\" width=\"25.00\""));
    assert_non_null(strstr(html, "c1\" width=\"100.00\""));
    assert_non_null(strstr(html, "c2\" width=\"37.50\""));
    assert_non_null(strstr(html, "step: P &amp; Q 3 takes <b>0.333 to 4.5 times</b>"));
    assert_non_null(strstr(html, "R, tuned takes <b>1.5 times</b>"));
    assert_non_null(strstr(html, ">4 to 5</span>"));
    free(html);
    ws_speed_lines_deinit(&lines);
}

/** Figures without peers share a scale, so that networks can be compared. */
static void networks_alone_share_a_scale(void **state)
{
    ws_speed_lines lines;
    ws_error err = {.status = WS_OK};
    char *html = NULL;

    (void)state;
    assert_int_equal(read_texts(&lines,
                                MACHINE "{\"model\":\"a\",\"call_ms\":1}\n"
                                        "{\"model\":\"b\",\"call_ms\":4}\n",
                                NULL, &err),
                     WS_OK);
    assert_int_equal(ws_speed_page_write_html(&lines, &about, &html, &err), WS_OK);
    assert_int_equal(count_of(html, "width=\"25.00\""), 1);
    assert_int_equal(count_of(html, "width=\"100.00\""), 1);
    free(html);
    ws_speed_lines_deinit(&lines);
}

/** No line of the text is wider than promised, whatever the names and numbers; no control character
 *  comes through. */
static void the_text_fits(void **state)
{
    static const char wide[] = MACHINE
        "{\"what\":\"s\\u001b[1m\",\"model\":"
        "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\","
        "\"unit\":\"microseconds\",\"own\":1.23456e-200,\"peer\":1e9,\"ratio\":123456,"
        "\"ratio_least\":1.23456e-100,\"ratio_most\":99999,\"peer_version\":\"1\\n2\","
        "\"peer_name\":\"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"}\n"
        "{\"machine\":\"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
        "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\",\"date\":\"d\",\"version\":\"v\"}\n";
    ws_speed_lines lines;
    ws_error err = {.status = WS_OK};
    char *text = NULL;

    (void)state;
    assert_int_equal(read_texts(&lines, wide, mixed, &err), WS_OK);
    assert_int_equal(ws_speed_page_write_text(&lines, &about, &text, &err), WS_OK);
    assert_null(strchr(text, '\x1b'));
    for (const char *at = text; *at != '\0'; at += strcspn(at, "\n") + 1)
        assert_in_range(strcspn(at, "\n"), 0, WS_PAGE_TEXT_COLUMNS);
    assert_non_null(strstr(text, "P & Q 3 "));
    free(text);
    ws_speed_lines_deinit(&lines);
}

static void the_json_has_all_figures(void **state)
{
    ws_speed_lines lines;
    ws_error err = {.status = WS_OK};

    (void)state;
    assert_int_equal(read_texts(&lines, mixed, NULL, &err), WS_OK);
    ws_json *made = ws_speed_page_write_json(&lines, &about);
    char *text = ws_json_write(made, (ws_json_style){.n_digits = 6});
    assert_non_null(text);
    assert_int_equal(count_of(text, "\"what\":"), 6);
    assert_non_null(strstr(text, "{\"what\":\"step\",\"model\":\"x\",\"program\":\"P & Q\","
                                 "\"version\":\"3\",\"note\":\"\",\"unit\":\"ms\",\"value\":8.0,"
                                 "\"ratio\":4.5,\"ratio_least\":4.0,\"ratio_most\":5.0,"
                                 "\"machine\":1}"));
    free(text);
    ws_json_destroy(made);
    ws_speed_lines_deinit(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_of_a_network_stand_together),
        cmocka_unit_test(lines_of_bench_have_their_machine),
        cmocka_unit_test(wrong_lines_are_refused),
        cmocka_unit_test(too_many_figures_are_refused),
        cmocka_unit_test(the_page_has_bars_and_no_foreign_markup),
        cmocka_unit_test(networks_alone_share_a_scale),
        cmocka_unit_test(the_text_fits),
        cmocka_unit_test(the_json_has_all_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
