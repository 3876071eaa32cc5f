#include "nn/engine/common/tile_tail.h"

/** Rows from one group to the next; 0: the image is one group, as its windows overlap or begin
 *  above it. */
static size_t group_h(const ws_stage *stage)
{
    if (!stage->has_pool)
        return 1;
    return stage->pool.h > stage->pool.stride_h || stage->pool.zeros.before_h > 0
               ? 0
               : stage->pool.stride_h;
}

size_t ws_tile_rows_count(const ws_stage *stage)
{
    const size_t h = group_h(stage);
    return h == 0 ? 1 : (stage->middle.h + h - 1) / h;
}

size_t ws_tile_rows_most(const ws_stage *stage)
{
    const size_t h = group_h(stage);
    return h == 0 ? stage->middle.h : h;
}

ws_tile_rows ws_tile_rows_get(const ws_stage *stage, size_t group)
{
    const size_t h = group_h(stage), n_z = stage->middle.h, n_y = stage->out.h;
    const size_t end = (group + 1) * h;

    if (h == 0)
        return (ws_tile_rows){{0, n_z}, {0, n_y}};
    return (ws_tile_rows){
        .z = {group * h, end < n_z ? end : n_z},
        .y = {group < n_y ? group : n_y, group < n_y ? group + 1 : n_y},
    };
}

WS_CPU_DEFINE_GETTER(ws_tile_tail_kernels, ws_tile_tail_kernels_get)
