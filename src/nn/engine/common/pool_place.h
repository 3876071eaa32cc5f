/** Private: which elements of an image a pooling window sees. */
#ifndef WS_NN_ENGINE_COMMON_POOL_PLACE_H
#define WS_NN_ENGINE_COMMON_POOL_PLACE_H

#include "nn/engine/engine.h"
#include "nn/plan.h"

/** The window of one output place, cut to what lies inside the image. */
typedef struct pool_place {
    ws_range u, v;      /* rows and columns of the window */
    size_t row, column; /* of the image under (u.begin, v.begin) */
} pool_place;

/** The part inside an image of `image` of a window of `size` that begins at `at` - `before`. */
static inline ws_range pool_place_clip(size_t at, size_t before, size_t size, size_t image)
{
    const size_t begin = at < before ? before - at : 0;
    const size_t reach = before + image - at;
    return (ws_range){begin, size < reach ? size : reach};
}

/** @param image  what is pooled */
static inline pool_place pool_place_find(const ws_window *pool, ws_shape image, size_t i, size_t j)
{
    const size_t at_h = i * pool->stride_h, at_w = j * pool->stride_w;
    pool_place place = {
        .u = pool_place_clip(at_h, pool->zeros.before_h, pool->h, image.h),
        .v = pool_place_clip(at_w, pool->zeros.before_w, pool->w, image.w),
    };
    place.row = at_h + place.u.begin - pool->zeros.before_h;
    place.column = at_w + place.v.begin - pool->zeros.before_w;
    return place;
}

#endif
