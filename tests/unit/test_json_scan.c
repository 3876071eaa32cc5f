/* Small JSON objects: what is shown of them, and what is not JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/json_scan.h"

/** Appends "key=value;" to a text of 512 bytes. */
static bool see(void *user, const char *key, const char *text, double number)
{
    char *shown = user;
    const size_t n = strlen(shown);

    if (text != NULL)
        (void)snprintf(shown + n, 512 - n, "%s=%s;", key, text);
    else
        (void)snprintf(shown + n, 512 - n, "%s=%g;", key, number);
    return strcmp(key, "stop") != 0;
}

static void members_are_shown(void **state)
{
    static const struct {
        const char *json, *shown;
    } cases[] = {
        {"{}", ""},
        {" {\n\"a\" : \"b\" ,\t\"c\":-1.5e2}\r\n ", "a=b;c=-150;"},
        {"{\"micro\": {\"x\": 1, \"y\": {\"z\": \"w\"}}, \"v\": 2}", "micro.x=1;micro.y.z=w;v=2;"},
        {"{\"list\": [1, \"a\", {\"b\": 2}, [], null], \"c\": true, \"d\": 3}", "d=3;"},
        {"{\"a\": \"\\\"\\\\\\/\\n\\u00e9\\u20AC\\ud83d\\ude00\"}",
         "a=\"\\/\n\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80;"},
        {"{\"stop\": 1, \"not\": seen}", "stop=1;"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char shown[512] = "";
        assert_true(ws_json_scan(cases[i].json, see, shown));
        assert_string_equal(shown, cases[i].shown);
    }
}

static void what_is_not_json_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "1",
        "[]",
        "{",
        "{\"a\"}",
        "{\"a\": }",
        "{\"a\": 1,}",
        "{\"a\": 1} x",
        "{\"a\": \"b}",
        "{\"a\": \"\\x\"}",
        "{\"a\": \"\\u12g4\"}",
        "{\"a\": \"\\u0000\"}",
        "{\"a\": \"\\ud83d\"}",
        "{\"a\": \"\\ude00\\ud83d\"}",
        "{\"a\": nan}",
        "{\"a\": [1 2]}",
        "{\"a\": [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}",
        "{a: 1}",
    };
    char shown[512] = "", longest[8192];
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (ws_json_scan(cases[i], see, shown))
            fail_msg("%s was taken", cases[i]);
    (void)snprintf(longest, sizeof longest, "{\"a\": \"%0*d\"}", WS_JSON_SCAN_MAX_TEXT, 0);
    assert_true(ws_json_scan(longest, see, shown));
    (void)snprintf(longest, sizeof longest, "{\"a\": \"%0*d\"}", WS_JSON_SCAN_MAX_TEXT + 1, 0);
    assert_false(ws_json_scan(longest, see, shown));
    (void)snprintf(longest, sizeof longest, "{\"%0*d\": {\"b\": 1}}", WS_JSON_SCAN_MAX_KEY, 0);
    assert_false(ws_json_scan(longest, see, shown));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_shown),
        cmocka_unit_test(what_is_not_json_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
