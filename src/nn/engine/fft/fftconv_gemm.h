/** Private: the functions of fftconv_gemm.c for each instruction set. */
#ifndef WS_NN_ENGINE_FFT_FFTCONV_GEMM_H
#define WS_NN_ENGINE_FFT_FFTCONV_GEMM_H

#include "nn/engine/fft/fftconv.h"

#define WS_FFTCONV_DECLARE_PRODUCTS(level, NAME)                                                   \
    void ws_fftconv_product_forward_##level(const ws_fftconv *conv,                                \
                                            const ws_fftconv_forward *product, int first, int end, \
                                            float *work);                                          \
    void ws_fftconv_product_backward_##level(const ws_fftconv *conv,                               \
                                             const ws_fftconv_backward *product, int first,        \
                                             int end, float *work);
WS_CPU_KERNEL_MAP(WS_FFTCONV_DECLARE_PRODUCTS)

#endif
