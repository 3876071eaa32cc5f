#include "nn/quant_kernels.h"

WS_CPU_DEFINE_GETTER(ws_quant_kernels, ws_quant_kernels_get)
