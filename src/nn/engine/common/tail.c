#include "nn/engine/common/tail.h"

#include <math.h>
#include <string.h>

#include "nn/engine/common/pool_place.h"

size_t ws_tail_n_words(const ws_stage *stage)
{
    return stage->dropout_node > 0 ? ws_dropout_n_words(ws_shape_size(stage->middle)) : 0;
}

ws_tail ws_tail_make(const ws_stage *stage, const ws_dropout *dropout, size_t row, uint32_t *keep)
{
    ws_tail tail = {.stage = stage, .scale = 1.0f};

    if (stage->dropout_node == 0 || dropout == NULL || dropout->rate <= 0.0)
        return tail;
    ws_dropout_draw(dropout, (ws_dropout_address){row, stage->dropout_node}, 0,
                    ws_shape_size(stage->middle), keep);
    tail.keep = keep;
    tail.scale = (float)(1.0 / (1.0 - dropout->rate));
    return tail;
}

static bool is_kept(const uint32_t *keep, size_t e)
{
    return keep[e / 32] >> (e % 32) & 1;
}

/** Dropout of 32 elements at z by a word of the mask. */
static void drop_word(uint32_t word, float scale, float *z)
{
    /* a table, for not every machine shifts each lane by its own count */
    static const uint32_t bits[32] = {
        1u << 0,  1u << 1,  1u << 2,  1u << 3,  1u << 4,  1u << 5,  1u << 6,  1u << 7,
        1u << 8,  1u << 9,  1u << 10, 1u << 11, 1u << 12, 1u << 13, 1u << 14, 1u << 15,
        1u << 16, 1u << 17, 1u << 18, 1u << 19, 1u << 20, 1u << 21, 1u << 22, 1u << 23,
        1u << 24, 1u << 25, 1u << 26, 1u << 27, 1u << 28, 1u << 29, 1u << 30, 1u << 31,
    };
    for (size_t i = 0; i < 32; i++) {
        const float factor = (word & bits[i]) != 0 ? scale : 0.0f;
        z[i] *= factor; /* unconditional, so that it vectorises */
    }
}

/** Dropout of elements first .. first + n, which lie at z. */
static void drop(const ws_tail *tail, size_t first, size_t n, float *z)
{
    const float scale = tail->scale; /* in a register: z could alias it */
    const size_t end = first + n;
    size_t e = first;

    for (; e < end && e % 32 != 0; e++, z++)
        *z = is_kept(tail->keep, e) ? *z * scale : 0.0f;
    for (; e + 32 <= end; e += 32, z += 32)
        drop_word(tail->keep[e / 32], scale, z);
    for (; e < end; e++, z++)
        *z = is_kept(tail->keep, e) ? *z * scale : 0.0f;
}

void ws_tail_forward(const ws_tail *tail, size_t first, size_t n, float *z)
{
    if (tail->stage->has_relu) {
        for (size_t i = 0; i < n; i++)
            z[i] = z[i] < 0.0f ? 0.0f : z[i]; /* not a number stays so */
    }
    if (tail->keep != NULL)
        drop(tail, first, n, z);
}

enum { MAX_RUN = 64 }; /* channels pooled side by side */

/** The n channels of one place: z is the image's element (row, column) that the place begins at.
 *  n is at most MAX_RUN, and not a constant: the compiler would unroll the loops instead of
 *  vectorising them. */
static void pool_run(const ws_stage *stage, const float *z, const pool_place *place, size_t n,
                     float *out, uint32_t *winners)
{
    const size_t line = stage->middle.w * stage->middle.c;

    for (size_t c = 0; c < n; c++) {
        out[c] = -INFINITY;
        winners[c] = 0;
    }
    for (size_t u = place->u.begin; u < place->u.end; u++) {
        for (size_t v = place->v.begin; v < place->v.end; v++) {
            const uint32_t here = (uint32_t)(u * stage->pool.w + v);
            const float *from =
                z + (u - place->u.begin) * line + (v - place->v.begin) * stage->middle.c;
            for (size_t c = 0; c < n; c++) {
                const bool wins = from[c] > out[c] || isnan(from[c]);
                out[c] = wins ? from[c] : out[c];
                winners[c] = wins ? here : winners[c];
            }
        }
    }
}

