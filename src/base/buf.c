#include "base/buf.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ws_buf_init(ws_buf *buf, size_t max_size)
{
    *buf = (ws_buf){.max_size = max_size};
}

void ws_buf_deinit(ws_buf *buf)
{
    free(buf->data);
    *buf = (ws_buf){.data = NULL};
}

/** Makes room for n_bytes more; false (and the status set) if there can be none. */
static bool reserve(ws_buf *buf, size_t n_bytes)
{
    if (buf->status != WS_OK)
        return false;
    if (n_bytes > buf->max_size - buf->size) {
        buf->status = WS_ELIMIT;
        return false;
    }
    const size_t wanted = buf->size + n_bytes;
    if (wanted <= buf->capacity)
        return true;
    size_t capacity = buf->capacity < 256 ? 256 : buf->capacity;
    while (capacity < wanted)
        capacity = capacity > buf->max_size / 2 ? buf->max_size : capacity * 2;
    unsigned char *data = realloc(buf->data, capacity);
    if (data == NULL) {
        buf->status = WS_ENOMEM;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void ws_buf_push(ws_buf *buf, const void *data, size_t n_bytes)
{
    if (n_bytes == 0 || !reserve(buf, n_bytes))
        return;
    memcpy(buf->data + buf->size, data, n_bytes);
    buf->size += n_bytes;
}

void ws_buf_push_byte(ws_buf *buf, unsigned char byte)
{
    ws_buf_push(buf, &byte, 1);
}

void ws_buf_push_u32le(ws_buf *buf, uint32_t value)
{
    unsigned char bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
    ws_buf_push(buf, bytes, sizeof bytes);
}

void ws_buf_push_u64le(ws_buf *buf, uint64_t value)
{
    ws_buf_push_u32le(buf, (uint32_t)value);
    ws_buf_push_u32le(buf, (uint32_t)(value >> 32));
}

void ws_buf_push_string(ws_buf *buf, const char *text)
{
    ws_buf_push(buf, text, strlen(text));
}

void ws_buf_push_format(ws_buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    /* one byte more for the terminator that vsnprintf writes */
    if (length < 0 || !reserve(buf, (size_t)length + 1))
        return;
    va_start(args, format);
    (void)vsnprintf((char *)buf->data + buf->size, (size_t)length + 1, format, args);
    va_end(args);
    buf->size += (size_t)length;
}

char *ws_buf_take_string(ws_buf *buf)
{
    ws_buf_push_byte(buf, '\0');
    if (buf->status != WS_OK)
        return NULL;
    char *text = (char *)buf->data;
    const size_t max_size = buf->max_size;
    ws_buf_init(buf, max_size);
    return text;
}
