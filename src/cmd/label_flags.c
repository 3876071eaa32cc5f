#include "cmd/label_flags.h"

#include "settings/rows.h"

#define AT(field) offsetof(ws_label_flags, field)

#define DATA   WS_FLAGS_DATA
#define WORDS  WS_FLAGS_FEATURES
#define MODEL  WS_FLAGS_MODEL
#define RUN    WS_FLAGS_RUN
#define OUTPUT WS_FLAGS_OUTPUT

#define GRAPH_HELP                                                                           \
    "The model as a frozen graph, the file or SavedModel directory that `wordspot freeze`, " \
    "or TensorFlow's freeze.py, wrote, or as a TFLite file."

/* What says where the model is and what is in it. */
#define CHECKPOINT_AND_LABELS                                                                    \
    WS_ROW_PICK_AS(start_checkpoint, DATA,                                                       \
                   .help = "The model as a checkpoint instead, such as "                         \
                           "tmp/speech_commands_train/conv.ckpt-100, or a directory, for its "   \
                           "newest one."),                                                       \
        WS_ROW_PATH(labels, "", "FILE", DATA,                                                    \
                    "The names of the model's scores, one label a line. Files of Wordspot hold " \
                    "them themselves; graphs of TensorFlow do not.")
#define OUTPUT_NAME                                                                              \
    WS_ROW_TEXT(output_name, "", "NAME", DATA,                                                   \
                "The graph's output for the scores, labels_softmax:0 in the original's graphs. " \
                "If given, it must be the one that the graph has.")

/* With these and the length of its clips a checkpoint that TensorFlow wrote is read. */
#define CHECKPOINT_FLAGS                                                                         \
    WS_ROW_PICK(model_architecture, MODEL),                                                      \
        WS_ROW_PICK_AS(wanted_words, MODEL,                                                      \
                       .help = "The words that the model tells apart, a comma list. Not needed " \
                               "if --labels is given."),                                         \
        WS_ROW_PICK(preprocess, MODEL),                                                          \
        WS_ROW_PICK_AS(sample_rate, MODEL,                                                       \
                       .help = "Sample rate of the clips that the model was trained with. Also " \
                               "needed for the few graphs that do not hold it."),                \
        WS_ROW_PICK(window_size_ms, MODEL), WS_ROW_PICK(window_stride_ms, MODEL),                \
        WS_ROW_PICK(feature_bin_count, MODEL),                                                   \
        WS_ROW_PICK_AS(quantize, MODEL, .help = "The model was trained for 8 bits.")

#define RUN_FLAGS WS_ROW_PICK(threads, RUN), WS_ROW_PICK(engine, RUN), WS_ROW_PICK(isa, RUN)
#define ROUNDING                                                                                \
    WS_ROW_TEXT(rounding, "exact", "NAME", RUN,                                                 \
                "Only for a TFLite model of 8 bits, how its sums are rounded: exact (once, to " \
                "the nearest, as LiteRT does by default), or tflm (twice, as TensorFlow Lite "  \
                "Micro does on a microcontroller). The scores differ by a level or two of 256.")

/* What both label commands have. */
#define COMMON_FLAGS                                                                               \
    WS_ROW_PATH(graph, "", "PATH", DATA,                                                           \
                GRAPH_HELP " One that follows a stream, such as a wake word of ESPHome, hears a "  \
                           "whole file: its highest score is shown, and when it came."),           \
        CHECKPOINT_AND_LABELS,                                                                     \
        WS_ROW_TEXT(input_name, "", "NAME", DATA,                                                  \
                    "The graph's input for the bytes of a WAV file, wav_data:0 in the original's " \
                    "graphs. If given, it must be the one that the graph has."),                   \
        OUTPUT_NAME, CHECKPOINT_FLAGS,                                                             \
        WS_ROW_PICK_AS(clip_duration_ms, MODEL, .help = "Length of these clips in milliseconds."), \
        RUN_FLAGS, ROUNDING,                                                                       \
        WS_ROW_WHOLE(how_many_labels, "3", 1, INT32_MAX, "N", OUTPUT,                              \
                     "Number of labels to print for a file, the best ones; all if the model has "  \
                     "fewer."),                                                                    \
        WS_ROW_BOOL(json, "false", OUTPUT,                                                         \
                    "For scripts: print one line of JSON for each file: {\"file\": its path, "     \
                    "\"label\": the best one, \"scores\": {label: score, ...}} with all labels, "  \
                    "or {\"file\": ..., \"error\": why it has no scores}.")

