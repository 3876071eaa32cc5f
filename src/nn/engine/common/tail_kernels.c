/* The kernels of tail.h, compiled once per instruction set. Comparisons see NaN (CMakeLists.txt
 * sees to it): a NaN wins its window, so a diverged run shows. */
#include "nn/engine/common/tail.h"

#include <math.h>

#include "nn/engine/common/tile_vec.h"

enum {
    N_VECS = WS_TILE_LANES / VEC_SIZE,
    AHEAD = 16, /* places of y that are fetched before they are needed: a line each, far apart */
};

/** The mask of 16 elements from e on, and bits of no meaning above. */
INLINE uint32_t bits_at(const uint32_t *keep, size_t e)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t bits;
    memcpy(&bits, (const unsigned char *)keep + e / 8, sizeof bits);
    return bits >> (e % 8);
#else
    const uint64_t two_words = (uint64_t)keep[e / 32 + 1] << 32 | keep[e / 32];
    return (uint32_t)(two_words >> (e % 32));
#endif
}

/** What is the same for all elements of a block, and known to the compiler. */
typedef struct variant {
    bool has_relu, has_mask;
    bool is_part; /* fewer than 16 lanes */
} variant;

/** Numbers lane .. lane + VEC_SIZE of a place, zeros from n_lanes on. */
INLINE vec load(variant v, const float *p, size_t n_lanes, int lane)
{
    float part[VEC_SIZE] = {0};

    if (!v.is_part)
        return vec_load(p + lane);
    for (size_t i = (size_t)lane; i < n_lanes && i < (size_t)lane + VEC_SIZE; i++)
        part[i - (size_t)lane] = p[i];
    return vec_load(part);
}

INLINE void store(variant v, float *p, size_t n_lanes, int lane, vec value)
{
    float part[VEC_SIZE];

    if (!v.is_part) {
        vec_store(p + lane, value);
        return;
    }
    vec_store(part, value);
    for (size_t i = (size_t)lane; i < n_lanes && i < (size_t)lane + VEC_SIZE; i++)
        p[i] = part[i - (size_t)lane];
}

INLINE ivec load_codes(variant v, const uint8_t *p, size_t n_lanes, int lane)
{
    uint8_t part[VEC_SIZE] = {0};

    if (!v.is_part)
        return ivec_load_bytes(p + lane);
    for (size_t i = (size_t)lane; i < n_lanes && i < (size_t)lane + VEC_SIZE; i++)
        part[i - (size_t)lane] = p[i];
    return ivec_load_bytes(part);
}

INLINE void store_codes(variant v, uint8_t *p, size_t n_lanes, int lane, ivec codes)
{
    uint8_t part[VEC_SIZE];

    if (!v.is_part) {
        ivec_store_bytes(p + lane, codes);
        return;
    }
    ivec_store_bytes(part, codes);
    for (size_t i = (size_t)lane; i < n_lanes && i < (size_t)lane + VEC_SIZE; i++)
        p[i] = part[i - (size_t)lane];
}

/** Best value of a window so far, before ReLU and scale, and its code. */
typedef struct best {
    vec value[N_VECS];
    ivec code[N_VECS];
} best;

/** Element number `here` of a window, if it is kept, with the bias. A dropped one is zero, which
 *  is no more than what ReLU gives in any case: with it, dropped ones just do not take part. */
INLINE void enter(const ws_tail *tail, variant v, const float *z, uint32_t bits, int32_t here,
                  best *so_far)
{
    VEC_LANES (lane) {
        const int i = lane / VEC_SIZE;
        vec value = load(v, z, tail->n_lanes, lane) + vec_load(tail->bias + lane);
        ivec code = ivec_splat(here);
        if (v.has_mask) {
            const mask kept = mask_of_bits(bits, lane);
            value = vec_select(kept, value, v.has_relu ? vec_splat(-INFINITY) : vec_zero());
            if (!v.has_relu)
                code = ivec_select(kept, code, ivec_splat(WS_TILE_DEAD));
        }
        const mask wins = vec_not_at_most(value, so_far->value[i]);
        so_far->value[i] = vec_select(wins, value, so_far->value[i]);
        so_far->code[i] = ivec_select(wins, code, so_far->code[i]);
    }
}

