/** What is known of all sub-commands, in forms that other programs read: a manual page and the
 *  completion of a shell. Both follow from the flag tables. */
#ifndef WS_CMD_REFERENCE_H
#define WS_CMD_REFERENCE_H

#include <stdio.h>

#include "cmd/command.h"

/** All sub-commands of a program. */
typedef struct ws_command_list {
    const ws_command *const *commands; /* [n_commands] */
    size_t n_commands;
    const char *version;
} ws_command_list;

/** Prints a page of section 1 in the man macros of troff. */
void ws_reference_print_manual(const ws_command_list *list, FILE *out);

/** Prints a bash function that completes sub-commands, flags and names of files. */
void ws_reference_print_bash(const ws_command_list *list, FILE *out);

#endif
