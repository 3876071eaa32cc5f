/* The shards of a batch: they cover it, ranks have neighbouring ones under one node of the tree,
 * and how many there are depends on the batch alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nn/engine/common/shards.h"

enum { MOST_ROWS = 420, MOST_RANKS = 20 };

static bool is_power_of_two(size_t n)
{
    return n > 0 && (n & (n - 1)) == 0;
}

static const ws_shard_rule rules[] = {
    {.unit = 1, .min_rows = WS_MIN_SHARD_ROWS},
    {.unit = 16, .min_rows = WS_MIN_SHARD_ROWS},
    {.unit = 4, .min_rows = 24},
    {.unit = 0, .min_rows = WS_MIN_SHARD_ROWS},
};
enum { N_RULES = sizeof rules / sizeof *rules };

static void test_count(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_RULES; k++) {
        size_t before = 1;
        for (size_t n = 1; n <= MOST_ROWS; n++) {
            const size_t n_shards = ws_shards_count(rules[k], n);
            assert_true(is_power_of_two(n_shards));
            assert_true(n_shards >= before && n_shards <= WS_MAX_SHARDS);
            assert_true(n_shards == 1 || n / n_shards >= rules[k].min_rows);
            before = n_shards;
        }
    }
    assert_int_equal(ws_shards_count(rules[0], 23), 1);
    assert_int_equal(ws_shards_count(rules[0], 24), 2);
    assert_int_equal(ws_shards_count(rules[0], 100), 8);
    assert_int_equal(ws_shards_count(rules[0], MOST_ROWS), WS_MAX_SHARDS);
    assert_int_equal(ws_shards_count(rules[1], 100), 4); /* seven units */
    assert_int_equal(ws_shards_count(rules[1], 128), 8);
    assert_int_equal(ws_shards_count(rules[3], MOST_ROWS), 1);
}

static void test_join(void **state)
{
    const ws_shard_rule joined = ws_shard_rule_join(rules[1], rules[2]);

    (void)state;
    assert_int_equal(joined.unit, 16);
    assert_int_equal(joined.min_rows, 24);
    assert_int_equal(ws_shard_rule_join(rules[3], rules[0]).unit, 0);
    assert_int_equal(ws_shard_rule_join(rules[0], rules[3]).unit, 0);
}

static void test_share(void **state)
{
    (void)state;
    for (size_t n_shards = 1; n_shards <= WS_MAX_SHARDS; n_shards *= 2)
        for (size_t n_ranks = 1; n_ranks <= MOST_RANKS; n_ranks++) {
            size_t at = 0;
            for (size_t r = 0; r < n_ranks; r++) {
                const ws_shard_span span = ws_shards_share(n_shards, n_ranks, r);
                const size_t n = span.end - span.begin;
                assert_int_equal(span.begin, at);
                assert_true(n == 0 || (is_power_of_two(n) && span.begin % n == 0));
                assert_true(r > 0 || n > 0); /* sums end at rank 0 */
                at = span.end;
            }
            assert_int_equal(at, n_shards);
        }
}

/** Rows of a shard are the same on the rank that has it and in a process that has all. */
static void check_rows(ws_shard_rule rule, size_t n, size_t n_ranks)
{
    const size_t n_shards = ws_shards_count(rule, n);
    const ws_shards all = ws_shards_make(rule, n, n_shards, (ws_shard_span){0, n_shards});

    assert_int_equal(all.bounds[0], 0);
    assert_int_equal(all.bounds[n_shards], n);
    for (size_t i = 0; i < n_shards; i++) {
        assert_true(all.bounds[i] < all.bounds[i + 1]);
        assert_true(rule.unit == 0 || all.bounds[i] % rule.unit == 0);
        assert_int_equal(all.bounds[i], ws_shards_begin(rule, n, n_shards, i));
    }
    for (size_t r = 0; r < n_ranks; r++) {
        const ws_shard_span span = ws_shards_share(n_shards, n_ranks, r);
        const ws_shards own = ws_shards_make(rule, n, n_shards, span);
        assert_int_equal(own.n_all, n_shards);
        for (size_t i = 0; i <= own.n; i++)
            assert_int_equal(own.bounds[i], all.bounds[span.begin + i] - all.bounds[span.begin]);
    }
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_RULES; k++)
        for (size_t n = 1; n <= MOST_ROWS; n += 7)
            for (size_t n_ranks = 1; n_ranks <= 5; n_ranks++)
                check_rows(rules[k], n, n_ranks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
