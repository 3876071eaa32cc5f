#include "nn/engine/common/tail.h"

#include <string.h>

WS_CPU_DEFINE_GETTER(ws_tail_kernels, ws_tail_kernels_get)

/* A kernel reads the 16 bits of a block in one piece of 64 bits, which ends at most this number of
 * words after the mask's last one. */
enum { MASK_SLACK = 2 };

static const ws_window one_element = {.h = 1, .w = 1, .stride_h = 1, .stride_w = 1};

size_t ws_tail_mask_words(const ws_stage *stage)
{
    return stage->dropout_node > 0 ? ws_dropout_n_words(ws_shape_size(stage->middle)) + MASK_SLACK
                                   : 0;
}

static bool has_mask(const ws_stage *stage, const ws_dropout *dropout)
{
    return stage->dropout_node > 0 && dropout != NULL && dropout->rate > 0.0;
}

void ws_tail_mask_draw(const ws_stage *stage, const ws_dropout *dropout, size_t row, uint32_t *keep)
{
    if (has_mask(stage, dropout))
        ws_dropout_draw(dropout, (ws_dropout_address){row, stage->dropout_node}, 0,
                        ws_shape_size(stage->middle), keep);
}

ws_tail ws_tail_make(const ws_stage *stage, const ws_dropout *dropout, const uint32_t *keep)
{
    const bool drops = has_mask(stage, dropout);
    return (ws_tail){
        .middle = stage->middle,
        .out = stage->out,
        .pool = stage->has_pool ? stage->pool : one_element,
        .has_relu = stage->has_relu,
        .n_lanes = WS_TILE_LANES,
        .keep = drops ? keep : NULL,
        .scale = drops ? (float)(1.0 / (1.0 - dropout->rate)) : 1.0f,
        .code_stride = stage->out.c,
    };
}

/* ---- groups of rows ---- */

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

ws_tile_rows ws_tile_rows_all(const ws_stage *stage)
{
    return (ws_tile_rows){{0, stage->middle.h}, {0, stage->out.h}};
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
        return ws_tile_rows_all(stage);
    return (ws_tile_rows){
        .z = {group * h, end < n_z ? end : n_z},
        .y = {group < n_y ? group : n_y, group < n_y ? group + 1 : n_y},
    };
}

bool ws_tail_fills(const ws_tail *tail)
{
    const ws_window *pool = &tail->pool;

    return pool->h == pool->stride_h && pool->w == pool->stride_w &&
           tail->out.h * pool->h >= pool->zeros.before_h + tail->middle.h &&
           tail->out.w * pool->w >= pool->zeros.before_w + tail->middle.w;
}

/* ---- whole samples ---- */

/** A part of a sample that the kernels take: a tail, and where its first numbers lie. */
typedef struct part {
    ws_tail tail;
    ws_tile_rows rows;
    size_t z_at, y_at; /* numbers before it in the rows of z, and in y */
    size_t stride;     /* from place to place */
} part;

/** Whether windows have one element, so that places and channels are one list of numbers. */
static bool is_flat(const ws_tail *tail)
{
    return tail->pool.h == 1 && tail->pool.w == 1 && tail->pool.stride_h == 1 &&
           tail->pool.stride_w == 1;
}

/** Numbers of parts, from begin to end, of some rows. */
static ws_range parts_of(const ws_tail *tail, ws_tile_rows rows)
{
    if (!is_flat(tail))
        return (ws_range){0, (tail->middle.c + WS_TILE_LANES - 1) / WS_TILE_LANES};
    const size_t n = (rows.z.end - rows.z.begin) * tail->middle.w * tail->middle.c;
    return (ws_range){n >= WS_TILE_LANES ? 0 : 1, n % WS_TILE_LANES > 0 ? 2 : 1};
}

/** Part 0 of a flat sample is all that fills places of 16 channels, part 1 is the rest, as one
 *  place. */
static part get_flat_part(const ws_tail *tail, ws_tile_rows rows, size_t i)
{
    const size_t line = tail->middle.w * tail->middle.c;
    const size_t first = rows.z.begin * line, n = (rows.z.end - rows.z.begin) * line;
    const size_t rest = n % WS_TILE_LANES, begin = i == 0 ? 0 : n - rest;
    const size_t n_places = i == 0 ? n / WS_TILE_LANES : 1;
    part p = {.tail = *tail,
              .rows = {{0, 1}, {0, 1}},
              .z_at = begin,
              .y_at = first + begin,
              .stride = WS_TILE_LANES};

    p.tail.middle = p.tail.out = (ws_shape){1, n_places, WS_TILE_LANES};
    p.tail.n_lanes = i == 0 ? WS_TILE_LANES : rest;
    p.tail.channel = p.y_at; /* bits of the mask are numbered like the elements */
    p.tail.code_stride = WS_TILE_LANES;
    return p;
}

/** Any other part is a block of channels. */
static part get_part(const ws_tail *tail, ws_tile_rows rows, size_t i)
{
    if (is_flat(tail))
        return get_flat_part(tail, rows, i);
    const size_t channel = i * WS_TILE_LANES, left = tail->middle.c - channel;
    part p = {
        .tail = *tail, .rows = rows, .z_at = channel, .y_at = channel, .stride = tail->middle.c};
    p.tail.channel = channel;
    p.tail.n_lanes = left < WS_TILE_LANES ? left : WS_TILE_LANES;
    return p;
}

void ws_tail_forward(const ws_tail *tail, ws_cpu_level level, ws_tile_rows rows, const float *z,
                     float *y)
{
    const ws_tail_kernels *kernels = ws_tail_kernels_get(level);
    const ws_range parts = parts_of(tail, rows);

    for (size_t i = parts.begin; i < parts.end; i++) {
        part p = get_part(tail, rows, i);
        if (p.tail.codes != NULL)
            p.tail.codes += p.y_at;
        kernels->forward(&p.tail, p.rows, (ws_tile_input){z + p.z_at, p.stride},
                         (ws_tile_places){y + p.y_at, p.stride});
    }
}

void ws_tail_backward(const ws_tail *tail, ws_cpu_level level, ws_tile_rows rows, const float *dy,
                      float *dz)
{
    const ws_tail_kernels *kernels = ws_tail_kernels_get(level);
    const ws_range parts = parts_of(tail, rows);
    const size_t line = tail->middle.w * tail->middle.c;
    float unused[WS_TILE_LANES] = {0};

    if (!ws_tail_fills(tail))
        memset(dz, 0, (rows.z.end - rows.z.begin) * line * sizeof *dz);
    for (size_t i = parts.begin; i < parts.end; i++) {
        part p = get_part(tail, rows, i);
        p.tail.codes += p.y_at;
        kernels->backward(&p.tail, p.rows, (ws_tile_input){dy + p.y_at, p.stride},
                          (ws_tile_places){dz + p.z_at, p.stride}, unused);
    }
}
