/** Private to maps.c: numbers that only move. */
#ifndef WS_NN_ENGINE_LANES_MOVES_VEC_H
#define WS_NN_ENGINE_LANES_MOVES_VEC_H

#include "nn/engine/lanes/lane_vec.h"
#include "nn/engine/lanes/maps.h"

static void stream(const float *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i += 16) /* a line of the cache */
        VEC_LANES (lane)
            vec_stream(to + i + lane, vec_load(from + i + lane));
}

static void finish_stream(void)
{
    vec_stream_finish();
}

/** n floats, of whole channels. */
INLINE void copy_floats(const float *from, size_t ahead, size_t n, float *to)
{
    size_t i = 0;

    for (; i + GROUP <= n; i += GROUP)
        BLOCK_LANES(lane)
        {
            if (lane == 0)
                vec_ask(from + i, ahead);
            vec_store(to + i + lane, vec_load(from + i + lane));
        }
    if (VEC_CHANNELS > 1 && i < n)
        vec_store_channels(to + i, vec_load_channels(from + i, (n - i) / LANES), (n - i) / LANES);
}

static void copy(const ws_lanes_map *map)
{
    for (size_t r = 0; r < map->n_rows; r++) {
        const float *x = map->x.at + r * map->x.pitch;
        float *y = map->y + r * map->y_pitch;
        for (size_t j = 0; j < map->w; j++) {
            copy_floats(x, map->x.ahead, map->c * LANES, y);
            x += map->x_channels * LANES;
            y += map->y_channels * LANES;
        }
    }
}

static void pack(const float *samples, size_t n, size_t size, float *lanes)
{
    size_t e = 0;

#if VEC_CHANNELS == 1
    for (; e + VEC_SIZE <= size; e += VEC_SIZE) {
        BLOCK_LANES(lane)
        {
            vec rows[VEC_SIZE];
            UNROLL
            for (int i = 0; i < VEC_SIZE; i++) {
                const size_t sample = (size_t)(lane + i);
                rows[i] = sample < n ? vec_load(samples + sample * size + e) : vec_zero();
            }
            vec_transpose(rows);
            UNROLL
            for (int i = 0; i < VEC_SIZE; i++)
                vec_store(lanes + (e + (size_t)i) * LANES + lane, rows[i]);
        }
    }
#endif
    for (; e < size; e++)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[e * LANES + lane] = lane < n ? samples[lane * size + e] : 0.0f;
}

static void unpack(const float *lanes, size_t n, size_t size, float *samples)
{
    for (size_t e = 0; e < size; e++)
        for (size_t lane = 0; lane < n; lane++)
            samples[lane * size + e] = lanes[e * LANES + lane];
}

#endif
