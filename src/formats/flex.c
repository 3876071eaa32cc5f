/* A FlexBuffer is written from back to front: the root says where the map is, by how many bytes
 * before it. A map is a vector of values, the kinds of those, and before it where its keys are. */
#include "formats/flex.h"

#include <assert.h>
#include <string.h>

/* The format's numbers of kinds; the lower two bits of a kind's byte are log2 of its width. */
enum { FLEX_INT = 1, FLEX_UINT = 2, FLEX_FLOAT = 3, FLEX_MAP = 9, FLEX_BOOL = 26 };

enum { WIDTH = 4, WIDTH_LOG2 = 2 };

static unsigned char kind_byte(int kind, int width_log2)
{
    return (unsigned char)(kind << 2 | width_log2);
}

void ws_flex_write_map(ws_buf *buf, const ws_flex_pair *pairs, size_t n)
{
    size_t key_at[WS_FLEX_MAX_PAIRS];

    assert(n <= WS_FLEX_MAX_PAIRS && buf->size == 0);
    for (size_t i = 0; i < n; i++) {
        assert(i == 0 || strcmp(pairs[i - 1].key, pairs[i].key) < 0);
        key_at[i] = buf->size;
        ws_buf_push(buf, pairs[i].key, strlen(pairs[i].key) + 1);
    }
    while (buf->status == WS_OK && buf->size % WIDTH != 0)
        ws_buf_push_byte(buf, 0);
    ws_buf_push_u32le(buf, (uint32_t)n);
    const size_t keys = buf->size;
    for (size_t i = 0; i < n; i++)
        ws_buf_push_u32le(buf, (uint32_t)(buf->size - key_at[i]));
    ws_buf_push_u32le(buf, (uint32_t)(buf->size - keys));
    ws_buf_push_u32le(buf, WIDTH); /* of the keys' places */
    ws_buf_push_u32le(buf, (uint32_t)n);
    const size_t values = buf->size;
    for (size_t i = 0; i < n; i++)
        ws_buf_push_u32le(buf, (uint32_t)pairs[i].value);
    for (size_t i = 0; i < n; i++)
        ws_buf_push_byte(buf, kind_byte(pairs[i].is_bool ? FLEX_BOOL : FLEX_INT, WIDTH_LOG2));
    const size_t back = buf->size - values;
    assert(back <= UINT8_MAX);
    ws_buf_push_byte(buf, (unsigned char)back);
    ws_buf_push_byte(buf, kind_byte(FLEX_MAP, WIDTH_LOG2));
    ws_buf_push_byte(buf, 1); /* the width of `back` */
}

/* Reading: each place is checked before it is read. */

typedef struct bytes_of {
    const unsigned char *bytes;
    size_t size;
} bytes_of;

/** @return false: not wholly inside */
static bool get(const bytes_of *b, size_t at, size_t width, uint64_t *number)
{
    if (at > b->size || width > b->size - at)
        return false;
    *number = 0;
    for (size_t i = width; i-- > 0;)
        *number = *number << 8 | b->bytes[at + i];
    return true;
}

/** What an offset at `at` refers to, which is before it. */
static bool follow(const bytes_of *b, size_t at, size_t width, size_t *target)
{
    uint64_t back = 0;

    if (!get(b, at, width, &back) || back == 0 || back > at)
        return false;
    *target = at - (size_t)back;
    return true;
}

static bool is_key(const bytes_of *b, size_t at, const char *key)
{
    const size_t n = strlen(key) + 1;

    return at < b->size && n <= b->size - at && memcmp(b->bytes + at, key, n) == 0;
}

/** A number of a kind; floats of 4 and 8 bytes. */
static bool number_of(uint64_t bits, unsigned char kind, size_t width, double *number)
{
    const int shift = 64 - 8 * (int)width;
    const uint32_t word = (uint32_t)bits;
    int64_t whole;
    float real;

    switch (kind >> 2) {
    case FLEX_INT:
        bits <<= shift;
        memcpy(&whole, &bits, sizeof whole);
        *number = (double)(whole >> shift);
        return true;
    case FLEX_UINT:
    case FLEX_BOOL:
        *number = (double)bits;
        return true;
    case FLEX_FLOAT:
        memcpy(&real, &word, sizeof real);
        if (width == 8)
            memcpy(number, &bits, sizeof *number);
        else
            *number = (double)real;
        return width >= 4;
    default:
        return false;
    }
}

/** A map, once its places are known to be inside. */
typedef struct map {
    size_t values, width, n;
    size_t keys, key_width;
} map;

static bool open_map(const bytes_of *b, map *m)
{
    if (b->size < 3)
        return false;
    const size_t root_width = b->bytes[b->size - 1];
    const unsigned char kind = b->bytes[b->size - 2];
    uint64_t n = 0, key_width = 0;

    m->width = (size_t)1 << (kind & 3);
    if (kind >> 2 != FLEX_MAP || root_width > 8 || root_width + 2 > b->size ||
        !follow(b, b->size - 2 - root_width, root_width, &m->values) || m->values < 3 * m->width ||
        !follow(b, m->values - 3 * m->width, m->width, &m->keys) ||
        !get(b, m->values - 2 * m->width, m->width, &key_width) ||
        !get(b, m->values - m->width, m->width, &n))
        return false;
    m->n = (size_t)n;
    m->key_width = (size_t)key_width;
    return n <= b->size && (key_width == 1 || key_width == 2 || key_width == 4 || key_width == 8);
}

bool ws_flex_find_number(const unsigned char *bytes, size_t size, const char *key, double *number)
{
    const bytes_of b = {bytes, size};
    map m;

    if (!open_map(&b, &m))
        return false;
    for (size_t i = 0; i < m.n; i++) {
        size_t at = 0;
        uint64_t bits = 0, kind = 0;
        if (!follow(&b, m.keys + i * m.key_width, m.key_width, &at) || !is_key(&b, at, key))
            continue;
        return get(&b, m.values + i * m.width, m.width, &bits) &&
               get(&b, m.values + m.n * m.width + i, 1, &kind) &&
               number_of(bits, (unsigned char)kind, m.width, number);
    }
    return false;
}
