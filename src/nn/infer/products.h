/** Private to the kernels: those that have files of their own, and how all walk over channels. */
#ifndef WS_NN_INFER_PRODUCTS_H
#define WS_NN_INFER_PRODUCTS_H

#include "fft/conv_vec.h"
#include "nn/infer/kernels.h"

/** Walks over `length` numbers in vectors: whole ones, and a last one that ends at the last number
 *  or, if there is not even one, goes beyond. */
#define EACH_VEC(at, length)                                                           \
    for (size_t at = 0, vec_next = 0; (vec_next) < (length); vec_next += VEC_SIZE,     \
                at = vec_next + VEC_SIZE <= (length) || (length) < VEC_SIZE ? vec_next \
                                                                            : (length)-VEC_SIZE)

#define ws_infer_packed_size  LEVEL_NAME(ws_infer_packed_size)
#define ws_infer_bias_size    LEVEL_NAME(ws_infer_bias_size)
#define ws_infer_pack         LEVEL_NAME(ws_infer_pack)
#define ws_infer_pack_bias    LEVEL_NAME(ws_infer_pack_bias)
#define ws_infer_choose_tiles LEVEL_NAME(ws_infer_choose_tiles)
#define ws_infer_multiply     LEVEL_NAME(ws_infer_multiply)
#define ws_infer_to_points    LEVEL_NAME(ws_infer_to_points)
#define ws_infer_from_points  LEVEL_NAME(ws_infer_from_points)

size_t ws_infer_packed_size(size_t n_in, size_t n_out);
size_t ws_infer_bias_size(size_t n_out);
void ws_infer_pack(const float *w, size_t n_in, size_t n_out, float *packed);
void ws_infer_pack_bias(const float *bias, size_t n_out, float *packed);
void ws_infer_choose_tiles(ws_infer_product *product);
void ws_infer_multiply(const ws_infer_product *product);
void ws_infer_to_points(const ws_infer_columns *columns);
void ws_infer_from_points(const ws_infer_columns *columns);

#endif