/** ReLU and scale of the best. */
INLINE void finish(const ws_tail *tail, variant v, best *winner)
{
    for (int i = 0; i < N_VECS; i++) {
        const vec value = winner->value[i];
        if (v.has_relu) {
            winner->value[i] = vec_select(vec_less(value, vec_zero()), vec_zero(), value);
            winner->code[i] = ivec_select(vec_greater(value, vec_zero()), winner->code[i],
                                          ivec_splat(WS_TILE_DEAD));
        }
        if (v.has_mask)
            winner->value[i] *= vec_splat(tail->scale);
    }
}

INLINE void store_best(const ws_tail *tail, variant v, const best *winner, size_t place,
                       ws_tile_places y)
{
    VEC_LANES (lane) {
        store(v, y.at + place * y.stride, tail->n_lanes, lane, winner->value[lane / VEC_SIZE]);
        if (tail->codes != NULL)
            store_codes(v, tail->codes + place * tail->code_stride, tail->n_lanes, lane,
                        winner->code[lane / VEC_SIZE]);
    }
}

/** A window, cut to what lies inside the image, and where its first element is there. */
typedef struct window {
    size_t n_u, n_v;    /* rows and columns */
    size_t u, v;        /* the first ones */
    size_t row, column; /* of the image under them */
} window;

/** The part inside an image of `image` of a window of `size` that begins at `at` - `before`. */
INLINE ws_range clip(size_t at, size_t before, size_t size, size_t image)
{
    const size_t begin = at < before ? before - at : 0;
    const size_t reach = before + image - at;
    return (ws_range){begin, size < reach ? size : reach};
}

/** The rows of the windows of row i of y. */
INLINE ws_range rows_at(const ws_tail *tail, size_t i)
{
    return clip(i * tail->pool.stride_h, tail->pool.zeros.before_h, tail->pool.h, tail->middle.h);
}

/** The window of place (i, j) of y. @param u  its rows (rows_at) */
INLINE window window_at(const ws_tail *tail, size_t i, ws_range u, size_t j)
{
    if (tail->pool.h == 1 && tail->pool.w == 1 && tail->pool.stride_w == 1)
        return (window){.n_u = 1, .n_v = 1, .row = i * tail->pool.stride_h, .column = j};
    const ws_window *pool = &tail->pool;
    const size_t at = j * pool->stride_w;
    const ws_range v = clip(at, pool->zeros.before_w, pool->w, tail->middle.w);
    return (window){.n_u = u.end - u.begin,
                    .n_v = v.end - v.begin,
                    .u = u.begin,
                    .v = v.begin,
                    .row = i * pool->stride_h + u.begin - pool->zeros.before_h,
                    .column = at + v.begin - pool->zeros.before_w};
}

INLINE best no_best(void)
{
    best none;
    for (int i = 0; i < N_VECS; i++) {
        none.value[i] = vec_splat(-INFINITY);
        none.code[i] = ivec_splat(WS_TILE_DEAD);
    }
    return none;
}

/** Element (a, b) of the window. */
INLINE void enter_at(const ws_tail *tail, variant v, const window *at, size_t a, size_t b,
                     ws_tile_input z, best *so_far)
{
    const size_t place = (at->row + a) * tail->middle.w + at->column + b;
    enter(tail, v, z.at + (a * tail->middle.w + b) * z.stride,
          v.has_mask ? bits_at(tail->keep, place * tail->middle.c + tail->channel) : 0,
          (int32_t)((at->u + a) * tail->pool.w + at->v + b), so_far);
}

