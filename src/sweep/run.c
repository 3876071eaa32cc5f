#include "sweep/run.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* How often children are checked, and the files of trials that other processes run. */
static const long poll_ms = 50;
static const double refresh_seconds = 1.0;

typedef struct manager {
    const ws_sweep_run_options *options;
    ws_sweep_board *board;
    ws_sweep_worker workers[WS_SWEEP_MAX_JOBS];
    bool *is_ours;     /* [n_trials] has a process here */
    bool *left_alone;  /* [n_trials] runs elsewhere, or has ended: skipped until the next refresh */
    bool *was_stopped; /* [n_trials] stopped from outside: this process does not restart it */
    bool is_stopping, is_waiting;
    double last_refresh;
} manager;

static void tell(const manager *m, ws_sweep_event_kind kind, const ws_sweep_worker *worker,
                 const ws_sweep_result *result)
{
    const ws_sweep_event event = {.kind = kind, .worker = worker, .result = result};
    if (m->options->show_event != NULL)
        m->options->show_event(m->options->user, &event);
}

static bool is_idle(const ws_sweep_worker *worker)
{
    return worker->process.pid == 0;
}

static size_t count_busy(const manager *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->options->n_jobs; i++)
        n += !is_idle(&m->workers[i]);
    return n;
}

/** The threads of one worker: the first workers get the remainder. */
static size_t threads_of(const ws_sweep_run_options *options, size_t slot)
{
    const size_t n =
        options->n_threads / options->n_jobs + (slot < options->n_threads % options->n_jobs);
    return n > 0 ? n : 1;
}

static void stop_all(manager *m)
{
    if (m->is_stopping)
        return;
    m->is_stopping = true;
    if (count_busy(m) > 0)
        tell(m, WS_SWEEP_EVENT_STOP, NULL, NULL);
    for (size_t i = 0; i < m->options->n_jobs; i++)
        ws_sweep_process_stop(&m->workers[i].process);
}

static ws_status reap(manager *m, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < m->options->n_jobs; i++) {
        ws_sweep_worker *worker = &m->workers[i];
        ws_sweep_result *result = &m->board->results[worker->trial];
        if (is_idle(worker) || !ws_sweep_process_has_ended(&worker->process))
            continue;
        m->is_ours[worker->trial] = false;
        status = ws_sweep_worker_end(worker, m->is_stopping, result, err);
        if (status != WS_OK)
            break;
        m->was_stopped[worker->trial] = result->state == WS_SWEEP_OPEN;
        tell(m, WS_SWEEP_EVENT_END, worker, result);
    }
    return status;
}

/** The next trial of the rung to start; false if there is nothing to start now. */
static bool find_next(const manager *m, size_t *trial)
{
    for (size_t job = 0; job < ws_sweep_board_get_n_jobs(m->board); job++) {
        *trial = ws_sweep_board_get_trial(m->board, m->board->rung, job);
        if (m->board->results[*trial].state == WS_SWEEP_OPEN && !m->left_alone[*trial] &&
            !m->was_stopped[*trial] && !m->is_ours[*trial])
            return true;
    }
    return false;
}

/** Gives work to idle workers. Trials of other processes are skipped until the next refresh. */
static ws_status start_trials(manager *m, ws_error *err)
{
    ws_status status = WS_OK;
    size_t trial = 0;

    for (size_t i = 0; status == WS_OK && i < m->options->n_jobs; i++) {
        ws_sweep_worker *worker = &m->workers[i];
        while (status == WS_OK && is_idle(worker) && find_next(m, &trial)) {
            ws_sweep_start how = WS_SWEEP_TAKEN;
            status = ws_sweep_worker_start(worker, &m->options->setup, trial, m->board->rung,
                                           threads_of(m->options, i), &how, err);
            m->is_ours[trial] = status == WS_OK && how == WS_SWEEP_STARTED;
            m->left_alone[trial] = !m->is_ours[trial];
            if (m->is_ours[trial])
                tell(m, WS_SWEEP_EVENT_START, worker, NULL);
        }
    }
    return status;
}

