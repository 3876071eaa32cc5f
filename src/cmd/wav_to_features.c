/* wordspot wav_to_features */
#include <stdlib.h>
#include <string.h>

#include "audio/sound.h"
#include "base/arena.h"
#include "base/file.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "formats/feature_source.h"
#include "recognize/model_graph.h"
#include "settings/rows.h"
#include "settings/train_flags.h"

/** The values of the flags; those of `wordspot train` mean what they mean there. */
typedef struct wav_to_features_flags {
    ws_train_options train;
    const char *input_wav, *output_c_file;
} wav_to_features_flags;

#define AT(field) offsetof(wav_to_features_flags, field)

#define DATA     WS_FLAGS_DATA
#define FEATURES WS_FLAGS_FEATURES
#define OUTPUT   WS_FLAGS_OUTPUT

static const ws_flag flags[] = {
    WS_ROW_PATH(input_wav, "", "FILE", DATA,
                "The sound file. The array in C is called g_ and the file's name in "
                "lower case, without the suffix. Characters that an identifier must not have "
                "become a _."),
    WS_ROW_PICK(preprocess, FEATURES),
    WS_ROW_PICK_AS(sample_rate, FEATURES,
                   .help = "Sample rate of the features. A file of another rate is resampled."),
    WS_ROW_PICK_AS(clip_duration_ms, FEATURES,
                   .help = "Length of the clip in milliseconds. A shorter file is padded with "
                           "zeros, a longer one is cut."),
    WS_ROW_PICK(window_size_ms, FEATURES),
    WS_ROW_PICK(window_stride_ms, FEATURES),
    WS_ROW_PICK(feature_bin_count, FEATURES),
    WS_ROW_PATH(output_c_file, "", "FILE", OUTPUT,
                "The C source file to write. An existing file is replaced."),
    WS_ROW_PICK_AS(quantize, OUTPUT,
                   .help = "Write the features as bytes instead of floats. The bytes cover the "
                           "range that training for 8 bits assumes for --preprocess."),
};

static const char *const titles[WS_N_FLAG_GROUPS] = {
    [DATA] = "Sound",
    [FEATURES] = "Features",
    [OUTPUT] = "Output",
};

static const ws_flag_table table = {
    .command = "wav_to_features",
    .summary = "Writes the features of a sound file as C source, to compile into a program that "
               "tries a model on them.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .base = &ws_train_flags,
    .base_offset = AT(train),
    .titles = titles,
};

static ws_status check_flags(const wav_to_features_flags *values, ws_error *err)
{
    if (values->input_wav[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--input_wav is missing, expected a sound file");
    if (values->output_c_file[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--output_c_file is missing, expected the file to write");
    if (ws_file_is_same(values->input_wav, values->output_c_file))
        return ws_fail(err, WS_EUSAGE, "--output_c_file=%s: is the sound file itself",
                       values->output_c_file);
    return ws_file_check_replaceable(values->output_c_file, err);
}

/** Reads the clip into samples, [desired_samples] of zeros. */
static ws_status read_clip(const char *path, const ws_feature_settings *settings, float *samples,
                           const ws_log *log, ws_error *err)
{
    ws_sound sound;

    const ws_status status =
        ws_sound_read_at(path, settings->sample_rate_hz, settings->desired_samples, &sound, err);
    if (status != WS_OK)
        return status;
    if (ws_sound_is_converted(&sound))
        ws_log_write(log, WS_LOG_WARN, "%s: has another sample rate and is converted to %d Hz",
                     path, settings->sample_rate_hz);
    if (sound.oddity != WS_SOUND_AS_PROMISED)
        ws_log_write(log, WS_LOG_WARN, "%s: %s; it is read as far as there is sound", path,
                     ws_sound_oddity_text(sound.oddity));
    memcpy(samples, sound.samples, sound.n_samples * sizeof *samples);
    ws_sound_deinit(&sound);
    return WS_OK;
}

/** Makes the features of the file. @param arena  where they lie afterwards */
static ws_status make_features(const char *path, const ws_features *features, const ws_log *log,
                               ws_arena *arena, float **made, ws_error *err)
{
    const ws_feature_settings *settings = ws_features_settings(features);
    const size_t n_samples = settings->desired_samples * sizeof(float);
    const size_t n_features = settings->size * sizeof(float);
    const size_t n_scratch = ws_features_scratch_bytes(features);

    ws_status status = ws_arena_init(
        arena, ws_arena_round(n_samples) + ws_arena_round(n_features) + ws_arena_round(n_scratch),
        err);
    if (status != WS_OK)
        return status;
    float *samples = ws_arena_push(arena, n_samples);
    *made = ws_arena_push(arena, n_features);
    status = read_clip(path, settings, samples, log, err);
    if (status == WS_OK)
        ws_features_run(features, samples, ws_arena_push(arena, n_scratch), *made);
    return status;
}

static ws_status write_source(const wav_to_features_flags *values,
                              const ws_feature_options *options, const ws_features *features,
                              const float *made, ws_error *err)
{
    const ws_feature_settings *settings = ws_features_settings(features);
    const ws_feature_source source = {
        .options = options,
        .is_quantized = values->train.quantize,
        .input_wav = values->input_wav,
        .output_c_file = values->output_c_file,
        .features = made,
        .width = settings->width,
        .height = settings->n_frames,
    };
    ws_buf text;

    ws_buf_init(&text, WS_FEATURE_SOURCE_MAX_BYTES);
    ws_status status = ws_feature_source_write(&source, &text, err);
    if (status == WS_OK)
        status = ws_dir_create_parent(values->output_c_file, err);
    if (status == WS_OK)
        status = ws_file_write(values->output_c_file, text.data, text.size, err);
    ws_buf_deinit(&text);
    return status;
}

static ws_status wav_to_features(const wav_to_features_flags *values, const ws_log *log,
                                 ws_error *err)
{
    const ws_feature_options options = ws_model_graph_features(&values->train);
    ws_feature_settings settings;
    ws_features *features = NULL;
    ws_arena arena = {0};
    float *made = NULL;

    ws_status status = check_flags(values, err);
    if (status == WS_OK)
        status = ws_feature_settings_init(&options, &settings, err);
    if (status == WS_OK)
        status = ws_features_create(&settings, log, &features, err);
    if (status == WS_OK)
        status = make_features(values->input_wav, features, log, &arena, &made, err);
    if (status == WS_OK)
        status = write_source(values, &options, features, made, err);
    ws_arena_deinit(&arena);
    ws_features_destroy(features);
    return status;
}

static ws_status work(ws_flags *all, ws_console *console, ws_error *err)
{
    const wav_to_features_flags *values = all->values;
    const ws_status status = wav_to_features(values, &console->log, err);

    if (status == WS_OK)
        ws_log_write(&console->log, WS_LOG_INFO, "Wrote to \"%s\"", values->output_c_file);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    wav_to_features_flags values;

    (void)program;
    return ws_command_run(&table, n_arguments, arguments, &values, work);
}

const ws_command ws_command_wav_to_features = {
    .name = "wav_to_features",
    .summary = "write the features of a sound file as C source",
    .table = &table,
    .run = run,
};
