/* wordspot train */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/bundle.h"
#include "checkpoint/locate.h"
#include "cmd/command.h"
#include "cmd/console.h"
#include "cmd/settings.h"
#include "cmd/stop.h"
#include "cmd/train_flags.h"
#include "train/trainer.h"

enum { MAX_FLAGS = 64, MAX_SETTINGS_BYTES = 1 << 20 };

/** What the command line and the checkpoint that it names come to. */
typedef struct train_command {
    ws_train_options options;
    bool given[MAX_FLAGS];
    char *checkpoint; /* prefix, owned; NULL without --start_checkpoint */
    char *settings;   /* of the checkpoint, owned; texts of options point into it */
    bool resumed;     /* the checkpoint's run goes on */
    ws_console console;
} train_command;

static bool is_given(const train_command *command, const char *name)
{
    for (size_t i = 0; i < ws_train_flags.n_flags; i++)
        if (strcmp(ws_train_flags.flags[i].name, name) == 0)
            return command->given[i];
    return false;
}

/** Takes over the settings in a checkpoint; one without any is TensorFlow's. */
static ws_status take_settings(train_command *command, ws_error *err)
{
    ws_bundle *bundle = NULL;
    ws_status status = ws_bundle_open(&bundle, command->checkpoint, err);
    if (status != WS_OK)
        return status;
    const bool has_settings = ws_bundle_find(bundle, WS_TRAIN_SETTINGS_ENTRY) != NULL;
    if (has_settings)
        status = ws_bundle_read_string(bundle, WS_TRAIN_SETTINGS_ENTRY, MAX_SETTINGS_BYTES,
                                       &command->settings, NULL, err);
    ws_bundle_close(bundle);
    if (status != WS_OK || !has_settings)
        return status;
    const char *wanted_name = is_given(command, "run_name") ? command->options.run_name : NULL;
    char *all = command->settings;
    /* with a name of its own it is a new run that starts from an old one's weights */
    const char *old_name = strstr(all, "\nrun_name=");
    const size_t length = wanted_name != NULL ? strlen(wanted_name) : 0;
    command->resumed =
        wanted_name == NULL ||
        (old_name != NULL && strncmp(old_name + strlen("\nrun_name="), wanted_name, length) == 0 &&
         old_name[strlen("\nrun_name=") + length] == '\n');
    return ws_settings_read(&ws_train_flags, all, command->checkpoint, command->given,
                            &command->options, err);
}

static ws_status read_command_line(train_command *command, int n_arguments, char *const *arguments,
                                   bool *help, ws_error *err)
{
    ws_flags_set_initial(&ws_train_flags, &command->options);
    ws_status status = ws_flags_read(&ws_train_flags, n_arguments, arguments, &command->options,
                                     command->given, help, err);
    if (status != WS_OK || *help)
        return status;
    status = ws_console_init(&command->console, command->options.verbosity, err);
    if (status != WS_OK || command->options.start_checkpoint[0] == '\0')
        return status;
    status = ws_checkpoint_locate(command->options.start_checkpoint, &command->checkpoint, err);
    if (status == WS_OK)
        status = take_settings(command, err);
    command->options.start_checkpoint = command->checkpoint;
    return status;
}

static char *settings_text(void *user, const ws_train_options *options)
{
    (void)user;
    return ws_settings_write(&ws_train_flags, options);
}

static void show_progress(void *user, const ws_train_progress *progress)
{
    train_command *command = user;
    ws_console_show_progress(&command->console, progress);
}

/** How to go on with a run that was stopped. */
static void print_next_command(const char *program, const ws_train_result *result)
{
    if (result->checkpoint != NULL)
        fprintf(stderr,
                "Stopped after step %lld. This goes on from there:\n  %s train "
                "--start_checkpoint=%s\n",
                (long long)result->step, program, result->checkpoint);
    else
        fprintf(stderr, "Stopped before the first step.\n");
}

static int train(train_command *command, const char *program)
{
    ws_error err = {.status = WS_OK};
    ws_train_result result;
    const ws_train_hooks hooks = {
        .log = &command->console.log,
        .user = command,
        .show_progress = show_progress,
        .stop_wanted = ws_stop_wanted,
        .settings_text = settings_text,
    };
    int code = WS_EXIT_OK;

    ws_stop_watch("\nStopping after this step; once more ends at once.\n");
    const ws_status status =
        ws_train_run(&command->options, command->resumed, &hooks, &result, &err);
    ws_console_clear(&command->console);
    if (status != WS_OK) {
        code = ws_command_fail("train", &err);
    } else if (result.stopped) {
        print_next_command(program, &result);
        code = ws_stop_exit_code();
    }
    ws_train_result_deinit(&result);
    return code;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    train_command command = {.checkpoint = NULL};
    ws_error err = {.status = WS_OK};
    bool help = false;
    int code = WS_EXIT_OK;

    const ws_status status = read_command_line(&command, n_arguments, arguments, &help, &err);
    if (status != WS_OK)
        code = ws_command_fail("train", &err);
    else if (help)
        ws_flags_print_help(&ws_train_flags, stdout);
    else
        code = train(&command, program);
    free(command.checkpoint);
    free(command.settings);
    return code;
}

const ws_command ws_command_train = {
    .name = "train",
    .summary = "train a network, write checkpoints and event files",
    .run = run,
};
