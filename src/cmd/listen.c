/* wordspot listen */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <wordspot/wordspot.h>

#include "base/clock.h"
#include "base/json.h"
#include "cmd/command.h"
#include "cmd/intake.h"
#include "cmd/label_flags.h"
#include "cmd/listen_record.h"
#include "cmd/listen_run.h"
#include "cmd/listen_view.h"
#include "cmd/stop.h"
#include "inspect/show.h"

/* Sound that is handled at a time: 10 ms where time matters. */
enum { MAX_PIECE = 1 << 14, PIECES_A_SECOND = 100 };
enum { WORD_COLUMNS = 12 };

typedef struct listening {
    const ws_flags *given;
    const ws_label_flags *flags; /* its values */
    ws_console console;
    wordspot *spotter;
    ws_intake *intake;
    ws_listen_recorder *recorder; /* NULL: nothing is recorded */
    ws_listen_runner runner;
    ws_listen_view view; /* its spotter is NULL: not shown */
    size_t piece;        /* samples */
    uint64_t n_samples;
    size_t n_words;
    ws_status status; /* of printing words; the first fault */
    ws_error *err;
    float samples[MAX_PIECE];
} listening;

static ws_status check_flags(const ws_label_flags *flags, ws_error *err)
{
    const bool has_graph = flags->graph[0] != '\0',
               has_checkpoint = flags->train.start_checkpoint[0] != '\0';

    if (has_graph == has_checkpoint)
        return ws_fail(err, WS_EUSAGE,
                       "expected %s --start_checkpoint=PATH or --graph=PATH (a frozen graph "
                       "or TFLite file)",
                       has_graph ? "only one model:" : "a model, as");
    if (flags->files.n_items > 1)
        return ws_fail(err, WS_EUSAGE, "%s: expected one FILE, or - for standard input",
                       flags->files.items[1]);
    if (flags->record[0] == '\0' && flags->record_above < 1.0)
        return ws_fail(err, WS_EUSAGE, "--record_above=%g: expected --record=DIR with it",
                       flags->record_above);
    return WS_OK;
}

static ws_status fail_public(ws_status status, const wordspot_error *error, ws_error *err)
{
    return ws_fail(err, status, "%s", error->message);
}

/** A number of the options, whose 0 means the default. */
static int number(int64_t value)
{
    return value == 0 ? WORDSPOT_NONE : (int)value;
}

static void see_scores(void *user, const float *scores, double start_s, double end_s)
{
    listening *all = user;

    ws_listen_recorder_push_scores(all->recorder, scores, start_s);
    if (all->view.spotter != NULL)
        ws_listen_view_push_scores(&all->view, scores, end_s);
}

static ws_status print_json(const wordspot_heard *heard, ws_error *err)
{
    ws_json *line = ws_json_create();

    ws_json_set_text(line, "word", heard->word);
    ws_json_set_real(line, "score", heard->score);
    ws_json_set_real(line, "start_s", heard->start_s);
    ws_json_set_real(line, "end_s", heard->end_s);
    ws_json_set_real(line, "latency_s", heard->latency_s);
    char *text = ws_json_write(line, (ws_json_style){.n_digits = 6});
    ws_json_destroy(line);
    if (text == NULL)
        return ws_fail_memory(err, "a line of JSON");
    (void)puts(text);
    free(text);
    return WS_OK;
}

static ws_status print_word(listening *all, const wordspot_heard *heard, ws_error *err)
{
    const size_t width = ws_show_width(heard->word);
    ws_status status = WS_OK;

    ws_listen_view_clear(&all->view);
    errno = 0;
    if (all->flags->json)
        status = print_json(heard, err);
    else
        printf("%9.2f s  %s%*s %.2f\n", heard->start_s, heard->word,
               width < WORD_COLUMNS ? (int)(WORD_COLUMNS - width) : 0, "", heard->score);
    if (status == WS_OK && (fflush(stdout) != 0 || ferror(stdout)))
        return ws_fail_errno(err, errno == 0 ? EIO : errno, "what is heard cannot be written");
    return status;
}

