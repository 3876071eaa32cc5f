/* A precision-recall curve of each wanted word at each evaluation: how it would do at another
 * threshold than the most likely label. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/softmax.h"
#include "report/label_tags.h"
#include "report/markdown.h"
#include "report/view.h"

/* What the curves of an evaluation may take; a threshold of one has six floats. */
enum { MAX_THRESHOLDS_OF_ALL = 65536 / (6 * sizeof(float)) };

typedef struct pr_curves {
    ws_text_list tags; /* [n_labels] */
} pr_curves;

static void destroy(void *state)
{
    pr_curves *curves = state;
    if (curves == NULL)
        return;
    ws_text_list_deinit(&curves->tags);
    free(curves);
}

static ws_status create(const ws_report_options *options, void **state, ws_error *err)
{
    pr_curves *curves = calloc(1, sizeof *curves);
    if (curves == NULL)
        return ws_fail_memory(err, "precision-recall curves");
    *state = curves;
    return ws_label_tags_push(&curves->tags, options->observation, "pr", err);
}

static size_t count_curves(const ws_report *report)
{
    const ws_observation *observation = ws_report_get_observation(report);
    return observation->n_labels - observation->n_fixed_labels;
}

static void describe(const ws_report *report, const pr_curves *curves, tbe_writer *writer)
{
    for (size_t i = ws_report_get_observation(report)->n_fixed_labels; i < curves->tags.n_items;
         i++)
        ws_markdown_describe(writer, curves->tags.items[i], "Clips taken for",
                             ws_report_label(report, i),
                             "where its probability reaches a threshold: what share of them is it, "
                             "and what share of it is among them");
}

/** As many thresholds a curve as the number of curves allows; 0: too many curves. */
static size_t choose_thresholds(size_t n_curves)
{
    static const size_t choices[] = {201, 101, 51, 21};
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (n_curves * choices[i] <= MAX_THRESHOLDS_OF_ALL)
            return choices[i];
    return 0;
}

static void start(ws_report *report, void *state)
{
    const pr_curves *curves = state;

    if (choose_thresholds(count_curves(report)) == 0)
        ws_log_write(ws_report_get_options(report)->log, WS_LOG_INFO,
                     "No precision-recall curves: there are too many words, their curves would "
                     "fill the disk");
    describe(report, curves, ws_report_writer(report, WS_REPORT_VALIDATION));
}

/** Softmax of the logits of a clip, a column of scores.
 *  @param scores  [n_labels, n_clips]; 0 where the logits are NaN */
static void set_scores(const ws_evaluation *evaluation, size_t n_labels, size_t clip, float *scores)
{
    const float *logits = evaluation->logits + clip * n_labels;
    double largest;
    const double sum = ws_softmax_sum(logits, n_labels, &largest);

    for (size_t i = 0; i < n_labels; i++) {
        const double share = exp((double)logits[i] - largest) / sum;
        scores[i * evaluation->n_clips + clip] = share >= 0.0 ? fminf((float)share, 1.0f) : 0.0f;
    }
}

/** What an evaluation comes to, in memory for its curves. */
typedef struct score_table {
    float *scores;  /* [n_labels, n_clips] owned */
    uint8_t *is_it; /* [n_clips] owned, for a curve */
} score_table;

static bool make_table(score_table *table, const ws_evaluation *evaluation, size_t n_labels)
{
    table->scores = malloc(n_labels * evaluation->n_clips * sizeof *table->scores);
    table->is_it = malloc(evaluation->n_clips * sizeof *table->is_it);
    if (table->scores == NULL || table->is_it == NULL)
        return false;
    for (size_t clip = 0; clip < evaluation->n_clips; clip++)
        set_scores(evaluation, n_labels, clip, table->scores);
    return true;
}

static void add_curve(ws_report *report, const char *tag, const ws_evaluation *evaluation,
                      size_t label, const score_table *table)
{
    const ws_report_place place = evaluation->place;
    size_t n_positive = 0;

    for (size_t i = 0; i < evaluation->n_clips; i++) {
        table->is_it[i] = (size_t)evaluation->labels[i] == label;
        n_positive += table->is_it[i];
    }
    if (n_positive == 0)
        return; /* it would look like the curve of a word that is never found */
    ws_report_check(report, place,
                    tbe_add_pr_scores(ws_report_writer(report, place), evaluation->step, tag,
                                      evaluation->n_clips,
                                      table->scores + label * evaluation->n_clips, table->is_it,
                                      choose_thresholds(count_curves(report))));
}

static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    const ws_observation *observation = ws_report_get_observation(report);
    const size_t n_labels = observation->n_labels;
    const pr_curves *curves = state;
    score_table table = {.scores = NULL};

    if (choose_thresholds(count_curves(report)) == 0)
        return;
    if (evaluation->place == WS_REPORT_TEST)
        describe(report, curves, ws_report_writer(report, WS_REPORT_TEST));
    if (make_table(&table, evaluation, n_labels)) {
        for (size_t label = observation->n_fixed_labels; label < n_labels; label++)
            add_curve(report, curves->tags.items[label], evaluation, label, &table);
    } else {
        ws_report_warn(report, "no memory for precision-recall curves: this evaluation has none");
    }
    free(table.scores);
    free(table.is_it);
}

const ws_view ws_view_pr_curves = {
    .name = "pr_curves",
    .create = create,
    .destroy = destroy,
    .start = start,
    .push_evaluation = push_evaluation,
};
