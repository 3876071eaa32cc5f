#include "sweep/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/path.h"
#include "base/shell.h"
#include "cluster/ranks.h"
#include "sweep/definition.h"

/** Appends name=value. */
static ws_status push_flag(ws_text_list *flags, const char *name, const char *value)
{
    return ws_sweep_definition_push(flags, name, value, NULL);
}

static ws_status push_number(ws_text_list *flags, const char *name, int64_t value)
{
    char text[WS_PARAM_VALUE_SIZE];
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    return push_flag(flags, name, text);
}

ws_status ws_sweep_setup_push_flags(const ws_sweep_setup *setup, size_t setting, int64_t seed,
                                    ws_text_list *flags)
{
    const ws_sweep_plan *plan = setup->plan;
    const bool *left_out =
        setup->left_out != NULL ? &setup->left_out[setting * ws_train_flags.n_flags] : NULL;
    char value[WS_FLAG_MAX_TEXT];
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < ws_train_flags.n_flags; i++) {
        const ws_flag *flag = &ws_train_flags.flags[i];
        if (!setup->train->given[i] || (left_out != NULL && left_out[i]))
            continue;
        ws_flag_get_text(flag, setup->train->values, value, sizeof value);
        status = push_flag(flags, flag->name, value);
    }
    for (size_t p = 0; status == WS_OK && p < plan->n_params; p++)
        status = push_flag(flags, plan->params[p].name, ws_sweep_plan_get_value(plan, setting, p));
    return status == WS_OK && seed >= 0 ? push_number(flags, "seed", seed) : status;
}

/** Names of the trial's own files; NULL when out of memory. */
typedef struct trial_names {
    char *train_dir, *summaries_dir, *run_name, *run_dir, *result, *log, *newest;
} trial_names;

static void deinit_names(trial_names *names)
{
    char **all[] = {&names->train_dir, &names->summaries_dir, &names->run_name, &names->run_dir,
                    &names->result,    &names->log,           &names->newest};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(*all[i]);
}

static bool init_names(trial_names *names, const ws_sweep_worker *worker)
{
    const ws_sweep_setup *setup = worker->setup;

    *names = (trial_names){
        .train_dir = ws_sweep_trial_file(setup->dir, worker->trial, "checkpoints"),
        .summaries_dir = ws_sweep_logs_dir(setup->dir),
        .run_name = ws_sweep_trial_run_name(worker->trial),
        .result = ws_sweep_trial_result_file(setup->dir, setup->plan, worker->trial, worker->rung),
        .log = ws_sweep_trial_file(setup->dir, worker->trial, "log.txt"),
        .newest = ws_sweep_trial_file(setup->dir, worker->trial, "checkpoints/checkpoint"),
    };
    if (names->summaries_dir != NULL && names->run_name != NULL)
        names->run_dir = ws_path_join(names->summaries_dir, names->run_name);
    return names->train_dir != NULL && names->run_dir != NULL && names->result != NULL &&
           names->log != NULL && names->newest != NULL;
}

static ws_status push_all_flags(const ws_sweep_worker *worker, const trial_names *names,
                                size_t n_threads, ws_text_list *flags)
{
    const ws_sweep_setup *setup = worker->setup;
    const ws_sweep_plan *plan = setup->plan;
    const size_t setting = worker->trial / plan->n_seeds;
    const int64_t stop_step = ws_sweep_plan_get_stop_step(plan, setting, worker->rung);

    ws_status status = ws_sweep_setup_push_flags(setup, setting,
                                                 plan->seeds[worker->trial % plan->n_seeds], flags);
    if (status == WS_OK)
        status = push_flag(flags, "train_dir", names->train_dir);
    if (status == WS_OK)
        status = push_flag(flags, "summaries_dir", names->summaries_dir);
    if (status == WS_OK)
        status = push_flag(flags, "run_name", names->run_name);
    if (status == WS_OK)
        status = push_flag(flags, "json", names->result);
    if (status == WS_OK && worker->is_resumed)
        status = push_flag(flags, "start_checkpoint", names->train_dir);
    if (status == WS_OK && stop_step > 0)
        status = push_number(flags, "stop_after_step", stop_step);
    if (setup->n_ranks > 1) /* which share the trial's cores */
        n_threads = n_threads > setup->n_ranks ? n_threads / setup->n_ranks : 1;
    if (status == WS_OK && n_threads > 0 && ws_sweep_definition_get(flags, "threads") == NULL)
        status = push_number(flags, "threads", (int64_t)n_threads);
    return status;
}

