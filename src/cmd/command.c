#include "cmd/command.h"

#include <stdio.h>

#include "cmd/help.h"
#include "settings/arguments.h"

int ws_command_fail(const char *command, const ws_error *err)
{
    fprintf(stderr, "wordspot %s: %s\n", command, err->message);
    return err->status == WS_EUSAGE ? WS_EXIT_USAGE : WS_EXIT_FAILED;
}

bool ws_command_read_flags(ws_flags *flags, const ws_flag_table *table, int n_arguments,
                           char *const *arguments, void *values, int *code)
{
    ws_error err = {.status = WS_OK};
    bool help = false;

    ws_status status = ws_flags_init(flags, table, values, &err);
    if (status == WS_OK)
        status = ws_arguments_read(flags, n_arguments, arguments, &help, &err);
    *code = status == WS_OK ? WS_EXIT_OK : ws_command_fail(table->command, &err);
    if (status == WS_OK && !help)
        return true;
    if (help)
        ws_help_print(table, stdout);
    ws_flags_deinit(flags);
    return false;
}

int ws_command_run(const ws_flag_table *table, int n_arguments, char *const *arguments,
                   void *values, ws_command_work work)
{
    ws_error err = {.status = WS_OK};
    ws_console console;
    ws_flags flags;
    int code;

    if (!ws_command_read_flags(&flags, table, n_arguments, arguments, values, &code))
        return code;
    ws_status status = ws_console_init(&console, "info", &err);
    if (status == WS_OK)
        status = work(&flags, &console, &err);
    ws_flags_deinit(&flags);
    return status == WS_OK ? WS_EXIT_OK : ws_command_fail(table->command, &err);
}

int ws_command_run_flags(const ws_flag_table *table, int n_arguments, char *const *arguments,
                         void *values, int (*work)(ws_flags *flags))
{
    ws_flags flags;
    int code;

    if (!ws_command_read_flags(&flags, table, n_arguments, arguments, values, &code))
        return code;
    code = work(&flags);
    ws_flags_deinit(&flags);
    return code;
}
