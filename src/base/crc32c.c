#include "base/crc32c.h"

#include <stdbool.h>

enum { N_SLICES = 8 };
#define POLYNOMIAL 0x82F63B78u /* Castagnoli, reflected */
#define MASK_DELTA 0xa282ead8u

/**
 * Slicing by eight: tables[k][b] is the CRC of byte b followed by k zero bytes, so eight bytes
 * are folded in with eight independent look-ups.
 */
static const uint32_t (*crc_tables(void))[256]
{
    static uint32_t tables[N_SLICES][256];
    static _Atomic bool ready; /* threads that meet here write the same values */

    if (!ready) {
        for (uint32_t b = 0; b < 256; b++) {
            uint32_t crc = b;
            for (int bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ (POLYNOMIAL & (0u - (crc & 1u)));
            tables[0][b] = crc;
        }
        for (int k = 1; k < N_SLICES; k++)
            for (uint32_t b = 0; b < 256; b++)
                tables[k][b] = tables[k - 1][b] >> 8 ^ tables[0][tables[k - 1][b] & 255u];
        ready = true;
    }
    return (const uint32_t(*)[256])tables;
}

uint32_t ws_crc32c(uint32_t crc, const void *data, size_t n_bytes)
{
    const uint32_t(*t)[256] = crc_tables();
    const unsigned char *p = data;

    crc = ~crc;
    for (; n_bytes >= 8; n_bytes -= 8, p += 8) {
        const uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                                    (uint32_t)p[3] << 24);
        crc = t[7][low & 255u] ^ t[6][low >> 8 & 255u] ^ t[5][low >> 16 & 255u] ^ t[4][low >> 24] ^
              t[3][p[4]] ^ t[2][p[5]] ^ t[1][p[6]] ^ t[0][p[7]];
    }
    for (; n_bytes > 0; n_bytes--, p++)
        crc = crc >> 8 ^ t[0][(crc ^ *p) & 255u];
    return ~crc;
}

uint32_t ws_crc32c_mask(uint32_t crc)
{
    return (crc >> 15 | crc << 17) + MASK_DELTA;
}

uint32_t ws_crc32c_unmask(uint32_t masked)
{
    const uint32_t rotated = masked - MASK_DELTA;
    return rotated << 15 | rotated >> 17;
}
