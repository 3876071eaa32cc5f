#include "cmd/label_flags.h"

#define AT(field) offsetof(ws_label_flags, field)
/* clang-format off */
#define TEXT(name, initial, value_name, group, help)                                               \
    {#name, WS_FLAG_TEXT, AT(name), initial, value_name, help, 0, 0, group, 0}
#define WHOLE(name, initial, min, max, value_name, group, help)                                    \
    {#name, WS_FLAG_WHOLE, AT(name), initial, value_name, help, min, max, group, 0}
#define REAL(name, initial, min, max, value_name, group, help)                                     \
    {#name, WS_FLAG_REAL, AT(name), initial, value_name, help, min, max, group, 0}
#define BOOL(name, initial, group, help)                                                           \
    {#name, WS_FLAG_BOOL, AT(name), initial, "BOOL", help, 0, 0, group, 0}
/* clang-format on */

#define DATA   WS_FLAGS_DATA
#define MODEL  WS_FLAGS_MODEL
#define RUN    WS_FLAGS_RUN
#define OUTPUT WS_FLAGS_OUTPUT

/* What both commands have. Bounds and defaults of MODEL are those of `wordspot train`. */
#define COMMON_FLAGS                                                                               \
    TEXT(graph, "", "PATH", DATA,                                                                  \
         "The model as a frozen graph: the file or SavedModel directory that `wordspot freeze`, "  \
         "or TensorFlow's freeze.py, wrote."),                                                     \
        TEXT(start_checkpoint, "", "PATH", DATA,                                                   \
             "The model as a checkpoint instead, as in tmp/speech_commands_train/conv.ckpt-100, "  \
             "or the newest one of a directory."),                                                 \
        TEXT(labels, "", "FILE", DATA,                                                             \
             "What the model's scores are called, one label a line. A checkpoint of Wordspot's "   \
             "has them in it."),                                                                   \
        TEXT(input_name, "", "NAME", DATA,                                                         \
             "The graph's input for the bytes of a WAV file: wav_data:0 in the original's "        \
             "graphs. If given, it must be the one that the graph has."),                          \
        TEXT(output_name, "", "NAME", DATA,                                                        \
             "The graph's output with the scores, labels_softmax:0 in the original's; as "         \
             "--input_name."),                                                                     \
        TEXT(model_architecture, "conv", "NAME", MODEL, "The network."),                           \
        TEXT(                                                                                      \
            wanted_words, "yes,no,up,down,left,right,on,off,stop,go", "WORDS", MODEL,              \
            "The words that it tells apart, a comma list; may be left out if --labels is given."), \
        TEXT(preprocess, "mfcc", "KIND", MODEL, "How sound becomes features."),                    \
        WHOLE(sample_rate, "16000", 1000, 192000, "HZ", MODEL,                                     \
              "Sample rate of the clips that it was trained with. Some graphs do not say theirs "  \
              "either."),                                                                          \
        WHOLE(clip_duration_ms, "1000", 1, 60000, "MS", MODEL,                                     \
              "Length of these clips in milliseconds."),                                           \
        REAL(window_size_ms, "30", 0.001, 60000, "MS", MODEL,                                      \
             "Length of one analysis frame in milliseconds."),                                     \
        REAL(window_stride_ms, "10", 0.001, 60000, "MS", MODEL,                                    \
             "From the start of one frame to the next, in milliseconds."),                         \
        WHOLE(feature_bin_count, "40", 1, 4096, "N", MODEL, "Features a frame."),                  \
        BOOL(quantize, "false", MODEL, "It was trained for 8 bits."),                              \
        WHOLE(threads, "0", 0, 1024, "N", RUN,                                                     \
              "Threads to compute with; 0 takes every core that the process may use. Results do "  \
              "not depend on it."),                                                                \
        TEXT(engine, "fast", "NAME", RUN,                                                          \
             "What computes the network: fast, or reference (plain loops, for checking the "       \
             "other)."),                                                                           \
        TEXT(isa, "", "NAME", RUN,                                                                 \
             "The instruction set that the fast engine uses: generic, v2, v3 or v4 (levels of "    \
             "x86-64). By default the best that the processor has."),                              \
        WHOLE(how_many_labels, "3", 1, INT32_MAX, "N", OUTPUT,                                     \
              "How many labels are printed for a file, the best ones; all if there are fewer."),   \
        BOOL(json, "false", OUTPUT,                                                                \
             "Print one JSON object a line for each file, for scripts: {\"file\": its path, "      \
             "\"label\": the best one, \"scores\": {label: score, ...}}, with all labels; or "     \
             "{\"file\": ..., \"error\": why there are none}.")

static const char *const titles[WS_N_FLAG_GROUPS] = {
    [DATA] = "Sound and model",
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
