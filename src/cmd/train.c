/* wordspot train */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/machine.h"
#include "base/path.h"
#include "base/shell.h"
#include "base/text.h"
#include "checkpoint/locate.h"
#include "cluster/ranks.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "cmd/help.h"
#include "cmd/stop.h"
#include "cmd/train_json.h"
#include "settings/arguments.h"
#include "settings/preset.h"
#include "settings/settings.h"
#include "train/run_origin.h"
#include "train/trainer.h"

enum { MAX_LINE_BYTES = 1 << 20, MAX_MACHINE = 256 };

/** What the command line and the checkpoint that it names come to. */
typedef struct train_command {
    ws_train_options options;
    ws_flags flags;   /* whose values options are */
    char *checkpoint; /* prefix, owned; NULL without --start_checkpoint */
    char *teacher;    /* the same of --distill, if that was given */
    char *train_dir;  /* owned; options may point to it */
    ws_train_start start;
    char *command_line; /* as it was given, owned; NULL: no memory for that */
    double start_time;  /* monotonic seconds */
    ws_ranks *ranks;    /* that train together; NULL: this process is alone */
    ws_console console;
} train_command;

/** A run resumes in the directory of its checkpoint, wherever that was moved to: not in the one
 * that it was saved to, where another run may be by now. A new run has the default, as any other:
 * the checkpoint's directory belongs to the run that wrote it. */
static ws_status take_train_dir(train_command *command, ws_error *err)
{
    const size_t row = ws_flags_find(&ws_train_flags, "train_dir");

    if (command->start != WS_TRAIN_RESUMED)
        return ws_flags_set(&command->flags, row, ws_train_flags.flags[row].initial, err);
    command->train_dir = ws_run_origin_get_dir(command->checkpoint);
    if (command->train_dir == NULL)
        return ws_fail_memory(err, "the name of a directory");
    command->options.train_dir = command->train_dir;
    return WS_OK;
}

/** Sees whether the run of the checkpoint may continue, though its name was not given: if it may
 *  not, this one gets a name of its own. */
static ws_status check_origin(train_command *command, const char *settings, ws_error *err)
{
    ws_train_options *options = &command->options;
    char *why = NULL;
    const ws_run_origin origin = {
        .checkpoint = command->checkpoint,
        .settings = settings,
        .summaries_dir = options->summaries_dir,
    };
    const ws_status status = ws_run_origin_check(&origin, &why, err);

    if (status != WS_OK || why == NULL)
        return status;
    ws_log_write(&command->console.log, WS_LOG_WARN,
                 "run \"%s\" does not continue from %s: %s. A new run starts from it "
                 "(--run_name=%s continues the old one)",
                 options->run_name, command->checkpoint, why, options->run_name);
    free(why);
    command->start = WS_TRAIN_NEW;
    options->run_name = "";
    return WS_OK;
}

/** Whether this is a new run, by its name or by flags that cannot change within a run. */
static ws_train_start find_start(const train_command *command, const char *settings)
{
    char *own_name = ws_settings_get(settings, "run_name");
    const bool has_name = ws_flags_is_given(&command->flags, "run_name");
    const bool has_own_name =
        has_name && own_name != NULL && strcmp(command->options.run_name, own_name) == 0;

    free(own_name);
    if (has_own_name)
        return WS_TRAIN_RESUMED;
    if (ws_settings_find_change(&command->flags, settings) != NULL)
        return WS_TRAIN_TRANSFER;
    return has_name ? WS_TRAIN_NEW : WS_TRAIN_RESUMED;
}

/** Takes over the settings in a checkpoint; one without any is TensorFlow's. */
static ws_status take_settings(train_command *command, ws_error *err)
{
    const bool has_name = ws_flags_is_given(&command->flags, "run_name");
    char *settings = NULL;

    ws_status status = ws_settings_load(command->checkpoint, &settings, err);
    if (status == WS_OK && settings == NULL)
        return ws_preset_apply(&command->flags, &command->options, err);
    if (status != WS_OK)
        return status;
    command->start = find_start(command, settings);
    status = ws_settings_take(
        &command->flags, settings, command->checkpoint,
        command->start == WS_TRAIN_TRANSFER ? WS_SETTINGS_TRANSFER : WS_SETTINGS_RESUME, err);
    if (status == WS_OK && command->start == WS_TRAIN_TRANSFER)
        ws_log_write(&command->console.log, WS_LOG_INFO,
                     "--%s differs from the checkpoint %s: a new run starts from its weights",
                     ws_settings_find_change(&command->flags, settings), command->checkpoint);
    if (status == WS_OK && command->start == WS_TRAIN_RESUMED && !has_name)
        status = check_origin(command, settings, err);
    if (status == WS_OK && !ws_flags_is_given(&command->flags, "train_dir"))
        status = take_train_dir(command, err);
    free(settings);
    return status;
}

