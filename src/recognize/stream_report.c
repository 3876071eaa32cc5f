#include "recognize/stream_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct ws_stream_report {
    ws_stream_report_options options;
    ws_smoother *smoother;
    ws_stream_word *heard; /* [capacity] owned; labels are the options' */
    size_t n_heard, capacity;
    ws_stream_score before; /* when the last word was heard */
};

ws_status ws_stream_report_create(const ws_stream_report_options *options,
                                  ws_stream_report **report, ws_error *err)
{
    *report = NULL;
    ws_stream_report *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "words of a stream");
    made->options = *options;
    const ws_status status = ws_smoother_create(&options->smoother, &made->smoother, err);
    if (status != WS_OK) {
        ws_stream_report_destroy(made);
        return status;
    }
    *report = made;
    return WS_OK;
}

void ws_stream_report_destroy(ws_stream_report *report)
{
    if (report == NULL)
        return;
    ws_smoother_destroy(report->smoother);
    free(report->heard);
    free(report);
}

static ws_status push_word(ws_stream_report *report, const char *label, int64_t time_ms,
                           ws_error *err)
{
    if (report->n_heard == report->capacity) {
        const size_t capacity = report->capacity == 0 ? 64 : 2 * report->capacity;
        ws_stream_word *heard = realloc(report->heard, capacity * sizeof *heard);
        if (heard == NULL)
            return ws_fail_memory(err, "words of a stream");
        report->heard = heard;
        report->capacity = capacity;
    }
    report->heard[report->n_heard++] = (ws_stream_word){label, time_ms};
    return WS_OK;
}

/** As Python prints a float: the fewest digits that read back as the same number, always with a
 *  decimal point. */
static void write_score(char *text, size_t size, double score)
{
    for (int digits = 1; digits <= 17; digits++) {
        double back = 0.0;
        (void)snprintf(text, size, "%.*g", digits, score);
        if (ws_text_to_double(text, &back) && !(back < score) && !(back > score))
            break;
    }
    if (strpbrk(text, ".e") == NULL)
        (void)snprintf(text + strlen(text), size - strlen(text), ".0");
}

static void write_statistics(const ws_stream_report *report, const ws_stream_score *score)
{
    const double n_words = (double)score->n_words;

    if (score->n_words == 0) /* the original has no space here either */
        fprintf(report->options.out, "No ground truth yet, %zufalse positives\n",
                score->n_false_positives);
    else
        fprintf(report->options.out,
                "%.1f%% matched, %.1f%% correct, %.1f%% wrong, %.1f%% false positive\n",
                (double)(score->n_correct + score->n_wrong) / n_words * 100.0,
                (double)score->n_correct / n_words * 100.0,
                (double)score->n_wrong / n_words * 100.0,
                (double)score->n_false_positives / n_words * 100.0);
}

/** Writes the word that was heard last, and the statistics with it. */
static ws_status write_word(ws_stream_report *report, double average, ws_error *err)
{
    const ws_stream_report_options *options = &report->options;
    const ws_stream_word *word = &report->heard[report->n_heard - 1];
    ws_stream_score now;
    char text[40];

    const ws_status status = ws_stream_score_get(options->truth, report->heard, report->n_heard,
                                                 word->time_ms, options->tolerance_ms, &now, err);
    if (status != WS_OK)
        return status;
    write_score(text, sizeof text, average);
    fprintf(options->out, "%lldms %s:%s(%s)\n", (long long)word->time_ms, word->label, text,
            now.n_false_positives > report->before.n_false_positives ? "False Positive"
            : now.n_correct > report->before.n_correct               ? "Correct"
                                                                     : "Wrong");
    write_statistics(report, &now);
    report->before = now;
    return WS_OK;
}

ws_status ws_stream_report_push(ws_stream_report *report, const float *scores, int64_t time_ms,
                                bool *is_heard, ws_error *err)
{
    const ws_stream_report_options *options = &report->options;
    ws_heard word;

    *is_heard = false;
    ws_status status = ws_smoother_push(report->smoother, scores, time_ms, &word, err);
    if (status != WS_OK || !word.is_new || word.label == options->smoother.silence)
        return status;
    *is_heard = true;
    status = push_word(report, options->labels[word.label], time_ms, err);
    if (status == WS_OK && options->is_verbose)
        status = write_word(report, word.score, err);
    return status;
}

ws_status ws_stream_report_finish(const ws_stream_report *report, ws_error *err)
{
    ws_stream_score score;
    const ws_status status =
        ws_stream_score_get(report->options.truth, report->heard, report->n_heard, WS_STREAM_WHOLE,
                            report->options.tolerance_ms, &score, err);

    if (status == WS_OK)
        write_statistics(report, &score);
    return status;
}
