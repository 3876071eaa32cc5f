#include "dataset/augmentations.h"

static const ws_sound_augmentation *const of_sound[] = {&ws_speed_perturbation,
                                                        &ws_volume_perturbation};
static const ws_feature_augmentation *const of_features[] = {&ws_spec_augment};

enum { N_OF_SOUND = sizeof of_sound / sizeof *of_sound };
enum { N_OF_FEATURES = sizeof of_features / sizeof *of_features };

ws_status ws_augmentations_check(const ws_augment_options *options,
                                 const ws_feature_settings *settings, ws_error *err)
{
    const ws_feature_shape shape = {settings->n_frames, settings->width};
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < N_OF_FEATURES; i++)
        if (of_features[i]->is_wanted(options) && of_features[i]->check != NULL)
            status = of_features[i]->check(options, shape, err);
    return status;
}

void ws_augmentations_run_on_sound(const ws_sound_tools *tools, const ws_row_place *place,
                                   ws_spoken *clip)
{
    for (size_t i = 0; i < N_OF_SOUND; i++) {
        ws_random random;
        if (!of_sound[i]->is_wanted(tools->options))
            continue;
        ws_random_init(&random, place->seed, of_sound[i]->purpose, place->step, place->row);
        of_sound[i]->run(tools, &random, clip);
    }
}

void ws_augmentations_run_on_features(const ws_augment_options *options, const ws_row_place *place,
                                      ws_feature_shape shape, float *features)
{
    for (size_t i = 0; i < N_OF_FEATURES; i++) {
        ws_random random;
        if (!of_features[i]->is_wanted(options))
            continue;
        ws_random_init(&random, place->seed, of_features[i]->purpose, place->step, place->row);
        of_features[i]->run(options, &random, shape, features);
    }
}
