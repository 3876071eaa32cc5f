/* wordspot sweep */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/shell.h"
#include "cluster/ranks.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "cmd/stop.h"
#include "cmd/sweep_aggregate.h"
#include "cmd/sweep_console.h"
#include "cmd/sweep_flags.h"
#include "settings/arguments.h"
#include "sweep/definition.h"
#include "sweep/emit.h"
#include "sweep/page.h"
#include "sweep/results.h"
#include "sweep/run.h"
#include "train/data_set.h"

enum { MAX_TEXT_BYTES = 64 << 20 };

typedef struct sweep_command {
    ws_sweep_flags flags;
    ws_flags all_flags; /* whose values flags are */
    ws_train_options train_options;
    ws_flags train; /* whose values train_options are: the flags after "--" */
    const char *program;
    size_t script; /* ws_sweep_script of --print */
    ws_sweep_job job;
    ws_sweep_board board;
    ws_sweep_console console;
    ws_console log; /* of what fetches the data set */
} sweep_command;

/** A failed write does not end trials: the disk may have room again later. */
static void warn(sweep_command *command, ws_status status, const ws_error *err)
{
    if (status == WS_OK)
        return;
    ws_sweep_console_clear(&command->console);
    fprintf(stderr, "warning: %s\n", err->message);
}

static void show_event(void *user, const ws_sweep_event *event)
{
    sweep_command *command = user;
    ws_error err;

    ws_sweep_console_show_event(&command->console, event);
    if (event->kind != WS_SWEEP_EVENT_END)
        return;
    if (event->result->state == WS_SWEEP_FAILED)
        warn(command, ws_sweep_page_mark_failure(&command->job, event->worker->trial, &err), &err);
    warn(command, ws_sweep_results_write(&command->board, &command->job.setup, &err), &err);
}

static void show_workers(void *user, const ws_sweep_worker *workers, size_t n_workers)
{
    sweep_command *command = user;
    ws_sweep_console_show_workers(&command->console, workers, n_workers);
}

static ws_sweep_run_options run_options(sweep_command *command)
{
    return (ws_sweep_run_options){
        .setup = command->job.setup,
        .n_jobs = (size_t)command->flags.jobs,
        .n_threads = (size_t)omp_get_num_procs(),
        .user = command,
        .show_event = show_event,
        .show_workers = show_workers,
        .stop_wanted = ws_stop_wanted,
    };
}

/** The ranking, on standard output. */
static ws_status print_ranking(sweep_command *command, ws_error *err)
{
    ws_buf text;

    ws_buf_init(&text, MAX_TEXT_BYTES);
    const ws_status status =
        ws_sweep_results_push_table(&command->board, &command->job.setup, &text, err);
    if (status == WS_OK)
        (void)fwrite(text.data, 1, text.size, stdout);
    (void)fflush(stdout);
    ws_buf_deinit(&text);
    return status;
}

static void print_next_command(const sweep_command *command)
{
    ws_buf line;

    ws_buf_init(&line, MAX_TEXT_BYTES);
    ws_shell_push_word(&line, command->program);
    ws_buf_push_string(&line, " sweep");
    ws_shell_push_flag(&line, "dir", command->flags.dir);
    if (command->flags.jobs > 1)
        ws_buf_push_format(&line, " --jobs=%lld", (long long)command->flags.jobs);
    if (command->flags.ranks > 1)
        ws_buf_push_format(&line, " --ranks=%lld", (long long)command->flags.ranks);
    char *text = ws_buf_take_string(&line);
    fprintf(stderr, "To continue from there:\n  %s\n", text != NULL ? text : "(out of memory)");
    free(text);
    ws_buf_deinit(&line);
}

