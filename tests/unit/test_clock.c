/* Lengths of time as people read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static void spans_have_their_unit(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0.0, "0.0 s"},
                 {14.44, "14.4 s"},
                 {119.0, "119.0 s"},
                 {120.0, "2.0 minutes"},
                 {792.0, "13.2 minutes"},
                 {7199.0, "120.0 minutes"},
                 {7200.0, "2.00 hours"},
                 {19440.0, "5.40 hours"},
                 {3.6e9, "1000000.00 hours"},
                 {1e12, "277777777.78 hours"}};
    char text[WS_CLOCK_SPAN_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_clock_write_span(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(spans_have_their_unit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
