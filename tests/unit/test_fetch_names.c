/* fetch/entry_path and download: which names in an archive stay inside, and the paths that they
 * become; which addresses can be downloaded from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fetch/download.h"
#include "fetch/entry_path.h"

static void harmless_names_are_tidied(void **state)
{
    static const struct {
        const char *name, *clean;
    } cases[] = {
        {"yes/a.wav", "yes/a.wav"},
        {"./yes/a.wav", "yes/a.wav"},
        {"yes//a.wav", "yes/a.wav"},
        {"yes/./a.wav", "yes/a.wav"},
        {"yes/", "yes"},
        {".", ""},
        {"./", ""},
        {"./.", ""},
        {"...", "..."},
        {"..a/b..", "..a/b.."},
        {".hidden/x", ".hidden/x"},
        {"gr\xc3\xbcn/a", "gr\xc3\xbcn/a"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char clean[64];
        assert_null(ws_entry_path_clean(cases[i].name, clean, sizeof clean));
        assert_string_equal(clean, cases[i].clean);
    }
}

static void others_are_refused(void **state)
{
    static const struct {
        const char *name, *fault;
    } cases[] = {
        {"", "has no name"},
        {"/", "has an absolute name"},
        {"/etc/passwd", "has an absolute name"},
        {"//host/share", "has an absolute name"},
        {"..", "leads out of the directory"},
        {"../a", "leads out of the directory"},
        {"a/..", "leads out of the directory"},
        {"a/../b", "leads out of the directory"},
        {"./..", "leads out of the directory"},
        {"a//../b", "leads out of the directory"},
        {"a\nb", "has a control character in its name"},
        {"a\x7f", "has a control character in its name"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char clean[64];
        const char *fault = ws_entry_path_clean(cases[i].name, clean, sizeof clean);
        assert_non_null(fault);
        assert_string_equal(fault, cases[i].fault);
    }
}

static void names_have_room(void **state)
{
    char name[WS_ENTRY_PATH_MAX + 2], clean[WS_ENTRY_PATH_MAX + 1], small[4];
    (void)state;
    for (size_t i = 0; i < sizeof name; i++) /* parts of 255 bytes */
        name[i] = i % (WS_ENTRY_PART_MAX + 1) == WS_ENTRY_PART_MAX ? '/' : 'a';
    name[sizeof name - 1] = '\0';
    assert_non_null(ws_entry_path_clean(name, clean, sizeof clean)); /* a byte too long */
    name[WS_ENTRY_PATH_MAX - 1] = '\0';
    assert_null(ws_entry_path_clean(name, clean, sizeof clean));
    assert_string_equal(clean, name);
    name[WS_ENTRY_PART_MAX] = 'a'; /* a part of more */
    assert_non_null(ws_entry_path_clean(name, clean, sizeof clean));
    assert_null(ws_entry_path_clean("abc", small, sizeof small));
    assert_non_null(ws_entry_path_clean("abcd", small, sizeof small));
    assert_non_null(ws_entry_path_clean("ab/c", small, sizeof small));
}

static void addresses_are_checked(void **state)
{
    static const struct {
        const char *url, *text; /* NULL: good */
    } cases[] = {
        {"https://host/a.tar.gz", NULL},
        {"HTTP://host:80/x/a.tgz?x=/y@z", NULL},
        {"file:///a.tar.gz", NULL},
        {"host/a.tar.gz", "begins with https://"},
        {"ftp://host/a.tar.gz", "begins with https://"},
        {"http://me:secret@host/a.tar.gz", "~/.netrc"},
        {"http://host", "the name of a file"},
        {"http://host/", "the name of a file"},
        {"http://host/?a.tar.gz", "the name of a file"},
        {"http://host/..", "the name of a file"},
        {"http://host/.part", "the name of a file"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_error err = {.message = ""};
        const ws_status status = ws_download_check_url(cases[i].url, &err);
        assert_int_equal(status, cases[i].text == NULL ? WS_OK : WS_EUSAGE);
        if (cases[i].text != NULL && strstr(err.message, cases[i].text) == NULL)
            fail_msg("%s: %s", cases[i].url, err.message);
        assert_null(strstr(err.message, "secret"));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(harmless_names_are_tidied),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(names_have_room),
        cmocka_unit_test(addresses_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