/** Whether all trials are done and no trial failed. */
static int exit_code(const sweep_command *command)
{
    const ws_sweep_board *board = &command->board;

    if (board->rung < board->plan->n_rungs)
        return WS_EXIT_FAILED;
    for (size_t t = 0; t < ws_sweep_plan_get_n_trials(board->plan); t++)
        if (board->results[t].state == WS_SWEEP_FAILED)
            return WS_EXIT_FAILED;
    return WS_EXIT_OK;
}

/** Curves over seeds. Like the page of the sweep, they are no reason to fail. */
static void write_aggregate(sweep_command *command)
{
    ws_console console;
    size_t n_written = 0;
    ws_error err;
    ws_status status = ws_console_init(&console, "warn", &err);

    if (status == WS_OK && command->flags.aggregate)
        status = ws_sweep_aggregate_write(&command->job, &command->board, &console.log, &n_written,
                                          &err);
    warn(command, status, &err);
    if (status == WS_OK && n_written > 0)
        fprintf(stderr, "Means over seeds: tensorboard --logdir=%s/aggregate\n",
                command->flags.dir);
}

static int run_all(sweep_command *command)
{
    const ws_sweep_run_options options = run_options(command);
    ws_error err = {.status = WS_OK};

    ws_sweep_console_init(&command->console, &command->board);
    ws_status status = ws_sweep_run(&options, &command->board, &err);
    ws_sweep_console_clear(&command->console);
    if (status == WS_OK) /* also for other machines, and after a sweep was killed */
        warn(command, ws_sweep_page_mark_failures(&command->job, &command->board, &err), &err);
    if (status == WS_OK)
        status = ws_sweep_results_write(&command->board, &command->job.setup, &err);
    if (status != WS_OK)
        return ws_command_fail("sweep", &err);
    if (ws_stop_wanted(NULL)) {
        print_next_command(command);
        return ws_stop_exit_code();
    }
    if (command->board.rung < command->board.plan->n_rungs) {
        fprintf(stderr, "Some trials were stopped from outside. ");
        print_next_command(command);
    }
    write_aggregate(command);
    if (print_ranking(command, &err) != WS_OK)
        return ws_command_fail("sweep", &err);
    return exit_code(command);
}

static int end_trial(size_t job, ws_sweep_start how, const ws_sweep_result *result)
{
    if (how == WS_SWEEP_TAKEN) {
        fprintf(stderr, "job %zu: another process is running this trial\n", job);
        return WS_EXIT_OK;
    }
    fprintf(stderr, "job %zu: %s%s%s\n", job, ws_sweep_state_name(result->state),
            result->error[0] != '\0' ? ": " : "", result->error);
    if (result->state == WS_SWEEP_OPEN)
        return ws_stop_wanted(NULL) ? ws_stop_exit_code() : WS_EXIT_FAILED;
    return result->state == WS_SWEEP_FAILED ? WS_EXIT_FAILED : WS_EXIT_OK;
}

static int run_one(sweep_command *command)
{
    const ws_sweep_run_options options = run_options(command);
    const size_t job = (size_t)command->flags.run_trial;
    ws_error err = {.status = WS_OK};
    ws_sweep_result result;
    ws_sweep_start how;

    ws_sweep_console_init(&command->console, &command->board);
    if (ws_sweep_run_one(&options, &command->board, job, &how, &result, &err) != WS_OK)
        return ws_command_fail("sweep", &err);
    if (result.state == WS_SWEEP_FAILED)
        warn(command, ws_sweep_page_mark_failure(&command->job, result.trial, &err), &err);
    return end_trial(job, how, &result);
}

/** Ranks the results so far. */
static int report(sweep_command *command)
{
    const ws_sweep_counts counts = ws_sweep_board_get_counts(&command->board);
    ws_error err = {.status = WS_OK};

    /* shown first: it may be somebody else's directory */
    ws_status status = print_ranking(command, &err);
    if (status == WS_OK)
        status = ws_sweep_results_write(&command->board, &command->job.setup, &err);
    if (status != WS_OK)
        return ws_command_fail("sweep", &err);
    if (counts.n_open > 0)
        fprintf(stderr, "%zu of %zu trials are open%s\n", counts.n_open,
                counts.n_open + counts.n_done + counts.n_failed,
                command->board.plan->n_rungs > 1 ? " in the current rung" : "");
    return exit_code(command);
}

