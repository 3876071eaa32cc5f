#include "cmd/label_flags.h"

#include <stdlib.h>

#include "cmd/command.h"
#include "cmd/flag_rows.h"

#define AT(field) offsetof(ws_label_flags, field)

#define DATA   WS_FLAGS_DATA
#define WORDS  WS_FLAGS_FEATURES
#define MODEL  WS_FLAGS_MODEL
#define RUN    WS_FLAGS_RUN
#define OUTPUT WS_FLAGS_OUTPUT

#define START_CHECKPOINT                                                                         \
    TEXT(start_checkpoint, "", "PATH", DATA,                                                     \
         "The model as a checkpoint instead, as in tmp/speech_commands_train/conv.ckpt-100, or " \
         "the newest one of a directory.")
#define LABELS                                                                                   \
    TEXT(labels, "", "FILE", DATA,                                                               \
         "What the model's scores are called, one label a line. A checkpoint of Wordspot's has " \
         "them in it.")
#define OUTPUT_NAME                                                                              \
    TEXT(output_name, "", "NAME", DATA,                                                          \
         "The graph's output with the scores, labels_softmax:0 in the original's. If given, it " \
         "must be the one that the graph has.")
#define CLIP_DURATION(group, help) WHOLE(clip_duration_ms, "1000", 1, 60000, "MS", group, help)

/* What a checkpoint that TensorFlow wrote is read by. Bounds and defaults are those of `wordspot
 * train`, which has the clips' length, too. */
#define CHECKPOINT_FLAGS                                                                           \
    TEXT(model_architecture, "conv", "NAME", MODEL, "The network."),                               \
        TEXT(                                                                                      \
            wanted_words, "yes,no,up,down,left,right,on,off,stop,go", "WORDS", MODEL,              \
            "The words that it tells apart, a comma list; may be left out if --labels is given."), \
        TEXT(preprocess, "mfcc", "KIND", MODEL, "How sound becomes features."),                    \
        WHOLE(sample_rate, "16000", 1000, 192000, "HZ", MODEL,                                     \
              "Sample rate of the clips that it was trained with. Some graphs do not say theirs "  \
              "either."),                                                                          \
        REAL(window_size_ms, "30", 0.001, 60000, "MS", MODEL,                                      \
             "Length of one analysis frame in milliseconds."),                                     \
        REAL(window_stride_ms, "10", 0.001, 60000, "MS", MODEL,                                    \
             "From the start of one frame to the next, in milliseconds."),                         \
        WHOLE(feature_bin_count, "40", 1, 4096, "N", MODEL, "Features a frame."),                  \
        BOOL(quantize, "false", MODEL, "It was trained for 8 bits.")

#define RUN_FLAGS                                                                               \
    WHOLE(threads, "0", 0, 1024, "N", RUN,                                                      \
          "Threads to compute with; 0 takes every core that the process may use. Results do "   \
          "not depend on it."),                                                                 \
        TEXT(engine, "fast", "NAME", RUN,                                                       \
             "What computes the network: fast, or reference (plain loops, for checking the "    \
             "other)."),                                                                        \
        TEXT(isa, "", "NAME", RUN,                                                              \
             "The instruction set that the fast engine uses: generic, v2, v3 or v4 (levels of " \
             "x86-64). By default the best that the processor has.")

/* What both label commands have. */
#define COMMON_FLAGS                                                                              \
    TEXT(graph, "", "PATH", DATA,                                                                 \
         "The model as a frozen graph: the file or SavedModel directory that `wordspot freeze`, " \
         "or TensorFlow's freeze.py, wrote."),                                                    \
        START_CHECKPOINT, LABELS,                                                                 \
        TEXT(input_name, "", "NAME", DATA,                                                        \
             "The graph's input for the bytes of a WAV file: wav_data:0 in the original's "       \
             "graphs. If given, it must be the one that the graph has."),                         \
        OUTPUT_NAME, CHECKPOINT_FLAGS,                                                            \
        CLIP_DURATION(MODEL, "Length of these clips in milliseconds."), RUN_FLAGS,                \
        WHOLE(how_many_labels, "3", 1, INT32_MAX, "N", OUTPUT,                                    \
              "How many labels are printed for a file, the best ones; all if there are fewer."),  \
        BOOL(json, "false", OUTPUT,                                                               \
             "Print one JSON object a line for each file, for scripts: {\"file\": its path, "     \
             "\"label\": the best one, \"scores\": {label: score, ...}}, with all labels; or "    \
             "{\"file\": ..., \"error\": why there are none}.")

static const char *const titles[WS_N_FLAG_GROUPS] = {
    [DATA] = "Sound and model",
    [WORDS] = "When a word counts as heard, and as right",
    [MODEL] = "Model, only for a checkpoint that TensorFlow wrote: it does not say what it is",
    [RUN] = "The run",
    [OUTPUT] = "Output",
};

static const ws_flag label_wav_flags[] = {
    TEXT(wav, "", "FILE", DATA,
         "The sound file; further ones are written behind the flags. WAV or FLAC, of any sample "
         "rate and length: of a longer one the start is looked at."),
    COMMON_FLAGS,
};