/** @param z  from the window's first element on */
INLINE best find_best(const ws_tail *tail, variant v, const window *at, ws_tile_input z)
{
    best winner = no_best();
    for (size_t a = 0; a < at->n_u; a++)
        for (size_t b = 0; b < at->n_v; b++)
            enter_at(tail, v, at, a, b, z, &winner);
    finish(tail, v, &winner);
    return winner;
}

/** The places of each row of y whose windows have all their columns inside the image. */
INLINE ws_range whole_columns(const ws_tail *tail)
{
    const ws_window *pool = &tail->pool;
    const size_t before = pool->zeros.before_w, step = pool->stride_w;
    const size_t begin = (before + step - 1) / step, reach = before + tail->middle.w;
    const size_t end = reach < pool->w ? 0 : (reach - pool->w) / step + 1;
    const size_t last = end < tail->out.w ? end : tail->out.w;
    return (ws_range){begin < last ? begin : last, last};
}

/** Where a run of places in one row of y begins, and what is below it. */
typedef struct run {
    size_t place, n;
    size_t from; /* place of the first window's first element in the rows of z at hand */
    size_t bit;  /* number of that element's bit in the mask */
} run;

/** The run of places of row i, from `columns`, all windows of which are whole. */
INLINE run run_at(const ws_tail *tail, size_t i, ws_range columns, size_t first_row)
{
    const size_t row = i * tail->pool.stride_h - tail->pool.zeros.before_h;
    const size_t column = columns.begin * tail->pool.stride_w - tail->pool.zeros.before_w;
    return (run){.place = i * tail->out.w + columns.begin,
                 .n = columns.end - columns.begin,
                 .from = (row - first_row) * tail->middle.w + column,
                 .bit = (row * tail->middle.w + column) * tail->middle.c + tail->channel};
}

/** A run of whole windows of h x w elements, known to the compiler. */
INLINE void forward_run(const ws_tail *tail, variant v, size_t h, size_t w, run here,
                        ws_tile_input z, ws_tile_places y)
{
    const size_t line = tail->middle.w, c = tail->middle.c, step = tail->pool.stride_w;
    const size_t n_places = tail->out.h * tail->out.w;

    for (size_t i = 0; i < here.n; i++) {
        const size_t from = here.from + i * step, bit = here.bit + i * step * c;
        const size_t place = here.place + i;
        best winner = no_best();
        UNROLL
        for (size_t a = 0; a < h; a++) {
            UNROLL
            for (size_t b = 0; b < w; b++)
                enter(tail, v, z.at + (from + a * line + b) * z.stride,
                      v.has_mask ? bits_at(tail->keep, bit + (a * line + b) * c) : 0,
                      (int32_t)(a * w + b), &winner);
        }
        finish(tail, v, &winner);
        if (place + AHEAD < n_places)
            __builtin_prefetch(y.at + (place + AHEAD) * y.stride, 1);
        store_best(tail, v, &winner, place, y);
    }
}

/** A place of any kind. */
INLINE void forward_place(const ws_tail *tail, variant v, size_t i, ws_range u, size_t j,
                          ws_tile_rows rows, ws_tile_input z, ws_tile_places y)
{
    const window at = window_at(tail, i, u, j);
    const size_t from = (at.row - rows.z.begin) * tail->middle.w + at.column;
    const best winner = find_best(tail, v, &at, (ws_tile_input){z.at + from * z.stride, z.stride});
    store_best(tail, v, &winner, i * tail->out.w + j, y);
}

INLINE void forward_rows(const ws_tail *shared, variant v, ws_tile_rows rows, ws_tile_input z,
                         ws_tile_places y)
{
    const ws_tail own = *shared, *tail = &own; /* that no store can change: it stays in registers */
    const bool is_one = tail->pool.h == 1 && tail->pool.w == 1;
    const bool is_two = tail->pool.h == 2 && tail->pool.w == 2;
    const ws_range all = whole_columns(tail);

    for (size_t i = rows.y.begin; i < rows.y.end; i++) {
        const ws_range u = rows_at(tail, i);
        const bool is_whole = (is_one || is_two) && u.end - u.begin == tail->pool.h;
        const ws_range whole = is_whole ? all : (ws_range){tail->out.w, tail->out.w};
        for (size_t j = 0; j < whole.begin; j++)
            forward_place(tail, v, i, u, j, rows, z, y);
        if (is_whole && is_one)
            forward_run(tail, v, 1, 1, run_at(tail, i, whole, rows.z.begin), z, y);
        else if (is_whole)
            forward_run(tail, v, 2, 2, run_at(tail, i, whole, rows.z.begin), z, y);
        for (size_t j = whole.end; j < tail->out.w; j++)
            forward_place(tail, v, i, u, j, rows, z, y);
    }
}