/** The first line of each process in the log: how it was started. */
static ws_status write_command(const char *path, char *const *argv, ws_error *err)
{
    FILE *log = fopen(path, "ae");
    ws_buf line;

    if (log == NULL)
        return ws_fail(err, WS_EIO, "%s: cannot be opened", path);
    ws_buf_init(&line, 1 << 20);
    for (size_t i = 0; argv[i] != NULL; i++) {
        ws_buf_push_string(&line, i == 0 ? "$ " : " ");
        ws_shell_push_word(&line, argv[i]);
    }
    ws_buf_push_byte(&line, '\n');
    const bool is_written =
        line.status == WS_OK && fwrite(line.data, 1, line.size, log) == line.size;
    ws_buf_deinit(&line);
    if (fclose(log) != 0 || !is_written)
        return ws_fail(err, WS_EIO, "%s: cannot be written", path);
    return WS_OK;
}

/** This program's file, for a launcher that starts it. @return false: see errno */
static bool find_program(char *path, size_t size)
{
    const ssize_t n = readlink("/proc/self/exe", path, size - 1);

    if (n < 0)
        return false;
    path[n] = '\0';
    return true;
}

/** The words before the trial's flags. @param launcher  set; NULL: none is needed */
static ws_status push_program(const ws_sweep_setup *setup, ws_text_list *words,
                              const char **launcher, ws_error *err)
{
    const char *launch[WS_LAUNCHER_MAX_WORDS];
    char number[24];
    size_t n_launch = 0;

    *launcher = NULL;
    if (setup->n_ranks > 1)
        n_launch = ws_ranks_find_launcher(setup->n_ranks, number, launch);
    for (size_t i = 0; i < n_launch; i++)
        if (ws_text_list_push(words, launch[i]) != WS_OK)
            return ws_fail_memory(err, "the arguments of a trial");
    if (n_launch > 0)
        *launcher = launch[0];
    char path[4096];
    const char *program = setup->program;
    if (n_launch > 0 && !find_program(path, sizeof path))
        return ws_fail_errno(err, errno, "/proc/self/exe: cannot be read");
    if (n_launch > 0)
        program = path;
    if (ws_text_list_push(words, program) != WS_OK || ws_text_list_push(words, "train") != WS_OK)
        return ws_fail_memory(err, "the arguments of a trial");
    return WS_OK;
}

/** Turns name=value into --name=value, and starts the process. */
static ws_status start_process(ws_sweep_worker *worker, const char *log, ws_text_list *flags,
                               ws_error *err)
{
    ws_text_list words = {.items = NULL};
    const char *launcher = NULL;
    char **argv = NULL;

    ws_status status = push_program(worker->setup, &words, &launcher, err);
    for (size_t i = 0; status == WS_OK && i < flags->n_items; i++) {
        char *flag = ws_text_format("--%s", flags->items[i]);
        if (flag == NULL || ws_text_list_push(&words, flag) != WS_OK)
            status = ws_fail_memory(err, "the arguments of a trial");
        free(flag);
    }
    if (status == WS_OK) {
        argv = calloc(words.n_items + 1, sizeof *argv);
        if (argv == NULL)
            status = ws_fail_memory(err, "the arguments of a trial");
    }
    for (size_t i = 0; argv != NULL && i < words.n_items; i++)
        argv[i] = words.items[i];
    if (status == WS_OK)
        status = write_command(log, argv, err);
    if (status == WS_OK)
        status = ws_sweep_process_start(&worker->process, launcher, argv, log, worker->claim, err);
    free(argv);
    ws_text_list_deinit(&words);
    return status;
}

/** A process that was killed before its first checkpoint left a run that cannot be resumed, and
 * whose name the next one needs. */