/** Reads what other processes did meanwhile; a rung may have ended. */
static ws_status refresh(manager *m, bool at_once, ws_error *err)
{
    const size_t rung = m->board->rung;
    const size_t n_rungs = m->board->plan->n_rungs;
    const double now = ws_clock_monotonic();

    if (!at_once && now - m->last_refresh < refresh_seconds)
        return WS_OK;
    m->last_refresh = now;
    for (size_t i = 0; i < ws_sweep_plan_get_n_trials(m->board->plan); i++)
        m->left_alone[i] = false;
    const ws_status status = ws_sweep_board_refresh(m->board, m->is_ours, err);
    if (status == WS_OK && m->board->rung > rung && m->board->rung < n_rungs)
        tell(m, WS_SWEEP_EVENT_RUNG, NULL, NULL);
    return status;
}

/** When this process runs no trial: whether some open trial was not stopped, so another process
 * runs it. */
static bool is_awaited(const manager *m)
{
    for (size_t job = 0; job < ws_sweep_board_get_n_jobs(m->board); job++) {
        const size_t trial = ws_sweep_board_get_trial(m->board, m->board->rung, job);
        if (m->board->results[trial].state == WS_SWEEP_OPEN && !m->was_stopped[trial])
            return true;
    }
    return false;
}

static void pause_briefly(void)
{
    const struct timespec time = {.tv_nsec = poll_ms * 1000000};
    (void)nanosleep(&time, NULL); /* a signal ends it early, which is right */
}

/** Runs until there is nothing left to do or to wait for. */
static ws_status manage(manager *m, ws_error *err)
{
    const ws_sweep_run_options *options = m->options;
    ws_status status = WS_OK;

    while (status == WS_OK) {
        const size_t n_busy = count_busy(m);
        if (options->stop_wanted != NULL && options->stop_wanted(options->user))
            stop_all(m);
        status = reap(m, err);
        const bool has_ended = count_busy(m) < n_busy;
        if (status == WS_OK)
            status = refresh(m, has_ended, err);
        if (status == WS_OK && !m->is_stopping)
            status = start_trials(m, err);
        if (status != WS_OK)
            break;
        if (count_busy(m) == 0 && (m->is_stopping || !is_awaited(m)))
            break;
        if (count_busy(m) == 0 && !m->is_waiting)
            tell(m, WS_SWEEP_EVENT_WAIT, NULL, NULL);
        m->is_waiting = count_busy(m) == 0;
        if (options->show_workers != NULL)
            options->show_workers(options->user, m->workers, options->n_jobs);
        pause_briefly();
    }
    return status;
}

/** Also after a failure of our own, no child stays running. */
static void end_all(manager *m)
{
    ws_error ignored;

    stop_all(m);
    while (count_busy(m) > 0) {
        if (reap(m, &ignored) != WS_OK)
            continue; /* that one is idle now */
        pause_briefly();
    }
}

ws_status ws_sweep_run(const ws_sweep_run_options *options, ws_sweep_board *board, ws_error *err)
{
    const size_t n_trials = ws_sweep_plan_get_n_trials(board->plan);
    manager *m = calloc(1, sizeof *m);
    ws_status status;

    if (m == NULL)
        return ws_fail_memory(err, "a sweep");
    *m = (manager){.options = options, .board = board};
    m->is_ours = calloc(n_trials, sizeof *m->is_ours);
    m->left_alone = calloc(n_trials, sizeof *m->left_alone);
    m->was_stopped = calloc(n_trials, sizeof *m->was_stopped);
    if (m->is_ours == NULL || m->left_alone == NULL || m->was_stopped == NULL) {
        status = ws_fail_memory(err, "a sweep");
    } else {
        status = manage(m, err);
        end_all(m);
    }
    free(m->is_ours);
    free(m->left_alone);
    free(m->was_stopped);
    free(m);
    return status;
}

