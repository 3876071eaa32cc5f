/* wordspot test_streaming_accuracy */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/sound.h"
#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "cmd/label_model.h"
#include "dataset/labels.h"
#include "recognize/engine_choice.h"
#include "recognize/stream.h"
#include "recognize/stream_report.h"

/* Samples that are read at a time. */
enum { PIECE = 1 << 14 };

typedef struct following {
    const ws_label_flags *flags;
    ws_flags *all_flags; /* whose values flags are */
    ws_console console;
    bool shows_progress;
    double start; /* monotonic seconds */
    ws_model_file model;
    ws_stream_truth truth;
    ws_sound_reader *reader;
    ws_stream *stream;
    ws_stream_report *report;
    size_t n_labels;
    size_t window, stride; /* samples */
    uint64_t n_samples;    /* that were read */
    size_t n_windows;      /* that were looked at */
    float *scores;         /* [WS_STREAM_MAX_WINDOWS, n_labels] */
    float samples[PIECE];
} following;

static ws_status check_flags(const ws_label_flags *flags, ws_error *err)
{
    if (flags->wav[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--wav is missing: which sound file shall be followed?");
    if (flags->ground_truth[0] == '\0')
        return ws_fail(err, WS_EUSAGE,
                       "--ground_truth is missing: a file with a line \"label, milliseconds\" for "
                       "each word that is said");
    return WS_OK;
}

/** Where a label stands among the model's; n_labels if it does not. */
static size_t find_label(const following *all, const char *label)
{
    size_t i = 0;
    while (i < all->n_labels && strcmp(all->model.labels->items[i], label) != 0)
        i++;
    return i;
}

/** Says what can never be heard right. */
static void warn_of_truth(const following *all)
{
    const ws_stream_truth *truth = &all->truth;
    const char *path = all->flags->ground_truth;
    size_t n_strange = 0, first = 0;

    for (size_t i = truth->n_words; i > 0; i--) {
        if (find_label(all, truth->words[i - 1].label) < all->n_labels)
            continue;
        n_strange++;
        first = i - 1;
    }
    if (truth->n_words == 0)
        ws_log_write(&all->console.log, WS_LOG_WARN,
                     "%s has no line \"label, milliseconds\": every word that is heard counts as a "
                     "false positive",
                     path);
    else if (n_strange > 0)
        ws_log_write(&all->console.log, WS_LOG_WARN,
                     "%s: %zu of %zu words are not among the model's labels and can never be heard "
                     "right, first \"%s\" at %lld ms",
                     path, n_strange, truth->n_words, truth->words[first].label,
                     (long long)truth->words[first].time_ms);
}

static ws_status open_model(following *all, ws_error *err)
{
    const ws_label_flags *flags = all->flags;

    const ws_status status =
        ws_label_model_open(all->all_flags, &all->console.log, &all->model, err);
    if (status != WS_OK)
        return status;
    all->n_labels = ws_frozen_n_labels(all->model.frozen);
    const ws_feature_options *features = &all->model.frozen->features;
    if (ws_flags_is_given(all->all_flags, "clip_duration_ms") &&
        flags->train.clip_duration_ms != features->clip_duration_ms)
        return ws_fail(err, WS_EUSAGE,
                       "--clip_duration_ms=%lld: the model's clips are of %lld ms: leave the flag "
                       "out",
                       (long long)flags->train.clip_duration_ms,
                       (long long)features->clip_duration_ms);
    all->stride = (size_t)(flags->clip_stride_ms * features->sample_rate / 1000);
    if (all->stride == 0)
        return ws_fail(err, WS_EUSAGE, "--clip_stride_ms=%lld: less than a sample at %lld Hz",
                       (long long)flags->clip_stride_ms, (long long)features->sample_rate);
    return WS_OK;
}

static ws_status open_stream(following *all, ws_error *err)
{
    const ws_label_flags *flags = all->flags;
    ws_engine engine;

    ws_status status = ws_engine_choice_find(&flags->train, &engine, err);
    if (status == WS_OK)
        status = ws_stream_create(&(ws_stream_options){.model = all->model.frozen,
                                                       .stride_samples = all->stride,
                                                       .n_threads = (unsigned)flags->train.threads,
                                                       .engine = engine,
                                                       .isa = flags->train.isa,
                                                       .log = &all->console.log},
                                  &all->stream, err);
    if (status != WS_OK)
        return status;
    all->window = ws_stream_window_samples(all->stream);
    all->scores = malloc(WS_STREAM_MAX_WINDOWS * all->n_labels * sizeof *all->scores);
    return all->scores == NULL ? ws_fail_memory(err, "scores of a stream") : WS_OK;
}

static ws_status open_report(following *all, ws_error *err)
{
    const ws_label_flags *flags = all->flags;
    const ws_stream_report_options options = {
        .smoother = {.n_labels = all->n_labels,
                     .silence = find_label(all, WS_LABEL_SILENCE),
                     .window_ms = flags->average_window_duration_ms,
                     .threshold = flags->detection_threshold,
                     .suppression_ms = flags->suppression_ms,
                     .min_count = (size_t)flags->minimum_count},
        .labels = (const char *const *)all->model.labels->items,
        .truth = &all->truth,
        .tolerance_ms = flags->time_tolerance_ms,
        .is_verbose = flags->verbose,
        .out = stdout,
    };
    return ws_stream_report_create(&options, &all->report, err);
}

static ws_status open_sound(following *all, ws_error *err)
{
    const int rate_hz = (int)all->model.frozen->features.sample_rate;

    const ws_status status = ws_sound_reader_open(all->flags->wav, rate_hz, &all->reader, err);
    if (status == WS_OK && ws_sound_reader_rate(all->reader) != rate_hz)
        ws_log_write(&all->console.log, WS_LOG_WARN,
                     "%s is of %d Hz and is converted to the model's %d Hz", all->flags->wav,
                     ws_sound_reader_rate(all->reader), rate_hz);
    if (status == WS_OK && ws_sound_reader_oddity(all->reader) != WS_SOUND_AS_PROMISED)
        ws_log_write(&all->console.log, WS_LOG_WARN, "%s: %s; it is read as far as there is sound",
                     all->flags->wav, ws_sound_oddity_text(ws_sound_reader_oddity(all->reader)));
    return status;
}

static ws_status open_all(following *all, ws_error *err)
{
    ws_status status = check_flags(all->flags, err);

    if (status == WS_OK)
        status = ws_console_init(&all->console, "info", err);
    if (status == WS_OK)
        status = ws_stream_truth_read(all->flags->ground_truth, &all->truth, err);
    if (status == WS_OK)
        status = open_model(all, err);
    if (status == WS_OK)
        status = open_sound(all, err);
    if (status == WS_OK)
        status = open_stream(all, err);
    if (status == WS_OK)
        status = open_report(all, err);
    if (status == WS_OK)
        warn_of_truth(all);
    /* lines of results would run into it on the same terminal */
    all->shows_progress = !all->flags->verbose || isatty(STDOUT_FILENO) != 1;
    return status;
}

static void close_all(following *all)
{
    ws_stream_report_destroy(all->report);
    ws_stream_destroy(all->stream);
    ws_sound_reader_close(all->reader);
    ws_stream_truth_deinit(&all->truth);
    ws_model_file_close(&all->model);
    free(all->scores);
    free(all);
}

static void show_progress(following *all)
{
    const uint64_t n_promised = ws_sound_reader_n_promised(all->reader);
    const double seconds = ws_clock_monotonic() - all->start;
    const double per_second = seconds > 0.0 ? (double)all->n_windows / seconds : 0.0;
    const uint64_t n_all = n_promised > all->window ? (n_promised - all->window) / all->stride : 0;

    if (!all->shows_progress || per_second <= 0.0)
        return;
    ws_console_show_progress(
        &all->console, &(ws_train_progress){
                           .activity = "following",
                           .n_done = (int64_t)all->n_windows,
                           .n_all = (int64_t)n_all,
                           .per_second = per_second,
                           .seconds_left = ((double)n_all - (double)all->n_windows) / per_second});
}

/** So that a word is seen when it is heard, and a full disk at once. */
static ws_status flush(ws_error *err)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return WS_OK;
    return ws_fail_errno(err, errno == 0 ? EIO : errno, "what is heard cannot be written");
}

static ws_status report_windows(following *all, size_t n, ws_error *err)
{
    const uint64_t rate_hz = (uint64_t)all->model.frozen->features.sample_rate;
    bool is_any_heard = false;
    ws_status status = WS_OK;

    ws_console_clear(&all->console);
    for (size_t i = 0; status == WS_OK && i < n; i++, all->n_windows++) {
        const uint64_t time_ms = (uint64_t)all->n_windows * all->stride * 1000 / rate_hz;
        bool is_heard;
        status = ws_stream_report_push(all->report, all->scores + i * all->n_labels,
                                       (int64_t)time_ms, &is_heard, err);
        is_any_heard = is_any_heard || is_heard;
    }
    if (status == WS_OK && is_any_heard && all->flags->verbose)
        status = flush(err);
    show_progress(all);
    return status;
}

/** Looks at the windows that are there. @param n_windows  set to how many */
static ws_status run_windows(following *all, bool has_ended, size_t *n_windows, ws_error *err)
{
    ws_status status = ws_stream_run(all->stream, has_ended, all->scores, n_windows, err);
    if (status == WS_OK && *n_windows > 0)
        status = report_windows(all, *n_windows, err);
    return status;
}

static ws_status follow(following *all, ws_error *err)
{
    ws_status status = WS_OK;
    size_t n_read = 1, n_windows = 1;

    while (status == WS_OK && n_read > 0) {
        status = ws_sound_reader_read(all->reader, all->samples, PIECE, &n_read, err);
        all->n_samples += n_read;
        for (size_t at = 0; status == WS_OK && at < n_read;) {
            at += ws_stream_push(all->stream, all->samples + at, n_read - at);
            status = run_windows(all, false, &n_windows, err);
        }
    }
    for (n_windows = 1; status == WS_OK && n_windows > 0;)
        status = run_windows(all, true, &n_windows, err);
    if (status == WS_OK && all->n_windows == 0)
        status = ws_fail(err, WS_EFORMAT,
                         "%s: %llu samples at %lld Hz, expected more than a clip of the model, "
                         "which has %zu",
                         all->flags->wav, (unsigned long long)all->n_samples,
                         (long long)all->model.frozen->features.sample_rate, all->window);
    ws_console_clear(&all->console);
    if (status == WS_OK)
        status = ws_stream_report_finish(all->report, err);
    return status == WS_OK ? flush(err) : status;
}

static int test(ws_flags *flags)
{
    ws_error err = {.status = WS_OK};
    following *all = calloc(1, sizeof *all);

    /* nothing is lost with a reader who has read enough, as `head` in a pipe */
    (void)signal(SIGPIPE, SIG_DFL);
    if (all == NULL) {
        (void)ws_fail_memory(&err, "a stream");
        return ws_command_fail(flags->table->command, &err);
    }
    all->flags = flags->values;
    all->all_flags = flags;
    ws_status status = open_all(all, &err);
    all->start = ws_clock_monotonic();
    if (status == WS_OK)
        status = follow(all, &err);
    close_all(all);
    return status == WS_OK ? WS_EXIT_OK : ws_command_fail(flags->table->command, &err);
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    ws_label_flags values = {.wav = ""};

    (void)program;
    return ws_command_run_flags(&ws_stream_flags, n_arguments, arguments, &values, test);
}

const ws_command ws_command_test_streaming_accuracy = {
    .name = "test_streaming_accuracy",
    .summary = "say how well words are heard in a long sound file",
    .table = &ws_stream_flags,
    .run = run,
};
