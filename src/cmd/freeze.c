/* wordspot freeze */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd/checkpoint_model.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "cmd/flag_rows.h"
#include "formats/frozen.h"

/** The values of the flags; those of `wordspot train` mean what they mean there. */
typedef struct freeze_flags {
    const char *wanted_words;
    const char *preprocess;
    int64_t sample_rate, clip_duration_ms, clip_stride_ms;
    double window_size_ms, window_stride_ms;
    int64_t feature_bin_count;
    const char *model_architecture;
    bool quantize;
    const char *start_checkpoint;
    const char *output_file, *save_format;
} freeze_flags;

#define AT(field) offsetof(freeze_flags, field)

#define FEATURES WS_FLAGS_FEATURES
#define MODEL    WS_FLAGS_MODEL
#define OUTPUT   WS_FLAGS_OUTPUT

/* Bounds and defaults are those of `wordspot train`. */
static const ws_flag flags[] = {
    TEXT(start_checkpoint, "", "PATH", MODEL,
         "The checkpoint, as in tmp/speech_commands_train/conv.ckpt-100, or the newest one of a "
         "directory. Wordspot's own says all that is asked for here; of one that TensorFlow "
         "wrote, the flags have to say what it was trained with."),
    TEXT(model_architecture, "conv", "NAME", MODEL, "The network."),
    TEXT(wanted_words, "yes,no,up,down,left,right,on,off,stop,go", "WORDS", MODEL,
         "The words that it tells apart, a comma list."),
    BOOL(quantize, "false", MODEL, "It was trained for 8 bits: the graph rounds as training did."),
    WHOLE(clip_stride_ms, "30", 1, 60000, "MS", MODEL,
          "Taken for the original's sake, and of no effect there either: a frozen "
          "low_latency_svdf looks at whole clips."),
    TEXT(preprocess, "mfcc", "KIND", FEATURES, "How sound becomes features."),
    WHOLE(sample_rate, "16000", 1000, 192000, "HZ", FEATURES, "Sample rate of the clips."),
    WHOLE(clip_duration_ms, "1000", 1, 60000, "MS", FEATURES,
          "Length of a clip in milliseconds: shorter ones are padded with zeros, longer ones cut."),
    REAL(window_size_ms, "30", 0.001, 60000, "MS", FEATURES,
         "Length of one analysis frame in milliseconds."),
    REAL(window_stride_ms, "10", 0.001, 60000, "MS", FEATURES,
         "From the start of one frame to the next, in milliseconds."),
    WHOLE(feature_bin_count, "40", 1, 4096, "N", FEATURES, "Features a frame."),
    TEXT(output_file, "", "PATH", OUTPUT,
         "Where the model goes. A file is replaced; a directory must not have anything in it."),
    TEXT(save_format, "graph_def", "NAME", OUTPUT,
         "graph_def: one file, from the bytes of a WAV file (wav_data) to scores "
         "(labels_softmax). saved_model: a directory for tf.saved_model.load, from features to "
         "scores."),
};
enum { N_FLAGS = sizeof flags / sizeof *flags };

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
    .n_flags = N_FLAGS,
    .titles = titles,
};

static ws_status check_flags(const freeze_flags *values, ws_error *err)
{
    if (values->start_checkpoint[0] == '\0')
        return ws_fail(err, WS_EUSAGE,
                       "--start_checkpoint is missing, expected the checkpoint to "
                       "freeze, or the directory of a run");
    if (values->output_file[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--output_file is missing, expected the file to write");
    return WS_OK;
}

static ws_status freeze(const freeze_flags *values, const bool *given, ws_error *err)
{
    const ws_given_flags all = {.table = &table, .values = values, .given = given};
    ws_checkpoint_model *model = calloc(1, sizeof *model);
    if (model == NULL)
        return ws_fail_memory(err, "a model");

    ws_status status = check_flags(values, err);
    if (status == WS_OK)
        status = ws_checkpoint_model_read(values->start_checkpoint, &all, 0, model, err);
    model->frozen.micro_sample_scale = 0.0f; /* not training's, but what frozen graphs have */
    if (status == WS_OK)
        status = ws_dir_create_parent(values->output_file, err);
    if (status == WS_OK)
        status = ws_frozen_write(values->output_file, values->save_format, &model->frozen, err);
    ws_checkpoint_model_deinit(model);
    free(model);
    return status;
}

static ws_status work(void *flag_values, const bool *given, ws_console *console, ws_error *err)
{
    const freeze_flags *values = flag_values;
    const bool is_directory = strcmp(values->save_format, "saved_model") == 0;
    const ws_status status = freeze(values, given, err);

    if (status == WS_OK)
        ws_log_write(&console->log, WS_LOG_INFO, "Saved %s to %s",
                     is_directory ? "SavedModel" : "frozen graph", values->output_file);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    freeze_flags values;
    bool given[N_FLAGS] = {false};

    (void)program;
    return ws_command_run(&table, n_arguments, arguments, &values, given, work);
}

const ws_command ws_command_freeze = {
    .name = "freeze",
    .summary = "make one model file of a checkpoint",
    .table = &table,
    .run = run,
};