static ws_status clear_run(ws_sweep_worker *worker, const trial_names *names, ws_error *err)
{
    worker->is_resumed = ws_file_exists(names->newest);
    if (worker->is_resumed || !ws_dir_exists(names->run_dir))
        return WS_OK;
    return ws_dir_remove_all(names->run_dir, err);
}

/** Starts the trial, which is claimed. */
static ws_status start_claimed(ws_sweep_worker *worker, size_t n_threads, ws_error *err)
{
    trial_names names;
    ws_text_list flags = {.items = NULL};
    ws_status status = WS_OK;

    if (!init_names(&names, worker))
        status = ws_fail_memory(err, "the names of a trial's files");
    if (status == WS_OK)
        status = clear_run(worker, &names, err);
    if (status == WS_OK && push_all_flags(worker, &names, n_threads, &flags) != WS_OK)
        status = ws_fail_memory(err, "the flags of a trial");
    if (status == WS_OK)
        status = start_process(worker, names.log, &flags, err);
    ws_text_list_deinit(&flags);
    deinit_names(&names);
    return status;
}

static void release(ws_sweep_worker *worker)
{
    if (worker->claim >= 0)
        (void)close(worker->claim);
    worker->claim = -1;
}

ws_status ws_sweep_worker_start(ws_sweep_worker *worker, const ws_sweep_setup *setup, size_t trial,
                                size_t rung, size_t n_threads, ws_sweep_start *how, ws_error *err)
{
    ws_sweep_result result;

    *worker = (ws_sweep_worker){
        .setup = setup, .trial = trial, .rung = rung, .claim = -1, .start = ws_clock_monotonic()};
    ws_status status = ws_sweep_trial_claim(setup->dir, trial, &worker->claim, err);
    if (status != WS_OK)
        return status;
    *how = WS_SWEEP_TAKEN;
    if (worker->claim < 0)
        return WS_OK;
    /* another process may just have finished it */
    status = ws_sweep_trial_read(setup->dir, setup->plan, trial, rung, &result, err);
    *how = result.state == WS_SWEEP_OPEN ? WS_SWEEP_STARTED : WS_SWEEP_ENDED;
    if (status == WS_OK && *how == WS_SWEEP_STARTED)
        status = start_claimed(worker, n_threads, err);
    if (status != WS_OK || *how == WS_SWEEP_ENDED)
        release(worker);
    return status;
}

/** Whether a process was stopped from outside: after a clean stop its exit code is 128 + n; before
 * it handled signals, the signal itself ended it. */
static bool was_asked_to_stop(const ws_sweep_process *process)
{
    if (process->signal == 0) /* launchers have codes of their own above those of signals */
        return process->code > 128 && process->code < 128 + NSIG;
    return process->signal == SIGTERM || process->signal == SIGINT || process->signal == SIGHUP;
}

/** Why a process ended that left no result. */
static void describe_end(const ws_sweep_process *process, char *why, size_t size)
{
    if (process->signal != 0)
        (void)snprintf(why, size, "the process was ended by signal %d (%s)", process->signal,
                       strsignal(process->signal));
    else
        (void)snprintf(why, size, "the process ended with exit code %d and no result",
                       process->code);
}

ws_status ws_sweep_worker_end(ws_sweep_worker *worker, bool is_stopped, ws_sweep_result *result,
                              ws_error *err)
{
    const ws_sweep_setup *setup = worker->setup;
    const ws_sweep_process *process = &worker->process;
    char why[96];

    ws_status status =
        ws_sweep_trial_read(setup->dir, setup->plan, worker->trial, worker->rung, result, err);
    /* a stopped trial resumes another time; anything else has failed */
    if (status == WS_OK && result->state == WS_SWEEP_OPEN && !is_stopped &&
        !was_asked_to_stop(process)) {
        describe_end(process, why, sizeof why);
        status = ws_sweep_trial_write_failure(setup->dir, setup->plan, worker->trial, worker->rung,
                                              why, err);
        if (status == WS_OK)
            status = ws_sweep_trial_read(setup->dir, setup->plan, worker->trial, worker->rung,
                                         result, err);
    }
    release(worker);
    return status;
}
