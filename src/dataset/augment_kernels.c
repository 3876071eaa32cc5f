/* The kernels of augment_kernels.h, compiled once per instruction set, products and sums unfused:
 * the compilers make vectors of these loops. */
#include "dataset/augment_kernels.h"

#define INLINE static inline __attribute__((always_inline))

#define LEVEL_NAME_PASTE(name, level)  name##_##level
#define LEVEL_NAME_EXPAND(name, level) LEVEL_NAME_PASTE(name, level)
#define LEVEL_NAME(name)               LEVEL_NAME_EXPAND(name, WS_LEVEL)

/** A NaN stays one. */
INLINE float clip(float x)
{
    return x < -1.0f ? -1.0f : x > 1.0f ? 1.0f : x;
}

static void mix_floats(const float *restrict samples, const float *restrict noise,
                       ws_augment_gains gains, float *restrict out, size_t n)
{
    if (noise == NULL) {
        for (size_t i = 0; i < n; i++)
            out[i] = clip(gains.clip * samples[i]);
    } else {
        for (size_t i = 0; i < n; i++)
            out[i] = clip(gains.clip * samples[i] + noise[i] * gains.noise);
    }
}

static void mix_int16(const int16_t *restrict samples, const float *restrict noise,
                      ws_augment_gains gains, float *restrict out, size_t n)
{
    const float unit = 1.0f / 32768.0f;
    if (noise == NULL) {
        for (size_t i = 0; i < n; i++)
            out[i] = clip(gains.clip * ((float)samples[i] * unit));
    } else {
        for (size_t i = 0; i < n; i++)
            out[i] = clip(gains.clip * ((float)samples[i] * unit) + noise[i] * gains.noise);
    }
}

static void mix_nothing(const float *restrict noise, ws_augment_gains gains, float *restrict out,
                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = noise == NULL ? 0.0f : clip(noise[i] * gains.noise);
}

static double energy_int16(const int16_t *restrict samples, size_t n)
{
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (int32_t)samples[i] * samples[i];
    return (double)sum / (32768.0 * 32768.0);
}

/** Partial sums by the place of a sample modulo LANES: an order that vectors keep. */
enum { LANES = 8 };

static double energy_floats(const float *restrict samples, size_t n)
{
    double partial[LANES] = {0}, sum = 0.0;
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            partial[k] += (double)samples[i + k] * (double)samples[i + k];
    for (; i < n; i++)
        partial[i % LANES] += (double)samples[i] * (double)samples[i];
    for (size_t k = 0; k < LANES; k++)
        sum += partial[k];
    return sum;
}

static void resample(const float *restrict samples, const ws_resample_run *run, float *restrict out,
                     size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int64_t place = run->first + (int64_t)i * run->step;
        const float *at = samples + (place >> 32) - (WS_RESAMPLE_TAPS / 2 - 1);
        const float *taps =
            run->taps + (size_t)(place >> 24 & (WS_RESAMPLE_PHASES - 1)) * WS_RESAMPLE_TAPS;
        float sums[WS_RESAMPLE_TAPS];
        for (size_t k = 0; k < WS_RESAMPLE_TAPS; k++)
            sums[k] = at[k] * taps[k];
        for (size_t width = WS_RESAMPLE_TAPS / 2; width > 0; width /= 2)
            for (size_t k = 0; k < width; k++)
                sums[k] += sums[k + width];
        out[i] = sums[0];
    }
}

const ws_augment_kernels LEVEL_NAME(ws_augment_kernels) = {
    .mix_floats = mix_floats,
    .mix_int16 = mix_int16,
    .mix_nothing = mix_nothing,
    .energy_int16 = energy_int16,
    .energy_floats = energy_floats,
    .resample = resample,
};
