/* wordspot generate_streaming_test_wav */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "cmd/flag_rows.h"
#include "dataset/labels.h"
#include "dataset/streaming_test.h"
#include "fetch/fetch.h"
#include "train/data_set.h"

/** The values of the flags; those of `wordspot train` mean what they mean there. */
typedef struct streaming_flags {
    const char *data_url, *data_dir, *wanted_words;
    double silence_percentage;
    int64_t testing_percentage, validation_percentage;
    const char *split;
    int64_t sample_rate, clip_duration_ms;
    const char *background_dir;
    double background_volume, background_frequency;
    int64_t test_duration_seconds, word_gap_ms, unknown_percentage;
    int64_t seed;
    double window_size_ms, window_stride_ms;
    int64_t feature_bin_count;
    const char *output_audio_file, *output_labels_file;
} streaming_flags;

#define AT(field) offsetof(streaming_flags, field)

/* The sections of --help, in this order. */
#define DATA      WS_FLAGS_DATA
#define RECORDING WS_FLAGS_MODEL
#define OUTPUT    WS_FLAGS_RUN
#define IN_VAIN   WS_FLAGS_OUTPUT

/* Bounds and defaults are those of `wordspot train` where that has the flag. */
static const ws_flag flags[] = {
    TEXT(data_dir, "tmp/speech_dataset", "DIR", DATA,
         "The data set: <word>/<speaker>_nohash_<n>.wav and _background_noise_/*.wav."),
    TEXT(data_url, WS_FETCH_SPEECH_COMMANDS_URL, "URL", DATA,
         "The .tar.gz archive (https, http or file) that is downloaded and unpacked into "
         "--data_dir if there is no folder in there yet; empty: nothing is."),
    TEXT(wanted_words, "yes,no,up,down,left,right,on,off,stop,go", "WORDS", DATA,
         "The words that the model tells apart, a comma list."),
    WHOLE(testing_percentage, "10", 0, 100, "PERCENT", DATA,
          "What share of the speakers was kept for the final test: these are heard."),
    WHOLE(validation_percentage, "10", 0, 100, "PERCENT", DATA,
          "What share of the speakers was kept for validation."),
    TEXT(
        split, "auto", "HOW", DATA,
        "What decided which clips are for the test: lists (testing_list.txt in the data set), hash "
        "(the speaker's part of the file name), or auto: the lists if both are there and the two "
        "percentages are 10, else the hash."),
    TEXT(background_dir, "", "DIR", DATA,
         "Where the background noise is, as sound files. By default in _background_noise_ of "
         "--data_dir."),

    WHOLE(test_duration_seconds, "600", 1, 1 << 24, "SECONDS", RECORDING,
          "Length of the recording."),
    WHOLE(word_gap_ms, "2000", 0, 3600000, "MS", RECORDING,
          "A word comes once in this time and --clip_duration_ms, in milliseconds."),
    WHOLE(unknown_percentage, "30", 0, 100, "PERCENT", RECORDING,
          "How many of the words are other ones than the wanted."),
    REAL(background_volume, "0.1", 0, HUGE_VAL, "GAIN", RECORDING,
         "How loud background noise may be; 1 is as loud as recorded."),
    REAL(background_frequency, "1", 0, 1, "SHARE", RECORDING,
         "What share of the seconds gets background noise. The original always takes 1, whatever "
         "it is told."),
    WHOLE(clip_duration_ms, "1000", 1, 60000, "MS", RECORDING,
          "Length of a clip in milliseconds: longer ones are cut."),
    WHOLE(sample_rate, "16000", 1000, 192000, "HZ", RECORDING,
          "Sample rate of the recording; clips of another rate are resampled."),
    WHOLE(seed, "59185", 0, UINT32_MAX, "N", RECORDING,
          "Of all random numbers: the same seed gives the same recording, bit for bit."),

    TEXT(output_audio_file, "tmp/speech_commands_train/streaming_test.wav", "FILE", OUTPUT,
         "Where the recording goes. A file is replaced."),
    TEXT(output_labels_file, "tmp/speech_commands_train/streaming_test_labels.txt", "FILE", OUTPUT,
         "Where the list of its words goes, a line for each: the word, a comma, and when it comes, "
         "in milliseconds."),

    REAL(silence_percentage, "10", 0, 1000, "PERCENT", IN_VAIN,
         "Clips of silence are never taken."),
    REAL(window_size_ms, "30", 0.001, 60000, "MS", IN_VAIN,
         "No features are made, as also for the next two."),
    REAL(window_stride_ms, "10", 0.001, 60000, "MS", IN_VAIN, "See --window_size_ms."),
    WHOLE(feature_bin_count, "40", 1, 4096, "N", IN_VAIN, "See --window_size_ms."),
};
enum { N_FLAGS = sizeof flags / sizeof *flags };