static const char *const titles[WS_N_FLAG_GROUPS] = {
    [DATA] = "Sound and model",
    [WORDS] = "When a word counts as heard, and as right",
    [MODEL] = "Model, only for a checkpoint that TensorFlow wrote, which does not describe itself",
    [RUN] = "The run",
    [OUTPUT] = "Output",
};

static const ws_flag label_wav_flags[] = {
    WS_ROW_PATH(wav, "", "FILE", DATA,
                "The sound file; further ones may follow the flags. Any format that libsndfile "
                "reads, of any sample rate and length. Only the start of a longer one is used."),
    COMMON_FLAGS,
};

static const ws_flag label_wav_dir_flags[] = {
    WS_ROW_PATH(wav_dir, "", "DIR", DATA,
                "The directory: all sound files in it (*.wav, *.flac, *.mp3, ...) are labelled, in "
                "the order of their names."),
    COMMON_FLAGS,
};

const ws_flag_table ws_label_wav_flags = {
    .command = "label_wav",
    .summary = "Says which words a trained model hears in sound files.",
    .flags = label_wav_flags,
    .n_flags = sizeof label_wav_flags / sizeof *label_wav_flags,
    .base = &ws_train_flags,
    .base_offset = AT(train),
    .operands_name = "FILE",
    .operands_offset = AT(files),
    .titles = titles,
};

const ws_flag_table ws_label_wav_dir_flags = {
    .command = "label_wav_dir",
    .summary = "Says which words a trained model hears in the sound files of a directory.",
    .flags = label_wav_dir_flags,
    .n_flags = sizeof label_wav_dir_flags / sizeof *label_wav_dir_flags,
    .base = &ws_train_flags,
    .base_offset = AT(train),
    .titles = titles,
};

/* When a word counts as heard. */
#define HEARING_FLAGS                                                                           \
    WS_ROW_WHOLE(clip_stride_ms, "30", 1, 60000, "MS", WORDS,                                   \
                 "Time from the start of one window to the next, in milliseconds."),            \
        WS_ROW_WHOLE(                                                                           \
            average_window_duration_ms, "500", 1, 3600000, "MS", WORDS,                         \
            "Time over which scores are averaged, in milliseconds. --average_window_ms is the " \
            "same."),                                                                           \
        WS_ROW_REAL(detection_threshold, "0.7", 0, 1, "X", WORDS,                               \
                    "A word is heard when the average of its scores rises above this value."),  \
        WS_ROW_WHOLE(suppression_ms, "500", 0, 3600000, "MS", WORDS,                            \
                     "Time after a word in which no other word is heard, in milliseconds. The " \
                     "original's C++ tool has 1500."),                                          \
        WS_ROW_WHOLE(minimum_count, "4", 1, 1000000, "N", WORDS,                                \
                     "Number of windows that an average needs. The original's C++ tool has 3.")

/* The original has two such tools with different flags. Names and defaults are those of the Python
 * one; those of the C++ one are accepted too. */
static const ws_flag stream_flags[] = {
    WS_ROW_PATH(wav, "", "FILE", DATA,
                "The sound file to follow, of any format that libsndfile reads, and of any sample "
                "rate and length."),
    WS_ROW_PATH(ground_truth, "", "FILE", DATA,
                "The words that are said in it, and when: a line \"label, milliseconds\" for each, "
                "as generate_streaming_test_wav writes them."),
    {.name = "model",
     .type = WS_FLAG_PATH,
     .offset = AT(graph),
     .initial = "",
     .value_name = "PATH",
     .help = GRAPH_HELP " --graph is the same.",
     .group = DATA},
    CHECKPOINT_AND_LABELS,
    WS_ROW_TEXT(input_names, "", "NAMES", DATA,
                "The graph's inputs for samples and for their rate, separated by a comma or a "
                "blank: decoded_sample_data:0 and decoded_sample_data:1 in the original's graphs. "
                "If given, they must be those that the graph has.",
                .traits = WS_FLAG_MANY),
    WS_ROW_TEXT(input_data_name, "", "NAME", DATA, "Only the first of --input_names."),
    WS_ROW_TEXT(input_rate_name, "", "NAME", DATA, "Only the second of --input_names."),
    OUTPUT_NAME,
    WS_ROW_PICK_AS(clip_duration_ms, WORDS,
                   .help = "Length of the window that the model looks at, in milliseconds. If "
                           "given, it must be that of the model's clips."),
    HEARING_FLAGS,
    WS_ROW_WHOLE(time_tolerance_ms, "1500", 0, 3600000, "MS", WORDS,
                 "Largest time between the start of a word and the start of the window in which it "
                 "was heard, in milliseconds. The original's C++ tool has 750."),
    CHECKPOINT_FLAGS,
    RUN_FLAGS,
    ROUNDING,
    WS_ROW_BOOL(verbose, "false", OUTPUT,
                "Print a line for each word when it is heard, with whether that was right, and the "
                "statistics so far. Without this flag, only the statistics of the whole file are "
                "printed."),
};

