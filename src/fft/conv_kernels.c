/* The kernels of conv_fft.h, compiled once per instruction set: WS_LEVEL is the name of this one.
 */
#include <stdbool.h>

#include "fft/conv_passes.h"
#include "fft/conv_work.h"

/** Where the frequencies of a row go in the grid. With a x b = n_w points and frequency (k1, k2):
 *  column 0 holds DC and Nyquist; then follow k1 = 0 and, if a is even, k1 = a/2, whose k2 beyond
 *  (b-1)/2 are conjugates of others; then k1 = 1 .. (a-1)/2 with all k2. */
static conv_half row_block(const ws_conv_fft *fft, float *row, int k1)
{
    const int n_others = (fft->w_factors[1] - 1) / 2;
    if (k1 == 0)
        return (conv_half){row, row + WS_CONV_COMPLEX, row + WS_CONV_LANES};
    return (conv_half){row + WS_CONV_LANES, row + (1 + n_others) * WS_CONV_COMPLEX, NULL};
}

/** The pass over the blocks k1 = 1 .. (a-1)/2, whose numbers are complex. */
static conv_pass row_complex_pass(const ws_conv_fft *fft)
{
    const int a = fft->w_factors[0], b = fft->w_factors[1];
    const conv_strides strides = {.inner = (size_t)b * WS_CONV_COMPLEX, .point = WS_CONV_COMPLEX};
    return (conv_pass){
        .n_outer = 1, .n_inner = (a - 1) / 2, .from = strides, .to = strides, .im = WS_CONV_LANES};
}

/** The first of those blocks in a row of the grid. */
static int row_first_complex(const ws_conv_fft *fft)
{
    const int n_real_blocks = fft->w_factors[0] % 2 == 0 ? 2 : 1;
    return 1 + n_real_blocks * ((fft->w_factors[1] - 1) / 2);
}

static void rows_forward(const ws_conv_fft *fft, const ws_conv_window *window, const float *rows,
                         int first, int n, float *memory)
{
    const int a = fft->w_factors[0], b = fft->w_factors[1];
    const conv_work work = conv_work_divide(fft, memory);
    const conv_row_pass points = {.n = b, .col_of = window->col_of, .half = work.row};
    conv_pass others = row_complex_pass(fft);
    others.in = work.row + b * WS_CONV_COMPLEX;

    for (int i = 0; i < n; i++, rows += window->n_cols * WS_CONV_LANES) {
        float *out = work.grid + conv_grid_offset(fft, first + i);
        conv_passes[a].real_first(&points, rows);
        const conv_half zeroth = row_block(fft, out, 0);
        conv_passes[b].real_second(work.row, &zeroth);
        if (a % 2 == 0) {
            const conv_half middle = row_block(fft, out, a / 2);
            conv_passes[b].real_second(work.row + (ptrdiff_t)(a / 2) * b * WS_CONV_COMPLEX,
                                       &middle);
        }
        others.out = out + row_first_complex(fft) * WS_CONV_COMPLEX;
        conv_passes[b].complex_plain(&others);
    }
}

static void rows_inverse(const ws_conv_fft *fft, const ws_conv_window *window, float *rows,
                         int first, int n, float *memory)
{
    const int a = fft->w_factors[0], b = fft->w_factors[1];
    const conv_work work = conv_work_divide(fft, memory);
    const conv_row_pass points = {
        .n = b, .col_of = window->col_of, .half = work.row, .waste = work.waste};
    conv_pass others = row_complex_pass(fft);
    others.re = WS_CONV_LANES; /* swapped: an inverse */
    others.im = 0;
    others.out = work.row + b * WS_CONV_COMPLEX;

    for (int i = 0; i < n; i++, rows += window->n_cols * WS_CONV_LANES) {
        float *in = work.grid + conv_grid_offset(fft, first + i);
        const conv_half zeroth = row_block(fft, in, 0);
        conv_passes[b].real_second_inverse(&zeroth, work.row);
        if (a % 2 == 0) {
            const conv_half middle = row_block(fft, in, a / 2);
            conv_passes[b].real_second_inverse(&middle,
                                               work.row + (ptrdiff_t)(a / 2) * b * WS_CONV_COMPLEX);
        }
        others.in = in + row_first_complex(fft) * WS_CONV_COMPLEX;
        conv_passes[b].complex_plain(&others);
        conv_passes[a].real_first_inverse(&points, rows);
    }
}

/*
 * The stages of a column of n_h = r1 r2 r3 points, and where its numbers are between them:
 *
 *     grid, by table     -- r1 points n1 for each (n2, n3) -->  column [n2][n3][k1]
 *     column             -- r2 points n2, in place, if any -->  column [k2][n3][k1]
 *     column             -- r3 points n3 for each (k2, k1) -->  spectrum [k2][k1][k3]
 *
 * and inversely
 *
 *     spectrum [k2][k1][k3]  -- r1 points k1 for each (k2, k3) -->  column [k2][k3][n1]
 *     column             -- r2 points k2, in place         -->  column [n2][k3][n1]
 *     column             -- r3 points k3 for each (n2, n1) -->  grid, by table
 */

