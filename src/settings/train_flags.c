#include "settings/train_flags.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "settings/rows.h"

#define AT(field) offsetof(ws_train_options, field)

#define DATA       WS_FLAGS_DATA
#define FEATURES   WS_FLAGS_FEATURES
#define MODEL      WS_FLAGS_MODEL
#define RUN        WS_FLAGS_RUN
#define OUTPUT     WS_FLAGS_OUTPUT
#define FIXED      WS_FLAG_FIXED
#define KEPT       WS_FLAG_KEPT
#define HPARAM     WS_FLAG_HPARAM
#define OF_ONE_RUN WS_FLAG_OF_ONE_RUN

static const ws_flag rows[] = {
    WS_ROW_PATH(
        data_dir, "tmp/speech_dataset", "DIR", DATA,
        "The data set: <word>/<speaker>_nohash_<n>.wav and _background_noise_/*.wav. Sound "
        "files of any format that libsndfile reads are accepted: WAV, FLAC, Ogg, Opus, MP3, "
        "AIFF and others.",
        .traits = KEPT),
    WS_ROW_TEXT(data_url, WS_SPEECH_COMMANDS_URL, "URL", DATA,
                "The .tar.gz archive (https, http or file) to download and unpack into --data_dir "
                "if that has no folder in it yet. An interrupted download is resumed. Empty: "
                "nothing is downloaded.",
                .traits = KEPT),
    WS_ROW_TEXT(wanted_words, "yes,no,up,down,left,right,on,off,stop,go", "WORDS", DATA,
                "The words to recognise, a comma list. Every other word counts as _unknown_.",
                .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_TEXT(wake_word, "", "PHRASE", DATA,
                "Train a detector of this word or phrase, a network of one output, instead of a "
                "recogniser of --wanted_words.",
                .traits = FIXED | HPARAM),
    WS_ROW_TEXT(
        wake_word_clips, "", "DIRS", DATA,
        "Of --wake_word: folders with sound files in which the phrase is said once, a comma "
        "list. It may lie anywhere in a file.",
        .traits = KEPT | WS_FLAG_OF_SWITCH),
    WS_ROW_TEXT(wake_word_near, "", "DIRS", DATA,
                "Of --wake_word: folders with sound files of what sounds nearly like the phrase, a "
                "comma list.",
                .traits = KEPT | WS_FLAG_OF_SWITCH),
    WS_ROW_TEXT(
        wake_word_speech, "", "DIRS", DATA,
        "Of --wake_word: folders with speech of any length in which the phrase is not said, "
        "a comma list. Folders inside that are named after the phrase are left out.",
        .traits = KEPT | WS_FLAG_OF_SWITCH),
    WS_ROW_REAL(wake_word_share, "0.25", 0.01, 0.99, "SHARE", DATA,
                "Of --wake_word: share of the training windows that have the phrase at their end.",
                .traits = KEPT | HPARAM | WS_FLAG_OF_SWITCH),
    WS_ROW_REAL(
        wake_word_weight, "1", 0.001, 1000, "WEIGHT", DATA,
        "Of --wake_word: weight of the windows with the phrase in the loss; the others have "
        "1. Less means fewer false accepts and more misses.",
        .traits = KEPT | HPARAM | WS_FLAG_OF_SWITCH),
    WS_ROW_REAL(
        wake_word_logit_factor, "1", 0.01, 100, "FACTOR", DATA,
        "Of --wake_word: the loss reads the network's logit times this. Above 1, scores come less "
        "near to 0 and 1, so the 8 bits of a device tell high ones apart. Their order stays.",
        .traits = KEPT | HPARAM | WS_FLAG_OF_SWITCH),
    WS_ROW_WHOLE(wake_word_tries, "4", 1, 64, "N", DATA,
                 "Of --wake_word: windows that each step looks at for every window without the "
                 "phrase that it trains on; half of those are the ones that the network takes for "
                 "the phrase most. 1: all are drawn at random.",
                 .traits = KEPT | HPARAM | WS_FLAG_OF_SWITCH),
    WS_ROW_PATH(rir_dir, "", "DIR", DATA,
                "Of --wake_word: impulse responses of rooms, in which half of the training windows "
                "are heard. By default rooms are generated.",
                .traits = KEPT),
    WS_ROW_REAL(silence_percentage, "10", 0, 1000, "PERCENT", DATA,
                "Number of silent clips to add, in percent of the clips with wanted words.",
                .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_REAL(unknown_percentage, "10", 0, 1000, "PERCENT", DATA,
                "Number of clips of other words to add, in percent of the clips with wanted words.",
                .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_WHOLE(testing_percentage, "10", 0, 100, "PERCENT", DATA,
                 "Share of the speakers that is kept for the final test.",
                 .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_WHOLE(validation_percentage, "10", 0, 100, "PERCENT", DATA,
                 "Share of the speakers that is kept for validation during training.",
                 .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_TEXT(split, "auto", "HOW", DATA,
                "What decides which clips are for validation and for the test: lists "
                "(validation_list.txt and testing_list.txt in the data set, a line <word>/<clip> "
                "for each clip), hash (the speaker's part of the file name), or auto: the lists if "
                "both are there and the two percentages are 10, else the hash.",
                .traits = FIXED | OF_ONE_RUN),
    WS_ROW_TEXT(unknown_held_out, "", "WORDS", DATA,
                "Words that training never meets, a comma list. Validation and test then have no "
                "other words under _unknown_, so their figures say how a word is heard that the "
                "model does not know.",
                .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_TEXT(unknown_redraw, "none", "HOW", DATA,
                "Which clips of other words are trained with: none (the same ones in the whole "
                "run, drawn at its start), clips (each time another one of all that there are), or "
                "words (the same, with each word equally often, however few clips it has).",
                .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_TEXT(
        silence, "original", "HOW", DATA,
        "What silent clips are made of, in training, validation and test: original "
        "(background noise at a volume from 0 to 1), or microphone (zeros, hum, white to "
        "brown noise and background noise at levels from -90 to -10 dBFS, and the quiet "
        "ends of clips), which does not depend on how loud the background noise is. With "
        "microphone, half of it is as long as the clips, with zeros up to --clip_duration_ms.",
        .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_PATH(noise_dir, "", "DIR", DATA,
                "Background noise: sound files of any format, sample rate and length, also in "
                "folders inside DIR. By default _background_noise_ of the data set.",
                .traits = KEPT),
    WS_ROW_REAL(background_volume, "0.1", 0, HUGE_VAL, "GAIN", DATA,
                "Largest gain of background noise in a spoken clip; 1 is as loud as recorded.",
                .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_TEXT(noise_snr, "", "LOW..HIGH", DATA,
                "Instead of --background_volume: how far background noise is below the spoken "
                "clip, in dB, drawn evenly from this range. Then it does not matter how loud the "
                "recordings of noise are. By default --background_volume counts.",
                .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_REAL(background_frequency, "0.8", 0, 1, "SHARE", DATA,
                "Share of the spoken training clips that get background noise.",
                .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_REAL(time_shift_ms, "100", -100000, 100000, "MS", DATA,
                "Largest shift of a training clip, earlier or later, in milliseconds. 0 or less: "
                "clips are not shifted.",
                .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_REAL(speed_perturbation, "0", 0, 0.5, "SHARE", DATA,
                "Play each spoken training clip faster or slower by up to this share, so at 0.1 at "
                "a speed from 0.9 to 1.1; its pitch changes, too.",
                .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_REAL(volume_perturbation, "0", 0, 60, "DB", DATA,
                "Make each spoken training clip louder or quieter by up to this number of dB.",
                .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_BOOL(spec_augment, "false", DATA,
                "Set random stretches of the features of each training clip to zero: frames (time "
                "masks) and bins (frequency masks).",
                .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_WHOLE(spec_augment_time_masks, "2", 0, 1000, "N", DATA,
                 "Of --spec_augment: time masks per clip.",
                 .traits = FIXED | HPARAM | OF_ONE_RUN | WS_FLAG_OF_SWITCH),
    WS_ROW_WHOLE(spec_augment_time_frames, "20", 0, INT32_MAX, "N", DATA,
                 "Of --spec_augment: largest width of a time mask, in frames. Each width from 0 to "
                 "this is equally likely.",
                 .traits = FIXED | HPARAM | OF_ONE_RUN | WS_FLAG_OF_SWITCH),
    WS_ROW_WHOLE(spec_augment_frequency_masks, "2", 0, 1000, "N", DATA,
                 "Of --spec_augment: frequency masks per clip.",
                 .traits = FIXED | HPARAM | OF_ONE_RUN | WS_FLAG_OF_SWITCH),
    WS_ROW_WHOLE(spec_augment_frequency_bins, "5", 0, INT32_MAX, "N", DATA,
                 "Of --spec_augment: largest width of a frequency mask, in bins of a frame.",
                 .traits = FIXED | HPARAM | OF_ONE_RUN | WS_FLAG_OF_SWITCH),
    WS_ROW_BOOL(strict, "false", DATA,
                "Stop at the first clip or noise recording that cannot be read, instead of naming "
                "and skipping it.",
                .traits = KEPT),
    WS_ROW_WHOLE(
        clip_cache_mb, "2048", 0, 1 << 20, "MIB", DATA,
        "Memory for decoded clips, in MiB. Clips that do not fit are read again each time.",
        .traits = KEPT),

    WS_ROW_TEXT(
        preprocess, "mfcc", "KIND", FEATURES,
        "How sound becomes features: mfcc, average (the spectrum, averaged in groups), "
        "micro (whole numbers, as TensorFlow's operator for microcontrollers makes them; only "
        "above 15000 Hz), micro_device (the same as the C code on a device makes them: "
        "some features differ by little) or log_mel (logarithms of mel bands up to 8000 Hz, as for "
        "BC-ResNet; from 16000 Hz).",
        .traits = FIXED | HPARAM),
    WS_ROW_WHOLE(sample_rate, "16000", 1000, 192000, "HZ", FEATURES,
                 "Sample rate of the features. Clips of another rate are resampled.",
                 .traits = FIXED | HPARAM),
    WS_ROW_WHOLE(clip_duration_ms, "1000", 1, 60000, "MS", FEATURES,
                 "Length of a clip in milliseconds. Shorter clips are padded with zeros, longer "
                 "ones are cut.",
                 .traits = FIXED | HPARAM),
    WS_ROW_REAL(window_size_ms, "30", 0.001, 60000, "MS", FEATURES,
                "Length of one analysis frame in milliseconds.", .traits = FIXED | HPARAM),
    WS_ROW_REAL(window_stride_ms, "10", 0.001, 60000, "MS", FEATURES,
                "Time from the start of one frame to the next, in milliseconds.",
                .traits = FIXED | HPARAM),
    WS_ROW_WHOLE(feature_bin_count, "40", 1, 4096, "N", FEATURES,
                 "Features per frame. mfcc has at most 40. average makes some more if the number "
                 "does not divide the spectrum.",
                 .traits = FIXED | HPARAM),

    WS_ROW_TEXT(preset, "tutorial", "NAME", MODEL,
                "A recipe: values of other flags, which hold where those are not given. `wordspot "
                "train --help=presets` lists the recipes.",
                .traits = FIXED | HPARAM),
    WS_ROW_TEXT(model_architecture, "conv", "NAME", MODEL,
                "The network. Of the original: single_fc, conv, low_latency_conv, "
                "low_latency_svdf, tiny_conv and tiny_embedding_conv. Of today: bc_resnet_1, _1.5, "
                "_2, _3, _6 and _8 (made for --preprocess=log_mel); ds_cnn_s, _m and _l "
                "(--window_size_ms=40 --window_stride_ms=20 --feature_bin_count=10); tc_resnet_8 "
                "and _14, also as tc_resnet_8_1.5 and tc_resnet_14_1.5, and ds_tc_resnet (the "
                "default features); mixednet (--preprocess=micro_device "
                "--clip_duration_ms=2060, and the "
                "flags --mixednet_*).",
                .traits = FIXED | HPARAM),
    WS_ROW_WHOLE(mixednet_first_filters, "32", 1, 4096, "N", MODEL,
                 "Of mixednet: channels of the first convolution.",
                 .traits = FIXED | HPARAM | WS_FLAG_OF_NETWORK),
    WS_ROW_WHOLE(mixednet_first_kernel, "5", 1, 4096, "N", MODEL,
                 "Of mixednet: frames that the first convolution sees.",
                 .traits = FIXED | HPARAM | WS_FLAG_OF_NETWORK),
    WS_ROW_WHOLE(mixednet_stride, "3", 1, 4096, "N", MODEL,
                 "Of mixednet: frames from one step of the first convolution to the next.",
                 .traits = FIXED | HPARAM | WS_FLAG_OF_NETWORK),
    WS_ROW_TEXT(mixednet_kernels, "[5],[7,11],[9,15],[23]", "LISTS", MODEL,
                "Of mixednet: for each block a list in brackets, the lengths of its depthwise "
                "convolutions, which share its channels. Blocks have no padding, so long lengths "
                "need long clips.",
                .traits = FIXED | HPARAM | WS_FLAG_OF_NETWORK),
    WS_ROW_TEXT(mixednet_filters, "64,64,64,64", "LIST", MODEL,
                "Of mixednet: channels that each block gives.",
                .traits = FIXED | HPARAM | WS_FLAG_OF_NETWORK),
    WS_ROW_TEXT(mixednet_residuals, "0,0,0,0", "LIST", MODEL,
                "Of mixednet: 1 for each block with a residual connection, else 0.",
                .traits = FIXED | HPARAM | WS_FLAG_OF_NETWORK),
    WS_ROW_BOOL(mixednet_pooled, "false", MODEL,
                "Of mixednet: the last layer reads the mean over the frames that are left, not all "
                "of them.",
                .traits = FIXED | HPARAM | WS_FLAG_OF_NETWORK),
    WS_ROW_NUMBERS(how_many_training_steps, "15000,3000", "STEPS", MODEL,
                   "Training steps of each phase, a comma list.", .traits = KEPT | HPARAM),
    WS_ROW_NUMBERS(epochs, "", "EPOCHS", MODEL,
                   "Length of each phase in epochs, a comma list, instead of "
                   "--how_many_training_steps. Each epoch then has every training clip once, in a "
                   "random order. Empty: phases are counted in steps, and each clip is drawn from "
                   "all of them.",
                   .traits = KEPT | HPARAM),
    WS_ROW_NUMBERS(learning_rate, "0.001,0.0001", "RATES", MODEL,
                   "Learning rate of each phase, a comma list as long as "
                   "--how_many_training_steps.",
                   .traits = KEPT | HPARAM),
    WS_ROW_TEXT(schedule, "steps", "NAME", MODEL,
                "How the learning rate changes: steps (each phase has its own), or from one rate "
                "down to zero along half a cosine (cosine) or a straight line (linear).",
                .traits = KEPT | HPARAM),
    WS_ROW_REAL(warmup, "0", 0, INT32_MAX, "STEPS", MODEL,
                "Steps at the start over which the learning rate rises from zero; a number below 1 "
                "is a share of all steps.",
                .traits = KEPT | HPARAM),
    WS_ROW_TEXT(optimizer, "gradient_descent", "NAME", MODEL,
                "How weights follow gradients: gradient_descent, momentum (Nesterov's), "
                "sgd_momentum (plain momentum), adam, or adamw (Adam with weight decay apart from "
                "the gradient).",
                .traits = KEPT | HPARAM),
    WS_ROW_REAL(momentum, "0.9", 0, 0.9999, "SHARE", MODEL,
                "Of momentum and sgd_momentum: share of the previous step that the next one keeps.",
                .traits = KEPT | HPARAM | WS_FLAG_OF_OPTIMIZER),
    WS_ROW_REAL(adam_beta1, "0.9", 0, 0.9999, "SHARE", MODEL,
                "Of adam and adamw: share that the mean of gradients keeps in each step.",
                .traits = KEPT | HPARAM | WS_FLAG_OF_OPTIMIZER),
    WS_ROW_REAL(adam_beta2, "0.999", 0, 0.999999, "SHARE", MODEL,
                "Of adam and adamw: share that the mean of squared gradients keeps in each step.",
                .traits = KEPT | HPARAM | WS_FLAG_OF_OPTIMIZER),
    WS_ROW_REAL(adam_epsilon, "1e-08", 1e-30, 1, "NUMBER", MODEL,
                "Of adam and adamw: added to the root of the mean of squares, so that steps stay "
                "finite.",
                .traits = KEPT | HPARAM | WS_FLAG_OF_OPTIMIZER),
    WS_ROW_REAL(weight_decay, "0", 0, 10, "SHARE", MODEL,
                "How strongly weights are pulled to zero; not those of biases and normalisation. "
                "adamw shrinks them by the learning rate times this; the other optimisers add this "
                "times the weight to its gradient. 0: no decay.",
                .traits = KEPT | HPARAM),
    WS_ROW_REAL(clip_norm, "0", 0, HUGE_VAL, "NORM", MODEL,
                "Longest gradient: a longer one, over all weights together, is scaled down to this "
                "length. 0: no bound.",
                .traits = KEPT | HPARAM),
    WS_ROW_REAL(ema, "0", 0, 0.999999, "DECAY", MODEL,
                "Keep a moving average of the weights, of which each step keeps this share (fewer "
                "in the first steps). Validation, the test, the best checkpoint and all commands "
                "that use a checkpoint go by the average. 0: no average.",
                .traits = KEPT | HPARAM),
    WS_ROW_REAL(label_smoothing, "0", 0, 0.99, "SHARE", MODEL,
                "Share of each training clip's label that is spread evenly over all labels.",
                .traits = KEPT | HPARAM),
    WS_ROW_REAL(mixup, "0", 0, 1, "ALPHA", MODEL,
                "Mix the features and labels of each training clip with those of another one, with "
                "shares drawn from the distribution Beta(ALPHA, ALPHA): 0.2 mixes most clips a "
                "little, 1 mixes them evenly. 0: clips are not mixed.",
                .traits = KEPT | HPARAM),
    WS_ROW_PATH(distill, "", "PATH", MODEL,
                "Learn from a teacher as well: from what the network of this checkpoint says of "
                "each training clip. It must have the same features and words.",
                .traits = KEPT | HPARAM),
    WS_ROW_REAL(
        distill_temperature, "2", 0.1, 100, "T", MODEL,
        "Of --distill: the logits of both networks are divided by it, so that the teacher's "
        "small probabilities count more.",
        .traits = KEPT | HPARAM | WS_FLAG_OF_SWITCH),
    WS_ROW_REAL(distill_share, "0.5", 0, 1, "SHARE", MODEL,
                "Of --distill: share of the teacher in the loss; the labels have the rest.",
                .traits = KEPT | HPARAM | WS_FLAG_OF_SWITCH),
    WS_ROW_WHOLE(batch_size, "100", 1, 65536, "N", MODEL, "Clips per training step.",
                 .traits = FIXED | HPARAM | OF_ONE_RUN),
    WS_ROW_BOOL(quantize, "false", MODEL,
                "Train for 8 bits: weights, activations and features are rounded to 256 levels, in "
                "training and evaluation. The ranges of the levels are learned.",
                .traits = KEPT | HPARAM),
    WS_ROW_BOOL(check_nans, "false", MODEL,
                "Check every loss, gradient and weight, and end with the name of the first tensor "
                "that is not finite. Without this flag, a loss or a saved weight that is not "
                "finite still ends the run.",
                .traits = KEPT),

    WS_ROW_PATH(train_dir, "tmp/speech_commands_train", "DIR", RUN,
                "Directory for checkpoints and the list of labels. A run that resumes from a "
                "checkpoint uses the checkpoint's directory, unless this flag is given. A new run "
                "first moves checkpoints of earlier runs in the directory into a folder.",
                .traits = KEPT),
    WS_ROW_PATH(summaries_dir, "tmp/retrain_logs", "DIR", RUN,
                "Directory for event files, for `tensorboard --logdir`.", .traits = KEPT),
    WS_ROW_TEXT(run_name, "", "NAME", RUN,
                "The run's folder in --summaries_dir. By default the architecture and the first "
                "free number: conv-1.",
                .traits = KEPT),
    WS_ROW_PATH(start_checkpoint, "", "PATH", RUN,
                "Resume from this checkpoint, such as tmp/speech_commands_train/conv.ckpt-100, or "
                "from the newest one of a directory. Settings that are not given are taken from "
                "it. A copy of a run's directory starts a new run, unless --run_name is given. So "
                "do other words, percentages or another batch size: that run takes over the "
                "weights, but neither steps nor learning rates."),
    WS_ROW_WHOLE(stop_after_step, "0", 0, INT32_MAX, "STEP", RUN,
                 "Stop after this step as after Ctrl-C: with a checkpoint, without the test. The "
                 "run can be resumed from there as if it had not stopped. 0: do not stop early."),
    WS_ROW_WHOLE(stop_after_plateau, "0", 0, INT32_MAX, "N", RUN,
                 "End the run early, with the test, after N validations in a row whose accuracy is "
                 "not better than the best one before. 0: do all steps.",
                 .traits = KEPT),
    WS_ROW_WHOLE(seed, "59185", 0, UINT32_MAX, "N", RUN,
                 "Seed of all random numbers: the same seed gives the same run, bit for bit.",
                 .traits = FIXED | OF_ONE_RUN),
    WS_ROW_WHOLE(threads, "0", 0, 1024, "N", RUN,
                 "Number of threads; 0 uses every core that is available to the process. Results "
                 "do not depend on it."),
    WS_ROW_TEXT(engine, "fast", "NAME", RUN,
                "What computes the network: fast, or reference (plain loops, to check the other)."),
    WS_ROW_TEXT(isa, "", "NAME", RUN,
                "Instruction set of the fast engine: generic, v2, v3 or v4 (levels of x86-64). By "
                "default the best one of the processor."),

    WS_ROW_WHOLE(eval_step_interval, "400", 1, INT32_MAX, "STEPS", OUTPUT,
                 "Steps from one validation to the next.", .traits = KEPT),
    WS_ROW_WHOLE(save_step_interval, "100", 1, INT32_MAX, "STEPS", OUTPUT,
                 "Steps from one checkpoint to the next.", .traits = KEPT),
    WS_ROW_WHOLE(log_step_interval, "1", 1, INT32_MAX, "STEPS", OUTPUT,
                 "Print every n-th training step. Event files have them all.", .traits = KEPT),
    WS_ROW_TEXT(log, "all", "VIEWS", OUTPUT,
                "What TensorBoard shows, a comma list of hparams, scalars, confusion, det, "
                "mistakes, "
                "filters, histograms, pr_curves, text, graph and projector; or all, or none.",
                .traits = KEPT),
    WS_ROW_TEXT(verbosity, "info", "LEVEL", OUTPUT,
                "Least severe lines to print: debug, info, warn, error or fatal."),
    WS_ROW_PATH(json, "", "FILE", OUTPUT,
                "Write one line of JSON about the run to FILE, or to standard output and nothing "
                "else there: how it ended (success, stopped or failed, with the error), figures, "
                "files and settings. Also written for failed and stopped runs.",
                .traits = WS_FLAG_BARE),
};

const ws_flag_table ws_train_flags = {
    .command = "train",
    .summary =
        "Trains a network to recognise spoken words, and writes checkpoints and TensorBoard event "
        "files.",
    .flags = rows,
    .n_flags = sizeof rows / sizeof *rows,
};

ws_train_options *ws_train_flags_get_options(const ws_flags *flags)
{
    const size_t offset = flags->table == &ws_train_flags ? 0 : flags->table->base_offset;

    assert(flags->table == &ws_train_flags || flags->table->base == &ws_train_flags);
    return (void *)((unsigned char *)flags->values + offset);
}

bool ws_train_flags_is_default(const ws_train_options *options, const char *name)
{
    const ws_flag *flag = &ws_train_flags.flags[ws_flags_find(&ws_train_flags, name)];
    char value[WS_FLAG_MAX_TEXT], initial[WS_FLAG_MAX_TEXT];
    ws_train_options defaults = *options;

    if (ws_flag_put(flag, flag->initial, &defaults, NULL) != WS_OK)
        return false;
    ws_flag_get_text(flag, options, value, sizeof value);
    ws_flag_get_text(flag, &defaults, initial, sizeof initial);
    return strcmp(value, initial) == 0;
}

bool ws_train_flags_is_given(const ws_flags *flags, const char *name)
{
    const ws_flag_table *table = flags->table;
    const size_t i = ws_flags_find(table, name);

    return i < table->n_flags && flags->given[i] &&
           (table == &ws_train_flags || table->flags[i].type == WS_FLAG_PICK);
}

bool ws_train_flags_is_replaced(const ws_flags *flags, const char *name)
{
    return strcmp(name, "epochs") == 0 && ws_train_flags_is_given(flags, "how_many_training_steps");
}

ws_status ws_train_flags_check_given(const ws_flags *flags, ws_error *err)
{
    const ws_train_options *options = ws_train_flags_get_options(flags);

    if (ws_train_flags_is_given(flags, "epochs") && options->epochs[0] != '\0' &&
        ws_train_flags_is_given(flags, "how_many_training_steps"))
        return ws_fail(err, WS_EUSAGE,
                       "--how_many_training_steps=%.200s and --epochs=%.200s both say how long the "
                       "run is; expected one of them",
                       options->how_many_training_steps, options->epochs);
    if (ws_train_flags_is_given(flags, "noise_snr") && options->noise_snr[0] != '\0' &&
        ws_train_flags_is_given(flags, "background_volume"))
        return ws_fail(err, WS_EUSAGE,
                       "--background_volume=%g and --noise_snr=%.200s both say how loud noise is; "
                       "expected one of them",
                       options->background_volume, options->noise_snr);
    return WS_OK;
}