static void see_word(void *user, const wordspot_heard *heard)
{
    listening *all = user;

    if (heard->is_unknown && !all->flags->unknown)
        return;
    all->n_words++;
    ws_listen_recorder_push_word(all->recorder, heard);
    const ws_status status = print_word(all, heard, all->status == WS_OK ? all->err : NULL);
    if (all->status == WS_OK)
        all->status = status;
    ws_listen_runner_start(&all->runner, heard);
}

/** Whether the library chooses, by the model: without --mean_of_last it knows which rule that has.
 */
static bool is_left(const listening *all, const char *flag)
{
    return all->flags->mean_of_last == 0 && !ws_flags_is_given(all->given, flag);
}

/** @param rate_hz  of the sound; 0: the model's own */
static ws_status open_spotter(listening *all, int rate_hz, ws_error *err)
{
    const ws_label_flags *flags = all->flags;
    wordspot_options options = WORDSPOT_OPTIONS_INIT;
    wordspot_error error;

    options.labels = flags->labels[0] != '\0' ? flags->labels : NULL;
    options.rate_hz = rate_hz;
    options.stride_ms =
        ws_flags_is_given(all->given, "clip_stride_ms") ? (int)flags->clip_stride_ms : 0;
    options.rule = flags->mean_of_last > 0 ? WORDSPOT_RULE_LAST : WORDSPOT_RULE_AVERAGE;
    options.threshold = is_left(all, "detection_threshold") ? 0.0
                        : flags->detection_threshold == 0.0 ? WORDSPOT_NONE
                        : flags->detection_threshold >= 1.0 ? 1.0 - 1e-9
                                                            : flags->detection_threshold;
    options.average_ms = (int)flags->average_window_duration_ms;
    options.min_count = (int)flags->minimum_count;
    options.n_last = (int)flags->mean_of_last;
    options.suppression_ms = is_left(all, "suppression_ms") ? 0 : number(flags->suppression_ms);
    options.continuous = flags->continuous;
    options.on_heard = see_word;
    options.on_scores = see_scores;
    options.user = all;
    wordspot_close(all->spotter);
    const wordspot_status status =
        wordspot_open(flags->graph[0] != '\0' ? flags->graph : flags->train.start_checkpoint,
                      &options, &all->spotter, &error);
    if (status == WORDSPOT_OK)
        return WS_OK;
    /* a flag is what the library calls an option */
    return fail_public(status == WORDSPOT_EINVAL ? WS_EUSAGE : (ws_status)status, &error, err);
}

static ws_status open_intake(listening *all, int model_rate_hz, ws_error *err)
{
    const ws_label_flags *flags = all->flags;
    const char *file = flags->files.n_items > 0 ? flags->files.items[0] : NULL;

    if (file == NULL)
        return ws_intake_open_device(flags->device, model_rate_hz, &all->console.log, &all->intake,
                                     err);
    if (strcmp(file, "-") == 0)
        return ws_intake_open_stream(STDIN_FILENO,
                                     &(ws_raw_format){.encoding = flags->raw_format,
                                                      .rate_hz = (int)flags->raw_rate,
                                                      .n_channels = (int)flags->raw_channels},
                                     &all->intake, err);
    return ws_intake_open_file(file, model_rate_hz, &all->intake, err);
}

static ws_status open_recorder(listening *all, ws_error *err)
{
    const ws_label_flags *flags = all->flags;

    if (flags->record[0] == '\0')
        return WS_OK;
    return ws_listen_recorder_create(
        &(ws_listen_record_options){.dir = flags->record,
                                    .above = flags->record_above,
                                    .rate_hz = all->intake->rate_hz,
                                    .window_s = wordspot_window_s(all->spotter),
                                    .spotter = all->spotter},
        &all->recorder, err);
}

