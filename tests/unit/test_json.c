/* base/json and base/shell: what programs and shells read of us. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/shell.h"

static void assert_written(ws_json *json, int n_digits, const char *want)
{
    char *text = ws_json_write(json, (ws_json_style){.n_digits = n_digits});
    assert_non_null(text);
    assert_string_equal(text, want);
    free(text);
    ws_json_destroy(json);
}

static void members_are_written_in_their_order(void **state)
{
    ws_json *json = ws_json_create(), *list = ws_json_create_list(), *inner = ws_json_create();
    (void)state;

    ws_json_set_text(json, "name", "a \"b\"\n");
    ws_json_set_text(json, "none", NULL);
    ws_json_set_text(json, "bytes", "caf\xe9");
    ws_json_set_whole(json, "whole", -9007199254740993);
    ws_json_set_real(json, "real", 0.1);
    ws_json_set_real(json, "nan", (double)NAN);
    ws_json_set_real(json, "inf", -(double)INFINITY);
    ws_json_set_bool(json, "yes", true);
    ws_json_push(list, inner);
    ws_json_set_child(json, "list", list);
    assert_true(ws_json_has(json, "none") && !ws_json_has(json, "nonsense"));
    assert_int_equal(ws_json_get_status(json), WS_OK);
    assert_written(json, 15,
                   "{\"name\":\"a \\\"b\\\"\\n\",\"none\":null,\"bytes\":\"caf?\",\"whole\":"
                   "-9007199254740993,\"real\":0.1,\"nan\":null,\"inf\":null,\"yes\":true,"
                   "\"list\":[{}]}");
}

static void the_first_failure_stays(void **state)
{
    ws_json *json = ws_json_create(), *parent = ws_json_create();
    (void)state;

    ws_json_set_bool(json, "bad \xff key", true);
    assert_int_equal(ws_json_get_status(json), WS_EFORMAT);
    ws_json_set_bool(json, "good", true);
    assert_null(ws_json_write(json, (ws_json_style){.n_digits = 9}));
    ws_json_set_child(parent, "child", json); /* the parent is not whole either */
    assert_int_equal(ws_json_get_status(parent), WS_EFORMAT);
    ws_json_destroy(parent);
    parent = ws_json_create_list();
    ws_json_push(parent, NULL);
    assert_int_equal(ws_json_get_status(parent), WS_ENOMEM);
    ws_json_destroy(parent);
    assert_int_equal(ws_json_get_status(NULL), WS_ENOMEM);
    assert_null(ws_json_write(NULL, (ws_json_style){.n_digits = 9}));
}

static void members_are_found_by_name_and_type(void **state)
{
    static const char text[] = "{\"a\":\"x\",\"b\":2,\"c\":0.5,\"d\":null}";
    static const char *const bad[] = {"", "{", "[1]", "{\"a\":1,\"a\":2}", "{} x"};
    ws_json *json = NULL;
    ws_error err;
    double value = 7;
    (void)state;

    assert_int_equal(ws_json_read(text, strlen(text), "f", &json, &err), WS_OK);
    assert_string_equal(ws_json_get_text(json, "a"), "x");
    assert_null(ws_json_get_text(json, "b"));
    assert_false(ws_json_get_number(json, "a", &value) || ws_json_get_number(json, "d", &value) ||
                 ws_json_get_number(json, "e", &value));
    assert_true(fabs(value - 7) < 1e-12);
    assert_true(ws_json_get_number(json, "b", &value) && fabs(value - 2) < 1e-12);
    assert_true(ws_json_get_number(json, "c", &value) && fabs(value - 0.5) < 1e-12);
    ws_json_destroy(json);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ws_json_read(bad[i], strlen(bad[i]), "some.json", &json, &err),
                         WS_EFORMAT);
        assert_non_null(strstr(err.message, "some.json"));
    }
}

static void words_are_quoted_where_a_shell_needs_it(void **state)
{
    ws_buf buf;
    (void)state;

    ws_buf_init(&buf, 1000);
    ws_shell_push_word(&buf, "tmp/a-b_c.d=1,2:3+4@5%6");
    ws_buf_push_byte(&buf, ' ');
    ws_shell_push_word(&buf, "it's a|b");
    ws_buf_push_byte(&buf, ' ');
    ws_shell_push_word(&buf, "");
    ws_shell_push_flag(&buf, "dir", "a b");
    ws_shell_push_flag(&buf, "url", "");
    ws_buf_push_byte(&buf, '\0');
    assert_string_equal((char *)buf.data,
                        "tmp/a-b_c.d=1,2:3+4@5%6 'it'\\''s a|b' '' --dir='a b' --url=");
    ws_buf_deinit(&buf);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_written_in_their_order),
        cmocka_unit_test(the_first_failure_stays),
        cmocka_unit_test(members_are_found_by_name_and_type),
        cmocka_unit_test(words_are_quoted_where_a_shell_needs_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
