/* The confusion matrix of each evaluation as pictures: of all clips, and of the mistakes alone. */
#include <stdio.h>
#include <stdlib.h>

#include "metrics/confusion_focus.h"
#include "plot/confusion_plot.h"
#include "report/picture.h"

/* TensorBoard keeps ten pictures of a tag, the last one always among them, and shows that first:
 * what a run comes to needs no tag of its own. */
typedef struct picture_tag {
    const char *name, *description;
} picture_tag;

static const picture_tag shares_tag = {
    "eval/confusion_matrix",
    "Rows: what was said. Columns: what was recognised. Diagonal: percent of the row; elsewhere: "
    "number of clips. `#3`: the label of that number",
};
static const picture_tag errors_tag = {
    "review/confusion_errors",
    "The clips that were not recognised. Rows: what was said. Columns: what was recognised. The "
    "darkest cell is the largest confusion. Of many labels those that are confused most have a row "
    "of their own. `#3`: the label of that number",
};

enum {
    MAX_ROWS = 20, /* with more labels, not all of them can be read where the picture is small */
    N_FOCUS = 11,  /* the number of labels that are shown then; all others are shown as one */
};

static ws_status create(const ws_report_options *options, void **state, ws_error *err)
{
    ws_picture_labels *labels = calloc(1, sizeof *labels);
    if (labels == NULL)
        return ws_fail_memory(err, "the confusion matrix");
    const ws_status status = ws_picture_labels_init(labels, options->observation, err);
    if (status == WS_OK)
        *state = labels;
    else
        free(labels);
    return status;
}

static void destroy(void *state)
{
    if (state != NULL)
        ws_picture_labels_deinit(state);
    free(state);
}

static ws_status draw_shares(const ws_evaluation *evaluation, ws_confusion_plot_args args,
                             ws_canvas *canvas, ws_error *err)
{
    const ws_confusion *confusion = evaluation->confusion;
    char summary[64];

    (void)snprintf(summary, sizeof summary, "ACC %.1f%% N %llu",
                   100.0 * ws_confusion_accuracy(confusion),
                   (unsigned long long)ws_confusion_total(confusion));
    args.summary = summary;
    args.n_labels = confusion->n_labels;
    args.counts = confusion->counts;
    return ws_confusion_plot_run(&args, canvas, err);
}

/** Draws the largest confusions, and the others as those of one more label. */
static ws_status draw_focus(const ws_confusion *confusion, ws_confusion_plot_args args,
                            ws_canvas *canvas, ws_error *err)
{
    const char *names[N_FOCUS + 1];
    size_t labels[N_FOCUS];
    uint64_t counts[(N_FOCUS + 1) * (N_FOCUS + 1)];
    const size_t n = ws_confusion_focus_find(confusion, N_FOCUS, labels);

    if (n == 0)
        return ws_fail_memory(err, "the confusion matrix");
    ws_confusion_focus_get(confusion, labels, n, counts);
    for (size_t i = 0; i < n; i++)
        names[i] = args.labels[labels[i]];
    names[n] = "rest";
    args.labels = names;
    args.counts = counts;
    args.n_labels = n + 1;
    args.has_rest = true;
    return ws_confusion_plot_run(&args, canvas, err);
}

static ws_status draw_errors(const ws_evaluation *evaluation, ws_confusion_plot_args args,
                             ws_canvas *canvas, ws_error *err)
{
    const ws_confusion *confusion = evaluation->confusion;
    uint64_t n_wrong = ws_confusion_total(confusion);
    char summary[64];

    for (size_t i = 0; i < confusion->n_labels; i++)
        n_wrong -= confusion->counts[i * (confusion->n_labels + 1)];
    (void)snprintf(summary, sizeof summary, "%llu WRONG OF %llu", (unsigned long long)n_wrong,
                   (unsigned long long)ws_confusion_total(confusion));
    args.summary = summary;
    args.errors_only = true;
    if (confusion->n_labels > MAX_ROWS)
        return draw_focus(confusion, args, canvas, err);
    args.n_labels = confusion->n_labels;
    args.counts = confusion->counts;
    return ws_confusion_plot_run(&args, canvas, err);
}

static void add_picture(ws_report *report, const ws_evaluation *evaluation,
                        const ws_picture_labels *labels, bool errors_only)
{
    const picture_tag *tag = errors_only ? &errors_tag : &shares_tag;
    const ws_report_place place = evaluation->place;
    ws_canvas canvas = {.pixels = NULL};
    char title[64];
    ws_error err;

    (void)snprintf(title, sizeof title, "%s STEP %lld",
                   evaluation->place == WS_REPORT_TEST ? "test" : "validation",
                   (long long)evaluation->step);
    const ws_confusion_plot_args args = {.labels = labels->names, .title = title};
    const ws_status status = errors_only ? draw_errors(evaluation, args, &canvas, &err)
                                         : draw_shares(evaluation, args, &canvas, &err);
    if (status != WS_OK) {
        ws_report_warn(report, err.message);
        return;
    }
    (void)tbe_describe(ws_report_writer(report, place), tag->name, NULL, tag->description);
    ws_report_add_picture(report, place, evaluation->step, tag->name, &canvas);
    ws_canvas_deinit(&canvas);
}

static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    /* too many labels for a picture: the figures remain */
    if (evaluation->confusion->n_labels <= WS_CONFUSION_PLOT_MAX_LABELS)
        add_picture(report, evaluation, state, false);
    add_picture(report, evaluation, state, true);
}

const ws_view ws_view_confusion = {
    .name = "confusion",
    .create = create,
    .destroy = destroy,
    .push_evaluation = push_evaluation,
};
