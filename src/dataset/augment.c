#include "dataset/augment.h"

#include "dataset/augment_kernels.h"

WS_CPU_DEFINE_GETTER(ws_augment_kernels, ws_augment_kernels_get)

/** The part of a clip that stays: samples from .. from + n - 1 go to place to. */
typedef struct stretch {
    size_t from, to, n;
} stretch;

static stretch shift_clip(size_t n_samples, int64_t shift, size_t n)
{
    const size_t distance = (size_t)(shift < 0 ? -shift : shift);
    const size_t moved = distance < n ? distance : n;
    const size_t kept = n_samples < n ? n_samples : n; /* before the shift */
    stretch stays = {.from = shift < 0 ? moved : 0, .to = shift < 0 ? 0 : moved};

    stays.n = kept > stays.from ? kept - stays.from : 0;
    if (stays.n > n - stays.to)
        stays.n = n - stays.to;
    return stays;
}

static const float *noise_at(const ws_augmentation *augmentation, size_t i)
{
    return augmentation->noise == NULL ? NULL : augmentation->noise + i;
}

void ws_augmentation_run(const ws_augmentation *augmentation, const ws_samples *samples, float *out,
                         size_t desired_samples)
{
    const ws_augment_kernels *kernels = ws_augment_kernels_get(augmentation->level);
    const ws_augment_gains gains = {augmentation->gain, augmentation->noise_gain};
    const stretch stays = shift_clip(samples->n, augmentation->shift, desired_samples);
    const size_t end = stays.to + stays.n;
    const float *noise = noise_at(augmentation, stays.to);

    kernels->mix_nothing(augmentation->noise, gains, out, stays.to);
    if (stays.n > 0 && samples->int16 != NULL)
        kernels->mix_int16(samples->int16 + stays.from, noise, gains, out + stays.to, stays.n);
    else if (stays.n > 0)
        kernels->mix_floats(samples->floats + stays.from, noise, gains, out + stays.to, stays.n);
    kernels->mix_nothing(noise_at(augmentation, end), gains, out + end, desired_samples - end);
}

double ws_samples_get_power(const ws_samples *samples, ws_cpu_level level)
{
    const ws_augment_kernels *kernels = ws_augment_kernels_get(level);

    if (samples->n == 0)
        return 0.0;
    const double energy = samples->int16 != NULL
                              ? kernels->energy_int16(samples->int16, samples->n)
                              : kernels->energy_floats(samples->floats, samples->n);
    return energy / (double)samples->n;
}
