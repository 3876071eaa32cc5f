#include "base/message.h"

#include <assert.h>
#include <stdlib.h>

/* The overhead of malloc for each block, of any size. */
#define BLOCK_BYTES ((size_t)16)

enum { LENGTH_DELIMITED = 2 }; /* the wire type of messages */

void *ws_message_unconst(const void *pointer)
{
    union {
        const void *in;
        void *out;
    } both = {.in = pointer};
    return both.out;
}

/** A buffer of protobuf-c that appends to a ws_buf. */
typedef struct buf_sink {
    ProtobufCBuffer base;
    ws_buf *buf;
} buf_sink;

static void sink_append(ProtobufCBuffer *base, size_t n_bytes, const uint8_t *bytes)
{
    ws_buf_push(((buf_sink *)(void *)base)->buf, bytes, n_bytes);
}

void ws_buf_push_message(ws_buf *buf, const ProtobufCMessage *message)
{
    buf_sink sink = {.base = {.append = sink_append}, .buf = buf};
    (void)protobuf_c_message_pack_to_buffer(message, &sink.base);
}

void ws_buf_push_message_field(ws_buf *buf, unsigned field, const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);

    assert(field < 16); /* its tag is one byte */
    ws_buf_push_byte(buf, (unsigned char)(field << 3 | LENGTH_DELIMITED));
    for (; size >= 0x80; size >>= 7)
        ws_buf_push_byte(buf, (unsigned char)(size | 0x80));
    ws_buf_push_byte(buf, (unsigned char)size);
    ws_buf_push_message(buf, message);
}

static void *take(void *user, size_t n_bytes)
{
    ws_message_memory *memory = user;

    if (n_bytes > memory->left || memory->left - n_bytes < BLOCK_BYTES) {
        memory->is_used_up = true;
        return NULL;
    }
    memory->left -= n_bytes + BLOCK_BYTES;
    void *taken = malloc(n_bytes);
    memory->is_exhausted = memory->is_exhausted || taken == NULL;
    return taken;
}

static void give_back(void *user, void *pointer)
{
    (void)user;
    free(pointer);
}

void ws_message_memory_init(ws_message_memory *memory, size_t most)
{
    *memory = (ws_message_memory){
        .allocator = {.alloc = take, .free = give_back, .allocator_data = memory},
        .left = most,
    };
}

ws_status ws_message_memory_fail(const ws_message_memory *memory, ws_error *err, const char *path,
                                 const char *malformed)
{
    if (memory->is_exhausted)
        return ws_fail_memory(err, path);
    if (memory->is_used_up)
        return ws_fail(err, WS_ELIMIT, "%s: has more small parts than this program reads", path);
    return ws_fail(err, WS_EFORMAT, "%s: %s", path, malformed);
}
