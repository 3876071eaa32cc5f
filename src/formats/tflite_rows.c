#include "formats/tflite_rows.h"

#include <string.h>

#define BYTE(slot, field, absent)                               \
    {                                                           \
        slot, 1, offsetof(ws_lite_options, field), absent, NULL \
    }
#define WHOLE(slot, field, absent)                              \
    {                                                           \
        slot, 4, offsetof(ws_lite_options, field), absent, NULL \
    }
#define REAL(slot, field)                                  \
    {                                                      \
        slot, 0, offsetof(ws_lite_options, field), 0, NULL \
    }
#define KEYED(n_bytes, key, field)                           \
    {                                                        \
        0, n_bytes, offsetof(ws_lite_options, field), 0, key \
    }

/* The slots of widths come before those of heights. */
const ws_tflite_row ws_tflite_rows[WS_LITE_N_KINDS] = {
    [WS_LITE_ADD] = {0, 11, 1, 2, {BYTE(0, activation, 0)}, 1, NULL},
    [WS_LITE_ASSIGN_VARIABLE] = {144, 113, 1, 1, {{0}}, 0, NULL},
    [WS_LITE_AUDIO_SPECTROGRAM] = {WS_TFL_CUSTOM,
                                   0,
                                   1,
                                   1,
                                   {KEYED(1, "magnitude_squared", is_squared),
                                    KEYED(4, "stride", stride_samples),
                                    KEYED(4, "window_size", window_samples)},
                                   3,
                                   "AudioSpectrogram"},
    [WS_LITE_AVERAGE_POOL_2D] = {1,
                                 5,
                                 1,
                                 2,
                                 {BYTE(0, padding, 0), WHOLE(1, stride_w, 0), WHOLE(2, stride_h, 0),
                                  WHOLE(3, filter_w, 0), WHOLE(4, filter_h, 0),
                                  BYTE(5, activation, 0)},
                                 6,
                                 NULL},
    [WS_LITE_CALL_ONCE] = {129, 103, 1, 1, {WHOLE(0, graph, 0)}, 1, NULL},
    [WS_LITE_CONCATENATION] = {2, 10, 1, 2, {WHOLE(0, axis, 0), BYTE(1, activation, 0)}, 2, NULL},
    [WS_LITE_CONV_2D] = {3,
                         1,
                         1,
                         3,
                         {BYTE(0, padding, 0), WHOLE(1, stride_w, 0), WHOLE(2, stride_h, 0),
                          BYTE(3, activation, 0), WHOLE(4, dilation_w, 1), WHOLE(5, dilation_h, 1)},
                         6,
                         NULL},
    [WS_LITE_DEPTHWISE_CONV_2D] = {4,
                                   2,
                                   1,
                                   3,
                                   {BYTE(0, padding, 0), WHOLE(1, stride_w, 0),
                                    WHOLE(2, stride_h, 0), WHOLE(3, depth_multiplier, 0),
                                    BYTE(4, activation, 0), WHOLE(5, dilation_w, 1),
                                    WHOLE(6, dilation_h, 1)},
                                   7,
                                   NULL},
    [WS_LITE_DEQUANTIZE] = {6, 38, 2, 2, {{0}}, 0, NULL},
    [WS_LITE_EXPAND_DIMS] = {70, 52, 1, 1, {{0}}, 0, NULL},
    [WS_LITE_FULLY_CONNECTED] =
        {9, 8, 1, 4, {BYTE(0, activation, 0), BYTE(2, keeps_dims, 0)}, 2, NULL},
    [WS_LITE_LOGISTIC] = {14, 0, 1, 2, {{0}}, 0, NULL},
    [WS_LITE_MAX_POOL_2D] = {17,
                             5,
                             1,
                             2,
                             {BYTE(0, padding, 0), WHOLE(1, stride_w, 0), WHOLE(2, stride_h, 0),
                              WHOLE(3, filter_w, 0), WHOLE(4, filter_h, 0), BYTE(5, activation, 0)},
                             6,
                             NULL},
    [WS_LITE_MEAN] = {40, 27, 1, 2, {BYTE(0, keeps_dims, 0)}, 1, NULL},
    [WS_LITE_MFCC] = {WS_TFL_CUSTOM,
                      0,
                      1,
                      1,
                      {KEYED(4, "dct_coefficient_count", n_coefficients),
                       KEYED(4, "filterbank_channel_count", n_bands),
                       KEYED(4, "lower_frequency_limit", lower_hz),
                       KEYED(4, "upper_frequency_limit", upper_hz)},
                      4,
                      "Mfcc"},
    [WS_LITE_MUL] = {18, 21, 1, 2, {BYTE(0, activation, 0)}, 1, NULL},
    [WS_LITE_PACK] = {83, 59, 1, 2, {WHOLE(0, n_parts, 0), WHOLE(1, axis, 0)}, 2, NULL},
    [WS_LITE_PAD] = {34, 22, 1, 2, {{0}}, 0, NULL},
    [WS_LITE_QUANTIZE] = {114, 89, 1, 1, {{0}}, 0, NULL},
    [WS_LITE_READ_VARIABLE] = {143, 112, 1, 1, {{0}}, 0, NULL},
    [WS_LITE_RELU] = {19, 0, 1, 2, {{0}}, 0, NULL},
    [WS_LITE_RELU6] = {21, 0, 1, 2, {{0}}, 0, NULL},
    [WS_LITE_RESHAPE] = {22, 17, 1, 1, {{0}}, 0, NULL},
    [WS_LITE_SLICE] = {65, 48, 1, 2, {{0}}, 0, NULL},
    [WS_LITE_SOFTMAX] = {25, 9, 1, 2, {REAL(0, beta)}, 1, NULL},
    [WS_LITE_SPLIT] = {49, 35, 1, 2, {WHOLE(0, n_parts, 0)}, 1, NULL},
    [WS_LITE_SPLIT_V] = {102, 79, 1, 2, {WHOLE(0, n_parts, 0)}, 1, NULL},
    [WS_LITE_SQUEEZE] = {43, 30, 1, 1, {{0}}, 0, NULL},
    [WS_LITE_STRIDED_SLICE] = {45,
                               32,
                               1,
                               2,
                               {WHOLE(0, begin_mask, 0), WHOLE(1, end_mask, 0),
                                WHOLE(2, ellipsis_mask, 0), WHOLE(3, new_axis_mask, 0),
                                WHOLE(4, shrink_mask, 0)},
                               5,
                               NULL},
    [WS_LITE_SUB] = {41, 28, 1, 2, {BYTE(0, activation, 0)}, 1, NULL},
    [WS_LITE_TRANSPOSE] = {39, 26, 1, 2, {{0}}, 0, NULL},
    [WS_LITE_VAR_HANDLE] = {142, 111, 1, 1, {{0}}, 0, NULL},
};

ws_lite_kind ws_tflite_kind_find(int code, const char *custom)
{
    size_t i = 0;

    while (i < WS_LITE_N_KINDS &&
           (ws_tflite_rows[i].code != code ||
            (code == WS_TFL_CUSTOM && strcmp(ws_tflite_rows[i].custom, custom) != 0)))
        i++;
    return (ws_lite_kind)i;
}
