#include "tbevents/pool.h"

#include <stdlib.h>

typedef struct tbe_pool_block {
    struct tbe_pool_block *next;
    max_align_t memory[];
} tbe_pool_block;

void *tbe_pool_new(tbe_pool *pool, size_t n, size_t size)
{
    if (size > 0 && n > (SIZE_MAX - sizeof(tbe_pool_block)) / size)
        return NULL;
    tbe_pool_block *block = calloc(1, sizeof *block + n * size);
    if (block == NULL)
        return NULL;
    block->next = pool->blocks;
    pool->blocks = block;
    return block->memory;
}

tbe_bytes tbe_pool_pack(tbe_pool *pool, const ProtobufCMessage *message)
{
    tbe_bytes bytes = {NULL, protobuf_c_message_get_packed_size(message)};
    uint8_t *memory = tbe_pool_new(pool, bytes.size, 1);
    if (memory != NULL)
        (void)protobuf_c_message_pack(message, memory);
    bytes.data = memory;
    return bytes;
}

char *tbe_text_unconst(const char *text)
{
    union {
        const char *in;
        char *out;
    } pointer = {.in = text != NULL ? text : ""};
    return pointer.out;
}

void tbe_pool_deinit(tbe_pool *pool)
{
    while (pool->blocks != NULL) {
        tbe_pool_block *next = pool->blocks->next;
        free(pool->blocks);
        pool->blocks = next;
    }
}
