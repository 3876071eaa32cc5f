/* dataset/epoch_order: that an epoch has each clip once, and that orders look drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataset/epoch_order.h"

static void check_permutation(uint64_t seed, uint64_t epoch, uint32_t n)
{
    unsigned char *seen = calloc(n, 1);

    assert_non_null(seen);
    for (uint32_t place = 0; place < n; place++) {
        const uint32_t clip = ws_epoch_order_get(seed, epoch, n, place);
        assert_true(clip < n);
        assert_int_equal(seen[clip], 0);
        seen[clip] = 1;
    }
    free(seen);
}

static void each_clip_comes_once(void **state)
{
    static const uint32_t large[] = {1000, 1024, 1025, 4095, 4096, 4097, 65537, 84843};
    (void)state;

    for (uint32_t n = 1; n <= 70; n++)
        check_permutation(7, n % 3, n);
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        check_permutation(59185, i, large[i]);
    assert_true(ws_epoch_order_get(1, UINT32_MAX, UINT32_C(1) << 31, 5) < UINT32_C(1) << 31);
}

static void seed_and_epoch_make_the_order(void **state)
{
    enum { N = 100 };
    size_t n_as_epoch = 0, n_as_seed = 0, n_fixed = 0;
    (void)state;

    for (uint32_t place = 0; place < N; place++) {
        const uint32_t clip = ws_epoch_order_get(1, 0, N, place);
        n_as_epoch += clip == ws_epoch_order_get(1, 1, N, place);
        n_as_seed += clip == ws_epoch_order_get(2, 0, N, place);
        n_fixed += clip == place;
    }
    /* of a random permutation one is expected */
    assert_true(n_as_epoch < 8 && n_as_seed < 8 && n_fixed < 8);
}

/** Each clip at each place, and each clip after each other one, about equally often: the sums of
 *  squares that a fair draw gives, within five deviations. */
static void orders_look_drawn(void **state)
{
    enum { N = 12, N_EPOCHS = 12000 };
    static size_t at[N][N], after[N][N];
    double places = 0.0, pairs = 0.0;
    (void)state;

    for (uint32_t epoch = 0; epoch < N_EPOCHS; epoch++) {
        uint32_t before = 0;
        for (uint32_t place = 0; place < N; place++) {
            const uint32_t clip = ws_epoch_order_get(3, epoch, N, place);
            at[place][clip]++;
            if (place > 0)
                after[before][clip]++;
            before = clip;
        }
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0; k < N; k++) {
            const double want_at = (double)N_EPOCHS / N, want_after = (double)N_EPOCHS / N;
            const double place = (double)at[i][k] - want_at;
            const double pair = (double)after[i][k] - want_after;
            places += place * place / want_at;
            pairs += i == k ? 0.0 : pair * pair / want_after;
        }
    }
    print_message("  chi square: places %.0f (about 121), pairs %.0f (about 132)\n", places, pairs);
    assert_true(places > 50 && places < 200);
    assert_true(pairs > 60 && pairs < 215);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_clip_comes_once),
        cmocka_unit_test(seed_and_epoch_make_the_order),
        cmocka_unit_test(orders_look_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
