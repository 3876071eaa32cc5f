/* The kernels of dense_kernels.h, compiled once per instruction set. */
#include "nn/engine/gemm/dense_kernels.h"

#include <string.h>

#include "nn/engine/common/panel.h"

_Static_assert((int)PANEL_LANES == (int)WS_DENSE_PANEL, "a panel is one of panel.h");

enum {
    N_VECS = WS_DENSE_LANES / VEC_SIZE,
    ROWS = VEC_SIZE / 2, /* of sums in registers: 8 vectors */
    AHEAD = 64,          /* floats of x that are fetched before they are needed: 4 cache lines */
};

/** Two factors of a small product: rows of numbers that are broadcast, a [., k], and rows of
 *  lanes, b [k, 16]. */
typedef struct factors {
    const float *a;
    size_t a_row, a_k; /* floats from one row of a, and from one k, to the next */
    const float *b;
    size_t b_k;
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
        VEC_LANES (lane) {
            const vec b = vec_load(f->b + k * f->b_k + lane);
            UNROLL
            for (int r = 0; r < n_rows; r++)
                sums[r][lane / VEC_SIZE] += f->a[(size_t)r * f->a_row + k * f->a_k] * b;
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
                               .a_k = 1,
                               .b = product->work,
                               .b_k = WS_DENSE_LANES,
                               .n_k = chunk.end - chunk.begin};
            lay_out(product, chunk, first);
            if (begin == part.begin)
                multiply_rows(&f, product->n, false, sums + first, stride);
            else
                multiply_rows(&f, product->n, true, sums + first, stride);
        }
    }
}

enum { TILE = WS_DENSE_LANES * WS_DENSE_LANES };

/** sums [n_rows, 16] = a b, where k goes over the samples of some shards (shards.h).
 *  @param sums  [1 + levels of inner nodes, TILE]; the first one is the result */
static void multiply_shards(const factors *all, const size_t *bounds, size_t n_shards,
                            size_t n_rows, float *sums)
{
    const size_t half = n_shards / 2;

    if (half == 0) {
        factors f = *all;
        f.a += bounds[0] * f.a_k;
        f.b += bounds[0] * f.b_k;
        f.n_k = bounds[1] - bounds[0];
        multiply_rows(&f, n_rows, false, sums, WS_DENSE_LANES);
        return;
    }
    multiply_shards(all, bounds, half, n_rows, sums);
    multiply_shards(all, bounds + half, half, n_rows, sums + TILE);
    for (size_t i = 0; i < n_rows * WS_DENSE_LANES; i++)
        sums[i] += sums[TILE + i];
}

/** dw[rows, :] = x[:, rows]^T dy of at most 16 rows. */
static void weights_gradient(const ws_dense_product *product, ws_range rows, const float *dy,
                             float *dw)
{
    const size_t stride = ws_dense_out_stride(product->n_out);
    float sums[(1 + WS_MAX_SHARD_LEVELS) * TILE];

    for (size_t n = 0; n < product->n; n++)
        __builtin_prefetch(product->x + n * product->n_in + rows.begin + AHEAD);
    for (size_t first = 0; first < product->n_out; first += WS_DENSE_LANES) {
        const size_t n_lanes = min_size(product->n_out - first, WS_DENSE_LANES);
        const factors f = {.a = product->x + rows.begin,
                           .a_row = 1,
                           .a_k = product->n_in,
                           .b = dy + first,
                           .b_k = stride};
        multiply_shards(&f, product->shards->bounds, product->shards->n, rows.end - rows.begin,
                        sums);
        for (size_t k = rows.begin; k < rows.end; k++)
            for (size_t lane = 0; lane < n_lanes; lane++)
                dw[k * product->n_out + first + lane] =
                    sums[(k - rows.begin) * WS_DENSE_LANES + lane];
    }
}

/** dx[:, rows] = dy w[rows, :]^T of 16 rows: they are the lanes here, work is [n_out, 16]. */
static void input_gradient(const ws_dense_product *product, size_t row, const float *dy, float *dx)
{
    const size_t n_out = product->n_out;
    const factors f = {.a = dy,
                       .a_row = ws_dense_out_stride(n_out),
                       .a_k = 1,
                       .b = product->work,
                       .b_k = WS_DENSE_LANES,
                       .n_k = n_out};

    for (size_t k = 0; k < WS_DENSE_LANES; k++)
        for (size_t o = 0; o < n_out; o++)
            product->work[o * WS_DENSE_LANES + k] = product->w[(row + k) * n_out + o];
    multiply_rows(&f, product->n, false, dx + row, product->n_in);
}

/** The same of less than 16 rows. */
static void input_gradient_rest(const ws_dense_product *product, ws_range rows, const float *dy,
                                float *dx)
{
    const size_t stride = ws_dense_out_stride(product->n_out);

    for (size_t n = 0; n < product->n; n++) {
        for (size_t k = rows.begin; k < rows.end; k++) {
            float sum = 0.0f;
            for (size_t o = 0; o < product->n_out; o++)
                sum += dy[n * stride + o] * product->w[k * product->n_out + o];
            dx[n * product->n_in + k] = sum;
        }
    }
}

static void backward_narrow(const ws_dense_product *product, ws_range part, const float *dy,
                            float *dw, float *dx)
{
    for (size_t row = part.begin; row < part.end; row += WS_DENSE_LANES) {
        const ws_range rows = {row, min_size(row + WS_DENSE_LANES, part.end)};
        weights_gradient(product, rows, dy, dw);
        if (dx != NULL && rows.end - rows.begin == WS_DENSE_LANES)
            input_gradient(product, row, dy, dx);
        else if (dx != NULL)
            input_gradient_rest(product, rows, dy, dx);
    }
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
