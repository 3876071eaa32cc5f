#include "audio/average_kernels.h"
#include "audio/mel_kernels.h"
#include "audio/micro_kernels.h"
#include "audio/spectrum_kernels.h"

WS_CPU_DEFINE_GETTER(ws_spectrum_kernels, ws_spectrum_kernels_get)
WS_CPU_DEFINE_GETTER(ws_mel_kernels, ws_mel_kernels_get)
WS_CPU_DEFINE_GETTER(ws_micro_fft_kernels, ws_micro_fft_kernels_get)
WS_CPU_DEFINE_GETTER(ws_micro_kernels, ws_micro_kernels_get)

#define DECLARE(level, NAME) extern ws_average_kernel ws_average_kernel_##level;
WS_CPU_KERNEL_MAP(DECLARE)
#undef DECLARE

ws_average_kernel *ws_average_kernel_get(ws_cpu_level level)
{
    static ws_average_kernel *const kernels[] = {
#define KERNEL(level, NAME) ws_average_kernel_##level,
        WS_CPU_KERNEL_MAP(KERNEL)
#undef KERNEL
    };
    return kernels[level];
}
