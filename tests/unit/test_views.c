/* The list of views in --log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "board/views.h"

static void names_choose(void **state)
{
    bool is_shown[WS_N_VIEWS];
    (void)state;
    assert_int_equal(ws_views_read("all", is_shown, NULL), WS_OK);
    for (size_t i = 0; i < WS_N_VIEWS; i++)
        assert_true(is_shown[i]);
    assert_int_equal(ws_views_read("none", is_shown, NULL), WS_OK);
    for (size_t i = 0; i < WS_N_VIEWS; i++)
        assert_false(is_shown[i]);
    for (size_t chosen = 0; chosen < WS_N_VIEWS; chosen++) {
        assert_int_equal(ws_views_read(ws_views[chosen]->name, is_shown, NULL), WS_OK);
        for (size_t i = 0; i < WS_N_VIEWS; i++)
            assert_int_equal(is_shown[i], i == chosen);
    }
    assert_int_equal(ws_views_read("confusion,scalars", is_shown, NULL), WS_OK);
    for (size_t i = 0; i < WS_N_VIEWS; i++)
        assert_int_equal(is_shown[i],
                         ws_views[i] == &ws_view_confusion || ws_views[i] == &ws_view_scalars);
}

static void wrong_names_are_told(void **state)
{
    static const char *const wrong[] = {"", "scalar", "scalars,", "scalars confusion", "All"};
    bool is_shown[WS_N_VIEWS];
    ws_error err;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(ws_views_read(wrong[i], is_shown, &err), WS_EUSAGE);
        assert_non_null(strstr(err.message, "--log="));
        assert_non_null(strstr(err.message, "scalars"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_choose),
        cmocka_unit_test(wrong_names_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
