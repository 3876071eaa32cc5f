#include "nn/lite/kernel.h"

static const ws_lite_kernel kernels[WS_LITE_N_KINDS] = {
    [WS_LITE_ADD] = {2, 2, 1, ws_lite_check_pair, NULL, ws_lite_compute_add, false,
                     ws_lite_tflm_add},
    [WS_LITE_ASSIGN_VARIABLE] = {2, 2, 0, NULL, NULL, NULL, false},
    [WS_LITE_AVERAGE_POOL_2D] = {1, 1, 1, ws_lite_check_pool, NULL, ws_lite_compute_average_pool,
                                 false},
    [WS_LITE_CALL_ONCE] = {0, 0, 0, NULL, NULL, NULL, false},
    [WS_LITE_CONCATENATION] = {1, WS_LITE_MAX_EDGES, 1, ws_lite_check_concatenation,
                               ws_lite_copy_concatenation, NULL, false},
    [WS_LITE_CONV_2D] = {2, 3, 1, ws_lite_check_conv, NULL, ws_lite_compute_conv, true,
                         ws_lite_tflm_sums},
    [WS_LITE_DEPTHWISE_CONV_2D] = {2, 3, 1, ws_lite_check_depthwise, NULL,
                                   ws_lite_compute_depthwise, true, ws_lite_tflm_sums},
    [WS_LITE_DEQUANTIZE] = {1, 1, 1, ws_lite_check_each, NULL, ws_lite_compute_same, false},
    [WS_LITE_EXPAND_DIMS] = {2, 2, 1, ws_lite_check_same_bytes, ws_lite_copy_all, NULL, false},
    [WS_LITE_FULLY_CONNECTED] = {2, 3, 1, ws_lite_check_dense, NULL, ws_lite_compute_dense, true,
                                 ws_lite_tflm_sums},
    [WS_LITE_LOGISTIC] = {1, 1, 1, ws_lite_check_each, NULL, ws_lite_compute_logistic, false,
                          ws_lite_tflm_logistic},
    [WS_LITE_MAX_POOL_2D] = {1, 1, 1, ws_lite_check_pool, NULL, ws_lite_compute_max_pool, false},
    [WS_LITE_MEAN] = {2, 2, 1, ws_lite_check_mean, NULL, ws_lite_compute_mean, false},
    [WS_LITE_MUL] = {2, 2, 1, ws_lite_check_pair, NULL, ws_lite_compute_mul, false,
                     ws_lite_tflm_mul},
    [WS_LITE_PACK] = {1, WS_LITE_MAX_EDGES, 1, ws_lite_check_concatenation,
                      ws_lite_copy_concatenation, NULL, false},
    [WS_LITE_PAD] = {2, 2, 1, ws_lite_check_pad, ws_lite_copy_pad, NULL, false},
    [WS_LITE_QUANTIZE] = {1, 1, 1, ws_lite_check_each, NULL, ws_lite_compute_same, false,
                          ws_lite_tflm_same},
    [WS_LITE_READ_VARIABLE] = {1, 1, 1, NULL, NULL, NULL, false},
    [WS_LITE_RELU] = {1, 1, 1, ws_lite_check_each, NULL, ws_lite_compute_relu, false},
    [WS_LITE_RELU6] = {1, 1, 1, ws_lite_check_each, NULL, ws_lite_compute_relu6, false},
    [WS_LITE_RESHAPE] = {1, 2, 1, ws_lite_check_same_bytes, ws_lite_copy_all, NULL, false},
    [WS_LITE_SOFTMAX] = {1, 1, 1, ws_lite_check_each, NULL, ws_lite_compute_softmax, false},
    [WS_LITE_SPLIT] = {2, 2, 0, ws_lite_check_split, ws_lite_copy_split, NULL, false},
    [WS_LITE_SPLIT_V] = {3, 3, 0, ws_lite_check_split, ws_lite_copy_split, NULL, false},
    [WS_LITE_SQUEEZE] = {1, 1, 1, ws_lite_check_same_bytes, ws_lite_copy_all, NULL, false},
    [WS_LITE_STRIDED_SLICE] = {4, 4, 1, ws_lite_check_slice, ws_lite_copy_slice, NULL, false},
    [WS_LITE_SUB] = {2, 2, 1, ws_lite_check_pair, NULL, ws_lite_compute_sub, false,
                     ws_lite_tflm_add},
    [WS_LITE_TRANSPOSE] = {2, 2, 1, ws_lite_check_transpose, ws_lite_copy_transpose, NULL, false},
    [WS_LITE_VAR_HANDLE] = {0, 0, 1, NULL, NULL, NULL, false},
};

const ws_lite_kernel *ws_lite_kernel_get(ws_lite_kind kind)
{
    return &kernels[kind];
}
