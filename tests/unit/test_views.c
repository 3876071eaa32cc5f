/* The list of views in --log, which must not allocate memory in a training step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "report/views.h"
#include "support/allocations.h"
#include "unit/network_report.h"

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

static void a_step_allocates_nothing(void **state)
{
    enum { N_WARM = 4, N_STEPS = 200 };
    (void)state;
    if (!ws_test_counts_allocations())
        skip();
    const size_t at_first = ws_test_n_allocations();
    network_report *f = network_report_open(
        &(network_report_case){.model = "single_fc", .views = "all", .first_step = 1});
    ws_report_step step = {.rate = 0.1, .accuracy = 0.5, .cross_entropy = 1.0, .seconds = 0.01};
    for (step.step = 1; step.step <= N_WARM; step.step++)
        network_report_push_step(f, &step);
    const size_t before = ws_test_n_allocations();
    assert_true(before > at_first); /* that it counts at all */
    for (; step.step <= N_WARM + N_STEPS; step.step++)
        ws_report_push_step(f->report, &step);
    assert_int_equal(ws_test_n_allocations(), before);
    network_report_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_choose),
        cmocka_unit_test(wrong_names_are_told),
        cmocka_unit_test(a_step_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, source_make_whole, source_remove);
}
