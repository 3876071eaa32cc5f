/**
 * An arena: one block of memory that is handed out from front to back and freed as a whole.
 *
 *     base                used                       size
 *      |  push | push | ... |         free             |
 *
 * Whoever needs memory in a training step gets it from an arena laid out before the first step,
 * so that a step never allocates. Pieces start at 64-byte boundaries (a cache line, an AVX-512
 * vector). The block asks the kernel for huge pages, which matters for arrays of many megabytes.
 */
#ifndef WS_BASE_ARENA_H
#define WS_BASE_ARENA_H

#include <stddef.h>

#include "base/status.h"

#define WS_ARENA_ALIGNMENT 64

typedef struct ws_arena {
    unsigned char *base;
    size_t size; /* bytes in all */
    size_t used; /* bytes handed out, a multiple of WS_ARENA_ALIGNMENT */
} ws_arena;

/** What a piece of n_bytes takes of an arena's size: rounded up to the alignment. */
size_t ws_arena_round(size_t n_bytes);

/** Reserves size bytes (0 is allowed), all zero. @return WS_ENOMEM if the system refuses. */
WS_MUST_CHECK ws_status ws_arena_init(ws_arena *arena, size_t size, ws_error *err);

/** Gives the memory back; an arena of zeros and a deinitialised one are fine. */
void ws_arena_deinit(ws_arena *arena);

/** Hands out n_bytes, zero when the arena is fresh. More than was reserved is our bug: asserts. */
void *ws_arena_push(ws_arena *arena, size_t n_bytes);

#endif
