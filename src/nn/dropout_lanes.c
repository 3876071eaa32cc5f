/* Philox blocks side by side, compiled once per instruction set. */
#include "nn/dropout_lanes.h"

#include <stddef.h>

#define NAME_PASTE(name, level)  name##_##level
#define NAME_EXPAND(name, level) NAME_PASTE(name, level)

enum { LANES = WS_DROPOUT_LANES };

void NAME_EXPAND(ws_dropout_lanes, WS_LEVEL)(const ws_random *stream, uint32_t first, uint32_t *out)
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
        out[4 * i] = c0[i];
        out[4 * i + 1] = c1[i];
        out[4 * i + 2] = c2[i];
        out[4 * i + 3] = c3[i];
    }
}
