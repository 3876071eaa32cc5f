#include "report/confusion_tables.h"

#include <inttypes.h>
#include <math.h>

#include "report/markdown.h"

enum {
    MAX_MATRIX_LABELS = 64, /* a table of more is no help, and each evaluation has one */
    N_WORST = 20,
    MAX_BYTES = TBE_MAX_BODY_BYTES
};

/** Clips of one label that were taken for another. */
typedef struct mistake {
    size_t said, heard; /* labels */
    uint64_t n_clips;
} mistake;

/** A share of 0 to 1; nothing if it is NaN. */
static void push_share(ws_buf *text, double share)
{
    if (isfinite(share))
        ws_buf_push_format(text, "%.1f %%", 100.0 * share);
}

static void push_summary(ws_buf *text, const ws_evaluation *evaluation)
{
    ws_buf_push_format(text, "%s after step %" PRId64 ": ",
                       evaluation->place == WS_REPORT_TEST ? "Test" : "Validation",
                       evaluation->step);
    push_share(text, ws_confusion_accuracy(evaluation->confusion));
    ws_buf_push_format(text, " of %" PRIu64 " clips were recognised. ",
                       ws_confusion_total(evaluation->confusion));
}

/** The line of a table between its head and its rows. */
static void push_rule(ws_buf *text, size_t n_columns)
{
    for (size_t i = 0; i < n_columns; i++)
        ws_buf_push_string(text, "|---");
    ws_buf_push_string(text, "|\n");
}

static void push_row(const ws_report *report, const ws_confusion *confusion, size_t label,
                     ws_buf *text)
{
    const uint64_t *counts = confusion->counts + label * confusion->n_labels;

    ws_buf_push_string(text, "| ");
    ws_markdown_push_code(text, ws_report_label(report, label));
    for (size_t i = 0; i < confusion->n_labels; i++) {
        if (i == label)
            ws_buf_push_format(text, " | **%" PRIu64 "**", counts[i]);
        else if (counts[i] > 0)
            ws_buf_push_format(text, " | %" PRIu64, counts[i]);
        else
            ws_buf_push_string(text, " | ");
    }
    ws_buf_push_format(text, " | %" PRIu64 " | ", ws_confusion_true_total(confusion, label));
    push_share(text, ws_confusion_recall(confusion, label));
    ws_buf_push_string(text, " |\n");
}

static void push_precisions(const ws_confusion *confusion, ws_buf *text)
{
    ws_buf_push_string(text, "| precision");
    for (size_t i = 0; i < confusion->n_labels; i++) {
        ws_buf_push_string(text, " | ");
        push_share(text, ws_confusion_precision(confusion, i));
    }
    ws_buf_push_format(text, " | %" PRIu64 " | ", ws_confusion_total(confusion));
    push_share(text, ws_confusion_accuracy(confusion));
    ws_buf_push_string(text, " |\n");
}

static void add_matrix(ws_report *report, const ws_evaluation *evaluation)
{
    const ws_confusion *confusion = evaluation->confusion;
    ws_buf text;

    ws_buf_init(&text, MAX_BYTES);
    push_summary(&text, evaluation);
    ws_buf_push_string(&text, "Rows: what was said. Columns: what was recognised. Empty: no "
                              "clip.\n\n| said");
    for (size_t i = 0; i < confusion->n_labels; i++) {
        ws_buf_push_string(&text, " | ");
        ws_markdown_push_code(&text, ws_report_label(report, i));
    }
    ws_buf_push_string(&text, " | clips | recall |\n");
    push_rule(&text, confusion->n_labels + 3);
    for (size_t i = 0; i < confusion->n_labels; i++)
        push_row(report, confusion, i, &text);
    push_precisions(confusion, &text);
    ws_report_add_markdown(report, evaluation->place, evaluation->step, "confusion/matrix", &text);
}

/** Puts a mistake at its place among the worst so far, of which the last falls out.
 *  @return how many there are then */
static size_t insert_mistake(mistake worst[N_WORST], size_t n, const mistake *one)
{
    if (n == N_WORST && worst[n - 1].n_clips >= one->n_clips)
        return n;
    size_t at = n < N_WORST ? n : n - 1;
    for (; at > 0 && worst[at - 1].n_clips < one->n_clips; at--)
        worst[at] = worst[at - 1];
    worst[at] = *one;
    return n < N_WORST ? n + 1 : n;
}

/** The mistakes that were made most often; of equal ones the first in the matrix. */
static size_t find_worst(const ws_confusion *confusion, mistake worst[N_WORST])
{
    const size_t n_labels = confusion->n_labels;
    size_t n = 0;

    for (size_t said = 0; said < n_labels; said++) {
        for (size_t heard = 0; heard < n_labels; heard++) {
            const mistake one = {said, heard, confusion->counts[said * n_labels + heard]};
            if (said != heard && one.n_clips > 0)
                n = insert_mistake(worst, n, &one);
        }
    }
    return n;
}

static void push_mistake(const ws_report *report, const ws_confusion *confusion, const mistake *one,
                         ws_buf *text)
{
    const uint64_t n_said = ws_confusion_true_total(confusion, one->said);

    ws_buf_push_string(text, "| ");
    ws_markdown_push_code(text, ws_report_label(report, one->said));
    ws_buf_push_string(text, " | ");
    ws_markdown_push_code(text, ws_report_label(report, one->heard));
    ws_buf_push_format(text, " | %" PRIu64 " of %" PRIu64 " | ", one->n_clips, n_said);
    push_share(text, (double)one->n_clips / (double)n_said);
    ws_buf_push_string(text, " |\n");
}

static void add_worst(ws_report *report, const ws_evaluation *evaluation)
{
    const ws_confusion *confusion = evaluation->confusion;
    mistake worst[N_WORST];
    const size_t n = find_worst(confusion, worst);
    ws_buf text;

    ws_buf_init(&text, MAX_BYTES);
    push_summary(&text, evaluation);
    ws_buf_push_string(&text, n > 0 ? "The most frequent mistakes:\n\n" : "There is no mistake.\n");
    if (n > 0) {
        ws_buf_push_string(&text, "| said | recognised as | clips | share |\n");
        push_rule(&text, 4);
    }
    for (size_t i = 0; i < n; i++)
        push_mistake(report, confusion, &worst[i], &text);
    ws_report_add_markdown(report, evaluation->place, evaluation->step, "confusion/worst", &text);
}

void ws_confusion_tables_add(ws_report *report, const ws_evaluation *evaluation)
{
    if (evaluation->confusion->n_labels <= MAX_MATRIX_LABELS)
        add_matrix(report, evaluation);
    add_worst(report, evaluation);
}
