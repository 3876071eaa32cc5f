/**
 * Laying out an arena with one function for both: the first time over it only counts bytes, the
 * second time it hands them out.
 *
 *     ws_layout layout = {0};
 *     place_arrays(engine, &layout);
 *     status = ws_layout_reserve(&layout, &engine->arena, err);
 *     place_arrays(engine, &layout);
 */
#ifndef WS_BASE_LAYOUT_H
#define WS_BASE_LAYOUT_H

#include "base/arena.h"

typedef struct ws_layout {
    ws_arena *arena; /* NULL while counting; borrowed */
    size_t n_bytes;  /* counted */
} ws_layout;

/** NULL while counting, later the array, all zero. */
static inline void *ws_layout_push(ws_layout *layout, size_t n, size_t element_size)
{
    if (layout->arena != NULL)
        return ws_arena_push(layout->arena, n * element_size);
    layout->n_bytes += ws_arena_round(n * element_size);
    return NULL;
}

/** Ends the counting: reserves what was counted and hands it out from now on. */
WS_MUST_CHECK static inline ws_status ws_layout_reserve(ws_layout *layout, ws_arena *arena,
                                                        ws_error *err)
{
    layout->arena = arena;
    return ws_arena_init(arena, layout->n_bytes, err);
}

#endif