static int print_script(const sweep_command *command)
{
    const ws_sweep_emit_options options = {
        .script = (ws_sweep_script)command->script,
        .setup = &command->job.setup,
        .n_jobs = command->flags.jobs > 1 ? (size_t)command->flags.jobs : 0,
    };
    ws_error err = {.status = WS_OK};
    ws_buf text;

    ws_buf_init(&text, MAX_TEXT_BYTES);
    const ws_status status = ws_sweep_emit(&options, &text, &err);
    if (status == WS_OK)
        (void)fwrite(text.data, 1, text.size, stdout);
    ws_buf_deinit(&text);
    return status == WS_OK ? WS_EXIT_OK : ws_command_fail("sweep", &err);
}

static void show_progress(void *user, const ws_train_progress *progress)
{
    sweep_command *command = user;
    ws_console_show_progress(&command->log, progress);
}

static ws_status fetch_one(const ws_train_options *options, const ws_train_hooks *hooks,
                           bool *is_complete, ws_error *err)
{
    const ws_status status = ws_data_set_fetch(options, hooks, is_complete, err);

    if (status == WS_OK && *is_complete && !ws_dir_exists(options->data_dir))
        return ws_fail(err, WS_ENOTFOUND,
                       "--data_dir=%s: no such directory, and an empty --data_url, so that it "
                       "cannot be downloaded",
                       options->data_dir);
    return status;
}

/** Fetches the data before the first trial: otherwise one of several trials would fetch it while
 * the others find it incomplete. */
static ws_status fetch_data(sweep_command *command, bool *is_complete, ws_error *err)
{
    const ws_train_hooks hooks = {.log = &command->log.log,
                                  .user = command,
                                  .show_progress = show_progress,
                                  .stop_wanted = ws_stop_wanted};
    char *fetched = NULL; /* the directory looked at last */
    ws_status status = ws_console_init(&command->log, "info", err);

    *is_complete = true;
    for (size_t s = 0; status == WS_OK && *is_complete && s < command->job.plan.n_settings; s++) {
        ws_train_options options;
        status = ws_sweep_job_get_options(&command->job, s, &options, err);
        if (status == WS_OK && (fetched == NULL || strcmp(fetched, options.data_dir) != 0)) {
            status = fetch_one(&options, &hooks, is_complete, err);
            free(fetched);
            fetched = ws_text_copy(options.data_dir);
        }
    }
    free(fetched);
    ws_console_clear(&command->log);
    return status;
}

/** The last steps before trials run: claims the directory for this sweep and fetches the data. */
static ws_status prepare(sweep_command *command, bool *is_complete, ws_error *err)
{
    const ws_sweep_flags *flags = &command->flags;

    *is_complete = true;
    ws_status status = ws_sweep_definition_check(flags->dir, &command->job.lines, err);
    if (status != WS_OK || flags->report)
        return status;
    if (flags->run_trial < 0)
        status = fetch_data(command, is_complete, err);
    if (status == WS_OK && *is_complete)
        status = ws_sweep_definition_settle(flags->dir, &command->job.lines, err);
    if (status == WS_OK && *is_complete && flags->retry_failed)
        status = ws_sweep_forget_failures(flags->dir, &command->job.plan, err);
    if (status == WS_OK && *is_complete && flags->run_trial < 0) /* those would be many at once */
        warn(command, ws_sweep_page_begin(&command->job, err), err);
    return status;
}

static const char *script_name_at(size_t i)
{
    return ws_sweep_script_name(i);
}

