#include "audio/average_kernels.h"
#include "audio/mfcc_kernels.h"
#include "audio/micro_kernels.h"
#include "audio/spectrum_kernels.h"

#define DECLARE(level, NAME)                                        \
    extern const ws_spectrum_kernels ws_spectrum_kernels_##level;   \
    extern const ws_mfcc_kernels ws_mfcc_kernels_##level;           \
    extern const ws_micro_fft_kernels ws_micro_fft_kernels_##level; \
    extern const ws_micro_kernels ws_micro_kernels_##level;         \
    extern ws_average_kernel ws_average_kernel_##level;
WS_CPU_LEVEL_MAP(DECLARE)

const ws_spectrum_kernels *ws_spectrum_kernels_get(ws_cpu_level level)
{
    static const ws_spectrum_kernels *const tables[] = {
#define TABLE(level, NAME) &ws_spectrum_kernels_##level,
        WS_CPU_LEVEL_MAP(TABLE)
#undef TABLE
    };
    return tables[level];
}

const ws_mfcc_kernels *ws_mfcc_kernels_get(ws_cpu_level level)
{
    static const ws_mfcc_kernels *const tables[] = {
#define TABLE(level, NAME) &ws_mfcc_kernels_##level,
        WS_CPU_LEVEL_MAP(TABLE)
#undef TABLE
    };
    return tables[level];
}

const ws_micro_fft_kernels *ws_micro_fft_kernels_get(ws_cpu_level level)
{
    static const ws_micro_fft_kernels *const tables[] = {
#define TABLE(level, NAME) &ws_micro_fft_kernels_##level,
        WS_CPU_LEVEL_MAP(TABLE)
#undef TABLE
    };
    return tables[level];
}

const ws_micro_kernels *ws_micro_kernels_get(ws_cpu_level level)
{
    static const ws_micro_kernels *const tables[] = {
#define TABLE(level, NAME) &ws_micro_kernels_##level,
        WS_CPU_LEVEL_MAP(TABLE)
#undef TABLE
    };
    return tables[level];
}

ws_average_kernel *ws_average_kernel_get(ws_cpu_level level)
{
    static ws_average_kernel *const kernels[] = {
#define KERNEL(level, NAME) ws_average_kernel_##level,
        WS_CPU_LEVEL_MAP(KERNEL)
#undef KERNEL
    };
    return kernels[level];
}
