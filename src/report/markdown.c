#include "report/markdown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/** Whether a character means nothing to Markdown, HTML and tables between backticks. */
static bool is_plain(uint32_t code)
{
    const char character = (char)code;
    return code >= 0x80 || (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
           (code >= 'a' && code <= 'z') || memchr("_-.,:/=+@% ", character, 11) != NULL;
}

/** The character at *at, which moves to the next; "?" for bytes that are not a character and for
 *  control characters. */
static uint32_t take_character(const char **at)
{
    uint32_t code;
    const size_t n = ws_utf8_read(*at, &code);
    *at += n > 0 ? n : 1;
    return n == 0 || ws_utf8_is_control(code) ? '?' : code;
}

static bool is_plain_text(const char *text)
{
    if (text[0] == ' ' || text[strlen(text) - 1] == ' ') /* backticks would eat it */
        return false;
    while (*text != '\0')
        if (!is_plain(take_character(&text)))
            return false;
    return true;
}

void ws_markdown_push_code(ws_buf *buf, const char *text)
{
    if (text[0] == '\0')
        return;
    if (is_plain_text(text)) {
        ws_buf_push_format(buf, "`%s`", text);
        return;
    }
    ws_buf_push_string(buf, "<code>");
    while (*text != '\0') {
        const uint32_t code = take_character(&text);
        ws_buf_push_format(buf, "&#%lu;", (unsigned long)code);
    }
    ws_buf_push_string(buf, "</code>");
}

void ws_markdown_push_block(ws_buf *buf, const char *text)
{
    static const char indent[] = "    ";

    ws_buf_push_string(buf, indent);
    while (*text != '\0') {
        const char *begin = text;
        const uint32_t code = take_character(&text);
        if (*begin == '\n')
            ws_buf_push_format(buf, "\n%s", indent);
        else if (code == '?')
            ws_buf_push_byte(buf, '?');
        else
            ws_buf_push(buf, begin, (size_t)(text - begin));
    }
    ws_buf_push_string(buf, "\n");
}

void ws_markdown_describe(tbe_writer *writer, const char *tag, const char *before, const char *text,
                          const char *after)
{
    ws_buf buf;
    ws_buf_init(&buf, TBE_MAX_TEXT_BYTES);
    ws_buf_push_format(&buf, "%s ", before);
    ws_markdown_push_code(&buf, text);
    ws_buf_push_format(&buf, " %s", after);
    char *string = ws_buf_take_string(&buf);
    if (string != NULL)
        (void)tbe_describe(writer, tag, NULL, string);
    free(string);
    ws_buf_deinit(&buf);
}

void ws_report_add_markdown(ws_report *report, ws_report_place place, int64_t step, const char *tag,
                            ws_buf *buf)
{
    const ws_status failure = buf->status;
    char *text = ws_buf_take_string(buf);
    char message[128];

    if (text != NULL) {
        ws_report_check(report, place,
                        tbe_add_text(ws_report_writer(report, place), step, tag, text));
    } else {
        (void)snprintf(message, sizeof message, "the text %s is not shown: %s", tag,
                       ws_status_text(failure != WS_OK ? failure : WS_ENOMEM));
        ws_report_warn(report, message);
    }
    free(text);
    ws_buf_deinit(buf);
}
