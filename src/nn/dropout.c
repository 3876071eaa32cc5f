#include "nn/dropout.h"

#include <assert.h>

#include "base/random.h"

enum {
    LANES = 16, /* Philox blocks drawn side by side, so that the compiler vectorises */
    WORDS_PER_BLOCK = WS_DROPOUT_GRAIN / 32, /* of one Philox block */
};

size_t ws_dropout_n_words(size_t n)
{
    return (n + WS_DROPOUT_GRAIN - 1) / WS_DROPOUT_GRAIN * WORDS_PER_BLOCK;
}

/** Blocks first .. first + LANES - 1 of a stream: ws_random_philox with a loop over lanes in
 *  each round. out [LANES, WORDS_PER_BLOCK] */
static void draw_lanes(const ws_random *stream, uint32_t first, uint32_t *out)
{
    uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
    uint32_t k0 = stream->key[0], k1 = stream->key[1];

    for (uint32_t i = 0; i < LANES; i++) {
        c0[i] = first + i;
        c1[i] = stream->counter[1];
        c2[i] = stream->counter[2];
        c3[i] = stream->counter[3];
    }
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < LANES; i++) {
            const uint64_t p0 = (uint64_t)0xD2511F53u * c0[i];
            const uint64_t p1 = (uint64_t)0xCD9E8D57u * c2[i];
            c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
            c1[i] = (uint32_t)p1;
            c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
            c3[i] = (uint32_t)p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (size_t i = 0; i < LANES; i++) {
        out[WORDS_PER_BLOCK * i] = c0[i];
        out[WORDS_PER_BLOCK * i + 1] = c1[i];
        out[WORDS_PER_BLOCK * i + 2] = c2[i];
        out[WORDS_PER_BLOCK * i + 3] = c3[i];
    }
}

/** Blocks first .. first + n_blocks - 1 of a stream. */
static void draw_blocks(const ws_random *stream, size_t first, size_t n_blocks, uint32_t *out)
{
    size_t i = 0;
    for (; i + LANES <= n_blocks; i += LANES)
        draw_lanes(stream, (uint32_t)(first + i), out + WORDS_PER_BLOCK * i);
    for (; i < n_blocks; i++) {
        uint32_t counter[4] = {(uint32_t)(first + i), stream->counter[1], stream->counter[2],
                               stream->counter[3]};
        ws_random_philox(stream->key, counter, out + WORDS_PER_BLOCK * i);
    }
}

/** The mask for any rate: one word of the stream an element. */
static void draw_compared(const ws_random *stream, double rate, size_t first, size_t n_words,
                          uint32_t *keep)
{
    const uint32_t threshold = (uint32_t)(rate * 0x1p32);
    uint32_t words[32];

    for (size_t i = 0; i < n_words; i++) {
        uint32_t bits = 0;
        draw_blocks(stream, (first + 32 * i) / WORDS_PER_BLOCK, 32 / WORDS_PER_BLOCK, words);
        for (unsigned j = 0; j < 32; j++)
            bits |= (uint32_t)(words[j] >= threshold) << j;
        keep[i] = bits;
    }
}

void ws_dropout_draw(const ws_dropout *dropout, ws_dropout_address address, size_t first, size_t n,
                     uint32_t *keep)
{
    const size_t n_words = ws_dropout_n_words(n);
    ws_random stream;

    assert(dropout->rate >= 0.0 && dropout->rate < 1.0);
    assert(address.row < (1u << 24) && address.node < 256);
    assert(first % WS_DROPOUT_GRAIN == 0);
    ws_random_init(&stream, dropout->seed, WS_RANDOM_DROPOUT, dropout->step,
                   (uint32_t)(address.row << 8 | address.node));
    if (dropout->rate == 0.5)
        draw_blocks(&stream, first / WS_DROPOUT_GRAIN, n_words / WORDS_PER_BLOCK, keep);
    else
        draw_compared(&stream, dropout->rate, first, n_words, keep);
}
