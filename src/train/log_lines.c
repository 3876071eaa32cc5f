#include "train/log_lines.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

void ws_log_lines_epoch(const ws_log *log, int64_t epoch, double n_epochs)
{
    if (epoch > 0)
        ws_log_write(log, WS_LOG_INFO, "Epoch %lld of %g", (long long)epoch, n_epochs);
}

void ws_log_lines_step(const ws_log *log, const ws_report_step *step)
{
    ws_log_write(log, WS_LOG_INFO, "Step #%lld: rate %f, accuracy %.1f%%, cross entropy %f",
                 (long long)step->step, step->rate, 100.0 * step->accuracy, step->cross_entropy);
}

/** Misses of a wake word at a number of false accepts an hour. */
static double misses_at(const ws_det *det, double rate)
{
    return 100.0 * ws_det_miss_share(det, ws_det_find_cutoff(det, rate));
}

static void log_wake(const ws_log *log, const ws_evaluation *evaluation)
{
    const ws_det *det = evaluation->det;
    char span[WS_CLOCK_SPAN_BYTES];

    ws_clock_write_span(det->seconds, span);
    ws_log_write(
        log, WS_LOG_INFO,
        "Step %lld: Validation: %.1f%% of %llu phrases missed at 0.5 false accepts an hour, "
        "%.1f%% at 5 (%s of other sound)",
        (long long)evaluation->step, misses_at(det, 0.5), (unsigned long long)det->n_phrases,
        misses_at(det, 5.0), span);
}

void ws_log_lines_evaluation(const ws_log *log, const ws_evaluation *evaluation)
{
    const bool is_test = evaluation->place == WS_REPORT_TEST;

    if (evaluation->det != NULL) {
        log_wake(log, evaluation);
        return;
    }
    const ws_log_level level = is_test ? WS_LOG_RESULT : WS_LOG_INFO;
    const double percent = 100.0 * ws_confusion_accuracy(evaluation->confusion);
    const unsigned long long n = ws_confusion_total(evaluation->confusion);
    char *text = ws_confusion_text(evaluation->confusion);

    if (text != NULL)
        ws_log_write(log, level, "Confusion Matrix:\n%s", text);
    free(text);
    char raw[64] = "";

    if (evaluation->is_of_average)
        (void)snprintf(raw, sizeof raw, ", %.1f%% without --ema", 100.0 * evaluation->raw_accuracy);
    if (is_test)
        ws_log_write(log, level, "Final test accuracy = %.1f%% (N=%llu)%s", percent, n, raw);
    else
        ws_log_write(log, level, "Step %lld: Validation accuracy = %.1f%% (N=%llu)%s",
                     (long long)evaluation->step, percent, n, raw);
}