/** The trial and rung of a job. */
static ws_status find_job(const ws_sweep_board *board, size_t job, size_t *trial, size_t *rung,
                          ws_error *err)
{
    const ws_sweep_plan *plan = board->plan;
    size_t first = 0;

    for (*rung = 0; *rung < plan->n_rungs; ++*rung) {
        const size_t n = plan->n_in_rung[*rung] * plan->n_seeds;
        if (job < first + n)
            break;
        first += n;
    }
    if (*rung == plan->n_rungs)
        return ws_fail(err, WS_EUSAGE, "--run_trial=%zu: expected a number from 0 to %zu", job,
                       ws_sweep_plan_get_n_jobs(plan) - 1);
    if (*rung > board->rung)
        return ws_fail(err, WS_EUSAGE,
                       "--run_trial=%zu: it cannot start before all of 0 to %zu have ended", job,
                       first - 1);
    *trial = ws_sweep_board_get_trial(board, *rung, job - first);
    return WS_OK;
}

/** Waits for the end of a worker's process, or for a stop. */
static ws_status attend(const ws_sweep_run_options *options, ws_sweep_worker *worker,
                        ws_sweep_result *result, ws_error *err)
{
    bool is_stopping = false;

    while (!ws_sweep_process_has_ended(&worker->process)) {
        if (!is_stopping && options->stop_wanted != NULL && options->stop_wanted(options->user)) {
            is_stopping = true;
            ws_sweep_process_stop(&worker->process);
        }
        pause_briefly();
    }
    return ws_sweep_worker_end(worker, is_stopping, result, err);
}

ws_status ws_sweep_run_one(const ws_sweep_run_options *options, const ws_sweep_board *board,
                           size_t job, ws_sweep_start *how, ws_sweep_result *result, ws_error *err)
{
    ws_sweep_worker worker;
    size_t trial = 0, rung = 0;
    ws_status status = find_job(board, job, &trial, &rung, err);

    if (status == WS_OK && board->results[trial].state == WS_SWEEP_FAILED) {
        *how = WS_SWEEP_ENDED; /* in this rung or, in successive halving, in one before */
        *result = board->results[trial];
        return WS_OK;
    }
    if (status == WS_OK)
        status = ws_sweep_worker_start(&worker, &options->setup, trial, rung,
                                       threads_of(options, 0), how, err);
    if (status == WS_OK && *how != WS_SWEEP_STARTED)
        return ws_sweep_trial_read(board->dir, board->plan, trial, rung, result, err);
    if (status == WS_OK && options->show_event != NULL)
        options->show_event(options->user,
                            &(ws_sweep_event){.kind = WS_SWEEP_EVENT_START, .worker = &worker});
    return status == WS_OK ? attend(options, &worker, result, err) : status;
}

/** Takes back one result, unless its trial is under way. */
static ws_status forget(const char *dir, const ws_sweep_plan *plan, size_t trial, size_t rung,
                        ws_error *err)
{
    char *path = ws_sweep_trial_result_file(dir, plan, trial, rung);
    int claim = -1;
    ws_status status = path != NULL ? ws_sweep_trial_claim(dir, trial, &claim, err)
                                    : ws_fail_memory(err, "the result of a trial");
    if (claim >= 0) {
        (void)unlink(path);
        (void)close(claim);
    }
    free(path);
    return status;
}

ws_status ws_sweep_forget_failures(const char *dir, const ws_sweep_plan *plan, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t trial = 0; trial < ws_sweep_plan_get_n_trials(plan); trial++) {
        for (size_t rung = 0; status == WS_OK && rung < plan->n_rungs; rung++) {
            ws_sweep_result result;
            status = ws_sweep_trial_read(dir, plan, trial, rung, &result, err);
            if (status == WS_OK && result.state == WS_SWEEP_FAILED)
                status = forget(dir, plan, trial, rung, err);
        }
    }
    return status;
}
