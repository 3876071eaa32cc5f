/**
 * Augmentations of training rows as plug-ins: one file each, one row in a table of augmentations.c.
 *
 * Each draws from a random stream of its own (its purpose, the step, the row), so switching one on
 * or off changes no draw of another. Nothing is allocated while one runs.
 */
#ifndef WS_DATASET_AUGMENTATIONS_H
#define WS_DATASET_AUGMENTATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/features.h"
#include "base/random.h"
#include "base/status.h"
#include "dataset/augment.h"
#include "dataset/speed.h"

/** What is asked for: the values of the flags of these names. All zeros: nothing. */
typedef struct ws_augment_options {
    double speed_perturbation;  /* largest change of the speed, 0 to 0.5 */
    double volume_perturbation; /* largest change of the volume in dB */
    bool spec_augment;
    int64_t time_masks, time_mask_frames;         /* number, largest width */
    int64_t frequency_masks, frequency_mask_bins; /* the same */
} ws_augment_options;

/** How loud noise in a spoken clip is, as the clip's power over the noise's, in dB; drawn evenly.
 */
typedef struct ws_noise_snr {
    bool is_wanted; /* false: by --background_volume, as the original does it */
    double low, high;
} ws_noise_snr;

/** Reads --noise_snr: "LOW..HIGH", or "" for none. @return WS_OK or WS_EUSAGE */
WS_MUST_CHECK ws_status ws_noise_snr_init(ws_noise_snr *snr, const char *text, ws_error *err);

/** A row of a batch of a run: what its random numbers depend on. */
typedef struct ws_row_place {
    uint64_t seed, step; /* step below 2^32 */
    uint32_t row;
} ws_row_place;

/** A spoken clip on its way to being mixed with noise. */
typedef struct ws_spoken {
    ws_samples samples;
    float gain;
} ws_spoken;

/** What an augmentation of sound works with; all borrowed. */
typedef struct ws_sound_tools {
    const ws_augment_options *options;
    const ws_speed *speed; /* NULL unless --speed_perturbation is wanted */
    size_t n_samples;      /* of a clip */
    float *scratch;        /* [ws_speed_scratch(n_samples)] */
    float *changed;        /* [n_samples] room for samples that are changed */
    ws_cpu_level level;
} ws_sound_tools;

/** An augmentation of the sound of a spoken training clip, before shift and noise. */
typedef struct ws_sound_augmentation {
    const char *name; /* of the flag that switches it on */
    ws_random_purpose purpose;
    bool (*is_wanted)(const ws_augment_options *options);
    void (*run)(const ws_sound_tools *tools, ws_random *random, ws_spoken *clip);
} ws_sound_augmentation;

extern const ws_sound_augmentation ws_speed_perturbation;
extern const ws_sound_augmentation ws_volume_perturbation;

/** The shape of features, [n_frames, width]. */
typedef struct ws_feature_shape {
    size_t n_frames, width;
} ws_feature_shape;

/** An augmentation of the features of a training row, silence included. */
typedef struct ws_feature_augmentation {
    const char *name; /* of the flag that switches it on */
    ws_random_purpose purpose;
    bool (*is_wanted)(const ws_augment_options *options);
    /** @return WS_OK, or WS_EUSAGE naming the flag that does not fit the shape; NULL: all fit */
    ws_status (*check)(const ws_augment_options *options, ws_feature_shape shape, ws_error *err);
    /** Changes features [n_frames, width] in place. */
    void (*run)(const ws_augment_options *options, ws_random *random, ws_feature_shape shape,
                float *features);
} ws_feature_augmentation;

extern const ws_feature_augmentation ws_spec_augment;

/** What can be wrong with the options for such features. @return WS_OK or WS_EUSAGE naming the flag
 */
WS_MUST_CHECK ws_status ws_augmentations_check(const ws_augment_options *options,
                                               const ws_feature_settings *settings, ws_error *err);

/** Runs all augmentations of sound that are wanted, in the order of their table. */
void ws_augmentations_run_on_sound(const ws_sound_tools *tools, const ws_row_place *place,
                                   ws_spoken *clip);

/** Runs all augmentations of features that are wanted, in the order of their table. */
void ws_augmentations_run_on_features(const ws_augment_options *options, const ws_row_place *place,
                                      ws_feature_shape shape, float *features);

#endif
