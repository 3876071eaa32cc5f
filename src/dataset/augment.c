#include "dataset/augment.h"

#include <string.h>

/** out[i] = gain * samples[i - shift], zero where there is none; the clip is n long. */
static void shift_and_scale(const float *samples, size_t n_samples, int64_t shift, float gain,
                            float *out, size_t n)
{
    const size_t distance = (size_t)(shift < 0 ? -shift : shift);
    const size_t moved = distance < n ? distance : n;
    const size_t from = shift < 0 ? moved : 0, to = shift < 0 ? 0 : moved;
    const size_t kept = n_samples < n ? n_samples : n; /* before the shift */
    size_t n_copied = kept > from ? kept - from : 0;

    if (n_copied > n - to)
        n_copied = n - to;
    memset(out, 0, to * sizeof *out);
    for (size_t i = 0; i < n_copied; i++)
        out[to + i] = gain * samples[from + i];
    memset(out + to + n_copied, 0, (n - to - n_copied) * sizeof *out);
}

void ws_augmentation_run(const ws_augmentation *augmentation, const float *samples,
                         size_t n_samples, float *out, size_t desired_samples)
{
    const float *noise = augmentation->noise;
    const float noise_gain = augmentation->noise_gain;

    shift_and_scale(samples, n_samples, augmentation->shift, augmentation->gain, out,
                    desired_samples);
    if (noise != NULL) {
        for (size_t i = 0; i < desired_samples; i++)
            out[i] += noise[i] * noise_gain;
    }
    for (size_t i = 0; i < desired_samples; i++)
        out[i] = out[i] < -1.0f ? -1.0f : out[i] > 1.0f ? 1.0f : out[i];
}