static const ws_flag_alias stream_aliases[] = {
    {"graph", "model"},
    {"average_window_ms", "average_window_duration_ms"},
    {"sample_stride_ms", "clip_stride_ms"},
};

const ws_flag_table ws_stream_flags = {
    .command = "test_streaming_accuracy",
    .summary = "Says how well a trained model hears words in a long sound file: the shares that "
               "were heard right, heard as another word, and heard where nothing was said.",
    .flags = stream_flags,
    .n_flags = sizeof stream_flags / sizeof *stream_flags,
    .aliases = stream_aliases,
    .n_aliases = sizeof stream_aliases / sizeof *stream_aliases,
    .base = &ws_train_flags,
    .base_offset = AT(train),
    .operands_offset = AT(files),
    .titles = titles,
};

static const ws_flag listen_flags[] = {
    WS_ROW_PICK_AS(start_checkpoint, DATA,
                   .help = "The model as a checkpoint of Wordspot, such as "
                           "tmp/speech_commands_train/conv.ckpt-100, or a directory, for its "
                           "newest one."),
    WS_ROW_PATH(graph, "", "PATH", DATA, GRAPH_HELP),
    WS_ROW_PATH(labels, "", "FILE", DATA,
                "The names of the model's scores, one label a line. Files of Wordspot hold them "
                "themselves; graphs of TensorFlow do not."),
    WS_ROW_TEXT(device, "default", "NAME", DATA,
                "The device of ALSA to listen to, where no FILE is given. The default one reaches "
                "PipeWire and PulseAudio, too."),
    WS_ROW_BOOL(list_devices, "false", DATA, "List the devices that record, and end."),
    WS_ROW_TEXT(raw_format, "s16", "NAME", DATA,
                "What raw sound on standard input (-) is made of: s16, s24, s32, f32, f64 "
                "(little-endian) or u8. A WAV file on standard input says it itself."),
    WS_ROW_WHOLE(raw_rate, "16000", 1, 1000000, "HZ", DATA,
                 "Sample rate of raw sound on standard input."),
    WS_ROW_WHOLE(raw_channels, "1", 1, 64, "N", DATA,
                 "Channels of raw sound on standard input. The first one is listened to."),
    WS_ROW_BOOL(realtime, "false", DATA,
                "Read a file as slowly as it would be spoken, instead of at once."),
    HEARING_FLAGS,
    WS_ROW_WHOLE(mean_of_last, "0", 0, 1000, "N", WORDS,
                 "Another rule, that of ESPHome's wake words: a word is heard when the mean of its "
                 "last N scores rises above --detection_threshold. Then scores start from nothing, "
                 "and --suppression_ms must pass. 0: averages over time."),
    WS_ROW_BOOL(continuous, "false", WORDS,
                "Follow the sound as a device does: features continue instead of beginning again "
                "in each window, and the network gets each frame once, which is many times "
                "faster. Only for networks without padding in time, such as mixednet; "
                "--clip_stride_ms must be a multiple of what they take at a time, 30 for "
                "mixednet."),
    WS_ROW_BOOL(unknown, "false", OUTPUT,
                "Also show when a word is heard that the model was trained to reject."),
    WS_ROW_BOOL(json, "false", OUTPUT,
                "Print one line of JSON for each word: {\"word\": ..., \"score\": ..., "
                "\"start_s\": ..., \"end_s\": ..., \"latency_s\": ...}."),
    WS_ROW_TEXT(exec, "", "COMMAND", OUTPUT,
                "Run a shell command for each word, with WORDSPOT_WORD, WORDSPOT_SCORE and "
                "WORDSPOT_TIME (seconds) in its environment. Listening continues meanwhile; up to "
                "8 commands run at the same time. With a ninth, a FILE waits until one has ended, "
                "and live sound leaves it out with a warning."),
    WS_ROW_PATH(record, "", "DIR", OUTPUT,
                "Keep the sound of each word as a WAV file in a folder of that word in DIR, to "
                "review it and to train with it."),
    WS_ROW_REAL(record_above, "1", 0, 1, "X", OUTPUT,
                "With --record: also keep sound in which a word has a score above X but is not "
                "heard, in DIR/near_misses."),
};

