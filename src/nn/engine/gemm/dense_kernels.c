/* The kernels of dense_kernels.h, compiled once per instruction set. */
#include "nn/engine/gemm/dense_kernels.h"

#include <stdint.h>
#include <string.h>

#include "nn/engine/common/panel.h"

_Static_assert((int)PANEL_LANES == (int)WS_DENSE_PANEL, "a panel is one of panel.h");

enum {
    N_VECS = WS_DENSE_LANES / VEC_SIZE,
    ROWS = VEC_SIZE / 2, /* of sums in registers: 8 vectors */
    AHEAD = 64,          /* floats of x that are fetched before they are needed: 4 cache lines */
    OUTPUTS =
        VEC_SIZE == 16 ? 12 : 6, /* of the way back at a time: two vectors each in registers */
    FAR = 1 << 20,               /* floats of dx that no cache will keep */
};

/** Two factors of a small product: rows of numbers that are broadcast, a [., n_k], and rows of
 *  lanes, b [n_k, 16]. */
typedef struct factors {
    const float *a;
    size_t a_row; /* floats from one row of a to the next */
    const float *b;
    size_t n_k;
} factors;

/** sums [n_rows] = a b, to which what is at `to` is added if `add`. */
INLINE void multiply(const factors *f, int n_rows, bool add, float *to, size_t to_row)
{
    vec sums[ROWS][N_VECS];

    UNROLL
    for (int r = 0; r < n_rows; r++)
        VEC_LANES (lane)
            sums[r][lane / VEC_SIZE] = add ? vec_load(to + (size_t)r * to_row + lane) : vec_zero();
    for (size_t k = 0; k < f->n_k; k++) {
        for (int r = 0; k % WS_DENSE_LANES == 0 && r < n_rows; r++) /* a line of the next chunk */
            __builtin_prefetch(f->a + (size_t)r * f->a_row + k + WS_DENSE_CHUNK, 0, 2);
        VEC_LANES (lane) {
            const vec b = vec_load(f->b + k * WS_DENSE_LANES + lane);
            UNROLL
            for (int r = 0; r < n_rows; r++)
                sums[r][lane / VEC_SIZE] += f->a[(size_t)r * f->a_row + k] * b;
        }
    }
    UNROLL
    for (int r = 0; r < n_rows; r++)
        VEC_LANES (lane)
            vec_store(to + (size_t)r * to_row + lane, sums[r][lane / VEC_SIZE]);
}

