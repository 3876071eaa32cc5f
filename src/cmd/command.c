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
