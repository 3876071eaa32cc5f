/* Names of C arrays: what is refused, and that a name made of any text is accepted.
 *
 *     test_c_name NAME...     only: fails unless all of these are refused (check_c_names.sh)
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/c_name.h"

static void names_of_variables_are_accepted(void **state)
{
    static const char *const good[] = {"g_model", "a",       "Z9",     "new_model", "inta",
                                       "mains",   "printed", "E_WORD", "T",         "hey_jarvis"};
    static const char *const bad[] = {"",    "new",     "co_await", "9a",       "a b",
                                      "a-b", "_hidden", "a__b",     "\xc3\xb6", "int"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(ws_c_name_check(good[i], NULL), WS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(ws_c_name_check(bad[i], NULL), WS_EUSAGE);
}

static void the_reason_is_named(void **state)
{
    static const struct {
        const char *name, *reason;
    } cases[] = {
        {"main", "a program begins with"},
        {"int", "keyword"},
        {"co_await", "keyword"},
        {"typeof", "keyword"},
        {"_x", "for compilers"},
        {"errno", "library"},
        {"time", "library"},
        {"sinf", "library"},
        {"NULL", "library"},
        {"PRIu64", "library"},
        {"uint8_t", "library"},
        {"ENOENT", "library"},
        {"atomic_load", "library"},
        {"a b", "the name of a"},
    };
    ws_error err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ws_c_name_check(cases[i].name, &err), WS_EUSAGE);
        assert_non_null(strstr(err.message, cases[i].name));
        assert_non_null(strstr(err.message, cases[i].reason));
    }
}

static void texts_become_names(void **state)
{
    static const struct {
        const char *text, *name;
    } cases[] = {
        {"hey jarvis", "hey_jarvis_model"},
        {"Hey,  Jarvis!", "hey_jarvis_model"},
        {"New", "new_model"},
        {"time", "time_model"},
        {"7 up", "word_7_up_model"},
        {"'7", "word_7_model"},
        {"\xc3\xb6sterreich", "sterreich_model"},
        {"\xe4\xbd\xa0\xe5\xa5\xbd", "g_model"},
        {"", "g_model"},
        {"__a__b__", "a_b_model"},
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

int main(int argc, char **argv)
{
    int n_accepted = 0;

    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_variables_are_accepted),
        cmocka_unit_test(the_reason_is_named),
        cmocka_unit_test(texts_become_names),
        cmocka_unit_test(every_text_gives_a_name),
    };
    for (int i = 1; i < argc; i++)
        if (ws_c_name_check(argv[i], NULL) == WS_OK) {
            (void)fprintf(stderr, "%s is accepted\n", argv[i]);
            n_accepted++;
        }
    return argc > 1 ? n_accepted > 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
