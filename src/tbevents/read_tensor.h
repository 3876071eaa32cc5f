/** Tensors of any writer as values of the reader, and the memory that they may take. */
#ifndef TBEVENTS_READ_TENSOR_H
#define TBEVENTS_READ_TENSOR_H

#include <stdbool.h>

#include "tbevents/pool.h"
#include "tbevents/tbevents.h"

/** Memory of one record, bounded. */
typedef struct tbe_memory {
    tbe_pool pool;
    size_t n_left; /* bytes that may still be taken */
    bool was_exceeded;
} tbe_memory;

/** Counts bytes. @return whether that is still allowed */
bool tbe_memory_take(tbe_memory *memory, size_t n_bytes);

/** As tbe_pool_new(), within what is allowed. */
void *tbe_memory_new(tbe_memory *memory, size_t n, size_t size);

struct Tbproto__TensorProto;

/**
 * Sets kind, numbers, blobs and dims of a value whose plugin is set.
 *
 * @return whether there was memory
 */
bool tbe_read_tensor(tbe_memory *memory, const struct Tbproto__TensorProto *tensor,
                     tbe_value *value);

#endif