static ws_status check_modes(sweep_command *command, ws_error *err)
{
    const ws_sweep_flags *flags = &command->flags;

    if ((flags->report ? 1 : 0) + (flags->print[0] != '\0') + (flags->run_trial >= 0) > 1)
        return ws_fail(err, WS_EUSAGE, "--report, --print and --run_trial cannot be combined");
    if (flags->ranks > 1 && !ws_ranks_are_possible())
        return ws_fail(err, WS_EUSAGE,
                       "--ranks=%lld: this wordspot was built without MPI; build it with "
                       "-DWS_MPI=ON",
                       (long long)flags->ranks);
    if (flags->print[0] == '\0')
        return WS_OK;
    return ws_sweep_name_find("--print", flags->print, script_name_at, WS_SWEEP_N_SCRIPTS,
                              &command->script, err);
}

/** The arguments after "--", as train reads them. */
static ws_status read_train_flags(sweep_command *command, ws_error *err)
{
    const ws_operands *operands = &command->flags.train_flags;
    bool help = false;
    const union { /* the strings are not written to */
        const char **in;
        char *const *out;
    } arguments = {.in = operands->items};

    ws_status status =
        ws_flags_init(&command->train, &ws_train_flags, &command->train_options, err);
    if (status == WS_OK)
        status =
            ws_arguments_read(&command->train, (int)operands->n_items, arguments.out, &help, err);
    if (status == WS_OK && help)
        status = ws_fail(err, WS_EUSAGE,
                         "--help: `wordspot train --help` lists the flags that may follow --");
    return status == WS_OK ? ws_train_flags_check_given(&command->train, err) : status;
}

/** Makes the job. */
static ws_status plan(sweep_command *command, ws_error *err)
{
    ws_sweep_request request = ws_sweep_flags_get_request(&command->all_flags);

    request.program = command->program;
    request.train = &command->train;
    const ws_status status = read_train_flags(command, err);
    if (status != WS_OK)
        return status;
    const ws_status made = ws_sweep_job_init(&command->job, &request, err);
    command->job.setup.n_ranks = (size_t)command->flags.ranks;
    return made;
}

static int sweep(sweep_command *command)
{
    const ws_sweep_flags *flags = &command->flags;
    ws_error err = {.status = WS_OK};
    bool is_complete = true;

    ws_status status = check_modes(command, &err);
    if (status == WS_OK)
        status = plan(command, &err);
    if (status == WS_OK && !flags->report && flags->print[0] == '\0')
        ws_stop_watch("\nStopping the trials after their step; once more ends them at once.\n");
    if (status == WS_OK)
        status = prepare(command, &is_complete, &err);
    if (status == WS_OK)
        status = ws_sweep_board_init(&command->board, flags->dir, &command->job.plan,
                                     command->job.metric, &err);
    if (status != WS_OK)
        return ws_command_fail("sweep", &err);
    if (!is_complete)
        return ws_stop_exit_code();
    if (flags->report)
        return report(command);
    if (flags->print[0] != '\0')
        return print_script(command);
    return flags->run_trial >= 0 ? run_one(command) : run_all(command);
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    sweep_command *command = calloc(1, sizeof *command);
    int code = WS_EXIT_FAILED;

    if (command == NULL) {
        fprintf(stderr, "wordspot sweep: out of memory\n");
        return code;
    }
    command->program = program;
    ws_launch_forget(); /* trials are no ranks of what has started the sweep */
    if (ws_command_read_flags(&command->all_flags, &ws_sweep_flags_table, n_arguments, arguments,
                              &command->flags, &code)) {
        code = sweep(command);
        ws_sweep_board_deinit(&command->board);
        ws_sweep_job_deinit(&command->job);
        ws_flags_deinit(&command->train);
        ws_flags_deinit(&command->all_flags);
    }
    free(command);
    return code;
}

const ws_command ws_command_sweep = {
    .name = "sweep",
    .summary = "train with many settings, and rank them",
    .table = &ws_sweep_flags_table,
    .run = run,
};
