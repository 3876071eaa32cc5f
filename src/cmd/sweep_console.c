#include "cmd/sweep_console.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/console.h"
#include "sweep/results.h"

enum { MAX_TEXT_BYTES = 1 << 16 };

static const double seconds_between_tables = 0.5;

void ws_sweep_console_init(ws_sweep_console *console, const ws_sweep_board *board)
{
    *console = (ws_sweep_console){
        .board = board, .live = ws_console_can_move(), .start = ws_clock_monotonic()};
}

void ws_sweep_console_clear(ws_sweep_console *console)
{
    if (console->n_lines > 0)
        fprintf(stderr, "\033[%zuA\r\033[J", console->n_lines); /* up, and all below away */
    console->n_lines = 0;
}

static void print_setting(const ws_sweep_plan *plan, size_t trial)
{
    ws_buf text;

    ws_buf_init(&text, MAX_TEXT_BYTES);
    ws_sweep_push_setting(plan, trial / plan->n_seeds, &text);
    fprintf(stderr, "%.*s%sseed=%" PRId64, (int)text.size,
            text.data != NULL ? (const char *)text.data : "", text.size > 0 ? " " : "",
            plan->seeds[trial % plan->n_seeds]);
    ws_buf_deinit(&text);
}

static void print_start(const ws_sweep_board *board, const ws_sweep_worker *worker)
{
    fprintf(stderr, "trial %04zu %s: ", worker->trial,
            worker->is_resumed ? "resumes from its checkpoint" : "begins");
    print_setting(board->plan, worker->trial);
    fputc('\n', stderr);
}

static void print_percent(const char *name, double share)
{
    if (isfinite(share))
        fprintf(stderr, ", %s %.2f%%", name, 100.0 * share);
}

static void print_end(const ws_sweep_board *board, const ws_sweep_worker *worker,
                      const ws_sweep_result *result)
{
    const ws_sweep_counts counts = ws_sweep_board_get_counts(board);
    const size_t n = counts.n_done + counts.n_failed;
    char time[32];

    ws_console_write_duration(time, sizeof time, ws_clock_monotonic() - worker->start);
    fprintf(stderr, "trial %04zu ", worker->trial);
    switch (result->state) {
    case WS_SWEEP_DONE:
        fprintf(stderr, "done after step %" PRId64 " and %s", result->step, time);
        print_percent("validation best", result->best);
        print_percent("last", result->last);
        print_percent("test", result->test);
        break;
    case WS_SWEEP_FAILED:
        fprintf(stderr, "failed: %s; see %s/trials/%04zu/log.txt", result->error, board->dir,
                worker->trial);
        break;
    case WS_SWEEP_OPEN:
        fprintf(stderr, "stopped after step %" PRId64, result->step);
        break;
    }
    fprintf(stderr, " (%zu of %zu)\n", n, n + counts.n_open);
}

void ws_sweep_console_show_event(ws_sweep_console *console, const ws_sweep_event *event)
{
    const ws_sweep_board *board = console->board;

    if (event->kind == WS_SWEEP_EVENT_STOP) {
        console->n_lines = 0; /* the signal's note stands below the table: both stay */
        return;
    }
    ws_sweep_console_clear(console);
    switch (event->kind) {
    case WS_SWEEP_EVENT_START:
        print_start(board, event->worker);
        break;
    case WS_SWEEP_EVENT_END:
        print_end(board, event->worker, event->result);
        break;
    case WS_SWEEP_EVENT_RUNG:
        fprintf(stderr, "rung %zu of %zu: settings that remain: %zu\n", board->rung + 1,
                board->plan->n_rungs, board->plan->n_in_rung[board->rung]);
        break;
    case WS_SWEEP_EVENT_WAIT:
        fprintf(stderr, "waiting for trials that other processes are running\n");
        break;
    case WS_SWEEP_EVENT_STOP:
        break;
    }
}