/** The same for any number of rows. */
INLINE void multiply_rows(const factors *all, size_t n_rows, bool add, float *to, size_t to_row)
{
    factors f = *all;
    size_t row = 0;

    for (; row + ROWS <= n_rows; row += ROWS, f.a += ROWS * f.a_row, to += ROWS * to_row)
        multiply(&f, ROWS, add, to, to_row);
    for (; row < n_rows; row++, f.a += f.a_row, to += to_row)
        multiply(&f, 1, add, to, to_row);
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** Rows `rows` of w, outputs first .. first + 15 as lanes: work [rows, 16], zeros behind the last
 *  output. */
static void lay_out(const ws_dense_product *product, ws_range rows, size_t first)
{
    const size_t n_lanes = min_size(product->n_out - first, WS_DENSE_LANES);
    float *to = product->work;

    for (size_t k = rows.begin; k < rows.end; k++, to += WS_DENSE_LANES) {
        const float *from = product->w + k * product->n_out + first;
        for (size_t lane = 0; lane < WS_DENSE_LANES; lane++)
            to[lane] = lane < n_lanes ? from[lane] : 0.0f;
    }
}

static void forward_narrow(const ws_dense_product *product, ws_range part, float *sums)
{
    const size_t stride = ws_dense_out_stride(product->n_out);

    for (size_t begin = part.begin; begin < part.end; begin += WS_DENSE_CHUNK) {
        const ws_range chunk = {begin, min_size(begin + WS_DENSE_CHUNK, part.end)};
        for (size_t first = 0; first < product->n_out; first += WS_DENSE_LANES) {
            const factors f = {.a = product->x + begin,
                               .a_row = product->n_in,
                               .b = product->work,
                               .n_k = chunk.end - chunk.begin};
            lay_out(product, chunk, first);
            if (begin == part.begin)
                multiply_rows(&f, product->n, false, sums + first, stride);
            else
                multiply_rows(&f, product->n, true, sums + first, stride);
        }
    }
}

/** Of the way back: a vector of inputs, some outputs, all samples. */
typedef struct back_tile {
    const ws_dense_product *product;
    size_t row, first; /* its first input and output */
    const float *dy;   /* [n, dy_row], from the first output on */
    size_t dy_row;
    vec w[OUTPUTS];   /* its weights, zeros after the last output */
    float *dx;        /* of the first sample, or NULL */
    bool add, stream; /* dx to what is there; around the caches */
} back_tile;

/** Sums of shards that wait for those to their right, one a level (shards.h). */
typedef struct back_nodes {
    vec levels[WS_MAX_SHARD_LEVELS + 1][OUTPUTS];
} back_nodes;

/** One shard: its dw [n_outputs], and dx of its samples. */
INLINE void run_shard(const back_tile *tile, bool wants_dx, int n_outputs, size_t begin, size_t end,
                      vec dw[OUTPUTS])
{
    const size_t n_in = tile->product->n_in;
    const float *x = tile->product->x + begin * n_in + tile->row;
    const float *dy = tile->dy + begin * tile->dy_row;
    float *dx = wants_dx ? tile->dx + begin * n_in : NULL;

    UNROLL
    for (int o = 0; o < n_outputs; o++)
        dw[o] = vec_zero();
    for (size_t i = begin; i < end; i++, x += n_in, dy += tile->dy_row) {
        const vec inputs = vec_load(x);
        vec sum = wants_dx && tile->add ? vec_load(dx) : vec_zero();
        __builtin_prefetch(x + AHEAD, 0, 2);
        UNROLL
        for (int o = 0; o < n_outputs; o++) {
            vec gradient = vec_zero() + dy[o];
            vec_pin(&gradient); /* loaded once for both */
            dw[o] += inputs * gradient;
            if (wants_dx)
                sum += gradient * tile->w[o];
        }
        if (!wants_dx)
            continue;
        if (tile->stream)
            vec_stream(dx, sum);
        else
            vec_store(dx, sum);
        dx += n_in;
    }
}

/** The gradient of the tile's weights, as a tree of shards. */
INLINE void run_tile(const back_tile *shared, bool wants_dx, int n_outputs, vec dw[OUTPUTS])
{
    const back_tile own = *shared, *tile = &own; /* which no store can change: it is in registers */
    const ws_shards *shards = tile->product->shards;
    back_nodes nodes;

    for (size_t i = 0; i < shards->n; i++) {
        size_t level = 0;
        run_shard(tile, wants_dx, n_outputs, shards->bounds[i], shards->bounds[i + 1], dw);
        for (; i >> level & 1; level++) {
            UNROLL
            for (int o = 0; o < n_outputs; o++)
                dw[o] += nodes.levels[level][o];
        }
        UNROLL
        for (int o = 0; o < n_outputs; o++)
            nodes.levels[level][o] = dw[o];
    }
}

INLINE void run_outputs(const back_tile *tile, int n_outputs, vec dw[OUTPUTS])
{
    if (tile->dx != NULL)
        run_tile(tile, true, n_outputs, dw);
    else
        run_tile(tile, false, n_outputs, dw);
}

/** As many outputs as a row of dy has left. Beyond it lie other numbers, which may be NaN. */
static void run_left(const back_tile *tile, vec dw[OUTPUTS])
{
    const size_t left = tile->dy_row - tile->first;

    if (left >= OUTPUTS)
        run_outputs(tile, OUTPUTS, dw);
    else if (left >= 8)
        run_outputs(tile, OUTPUTS < 8 ? OUTPUTS : 8, dw);
    else if (left >= 4)
        run_outputs(tile, 4, dw);
    else
        run_outputs(tile, 2, dw);
}

/** The next outputs of a vector of inputs. */
static void backward_tile(back_tile *tile, float *dw)
{
    const size_t n_out = tile->product->n_out, n_own = min_size(n_out - tile->first, OUTPUTS);
    const float *w = tile->product->w + tile->row * n_out + tile->first;
    float lanes[OUTPUTS][VEC_SIZE] = {{0}};
    vec sums[OUTPUTS] = {0};

    for (size_t k = 0; k < VEC_SIZE; k++)
        for (size_t o = 0; o < n_own; o++)
            lanes[o][k] = w[k * n_out + o];
    for (size_t o = 0; o < OUTPUTS; o++)
        tile->w[o] = vec_load(lanes[o]);
    run_left(tile, sums);
    for (size_t o = 0; o < OUTPUTS; o++)
        vec_store(lanes[o], sums[o]);
    for (size_t k = 0; k < VEC_SIZE; k++)
        for (size_t o = 0; o < n_own; o++)
            dw[(tile->row + k) * n_out + tile->first + o] = lanes[o][k];
}

/** The gradient of one weight: the samples of some shards. */
static float sum_weight(const ws_dense_product *product, const float *x, const float *dy,
                        const size_t *bounds, size_t n_shards)
{
    const size_t half = n_shards / 2, stride = ws_dense_out_stride(product->n_out);
    float sum = 0.0f;

    if (half > 0)
        return sum_weight(product, x, dy, bounds, half) +
               sum_weight(product, x, dy, bounds + half, half);
    for (size_t i = bounds[0]; i < bounds[1]; i++)
        sum += x[i * product->n_in] * dy[i * stride];
    return sum;
}

/** All gradients of rows that fill no vector. */
static void backward_rest(const ws_dense_product *product, ws_range rows, const float *dy,
                          float *dw, float *dx)
{
    const ws_shards *shards = product->shards;
    const size_t n_out = product->n_out, stride = ws_dense_out_stride(n_out);

    for (size_t k = rows.begin; k < rows.end; k++)
        for (size_t o = 0; o < n_out; o++)
            dw[k * n_out + o] =
                sum_weight(product, product->x + k, dy + o, shards->bounds, shards->n);
    for (size_t n = 0; dx != NULL && n < product->n; n++) {
        for (size_t k = rows.begin; k < rows.end; k++) {
            float sum = 0.0f;
            for (size_t o = 0; o < n_out; o++)
                sum += dy[n * stride + o] * product->w[k * n_out + o];
            dx[n * product->n_in + k] = sum;
        }
    }
}

/** Whether dx is so large that it is read from memory later, and its vectors are whole lines. */
static bool is_far(const ws_dense_product *product, const float *dx)
{
    return VEC_SIZE == 16 && product->n * product->n_in >= FAR && product->n_in % VEC_SIZE == 0 &&
           (uintptr_t)dx % (VEC_SIZE * sizeof *dx) == 0;
}

static void backward_narrow(const ws_dense_product *product, ws_range part, const float *dy,
                            float *dw, float *dx)
{
    const size_t n_out = product->n_out;
    size_t row = part.begin;

    for (; row + VEC_SIZE <= part.end; row += VEC_SIZE) {
        const bool far = dx != NULL && is_far(product, dx + row);
        for (size_t first = 0; first < n_out; first += OUTPUTS) {
            back_tile tile = {.product = product,
                              .row = row,
                              .first = first,
                              .dy = dy + first,
                              .dy_row = ws_dense_out_stride(n_out),
                              .dx = dx != NULL ? dx + row : NULL,
                              .add = first > 0,
                              .stream = far && first + OUTPUTS >= n_out};
            backward_tile(&tile, dw);
        }
    }
    vec_stream_finish();
    backward_rest(product, (ws_range){row, part.end}, dy, dw, dx);
}

/* ---- many outputs ---- */

/** `n` of a row's numbers to a row of a panel, zeros after the last. */
INLINE void fill_row(const float *from, size_t step, size_t n, float *to)
{
    for (size_t lane = 0; lane < n; lane++)
        to[lane] = from[lane * step];
    for (size_t lane = n; lane < PANEL_LANES; lane++)
        to[lane] = 0.0f;
}

static void forward_wide(const ws_dense_product *product, ws_range part, float *sums)
{
    const size_t n_out = product->n_out, stride = ws_dense_out_stride(n_out);

    for (size_t begin = part.begin; begin < part.end; begin += WS_DENSE_CHUNK) {
        const size_t n_k = min_size(WS_DENSE_CHUNK, part.end - begin);
        for (size_t first = 0; first < n_out; first += PANEL_LANES) {
            const panel_product p = {.a = product->x + begin,
                                     .a_row = product->n_in,
                                     .a_k = 1,
                                     .panel = product->work,
                                     .n_k = n_k,
                                     .out = sums + first,
                                     .out_row = stride};
            for (size_t k = 0; k < n_k; k++)
                fill_row(product->w + (begin + k) * n_out + first, 1,
                         min_size(PANEL_LANES, n_out - first), product->work + k * PANEL_LANES);
            panel_multiply(p, product->n, begin > part.begin);
        }
    }
}

/** sums [n_rows, PANEL_LANES] of a product over the samples of some shards (shards.h).
 *  @param sums  [1 + levels of inner nodes, WS_DENSE_TILE_ROWS, PANEL_LANES]; the first one is the
 *               result */
static void sum_shards(const panel_product *all, const size_t *bounds, size_t n_shards,
                       size_t n_rows, float *sums)
{
    const size_t half = n_shards / 2;
    float *right = sums + WS_DENSE_TILE_ROWS * PANEL_LANES;

    if (half == 0) {
        panel_product p = *all;
        p.a += bounds[0] * p.a_k;
        p.panel += bounds[0] * PANEL_LANES;
        p.n_k = bounds[1] - bounds[0];
        p.out = sums;
        panel_multiply(p, n_rows, false);
        return;
    }
    sum_shards(all, bounds, half, n_rows, sums);
    sum_shards(all, bounds + half, half, n_rows, right);
    for (size_t at = 0; at < n_rows * PANEL_LANES; at += VEC_SIZE)
        vec_store(sums + at, vec_load(sums + at) + vec_load(right + at));
}

/** dw[part, :] = x[:, part]^T dy of a panel of outputs. */
static void weights_gradient_wide(const ws_dense_product *product, ws_range part, size_t first,
                                  const float *dy, float *dw)
{
    const size_t n_out = product->n_out, stride = ws_dense_out_stride(n_out);
    const size_t n_lanes = min_size(PANEL_LANES, n_out - first);
    float *panel = product->work, *sums = panel + product->n * PANEL_LANES;

    for (size_t i = 0; i < product->n; i++)
        memcpy(panel + i * PANEL_LANES, dy + i * stride + first, PANEL_LANES * sizeof *panel);
    for (size_t row = part.begin; row < part.end; row += WS_DENSE_TILE_ROWS) {
        const size_t n_rows = min_size(WS_DENSE_TILE_ROWS, part.end - row);
        const panel_product p = {.a = product->x + row,
                                 .a_row = 1,
                                 .a_k = product->n_in,
                                 .panel = panel,
                                 .out_row = PANEL_LANES};
        sum_shards(&p, product->shards->bounds, product->shards->n, n_rows, sums);
        for (size_t k = 0; k < n_rows; k++)
            memcpy(dw + (row + k) * n_out + first, sums + k * PANEL_LANES, n_lanes * sizeof *dw);
    }
}

/** dx[:, rows] = dy w[rows, :]^T of at most PANEL_LANES rows: they are the lanes here. */
static void input_gradient_wide(const ws_dense_product *product, ws_range rows, const float *dy,
                                float *dx)
{
    const size_t n_out = product->n_out, n_lanes = rows.end - rows.begin;
    const bool is_whole = n_lanes == PANEL_LANES;
    float *panel = product->work, *part = panel + n_out * PANEL_LANES;
    const panel_product p = {.a = dy,
                             .a_row = ws_dense_out_stride(n_out),
                             .a_k = 1,
                             .panel = panel,
                             .n_k = n_out,
                             .out = is_whole ? dx + rows.begin : part,
                             .out_row = is_whole ? product->n_in : PANEL_LANES};

    for (size_t o = 0; o < n_out; o++)
        fill_row(product->w + rows.begin * n_out + o, n_out, n_lanes, panel + o * PANEL_LANES);
    panel_multiply(p, product->n, false);
    for (size_t i = 0; !is_whole && i < product->n; i++)
        memcpy(dx + i * product->n_in + rows.begin, part + i * PANEL_LANES, n_lanes * sizeof *dx);
}

static void backward_wide(const ws_dense_product *product, ws_range part, const float *dy,
                          float *dw, float *dx)
{
    for (size_t first = 0; first < product->n_out; first += PANEL_LANES)
        weights_gradient_wide(product, part, first, dy, dw);
    for (size_t row = part.begin; dx != NULL && row < part.end; row += PANEL_LANES)
        input_gradient_wide(product, (ws_range){row, min_size(row + PANEL_LANES, part.end)}, dy,
                            dx);
}

static void forward(const ws_dense_product *product, ws_range part, float *sums)
{
    if (ws_dense_is_wide(product->n_out))
        forward_wide(product, part, sums);
    else
        forward_narrow(product, part, sums);
}

static void backward(const ws_dense_product *product, ws_range part, const float *dy, float *dw,
                     float *dx)
{
    if (ws_dense_is_wide(product->n_out))
        backward_wide(product, part, dy, dw, dx);
    else
        backward_narrow(product, part, dy, dw, dx);
}

const ws_dense_kernels LEVEL_NAME(ws_dense_kernels) = {.forward = forward, .backward = backward};
