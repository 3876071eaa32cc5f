#include "inspect/show.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uniwidth.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"
#include "tbevents/reader.h"

/** Control characters, line and paragraph ends, and what turns the direction around. */
static bool is_harmless(uint32_t value)
{
    return value >= 0x20 && !(value >= 0x7F && value < 0xA0) &&
           !(value >= 0x200E && value <= 0x200F) && !(value >= 0x2028 && value <= 0x202E) &&
           !(value >= 0x2066 && value <= 0x2069) && value != 0xFEFF;
}

static void push_escape(ws_buf *out, unsigned char byte)
{
    if (byte == '\n')
        ws_buf_push_string(out, "\\n");
    else if (byte == '\t')
        ws_buf_push_string(out, "\\t");
    else if (byte == '\\')
        ws_buf_push_string(out, "\\\\");
    else
        ws_buf_push_format(out, "\\x%02x", byte);
}

char *ws_show_text(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    ws_buf out;

    ws_buf_init(&out, 4 * strlen(text) + 1);
    while (*p != '\0') {
        uint32_t value = 0;
        size_t n = ws_utf8_read((const char *)p, &value);
        if (n > 0 && is_harmless(value) && value != '\\') {
            ws_buf_push(&out, p, n);
        } else {
            n = n > 0 ? n : 1;
            for (size_t i = 0; i < n; i++)
                push_escape(&out, p[i]);
        }
        p += n;
    }
    char *shown = ws_buf_take_string(&out);
    if (shown == NULL)
        ws_buf_deinit(&out);
    return shown;
}

bool ws_show_is_utf8(const void *bytes, size_t n_bytes)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < n_bytes;) {
        char sequence[5] = {0}; /* with an end, which ws_utf8_read() needs */
        const size_t n_left = n_bytes - i;
        uint32_t value;
        size_t n = 1;
        if (p[i] >= 0x80) {
            memcpy(sequence, p + i, n_left < 4 ? n_left : 4);
            n = ws_utf8_read(sequence, &value);
        }
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

size_t ws_show_columns(uint32_t code)
{
    const int n = uc_width(code, "UTF-8");
    return n > 0 ? (size_t)n : 0;
}

/** The character at text. @return its bytes, 1 for one that is not UTF-8 */
static size_t measure(const char *text, size_t *n_columns)
{
    uint32_t code;
    const size_t n_bytes = ws_utf8_read(text, &code);

    *n_columns = n_bytes > 0 ? ws_show_columns(code) : 1;
    return n_bytes > 0 ? n_bytes : 1;
}

size_t ws_show_width(const char *text)
{
    size_t n = 0, n_columns;

    while (*text != '\0') {
        text += measure(text, &n_columns);
        n += n_columns;
    }
    return n;
}

size_t ws_show_start(const char *text, size_t n_columns, size_t *n_taken)
{
    size_t at = 0;

    *n_taken = 0;
    while (text[at] != '\0') {
        size_t own;
        const size_t n_bytes = measure(text + at, &own);
        if (own > n_columns - *n_taken)
            break;
        *n_taken += own;
        at += n_bytes;
    }
    return at;
}

/** @return whether the value was no ordinary number, and is written */
static bool write_special(double value, char out[WS_SHOW_NUMBER_BYTES])
{
    if (isfinite(value))
        return false;
    (void)snprintf(out, WS_SHOW_NUMBER_BYTES, "%s",
                   isnan(value) ? "nan"
                   : value > 0  ? "inf"
                                : "-inf");
    return true;
}

const char *ws_show_number(double value, char out[WS_SHOW_NUMBER_BYTES])
{
    if (!write_special(value, out))
        (void)snprintf(out, WS_SHOW_NUMBER_BYTES, "%.6g", value);
    return out;
}

/** The fewest digits, of three choices, that give the same value in its type. */
static const char *show_digits(double value, bool is_float, char out[WS_SHOW_NUMBER_BYTES])
{
    static const int of_float[] = {6, 9, 9}, of_double[] = {15, 16, 17};

    if (write_special(value, out))
        return out;
    for (int i = 0; i < 3; i++) {
        (void)snprintf(out, WS_SHOW_NUMBER_BYTES, "%.*g", is_float ? of_float[i] : of_double[i],
                       value);
        const double back = is_float ? (double)strtof(out, NULL) : strtod(out, NULL);
        if (!(back < value) && !(back > value))
            break;
    }
    return out;
}

const char *ws_show_stored(const ws_stored_number *number, char out[WS_SHOW_NUMBER_BYTES])
{
    switch (number->data_type) {
    case TBE_TYPE_DOUBLE:
        return show_digits(number->value, false, out);
    case TBE_TYPE_UINT64:
        (void)snprintf(out, WS_SHOW_NUMBER_BYTES, "%" PRIu64, (uint64_t)number->integer);
        return out;
    case TBE_TYPE_BOOL:
    case TBE_TYPE_INT8:
    case TBE_TYPE_UINT8:
    case TBE_TYPE_INT16:
    case TBE_TYPE_UINT16:
    case TBE_TYPE_INT32:
    case TBE_TYPE_UINT32:
    case TBE_TYPE_INT64:
        (void)snprintf(out, WS_SHOW_NUMBER_BYTES, "%" PRId64, number->integer);
        return out;
    default:
        return show_digits(number->value, true, out);
    }
}

const char *ws_show_time(double seconds, char out[WS_SHOW_NUMBER_BYTES])
{
    enum { N_DECIMALS = 7 };
    static const double scale = 1e7, most = 1e10;
    char *end = out + WS_SHOW_NUMBER_BYTES - 1;

    if (!(seconds >= 1 && seconds < most))
        return show_digits(seconds, false, out);
    uint64_t rest = (uint64_t)(seconds * scale + 0.5);
    char *p = end;
    *p = '\0';
    for (int i = 0; rest > 0; i++, rest /= 10) {
        if (i == N_DECIMALS && *p != '\0')
            *--p = '.';
        if (i < N_DECIMALS && rest % 10 == 0 && *p == '\0')
            continue;
        *--p = (char)('0' + rest % 10);
    }
    const double back = strtod(p, NULL);
    if (back < seconds || back > seconds)
        return show_digits(seconds, false, out);
    memmove(out, p, (size_t)(end - p) + 1);
    return out;
}
