/** Private to maps.c: sums over pixels, and what is common to them and to joined maps. */
#ifndef WS_NN_ENGINE_LANES_SUMS_VEC_H
#define WS_NN_ENGINE_LANES_SUMS_VEC_H

#include "nn/engine/common/activation_vec.h"
#include "nn/engine/lanes/lane_vec.h"
#include "nn/engine/lanes/maps.h"

/** Where a row's pixels are. */
typedef struct pixel_rows {
    const float *x, *z, *n, *m, *q;
    float *y, *kept; /* kept: NULL if y is only written to the cache */
} pixel_rows;

INLINE vec pass_gate(ws_lanes_gate gate, vec t, vec m)
{
    if (gate == WS_LANES_GATE_OPEN)
        return t;
    if (gate == WS_LANES_GATE_RELU)
        return vec_relu(t);
    return vec_select(vec_not_at_most(m, vec_zero()), t, vec_zero());
}

/* Vectors that are summed together: their sums stay in registers. As many as there is room for,
 * since neighbouring channels are read one after the other. */
#if VEC_SIZE == 16
enum { MANY = 8, FEW = 4 };
#else
enum { MANY = 4, FEW = 4 };
#endif

/** n_vecs vectors of a row's channels from c on, n channels in each, summed over w. */
INLINE void sum_row(const ws_lanes_map *map, const float *x, size_t c, int n_vecs, size_t n,
                    float *y)
{
    const size_t n_pixel = map->c * LANES, n_w = map->w / map->n_bands;

    BLOCK_LANES(lane)
    {
        vec totals[MANY];
        const float *from = x + c * LANES + lane;

        UNROLL
        for (int i = 0; i < n_vecs; i++)
            totals[i] = vec_zero();
        for (size_t band = 0; band < map->n_bands; band++) {
            vec sums[MANY];
            UNROLL
            for (int i = 0; i < n_vecs; i++)
                sums[i] = vec_zero();
            for (size_t j = 0; j < n_w; j++, from += n_pixel) {
                UNROLL
                for (int i = 0; i < n_vecs; i++)
                    vec_ask(from + i * GROUP, map->x.ahead);
                UNROLL
                for (int i = 0; i < n_vecs; i++)
                    sums[i] += vec_load_channels(from + i * GROUP, n);
            }
            UNROLL
            for (int i = 0; i < n_vecs; i++) {
                const size_t k = band * map->c + c + (size_t)i * VEC_CHANNELS;
                totals[i] += map->a == NULL ? sums[i]
                                            : vec_of_channels(map->a + k, n) * sums[i] +
                                                  (float)n_w * vec_of_channels(map->b + k, n);
            }
        }
        UNROLL
        for (int i = 0; i < n_vecs; i++)
            vec_store_channels(y + c * LANES + (size_t)i * GROUP + lane, totals[i] * map->factor,
                               n);
    }
}

static void sum_w(const ws_lanes_map *map)
{
    for (size_t r = 0; r < map->n_rows; r++) {
        const float *x = map->x.at + r * map->x.pitch;
        float *y = map->y + r * map->y_pitch;
        size_t c = 0;
        for (; c + MANY * VEC_CHANNELS <= map->c; c += MANY * VEC_CHANNELS)
            sum_row(map, x, c, MANY, VEC_CHANNELS, y);
        for (; c + FEW * VEC_CHANNELS <= map->c; c += FEW * VEC_CHANNELS)
            sum_row(map, x, c, FEW, VEC_CHANNELS, y);
        for (; c + VEC_CHANNELS <= map->c; c += VEC_CHANNELS)
            sum_row(map, x, c, 1, VEC_CHANNELS, y);
        if (VEC_CHANNELS > 1 && c < map->c)
            sum_row(map, x, c, 1, map->c - c, y);
    }
}

typedef enum sums_kind { SUM_ROWS, MOMENTS, NORM_SUMS } sums_kind;

typedef struct sums_parts {
    sums_kind kind;
    bool has_n; /* and gate: with NORM_SUMS */
    ws_lanes_gate gate;
    bool has_dead; /* lanes: with MOMENTS */
} sums_parts;

/** Vectors that stay in registers for some channels. */
typedef struct channel_vecs {
    vec sums[MANY], second[MANY], mean[MANY], m_a[MANY], m_b[MANY];
} channel_vecs;

/** Adds one pixel's channels: n in each vector. What lies ahead of x and q is asked for. */
INLINE void sum_pixel(sums_parts parts, int n_vecs, size_t n, vec live, vec factor, pixel_rows at,
                      size_t x_ahead, size_t q_ahead, channel_vecs *v)
{
    const bool is_masked = parts.gate != WS_LANES_GATE_OPEN;

    UNROLL
    for (int i = 0; i < n_vecs; i++) {
        if (parts.kind == NORM_SUMS) {
            vec_ask(at.x + i * GROUP, x_ahead);
            vec_ask(at.q + i * GROUP, q_ahead);
        }
        vec value = vec_load_channels(at.x + i * GROUP, n), m = vec_zero();
        if (parts.kind == MOMENTS) {
            value -= v->mean[i];
            if (parts.has_dead)
                value *= live;
            v->second[i] += value * value;
        }
        if (parts.has_n)
            value += factor * vec_load_channels(at.n + i * GROUP, n);
        if (is_masked)
            m = vec_load_channels(at.m + i * GROUP, n);
        if (parts.gate == WS_LANES_GATE_MASK_NORM)
            m = v->m_a[i] * m + v->m_b[i];
        value = pass_gate(parts.gate, value, m);
        if (parts.kind == NORM_SUMS)
            v->second[i] += value * (vec_load_channels(at.q + i * GROUP, n) - v->mean[i]);
        v->sums[i] += value;
    }
}

