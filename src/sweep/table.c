/* The ranking as people read it; see results.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shell.h"
#include "sweep/results.h"

void ws_sweep_push_setting(const ws_sweep_plan *plan, size_t setting, ws_buf *text)
{
    const bool is_short = plan->search == WS_SWEEP_ONE_AT_A_TIME;
    const char *gap = "";

    if (is_short && setting == 0)
        ws_buf_push_string(text, "all first values");
    for (size_t p = 0; p < plan->n_params; p++) {
        const char *value = ws_sweep_plan_get_value(plan, setting, p);
        if (is_short && strcmp(value, ws_sweep_plan_get_value(plan, 0, p)) == 0)
            continue;
        ws_buf_push_format(text, "%s%s=%s", gap, plan->params[p].name, value);
        gap = " ";
    }
}

ws_status ws_sweep_push_command(const ws_sweep_setup *setup, size_t setting, ws_buf *text,
                                ws_error *err)
{
    ws_text_list flags = {.items = NULL};
    const ws_status status = ws_sweep_setup_push_flags(setup, setting, -1, &flags);

    ws_shell_push_word(text, setup->program);
    ws_buf_push_string(text, " train");
    for (size_t i = 0; i < flags.n_items; i++) {
        ws_buf_push_string(text, " --");
        ws_shell_push_word(text, flags.items[i]);
    }
    ws_text_list_deinit(&flags);
    return status == WS_OK && text->status == WS_OK ? WS_OK : ws_fail_memory(err, "a command");
}

/** "84.21%", in a column of 8; a dash if it is unknown. */
static void push_percent(ws_buf *text, double share)
{
    if (isfinite(share))
        ws_buf_push_format(text, "%7.2f%%", 100.0 * share);
    else
        ws_buf_push_format(text, "%8s", "-");
}

static void push_line(const ws_sweep_board *board, const ws_sweep_score *score, size_t rank,
                      ws_buf *text)
{
    const ws_sweep_plan *plan = board->plan;
    char trials[32], seeds[32];
    const size_t first = score->setting * plan->n_seeds;

    if (plan->n_seeds > 1)
        (void)snprintf(trials, sizeof trials, "%04zu-%04zu", first, first + plan->n_seeds - 1);
    else
        (void)snprintf(trials, sizeof trials, "%04zu", first);
    (void)snprintf(seeds, sizeof seeds, "%zu/%zu", score->n_done, plan->n_seeds);
    ws_buf_push_format(text, "%4zu  %-9s", rank, trials);
    push_percent(text, score->mean);
    push_percent(text, score->spread);
    push_percent(text, score->test);
    ws_buf_push_format(text, "  %5s", seeds);
    if (plan->n_rungs > 1)
        ws_buf_push_format(text, "  %zu/%zu ", score->rung + 1, plan->n_rungs);
    ws_buf_push_string(text, "  ");
    ws_sweep_push_setting(plan, score->setting, text);
    ws_buf_push_string(text, score->n_failed > 0 ? "  (failed)\n" : "\n");
}

/** Why trials failed: the first ones, as they often failed for the same reason. */
static void push_failures(const ws_sweep_board *board, ws_buf *text)
{
    enum { MAX_SHOWN = 5 };
    size_t n = 0;

    for (size_t t = 0; t < ws_sweep_plan_get_n_trials(board->plan); t++) {
        if (board->results[t].state != WS_SWEEP_FAILED)
            continue;
        if (n++ < MAX_SHOWN)
            ws_buf_push_format(text, "trial %04zu failed: %s\n", t, board->results[t].error);
    }
    if (n > MAX_SHOWN)
        ws_buf_push_format(text, "and %zu more; results.csv has them all\n", n - MAX_SHOWN);
}

static ws_status push_best(const ws_sweep_score *best, const ws_sweep_setup *setup, ws_buf *text,
                           ws_error *err)
{
    if (best == NULL)
        return WS_OK;
    ws_buf_push_string(text, "\nThe best settings:\n  ");
    const ws_status status = ws_sweep_push_command(setup, best->setting, text, err);
    ws_buf_push_byte(text, '\n');
    return status;
}

ws_status ws_sweep_results_push_table(const ws_sweep_board *board, const ws_sweep_setup *setup,
                                      ws_buf *text, ws_error *err)
{
    ws_sweep_score *scores = calloc(board->plan->n_settings, sizeof *scores);

    if (scores == NULL)
        return ws_fail_memory(err, "the ranking of a sweep");
    ws_sweep_board_rank(board, scores);
    ws_buf_push_format(text, "rank  trials       %s  spread    test  seeds%s  settings\n",
                       ws_sweep_metric_name(board->metric),
                       board->plan->n_rungs > 1 ? "  rung" : "");
    for (size_t i = 0; i < board->plan->n_settings; i++)
        push_line(board, &scores[i], i + 1, text);
    push_failures(board, text);
    const ws_status status = push_best(ws_sweep_board_find_best(board, scores), setup, text, err);
    free(scores);
    return status == WS_OK && text->status != WS_OK ? ws_fail_memory(err, "the ranking of a sweep")
                                                    : status;
}
