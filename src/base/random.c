#include "base/random.h"

#include <assert.h>
#include <math.h>

void ws_random_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4])
{
    uint32_t k0 = key[0], k1 = key[1];
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];

    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53u * c0;
        const uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u; /* golden ratio */
        k1 += 0xBB67AE85u; /* sqrt(3) - 1 */
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void ws_random_init(ws_random *random, uint64_t seed, ws_random_purpose purpose, uint64_t step,
                    uint32_t sample)
{
    assert(step <= UINT32_MAX);
    *random = (ws_random){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = {0, sample, (uint32_t)step, (uint32_t)purpose},
    };
}

uint32_t ws_random_bits(ws_random *random)
{
    if (random->n_left == 0) {
        ws_random_philox(random->key, random->counter, random->block);
        random->counter[0]++;
        random->n_left = 4;
    }
    return random->block[4 - random->n_left--];
}

double ws_random_uniform(ws_random *random)
{
    const uint64_t high = ws_random_bits(random) >> 5; /* 27 bits */
    const uint64_t low = ws_random_bits(random) >> 6;  /* 26 bits */
    return (double)(high << 26 | low) * 0x1p-53;
}

uint32_t ws_random_below(ws_random *random, uint32_t n)
{
    assert(n > 0);
    /* Lemire: the high word of bits * n is uniform once the low words below 2^32 mod n are
     * redrawn. */
    const uint32_t threshold = (0u - n) % n;
    for (;;) {
        const uint64_t product = (uint64_t)ws_random_bits(random) * n;
        if ((uint32_t)product >= threshold)
            return (uint32_t)(product >> 32);
    }
}

double ws_random_truncated_normal(ws_random *random)
{
    const double pi = 3.14159265358979323846;
    for (;;) {
        /* Box-Muller, the cosine half; 1 - u is in (0, 1], so the logarithm is finite */
        const double radius = sqrt(-2.0 * log(1.0 - ws_random_uniform(random)));
        const double z = radius * cos(2.0 * pi * ws_random_uniform(random));
        if (z > -2.0 && z < 2.0)
            return z;
    }
}
