/* The kernel of average_kernels.h, compiled once per instruction set. */
#include "audio/average_kernels.h"

#include "fft/conv_vec.h"
#include "fft/lanes.h"

ws_average_kernel LEVEL_NAME(ws_average_kernel);

/** Lane by lane: frames are n_means numbers apart. */
INLINE void scatter(const ws_f64_part means[WS_F64_PARTS], size_t n_frames, size_t n_means,
                    float *out)
{
    const double *lanes = (const double *)(const void *)means;
    for (size_t frame = 0; frame < n_frames; frame++)
        out[frame * n_means] = (float)lanes[frame];
}

void LEVEL_NAME(ws_average_kernel)(const ws_average *average, const double *power, size_t n_frames,
                                   float *out)
{
    const ws_f64_part *bins = (const ws_f64_part *)(const void *)power;

    for (size_t i = 0; i < average->n_means; i++) {
        const size_t first = i * average->group, left = average->n_bins - first;
        const size_t n = left < average->group ? left : average->group;
        ws_f64_part sums[WS_F64_PARTS] = {{0}};
        for (size_t bin = first; bin < first + n; bin++) {
            UNROLL
            for (size_t part = 0; part < WS_F64_PARTS; part++)
                sums[part] += bins[bin * WS_F64_PARTS + part];
        }
        for (size_t part = 0; part < WS_F64_PARTS; part++)
            sums[part] /= (double)n;
        scatter(sums, n_frames, average->n_means, out + i);
    }
}
