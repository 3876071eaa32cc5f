/* Names of C arrays: what is refused, and that a name made of any text is accepted. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/c_name.h"

static void names_of_variables_are_accepted(void **state)
{
    static const char *const good[] = {"g_model", "a", "Z9", "new_model", "inta"};
    static const char *const bad[] = {"",    "new",     "co_await", "9a",       "a b",
                                      "a-b", "_hidden", "a__b",     "\xc3\xb6", "int"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(ws_c_name_check(good[i], NULL), WS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(ws_c_name_check(bad[i], NULL), WS_EUSAGE);
}

static void texts_become_names(void **state)
{
    static const struct {
        const char *text, *name;
    } cases[] = {
        {"hey jarvis", "hey_jarvis"},
        {"Hey,  Jarvis!", "hey_jarvis"},
        {"New", "new_model"},
        {"int", "int_model"},
        {"7 up", "word_7_up"},
        {"'7", "word_7"},
        {"\xc3\xb6sterreich", "sterreich"},
        {"\xe4\xbd\xa0\xe5\xa5\xbd", "g_model"},
        {"", "g_model"},
        {"__a__b__", "a_b"},
    };
    char name[128];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_c_name_make(cases[i].text, name, sizeof name);
        assert_string_equal(name, cases[i].name);
    }
}

/** Of every two bytes, and of texts that are longer than the room. */
static void every_text_gives_a_name(void **state)
{
    char text[201], name[32];

    (void)state;
    for (int a = 1; a < 256; a++)
        for (int b = 1; b < 256; b++) {
            const char pair[] = {(char)a, (char)b, '\0'};
            ws_c_name_make(pair, name, sizeof name);
            assert_int_equal(ws_c_name_check(name, NULL), WS_OK);
        }
    for (int a = 1; a < 256; a++) {
        memset(text, a, sizeof text - 1);
        text[sizeof text - 1] = '\0';
        ws_c_name_make(text, name, sizeof name);
        assert_int_equal(ws_c_name_check(name, NULL), WS_OK);
        assert_true(strlen(name) < sizeof name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_variables_are_accepted),
        cmocka_unit_test(texts_become_names),
        cmocka_unit_test(every_text_gives_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
