/** What a training run is asked to do: the values of the flags of `wordspot train`. */
#ifndef WS_SETTINGS_TRAIN_OPTIONS_H
#define WS_SETTINGS_TRAIN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Texts are borrowed and must outlive the run. train_flags.c has the bounds and the meanings, which
 * are the original's.
 */
typedef struct ws_train_options {
    /* data */
    const char *data_url;
    const char *data_dir;
    const char *wanted_words; /* comma list */
    const char *wake_word;    /* "": wanted_words are recognised */
    const char *wake_word_clips, *wake_word_near, *wake_word_speech; /* comma lists of folders */
    double wake_word_share, wake_word_weight, wake_word_logit_factor;
    int64_t wake_word_tries;
    const char *rir_dir; /* "": rooms are generated */
    double silence_percentage, unknown_percentage;
    int64_t testing_percentage, validation_percentage;
    const char *split;            /* what decides about a clip's set: "auto", "lists" or "hash" */
    const char *unknown_held_out; /* comma list */
    const char *unknown_redraw;   /* see ws_unknown_redraw_find */
    const char *silence;          /* what it is made of, see ws_silence_find */
    const char *noise_dir;        /* "": _background_noise_ of data_dir */
    const char *noise_snr;        /* "LOW..HIGH" in dB; "": by background_volume */
    double background_volume;     /* upper bound of the gain of noise on spoken clips */
    double background_frequency;  /* share of spoken clips that get noise, 0 to 1 */
    double time_shift_ms;
    double speed_perturbation, volume_perturbation; /* see ws_augment_options */
    bool spec_augment;
    int64_t spec_augment_time_masks, spec_augment_time_frames;         /* number, largest width */
    int64_t spec_augment_frequency_masks, spec_augment_frequency_bins; /* the same */
    bool strict;
    int64_t clip_cache_mb; /* MiB */
    /* features */
    const char *preprocess;
    int64_t sample_rate; /* Hz */
    int64_t clip_duration_ms;
    double window_size_ms, window_stride_ms;
    int64_t feature_bin_count;
    /* model and training */
    const char *preset; /* whose values are in the other members already, see preset.h */
    const char *model_architecture;
    const char *how_many_training_steps, *learning_rate; /* comma lists of equal length */
    const char *epochs;   /* the same, instead of how_many_training_steps; "": it is not */
    const char *schedule; /* "steps", "cosine" or "linear" */
    double warmup;        /* steps; below 1: a share of all */
    const char *optimizer;
    double momentum, adam_beta1, adam_beta2, adam_epsilon;
    double weight_decay; /* 0: none */
    double clip_norm;    /* 0: no bound */
    double ema;          /* decay; 0: no average */
    double label_smoothing;
    double mixup;        /* 0: none */
    const char *distill; /* a checkpoint; "": there is no teacher */
    double distill_temperature, distill_share;
    int64_t batch_size;
    bool quantize, check_nans;
    /* of the model mixednet */
    int64_t mixednet_first_filters, mixednet_first_kernel, mixednet_stride;
    const char *mixednet_kernels, *mixednet_filters, *mixednet_residuals;
    bool mixednet_pooled;
    /* the run */
    const char *train_dir, *summaries_dir;
    const char *run_name; /* "" for the first free <architecture>-<number> */
    const char *start_checkpoint;
    int64_t stop_after_step;    /* 0: the run's last one */
    int64_t stop_after_plateau; /* validations without a better one; 0: never */
    int64_t seed;
    int64_t threads; /* 0: all that the process may use */
    const char *engine;
    const char *isa; /* "": the best; see ws_cpu_level_find */
    /* output */
    int64_t eval_step_interval, save_step_interval, log_step_interval;
    const char *log; /* which views TensorBoard gets, see ws_report_check_views */
    const char *verbosity;
    const char *json; /* where the command writes its result; the run itself does not look at it */
} ws_train_options;

#endif
