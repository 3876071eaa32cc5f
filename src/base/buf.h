/**
 * A growing buffer of bytes with a declared maximum and a sticky error: after the first failed
 * push all further ones do nothing, so a writer pushes freely and checks once at the end.
 */
#ifndef WS_BASE_BUF_H
#define WS_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct ws_buf {
    unsigned char *data; /* owned; NULL while empty */
    size_t size;         /* bytes in use */
    size_t capacity;     /* bytes allocated */
    size_t max_size;     /* bytes; more is WS_ELIMIT */
    ws_status status;    /* the first failure, WS_OK so far */
} ws_buf;

void ws_buf_init(ws_buf *buf, size_t max_size);
void ws_buf_deinit(ws_buf *buf);

void ws_buf_push(ws_buf *buf, const void *data, size_t n_bytes);
void ws_buf_push_byte(ws_buf *buf, unsigned char byte);
void ws_buf_push_u32le(ws_buf *buf, uint32_t value);
void ws_buf_push_u64le(ws_buf *buf, uint64_t value);
/** Text without its terminator. */
void ws_buf_push_string(ws_buf *buf, const char *text);
void ws_buf_push_format(ws_buf *buf, const char *format, ...) WS_PRINTF(2, 3);

/** The bytes with a NUL after them as the caller's own string (free()); NULL after a failure. */
char *ws_buf_take_string(ws_buf *buf);

#endif
