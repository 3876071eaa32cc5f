/* dataset/mt19937: what CPython 3.11 gives for the same seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dataset/mt19937.h"

static void words_are_cpythons(void **state)
{
    static const uint32_t want[8] = {2060867306u, 188587050u,  1758240337u, 920625754u,
                                     1485934590u, 2577607997u, 1468103328u, 1293295969u};
    ws_mt19937 random;
    (void)state;
    ws_mt19937_init(&random, 59185);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(ws_mt19937_bits(&random), want[i]);
    for (size_t i = 8; i < 1999; i++) /* over three refills */
        (void)ws_mt19937_bits(&random);
    assert_int_equal(ws_mt19937_bits(&random), 997673234u);
}

static void shuffles_are_cpythons(void **state)
{
    static const uint64_t first[10] = {3, 8, 9, 5, 4, 2, 1, 6, 0, 7};
    static const uint64_t second[10] = {0, 6, 9, 7, 4, 3, 2, 8, 1, 5};
    uint64_t items[10];
    ws_mt19937 random;
    (void)state;
    ws_mt19937_init(&random, 59185);
    for (uint64_t i = 0; i < 10; i++)
        items[i] = i;
    ws_mt19937_shuffle(&random, items, 10);
    assert_memory_equal(items, first, sizeof items);
    for (uint64_t i = 0; i < 10; i++)
        items[i] = i;
    ws_mt19937_shuffle(&random, items, 10);
    assert_memory_equal(items, second, sizeof items);
}

static void nothing_to_shuffle_draws_nothing(void **state)
{
    uint64_t item = 7;
    ws_mt19937 random;
    (void)state;
    ws_mt19937_init(&random, 59185);
    ws_mt19937_shuffle(&random, NULL, 0);
    ws_mt19937_shuffle(&random, &item, 1);
    assert_int_equal(item, 7);
    assert_int_equal(ws_mt19937_bits(&random), 2060867306u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_cpythons),
        cmocka_unit_test(shuffles_are_cpythons),
        cmocka_unit_test(nothing_to_shuffle_draws_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