static ws_status open_all(listening *all, ws_error *err)
{
    ws_status status = check_flags(all->flags, err);

    if (status == WS_OK)
        status = ws_console_init(&all->console, "info", err);
    if (status == WS_OK)
        status = open_spotter(all, 0, err);
    if (status == WS_OK)
        status = open_intake(all, wordspot_model_rate_hz(all->spotter), err);
    if (status == WS_OK && all->intake->rate_hz != wordspot_model_rate_hz(all->spotter))
        status = open_spotter(all, all->intake->rate_hz, err);
    if (status == WS_OK)
        status = open_recorder(all, err);
    if (status != WS_OK)
        return status;
    const bool is_live = all->flags->realtime || all->flags->files.n_items == 0 ||
                         strcmp(all->flags->files.items[0], "-") == 0;
    all->piece = is_live ? (size_t)(all->intake->rate_hz / PIECES_A_SECOND + 1) : MAX_PIECE;
    all->piece = all->piece < MAX_PIECE ? all->piece : MAX_PIECE;
    all->runner = (ws_listen_runner){
        .command = all->flags->exec, .log = &all->console.log, .waits = !is_live};
    if (ws_console_can_move() && isatty(STDOUT_FILENO) == 1 && !all->flags->json)
        ws_listen_view_init(&all->view, all->spotter, all->intake->name);
    return WS_OK;
}

static void close_all(listening *all)
{
    ws_listen_runner_finish(&all->runner);
    ws_listen_recorder_destroy(all->recorder);
    ws_intake_close(all->intake);
    wordspot_close(all->spotter);
    free(all);
}

/** Sleeps until the sound so far would have been spoken. */
static void keep_pace(const listening *all, double start)
{
    const double due = (double)all->n_samples / all->intake->rate_hz;
    const double left = due - (ws_clock_monotonic() - start);

    if (all->flags->realtime && left > 0.0)
        (void)nanosleep(&(struct timespec){.tv_sec = (time_t)left,
                                           .tv_nsec = (long)((left - floor(left)) * 1e9)},
                        NULL);
}

static ws_status take(listening *all, size_t n, ws_error *err)
{
    wordspot_error error;

    all->n_samples += n;
    ws_listen_recorder_push_sound(all->recorder, all->samples, n);
    ws_listen_view_push_sound(&all->view, all->samples, n);
    const wordspot_status status = wordspot_push_float(all->spotter, all->samples, n, &error);
    if (status != WORDSPOT_OK)
        return fail_public((ws_status)status, &error, err);
    if (all->status != WS_OK)
        return all->status; /* err says why */
    ws_listen_view_draw(&all->view);
    return ws_listen_recorder_write(all->recorder, false, err);
}

static ws_status follow(listening *all, ws_error *err)
{
    const double start = ws_clock_monotonic();
    ws_status status = WS_OK;
    wordspot_error error;
    size_t n_read = 1;

    all->err = err;
    while (status == WS_OK && n_read > 0) {
        status = ws_intake_read(all->intake, all->samples, all->piece, &n_read, err);
        if (status == WS_OK && n_read > 0) {
            status = take(all, n_read, err);
            keep_pace(all, start);
        }
    }
    if (status == WS_OK && wordspot_finish(all->spotter, &error) != WORDSPOT_OK)
        status = fail_public(WS_ENUMERIC, &error, err);
    if (status == WS_OK)
        status = all->status;
    if (status == WS_OK)
        status = ws_listen_recorder_write(all->recorder, true, err);
    ws_listen_view_clear(&all->view);
    return status;
}

static int hear(ws_flags *flags)
{
    ws_error err = {.status = WS_OK};
    listening *all = calloc(1, sizeof *all);
    ws_status status;

    /* nothing is lost with a reader who has read enough, as `head` in a pipe */
    (void)signal(SIGPIPE, SIG_DFL);
    if (all == NULL) {
        (void)ws_fail_memory(&err, "listening");
        return ws_command_fail(flags->table->command, &err);
    }
    all->given = flags;
    all->flags = flags->values;
    if (all->flags->list_devices) {
        status = ws_intake_list_devices(&err);
    } else {
        status = open_all(all, &err);
        ws_stop_watch("\n");
        if (status == WS_OK)
            status = follow(all, &err);
    }
    close_all(all);
    if (status != WS_OK)
        return ws_command_fail(flags->table->command, &err);
    return ws_stop_wanted(NULL) ? ws_stop_exit_code() : WS_EXIT_OK;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    ws_label_flags values = {.wav = ""};

    (void)program;
    return ws_command_run_flags(&ws_listen_flags, n_arguments, arguments, &values, hear);
}

const ws_command ws_command_listen = {
    .name = "listen",
    .summary = "hear words as they are spoken: a microphone, a pipe or a file",
    .table = &ws_listen_flags,
    .run = run,
};