/** Pushes one line of text, cut to a width. */
static void push_cut(ws_buf *text, const ws_buf *line, size_t width)
{
    ws_buf_push(text, line->data, line->size < width ? line->size : width);
    ws_buf_push_byte(text, '\n');
}

static void push_head(const ws_sweep_console *console, size_t n_busy, ws_buf *line)
{
    const ws_sweep_plan *plan = console->board->plan;
    const ws_sweep_counts counts = ws_sweep_board_get_counts(console->board);
    char time[32];

    ws_console_write_duration(time, sizeof time, ws_clock_monotonic() - console->start);
    if (plan->n_rungs > 1)
        ws_buf_push_format(line, "rung %zu of %zu, ", console->board->rung + 1, plan->n_rungs);
    ws_buf_push_format(line, "%zu trials: %zu done, %zu failed, %zu running here; %s",
                       counts.n_open + counts.n_done + counts.n_failed, counts.n_done,
                       counts.n_failed, n_busy, time);
}

static void push_worker(const ws_sweep_console *console, const ws_sweep_worker *worker,
                        ws_buf *line)
{
    const ws_sweep_plan *plan = console->board->plan;
    const size_t setting = worker->trial / plan->n_seeds;
    const int64_t stop = ws_sweep_plan_get_stop_step(plan, setting, worker->rung);
    const ws_sweep_progress progress = ws_sweep_progress_read(console->board->dir, worker->trial);
    char steps[48], validation[16] = "-";

    (void)snprintf(steps, sizeof steps, "%" PRId64 "/%" PRId64, progress.step,
                   stop > 0 ? stop : plan->n_steps[setting]);
    if (isfinite(progress.validation))
        (void)snprintf(validation, sizeof validation, "%.1f%%", progress.validation);
    ws_buf_push_format(line, "  %04zu  %13s  %5.1f%%  %10s  ", worker->trial, steps,
                       progress.batch_accuracy, validation);
    ws_sweep_push_setting(plan, setting, line);
    ws_buf_push_format(line, " seed=%" PRId64, plan->seeds[worker->trial % plan->n_seeds]);
}

void ws_sweep_console_push_table(const ws_sweep_console *console, const ws_sweep_worker *workers,
                                 size_t n_workers, size_t width, ws_buf *text)
{
    enum { MAX_SHOWN = 16 }; /* the rest would scroll away, and could not be redrawn */
    size_t n_busy = 0, n_shown = 0;
    ws_buf line;

    for (size_t i = 0; i < n_workers; i++)
        n_busy += workers[i].process.pid != 0;
    ws_buf_init(&line, MAX_TEXT_BYTES);
    push_head(console, n_busy, &line);
    push_cut(text, &line, width);
    line.size = 0;
    ws_buf_push_string(&line, " trial           step   batch  validation  settings");
    push_cut(text, &line, width);
    for (size_t i = 0; i < n_workers && n_shown < MAX_SHOWN; i++) {
        if (workers[i].process.pid == 0)
            continue;
        n_shown++;
        line.size = 0;
        push_worker(console, &workers[i], &line);
        push_cut(text, &line, width);
    }
    ws_buf_deinit(&line);
}

static size_t count_lines(const ws_buf *text)
{
    size_t n = 0;
    for (size_t i = 0; i < text->size; i++)
        n += text->data[i] == '\n';
    return n;
}

void ws_sweep_console_show_workers(ws_sweep_console *console, const ws_sweep_worker *workers,
                                   size_t n_workers)
{
    const double now = ws_clock_monotonic();
    ws_buf text;

    if (!console->live || now - console->last_drawn < seconds_between_tables)
        return;
    console->last_drawn = now;
    ws_buf_init(&text, MAX_TEXT_BYTES);
    ws_sweep_console_push_table(console, workers, n_workers, ws_console_width() - 1, &text);
    ws_sweep_console_clear(console);
    console->n_lines = count_lines(&text);
    (void)fwrite(text.data, 1, text.size, stderr);
    fflush(stderr);
    ws_buf_deinit(&text);
}
