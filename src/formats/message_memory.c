#include "formats/message_memory.h"

#include <stdlib.h>

/* A message of many small fields takes about ten times its bytes; real ones are mostly weights. */
#define SPARE_BYTES ((size_t)64 << 20)
/* The overhead of malloc for each block, of any size. */
#define BLOCK_BYTES ((size_t)16)

static void *take(void *user, size_t n_bytes)
{
    ws_message_memory *memory = user;
    const size_t n_taken = n_bytes + BLOCK_BYTES;

    if (n_taken > memory->left) {
        memory->is_used_up = true;
        return NULL;
    }
    memory->left -= n_taken;
    void *taken = malloc(n_bytes);
    memory->is_exhausted = memory->is_exhausted || taken == NULL;
    return taken;
}

static void give_back(void *user, void *pointer)
{
    (void)user;
    free(pointer);
}

void ws_message_memory_init(ws_message_memory *memory, size_t size)
{
    *memory = (ws_message_memory){
        .allocator = {.alloc = take, .free = give_back, .allocator_data = memory},
        .left = 2 * size + SPARE_BYTES,
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
