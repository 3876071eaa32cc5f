/**
 * CPython's random numbers: the Mersenne Twister MT19937 (Matsumoto, Nishimura 1998), seeded and
 * drawn from as its module `random` does. Only the index uses it, to shuffle as the original does.
 */
#ifndef WS_DATASET_MT19937_H
#define WS_DATASET_MT19937_H

#include <stddef.h>
#include <stdint.h>

#define WS_MT19937_WORDS 624

typedef struct ws_mt19937 {
    uint32_t words[WS_MT19937_WORDS];
    size_t next; /* word to be given out next; WS_MT19937_WORDS: none left */
} ws_mt19937;

/** random.seed(seed) for a seed below 2^32. */
void ws_mt19937_init(ws_mt19937 *random, uint32_t seed);

/** The next 32 bits: random.getrandbits(32). */
uint32_t ws_mt19937_bits(ws_mt19937 *random);

/** random.shuffle() of n items (below 2^32) of 8 bytes. */
void ws_mt19937_shuffle(ws_mt19937 *random, uint64_t *items, size_t n);

#endif
