/** Numbers as bytes, the lowest first: the order of event files and WAV. */
#ifndef TBEVENTS_LITTLE_ENDIAN_H
#define TBEVENTS_LITTLE_ENDIAN_H

#include <stdint.h>
#include <string.h>

static inline uint8_t *tbe_put_le(uint8_t *out, uint64_t value, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++)
        *out++ = (uint8_t)(value >> 8 * i);
    return out;
}

static inline uint64_t tbe_get_le(const uint8_t *bytes, int n_bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < n_bytes; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static inline uint8_t *tbe_put_float(uint8_t *out, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return tbe_put_le(out, bits, sizeof bits);
}

static inline uint8_t *tbe_put_double(uint8_t *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return tbe_put_le(out, bits, sizeof bits);
}

static inline float tbe_get_float(const uint8_t *bytes)
{
    const uint32_t bits = (uint32_t)tbe_get_le(bytes, sizeof bits);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double tbe_get_double(const uint8_t *bytes)
{
    const uint64_t bits = tbe_get_le(bytes, sizeof bits);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
