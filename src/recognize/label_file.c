#include "recognize/label_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"

enum { MAX_BYTES = 1 << 20 };

/** The bytes of a line without blanks at its end. */
static size_t trimmed_length(const char *line, size_t length)
{
    static const char blanks[] = {' ', '\t', '\r', '\v', '\f'};

    while (length > 0 && memchr(blanks, line[length - 1], sizeof blanks) != NULL)
        length--;
    return length;
}

static ws_status check_line(const char *path, size_t number, const char *line, size_t length,
                            ws_error *err)
{
    if (length == 0)
        return ws_fail(err, WS_EFORMAT, "%s: line %zu is empty, expected a label", path, number);
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)line[i] < ' ' && line[i] != '\t')
            return ws_fail(err, WS_EFORMAT,
                           "%s: line %zu has a control character, expected a text file with one "
                           "label a line",
                           path, number);
    }
    return WS_OK;
}

/** @param text  changed in place: ends of lines become ends of strings */
static ws_status push_lines(const char *path, char *text, size_t size, ws_text_list *labels,
                            ws_error *err)
{
    ws_status status = WS_OK;
    char *line = text + ws_utf8_mark_bytes(text), *end = text + size;

    for (size_t number = 1; status == WS_OK && line < end; number++) {
        char *line_end = memchr(line, '\n', (size_t)(end - line));
        if (line_end == NULL)
            line_end = end;
        const size_t length = trimmed_length(line, (size_t)(line_end - line));
        status = check_line(path, number, line, length, err);
        line[length] = '\0';
        if (status == WS_OK && ws_text_list_push(labels, line) != WS_OK)
            status = ws_fail_memory(err, "labels");
        line = line_end + 1;
    }
    return status;
}

ws_status ws_label_file_read(const char *path, ws_text_list *labels, ws_error *err)
{
    unsigned char *bytes = NULL;
    size_t size = 0;

    ws_status status = ws_file_read(path, MAX_BYTES, &bytes, &size, err);
    if (status != WS_OK)
        return status;
    while (size > 0 && (bytes[size - 1] == '\n' || trimmed_length((char *)bytes, size) < size))
        size--;
    if (size == 0)
        status = ws_fail(err, WS_EFORMAT, "%s: has no labels, expected one a line", path);
    else
        status = push_lines(path, (char *)bytes, size, labels, err);
    free(bytes);
    return status;
}
