/** Memory for a message that is built, written and forgotten: freed all at once. */
#ifndef TBEVENTS_POOL_H
#define TBEVENTS_POOL_H

#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

#include "tbevents/event.h"

/** All zeros is an empty pool. */
typedef struct tbe_pool {
    struct tbe_pool_block *blocks;
} tbe_pool;

/** n elements, zeroed; NULL: no memory. Of n = 0 it is not NULL. */
void *tbe_pool_new(tbe_pool *pool, size_t n, size_t size);

/** A message as bytes of the pool; data is NULL if there is no memory. */
tbe_bytes tbe_pool_pack(tbe_pool *pool, const ProtobufCMessage *message);

/** protobuf-c's strings are not const, though packing only reads them. NULL becomes "". */
char *tbe_text_unconst(const char *text);

void tbe_pool_deinit(tbe_pool *pool);

#endif
