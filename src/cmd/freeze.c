/* wordspot freeze */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/file.h"
#include "base/lookup.h"
#include "cmd/calibration.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "cmd/freeze_cutoff.h"
#include "formats/frozen.h"
#include "formats/target.h"
#include "recognize/checkpoint_model.h"
#include "settings/rows.h"
#include "settings/train_flags.h"

/** The values of the flags; those of `wordspot train` mean what they mean there. */
typedef struct freeze_flags {
    ws_train_options train;
    int64_t clip_stride_ms;
    const char *output_file, *save_format, *c_name;
    bool features_in_graph;
    const char *inference_type, *inference_input_type, *inference_output_type;
    const char *calibration, *data_dir, *target;
    int64_t calibration_clips;
    const char *wake_word, *author, *website, *languages;
    const char *long_dir; /* "": none */
    double cutoff, target_false_accepts;
} freeze_flags;

#define AT(field) offsetof(freeze_flags, field)

#define FEATURES WS_FLAGS_FEATURES
#define MODEL    WS_FLAGS_MODEL
#define OUTPUT   WS_FLAGS_OUTPUT
#define DEVICE   WS_FLAGS_DATA

static const ws_flag flags[] = {
    WS_ROW_PICK_AS(start_checkpoint, MODEL,
                   .help =
                       "The checkpoint, such as tmp/speech_commands_train/conv.ckpt-100, or a "
                       "directory, for its newest one. A checkpoint of Wordspot holds "
                       "everything that the other flags ask for. For one that TensorFlow wrote, "
                       "the flags must say what it was trained with."),
    WS_ROW_PICK(model_architecture, MODEL),
    WS_ROW_PICK(wanted_words, MODEL),
    WS_ROW_PICK_AS(quantize, MODEL,
                   .help = "The model was trained for 8 bits: the graph rounds as training did."),
    WS_ROW_WHOLE(clip_stride_ms, "30", 1, 60000, "MS", MODEL,
                 "Accepted because the original has it. It has no effect there either: a frozen "
                 "low_latency_svdf looks at whole clips."),
    WS_ROW_PICK(preprocess, FEATURES),
    WS_ROW_PICK_AS(sample_rate, FEATURES, .help = "Sample rate of the clips."),
    WS_ROW_PICK(clip_duration_ms, FEATURES),
    WS_ROW_PICK(window_size_ms, FEATURES),
    WS_ROW_PICK(window_stride_ms, FEATURES),
    WS_ROW_PICK(feature_bin_count, FEATURES),
    WS_ROW_PATH(output_file, "", "PATH", OUTPUT,
                "The file or directory to write. An existing file is replaced; an existing "
                "directory must be empty."),
    WS_ROW_TEXT(save_format, "graph_def", "NAME", OUTPUT,
                "graph_def: one file, from the bytes of a WAV file (wav_data) to scores "
                "(labels_softmax). saved_model: a directory for tf.saved_model.load, from features "
                "to scores. tflite: one file for LiteRT and for microcontrollers, from features to "
                "scores. onnx: one file for ONNX Runtime and others, from features to scores, for "
                "any number of clips at once. c: the tflite file as an array for firmware, in "
                "NAME.c, .cc or .cpp, with NAME.h, NAME_settings.h (front end and labels, by the "
                "names that micro_speech has) and NAME.json."),
    WS_ROW_BOOL(features_in_graph, "false", OUTPUT,
                "With --save_format=tflite: the file makes the features itself, by LiteRT's "
                "operators AudioSpectrogram and Mfcc, and takes samples within +-1, float32 "
                "[samples of a clip, 1]. For mfcc and average features, and not for "
                "microcontrollers, which lack these operators. graph_def always does; the other "
                "formats cannot."),
    WS_ROW_TEXT(c_name, "g_model", "NAME", OUTPUT,
                "With --save_format=c: the name of the array. NAME_len and NAME_size are its "
                "bytes."),
    WS_ROW_TEXT(
        target, "", "NAME", DEVICE,
        "What the file is for: micro_speech (the example of TensorFlow Lite Micro; train "
        "with --preset=micro_speech), mlperf_tiny (train with --preset=mlperf_tiny), "
        "or esphome (micro_wake_word: one word by mixednet, step after step of a stream). "
        "With tflite the manifest of esphome is written, too: NAME.json for NAME.tflite. "
        "--target sets the form of the input and --inference_type=int8, and a model with an "
        "operator that the target lacks is refused."),
    WS_ROW_TEXT(
        inference_type, "float32", "TYPE", DEVICE,
        "What the model computes with: float32, or int8, whole numbers of 8 bits, which small "
        "devices are fast with."),
    WS_ROW_TEXT(inference_input_type, "int8", "TYPE", DEVICE,
                "What an int8 model takes: int8, uint8 or float32. In an ONNX file numbers of 8 "
                "bits are unsigned: int8 and uint8 are the same there."),
    WS_ROW_TEXT(inference_output_type, "int8", "TYPE", DEVICE,
                "What an int8 model gives: int8, uint8 or float32; in an ONNX file as above."),
    WS_ROW_WHOLE(calibration_clips, "200", 0, 1000000, "N", DEVICE,
                 "For int8: how many clips of the training set show which numbers the model "
                 "computes with. A model trained with --quantize knows most of its ranges."),
    WS_ROW_TEXT(calibration, "least_error", "NAME", DEVICE,
                "How a range is found: least_error (what rounding and cutting change the least), "
                "percentile (without the outermost 0.005 %) or min_max."),
    WS_ROW_PATH(data_dir, "", "DIR", DEVICE,
                "The data set for --calibration_clips. By default the one that the checkpoint was "
                "trained with."),
    WS_ROW_TEXT(wake_word, "", "TEXT", DEVICE,
                "For the manifest of esphome: the word as users read it. By default the model's "
                "last label, whose score the file gives."),
    WS_ROW_TEXT(author, "", "TEXT", DEVICE,
                "For the manifest: who made the model; \"unknown\" by default."),
    WS_ROW_TEXT(website, "", "URL", DEVICE, "For the manifest: left out by default."),
    WS_ROW_TEXT(languages, "", "CODES", DEVICE,
                "For the manifest: the languages that the model was trained with, a comma list "
                "such as en,de; en by default."),
    WS_ROW_REAL(cutoff, "0", 0, 0.999, "X", DEVICE,
                "For the manifest: the word is heard where the mean of the scores is above X. 0: "
                "chosen by --long, or else 0.5."),
    {.name = "long",
     .type = WS_FLAG_PATH,
     .offset = AT(long_dir),
     .initial = "",
     .value_name = "DIR",
     .help = "For the manifest: choose the cutoff by sound files in which the word is not said, of "
             "any length; several hours are needed to count few false accepts. Folders inside that "
             "are named after the word are left out.",
     .group = DEVICE},
    WS_ROW_REAL(target_false_accepts, "0.5", 0.001, 1000, "RATE", DEVICE,
                "With --long: the number of false accepts an hour that the cutoff is chosen for."),
};

