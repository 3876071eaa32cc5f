/**
 * Reads flags from a command line.
 *
 * A flag is written --name=value or --name value. Any unique prefix of its name is accepted, as in
 * the original's argparse, and hyphens may replace underscores. Unlike there, an unknown flag is an
 * error, and booleans mean what they say.
 * A command may take operands too: arguments without a dash, and everything after a lone "--".
 */
#ifndef WS_SETTINGS_ARGUMENTS_H
#define WS_SETTINGS_ARGUMENTS_H

#include "settings/flags.h"

/**
 * Reads the arguments that follow the sub-command's name.
 *
 * @param flags      after ws_flags_init(); to be read once
 * @param arguments  [n_arguments] borrowed as long as the values
 * @param help       set to true if --help or -h is among them; the rest is then not looked at
 * @return WS_OK; WS_EUSAGE with err naming the argument and what would be right; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_arguments_read(ws_flags *flags, int n_arguments, char *const *arguments,
                                          bool *help, ws_error *err);

/**
 * Finds the flag of a name without dashes: the one of exactly that name, else the only one whose
 * name or alias starts with it.
 *
 * @return WS_OK, or WS_EUSAGE with err naming flags that are meant perhaps
 */
WS_MUST_CHECK ws_status ws_arguments_find(const ws_flag_table *table, const char *name,
                                          size_t *index, ws_error *err);

#endif
