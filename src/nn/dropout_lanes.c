/* Philox blocks side by side, compiled once per instruction set. */
#include "nn/dropout_lanes.h"

#include <stddef.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#define NAME_PASTE(name, level)  name##_##level
#define NAME_EXPAND(name, level) NAME_PASTE(name, level)

/*
 * A lane of 64 bits for each number of 32: then a product is one instruction, and its halves lie in
 * one place. What is above the lower half is not always zero; products do not see it.
 */
#if defined(__AVX512F__)
enum { WIDE = 8 };
#define MULTIPLY(a, b) _mm512_mul_epu32((__m512i)(a), (__m512i)(b))
#elif defined(__AVX2__)
enum { WIDE = 4 };
#define MULTIPLY(a, b) _mm256_mul_epu32((__m256i)(a), (__m256i)(b))
#elif defined(__SSE2__)
enum { WIDE = 2 };
#define MULTIPLY(a, b) _mm_mul_epu32((__m128i)(a), (__m128i)(b))
#else
enum { WIDE = 1 };
#endif

typedef uint64_t wide __attribute__((vector_size(8 * WIDE)));

enum {
    PAIR = 2, /* vectors under way at a time: one waits for its products while the other is done */
    N_BLOCKS = PAIR * WIDE
};

static inline wide splat(uint64_t value)
{
    return value - (wide){0};
}

static inline wide multiply(wide a, uint64_t b)
{
#if defined(MULTIPLY)
    return (wide)MULTIPLY(a, splat(b));
#else
    return (a & UINT32_MAX) * b;
#endif
}

/** PAIR vectors of blocks from `first` on. */
static inline void draw(const ws_random *stream, uint32_t first, uint32_t *out)
{
    wide c0[PAIR], c1[PAIR], c2[PAIR], c3[PAIR];
    uint32_t k0 = stream->key[0], k1 = stream->key[1];

    for (uint32_t v = 0; v < PAIR; v++) {
        uint64_t numbers[WIDE];
        for (uint32_t i = 0; i < WIDE; i++)
            numbers[i] = first + v * WIDE + i;
        memcpy(&c0[v], numbers, sizeof numbers);
        c1[v] = splat(stream->counter[1]);
        c2[v] = splat(stream->counter[2]);
        c3[v] = splat(stream->counter[3]);
    }
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
#pragma GCC unroll 2
        for (int v = 0; v < PAIR; v++) {
            const wide p0 = multiply(c0[v], 0xD2511F53u), p1 = multiply(c2[v], 0xCD9E8D57u);
            c0[v] = (p1 >> 32) ^ c1[v] ^ k0;
            c1[v] = p1;
            c2[v] = (p0 >> 32) ^ c3[v] ^ k1;
            c3[v] = p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
#pragma GCC unroll 2
    for (int v = 0; v < PAIR; v++) {
        const wide front = (c0[v] & UINT32_MAX) | c1[v] << 32;
        const wide rest = (c2[v] & UINT32_MAX) | c3[v] << 32;
        for (int i = 0; i < WIDE; i++) {
            uint32_t *block = out + (v * WIDE + i) * 4;
            block[0] = (uint32_t)front[i];
            block[1] = (uint32_t)(front[i] >> 32);
            block[2] = (uint32_t)rest[i];
            block[3] = (uint32_t)(rest[i] >> 32);
        }
    }
}

void NAME_EXPAND(ws_dropout_lanes, WS_LEVEL)(const ws_random *stream, uint32_t first, uint32_t *out)
{
    for (size_t i = 0; i < WS_DROPOUT_LANES; i += N_BLOCKS)
        draw(stream, first + (uint32_t)i, out + 4 * i);
}