/** Finds --start_checkpoint, and takes over its settings. */
static ws_status take_checkpoint(train_command *command, ws_error *err)
{
    ws_status status =
        ws_checkpoint_locate(command->options.start_checkpoint, &command->checkpoint, err);

    if (status == WS_OK)
        status = take_settings(command, err);
    command->options.start_checkpoint = command->checkpoint;
    return status;
}

/** The checkpoint that --distill means now: a resumed run learns from the same one, whatever its
 *  directory has by then. */
static ws_status find_teacher(train_command *command, ws_error *err)
{
    if (!ws_flags_is_given(&command->flags, "distill") || command->options.distill[0] == '\0')
        return WS_OK;
    const ws_status status = ws_checkpoint_locate(command->options.distill, &command->teacher, err);
    if (status == WS_OK)
        command->options.distill = command->teacher;
    return status;
}

/** Whether this process is the one of its run that prints. */
static bool speaks(const train_command *command)
{
    return ws_ranks_rank(command->ranks) == 0;
}

static ws_status read_command_line(train_command *command, int n_arguments, char *const *arguments,
                                   bool *help, ws_error *err)
{
    ws_status status = ws_flags_init(&command->flags, &ws_train_flags, &command->options, err);
    if (status == WS_OK)
        status = ws_arguments_read(&command->flags, n_arguments, arguments, help, err);
    if (status != WS_OK || *help)
        return status;
    status = ws_train_flags_check_given(&command->flags, err);
    if (status == WS_OK)
        status = find_teacher(command, err);
    if (status != WS_OK)
        return status;
    status = ws_console_init(&command->console, command->options.verbosity, err);
    if (status != WS_OK)
        return status;
    if (!speaks(command)) /* the others only say what they alone know */
        command->console.log.level = WS_LOG_ERROR;
    status = command->options.start_checkpoint[0] == '\0'
                 ? ws_preset_apply(&command->flags, &command->options, err)
                 : take_checkpoint(command, err);
    return status == WS_OK ? ws_settings_check_read(&command->flags, &command->options, err)
                           : status;
}

static void show_progress(void *user, const ws_train_progress *progress)
{
    train_command *command = user;
    ws_console_show_progress(&command->console, progress);
}

/** Flags that no checkpoint carries and that a resumed run does not need either. */
static bool is_of_this_process(const char *name)
{
    return strcmp(name, "start_checkpoint") == 0 || strcmp(name, "stop_after_step") == 0;
}

/** How to resume a run that was stopped: from its checkpoint, and with the flags that no checkpoint
 *  carries as they were given. */
static void print_next_command(const train_command *command, const char *program,
                               const ws_train_result *result)
{
    char value[WS_FLAG_MAX_TEXT];
    ws_buf line;
    char launch[64];

    if (result->checkpoint == NULL) {
        fprintf(stderr, "Stopped before the first step.\n");
        return;
    }
    ws_buf_init(&line, MAX_LINE_BYTES);
    ws_ranks_write_launch(command->ranks, launch, sizeof launch);
    ws_buf_push_string(&line, launch);
    ws_shell_push_word(&line, program);
    ws_buf_push_string(&line, " train");
    ws_shell_push_flag(&line, "start_checkpoint", result->checkpoint);
    for (size_t i = 0; i < ws_train_flags.n_flags; i++) {
        const ws_flag *flag = &ws_train_flags.flags[i];
        if (!command->flags.given[i] || ws_settings_have(flag) || is_of_this_process(flag->name))
            continue;
        ws_flag_get_text(flag, &command->options, value, sizeof value);
        ws_shell_push_flag(&line, flag->name, value);
    }
    char *text = ws_buf_take_string(&line);
    fprintf(stderr, "Stopped after step %lld. To resume from there:\n  %s\n",
            (long long)result->step, text != NULL ? text : "(out of memory)");
    free(text);
    ws_buf_deinit(&line);
}

