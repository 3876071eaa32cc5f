/* formats/flex: maps as LiteRT reads them, and maps that are damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/flex.h"

static const ws_flex_pair pairs[] = {
    {"magnitude_squared", 1, true},
    {"stride", 160, false},
    {"window_size", -480, false},
};

/* What Google's Python package flatbuffers 25.12 writes, as narrow as it goes:
 * {"magnitude_squared": True, "stride": 200, "window_size": -3}, and {"a": 0.5} in four bytes. */
static const unsigned char narrow[] = {109, 97,  103, 110, 105, 116, 117, 100, 101, 95,  115, 113,
                                       117, 97,  114, 101, 100, 0,   115, 116, 114, 105, 100, 101,
                                       0,   119, 105, 110, 100, 111, 119, 95,  115, 105, 122, 101,
                                       0,   3,   38,  21,  15,  0,   4,   0,   1,   0,   3,   0,
                                       1,   0,   200, 0,   253, 255, 105, 5,   5,   9,   37,  1};
static const unsigned char real[] = {97, 0, 1, 3, 1, 0, 0, 0,  1,  0, 0,  0,
                                     1,  0, 0, 0, 0, 0, 0, 63, 14, 5, 38, 1};

static double find(const unsigned char *bytes, size_t size, const char *key)
{
    double number = 0.0;

    assert_true(ws_flex_find_number(bytes, size, key, &number));
    return number;
}

static void maps_come_back(void **state)
{
    double number;
    ws_buf buf;
    (void)state;

    ws_buf_init(&buf, 1000);
    ws_flex_write_map(&buf, pairs, 3);
    assert_int_equal(buf.status, WS_OK);
    for (size_t i = 0; i < 3; i++)
        assert_true(find(buf.data, buf.size, pairs[i].key) == (double)pairs[i].value);
    assert_false(ws_flex_find_number(buf.data, buf.size, "window", &number));
    assert_false(ws_flex_find_number(buf.data, buf.size, "window_size_ms", &number));
    ws_buf_deinit(&buf);
}

static void other_widths_and_kinds_are_read(void **state)
{
    (void)state;
    assert_true(find(narrow, sizeof narrow, "magnitude_squared") == 1.0);
    assert_true(find(narrow, sizeof narrow, "stride") == 200.0);
    assert_true(find(narrow, sizeof narrow, "window_size") == -3.0);
    assert_true(find(real, sizeof real, "a") == 0.5);
}

/** Every byte changed to every value, and every length: all reads stay inside (the sanitizers
 *  watch), on a copy that has no byte more than it should. */
static void damaged_maps_are_read_safely(void **state)
{
    double number;
    ws_buf buf;
    size_t n_read = 0;
    (void)state;

    ws_buf_init(&buf, 1000);
    ws_flex_write_map(&buf, pairs, 3);
    unsigned char *copy = malloc(buf.size);
    assert_non_null(copy);
    for (size_t at = 0; at < buf.size; at++) {
        for (int value = 0; value < 256; value++) {
            memcpy(copy, buf.data, buf.size);
            copy[at] = (unsigned char)value;
            n_read += ws_flex_find_number(copy, buf.size, "stride", &number);
        }
    }
    free(copy);
    assert_in_range(n_read, 1, 256 * buf.size - 1);
    for (size_t size = 0; size < buf.size; size++) {
        unsigned char *part = malloc(size + 1);
        assert_non_null(part);
        memcpy(part + 1, buf.data, size);
        assert_false(ws_flex_find_number(part + 1, size, "stride", &number));
        free(part);
    }
    ws_buf_deinit(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_come_back),
        cmocka_unit_test(other_widths_and_kinds_are_read),
        cmocka_unit_test(damaged_maps_are_read_safely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