INLINE void forward_lanes(const ws_tail *tail, bool is_part, ws_tile_rows rows, ws_tile_input z,
                          ws_tile_places y)
{
    if (tail->has_relu && tail->keep != NULL)
        forward_rows(tail, (variant){true, true, is_part}, rows, z, y);
    else if (tail->has_relu)
        forward_rows(tail, (variant){true, false, is_part}, rows, z, y);
    else if (tail->keep != NULL)
        forward_rows(tail, (variant){false, true, is_part}, rows, z, y);
    else
        forward_rows(tail, (variant){false, false, is_part}, rows, z, y);
}

static void forward(const ws_tail *tail, ws_tile_rows rows, ws_tile_input z, ws_tile_places y)
{
    if (tail->n_lanes == WS_TILE_LANES)
        forward_lanes(tail, false, rows, z, y);
    else
        forward_lanes(tail, true, rows, z, y);
}

/** What one place gives to the winner of its window. */
typedef struct gift {
    ivec code[N_VECS];
    vec gradient[N_VECS];
} gift;

/** @param dy, codes  of the place
 *  @param sums       added to */
INLINE gift take_gift(const ws_tail *tail, variant v, const float *dy, const uint8_t *codes,
                      vec sums[N_VECS])
{
    gift g;
    VEC_LANES (lane) {
        const int i = lane / VEC_SIZE;
        g.code[i] = load_codes(v, codes, tail->n_lanes, lane);
        g.gradient[i] = vec_select(ivec_equal(g.code[i], ivec_splat(WS_TILE_DEAD)), vec_zero(),
                                   load(v, dy, tail->n_lanes, lane) * vec_splat(tail->scale));
        sums[i] += g.gradient[i];
    }
    return g;
}

/** Element (a, b) of the window whose first one is at dz gets its share. */
INLINE void give_at(const ws_tail *tail, variant v, const window *at, size_t a, size_t b,
                    const gift *g, bool add, ws_tile_places dz)
{
    const ivec here = ivec_splat((int32_t)((at->u + a) * tail->pool.w + at->v + b));
    float *to = dz.at + (a * tail->middle.w + b) * dz.stride;
    VEC_LANES (lane) {
        const int i = lane / VEC_SIZE;
        const vec own = vec_select(ivec_equal(g->code[i], here), g->gradient[i], vec_zero());
        store(v, to, tail->n_lanes, lane, add ? load(v, to, tail->n_lanes, lane) + own : own);
    }
}

/** @param add  whether windows overlap */
INLINE void give(const ws_tail *tail, variant v, const window *at, const gift *g, bool add,
                 ws_tile_places dz)
{
    for (size_t a = 0; a < at->n_u; a++)
        for (size_t b = 0; b < at->n_v; b++)
            give_at(tail, v, at, a, b, g, add, dz);
}

/** A run of whole windows of h x w elements, known to the compiler, that do not overlap. */
INLINE void backward_run(const ws_tail *tail, variant v, size_t h, size_t w, run here,
                         ws_tile_input dy, ws_tile_places dz, vec sums[N_VECS])
{
    const size_t step = tail->pool.stride_w, n_places = tail->out.h * tail->out.w;
    const window whole = {.n_u = h, .n_v = w};

    for (size_t i = 0; i < here.n; i++) {
        const size_t place = here.place + i;
        if (place + AHEAD < n_places)
            __builtin_prefetch(dy.at + (place + AHEAD) * dy.stride);
        const gift g = take_gift(tail, v, dy.at + place * dy.stride,
                                 tail->codes + place * tail->code_stride, sums);
        float *to = dz.at + (here.from + i * step) * dz.stride;
        UNROLL
        for (size_t a = 0; a < h; a++) {
            UNROLL
            for (size_t b = 0; b < w; b++)
                give_at(tail, v, &whole, a, b, &g, false, (ws_tile_places){to, dz.stride});
        }
    }
}

