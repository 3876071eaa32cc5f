#include "sweep/board.h"

#include <math.h>
#include <stdlib.h>

const char *ws_sweep_metric_name(size_t metric)
{
    static const char *const names[WS_SWEEP_N_METRICS] = {
        [WS_SWEEP_BY_BEST] = "best",
        [WS_SWEEP_BY_LAST] = "last",
    };
    return names[metric];
}

static double metric_of(const ws_sweep_board *board, const ws_sweep_result *result)
{
    return board->metric == WS_SWEEP_BY_LAST ? result->last : result->best;
}

/** Mean and deviation of the results of a setting's seeds. */
static ws_sweep_score score(const ws_sweep_board *board, size_t setting)
{
    const size_t n_seeds = board->plan->n_seeds;
    const ws_sweep_result *results = &board->results[setting * n_seeds];
    ws_sweep_score made = {.setting = setting, .rung = board->reached[setting]};
    double sum = 0, squares = 0, test_sum = 0;
    size_t n = 0, n_tests = 0;

    for (size_t i = 0; i < n_seeds; i++) {
        made.n_done += results[i].state == WS_SWEEP_DONE;
        made.n_failed += results[i].state == WS_SWEEP_FAILED;
        made.n_open += results[i].state == WS_SWEEP_OPEN;
        if (results[i].state != WS_SWEEP_DONE)
            continue;
        if (isfinite(metric_of(board, &results[i]))) {
            sum += metric_of(board, &results[i]);
            n++;
        }
        if (isfinite(results[i].test)) {
            test_sum += results[i].test;
            n_tests++;
        }
    }
    made.mean = n > 0 ? sum / (double)n : (double)NAN;
    made.test = n_tests > 0 ? test_sum / (double)n_tests : (double)NAN;
    for (size_t i = 0; i < n_seeds; i++) {
        const double off = metric_of(board, &results[i]) - made.mean;
        if (results[i].state == WS_SWEEP_DONE && isfinite(off))
            squares += off * off;
    }
    made.spread = n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN;
    return made;
}

static int compare_scores(const void *a, const void *b)
{
    const ws_sweep_score *x = a, *y = b;

    if (x->rung != y->rung)
        return x->rung > y->rung ? -1 : 1;
    if (isnan(x->mean) != isnan(y->mean))
        return isnan(x->mean) ? 1 : -1;
    if (x->mean > y->mean || x->mean < y->mean)
        return x->mean > y->mean ? -1 : 1;
    return x->setting < y->setting ? -1 : 1;
}

void ws_sweep_board_rank(const ws_sweep_board *board, ws_sweep_score *scores)
{
    const size_t n = board->plan->n_settings;

    for (size_t s = 0; s < n; s++)
        scores[s] = score(board, s);
    qsort(scores, n, sizeof *scores, compare_scores);
}

const ws_sweep_score *ws_sweep_board_find_best(const ws_sweep_board *board,
                                               const ws_sweep_score *scores)
{
    for (size_t i = 0; i < board->plan->n_settings; i++)
        if (!isnan(scores[i].mean))
            return &scores[i];
    return NULL;
}

/** A trial that failed in an earlier rung stays so in the later ones. */
static ws_status read_rung(ws_sweep_board *board, bool only_open, const bool *is_ours,
                           ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t job = 0; status == WS_OK && job < ws_sweep_board_get_n_jobs(board); job++) {
        const size_t trial = ws_sweep_board_get_trial(board, board->rung, job);
        const ws_sweep_state state = board->results[trial].state;
        if (is_ours != NULL && is_ours[trial])
            continue;
        if (state == WS_SWEEP_OPEN || (!only_open && state == WS_SWEEP_DONE))
            status = ws_sweep_trial_read(board->dir, board->plan, trial, board->rung,
                                         &board->results[trial], err);
    }
    return status;
}

static int compare_numbers(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return x < y ? -1 : x > y;
}

