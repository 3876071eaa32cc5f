#include "sweep/results.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "base/shell.h"

enum { MAX_BYTES = 64 << 20, DIGITS = 9 };

/** A field, quoted if it needs quotes. */
static void push_field(ws_buf *csv, const char *text)
{
    if (text[strcspn(text, ",\"\n\r")] == '\0') {
        ws_buf_push_string(csv, text);
        return;
    }
    ws_buf_push_byte(csv, '"');
    for (; *text != '\0'; text++)
        ws_buf_push_format(csv, *text == '"' ? "\"\"" : "%c", *text);
    ws_buf_push_byte(csv, '"');
}

/** A comma and the number; empty if it is unknown. */
static void push_number(ws_buf *csv, double value)
{
    if (isfinite(value))
        ws_buf_push_format(csv, ",%.*g", DIGITS, value);
    else
        ws_buf_push_byte(csv, ',');
}

static void push_row(const ws_sweep_board *board, size_t rank, size_t trial, ws_buf *csv)
{
    const ws_sweep_plan *plan = board->plan;
    const size_t setting = trial / plan->n_seeds;
    const ws_sweep_result *result = &board->results[trial];

    ws_buf_push_format(csv, "%zu,%zu,%zu,trial-%04zu,%" PRId64 ",%zu,%s,%" PRId64, rank, setting,
                       trial, trial, plan->seeds[trial % plan->n_seeds],
                       board->reached[setting] + 1, ws_sweep_state_name(result->state),
                       result->step);
    push_number(csv, result->best);
    push_number(csv, result->best_step);
    push_number(csv, result->last);
    push_number(csv, result->test);
    push_number(csv, result->seconds);
    for (size_t p = 0; p < plan->n_params; p++) {
        ws_buf_push_byte(csv, ',');
        push_field(csv, ws_sweep_plan_get_value(plan, setting, p));
    }
    ws_buf_push_byte(csv, ',');
    push_field(csv, result->error);
    ws_buf_push_byte(csv, '\n');
}

static void push_csv(const ws_sweep_board *board, const ws_sweep_score *scores, ws_buf *csv)
{
    const ws_sweep_plan *plan = board->plan;

    ws_buf_push_string(csv, "rank,setting,trial,run_name,seed,rung,state,step,"
                            "best_validation_accuracy,best_validation_step,"
                            "last_validation_accuracy,test_accuracy,seconds");
    for (size_t p = 0; p < plan->n_params; p++)
        ws_buf_push_format(csv, ",%s", plan->params[p].name);
    ws_buf_push_string(csv, ",error\n");
    for (size_t i = 0; i < plan->n_settings; i++)
        for (size_t k = 0; k < plan->n_seeds; k++)
            push_row(board, i + 1, scores[i].setting * plan->n_seeds + k, csv);
}

static ws_json *make_trial(const ws_sweep_board *board, size_t trial)
{
    const ws_sweep_result *result = &board->results[trial];
    char *run_name = ws_sweep_trial_run_name(trial);
    ws_json *made = ws_json_create();

    ws_json_set_whole(made, "trial", (int64_t)trial);
    ws_json_set_text(made, "run_name", run_name);
    ws_json_set_whole(made, "seed", board->plan->seeds[trial % board->plan->n_seeds]);
    ws_json_set_text(made, "state", ws_sweep_state_name(result->state));
    ws_json_set_text(made, "error", result->error[0] != '\0' ? result->error : NULL);
    ws_json_set_whole(made, "step", result->step);
    ws_json_set_real(made, "best_validation_accuracy", result->best);
    if (isfinite(result->best_step))
        ws_json_set_whole(made, "best_validation_step", (int64_t)result->best_step);
    else
        ws_json_set_text(made, "best_validation_step", NULL);
    ws_json_set_real(made, "last_validation_accuracy", result->last);
    ws_json_set_real(made, "test_accuracy", result->test);
    ws_json_set_real(made, "seconds", result->seconds);
    free(run_name);
    return made;
}

