/** Sub-commands: one a file, one row in the table of commands.c. */
#ifndef WS_CMD_COMMAND_H
#define WS_CMD_COMMAND_H

#include "base/status.h"
#include "cmd/console.h"
#include "settings/flags.h"

typedef struct ws_command {
    const char *name;    /* one word, or two: of a group of commands and of the one */
    const char *summary; /* for `wordspot --help`, a few words */
    const ws_flag_table *table;
    /**
     * Runs it.
     *
     * @param program      how wordspot itself was called
     * @param arguments    [n_arguments] those after the sub-command's name
     * @return the exit code: 0 good, 1 failed, 2 wrong usage, 128 + n ended by signal n
     */
    int (*run)(const char *program, int n_arguments, char *const *arguments);
} ws_command;

extern const ws_command ws_command_train;
extern const ws_command ws_command_freeze;
extern const ws_command ws_command_label_wav;
extern const ws_command ws_command_label_wav_dir;
extern const ws_command ws_command_generate_streaming_test_wav;
extern const ws_command ws_command_test;
extern const ws_command ws_command_test_streaming_accuracy;
extern const ws_command ws_command_listen;
extern const ws_command ws_command_wav_to_features;
extern const ws_command ws_command_synth;
extern const ws_command ws_command_bench;
extern const ws_command ws_command_report;
extern const ws_command ws_command_events_list;
extern const ws_command ws_command_events_check;
extern const ws_command ws_command_events_csv;
extern const ws_command ws_command_events_diff;
extern const ws_command ws_command_events_repair;
extern const ws_command ws_command_events_merge;
extern const ws_command ws_command_events_rename;
extern const ws_command ws_command_events_drop;
extern const ws_command ws_command_events_tables;
extern const ws_command ws_command_sweep;
extern const ws_command ws_command_wake;

/** All of them, in the order of `wordspot --help`. */
extern const ws_command *const ws_commands[]; /* [ws_n_commands] */
extern const size_t ws_n_commands;

enum { WS_EXIT_OK = 0, WS_EXIT_FAILED = 1, WS_EXIT_USAGE = 2, WS_EXIT_SIGNAL = 128 };

/** Prints "wordspot COMMAND: <the sentence>" on standard error. @return the exit code for it. */
int ws_command_fail(const char *command, const ws_error *err);

/**
 * What most commands start with: sets the defaults, reads the flags, answers --help.
 *
 * @param flags   overwritten; ws_flags_deinit() it if there is work to do
 * @param values  the struct of values of the table
 * @param code    set to the exit code if there is nothing left to do
 * @return whether there is work to do: false after --help, and after an error that was printed
 */
bool ws_command_read_flags(ws_flags *flags, const ws_flag_table *table, int n_arguments,
                           char *const *arguments, void *values, int *code);

/** What a command does once its flags are read. */
typedef ws_status (*ws_command_work)(ws_flags *flags, ws_console *console, ws_error *err);

/**
 * The whole of a command that reads its flags, works with a console, and fails with one sentence.
 * Parameters are those of ws_command_read_flags. @return the exit code
 */
int ws_command_run(const ws_flag_table *table, int n_arguments, char *const *arguments,
                   void *values, ws_command_work work);

/** The same for a command that does more: it prints its errors itself. @param work  returns the
 * exit code */
int ws_command_run_flags(const ws_flag_table *table, int n_arguments, char *const *arguments,
                         void *values, int (*work)(ws_flags *flags));

#endif