static const char *const titles[WS_N_FLAG_GROUPS] = {
    [FEATURES] = "Features",
    [MODEL] = "Model",
    [OUTPUT] = "Output",
    [DEVICE] = "For small devices, with --save_format=tflite or c; --inference_type with onnx, too",
};

static const ws_flag_table table = {
    .command = "freeze",
    .summary = "Makes one model file of a checkpoint: for TensorFlow, LiteRT, ONNX Runtime, "
               "microcontrollers, and for `wordspot label_wav` and `wordspot test`.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .base = &ws_train_flags,
    .base_offset = AT(train),
    .titles = titles,
};

static bool has_manifest(const freeze_flags *values)
{
    return strcmp(values->target, "esphome") == 0 && strcmp(values->save_format, "tflite") == 0;
}

static ws_status check_flags(const ws_flags *all, ws_error *err)
{
    static const char *const of_manifest[] = {
        "wake_word", "author", "website", "languages", "cutoff", "long", "target_false_accepts"};
    const freeze_flags *values = all->values;

    if (values->train.start_checkpoint[0] == '\0')
        return ws_fail(err, WS_EUSAGE,
                       "--start_checkpoint is missing, expected the checkpoint to "
                       "freeze, or the directory of a run");
    if (values->output_file[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--output_file is missing, expected the file to write");
    for (size_t i = 0; i < sizeof of_manifest / sizeof *of_manifest && !has_manifest(values); i++)
        if (ws_flags_is_given(all, of_manifest[i]))
            return ws_fail(err, WS_EUSAGE,
                           "--%s is for a manifest: it needs --target=esphome and "
                           "--save_format=tflite",
                           of_manifest[i]);
    return WS_OK;
}

static const struct {
    const char *name;
    ws_lite_type type;
} types[] = {{"int8", WS_LITE_INT8}, {"uint8", WS_LITE_UINT8}, {"float32", WS_LITE_FLOAT32}};

static const char *type_name(size_t i)
{
    return types[i].name;
}

static ws_status find_type(const char *flag, const char *name, ws_lite_type *type, ws_error *err)
{
    size_t i = 0;

    const ws_status status =
        ws_lookup(flag, name, type_name, sizeof types / sizeof *types, &i, err);
    *type = types[i].type;
    return ws_fail_usage(status, err);
}

static const char *calibration_name(size_t i)
{
    static const char *const names[] = {
        [WS_LITE_CALIBRATION_LEAST_ERROR] = "least_error",
        [WS_LITE_CALIBRATION_PERCENTILE] = "percentile",
        [WS_LITE_CALIBRATION_MIN_MAX] = "min_max",
    };
    return names[i];
}

static bool is_for_devices(const freeze_flags *values)
{
    return strcmp(values->save_format, "tflite") == 0 || strcmp(values->save_format, "c") == 0;
}

static bool takes_features(const freeze_flags *values)
{
    return is_for_devices(values) || strcmp(values->save_format, "onnx") == 0;
}

/** Flags that would change nothing are a mistake: the file would not be the one that is meant. */
static ws_status check_effect(const ws_flags *all, bool is_int8, ws_error *err)
{
    const freeze_flags *values = all->values;
    const struct {
        const char *flag, *value;
    } of_int8[] = {{"inference_input_type", values->inference_input_type},
                   {"inference_output_type", values->inference_output_type}};

    for (size_t i = 0; i < sizeof of_int8 / sizeof *of_int8 && !is_int8; i++)
        if (ws_flags_is_given(all, of_int8[i].flag) && strcmp(of_int8[i].value, "float32") != 0)
            return ws_fail(err, WS_EUSAGE,
                           "--%s=%s has no effect without --inference_type=int8 or a --target",
                           of_int8[i].flag, of_int8[i].value);
    if (ws_flags_is_given(all, "c_name") && strcmp(values->save_format, "c") != 0)
        return ws_fail(err, WS_EUSAGE, "--c_name has no effect without --save_format=c");
    return WS_OK;
}

/** Whether the format and the flags for devices go with a front end inside of the file. */
static ws_status check_front(const freeze_flags *values, ws_error *err)
{
    const bool is_tflite = strcmp(values->save_format, "tflite") == 0;

    if (!values->features_in_graph || strcmp(values->save_format, "graph_def") == 0)
        return WS_OK;
    if (!is_tflite)
        return ws_fail(err, WS_EUSAGE,
                       "--features_in_graph: files of --save_format=%s take features; expected "
                       "--save_format=tflite or graph_def",
                       values->save_format);
    if (values->target[0] != '\0')
        return ws_fail(err, WS_EUSAGE,
                       "--features_in_graph: --target=%s lacks the operators AudioSpectrogram and "
                       "Mfcc; expected no --target, for LiteRT",
                       values->target);
    return WS_OK;
}

/** Reads the flags for devices. */
static ws_status find_options(const freeze_flags *values, ws_frozen_write_options *options,
                              ws_error *err)
{
    ws_lite_type inside = WS_LITE_FLOAT32;
    size_t method = 0;

    ws_status status = find_type("--inference_type", values->inference_type, &inside, err);
    if (status == WS_OK && inside == WS_LITE_UINT8)
        status = ws_fail(err, WS_EUSAGE, "--inference_type=uint8: expected float32 or int8");
    if (status == WS_OK)
        status = find_type("--inference_input_type", values->inference_input_type,
                           &options->input_type, err);
    if (status == WS_OK)
        status = find_type("--inference_output_type", values->inference_output_type,
                           &options->output_type, err);
    if (status == WS_OK)
        status = ws_fail_usage(ws_lookup("--calibration", values->calibration, calibration_name,
                                         WS_LITE_CALIBRATION_MIN_MAX + 1, &method, err),
                               err);
    if (status == WS_OK && values->target[0] != '\0')
        status = ws_fail_usage(ws_target_find(&options->target, values->target, err), err);
    if (status == WS_OK)
        status = check_front(values, err);
    options->takes_sound = values->features_in_graph && takes_features(values);
    if (options->takes_sound)
        options->input_type = WS_LITE_FLOAT32;
    options->is_int8 = inside == WS_LITE_INT8 || options->target != NULL;
    if (status == WS_OK && options->target != NULL) {
        options->input_type = WS_LITE_INT8;
        options->output_type = options->target->output_type;
    }
    options->calibration = (ws_lite_calibration)method;
    if (status == WS_OK && options->target != NULL && !is_for_devices(values))
        return ws_fail(err, WS_EUSAGE, "--target needs --save_format=tflite or c");
    if (status == WS_OK && options->is_int8 && !takes_features(values))
        return ws_fail(
            err, WS_EUSAGE,
            "--inference_type=int8 needs --save_format=tflite, c or onnx; a frozen graph "
            "of 8 bits is that of a model trained with --quantize");
    return status;
}

/** The clips for an int8 model. */
static ws_status read_clips(const freeze_flags *values, const ws_checkpoint_model *model,
                            const ws_log *log, ws_frozen_write_options *options, float **clips,
                            ws_error *err)
{
    ws_train_options of_run = model->options;

    if (!options->is_int8 || values->calibration_clips == 0)
        return WS_OK;
    if (values->data_dir[0] != '\0')
        of_run.data_dir = values->data_dir;
    of_run.strict = false;
    const ws_status status =
        ws_calibration_read(&of_run, &model->frozen.features, (size_t)values->calibration_clips,
                            log, clips, &options->n_clips, err);
    options->clips = *clips;
    return status;
}

static ws_status find_cutoff(const freeze_flags *values, const ws_checkpoint_model *model,
                             ws_console *console, double *cutoff, ws_error *err)
{
    return ws_freeze_cutoff_find(
        &(ws_freeze_cutoff_options){
            .given = values->cutoff,
            .long_dir = values->long_dir,
            .word = model->labels.items[model->labels.n_items - 1],
            .target = values->target_false_accepts,
            .n_threads = omp_get_max_threads(),
        },
        &model->frozen, model->labels.n_items - 1, console, cutoff, err);
}

static ws_status freeze(ws_flags *all, ws_console *console, double *cutoff, ws_error *err)
{
    const freeze_flags *values = all->values;
    ws_checkpoint_model *model = calloc(1, sizeof *model);
    ws_frozen_write_options options = {.labels = NULL};
    float *clips = NULL;

    if (model == NULL)
        return ws_fail_memory(err, "a model");
    ws_status status = check_flags(all, err);
    if (status == WS_OK)
        status = find_options(values, &options, err);
    if (status == WS_OK)
        status = check_effect(all, options.is_int8, err);
    if (status == WS_OK)
        status = ws_checkpoint_model_read(values->train.start_checkpoint, all, 0, model, err);
    options.labels = &model->labels;
    options.c_name = values->c_name;
    options.manifest = (ws_frozen_manifest){.wake_word = values->wake_word,
                                            .author = values->author,
                                            .website = values->website,
                                            .languages = values->languages};
    if (!takes_features(values))
        model->frozen.micro_sample_scale = 0.0f; /* not training's, but what frozen graphs have */
    if (status == WS_OK)
        status = read_clips(values, model, &console->log, &options, &clips, err);
    if (status == WS_OK)
        status = find_cutoff(values, model, console, cutoff, err);
    options.manifest.cutoff = *cutoff;
    if (status == WS_OK)
        status = ws_dir_create_parent(values->output_file, err);
    if (status == WS_OK)
        status = ws_frozen_write(values->output_file, values->save_format, &model->frozen, &options,
                                 err);
    free(clips);
    ws_checkpoint_model_deinit(model);
    free(model);
    return status;
}

static ws_status work(ws_flags *all, ws_console *console, ws_error *err)
{
    const freeze_flags *values = all->values;
    double cutoff = 0.0;
    const ws_status status = freeze(all, console, &cutoff, err);

    if (status == WS_OK)
        ws_log_write(&console->log, WS_LOG_INFO, "Saved %s to %s",
                     ws_frozen_format_title(values->save_format), values->output_file);
    if (status == WS_OK && has_manifest(values) && cutoff == 0.0)
        ws_log_write(&console->log, WS_LOG_INFO,
                     "Its manifest has the same name, ending in .json. probability_cutoff is %g, "
                     "as no cutoff was computed: choose one with --long, or raise it there if the "
                     "device hears the word where nobody says it",
                     WS_FROZEN_DEFAULT_CUTOFF);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    freeze_flags values;

    (void)program;
    return ws_command_run(&table, n_arguments, arguments, &values, work);
}

const ws_command ws_command_freeze = {
    .name = "freeze",
    .summary = "make one model file of a checkpoint",
    .table = &table,
    .run = run,
};