const ws_flag_table ws_listen_flags = {
    .command = "listen",
    .summary = "Hears words as they are spoken, in the sound of a microphone, a pipe or a file: "
               "FILE, or - for standard input (raw samples or a WAV file), or else a device.",
    .flags = listen_flags,
    .n_flags = sizeof listen_flags / sizeof *listen_flags,
    .base = &ws_train_flags,
    .base_offset = AT(train),
    .operands_name = "FILE",
    .operands_offset = AT(files),
    .titles = titles,
};

/* The percentages and the seed are those of the checkpoint; a graph does not say them. */
static const ws_flag test_flags[] = {
    WS_ROW_PATH(data_dir, "", "DIR", DATA,
                "The data set, or any folder that has a folder of sound files for each word. By "
                "default the one that the checkpoint was trained with, or tmp/speech_dataset."),
    WS_ROW_TEXT(set, "testing", "NAME", DATA,
                "Which clips: testing, validation or training, as training splits the data set "
                "(with its silence and its share of unknown words), or all: every clip of every "
                "folder. Folders of words that the model does not know count as _unknown_."),
    {.name = "long",
     .type = WS_FLAG_PATH,
     .offset = AT(long_dir),
     .initial = "",
     .value_name = "DIR",
     .help = "Test a wake word as it is used, in streams of sound: count false accepts an hour in "
             "the sound files of DIR, of any length, in which the phrase is not said. Folders "
             "inside that are named after the phrase are left out.",
     .group = DATA},
    WS_ROW_PATH(phrases, "", "DIR", DATA,
                "With --long: sound files in which the phrase is said once, to count misses."),
    WS_ROW_TEXT(snr, "clean", "LIST", DATA,
                "With --long: how the recordings are heard, a comma list of clean and of numbers: "
                "with noise from --noise_dir that many dB below the speech."),
    WS_ROW_REAL(target_false_accepts, "0.5", 0.001, 1000, "RATE", DATA,
                "With --long: choose the cutoff for this number of false accepts an hour."),
    WS_ROW_PATH(graph, "", "PATH", DATA, GRAPH_HELP),
    CHECKPOINT_AND_LABELS,
    WS_ROW_PATH(noise_dir, "", "DIR", DATA,
                "Background noise that silence is made of, and that --snr adds, sound files of any "
                "format and length. By "
                "default as the model was trained, or else _background_noise_ of the data set."),
    WS_ROW_PICK(silence, DATA),
    WS_ROW_PICK(silence_percentage, DATA),
    WS_ROW_PICK(unknown_percentage, DATA),
    WS_ROW_PICK(unknown_held_out, DATA),
    WS_ROW_PICK(testing_percentage, DATA),
    WS_ROW_PICK(validation_percentage, DATA),
    WS_ROW_PICK(split, DATA),
    WS_ROW_PICK(seed, DATA),
    CHECKPOINT_FLAGS,
    WS_ROW_PICK_AS(clip_duration_ms, MODEL, .help = "Length of these clips in milliseconds."),
    RUN_FLAGS,
    ROUNDING,
    WS_ROW_WHOLE(how_many_mistakes, "10", 0, 1000000, "N", OUTPUT,
                 "Number of mistakes to show: those that the model was most sure of."),
    {.name = "summaries_dir",
     .type = WS_FLAG_PATH,
     .offset = AT(test_summaries_dir),
     .initial = "",
     .value_name = "DIR",
     .help = "Also write an event file for TensorBoard, as a new run in this directory: accuracy, "
             "cross entropy, recall, precision and the confusion matrix.",
     .group = OUTPUT},
    {.name = "run_name",
     .type = WS_FLAG_TEXT,
     .offset = AT(test_run_name),
     .initial = "",
     .value_name = "NAME",
     .help = "That run's folder in --summaries_dir. By default test and the first free number: "
             "test-1.",
     .group = OUTPUT},
    {.name = "text",
     .type = WS_FLAG_PATH,
     .offset = AT(text_file),
     .initial = "",
     .value_name = "FILE",
     .help = "With --long: write what is printed to FILE, too.",
     .group = OUTPUT},
    {.name = "json",
     .type = WS_FLAG_PATH,
     .offset = AT(json_file),
     .initial = "",
     .value_name = "FILE",
     .help = "Write the result as one line of JSON to FILE, or to standard output and nothing else "
             "there: accuracy, the figures of each label, and mistakes.",
     .group = OUTPUT,
     .traits = WS_FLAG_BARE},
};

const ws_flag_table ws_test_flags = {
    .command = "test",
    .summary = "Says how well a trained model recognises clips whose words are known: accuracy, "
               "confusion matrix, recall and precision of each word, and the worst mistakes.",
    .flags = test_flags,
    .n_flags = sizeof test_flags / sizeof *test_flags,
    .base = &ws_train_flags,
    .base_offset = AT(train),
    .titles = titles,
};
