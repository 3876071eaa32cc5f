/* A permutation without an array: a Feistel network over the smallest square of a power of two
 * that holds n, whose results from n on are put through again until one is below n ("cycle
 * walking"). Its rounds are Philox blocks of the seed and the epoch. */
#include "dataset/epoch_order.h"

#include "base/random.h"

enum { N_ROUNDS = 6 };

static uint32_t run_round(uint64_t seed, uint64_t epoch, uint32_t round, uint32_t half)
{
    ws_random random;

    ws_random_init(&random, seed, WS_RANDOM_EPOCH, epoch, round << 16 | half);
    return ws_random_bits(&random);
}

uint32_t ws_epoch_order_get(uint64_t seed, uint64_t epoch, uint32_t n, uint32_t place)
{
    unsigned n_bits = 1; /* of each half: at most 16 */
    uint32_t at = place;

    while (UINT64_C(1) << 2 * n_bits < n)
        n_bits++;
    const uint32_t mask = (UINT32_C(1) << n_bits) - 1;
    do {
        uint32_t left = at >> n_bits, right = at & mask;
        for (uint32_t round = 0; round < N_ROUNDS; round++) {
            const uint32_t next = left ^ (run_round(seed, epoch, round, right) & mask);
            left = right;
            right = next;
        }
        at = left << n_bits | right;
    } while (at >= n);
    return at;
}
