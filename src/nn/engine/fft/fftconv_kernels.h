/** Private: the parts of fftconv.h that are compiled once per instruction set. */
#ifndef WS_NN_ENGINE_FFT_FFTCONV_KERNELS_H
#define WS_NN_ENGINE_FFT_FFTCONV_KERNELS_H

#include "nn/engine/fft/fftconv.h"

struct ws_fftconv_kernels {
    void (*product_forward)(const ws_fftconv *conv, const ws_fftconv_forward *product, int first,
                            int end, float *work);
    void (*product_backward)(const ws_fftconv *conv, const ws_fftconv_backward *product, int first,
                             int end, float *work);
    /** 16 rows of n numbers, of which n_rows exist, to [n, 16], and back. */
    void (*lanes_from_rows)(const float *rows, size_t row_stride, int n_rows, int n, float *lanes);
    void (*rows_from_lanes)(const float *lanes, int n, float *rows, size_t row_stride, int n_rows);
};

const ws_fftconv_kernels *ws_fftconv_kernels_get(ws_cpu_level level);

#endif