/** A place of any kind. */
INLINE void backward_place(const ws_tail *tail, variant v, size_t i, ws_range u, size_t j,
                           bool overlap, ws_tile_rows rows, ws_tile_input dy, ws_tile_places dz,
                           vec sums[N_VECS])
{
    const size_t place = i * tail->out.w + j;
    const window at = window_at(tail, i, u, j);
    const gift g = take_gift(tail, v, dy.at + place * dy.stride,
                             tail->codes + place * tail->code_stride, sums);
    const size_t to = (at.row - rows.z.begin) * tail->middle.w + at.column;
    give(tail, v, &at, &g, overlap, (ws_tile_places){dz.at + to * dz.stride, dz.stride});
}

INLINE void backward_lanes(const ws_tail *shared, variant v, ws_tile_rows rows, ws_tile_input dy,
                           ws_tile_places dz, float *sums)
{
    const ws_tail own = *shared, *tail = &own; /* as in forward_rows */
    const bool overlap = tail->pool.h > tail->pool.stride_h || tail->pool.w > tail->pool.stride_w;
    const bool is_one = tail->pool.h == 1 && tail->pool.w == 1;
    const bool is_two = tail->pool.h == 2 && tail->pool.w == 2 && !overlap;
    const ws_range all = whole_columns(tail);
    vec group_sums[N_VECS] = {0}; /* sums of sums are more exact */

    for (size_t i = rows.y.begin; i < rows.y.end; i++) {
        const ws_range u = rows_at(tail, i);
        const bool is_whole = (is_one || is_two) && u.end - u.begin == tail->pool.h;
        const ws_range whole = is_whole ? all : (ws_range){tail->out.w, tail->out.w};
        for (size_t j = 0; j < whole.begin; j++)
            backward_place(tail, v, i, u, j, overlap, rows, dy, dz, group_sums);
        if (is_whole && is_one)
            backward_run(tail, v, 1, 1, run_at(tail, i, whole, rows.z.begin), dy, dz, group_sums);
        else if (is_whole)
            backward_run(tail, v, 2, 2, run_at(tail, i, whole, rows.z.begin), dy, dz, group_sums);
        for (size_t j = whole.end; j < tail->out.w; j++)
            backward_place(tail, v, i, u, j, overlap, rows, dy, dz, group_sums);
    }
    VEC_LANES (lane)
        vec_store(sums + lane, vec_load(sums + lane) + group_sums[lane / VEC_SIZE]);
}

static void backward(const ws_tail *tail, ws_tile_rows rows, ws_tile_input dy, ws_tile_places dz,
                     float *sums)
{
    if (tail->n_lanes == WS_TILE_LANES)
        backward_lanes(tail, (variant){.is_part = false}, rows, dy, dz, sums);
    else
        backward_lanes(tail, (variant){.is_part = true}, rows, dy, dz, sums);
}

static uint64_t find_live(const float *y, size_t n)
{
    uint64_t live = 0;
    for (size_t p = 0; p < n; p++, y += WS_TILE_LANES) {
        ivec bits = {0};
        VEC_LANES (lane)
            bits |= (ivec)vec_load(y + lane);
        bits &= ivec_splat(INT32_MAX); /* -0 is zero */
        live |= (uint64_t)ivec_any(bits) << p;
    }
    return live;
}

const ws_tail_kernels LEVEL_NAME(ws_tail_kernels) = {
    .forward = forward,
    .backward = backward,
    .find_live = find_live,
};
