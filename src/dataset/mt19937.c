#include "dataset/mt19937.h"

#include <assert.h>

enum { N = WS_MT19937_WORDS, MIDDLE = 397 };

/** Fills the state from one word. */
static void init_from_word(ws_mt19937 *random, uint32_t word)
{
    random->words[0] = word;
    for (uint32_t i = 1; i < N; i++) {
        const uint32_t before = random->words[i - 1];
        random->words[i] = 1812433253u * (before ^ before >> 30) + i;
    }
}

/** The reference's init_by_array with a key of one word, which is how CPython takes a small seed.
 */
void ws_mt19937_init(ws_mt19937 *random, uint32_t seed)
{
    uint32_t *words = random->words;
    size_t i = 1;

    init_from_word(random, 19650218u);
    for (size_t k = 0; k < N; k++) {
        words[i] = (words[i] ^ (words[i - 1] ^ words[i - 1] >> 30) * 1664525u) + seed;
        if (++i == N) {
            words[0] = words[N - 1];
            i = 1;
        }
    }
    for (size_t k = 0; k < N - 1; k++) {
        words[i] = (words[i] ^ (words[i - 1] ^ words[i - 1] >> 30) * 1566083941u) - (uint32_t)i;
        if (++i == N) {
            words[0] = words[N - 1];
            i = 1;
        }
    }
    words[0] = 0x80000000u;
    random->next = N;
}

static void make_words(uint32_t *words)
{
    for (size_t i = 0; i < N; i++) {
        const uint32_t joined = (words[i] & 0x80000000u) | (words[(i + 1) % N] & 0x7fffffffu);
        words[i] = words[(i + MIDDLE) % N] ^ joined >> 1 ^ ((joined & 1) != 0 ? 0x9908b0dfu : 0);
    }
}

uint32_t ws_mt19937_bits(ws_mt19937 *random)
{
    if (random->next == N) {
        make_words(random->words);
        random->next = 0;
    }
    uint32_t y = random->words[random->next++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

/** Uniform in [0, n): as many bits as n has, drawn again until below n. */
static uint32_t below(ws_mt19937 *random, uint32_t n)
{
    unsigned n_bits = 0;
    while (n_bits < 32 && n >> n_bits != 0)
        n_bits++;
    for (;;) {
        const uint32_t drawn = ws_mt19937_bits(random) >> (32 - n_bits);
        if (drawn < n)
            return drawn;
    }
}

void ws_mt19937_shuffle(ws_mt19937 *random, uint64_t *items, size_t n)
{
    assert(n <= UINT32_MAX);
    for (size_t i = n; i-- > 1;) {
        const size_t j = below(random, (uint32_t)i + 1);
        const uint64_t item = items[i];
        items[i] = items[j];
        items[j] = item;
    }
}
