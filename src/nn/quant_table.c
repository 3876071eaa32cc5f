#include "nn/quant_kernels.h"

const ws_quant_kernels *ws_quant_kernels_get(ws_cpu_level level)
{
#define DECLARE(level, NAME) extern const ws_quant_kernels ws_quant_kernels_##level;
    WS_CPU_LEVEL_MAP(DECLARE)
#undef DECLARE
    static const ws_quant_kernels *const tables[] = {
#define TABLE(level, NAME) &ws_quant_kernels_##level,
        WS_CPU_LEVEL_MAP(TABLE)
#undef TABLE
    };
    return tables[level];
}
