#include "page/html.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/** Pushes the character at `at`. @return its bytes */
static size_t push_character(ws_buf *buf, const char *at)
{
    static const struct {
        char character;
        const char *reference;
    } references[] = {
        {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    uint32_t code;
    const size_t n = ws_utf8_read(at, &code);

    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (*at == references[i].character) {
            ws_buf_push_string(buf, references[i].reference);
            return 1;
        }
    if (n == 0 || (ws_utf8_is_control(code) && *at != '\n' && *at != '\t'))
        ws_buf_push_byte(buf, '?');
    else
        ws_buf_push(buf, at, n);
    return n > 0 ? n : 1;
}

void ws_html_push_text(ws_buf *buf, const char *text)
{
    while (*text != '\0')
        text += push_character(buf, text);
}

void ws_html_push_short(ws_buf *buf, const char *text, size_t n_most)
{
    for (size_t i = 0; *text != '\0'; i++) {
        if (i == n_most) {
            ws_buf_push_string(buf, "...");
            return;
        }
        text += push_character(buf, text);
    }
}

void ws_html_push_data(ws_buf *buf, const char *type, const uint8_t *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    ws_buf_push_format(buf, "data:%s;base64,", type);
    for (size_t i = 0; i < size; i += 3) {
        const size_t n = size - i < 3 ? size - i : 3;
        const uint32_t bits = (uint32_t)data[i] << 16 | (n > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
                              (n > 2 ? data[i + 2] : 0);
        const char text[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
                              n > 1 ? digits[bits >> 6 & 63] : '=',
                              n > 2 ? digits[bits & 63] : '='};
        ws_buf_push(buf, text, sizeof text);
    }
}

void ws_html_push_share(ws_buf *buf, double share)
{
    if (isfinite(share))
        ws_buf_push_format(buf, "%.1f&nbsp;%%", 100 * share);
    else
        ws_buf_push_string(buf, "-");
}

void ws_html_push_number(ws_buf *buf, double number)
{
    enum { LARGEST = 1000000000 };
    char digits[32];

    if (!isfinite(number)) {
        ws_buf_push_string(buf, "-");
        return;
    }
    if (number < 0 || number > LARGEST || number > floor(number)) {
        ws_buf_push_format(buf, "%.6g", number);
        return;
    }
    const int n = snprintf(digits, sizeof digits, "%.0f", number);
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            ws_buf_push_byte(buf, ',');
        ws_buf_push_byte(buf, (unsigned char)digits[i]);
    }
}
