#include "fft/conv_fft.h"

WS_CPU_DEFINE_GETTER(ws_conv_kernels, ws_conv_kernels_get)
