/** Private to maps.c: the largest of some pixels. */
#ifndef WS_NN_ENGINE_LANES_MAX_VEC_H
#define WS_NN_ENGINE_LANES_MAX_VEC_H

#include "nn/engine/lanes/lane_vec.h"

/** `yes` where x is above the best so far or NaN, else `no`. */
INLINE vec vec_if_wins(vec x, vec best, vec yes, vec no)
{
    return vec_select(vec_not_at_most(x, x), yes, vec_select(vec_less(best, x), yes, no));
}

/** n_c channels from c on, that vectors hold together. */
INLINE void max_channels(const float *const *x, size_t n, size_t c, size_t n_c, float *y)
{
    BLOCK_LANES(lane)
    {
        const size_t at = c * LANES + (size_t)lane;
        vec best = vec_load_channels(x[0] + at, n_c);
        for (size_t i = 1; i < n; i++) {
            const vec number = vec_load_channels(x[i] + at, n_c);
            best = vec_if_wins(number, best, number, best);
        }
        vec_store_channels(y + at, best, n_c);
    }
}

static void max(const float *const *x, size_t n, size_t n_channels, float *y)
{
    size_t c = 0;

    for (; c + VEC_CHANNELS <= n_channels; c += VEC_CHANNELS)
        max_channels(x, n, c, VEC_CHANNELS, y);
    if (VEC_CHANNELS > 1 && c < n_channels)
        max_channels(x, n, c, n_channels - c, y);
}

/** Finds each lane's winner, then gives it the gradient. */
INLINE void max_back_channels(const float *const *x, size_t n, size_t c, size_t n_c,
                              const float *dy, float *const *dx)
{
    BLOCK_LANES(lane)
    {
        const size_t at = c * LANES + (size_t)lane;
        const vec given = vec_load_channels(dy + at, n_c);
        vec best = vec_load_channels(x[0] + at, n_c), winner = vec_zero();
        for (size_t i = 1; i < n; i++) {
            const vec number = vec_load_channels(x[i] + at, n_c);
            winner = vec_if_wins(number, best, vec_splat((float)i), winner);
            best = vec_if_wins(number, best, number, best);
        }
        for (size_t i = 0; i < n; i++) {
            if (dx[i] == NULL)
                continue;
            const vec number = vec_splat((float)i);
            const vec part = vec_select(vec_less(winner, number), vec_zero(), given);
            const vec mine = vec_select(vec_less(number, winner), vec_zero(), part);
            vec_store_channels(dx[i] + at, vec_load_channels(dx[i] + at, n_c) + mine, n_c);
        }
    }
}

static void max_back(const float *const *x, size_t n, size_t n_channels, const float *dy,
                     float *const *dx)
{
    size_t c = 0;

    for (; c + VEC_CHANNELS <= n_channels; c += VEC_CHANNELS)
        max_back_channels(x, n, c, VEC_CHANNELS, dy, dx);
    if (VEC_CHANNELS > 1 && c < n_channels)
        max_back_channels(x, n, c, n_channels - c, dy, dx);
}

#endif
