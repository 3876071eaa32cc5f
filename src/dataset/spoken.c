/* Augmentations of spoken clips before noise is mixed in: speed and volume. */
#include <math.h>

#include "dataset/augmentations.h"

static bool changes_speed(const ws_augment_options *options)
{
    return options->speed_perturbation > 0.0;
}

static void change_speed(const ws_sound_tools *tools, ws_random *random, ws_spoken *clip)
{
    const size_t i = ws_random_below(random, WS_N_SPEEDS);

    ws_speed_run(tools->speed, i, &clip->samples, tools->scratch, tools->changed, tools->n_samples,
                 tools->level);
    clip->samples = (ws_samples){.floats = tools->changed, .n = tools->n_samples};
}

const ws_sound_augmentation ws_speed_perturbation = {
    .name = "speed_perturbation",
    .purpose = WS_RANDOM_SPEED,
    .is_wanted = changes_speed,
    .run = change_speed,
};

static bool changes_volume(const ws_augment_options *options)
{
    return options->volume_perturbation > 0.0;
}

static void change_volume(const ws_sound_tools *tools, ws_random *random, ws_spoken *clip)
{
    const double db = tools->options->volume_perturbation * (2.0 * ws_random_uniform(random) - 1.0);
    clip->gain *= (float)pow(10.0, db / 20.0);
}

const ws_sound_augmentation ws_volume_perturbation = {
    .name = "volume_perturbation",
    .purpose = WS_RANDOM_VOLUME,
    .is_wanted = changes_volume,
    .run = change_volume,
};
