/* base/cpu: names of instruction sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cpu.h"

static void levels_are_found_by_name(void **state)
{
    const ws_cpu_level best = ws_cpu_level_get_best();
    ws_cpu_level level;
    ws_error error;
    (void)state;
    for (int i = 0; i < (int)WS_CPU_N_LEVELS; i++) {
        const char *name = ws_cpu_level_get_name((ws_cpu_level)i);
        if (i <= (int)best) {
            assert_int_equal(ws_cpu_level_find(name, &level, &error), WS_OK);
            assert_int_equal(level, i);
        } else {
            assert_int_equal(ws_cpu_level_find(name, &level, &error), WS_EINVAL);
            assert_non_null(strstr(error.message, name));
            assert_non_null(strstr(error.message, ws_cpu_level_get_name(best)));
        }
    }
    assert_int_equal(ws_cpu_level_find("generic", &level, &error), WS_OK);
    assert_int_equal(ws_cpu_level_find("avx9", &level, &error), WS_ENOTFOUND);
    assert_non_null(strstr(error.message, "expected one of: generic"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_found_by_name),
    };
    return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
