#include "formats/micro_attrs.h"

#define WHOLE(attr, value)                                      \
    {                                                           \
        .name = (attr), .kind = WS_ATTR_WHOLE, .whole = (value) \
    }
#define REAL(attr, value)                                     \
    {                                                         \
        .name = (attr), .kind = WS_ATTR_REAL, .real = (value) \
    }
#define FLAG(attr, value)                                      \
    {                                                          \
        .name = (attr), .kind = WS_ATTR_FLAG, .whole = (value) \
    }

const ws_attr ws_micro_attrs[] = {
    REAL("upper_band_limit", 7500.0f),
    REAL("lower_band_limit", 125.0f),
    WHOLE("smoothing_bits", 10),
    REAL("even_smoothing", 0.025f),
    REAL("odd_smoothing", 0.06f),
    REAL("min_signal_remaining", 0.05f),
    FLAG("enable_pcan", true), /* the operator's default is false */
    REAL("pcan_strength", 0.95f),
    REAL("pcan_offset", 80.0f),
    WHOLE("gain_bits", 21),
    FLAG("enable_log", true),
    WHOLE("scale_shift", 6),
    WHOLE("left_context", 0),
    WHOLE("right_context", 0),
    WHOLE("frame_stride", 1),
    FLAG("zero_padding", false),
    WHOLE("out_scale", 1),
};
const size_t ws_micro_n_attrs = sizeof ws_micro_attrs / sizeof *ws_micro_attrs;