/** Loads what stays in registers of vectors whose first channel, band by band, is `first`. */
INLINE void load_channels(const ws_lanes_map *map, sums_parts parts, size_t first, int n_vecs,
                          size_t n, const float *sums, const float *second, channel_vecs *v)
{
    UNROLL
    for (int i = 0; i < n_vecs; i++) {
        const size_t k = first + (size_t)i * VEC_CHANNELS;
        const ptrdiff_t place = i * GROUP;
        v->sums[i] = vec_load_channels(sums + place, n);
        v->second[i] = parts.kind != SUM_ROWS ? vec_load_channels(second + place, n) : vec_zero();
        v->mean[i] = parts.kind != SUM_ROWS ? vec_of_channels(map->mean + k, n) : vec_zero();
        v->m_a[i] = v->m_b[i] = vec_zero();
        if (parts.gate == WS_LANES_GATE_MASK_NORM) {
            v->m_a[i] = vec_of_channels(map->m_a + k, n);
            v->m_b[i] = vec_of_channels(map->m_b + k, n);
        }
    }
}

/** Adds what n_vecs vectors of n channels of one band of all rows give. */
INLINE void sum_channels(const ws_lanes_map *map, sums_parts parts, size_t band, size_t c,
                         int n_vecs, size_t n, float *sums, float *second)
{
    const size_t n_w = map->w / map->n_bands, n_pixel = map->c * LANES;
    const size_t first = band * map->c + c, from = band * n_w * n_pixel + c * LANES;
    const size_t n_step = map->n_is_narrow ? 0 : n_pixel;
    const size_t n_from = map->n_is_narrow ? c * LANES : from;
    const bool is_masked = parts.gate != WS_LANES_GATE_OPEN, is_norm = parts.kind == NORM_SUMS;
    const size_t x_ahead = map->x.ahead, q_ahead = is_norm ? map->q.ahead : 0;
    const vec factor = vec_splat(map->factor);

    BLOCK_LANES(lane)
    {
        const vec live = parts.has_dead ? vec_repeat(map->live + lane) : vec_zero();
        const size_t place = first * LANES + (size_t)lane;
        channel_vecs v;

        load_channels(map, parts, first, n_vecs, n, sums + place,
                      parts.kind != SUM_ROWS ? second + place : NULL, &v);
        for (size_t r = 0; r < map->n_rows; r++) {
            pixel_rows at = {.x = map->x.at + r * map->x.pitch + from + lane};
            if (parts.has_n)
                at.n = map->n.at + r * map->n.pitch + n_from + lane;
            if (is_masked)
                at.m = map->m.at + r * map->m.pitch + from + lane;
            if (is_norm)
                at.q = map->q.at + r * map->q.pitch + from + lane;
            for (size_t j = 0; j < n_w; j++) {
                sum_pixel(parts, n_vecs, n, live, factor, at, x_ahead, q_ahead, &v);
                at.x += n_pixel;
                at.n += parts.has_n ? n_step : 0;
                at.m += is_masked ? n_pixel : 0;
                at.q += is_norm ? n_pixel : 0;
            }
        }
        UNROLL
        for (int i = 0; i < n_vecs; i++) {
            vec_store_channels(sums + place + i * GROUP, v.sums[i], n);
            if (parts.kind != SUM_ROWS)
                vec_store_channels(second + place + i * GROUP, v.second[i], n);
        }
    }
}

INLINE void sum_bands(const ws_lanes_map *map, sums_parts parts, float *sums, float *second)
{
    for (size_t band = 0; band < map->n_bands; band++) {
        const bool is_many = parts.gate != WS_LANES_GATE_MASK_NORM;
        size_t c = 0;
        for (; c + MANY * VEC_CHANNELS <= map->c && is_many; c += MANY * VEC_CHANNELS)
            sum_channels(map, parts, band, c, MANY, VEC_CHANNELS, sums, second);
        for (; c + FEW * VEC_CHANNELS <= map->c; c += FEW * VEC_CHANNELS)
            sum_channels(map, parts, band, c, FEW, VEC_CHANNELS, sums, second);
        for (; c + VEC_CHANNELS <= map->c; c += VEC_CHANNELS)
            sum_channels(map, parts, band, c, 1, VEC_CHANNELS, sums, second);
        if (VEC_CHANNELS > 1 && c < map->c)
            sum_channels(map, parts, band, c, 1, map->c - c, sums, second);
    }
}

static void sum_rows(const ws_lanes_map *map, float *sums)
{
    sum_bands(map, (sums_parts){.kind = SUM_ROWS}, sums, NULL);
}

static void moments(const ws_lanes_map *map, float *sums, float *squares)
{
    if (map->live != NULL)
        sum_bands(map, (sums_parts){.kind = MOMENTS, .has_dead = true}, sums, squares);
    else
        sum_bands(map, (sums_parts){.kind = MOMENTS}, sums, squares);
}

INLINE void norm_sums_with(const ws_lanes_map *map, bool has_n, float *sums, float *products)
{
    const sums_parts parts = {.kind = NORM_SUMS, .has_n = has_n};

    if (map->gate == WS_LANES_GATE_MASK)
        sum_bands(map, (sums_parts){NORM_SUMS, has_n, WS_LANES_GATE_MASK, false}, sums, products);
    else if (map->gate == WS_LANES_GATE_MASK_NORM)
        sum_bands(map, (sums_parts){NORM_SUMS, has_n, WS_LANES_GATE_MASK_NORM, false}, sums,
                  products);
    else
        sum_bands(map, parts, sums, products);
}

static void norm_sums(const ws_lanes_map *map, float *sums, float *products)
{
    if (map->n.at != NULL)
        norm_sums_with(map, true, sums, products);
    else
        norm_sums_with(map, false, sums, products);
}

#endif
