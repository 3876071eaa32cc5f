/* wordspot generate_streaming_test_wav */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "dataset/labels.h"
#include "dataset/streaming_test.h"
#include "fetch/download.h"
#include "settings/rows.h"
#include "settings/train_flags.h"
#include "train/data_set.h"

/** The values of the flags; those of `wordspot train` mean what they mean there. */
typedef struct streaming_flags {
    ws_train_options train;
    const char *background_dir;
    int64_t test_duration_seconds, word_gap_ms;
    int64_t unknown_percentage; /* of the words, and whole, other than training's */
    const char *output_audio_file, *output_labels_file;
} streaming_flags;

#define AT(field) offsetof(streaming_flags, field)

/* The sections of --help, in this order. */
#define DATA      WS_FLAGS_DATA
#define RECORDING WS_FLAGS_MODEL
#define OUTPUT    WS_FLAGS_RUN
#define UNUSED    WS_FLAGS_OUTPUT

static const ws_flag flags[] = {
    WS_ROW_PICK(data_dir, DATA),
    WS_ROW_PICK(data_url, DATA),
    WS_ROW_PICK(wanted_words, DATA),
    WS_ROW_PICK_AS(testing_percentage, DATA,
                   .help = "Share of the speakers that was kept for the final test. The recording "
                           "is made of their clips."),
    WS_ROW_PICK_AS(validation_percentage, DATA,
                   .help = "Share of the speakers that was kept for validation."),
    WS_ROW_PICK_AS(split, DATA,
                   .help = "What decided which clips are for the test: lists (testing_list.txt in "
                           "the data set), hash (the speaker's part of the file name), or auto: "
                           "the lists if both are there and the two percentages are 10, else the "
                           "hash."),
    WS_ROW_PATH(background_dir, "", "DIR", DATA,
                "Directory of the background noise, sound files. By default _background_noise_ in "
                "--data_dir."),

    WS_ROW_WHOLE(test_duration_seconds, "600", 1, 1 << 24, "SECONDS", RECORDING,
                 "Length of the recording."),
    WS_ROW_WHOLE(word_gap_ms, "2000", 0, 3600000, "MS", RECORDING,
                 "In milliseconds: there is one word in each period of this length plus "
                 "--clip_duration_ms."),
    WS_ROW_WHOLE(unknown_percentage, "30", 0, 100, "PERCENT", RECORDING,
                 "Share of the words that are not wanted ones."),
    WS_ROW_PICK_AS(background_volume, RECORDING,
                   .help = "Largest gain of background noise; 1 is as loud as recorded."),
    WS_ROW_PICK_AS(background_frequency, RECORDING, .initial = "1",
                   .help = "Share of the seconds that get background noise. The original always "
                           "uses 1, whatever it is told."),
    WS_ROW_PICK_AS(clip_duration_ms, RECORDING,
                   .help = "Length of a clip in milliseconds. Longer clips are cut."),
    WS_ROW_PICK_AS(sample_rate, RECORDING,
                   .help = "Sample rate of the recording. Clips of another rate are resampled."),
    WS_ROW_PICK_AS(seed, RECORDING,
                   .help = "Seed of all random numbers: the same seed gives the same recording, "
                           "bit for bit."),

    WS_ROW_PATH(output_audio_file, "tmp/speech_commands_train/streaming_test.wav", "FILE", OUTPUT,
                "The recording. An existing file is replaced."),
    WS_ROW_PATH(output_labels_file, "tmp/speech_commands_train/streaming_test_labels.txt", "FILE",
                OUTPUT,
                "The list of its words, a line for each: the word, a comma and its time in "
                "milliseconds. An existing file is replaced."),

    WS_ROW_PICK_AS(silence_percentage, UNUSED, .help = "Clips of silence are never used."),
    WS_ROW_PICK_AS(window_size_ms, UNUSED,
                   .help = "No features are computed. The same holds for the next two flags."),
    WS_ROW_PICK_AS(window_stride_ms, UNUSED, .help = "See --window_size_ms."),
    WS_ROW_PICK_AS(feature_bin_count, UNUSED, .help = "See --window_size_ms."),
};

static const char *const titles[WS_N_FLAG_GROUPS] = {
    [DATA] = "Data",
    [RECORDING] = "The recording",
    [OUTPUT] = "Output",
    [UNUSED] = "Without effect, as in the original",
};

static const ws_flag_table table = {
    .command = "generate_streaming_test_wav",
    .summary = "Makes a long recording of clips that are kept for testing, at known moments and "
               "under background noise, for `wordspot test_streaming_accuracy`.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .base = &ws_train_flags,
    .base_offset = AT(train),
    .titles = titles,
};

static void show_progress(void *user, const ws_train_progress *progress)
{
    ws_console_show_progress(user, progress);
}

static ws_index_options index_options(const streaming_flags *values)
{
    return (ws_index_options){
        .data_dir = values->train.data_dir,
        .wanted_words = values->train.wanted_words,
        .silence_percentage = 0,
        .unknown_percentage = 10, /* the original's, which the flag is not about */
        .testing_percentage = values->train.testing_percentage,
        .validation_percentage = values->train.validation_percentage,
        .split = values->train.split,
    };
}

static ws_streaming_test_options test_options(const streaming_flags *values)
{
    return (ws_streaming_test_options){
        .background_volume = values->train.background_volume,
        .background_frequency = values->train.background_frequency,
        .sample_rate = values->train.sample_rate,
        .clip_duration_ms = values->train.clip_duration_ms,
        .word_gap_ms = values->word_gap_ms,
        .test_duration_seconds = values->test_duration_seconds,
        .unknown_percentage = values->unknown_percentage,
        .seed = (uint64_t)values->train.seed,
    };
}

