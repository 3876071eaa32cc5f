#include "base/arena.h"

#include <assert.h>
#include <sys/mman.h>

size_t ws_arena_round(size_t n_bytes)
{
    return (n_bytes + WS_ARENA_ALIGNMENT - 1) / WS_ARENA_ALIGNMENT * WS_ARENA_ALIGNMENT;
}

ws_status ws_arena_init(ws_arena *arena, size_t size, ws_error *err)
{
    *arena = (ws_arena){.base = NULL};
    if (size == 0)
        return WS_OK;
    size = ws_arena_round(size);
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return ws_fail(err, WS_ENOMEM, "out of memory: %zu bytes wanted in one block", size);
#ifdef MADV_HUGEPAGE
    (void)madvise(base, size, MADV_HUGEPAGE); /* only a hint: works as well without, slower */
#endif
    arena->base = base;
    arena->size = size;
    return WS_OK;
}

void ws_arena_deinit(ws_arena *arena)
{
    if (arena->base != NULL)
        (void)munmap(arena->base, arena->size);
    *arena = (ws_arena){.base = NULL};
}

void *ws_arena_push(ws_arena *arena, size_t n_bytes)
{
    const size_t rounded = ws_arena_round(n_bytes);
    assert(rounded <= arena->size - arena->used);
    void *piece = arena->base + arena->used;
    arena->used += rounded;
    return piece;
}