/** Elements of one complex number each. */
static conv_strides elements(int outer, int inner, int point)
{
    return (conv_strides){(size_t)outer * WS_CONV_COMPLEX, (size_t)inner * WS_CONV_COMPLEX,
                          (size_t)point * WS_CONV_COMPLEX};
}

/** The stage in the middle, in place; re says which way. */
static void column_middle(const int r[3], float *column, int re)
{
    conv_pass pass = {.n_outer = 1,
                      .n_inner = r[0] * r[2],
                      .from = elements(0, 1, r[0] * r[2]),
                      .to = elements(0, 1, r[0] * r[2]),
                      .re = re,
                      .im = (int)WS_CONV_LANES - re};
    pass.in = pass.out = column;
    if (r[1] > 1)
        conv_passes[r[1]].complex_plain(&pass);
}

/** Whether the target's frequencies are scattered over much memory: they are then stored around
 *  the caches, as they will not be read soon and each would push out what is. */
static bool is_far(const ws_conv_target *out)
{
    return out->stride > WS_CONV_COMPLEX;
}

/** A column from near memory to where it belongs, line by line. */
static void stream_column(const float *column, int n, float *out, size_t stride)
{
    for (int p = 0; p < n; p++, column += WS_CONV_COMPLEX, out += stride) {
        VEC_LANES (lane)
            vec_stream(out + lane, vec_load(column + lane));
        VEC_LANES (lane)
            vec_stream(out + WS_CONV_LANES + lane, vec_load(column + WS_CONV_LANES + lane));
    }
}

/** A[k] = (Z[k] + conj Z[-k]) / 2 and B[k] = (Z[k] - conj Z[-k]) / 2i; see conv_fft.h. */
static void separate_column(const ws_conv_fft *fft, const float *packed, const ws_conv_target *out)
{
    int n_extra = 0;
    for (int p = 0; p < fft->n_h; p++) {
        const int q = fft->h_negative[p];
        const float *z = packed + p * WS_CONV_COMPLEX, *mirror = packed + q * WS_CONV_COMPLEX;
        float *a = out->freqs + (size_t)p * out->stride;
        float *b = q == p ? out->extra + (size_t)n_extra++ * out->stride
                          : out->freqs + (size_t)q * out->stride;
        if (q < p) /* done with its mirror */
            continue;
        VEC_LANES (lane) {
            const cvec x = cvec_load(z + lane, z + WS_CONV_LANES + lane);
            const cvec y = cvec_load(mirror + lane, mirror + WS_CONV_LANES + lane);
            vec_store(a + lane, 0.5f * (x.re + y.re));
            vec_store(a + WS_CONV_LANES + lane, 0.5f * (x.im - y.im));
            vec_store(b + lane, 0.5f * (x.im + y.im));
            vec_store(b + WS_CONV_LANES + lane, 0.5f * (y.re - x.re));
        }
    }
}

/** out += conj(factor) column. */
static void add_column(const float *column, int n, float *out, const float *factors)
{
    for (int p = 0; p < n; p++, column += WS_CONV_COMPLEX, out += WS_CONV_COMPLEX, factors += 2)
        VEC_LANES (lane) {
            const cvec value = cvec_load(column + lane, column + WS_CONV_LANES + lane);
            const cvec sum = cvec_add(cvec_load(out + lane, out + WS_CONV_LANES + lane),
                                      conv_times_conjugate(factors, value));
            vec_store(out + lane, sum.re);
            vec_store(out + WS_CONV_LANES + lane, sum.im);
        }
}

/** Column 0 from its packed form to where it belongs. */
static void store_packed(const ws_conv_fft *fft, const conv_work *work, const ws_conv_target *out)
{
    const ws_conv_target near = {.freqs = work->column,
                                 .extra = work->column + fft->n_h * WS_CONV_COMPLEX,
                                 .stride = WS_CONV_COMPLEX};
    if (!is_far(out) && out->factors == NULL) {
        separate_column(fft, work->packed, out);
        return;
    }
    separate_column(fft, work->packed, &near);
    if (out->factors != NULL) {
        add_column(near.freqs, fft->n_h, out->freqs, out->factors);
        add_column(near.extra, fft->n_extra, out->extra,
                   conv_factor(out->factors, out->extra - out->freqs));
        return;
    }
    stream_column(near.freqs, fft->n_h, out->freqs, out->stride);
    stream_column(near.extra, fft->n_extra, out->extra, out->stride);
}

/** The frequency at a place of column 0, times its factor. */
INLINE cvec load_scaled(const ws_conv_source *in, const float *at, int lane)
{
    const cvec value = cvec_load(at + lane, at + WS_CONV_LANES + lane);
    if (in->factors == NULL)
        return value;
    const float *factor = conv_factor(in->factors, at - in->freqs);
    return cvec_rotate(value, factor[0], -factor[1]);
}