static const char *const titles[WS_N_FLAG_GROUPS] = {
    [DATA] = "Data",
    [RECORDING] = "The recording",
    [OUTPUT] = "Output",
    [IN_VAIN] = "Without effect, as in the original",
};

static const ws_flag_table table = {
    .command = "generate_streaming_test_wav",
    .summary = "Makes a long recording of clips that are kept for testing, at known moments and "
               "under background noise, for `wordspot test_streaming_accuracy`.",
    .flags = flags,
    .n_flags = N_FLAGS,
    .titles = titles,
};

static void show_progress(void *user, const ws_train_progress *progress)
{
    ws_console_show_progress(user, progress);
}

static ws_index_options index_options(const streaming_flags *values)
{
    return (ws_index_options){
        .data_dir = values->data_dir,
        .wanted_words = values->wanted_words,
        .silence_percentage = 0,
        .unknown_percentage = 10, /* the original's, which the flag is not about */
        .testing_percentage = values->testing_percentage,
        .validation_percentage = values->validation_percentage,
        .split = values->split,
    };
}

static ws_streaming_test_options test_options(const streaming_flags *values)
{
    return (ws_streaming_test_options){
        .background_volume = values->background_volume,
        .background_frequency = values->background_frequency,
        .sample_rate = values->sample_rate,
        .clip_duration_ms = values->clip_duration_ms,
        .word_gap_ms = values->word_gap_ms,
        .test_duration_seconds = values->test_duration_seconds,
        .unknown_percentage = values->unknown_percentage,
        .seed = (uint64_t)values->seed,
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

    ws_status status = ws_labels_push(&labels, values->wanted_words, err);
    ws_text_list_deinit(&labels);
    if (status == WS_OK)
        status = ws_index_check_options(&index, err);
    if (status == WS_OK)
        status = ws_streaming_test_check(&options, err);
    if (status == WS_OK && values->data_dir[0] == '\0')
        status = ws_fail(err, WS_EUSAGE, "--data_dir is empty, expected the data set's directory");
    if (status == WS_OK && values->background_dir[0] != '\0' &&
        !ws_dir_exists(values->background_dir))
        status = ws_fail(err, WS_ENOTFOUND, "--background_dir=%s: there is no such directory",
                         values->background_dir);
    if (status == WS_OK && values->data_url[0] != '\0')
        status = ws_download_check_url(values->data_url, err);
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
    const ws_noise_options options = {
        .sample_rate_hz = (int)values->sample_rate,
        .desired_samples = (size_t)(values->clip_duration_ms * values->sample_rate / 1000),
        .log = log};

    if (values->background_dir[0] != '\0')
        return ws_noise_create_from(values->background_dir, &options, noise, err);
    const ws_status status = ws_noise_create(values->data_dir, &options, noise, err);
    if (status == WS_OK && ws_noise_n_sounds(*noise) == 0)
        ws_log_write(log, WS_LOG_WARN,
                     "%s has no " WS_NOISE_DIR " folder: there is silence between the words",
                     values->data_dir);
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

/** Ctrl-C ends this at once: the same command goes on with a download that was under way. */
static ws_status fetch_data_set(const streaming_flags *values, ws_console *console, ws_error *err)
{
    /* of a run's options, fetching looks at these */
    const ws_train_options data_set = {.data_url = values->data_url, .data_dir = values->data_dir};
    const ws_train_hooks hooks = {
        .log = &console->log,
        .user = console,
        .show_progress = show_progress,
    };
    bool is_complete;

    const ws_status status = ws_data_set_fetch(&data_set, &hooks, &is_complete, err);
    assert(status != WS_OK || is_complete); /* nobody wants a stop */
    ws_console_clear(console);
    return status;
}

static ws_status work(void *flag_values, const bool *given, ws_console *console, ws_error *err)
{
    const streaming_flags *values = flag_values;

    (void)given;
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
    bool given[N_FLAGS] = {false};

    (void)program;
    return ws_command_run(&table, n_arguments, arguments, &values, given, work);
}

const ws_command ws_command_generate_streaming_test_wav = {
    .name = "generate_streaming_test_wav",
    .summary = "make a long recording to test a model on",
    .table = &table,
    .run = run,
};
