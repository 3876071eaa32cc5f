#include "tbevents/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/** Value of the UTF-8 sequence at p and its length; 0 bytes if it is not one: overlong forms,
 *  surrogates and numbers above U+10FFFF. Reads no byte after a NUL. */
static uint32_t decode(const unsigned char *p, size_t *n_bytes)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t n = *p < 0x80   ? 1
                     : *p < 0xC0 ? 0
                     : *p < 0xE0 ? 2
                     : *p < 0xF0 ? 3
                     : *p < 0xF8 ? 4
                                 : 0;
    uint32_t value = n <= 1 ? *p : *p & (0x7Fu >> n);

    *n_bytes = 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (p[i] & 0x3Fu);
    }
    if (n == 0 || value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *n_bytes = n;
    return value;
}

static bool is_control(uint32_t value, tbe_text_kind kind)
{
    if (kind == TBE_TEXT_LINES && (value == '\t' || value == '\n'))
        return false;
    return value < 0x20 || (value >= 0x7F && value < 0xA0);
}

tbe_status tbe_text_check(const char *text, tbe_text_kind kind, size_t max_bytes, size_t *n_bytes,
                          const char **complaint)
{
    const unsigned char *const bytes = (const unsigned char *)text;
    size_t i = 0;

    while (bytes[i] != '\0') {
        size_t n = 1;
        const uint32_t value = bytes[i] < 0x80 ? bytes[i] : decode(bytes + i, &n);
        if (n == 0 || is_control(value, kind)) {
            *complaint = n == 0 ? "is not UTF-8" : "has a control character";
            return TBE_EINVAL;
        }
        i += n;
        if (i > max_bytes) {
            *complaint = "is too long";
            return TBE_ELIMIT;
        }
    }
    *n_bytes = i;
    *complaint = "is empty";
    return i > 0 ? TBE_OK : TBE_EINVAL;
}

bool tbe_text_is_utf8(const unsigned char *bytes, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes;) {
        unsigned char sequence[5] = {0}; /* with an end, which decode() needs */
        const size_t n_left = n_bytes - i;
        size_t n = 1;
        memcpy(sequence, bytes + i, n_left < 4 ? n_left : 4);
        if (bytes[i] >= 0x80)
            (void)decode(sequence, &n);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

void tbe_text_clean(char *text)
{
    char *p = text;
    while (*p != '\0') {
        size_t n;
        const uint32_t value = decode((const unsigned char *)p, &n);
        if (n == 0 || is_control(value, TBE_TEXT_LINE)) {
            *p++ = '?';
            continue;
        }
        p += n;
    }
}

const char *tbe_errno_text(int reason, char out[TBE_ERRNO_BYTES])
{
    if (strerror_r(reason, out, TBE_ERRNO_BYTES) != 0)
        (void)snprintf(out, TBE_ERRNO_BYTES, "error %d", reason);
    return out;
}
