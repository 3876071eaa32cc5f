/* What is left of a layer's kernels beside its products, and their table; compiled once per
 * instruction set. */
#include "nn/engine/fft/fftconv_kernels.h"

#include "fft/conv_vec.h"
#include "nn/engine/fft/fftconv_gemm.h"

/** Columns j .. j + VEC_SIZE - 1 of rows i .. i + VEC_SIZE - 1, rows beyond n_rows zero. */
INLINE void load_rows(const float *from, size_t row_stride, int n_rows, vec rows[VEC_SIZE])
{
    UNROLL
    for (int r = 0; r < VEC_SIZE; r++)
        rows[r] = r < n_rows ? vec_load(from + (size_t)r * row_stride) : vec_zero();
}

static void lanes_from_rows(const float *rows, size_t row_stride, int n_rows, int n, float *lanes)
{
    const int n_whole = n - n % VEC_SIZE;
    VEC_LANES (i)
        for (int j = 0; j < n_whole; j += VEC_SIZE) {
            vec block[VEC_SIZE];
            load_rows(rows + (size_t)i * row_stride + j, row_stride, n_rows - i, block);
            vec_transpose(block);
            UNROLL
            for (int r = 0; r < VEC_SIZE; r++)
                vec_store(lanes + (j + r) * WS_CONV_LANES + i, block[r]);
        }
    for (int j = n_whole; j < n; j++)
        for (int i = 0; i < 16; i++)
            lanes[j * 16 + i] = i < n_rows ? rows[(size_t)i * row_stride + (size_t)j] : 0.0f;
}

static void rows_from_lanes(const float *lanes, int n, float *rows, size_t row_stride, int n_rows)
{
    const int n_whole = n - n % VEC_SIZE;
    VEC_LANES (i)
        for (int j = 0; j < n_whole; j += VEC_SIZE) {
            vec block[VEC_SIZE];
            UNROLL
            for (int r = 0; r < VEC_SIZE; r++)
                block[r] = vec_load(lanes + (j + r) * WS_CONV_LANES + i);
            vec_transpose(block);
            UNROLL
            for (int r = 0; r < VEC_SIZE; r++) {
                if (i + r < n_rows)
                    vec_store(rows + (size_t)(i + r) * row_stride + j, block[r]);
            }
        }
    for (int j = n_whole; j < n; j++)
        for (int i = 0; i < n_rows; i++)
            rows[(size_t)i * row_stride + (size_t)j] = lanes[j * 16 + i];
}

const ws_fftconv_kernels LEVEL_NAME(ws_fftconv_kernels) = {
    .product_forward = LEVEL_NAME(ws_fftconv_product_forward),
    .product_backward = LEVEL_NAME(ws_fftconv_product_backward),
    .lanes_from_rows = lanes_from_rows,
    .rows_from_lanes = rows_from_lanes,
};
