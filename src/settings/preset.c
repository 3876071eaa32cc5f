#include "settings/preset.h"

#include <string.h>

#include "base/lookup.h"

enum { MAX_NAME = 64 };

#define FLAGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* What helps words of speakers that were not heard in training, and words that are not wanted:
 * src/models/README.md has the figures. */
#define HEARS_MORE                                                               \
    "speed_perturbation=0.1", "volume_perturbation=15", "unknown_percentage=20", \
        "unknown_redraw=words"

#define MOMENTUM_60                                                                   \
    "optimizer=sgd_momentum", "weight_decay=0.001", "epochs=60", "learning_rate=0.1", \
        "schedule=cosine", "warmup=0.0834"

#define WAKE_RECIPE                                                                             \
    "optimizer=adam", "how_many_training_steps=3000", "learning_rate=0.002", "schedule=cosine", \
        "warmup=0.03", "batch_size=128", "ema=0.998", "wake_word_logit_factor=3",               \
        "spec_augment=true", "spec_augment_time_frames=10", "noise_snr=-3..25",                 \
        "background_frequency=0.7", "speed_perturbation=0.2", "eval_step_interval=500",         \
        "log_step_interval=100", "save_step_interval=500"

static const ws_preset presets[] = {
    {
        "tutorial",
        "The tutorial of TensorFlow's speech_commands: the network conv on mfcc features, 18,000 "
        "steps of plain gradient descent.",
        (const char *const[]){NULL},
    },
    {
        "micro_speech",
        "TensorFlow Lite Micro's example: \"yes\" and \"no\" by tiny_conv on micro features, 49 x "
        "40, for microcontrollers.",
        FLAGS("wanted_words=yes,no", "silence_percentage=25", "unknown_percentage=25",
              "preprocess=micro", "window_stride_ms=20", "model_architecture=tiny_conv",
              "how_many_training_steps=12000,3000", "learning_rate=0.001,0.0001"),
    },
    {
        "mlperf_tiny",
        "The keyword spotter of MLPerf Tiny: ds_cnn_s on ten mfcc features, 49 frames; Adam, 36 "
        "epochs.",
        FLAGS("window_size_ms=30", "window_stride_ms=20", "feature_bin_count=10",
              "model_architecture=ds_cnn_s", "optimizer=adam", "epochs=12,12,12",
              "learning_rate=0.0005,0.0001,0.00002", "weight_decay=0.0002"),
    },
    {
        "bc_resnet",
        "BC-ResNet's recipe: bc_resnet_1 on log_mel features; momentum with weight decay, a rate "
        "that rises over 5 epochs and falls to zero along a cosine, 60 epochs. Clips are also "
        "heard faster, slower, louder and quieter, and with other unknown words in each epoch.",
        FLAGS("preprocess=log_mel", "model_architecture=bc_resnet_1", MOMENTUM_60, HEARS_MORE),
    },
    {
        "mixednet",
        "microWakeWord's network as a recogniser of words: mixednet with a step for each frame, so "
        "that its long kernels fit a clip of one second, on log_mel features. Trained as "
        "bc_resnet, and with silence as microphones give it.",
        FLAGS("preprocess=log_mel", "model_architecture=mixednet", "mixednet_stride=1",
              "silence=microphone", MOMENTUM_60, HEARS_MORE),
    },
    {
        "fast",
        "A good network in about five minutes on two cores: tc_resnet_14_1.5 on log_mel features; "
        "momentum with weight decay, and a rate that falls along a cosine. Clips are heard as in "
        "bc_resnet, and silence as microphones give it.",
        FLAGS("preprocess=log_mel", "model_architecture=tc_resnet_14_1.5", "optimizer=sgd_momentum",
              "weight_decay=0.001", "how_many_training_steps=7200", "learning_rate=0.1",
              "schedule=cosine", "warmup=0.05", "silence=microphone", "eval_step_interval=900",
              HEARS_MORE),
    },
    {
        "wake",
        "A wake word for ESPHome: mixednet as in its models of 2024 on features of the device; "
        "with "
        "--wake_word, --wake_word_clips and --wake_word_speech.",
        FLAGS("preprocess=micro_device", "clip_duration_ms=2060", "model_architecture=mixednet",
              WAKE_RECIPE),
    },
    {
        "wake_2026",
        "The same with mixednet as in its models of 2026, which is somewhat larger.",
        FLAGS("preprocess=micro_device", "clip_duration_ms=1700", "model_architecture=mixednet",
              "mixednet_first_filters=64", "mixednet_first_kernel=3",
              "mixednet_kernels=[5,9],[7,13],[9,15],[17]", "mixednet_pooled=true", WAKE_RECIPE),
    },
};
enum { N_PRESETS = sizeof presets / sizeof *presets };

static const char *preset_name_at(size_t i)
{
    return presets[i].name;
}

const ws_preset *ws_presets_get(size_t *n)
{
    *n = N_PRESETS;
    return presets;
}

ws_status ws_preset_find(const char *name, const ws_preset **preset, ws_error *err)
{
    size_t index = 0;
    const ws_status status = ws_lookup("--preset", name, preset_name_at, N_PRESETS, &index, err);

    *preset = &presets[index];
    return ws_fail_usage(status, err);
}

static ws_status set(const ws_flags *flags, const char *text, ws_train_options *options,
                     ws_error *err)
{
    const char *sign = strchr(text, '=');
    char name[MAX_NAME] = "";

    memcpy(name, text, (size_t)(sign - text));
    if (ws_train_flags_is_given(flags, name) || ws_train_flags_is_replaced(flags, name))
        return WS_OK;
    const ws_flag *flag = &ws_train_flags.flags[ws_flags_find(&ws_train_flags, name)];
    return ws_flag_put(flag, sign + 1, options, err);
}

ws_status ws_preset_apply(const ws_flags *flags, ws_train_options *options, ws_error *err)
{
    const ws_preset *preset = NULL;
    ws_status status = ws_preset_find(options->preset, &preset, err);

    for (size_t i = 0; status == WS_OK && preset->flags[i] != NULL; i++)
        status = set(flags, preset->flags[i], options, err);
    return status;
}
