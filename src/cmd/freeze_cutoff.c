#include "cmd/freeze_cutoff.h"

#include "base/clock.h"
#include "recognize/long_exam.h"

static void log_choice(const ws_log *log, const ws_cutoff *chosen, double target, double seconds)
{
    char span[WS_CLOCK_SPAN_BYTES], needed[WS_CLOCK_SPAN_BYTES], least[WS_CUTOFF_RATE_BYTES];

    ws_clock_write_span(seconds, span);
    ws_clock_write_span(chosen->needed_seconds, needed);
    ws_cutoff_write_least_rate(chosen, least);
    if (chosen->is_extrapolated)
        ws_log_write(log, WS_LOG_WARN,
                     "probability_cutoff is %.3f, a guess for %g false accepts an hour: %s of "
                     "sound can only show %s an hour and more; expected %s",
                     chosen->cutoff, target, span, least, needed);
    else
        ws_log_write(log, WS_LOG_INFO,
                     "probability_cutoff is %.3f, for %g false accepts an hour, counted in %s of "
                     "sound",
                     chosen->cutoff, target, span);
}

static void show_progress(void *user, size_t n_done, size_t n_all)
{
    ws_console_show_count(user, "choosing the cutoff", n_done, n_all);
}

ws_status ws_freeze_cutoff_find(const ws_freeze_cutoff_options *options, const ws_frozen *model,
                                size_t label, ws_console *console, double *cutoff, ws_error *err)
{
    const ws_long_way clean = {.is_noisy = false};
    ws_cutoff chosen = {.cutoff = 0.0};
    ws_long_exam exam;

    *cutoff = options->given;
    if (options->given > 0.0 || options->long_dir[0] == '\0')
        return WS_OK;
    ws_status status = ws_long_exam_run(
        &(ws_long_exam_options){
            .model = model,
            .label = label,
            .phrase = options->word,
            .other_dir = options->long_dir,
            .ways = &clean,
            .n_ways = 1,
            .n_threads = options->n_threads,
            .level = ws_cpu_level_get_best(),
            .log = &console->log,
            .user = console,
            .show_progress = show_progress,
        },
        &exam, err);
    ws_console_clear(console);
    if (status == WS_OK)
        status = ws_long_exam_choose(&exam, options->target, &chosen, err);
    if (status == WS_OK)
        log_choice(&console->log, &chosen, options->target,
                   ws_long_exam_count(&exam, 0, 1, NULL).seconds);
    ws_long_exam_deinit(&exam);
    *cutoff = chosen.cutoff;
    return status;
}