void ws_tail_pool(const ws_stage *stage, const float *z, size_t z_begin, ws_range y, float *out,
                  uint8_t *winners)
{
    const ws_shape middle = stage->middle;
    uint32_t wide[MAX_RUN]; /* winners as wide as a float, so that both are selected alike */

    for (size_t i = y.begin * stage->out.w; i < y.end * stage->out.w; i++) {
        const pool_place place =
            pool_place_find(&stage->pool, middle, i / stage->out.w, i % stage->out.w);
        const size_t at = ((place.row - z_begin) * middle.w + place.column) * middle.c;
        for (size_t c = 0; c < middle.c; c += MAX_RUN) {
            const size_t n = middle.c - c < MAX_RUN ? middle.c - c : MAX_RUN;
            const size_t to = i * middle.c + c;
            pool_run(stage, z + at + c, &place, n, out + to, wide);
            for (size_t k = 0; k < n; k++)
                winners[to + k] = (uint8_t)wide[k];
        }
    }
}

/** Gives the gradients of n channels to the winners; dz is the image's element that the place
 *  begins at. */
static void unpool_run(const ws_stage *stage, const pool_place *place, size_t n, const float *dy,
                       const uint32_t *winners, float *dz)
{
    const size_t line = stage->middle.w * stage->middle.c;

    for (size_t u = place->u.begin; u < place->u.end; u++) {
        for (size_t v = place->v.begin; v < place->v.end; v++) {
            const uint32_t here = (uint32_t)(u * stage->pool.w + v);
            float *to = dz + (u - place->u.begin) * line + (v - place->v.begin) * stage->middle.c;
            for (size_t c = 0; c < n; c++) {
                const float gradient = dy[c];
                to[c] += winners[c] == here ? gradient : 0.0f;
            }
        }
    }
}

/** Outputs above it have a gradient. */
static float least_alive(const ws_stage *stage)
{
    return stage->has_relu ? 0.0f : -INFINITY;
}

/** Gives each gradient to the winner of its window; dead winners get none. */
static void unpool(const ws_stage *stage, const float *y, const float *dy, const uint8_t *winners,
                   float *dz)
{
    const ws_shape middle = stage->middle;
    const float least = least_alive(stage);
    uint32_t wide[MAX_RUN];
    float alive[MAX_RUN];

    memset(dz, 0, ws_shape_size(middle) * sizeof *dz);
    for (size_t i = 0; i < stage->out.h * stage->out.w; i++) {
        const pool_place place =
            pool_place_find(&stage->pool, middle, i / stage->out.w, i % stage->out.w);
        const size_t at = (place.row * middle.w + place.column) * middle.c;
        for (size_t c = 0; c < middle.c; c += MAX_RUN) {
            const size_t n = middle.c - c < MAX_RUN ? middle.c - c : MAX_RUN;
            const size_t from = i * middle.c + c;
            for (size_t k = 0; k < n; k++) {
                const float gradient = dy[from + k];
                alive[k] = y[from + k] > least ? gradient : 0.0f;
                wide[k] = winners[from + k];
            }
            unpool_run(stage, &place, n, alive, wide, dz + at + c);
        }
    }
}

/** Dropout on the way back, in place. */
static void drop_back(const ws_tail *tail, size_t first, size_t n, float *dz)
{
    if (tail->keep == NULL)
        return;
    if (tail->stage->has_relu) { /* the dropped ones are dead already */
        const float scale = tail->scale;
        for (size_t i = 0; i < n; i++)
            dz[i] *= scale;
    } else {
        drop(tail, first, n, dz);
    }
}

void ws_tail_backward_part(const ws_tail *tail, size_t first, size_t n, const float *y,
                           const float *dy, float *dz)
{
    const float least = least_alive(tail->stage);

    for (size_t i = 0; i < n; i++) {
        const float gradient = dy[i];
        dz[i] = y[i] > least ? gradient : 0.0f;
    }
    drop_back(tail, first, n, dz);
}

void ws_tail_backward(const ws_tail *tail, const float *y, const float *dy, const uint8_t *winners,
                      float *dz)
{
    const size_t size = ws_shape_size(tail->stage->middle);

    if (!tail->stage->has_pool) {
        ws_tail_backward_part(tail, 0, size, y, dy, dz);
        return;
    }
    unpool(tail->stage, y, dy, winners, dz);
    drop_back(tail, 0, size, dz);
}
