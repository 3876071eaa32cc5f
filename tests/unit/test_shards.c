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

static void test_count(void **state)
{
    size_t before = 1;

    (void)state;
    for (size_t n = 1; n <= MOST_ROWS; n++) {
        const size_t n_shards = ws_shards_count(n);
        assert_true(is_power_of_two(n_shards));
        assert_true(n_shards >= before && n_shards <= WS_MAX_SHARDS);
        assert_true(n_shards == 1 || n / n_shards >= WS_MIN_SHARD_ROWS);
        before = n_shards;
    }
    assert_int_equal(ws_shards_count(23), 1);
    assert_int_equal(ws_shards_count(24), 2);
    assert_int_equal(ws_shards_count(100), 8);
    assert_int_equal(before, WS_MAX_SHARDS);
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
static void test_rows(void **state)
{
    (void)state;
    for (size_t n = 1; n <= MOST_ROWS; n += 7)
        for (size_t n_ranks = 1; n_ranks <= 5; n_ranks++) {
            const size_t n_shards = ws_shards_count(n);
            const ws_shards all = ws_shards_make(n, n_shards, (ws_shard_span){0, n_shards});
            assert_int_equal(all.bounds[0], 0);
            assert_int_equal(all.bounds[n_shards], n);
            for (size_t r = 0; r < n_ranks; r++) {
                const ws_shard_span span = ws_shards_share(n_shards, n_ranks, r);
                const ws_shards own = ws_shards_make(n, n_shards, span);
                assert_int_equal(own.n_all, n_shards);
                for (size_t i = 0; i <= own.n; i++)
                    assert_int_equal(own.bounds[i],
                                     all.bounds[span.begin + i] - all.bounds[span.begin]);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
