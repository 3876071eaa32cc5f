/* wordspot freeze */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "formats/frozen.h"
#include "recognize/checkpoint_model.h"
#include "settings/rows.h"
#include "settings/train_flags.h"

/** The values of the flags; those of `wordspot train` mean what they mean there. */
typedef struct freeze_flags {
    ws_train_options train;
    int64_t clip_stride_ms;
    const char *output_file, *save_format, *c_name;
} freeze_flags;

#define AT(field) offsetof(freeze_flags, field)

#define FEATURES WS_FLAGS_FEATURES
#define MODEL    WS_FLAGS_MODEL
#define OUTPUT   WS_FLAGS_OUTPUT

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
    WS_ROW_TEXT(c_name, "g_model", "NAME", OUTPUT,
                "With --save_format=c: the name of the array. NAME_len and NAME_size are its "
                "bytes."),
};

static const char *const titles[WS_N_FLAG_GROUPS] = {
    [FEATURES] = "Features",
    [MODEL] = "Model",
    [OUTPUT] = "Output",
};

static const ws_flag_table table = {
    .command = "freeze",
    .summary = "Makes one model file of a checkpoint, with everything in it from sound to scores, "
               "which TensorFlow and `wordspot label_wav` can run.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .base = &ws_train_flags,
    .base_offset = AT(train),
    .titles = titles,
};

static ws_status check_flags(const freeze_flags *values, ws_error *err)
{
    if (values->train.start_checkpoint[0] == '\0')
        return ws_fail(err, WS_EUSAGE,
                       "--start_checkpoint is missing, expected the checkpoint to "
                       "freeze, or the directory of a run");
    if (values->output_file[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--output_file is missing, expected the file to write");
    return WS_OK;
}

static ws_status freeze(ws_flags *all, ws_error *err)
{
    const freeze_flags *values = all->values;
    ws_checkpoint_model *model = calloc(1, sizeof *model);
    if (model == NULL)
        return ws_fail_memory(err, "a model");

    ws_status status = check_flags(values, err);
    if (status == WS_OK)
        status = ws_checkpoint_model_read(values->train.start_checkpoint, all, 0, model, err);
    model->frozen.micro_sample_scale = 0.0f; /* not training's, but what frozen graphs have */
    if (status == WS_OK)
        status = ws_dir_create_parent(values->output_file, err);
    if (status == WS_OK)
        status = ws_frozen_write(
            values->output_file, values->save_format, &model->frozen,
            &(ws_frozen_write_options){.labels = &model->labels, .c_name = values->c_name}, err);
    ws_checkpoint_model_deinit(model);
    free(model);
    return status;
}

static ws_status work(ws_flags *all, ws_console *console, ws_error *err)
{
    const freeze_flags *values = all->values;
    const ws_status status = freeze(all, err);

    if (status == WS_OK)
        ws_log_write(&console->log, WS_LOG_INFO, "Saved %s to %s",
                     ws_frozen_format_title(values->save_format), values->output_file);
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
