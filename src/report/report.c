#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "report/view.h"
#include "report/views.h"

static const char *const place_names[WS_N_REPORT_PLACES] = {
    [WS_REPORT_RUN] = "",
    [WS_REPORT_TRAIN] = "/train",
    [WS_REPORT_VALIDATION] = "/validation",
    [WS_REPORT_TEST] = "/test",
};

struct ws_report {
    ws_report_options options;
    bool is_shown[WS_N_VIEWS];
    void *states[WS_N_VIEWS];
    double seconds[WS_N_VIEWS];              /* that they took so far */
    tbe_writer *writers[WS_N_REPORT_PLACES]; /* opened when something comes for them */
    bool has_warned;                         /* that figures are lost */
    bool has_warned_of_loss;                 /* that a file was deleted */
};

ws_status ws_report_check_views(const char *views, ws_error *err)
{
    bool is_shown[WS_N_VIEWS];
    return ws_views_read(views, is_shown, err);
}

/** @param start_step  what earlier files of the place have from there on is dropped */
static ws_status open_writer(ws_report *report, ws_report_place place, int64_t start_step,
                             ws_error *err)
{
    tbe_options options;
    char *dir = ws_report_place_dir(report, place);

    if (dir == NULL)
        return ws_fail_memory(err, "event files");
    tbe_options_init(&options, sizeof options);
    options.start_step = start_step;
    options.writer_name = "wordspot";
    report->writers[place] = tbe_open(dir, &options);
    free(dir);
    if (report->writers[place] == NULL)
        return ws_fail_memory(err, "event files");
    if (tbe_get_status(report->writers[place]) != TBE_OK)
        return ws_fail(err, WS_EIO, "%s", tbe_get_message(report->writers[place]));
    return WS_OK;
}

static ws_status create_views(ws_report *report, ws_error *err)
{
    ws_status status = ws_views_read(report->options.views, report->is_shown, err);
    for (size_t i = 0; status == WS_OK && i < WS_N_VIEWS; i++) {
        if (report->is_shown[i] && ws_views[i]->create != NULL)
            status = ws_views[i]->create(&report->options, &report->states[i], err);
    }
    return status;
}

ws_status ws_report_create(ws_report **report, const ws_report_options *options, ws_error *err)
{
    ws_report *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "event files");
    made->options = *options;
    ws_status status = create_views(made, err);
    if (status == WS_OK && options->is_test_alone) {
        *report = made;
        return WS_OK;
    }
    /* also where no view writes there: the start of a session takes back what an earlier process
     * wrote of steps that are made again */
    if (status == WS_OK)
        status = open_writer(made, WS_REPORT_TRAIN, options->first_step, err);
    if (status == WS_OK)
        status = open_writer(made, WS_REPORT_VALIDATION, options->first_step, err);
    if (status != WS_OK) {
        made->has_warned = true; /* the error says it */
        ws_report_destroy(made);
        return status;
    }
    for (size_t i = 0; i < WS_N_VIEWS; i++) {
        if (made->is_shown[i] && ws_views[i]->start != NULL)
            ws_views[i]->start(made, made->states[i]);
    }
    *report = made;
    return WS_OK;
}

/** Somebody has deleted or moved event files: the run writes new ones. */
static void warn_of_loss(ws_report *report, const char *message)
{
    if (!report->has_warned_of_loss)
        ws_log_write(report->options.log, WS_LOG_WARN,
                     "%s; TensorBoard will lack the figures before that, training continues",
                     message);
    report->has_warned_of_loss = true;
}

bool ws_report_close_writer(ws_report *report, tbe_writer *writer)
{
    char message[512];
    const tbe_status status = tbe_close(writer, message, sizeof message);
    if (status == TBE_OK)
        return true;
    if (status == TBE_ELOST)
        warn_of_loss(report, message);
    else if (!report->has_warned)
        ws_log_write(report->options.log, WS_LOG_WARN, "%s; TensorBoard will lack the last figures",
                     message);
    report->has_warned = report->has_warned || status != TBE_ELOST;
    return false;
}

void ws_report_destroy(ws_report *report)
{
    if (report == NULL)
        return;
    for (size_t i = 0; i < WS_N_REPORT_PLACES; i++)
        if (report->writers[i] != NULL)
            (void)ws_report_close_writer(report, report->writers[i]);
    for (size_t i = 0; i < WS_N_VIEWS; i++) {
        if (report->is_shown[i] && ws_views[i]->destroy != NULL)
            ws_views[i]->destroy(report->states[i]);
    }
    free(report);
}

