#include "fft/conv_fft.h"

#define DECLARE(level, NAME) extern const ws_conv_kernels ws_conv_kernels_##level;
WS_CPU_LEVEL_MAP(DECLARE)

const ws_conv_kernels *ws_conv_kernels_get(ws_cpu_level level)
{
    static const ws_conv_kernels *const tables[] = {
#define TABLE(level, NAME) &ws_conv_kernels_##level,
        WS_CPU_LEVEL_MAP(TABLE)
#undef TABLE
    };
    return tables[level];
}
