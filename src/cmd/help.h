/** A sub-command's --help, from its table of flags. */
#ifndef WS_CMD_HELP_H
#define WS_CMD_HELP_H

#include <stdio.h>

#include "settings/flags.h"

/** How flags may be written, for --help and the manual page. */
extern const char ws_help_rules[];

/** Prints it. */
void ws_help_print(const ws_flag_table *table, FILE *out);

/** Prints the presets of `wordspot train`: what each is for, and its flags. */
void ws_help_print_presets(FILE *out);

#endif