/** A disk that is slow is waited for a moment; what it has not taken then is still on its way. */
void ws_report_flush(ws_report *report)
{
    for (ws_report_place place = 0; place < WS_N_REPORT_PLACES; place++) {
        if (report->writers[place] == NULL)
            continue;
        const tbe_status status = tbe_flush(report->writers[place]);
        ws_report_check(report, place, status == TBE_EBUSY ? TBE_OK : status);
    }
}

void ws_report_push_step(ws_report *report, const ws_report_step *step)
{
    for (size_t i = 0; i < WS_N_VIEWS; i++) {
        if (!report->is_shown[i] || ws_views[i]->push_step == NULL)
            continue;
        const double start = ws_clock_monotonic();
        ws_views[i]->push_step(report, report->states[i], step);
        report->seconds[i] += ws_clock_monotonic() - start;
    }
}

void ws_report_push_evaluation(ws_report *report, const ws_evaluation *evaluation)
{
    const ws_report_place place = evaluation->place;
    ws_error err;

    if (evaluation->n_clips == 0)
        return; /* nothing was measured: no point in a chart */
    if (report->writers[place] == NULL &&
        open_writer(report, place, evaluation->step, &err) != WS_OK) {
        if (!report->has_warned)
            ws_log_write(report->options.log, WS_LOG_WARN, "%s; TensorBoard will lack this",
                         err.message);
        report->has_warned = true;
    }
    for (size_t i = 0; i < WS_N_VIEWS; i++) {
        if (!report->is_shown[i] || ws_views[i]->push_evaluation == NULL)
            continue;
        const double start = ws_clock_monotonic();
        ws_views[i]->push_evaluation(report, report->states[i], evaluation);
        report->seconds[i] += ws_clock_monotonic() - start;
    }
    ws_report_flush(report);
}

void ws_report_push_end(ws_report *report, const ws_report_end *end)
{
    for (size_t i = WS_N_VIEWS; i-- > 0;) {
        if (report->is_shown[i] && ws_views[i]->push_end != NULL)
            ws_views[i]->push_end(report, report->states[i], end);
        if (report->is_shown[i])
            ws_log_write(report->options.log, WS_LOG_DEBUG,
                         "TensorBoard: %s took %.3f s of steps and evaluations", ws_views[i]->name,
                         report->seconds[i]);
    }
}

const ws_report_options *ws_report_get_options(const ws_report *report)
{
    return &report->options;
}

const char *ws_report_setting_find(const ws_setting *settings, size_t n_settings, const char *name)
{
    for (size_t i = 0; i < n_settings; i++)
        if (strcmp(settings[i].name, name) == 0)
            return settings[i].value;
    return "";
}

const ws_observation *ws_report_get_observation(const ws_report *report)
{
    return report->options.observation;
}

const char *ws_report_label(const ws_report *report, size_t label)
{
    return report->options.observation->labels[label];
}

char *ws_report_place_dir(const ws_report *report, ws_report_place place)
{
    return ws_text_format("%s/%s%s", report->options.summaries_dir, report->options.run_name,
                          place_names[place]);
}

tbe_writer *ws_report_writer(ws_report *report, ws_report_place place)
{
    ws_error err;
    if (report->writers[place] == NULL &&
        open_writer(report, place, report->options.first_step, &err) != WS_OK)
        ws_report_check(report, place, TBE_EIO);
    return report->writers[place];
}

void ws_report_check(ws_report *report, ws_report_place place, tbe_status result)
{
    if (tbe_get_n_lost(report->writers[place]) > 0)
        warn_of_loss(report, tbe_get_message(report->writers[place]));
    if (result == TBE_OK || result == TBE_ELOST || report->has_warned)
        return;
    report->has_warned = true;
    ws_log_write(report->options.log, WS_LOG_WARN,
                 "%s; TensorBoard will lack what follows, training continues",
                 tbe_get_message(report->writers[place]));
}

void ws_report_warn(ws_report *report, const char *message)
{
    ws_log_write(report->options.log, WS_LOG_WARN, "%s", message);
}

void ws_report_warn_lost(ws_report *report, const char *message)
{
    if (!report->has_warned)
        ws_report_warn(report, message);
    report->has_warned = true;
}