static const ws_flag label_wav_dir_flags[] = {
    TEXT(wav_dir, "", "DIR", DATA,
         "The directory: all files *.wav and *.flac in it are labelled, in the order of their "
         "names."),
    COMMON_FLAGS,
};

const ws_flag_table ws_label_wav_flags = {
    .command = "label_wav",
    .summary = "Says which words a trained model hears in sound files.",
    .flags = label_wav_flags,
    .n_flags = sizeof label_wav_flags / sizeof *label_wav_flags,
    .operands_name = "FILE",
    .operands_offset = AT(files),
    .titles = titles,
};

const ws_flag_table ws_label_wav_dir_flags = {
    .command = "label_wav_dir",
    .summary = "Says which words a trained model hears in the sound files of a directory.",
    .flags = label_wav_dir_flags,
    .n_flags = sizeof label_wav_dir_flags / sizeof *label_wav_dir_flags,
    .titles = titles,
};

/* The original has two such tools, whose flags differ. Names and defaults are those of the Python
 * one; those of the C++ one are understood as well. */
static const ws_flag stream_flags[] = {
    TEXT(wav, "", "FILE", DATA,
         "The sound file that is followed: WAV or FLAC, of any sample rate and length."),
    TEXT(ground_truth, "", "FILE", DATA,
         "What is said in it, and when: a line \"label, milliseconds\" for each word, as "
         "generate_streaming_test_wav writes them."),
    {"model", WS_FLAG_TEXT, AT(graph), "", "PATH",
     "The model as a frozen graph: the file or SavedModel directory that `wordspot freeze`, or "
     "TensorFlow's freeze.py, wrote. --graph is the same.",
     0, 0, DATA, 0},
    START_CHECKPOINT,
    LABELS,
    {"input_names", WS_FLAG_TEXT, AT(input_names), "", "NAMES",
     "The graph's inputs for samples and for their rate: decoded_sample_data:0 and "
     "decoded_sample_data:1 in the original's graphs, with a comma or a blank between them. If "
     "given, they must be those that the graph has.",
     0, 0, DATA, WS_FLAG_MANY},
    TEXT(input_data_name, "", "NAME", DATA, "The first of --input_names alone."),
    TEXT(input_rate_name, "", "NAME", DATA, "The second one."),
    OUTPUT_NAME,
    CLIP_DURATION(WORDS, "Length of the window that the model looks at, in milliseconds. If given, "
                         "it must be that of the model's clips."),
    WHOLE(clip_stride_ms, "30", 1, 60000, "MS", WORDS,
          "From the start of one window to the next, in milliseconds."),
    WHOLE(average_window_duration_ms, "500", 1, 3600000, "MS", WORDS,
          "Scores are averaged over so many milliseconds. --average_window_ms is the same."),
    REAL(detection_threshold, "0.7", 0, 1, "X", WORDS,
         "A word is heard when the average of its scores rises above it."),
    WHOLE(suppression_ms, "500", 0, 3600000, "MS", WORDS,
          "After a word none is heard for so many milliseconds. (The original's C++ tool: 1500.)"),
    WHOLE(minimum_count, "4", 1, 1000000, "N", WORDS,
          "Windows that an average needs. (The original's C++ tool: 3.)"),
    WHOLE(time_tolerance_ms, "1500", 0, 3600000, "MS", WORDS,
          "How many milliseconds may lie between the start of a word and that of the window that "
          "it was heard in. (The original's C++ tool: 750.)"),
    CHECKPOINT_FLAGS,
    RUN_FLAGS,
    BOOL(verbose, "false", OUTPUT,
         "Print a line for each word when it is heard, whether that was right, and the statistics "
         "so far; without it, only those of the whole file."),
};

static const ws_flag_alias stream_aliases[] = {
    {"graph", "model"},
    {"average_window_ms", "average_window_duration_ms"},
    {"sample_stride_ms", "clip_stride_ms"},
};

const ws_flag_table ws_stream_flags = {
    .command = "test_streaming_accuracy",
    .summary = "Says how well a trained model hears words in a long sound file: the share that was "
               "heard right, heard as another word, and heard where nothing was said.",
    .flags = stream_flags,
    .n_flags = sizeof stream_flags / sizeof *stream_flags,
    .aliases = stream_aliases,
    .n_aliases = sizeof stream_aliases / sizeof *stream_aliases,
    .operands_offset = AT(files),
    .titles = titles,
};

int ws_label_flags_run(const ws_flag_table *table, int n_arguments, char *const *arguments,
                       ws_label_work *work)
{
    ws_label_flags flags = {.wav = ""};
    ws_error err = {.status = WS_OK};
    bool given[WS_LABEL_MAX_FLAGS] = {false};
    int code;

    flags.files.items = calloc((size_t)n_arguments + 1, sizeof *flags.files.items);
    if (flags.files.items == NULL) {
        (void)ws_fail_memory(&err, "arguments");
        code = ws_command_fail(table->command, &err);
    } else if (ws_command_read_flags(table, n_arguments, arguments, &flags, given, &code)) {
        code = work(table, &flags, given);
    }
    free(flags.files.items);
    return code;
}
