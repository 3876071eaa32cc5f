#include "train/report.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "plot/confusion_plot.h"
#include "tbevents/tbevents.h"

/* TensorFlow's own tags, so that its runs and ours share a chart; the rate it does not show. */
static const char accuracy_tag[] = "eval/accuracy";
static const char cross_entropy_tag[] = "eval/cross_entropy";
static const char learning_rate_tag[] = "eval/learning_rate";
static const char confusion_tag[] = "eval/confusion_matrix";

static const char *const set_names[WS_REPORT_N_SETS] = {
    [WS_REPORT_VALIDATION] = "validation",
    [WS_REPORT_TEST] = "test",
};

struct ws_report {
    ws_report_options options;
    tbe_writer *training;
    tbe_writer *sets[WS_REPORT_N_SETS]; /* that of the test is opened when there is one */
    bool has_warned;                    /* that figures are lost */
};

/** Says once that figures are lost from now on. */
static void check(ws_report *report, const tbe_writer *writer, tbe_status result)
{
    if (result == TBE_OK || report->has_warned)
        return;
    report->has_warned = true;
    ws_log_write(report->options.log, WS_LOG_WARN,
                 "%s; TensorBoard will lack what follows, training goes on",
                 tbe_get_message(writer));
}

static void describe(tbe_writer *writer)
{
    /* a failure of these shows at the first value */
    (void)tbe_describe(writer, accuracy_tag, NULL, "Share of clips that were recognised, 0 to 1");
    (void)tbe_describe(
        writer, cross_entropy_tag, NULL,
        "Mean of `-log(probability of the true word)` over clips, natural logarithm");
    (void)tbe_describe(writer, learning_rate_tag, NULL, "How far weights move along the gradient");
    (void)tbe_describe(writer, confusion_tag, NULL,
                       "Rows: what was said. Columns: what was recognised. Diagonal: percent of "
                       "the row; elsewhere: number of clips");
}

static ws_status open_writer(const ws_report_options *options, const char *set, int64_t start_step,
                             tbe_writer **writer, ws_error *err)
{
    tbe_options writer_options;
    char *dir = ws_text_format("%s/%s/%s", options->summaries_dir, options->run_name, set);

    if (dir == NULL)
        return ws_fail_memory(err, "event files");
    tbe_options_init(&writer_options, sizeof writer_options);
    writer_options.start_step = start_step;
    writer_options.writer_name = "wordspot";
    *writer = tbe_open(dir, &writer_options);
    free(dir);
    if (*writer == NULL)
        return ws_fail_memory(err, "event files");
    if (tbe_get_status(*writer) != TBE_OK)
        return ws_fail(err, WS_EIO, "%s", tbe_get_message(*writer));
    describe(*writer);
    return WS_OK;
}

ws_status ws_report_create(ws_report **report, const ws_report_options *options, ws_error *err)
{
    ws_report *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "event files");
    made->options = *options;
    ws_status status = open_writer(options, "train", options->first_step, &made->training, err);
    if (status == WS_OK)
        status = open_writer(options, set_names[WS_REPORT_VALIDATION], options->first_step,
                             &made->sets[WS_REPORT_VALIDATION], err);
    if (status != WS_OK) {
        made->has_warned = true; /* the error says it */
        ws_report_destroy(made);
        return status;
    }
    *report = made;
    return WS_OK;
}

static void close_writer(ws_report *report, tbe_writer *writer)
{
    char message[512];
    if (writer == NULL || tbe_close(writer, message, sizeof message) == TBE_OK ||
        report->has_warned)
        return;
    report->has_warned = true;
    ws_log_write(report->options.log, WS_LOG_WARN, "%s; TensorBoard will lack the last figures",
                 message);
}

void ws_report_destroy(ws_report *report)
{
    if (report == NULL)
        return;
    close_writer(report, report->training);
    for (int set = 0; set < WS_REPORT_N_SETS; set++)
        close_writer(report, report->sets[set]);
    free(report);
}

/** A disk that is slow is waited for a moment; what it has not taken then is still on its way. */
static void flush_writer(ws_report *report, tbe_writer *writer)
{
    const tbe_status status = tbe_flush(writer);
    check(report, writer, status == TBE_EBUSY ? TBE_OK : status);
}

void ws_report_flush(ws_report *report)
{
    flush_writer(report, report->training);
    for (int set = 0; set < WS_REPORT_N_SETS; set++)
        if (report->sets[set] != NULL)
            flush_writer(report, report->sets[set]);
}