/** The best settings of the finished rung form the next one, in the order of their numbers. A
 *  setting whose seeds all failed has no checkpoint to resume from, but keeps its place. */
static ws_status begin_rung(ws_sweep_board *board, size_t rung, ws_error *err)
{
    const ws_sweep_plan *plan = board->plan;
    const size_t n = plan->n_in_rung[rung];
    size_t *members = malloc(n * sizeof *members);
    ws_sweep_score *scores = malloc(plan->n_settings * sizeof *scores);

    board->members[rung] = members;
    if (members == NULL || scores == NULL) {
        free(scores);
        return ws_fail_memory(err, "the ranking of a sweep");
    }
    ws_sweep_board_rank(board, scores);
    for (size_t i = 0; i < n; i++) {
        members[i] = scores[i].setting;
        board->reached[members[i]] = rung;
    }
    free(scores);
    qsort(members, n, sizeof *members, compare_numbers);
    board->rung = rung;
    return read_rung(board, false, NULL, err);
}

static ws_status go_on(ws_sweep_board *board, ws_error *err)
{
    ws_status status = WS_OK;

    while (status == WS_OK && board->rung < board->plan->n_rungs &&
           ws_sweep_board_get_counts(board).n_open == 0) {
        if (board->rung + 1 < board->plan->n_rungs)
            status = begin_rung(board, board->rung + 1, err);
        else
            board->rung++;
    }
    return status;
}

ws_status ws_sweep_board_init(ws_sweep_board *board, const char *dir, const ws_sweep_plan *plan,
                              ws_sweep_metric metric, ws_error *err)
{
    *board = (ws_sweep_board){.dir = dir, .plan = plan, .metric = metric};
    board->reached = calloc(plan->n_settings, sizeof *board->reached);
    board->results = calloc(ws_sweep_plan_get_n_trials(plan), sizeof *board->results);
    if (board->reached == NULL || board->results == NULL)
        return ws_fail_memory(err, "the state of a sweep");
    const ws_status status = begin_rung(board, 0, err);
    return status == WS_OK ? go_on(board, err) : status;
}

void ws_sweep_board_deinit(ws_sweep_board *board)
{
    for (size_t r = 0; r < WS_SWEEP_MAX_RUNGS; r++)
        free(board->members[r]);
    free(board->reached);
    free(board->results);
    *board = (ws_sweep_board){.plan = NULL};
}

ws_status ws_sweep_board_refresh(ws_sweep_board *board, const bool *is_ours, ws_error *err)
{
    if (board->rung == board->plan->n_rungs)
        return WS_OK;
    const ws_status status = read_rung(board, true, is_ours, err);
    return status == WS_OK ? go_on(board, err) : status;
}

size_t ws_sweep_board_get_n_jobs(const ws_sweep_board *board)
{
    if (board->rung == board->plan->n_rungs)
        return 0;
    return board->plan->n_in_rung[board->rung] * board->plan->n_seeds;
}

size_t ws_sweep_board_get_trial(const ws_sweep_board *board, size_t rung, size_t job)
{
    const size_t n_seeds = board->plan->n_seeds;
    return board->members[rung][job / n_seeds] * n_seeds + job % n_seeds;
}

ws_sweep_counts ws_sweep_board_get_counts(const ws_sweep_board *board)
{
    const size_t n_rungs = board->plan->n_rungs;
    const size_t rung = board->rung < n_rungs ? board->rung : n_rungs - 1;
    const size_t n = board->plan->n_in_rung[rung] * board->plan->n_seeds;
    ws_sweep_counts counts = {.n_open = 0};

    for (size_t job = 0; job < n; job++) {
        const ws_sweep_state state =
            board->results[ws_sweep_board_get_trial(board, rung, job)].state;
        counts.n_open += state == WS_SWEEP_OPEN;
        counts.n_done += state == WS_SWEEP_DONE;
        counts.n_failed += state == WS_SWEEP_FAILED;
    }
    return counts;
}
