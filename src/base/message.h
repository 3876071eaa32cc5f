/**
 * Messages of protobuf-c: packed into a ws_buf, and unpacked with a declared maximum of memory. A
 * small hostile file can otherwise claim a multiple of its size, or have the same fields merged
 * over and over.
 */
#ifndef WS_BASE_MESSAGE_H
#define WS_BASE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

#include "base/buf.h"
#include "base/status.h"

/** protobuf-c's texts and bytes are not const, though packing only reads them. */
void *ws_message_unconst(const void *pointer);

/** Appends the packed message. A failure is in buf->status. */
void ws_buf_push_message(ws_buf *buf, const ProtobufCMessage *message);

/** The same as a field of another message. @param field  its number, 1 to 15 */
void ws_buf_push_message_field(ws_buf *buf, unsigned field, const ProtobufCMessage *message);

typedef struct ws_message_memory {
    ProtobufCAllocator allocator; /* for unpacking; its memory is freed with the default one */
    size_t left;       /* bytes that may still be allocated; freed ones are not counted back */
    bool is_used_up;   /* an allocation exceeded the maximum */
    bool is_exhausted; /* the system had no more memory */
} ws_message_memory;

/** Must stay where it is while its allocator is in use. @param most  bytes that may be allocated,
 *  with the overhead of each block */
void ws_message_memory_init(ws_message_memory *memory, size_t most);

/** Says why unpacking failed: not enough memory, or else the given fault of the file.
 *  @return WS_ENOMEM, WS_ELIMIT or WS_EFORMAT */
ws_status ws_message_memory_fail(const ws_message_memory *memory, ws_error *err, const char *path,
                                 const char *malformed);

#endif