void ws_report_push_step(ws_report *report, const ws_report_step *step)
{
    const char *const tags[] = {accuracy_tag, cross_entropy_tag, learning_rate_tag};
    const float values[] = {(float)step->accuracy, (float)step->cross_entropy, (float)step->rate};

    check(report, report->training, tbe_add_scalars(report->training, step->step, 3, tags, values));
    if (step->is_logged || step->step % report->options.log_step_interval == 0)
        ws_log_write(report->options.log, WS_LOG_INFO,
                     "Step #%lld: rate %f, accuracy %.1f%%, cross entropy %f",
                     (long long)step->step, step->rate, 100.0 * step->accuracy,
                     step->cross_entropy);
}

static void log_evaluation(const ws_report *report, ws_report_set set, int64_t step,
                           const ws_confusion *confusion)
{
    const ws_log *log = report->options.log;
    const ws_log_level level = set == WS_REPORT_TEST ? WS_LOG_RESULT : WS_LOG_INFO;
    const double percent = 100.0 * ws_confusion_accuracy(confusion);
    const unsigned long long n = ws_confusion_total(confusion);
    char *text = ws_confusion_text(confusion);

    if (text != NULL)
        ws_log_write(log, level, "Confusion Matrix:\n%s", text);
    free(text);
    if (set == WS_REPORT_TEST)
        ws_log_write(log, level, "Final test accuracy = %.1f%% (N=%llu)", percent, n);
    else
        ws_log_write(log, level, "Step %lld: Validation accuracy = %.1f%% (N=%llu)",
                     (long long)step, percent, n);
}

static ws_status draw_confusion(const ws_report *report, ws_report_set set, int64_t step,
                                const ws_confusion *confusion, ws_canvas *canvas, ws_error *err)
{
    char title[64], summary[64];
    (void)snprintf(title, sizeof title, "%s STEP %lld", set_names[set], (long long)step);
    (void)snprintf(summary, sizeof summary, "ACC %.1f%% N %llu",
                   100.0 * ws_confusion_accuracy(confusion),
                   (unsigned long long)ws_confusion_total(confusion));
    return ws_confusion_plot_run(
        &(ws_confusion_plot_args){
            .n_labels = confusion->n_labels,
            .counts = confusion->counts,
            .labels = report->options.labels,
            .title = title,
            .summary = summary,
        },
        canvas, err);
}

static tbe_status add_canvas(tbe_writer *writer, int64_t step, const ws_canvas *canvas)
{
    tbe_image image;
    tbe_image_init(&image, sizeof image);
    image.format = TBE_PIXELS_PALETTE;
    image.width = (uint32_t)canvas->width;
    image.height = (uint32_t)canvas->height;
    image.pixels = canvas->pixels;
    image.palette = &canvas->palette[0][0];
    image.n_colours = (size_t)canvas->n_colours;
    return tbe_add_image(writer, step, confusion_tag, &image);
}

static void show_evaluation(ws_report *report, ws_report_set set, int64_t step,
                            const ws_confusion *confusion, double cross_entropy)
{
    const char *const tags[] = {accuracy_tag, cross_entropy_tag};
    const float values[] = {(float)ws_confusion_accuracy(confusion), (float)cross_entropy};
    tbe_writer *writer = report->sets[set];
    ws_canvas canvas = {.pixels = NULL};
    ws_error err;

    check(report, writer, tbe_add_scalars(writer, step, 2, tags, values));
    /* so many labels that no picture can hold them: the figures stay */
    if (confusion->n_labels > WS_CONFUSION_PLOT_MAX_LABELS)
        return;
    if (draw_confusion(report, set, step, confusion, &canvas, &err) == WS_OK)
        check(report, writer, add_canvas(writer, step, &canvas));
    else
        ws_log_write(report->options.log, WS_LOG_WARN, "%s; no picture of this evaluation",
                     err.message);
    ws_canvas_deinit(&canvas);
    ws_report_flush(report);
}

void ws_report_push_evaluation(ws_report *report, ws_report_set set, int64_t step,
                               const ws_confusion *confusion, double cross_entropy)
{
    ws_error err;

    log_evaluation(report, set, step, confusion);
    if (ws_confusion_total(confusion) == 0)
        return; /* nothing was measured: no point in a chart */
    if (report->sets[set] == NULL &&
        open_writer(&report->options, set_names[set], step, &report->sets[set], &err) != WS_OK) {
        if (!report->has_warned)
            ws_log_write(report->options.log, WS_LOG_WARN, "%s; TensorBoard will lack this",
                         err.message);
        report->has_warned = true;
        return;
    }
    show_evaluation(report, set, step, confusion, cross_entropy);
}
