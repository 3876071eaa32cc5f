/* The kernels of products.h, compiled once per instruction set. */
#include "nn/lite/products.h"

#include "fft/conv_vec.h"

enum { N_VECS = WS_LITE_LANES / VEC_SIZE, ROWS = VEC_SIZE / 2 };

/** Not inlined into each tile, for size. */
static __attribute__((noinline)) void add_to(double *sums, const vec *part)
{
    float lanes[WS_LITE_LANES];

    VEC_LANES (lane)
        vec_store(lanes + lane, part[lane / VEC_SIZE]);
    for (int i = 0; i < WS_LITE_LANES; i++)
        sums[i] += (double)lanes[i];
}

/** One vector of 16 outputs of n_rows rows, which is constant. */
INLINE void multiply_block(const float *rows, size_t row, int n_rows, size_t n,
                           const float *weights, size_t stride, double *sums)
{
    vec part[ROWS][N_VECS];

    UNROLL
    for (int r = 0; r < n_rows; r++)
        VEC_LANES (lane)
            part[r][lane / VEC_SIZE] = vec_zero();
    for (size_t k = 0; k < n; k++) {
        VEC_LANES (lane) {
            const vec w = vec_load(weights + k * stride + lane);
            UNROLL
            for (int r = 0; r < n_rows; r++)
                part[r][lane / VEC_SIZE] += rows[(size_t)r * row + k] * w;
        }
    }
    UNROLL
    for (int r = 0; r < n_rows; r++)
        add_to(sums + (size_t)r * stride, part[r]);
}

static void multiply_part(const float *rows, size_t row, size_t n_rows, size_t n,
                          const float *weights, size_t stride, double *sums)
{
    for (size_t lane = 0; lane < stride; lane += WS_LITE_LANES) {
        size_t r = 0;
        for (; r + ROWS <= n_rows; r += ROWS)
            multiply_block(rows + r * row, row, ROWS, n, weights + lane, stride,
                           sums + r * stride + lane);
        for (; r < n_rows; r++)
            multiply_block(rows + r * row, row, 1, n, weights + lane, stride,
                           sums + r * stride + lane);
    }
}

static void multiply(const float *rows, size_t row, size_t n_rows, size_t n, const float *weights,
                     size_t stride, double *sums)
{
    for (size_t k = 0; k < n; k += WS_LITE_EXACT_SUMS) {
        const size_t part = n - k < WS_LITE_EXACT_SUMS ? n - k : WS_LITE_EXACT_SUMS;
        multiply_part(rows + k, row, n_rows, part, weights + k * stride, stride, sums);
    }
}

static void multiply_channels(const float *const *x, size_t n_taps, const float *weights,
                              size_t stride, double *sums)
{
    for (size_t first = 0; first < n_taps; first += WS_LITE_EXACT_SUMS) {
        const size_t end =
            n_taps - first < WS_LITE_EXACT_SUMS ? n_taps : first + WS_LITE_EXACT_SUMS;
        for (size_t at = 0; at < stride; at += WS_LITE_LANES) {
            vec part[N_VECS];
            VEC_LANES (lane)
                part[lane / VEC_SIZE] = vec_zero();
            for (size_t i = first; i < end; i++)
                VEC_LANES (lane)
                    part[lane / VEC_SIZE] +=
                        vec_load(x[i] + at + lane) * vec_load(weights + i * stride + at + lane);
            add_to(sums + at, part);
        }
    }
}

const ws_lite_products LEVEL_NAME(ws_lite_products) = {
    .multiply = multiply,
    .multiply_channels = multiply_channels,
};