/** Says by the exit code, and in the line of JSON if one is wanted, how it ended. */
static int end(const train_command *command, const ws_error *fault, const ws_train_result *result)
{
    ws_error err;
    int code = WS_EXIT_OK;

    if (fault != NULL)
        code = fault->status == WS_EUSAGE ? WS_EXIT_USAGE : WS_EXIT_FAILED;
    else if (result->stopped && ws_stop_wanted(NULL))
        code = ws_stop_exit_code();
    if (command->options.json[0] == '\0' || !speaks(command))
        return code;
    const ws_train_line line = {
        .options = &command->options,
        .result = result,
        .fault = fault != NULL ? fault->message : NULL,
        .exit_code = code,
        .seconds = ws_clock_monotonic() - command->start_time,
    };
    if (ws_train_json_write(command->options.json, &line, &err) == WS_OK)
        return code;
    (void)ws_command_fail("train", &err);
    return code == WS_EXIT_OK ? WS_EXIT_FAILED : code;
}

/** After a wrong flag: a line of JSON is still written if it was asked for, wherever that flag is.
 */
static void find_json(train_command *command, int n_arguments, char *const *arguments)
{
    for (int i = 0; i < n_arguments; i++) {
        if (strcmp(arguments[i], "--json") == 0)
            command->options.json = WS_FLAG_STANDARD_OUTPUT;
        else if (strncmp(arguments[i], "--json=", strlen("--json=")) == 0)
            command->options.json = arguments[i] + strlen("--json=");
    }
}

static int train(train_command *command, const char *program)
{
    ws_error err = {.status = WS_OK};
    ws_train_result result;
    char machine[MAX_MACHINE], by[MAX_MACHINE + sizeof "wordspot " WS_VERSION ", "];

    ws_machine_describe(machine, sizeof machine);
    (void)snprintf(by, sizeof by, "wordspot %s, %s", WS_VERSION, machine);
    const ws_train_hooks hooks = {
        .log = &command->console.log,
        .user = command,
        .show_progress = speaks(command) ? show_progress : NULL,
        .stop_wanted = ws_stop_wanted,
        .command_line = command->command_line,
        .program = by,
        .ranks = command->ranks,
    };

    ws_stop_watch(
        speaks(command) ? "\nStopping as soon as nothing is lost; once more ends at once.\n" : "");
    ws_ranks_warn_of_binding(command->ranks, command->options.threads, hooks.log);
    const ws_status status = ws_train_run(&command->options, command->start, &hooks, &result, &err);
    ws_console_clear(&command->console);
    if (status != WS_OK && speaks(command)) {
        (void)ws_command_fail("train", &err);
    } else if (status == WS_OK && result.stopped && speaks(command)) {
        print_next_command(command, program, &result);
    }
    const int code = end(command, status == WS_OK ? NULL : &err, &result);
    ws_train_result_deinit(&result);
    return code;
}

/** "wordspot train --flag=value": what a user would type to do the same. */
static char *write_command_line(int n_arguments, char *const *arguments)
{
    char *flags = ws_shell_join((size_t)n_arguments, arguments);
    char *line = flags != NULL ? ws_text_format("wordspot train %s", flags) : NULL;
    free(flags);
    return line;
}

/** Whether the recipes are asked for, not the flags. */
static bool wants_presets(int n_arguments, char *const *arguments)
{
    for (int i = 0; i < n_arguments; i++)
        if (strcmp(arguments[i], "--help=presets") == 0)
            return true;
    return false;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    train_command command = {.start_time = ws_clock_monotonic()};
    const ws_train_result nothing = {.stopped = false};
    ws_error err = {.status = WS_OK};
    bool help = false;
    int code = WS_EXIT_OK;

    if (wants_presets(n_arguments, arguments)) {
        ws_help_print_presets(stdout);
        return WS_EXIT_OK;
    }
    command.command_line = write_command_line(n_arguments, arguments);
    ws_status status = ws_ranks_open(&command.ranks, &err);
    if (status == WS_OK)
        status = ws_ranks_agree(command.ranks,
                                read_command_line(&command, n_arguments, arguments, &help, &err),
                                NULL, &err);
    if (status != WS_OK) {
        if (speaks(&command))
            (void)ws_command_fail("train", &err);
        find_json(&command, n_arguments, arguments);
        code = end(&command, &err, &nothing);
    } else if (help) {
        if (speaks(&command))
            ws_help_print(&ws_train_flags, stdout);
    } else {
        code = train(&command, program);
    }
    free(command.command_line);
    free(command.checkpoint);
    free(command.teacher);
    ws_flags_deinit(&command.flags);
    free(command.train_dir);
    ws_ranks_close(command.ranks);
    return code;
}

const ws_command ws_command_train = {
    .name = "train",
    .summary = "train a network, write checkpoints and event files",
    .table = &ws_train_flags,
    .run = run,
};
