/* report: texts in Markdown, read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "report/markdown.h"
#include "unit/report_fixture.h"

static void assert_markdown(void (*push)(ws_buf *, const char *), const char *text,
                            const char *expected)
{
    ws_buf buf;
    ws_buf_init(&buf, 4096);
    push(&buf, text);
    char *got = ws_buf_take_string(&buf);
    assert_non_null(got);
    assert_string_equal(got, expected);
    free(got);
    ws_buf_deinit(&buf);
}

static void code_is_what_it_was(void **state)
{
    (void)state;
    assert_markdown(ws_markdown_push_code, "", "");
    assert_markdown(ws_markdown_push_code, "_silence_", "`_silence_`");
    assert_markdown(ws_markdown_push_code, "tmp/a b-1.wav", "`tmp/a b-1.wav`");
    assert_markdown(ws_markdown_push_code, "\xE6\x97\xA5", "`\xE6\x97\xA5`");
    assert_markdown(ws_markdown_push_code, " a", "<code>&#32;&#97;</code>");
    assert_markdown(ws_markdown_push_code, "a ", "<code>&#97;&#32;</code>");
    assert_markdown(ws_markdown_push_code, "`|", "<code>&#96;&#124;</code>");
    assert_markdown(ws_markdown_push_code, "<\n\xFF\xC3\xA4", "<code>&#60;&#63;&#63;&#228;</code>");
}

static void blocks_are_indented(void **state)
{
    (void)state;
    assert_markdown(ws_markdown_push_block, "", "    \n");
    assert_markdown(ws_markdown_push_block, "a <b>\n\n```\xE9\t", "    a <b>\n    \n    ```??\n");
    assert_markdown(ws_markdown_push_block, "?\xC3\xA4", "    ?\xC3\xA4\n");
}

static void odd_bytes_are_cleaned(void **state)
{
    static const struct {
        const char *text, *cleaned;
    } cases[] = {
        {"", ""},
        {"a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"\xC0\xAF", "??"},      /* overlong */
        {"\xED\xA0\x80", "???"}, /* a surrogate */
        {"\xF4\x90\x80\x80", "????"},
        {"\xE2\x82", "??"}, /* ends too early */
        {"\x80x\xFF", "?x?"},
        {"a\nb\x7F\xC2\x85z", "a?b??z"}, /* control characters */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "%s", cases[i].text);
        assert_int_equal(ws_utf8_clean(text), strcmp(cases[i].text, cases[i].cleaned) != 0);
        assert_string_equal(text, cases[i].cleaned);
    }
}

static const ws_setting settings[] = {
    {"wanted_words", "a|b,caf\xE9", "yes", WS_SETTING_TEXT, true, true},
    {"seed", "1", "1", WS_SETTING_NUMBER, false, true},
    {"run_name", "", "", WS_SETTING_TEXT, false, true},
};

static void set_command(report_fixture *f)
{
    f->options.command_line = "wordspot train --seed=1 '--data_dir=it'\\''s --here' --log=text";
    f->options.settings = settings;
    f->options.n_settings = sizeof settings / sizeof *settings;
}

static void a_start_tells_what_the_run_is(void **state)
{
    report_fixture *f = *state;
    report_values values;

    set_command(f);
    ws_report_destroy(report_open(f, "text"));
    report_read(f, "", &values);
    assert_int_equal(values.n, 3);
    assert_int_equal(report_values_n_of_kind(&values, TBE_VALUE_TEXT), 3);
    assert_string_equal(report_values_find(&values, "run/command", 1)->blob,
                        "From step 1 on:\n\n    wordspot train \\\n        --seed=1 "
                        "'--data_dir=it'\\''s --here' \\\n        --log=text\n");
    assert_string_equal(report_values_find(&values, "run/settings", 1)->blob,
                        "| flag | value |\n|---|---|\n| `--wanted_words` | "
                        "<code>&#97;&#124;&#98;&#44;&#99;&#97;&#102;&#63;</code> |\n"
                        "| `--seed` | `1` |\n| `--run_name` |  |\n");
    const char *data = report_values_find(&values, "run/data", 1)->blob;
    assert_non_null(strstr(data, "| 0 | `_silence_` | 12 | 1 | 2 |\n"));
    assert_non_null(strstr(data, "| 5 | <code>&#97;&#124;&#98;&#95;&#99;</code> | 13 | 4 | 3 |\n"));
    assert_non_null(strstr(data, "\n|  | all | 140 | 16 | 16 |\n"));
    assert_non_null(strstr(data, "found: 160. Recordings of background noise: 0."));
    report_values_deinit(&values);
    assert_string_equal(f->lines, "");
}

