/** Private to the kernels: the product, which has a file of its own. */
#ifndef WS_NN_INFER_PRODUCTS_H
#define WS_NN_INFER_PRODUCTS_H

#include "fft/conv_vec.h"
#include "nn/infer/kernels.h"

#define ws_infer_packed_size  LEVEL_NAME(ws_infer_packed_size)
#define ws_infer_bias_size    LEVEL_NAME(ws_infer_bias_size)
#define ws_infer_pack         LEVEL_NAME(ws_infer_pack)
#define ws_infer_pack_bias    LEVEL_NAME(ws_infer_pack_bias)
#define ws_infer_choose_tiles LEVEL_NAME(ws_infer_choose_tiles)
#define ws_infer_multiply     LEVEL_NAME(ws_infer_multiply)

size_t ws_infer_packed_size(size_t n_in, size_t n_out);
size_t ws_infer_bias_size(size_t n_out);
void ws_infer_pack(const float *w, size_t n_in, size_t n_out, float *packed);
void ws_infer_pack_bias(const float *bias, size_t n_out, float *packed);
void ws_infer_choose_tiles(ws_infer_product *product);
void ws_infer_multiply(const ws_infer_product *product);

#endif