/** Z[k] = A[k] + i B[k], and Z[-k] = conj A[k] + i conj B[k]. */
static void pack_column(const ws_conv_fft *fft, const ws_conv_source *in, float *packed)
{
    int n_extra = 0;
    for (int p = 0; p < fft->n_h; p++) {
        const int q = fft->h_negative[p];
        float *z = packed + p * WS_CONV_COMPLEX, *mirror = packed + q * WS_CONV_COMPLEX;
        const float *a = in->freqs + (size_t)p * in->stride;
        const float *b = q == p ? in->extra + (size_t)n_extra++ * in->stride
                                : in->freqs + (size_t)q * in->stride;
        if (in->fetch != NULL) {
            __builtin_prefetch(in->fetch + (size_t)p * in->stride, 0, 2);
            __builtin_prefetch(in->fetch + (size_t)p * in->stride + WS_CONV_LANES, 0, 2);
        }
        if (q < p)
            continue;
        VEC_LANES (lane) {
            const cvec x = load_scaled(in, a, lane), y = load_scaled(in, b, lane);
            vec_store(mirror + lane, x.re + y.im);
            vec_store(mirror + WS_CONV_LANES + lane, y.re - x.im);
            vec_store(z + lane, x.re - y.im); /* after its mirror: they are one where k = -k */
            vec_store(z + WS_CONV_LANES + lane, x.im + y.re);
        }
    }
}

static void column_forward(const ws_conv_fft *fft, const ws_conv_window *window, int index,
                           const ws_conv_target *out, float *memory)
{
    const int *r = fft->h_factors;
    const conv_work work = conv_work_divide(fft, memory);
    const conv_pass first = {.n_outer = 1,
                             .n_inner = r[1] * r[2],
                             .in = work.grid + index * WS_CONV_COMPLEX,
                             .table = window->row_from,
                             .out = work.column,
                             .to = elements(0, r[0], 1),
                             .im = WS_CONV_LANES};
    conv_pass last = {.n_outer = r[1],
                      .n_inner = r[0],
                      .in = work.column,
                      .from = elements(r[0] * r[2], 1, r[0]),
                      .out = work.packed,
                      .to = elements(r[0] * r[2], r[2], 1),
                      .im = WS_CONV_LANES};

    memset(work.grid + conv_grid_offset(fft, fft->n_h) + index * WS_CONV_COMPLEX, 0,
           WS_CONV_COMPLEX * sizeof(float)); /* the row of zeros */
    conv_passes[r[0]].complex_gather(&first);
    column_middle(r, work.column, 0);
    if (index == 0) {
        conv_passes[r[2]].complex_plain(&last);
        store_packed(fft, &work, out);
        return;
    }
    if (is_far(out) && VEC_SIZE < 16) {
        conv_passes[r[2]].complex_plain(&last);
        stream_column(work.packed, fft->n_h, out->freqs, out->stride);
        return;
    }
    last.out = out->freqs;
    last.to.point = out->stride;
    last.to.inner = (size_t)r[2] * out->stride;
    last.to.outer = (size_t)(r[0] * r[2]) * out->stride;
    last.factors = out->factors;
    if (out->factors != NULL)
        conv_passes[r[2]].complex_add(&last);
    else if (is_far(out))
        conv_passes[r[2]].complex_stream(&last);
    else
        conv_passes[r[2]].complex_plain(&last);
}

static void column_inverse(const ws_conv_fft *fft, const ws_conv_window *window, int index,
                           const ws_conv_source *in, float *memory)
{
    const int *r = fft->h_factors;
    const conv_work work = conv_work_divide(fft, memory);
    const size_t stride = index == 0 ? WS_CONV_COMPLEX : in->stride;
    const conv_pass first = {
        .n_outer = r[1],
        .n_inner = r[2],
        .in = index == 0 ? work.packed : in->freqs,
        .from = {(size_t)(r[0] * r[2]) * stride, stride, (size_t)r[2] * stride},
        .out = work.column,
        .to = elements(r[0] * r[2], r[0], 1),
        .re = WS_CONV_LANES, /* swapped: an inverse */
        .factors = in->factors,
        .fetch = in->fetch};
    const conv_pass last = {.n_outer = r[1],
                            .n_inner = r[0],
                            .in = work.column,
                            .from = elements(r[0] * r[2], 1, r[0]),
                            .out = work.grid + index * WS_CONV_COMPLEX,
                            .table = window->row_to,
                            .re = WS_CONV_LANES};

    if (index == 0)
        pack_column(fft, in, work.packed);
    if (index > 0 && in->factors != NULL)
        conv_passes[r[0]].complex_scale(&first);
    else if (index > 0 && in->fetch != NULL)
        conv_passes[r[0]].complex_fetch(&first);
    else
        conv_passes[r[0]].complex_plain(&first);
    column_middle(r, work.column, WS_CONV_LANES);
    conv_passes[r[2]].complex_scatter(&last);
}

const ws_conv_kernels LEVEL_NAME(ws_conv_kernels) = {
    .rows_forward = rows_forward,
    .column_forward = column_forward,
    .column_inverse = column_inverse,
    .rows_inverse = rows_inverse,
    .finish = vec_stream_finish,
};
