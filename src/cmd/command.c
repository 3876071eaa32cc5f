#include "cmd/command.h"

#include <stdio.h>

int ws_command_fail(const char *command, const ws_error *err)
{
    fprintf(stderr, "wordspot %s: %s\n", command, err->message);
    return err->status == WS_EUSAGE ? WS_EXIT_USAGE : WS_EXIT_FAILED;
}

bool ws_command_read_flags(const ws_flag_table *table, int n_arguments, char *const *arguments,
                           void *values, bool *given, int *code)
{
    ws_error err = {.status = WS_OK};
    bool help = false;

    ws_flags_set_initial(table, values);
    if (ws_flags_read(table, n_arguments, arguments, values, given, &help, &err) != WS_OK) {
        *code = ws_command_fail(table->command, &err);
        return false;
    }
    *code = WS_EXIT_OK;
    if (help)
        ws_flags_print_help(table, stdout);
    return !help;
}

int ws_command_run(const ws_flag_table *table, int n_arguments, char *const *arguments,
                   void *values, bool *given, ws_command_work work)
{
    ws_error err = {.status = WS_OK};
    ws_console console;
    int code;

    if (!ws_command_read_flags(table, n_arguments, arguments, values, given, &code))
        return code;
    ws_status status = ws_console_init(&console, "info", &err);
    if (status == WS_OK)
        status = work(values, given, &console, &err);
    return status == WS_OK ? WS_EXIT_OK : ws_command_fail(table->command, &err);
}