/** Figures are compared later, on other machines. */
static void a_start_tells_program_and_machine(void **state)
{
    report_fixture *f = *state;
    report_values values;

    set_command(f);
    f->options.command_line = "wordspot train";
    f->options.program = "wordspot 1.2, a <processor>";
    ws_report_destroy(report_open(f, "text"));
    report_read(f, "", &values);
    assert_string_equal(report_values_find(&values, "run/command", 1)->blob,
                        "From step 1 on:\n\n    wordspot train\n\nRun by:\n\n    wordspot 1.2, a "
                        "<processor>\n");
    report_values_deinit(&values);
}

/** A run that resumes from a checkpoint twice: one command for each step that it resumed from. */
static void a_resumed_run_tells_only_its_command(void **state)
{
    report_fixture *f = *state;
    report_values values;

    set_command(f);
    ws_report_destroy(report_open(f, "text"));
    f->options.is_resumed = true;
    f->options.first_step = 21;
    ws_report_destroy(report_open(f, "text"));
    report_read(f, "", &values);
    assert_int_equal(values.n, 4);
    (void)report_values_find(&values, "run/settings", 1);
    assert_non_null(
        strstr(report_values_find(&values, "run/command", 21)->blob, "From step 21 on"));
    report_values_deinit(&values);
}

static void evaluations_have_tables(void **state)
{
    report_fixture *f = *state;
    report_values values;

    for (size_t i = 0; i < REPORT_N_CLIPS; i++) {
        f->labels[i] = i < 30 ? 2 : 0;
        f->logits[i * f->n_labels + (i < 3 ? 5 : i < 5 ? 0 : i < 30 ? 2 : 0)] = 1.0f;
    }
    ws_report *report = report_open(f, "text");
    report_evaluate(f, report, WS_REPORT_VALIDATION, 10);
    report_evaluate(f, report, WS_REPORT_TEST, 10);
    ws_report_destroy(report);
    report_read(f, "/validation", &values);
    assert_int_equal(values.n, 2);
    assert_string_equal(report_values_find(&values, "confusion/worst", 10)->blob,
                        "Validation after step 10: 87.5 % of 40 clips were recognised. The most "
                        "frequent mistakes:\n\n"
                        "| said | recognised as | clips | share |\n|---|---|---|---|\n"
                        "| `yes` | <code>&#97;&#124;&#98;&#95;&#99;</code> | 3 of 30 | 10.0 % |\n"
                        "| `yes` | `_silence_` | 2 of 30 | 6.7 % |\n");
    const char *matrix = report_values_find(&values, "confusion/matrix", 10)->blob;
    assert_non_null(strstr(matrix, "| `yes` | 2 |  | **25** |  |  | 3 |  |  |  | 30 | 83.3 % |\n"));
    assert_non_null(strstr(matrix, "| precision | 83.3 % |  | 100.0 % |"));
    report_values_deinit(&values);
    report_read(f, "/test", &values);
    assert_memory_equal(report_values_find(&values, "confusion/matrix", 10)->blob, "Test after",
                        10);
    report_values_deinit(&values);
    assert_string_equal(f->lines, "");
}

static void without_mistakes_it_says_so(void **state)
{
    report_fixture *f = *state;
    report_values values;

    ws_report *report = report_open(f, "text");
    report_evaluate(f, report, WS_REPORT_VALIDATION, 10);
    ws_report_destroy(report);
    report_read(f, "/validation", &values);
    assert_string_equal(report_values_find(&values, "confusion/worst", 10)->blob,
                        "Validation after step 10: 100.0 % of 40 clips were recognised. There is "
                        "no mistake.\n");
    report_values_deinit(&values);
}

#define REPORT_TEST(function) \
    cmocka_unit_test_setup_teardown(function, report_fixture_make, report_fixture_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_is_what_it_was),
        cmocka_unit_test(blocks_are_indented),
        cmocka_unit_test(odd_bytes_are_cleaned),
        REPORT_TEST(a_start_tells_what_the_run_is),
        REPORT_TEST(a_start_tells_program_and_machine),
        REPORT_TEST(a_resumed_run_tells_only_its_command),
        REPORT_TEST(evaluations_have_tables),
        REPORT_TEST(without_mistakes_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
