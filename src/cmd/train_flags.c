#include "cmd/train_flags.h"

#include <math.h>

#include "fetch/fetch.h"
#include "train/options.h"

#define AT(field) offsetof(ws_train_options, field)
/* clang-format off */
#define TEXT(name, initial, value_name, group, traits, help)                                       \
    {#name, WS_FLAG_TEXT, AT(name), initial, value_name, help, 0, 0, group, traits}
#define WHOLE(name, initial, min, max, value_name, group, traits, help)                            \
    {#name, WS_FLAG_WHOLE, AT(name), initial, value_name, help, min, max, group, traits}
#define REAL(name, initial, min, max, value_name, group, traits, help)                             \
    {#name, WS_FLAG_REAL, AT(name), initial, value_name, help, min, max, group, traits}
#define BOOL(name, initial, group, traits, help)                                                   \
    {#name, WS_FLAG_BOOL, AT(name), initial, "BOOL", help, 0, 0, group, traits}
/* clang-format on */

#define DATA     WS_FLAGS_DATA
#define FEATURES WS_FLAGS_FEATURES
#define MODEL    WS_FLAGS_MODEL
#define RUN      WS_FLAGS_RUN
#define OUTPUT   WS_FLAGS_OUTPUT
#define FIXED    WS_FLAG_FIXED
#define KEPT     WS_FLAG_KEPT
#define HPARAM   WS_FLAG_HPARAM

static const ws_flag flags[] = {
    TEXT(data_dir, "tmp/speech_dataset", "DIR", DATA, KEPT,
         "The data set: <word>/<speaker>_nohash_<n>.wav and _background_noise_/*.wav. Any sound "
         "files will do: WAV, FLAC, Ogg, Opus, MP3, AIFF and others that libsndfile reads."),
    TEXT(data_url, WS_FETCH_SPEECH_COMMANDS_URL, "URL", DATA, KEPT,
         "The .tar.gz archive (https, http or file) that is downloaded and unpacked into "
         "--data_dir if there is no folder in there yet; empty: nothing is. What was interrupted "
         "goes on where it was."),
    TEXT(wanted_words, "yes,no,up,down,left,right,on,off,stop,go", "WORDS", DATA, FIXED | HPARAM,
         "The words to tell apart, a comma list; every other word counts as _unknown_."),
    REAL(silence_percentage, "10", 0, 1000, "PERCENT", DATA, FIXED | HPARAM,
         "How many clips of silence are added, in percent of the clips with wanted words."),
    REAL(unknown_percentage, "10", 0, 1000, "PERCENT", DATA, FIXED | HPARAM,
         "How many clips of other words are added, in percent of the clips with wanted words."),
    WHOLE(testing_percentage, "10", 0, 100, "PERCENT", DATA, FIXED | HPARAM,
          "What share of the speakers is kept for the final test."),
    WHOLE(validation_percentage, "10", 0, 100, "PERCENT", DATA, FIXED | HPARAM,
          "What share of the speakers is kept for validation during training."),
    TEXT(split, "auto", "HOW", DATA, FIXED,
         "What decides which clips are for validation and for the test: lists "
         "(validation_list.txt and testing_list.txt in the data set, a line <word>/<clip> for each "
         "clip), hash (the speaker's part of the file name), or auto: the lists if both are there "
         "and the two percentages are 10, else the hash."),
    REAL(background_volume, "0.1", 0, HUGE_VAL, "GAIN", DATA, FIXED | HPARAM,
         "How loud background noise may be in a spoken clip; 1 is as loud as recorded."),
    REAL(background_frequency, "0.8", 0, 1, "SHARE", DATA, FIXED | HPARAM,
         "What share of the spoken training clips gets background noise."),
    REAL(time_shift_ms, "100", -100000, 100000, "MS", DATA, FIXED | HPARAM,
         "How far a training clip is shifted at most, earlier or later, in milliseconds; 0 or "
         "less: not at all."),
    BOOL(strict, "false", DATA, KEPT,
         "Stop at the first clip or noise recording that cannot be read, instead of naming and "
         "skipping it."),
    WHOLE(clip_cache_mb, "2048", 0, 1 << 20, "MIB", DATA, KEPT,
          "How much memory may hold decoded clips, in MiB; what does not fit is read again each "
          "time."),

    TEXT(preprocess, "mfcc", "KIND", FEATURES, FIXED | HPARAM,
         "How sound becomes features: mfcc, average (the spectrum, averaged in groups), micro (in "
         "whole numbers, as microcontrollers do it; above 15000 Hz only) or log_mel (logarithms of "
         "mel bands up to 8000 Hz, as BC-ResNet takes them; from 16000 Hz)."),
    WHOLE(sample_rate, "16000", 1000, 192000, "HZ", FEATURES, FIXED | HPARAM,
          "Sample rate of the features; clips of another rate are resampled."),
    WHOLE(clip_duration_ms, "1000", 1, 60000, "MS", FEATURES, FIXED | HPARAM,
          "Length of a clip in milliseconds: shorter ones are padded with zeros, longer ones cut."),
    REAL(window_size_ms, "30", 0.001, 60000, "MS", FEATURES, FIXED | HPARAM,
         "Length of one analysis frame in milliseconds."),
    REAL(window_stride_ms, "10", 0.001, 60000, "MS", FEATURES, FIXED | HPARAM,
         "From the start of one frame to the next, in milliseconds."),
    WHOLE(feature_bin_count, "40", 1, 4096, "N", FEATURES, FIXED | HPARAM,
          "Features a frame. mfcc has at most 40; average makes some more where they do not divide "
          "the spectrum."),

    TEXT(model_architecture, "conv", "NAME", MODEL, FIXED | HPARAM,
         "The network: single_fc, conv, low_latency_conv, low_latency_svdf, tiny_conv or "
         "tiny_embedding_conv."),
    TEXT(how_many_training_steps, "15000,3000", "STEPS", MODEL, KEPT | HPARAM,
         "Steps of each phase of training, a comma list."),
    TEXT(learning_rate, "0.001,0.0001", "RATES", MODEL, KEPT | HPARAM,
         "Learning rate of each phase, a comma list as long as --how_many_training_steps."),
    TEXT(optimizer, "gradient_descent", "NAME", MODEL, KEPT | HPARAM,
         "How weights follow gradients: gradient_descent, or momentum (Nesterov's, 0.9)."),
    WHOLE(batch_size, "100", 1, 65536, "N", MODEL, FIXED | HPARAM, "Clips a training step."),
    BOOL(quantize, "false", MODEL, KEPT | HPARAM,
         "Train for 8 bits: weights, activations and features are rounded to 256 levels of ranges "
         "that are learned meanwhile, in training and evaluation."),
    BOOL(check_nans, "false", MODEL, KEPT,
         "Look at every loss, gradient and weight, and end with the name of the first tensor that "
         "is not finite. Without it, a loss or a saved weight that is not finite ends a run too."),

    TEXT(train_dir, "tmp/speech_commands_train", "DIR", RUN, KEPT,
         "Where checkpoints and the list of labels go. A run that goes on stays where its "
         "checkpoint lies."),
    TEXT(summaries_dir, "tmp/retrain_logs", "DIR", RUN, KEPT,
         "Where event files go, for `tensorboard --logdir`."),
    TEXT(run_name, "", "NAME", RUN, KEPT,
         "The run's folder in --summaries_dir. By default the architecture and the first number "
         "that is free: conv-1."),
    TEXT(start_checkpoint, "", "PATH", RUN, 0,
         "Go on from this checkpoint, as in tmp/speech_commands_train/conv.ckpt-100, or from the "
         "newest one of a directory. Settings that are not given are taken from it."),
    WHOLE(
        stop_after_step, "0", 0, INT32_MAX, "STEP", RUN, 0,
        "Stop after this step as after a Ctrl-C: with a checkpoint, without the test. The run can "
        "be resumed from there as if it had not stopped. 0: do not stop early."),
    WHOLE(seed, "59185", 0, UINT32_MAX, "N", RUN, FIXED,
          "Of all random numbers: the same seed gives the same run, bit for bit."),
    WHOLE(threads, "0", 0, 1024, "N", RUN, 0,
          "Threads to compute with; 0 takes every core that the process may use. Results do not "
          "depend on it."),
    TEXT(engine, "fast", "NAME", RUN, 0,
         "What computes the network: fast, or reference (plain loops, for checking the other)."),
    TEXT(isa, "", "NAME", RUN, 0,
         "The instruction set that the fast engine uses: generic, v2, v3 or v4 (levels of x86-64). "
         "By default the best that the processor has."),

    WHOLE(eval_step_interval, "400", 1, INT32_MAX, "STEPS", OUTPUT, KEPT,
          "Steps from one validation to the next."),
    WHOLE(save_step_interval, "100", 1, INT32_MAX, "STEPS", OUTPUT, KEPT,
          "Steps from one checkpoint to the next."),
    WHOLE(log_step_interval, "1", 1, INT32_MAX, "STEPS", OUTPUT, KEPT,
          "Print one of so many training steps. Event files have them all."),
    TEXT(log, "all", "VIEWS", OUTPUT, KEPT,
         "What TensorBoard gets to show, a comma list of hparams, scalars, confusion, mistakes, "
         "filters, histograms, pr_curves, text, graph and projector; or all, or none."),
    TEXT(verbosity, "info", "LEVEL", OUTPUT, 0,
         "The least grave lines that are printed: debug, info, warn, error or fatal."),
    TEXT(json, "", "FILE", OUTPUT, WS_FLAG_BARE,
         "Write one line of JSON about the run into FILE, or to standard output, where nothing "
         "else goes: how it ended (success, stopped or failed, with the error), figures, files "
         "and settings. It is written when a run fails or is stopped too."),
};

const ws_flag_table ws_train_flags = {
    .command = "train",
    .summary =
        "Trains a network to spot spoken words, and writes checkpoints and TensorBoard event "
        "files.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
};