static ws_status check_output(const char *flag, const char *path, ws_error *err)
{
    if (path[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--%s is empty, expected the file to write", flag);
    return ws_file_check_replaceable(path, err);
}

static ws_status fail_same_file(ws_error *err)
{
    return ws_fail(err, WS_EUSAGE,
                   "--output_audio_file and --output_labels_file are the same file, expected two");
}

/** Everything that can be said before data are downloaded or read. */
static ws_status check_flags(const streaming_flags *values, ws_error *err)
{
    const ws_index_options index = index_options(values);
    const ws_streaming_test_options options = test_options(values);
    ws_text_list labels = {0};

    ws_status status = ws_labels_push(&labels, values->train.wanted_words, err);
    ws_text_list_deinit(&labels);
    if (status == WS_OK)
        status = ws_index_check_options(&index, err);
    if (status == WS_OK)
        status = ws_streaming_test_check(&options, err);
    if (status == WS_OK && values->train.data_dir[0] == '\0')
        status = ws_fail(err, WS_EUSAGE, "--data_dir is empty, expected the data set's directory");
    if (status == WS_OK && values->background_dir[0] != '\0' &&
        !ws_dir_exists(values->background_dir))
        status = ws_fail(err, WS_ENOTFOUND, "--background_dir=%s: %s", values->background_dir,
                         ws_dir_fault(values->background_dir));
    if (status == WS_OK && values->train.data_url[0] != '\0')
        status = ws_download_check_url(values->train.data_url, err);
    if (status == WS_OK)
        status = check_output("output_audio_file", values->output_audio_file, err);
    if (status == WS_OK)
        status = check_output("output_labels_file", values->output_labels_file, err);
    if (status == WS_OK && (strcmp(values->output_audio_file, values->output_labels_file) == 0 ||
                            ws_file_is_same(values->output_audio_file, values->output_labels_file)))
        status = fail_same_file(err);
    return status;
}

static ws_status open_noise(const streaming_flags *values, const ws_log *log, ws_noise **noise,
                            ws_error *err)
{
    const ws_train_options *train = &values->train;
    const ws_noise_options options = {
        .sample_rate_hz = (int)train->sample_rate,
        .desired_samples = (size_t)(train->clip_duration_ms * train->sample_rate / 1000),
        .log = log,
    };

    if (values->background_dir[0] != '\0')
        return ws_noise_create_from(values->background_dir, &options, noise, err);
    const ws_status status = ws_noise_create(train->data_dir, &options, noise, err);
    if (status == WS_OK && ws_noise_n_sounds(*noise) == 0)
        ws_log_write(log, WS_LOG_WARN,
                     "%s has no " WS_NOISE_DIR " folder: there is silence between the words",
                     values->train.data_dir);
    return status;
}

static ws_status write_test(const streaming_flags *values, const ws_streaming_test *test,
                            const ws_log *log, ws_error *err)
{
    const char *audio = values->output_audio_file, *labels = values->output_labels_file;

    ws_status status = ws_dir_create_parent(audio, err);
    if (status == WS_OK)
        status = ws_dir_create_parent(labels, err);
    if (status == WS_OK && ws_file_is_same_place(audio, labels))
        status = fail_same_file(err); /* by two names, as far as could not be seen before */
    if (status == WS_OK)
        status = ws_streaming_test_write(test, audio, labels, err);
    if (status != WS_OK)
        return status;
    ws_log_write(log, WS_LOG_INFO, "Saved streaming test wav to %s", audio);
    ws_log_write(log, WS_LOG_INFO, "Saved streaming test labels to %s", labels);
    return WS_OK;
}

/** With the data set in its place. */
static ws_status generate(const streaming_flags *values, const ws_log *log, ws_error *err)
{
    ws_index_options about_index = index_options(values);
    ws_streaming_test_options options = test_options(values);
    ws_streaming_test test = {.samples = NULL};
    ws_index *index = NULL;
    ws_noise *noise = NULL;

    about_index.log = log;
    ws_status status = ws_index_create(&about_index, &index, err);
    if (status == WS_OK)
        status = open_noise(values, log, &noise, err);
    options.index = index;
    options.noise = noise;
    options.log = log;
    if (status == WS_OK)
        status = ws_streaming_test_init(&test, &options, err);
    if (status == WS_OK)
        status = write_test(values, &test, log, err);
    ws_streaming_test_deinit(&test);
    ws_noise_destroy(noise);
    ws_index_destroy(index);
    return status;
}

/** Ctrl-C ends this at once: the same command resumes an interrupted download. */
static ws_status fetch_data_set(const streaming_flags *values, ws_console *console, ws_error *err)
{
    const ws_train_hooks hooks = {
        .log = &console->log,
        .user = console,
        .show_progress = show_progress,
    };
    bool is_complete;

    const ws_status status = ws_data_set_fetch(&values->train, &hooks, &is_complete, err);
    assert(status != WS_OK || is_complete); /* nobody wants a stop */
    ws_console_clear(console);
    return status;
}

static ws_status work(ws_flags *all, ws_console *console, ws_error *err)
{
    const streaming_flags *values = all->values;

    ws_status status = check_flags(values, err);
    if (status == WS_OK)
        status = fetch_data_set(values, console, err);
    if (status == WS_OK)
        status = generate(values, &console->log, err);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    streaming_flags values;

    (void)program;
    return ws_command_run(&table, n_arguments, arguments, &values, work);
}

const ws_command ws_command_generate_streaming_test_wav = {
    .name = "generate_streaming_test_wav",
    .summary = "make a long recording to test a model on",
    .table = &table,
    .run = run,
};
