/* nn/dropout: masks are what their address in the random numbers says, however they are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/random.h"
#include "nn/dropout.h"

enum { N = 10000, N_WORDS = N / 32 + 4 };

static const ws_dropout_address address = {.row = 77, .node = 9};

static ws_random open_stream(const ws_dropout *dropout)
{
    ws_random random;
    ws_random_init(&random, dropout->seed, WS_RANDOM_DROPOUT, dropout->step,
                   (uint32_t)(address.row << 8 | address.node));
    return random;
}

static void half_takes_a_bit_an_element(void **state)
{
    const ws_dropout dropout = {.rate = 0.5, .seed = 0x123456789abcull, .step = 4000};
    ws_random random = open_stream(&dropout);
    uint32_t keep[N_WORDS];
    (void)state;

    assert_true(ws_dropout_n_words(N) <= N_WORDS);
    ws_dropout_draw(&dropout, address, 0, N, keep);
    for (size_t i = 0; i < N / 32; i++)
        assert_int_equal(keep[i], ws_random_bits(&random));
}

static void other_rates_take_a_word_an_element(void **state)
{
    const ws_dropout dropout = {.rate = 0.3, .seed = 5, .step = 1};
    ws_random random = open_stream(&dropout);
    uint32_t keep[N_WORDS];
    size_t n_kept = 0;
    (void)state;

    ws_dropout_draw(&dropout, address, 0, N, keep);
    for (size_t e = 0; e < N; e++) {
        const uint32_t bit = keep[e / 32] >> (e % 32) & 1;
        assert_int_equal(bit, (double)ws_random_bits(&random) >= floor(0.3 * 0x1p32));
        n_kept += bit;
    }
    /* 7000 wanted, five deviations of sqrt(N 0.3 0.7) */
    assert_true(fabs((double)n_kept - 0.7 * N) < 5.0 * sqrt(N * 0.21));
}

static void pieces_equal_the_whole(void **state)
{
    static const double rates[] = {0.5, 0.1};
    (void)state;
    for (size_t r = 0; r < 2; r++) {
        const ws_dropout dropout = {.rate = rates[r], .seed = 5, .step = 1};
        uint32_t whole[N_WORDS], piece[N_WORDS];
        ws_dropout_draw(&dropout, address, 0, N, whole);
        for (size_t first = 0; first < N; first += 3 * WS_DROPOUT_GRAIN) {
            const size_t n = N - first < 777 ? N - first : 777;
            ws_dropout_draw(&dropout, address, first, n, piece);
            assert_memory_equal(piece, whole + first / 32, n / 32 * sizeof *piece);
        }
    }
}

static void every_level_draws_the_same(void **state)
{
    static const double rates[] = {0.5, 0.3};
    (void)state;
    for (size_t r = 0; r < 2; r++) {
        ws_dropout dropout = {.rate = rates[r], .seed = 0x9e3779b97f4a7c15ull, .step = 0xfffffff0u};
        uint32_t expected[N_WORDS], keep[N_WORDS];
        ws_dropout_draw(&dropout, address, 0, N, expected);
        for (int level = 0; level <= (int)ws_cpu_level_get_best(); level++) {
            dropout.level = (ws_cpu_level)level;
            ws_dropout_draw(&dropout, address, 0, N, keep);
            assert_memory_equal(keep, expected, N / 32 * sizeof *keep);
        }
    }
}

static void every_address_has_its_own_mask(void **state)
{
    const ws_dropout dropout = {.rate = 0.5, .seed = 5, .step = 1};
    ws_dropout other = dropout;
    uint32_t one[8], two[8];
    (void)state;

    ws_dropout_draw(&dropout, address, 0, 256, one);
    ws_dropout_draw(&dropout, (ws_dropout_address){78, 9}, 0, 256, two);
    assert_memory_not_equal(one, two, sizeof one);
    ws_dropout_draw(&dropout, (ws_dropout_address){77, 10}, 0, 256, two);
    assert_memory_not_equal(one, two, sizeof one);
    other.step = 2;
    ws_dropout_draw(&other, address, 0, 256, two);
    assert_memory_not_equal(one, two, sizeof one);
    other = dropout;
    other.seed = 6;
    ws_dropout_draw(&other, address, 0, 256, two);
    assert_memory_not_equal(one, two, sizeof one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_takes_a_bit_an_element),
        cmocka_unit_test(other_rates_take_a_word_an_element),
        cmocka_unit_test(pieces_equal_the_whole),
        cmocka_unit_test(every_level_draws_the_same),
        cmocka_unit_test(every_address_has_its_own_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