static ws_json *make_setting(const ws_sweep_board *board, const ws_sweep_score *score, size_t rank)
{
    const ws_sweep_plan *plan = board->plan;
    ws_json *made = ws_json_create(), *params = ws_json_create(), *trials = ws_json_create_list();

    ws_json_set_whole(made, "rank", (int64_t)rank);
    ws_json_set_whole(made, "setting", (int64_t)score->setting);
    ws_json_set_whole(made, "rung", (int64_t)score->rung + 1);
    ws_json_set_real(made, "mean", score->mean);
    ws_json_set_real(made, "spread", score->spread);
    ws_json_set_real(made, "test_mean", score->test);
    ws_json_set_whole(made, "n_done", (int64_t)score->n_done);
    ws_json_set_whole(made, "n_failed", (int64_t)score->n_failed);
    ws_json_set_whole(made, "n_open", (int64_t)score->n_open);
    for (size_t p = 0; p < plan->n_params; p++)
        ws_json_set_text(params, plan->params[p].name,
                         ws_sweep_plan_get_value(plan, score->setting, p));
    ws_json_set_child(made, "params", params);
    for (size_t k = 0; k < plan->n_seeds; k++)
        ws_json_push(trials, make_trial(board, score->setting * plan->n_seeds + k));
    ws_json_set_child(made, "trials", trials);
    return made;
}

/** The best setting as a command line; NULL while no setting has a result. */
static char *make_best_command(const ws_sweep_setup *setup, const ws_sweep_score *best)
{
    ws_buf text;

    if (best == NULL)
        return NULL;
    ws_buf_init(&text, MAX_BYTES);
    const ws_status status = ws_sweep_push_command(setup, best->setting, &text, NULL);
    char *made = status == WS_OK ? ws_buf_take_string(&text) : NULL;
    ws_buf_deinit(&text);
    return made;
}

static char *make_document(const ws_sweep_board *board, const ws_sweep_setup *setup,
                           const ws_sweep_score *scores)
{
    char *command = make_best_command(setup, ws_sweep_board_find_best(board, scores));
    ws_json *made = ws_json_create(), *settings = ws_json_create_list();

    ws_json_set_text(made, "search", ws_sweep_search_name(board->plan->search));
    ws_json_set_text(made, "rank_by", ws_sweep_metric_name(board->metric));
    ws_json_set_bool(made, "is_finished", board->rung == board->plan->n_rungs);
    ws_json_set_text(made, "best_command", command);
    for (size_t i = 0; i < board->plan->n_settings; i++)
        ws_json_push(settings, make_setting(board, &scores[i], i + 1));
    ws_json_set_child(made, "settings", settings);
    char *text = ws_json_write(made, (ws_json_style){.n_digits = DIGITS, .is_indented = true});
    ws_json_destroy(made);
    free(command);
    return text;
}

static ws_status write_file(const char *dir, const char *name, const void *text, size_t size,
                            ws_error *err)
{
    char *path = ws_path_join(dir, name);
    const ws_status status = path != NULL ? ws_file_write(path, text, size, err)
                                          : ws_fail_memory(err, "the results of a sweep");
    free(path);
    return status;
}

ws_status ws_sweep_results_write(const ws_sweep_board *board, const ws_sweep_setup *setup,
                                 ws_error *err)
{
    ws_sweep_score *scores = calloc(board->plan->n_settings, sizeof *scores);
    ws_buf csv;
    ws_status status = WS_OK;

    if (scores == NULL)
        return ws_fail_memory(err, "the results of a sweep");
    ws_buf_init(&csv, MAX_BYTES);
    ws_sweep_board_rank(board, scores);
    push_csv(board, scores, &csv);
    char *json = make_document(board, setup, scores);
    if (csv.status != WS_OK || json == NULL)
        status = ws_fail_memory(err, "the results of a sweep");
    if (status == WS_OK)
        status = write_file(board->dir, "results.csv", csv.data, csv.size, err);
    if (status == WS_OK)
        status = write_file(board->dir, "results.json", json, strlen(json), err);
    free(json);
    ws_buf_deinit(&csv);
    free(scores);
    return status;
}
