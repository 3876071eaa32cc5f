#include "base/utf8.h"

#include <string.h>

/** The bytes of a character that begins with this one; 0: none does. */
static size_t length_of(unsigned char first)
{
    return first < 0x80   ? 1
           : first < 0xC0 ? 0
           : first < 0xE0 ? 2
           : first < 0xF0 ? 3
           : first < 0xF8 ? 4
                          : 0;
}

size_t ws_utf8_read(const char *text, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by number of bytes */
    const unsigned char *bytes = (const unsigned char *)text;
    const size_t n = length_of(bytes[0]);
    uint32_t value = n <= 1 ? bytes[0] : bytes[0] & 0x7Fu >> n;

    *code = 0;
    for (size_t i = 1; i < n; i++) {
        if ((bytes[i] & 0xC0) != 0x80) /* the end of the text is not one, either */
            return 0;
        value = value << 6 | (bytes[i] & 0x3Fu);
    }
    if (n == 0 || value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *code = value;
    return n;
}

size_t ws_utf8_mark_bytes(const char *text)
{
    static const char mark[] = "\xef\xbb\xbf";
    const size_t n = sizeof mark - 1;

    return strncmp(text, mark, n) == 0 ? n : 0;
}

bool ws_utf8_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

bool ws_utf8_clean(char *text)
{
    bool was_odd = false;
    char *to = text;

    while (*text != '\0') {
        uint32_t code;
        const size_t n = ws_utf8_read(text, &code);
        if (n == 0 || ws_utf8_is_control(code)) {
            *to++ = '?';
            was_odd = true;
        } else {
            memmove(to, text, n);
            to += n;
        }
        text += n > 0 ? n : 1;
    }
    *to = '\0';
    return was_odd;
}
