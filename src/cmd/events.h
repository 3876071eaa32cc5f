/** What the commands `wordspot events ...` share. */
#ifndef WS_CMD_EVENTS_H
#define WS_CMD_EVENTS_H

#include <stdio.h>

#include "cmd/console.h"
#include "inspect/runs.h"
#include "inspect/series.h"
#include "settings/flags.h"

/** Where to look if nothing is given: where `wordspot train` writes to. */
#define WS_EVENTS_DEFAULT_PATH "tmp/retrain_logs"

/** Titles of their --help. */
extern const char *const ws_events_titles[WS_N_FLAG_GROUPS];

/* Rows of flags that several commands have. */
#define WS_EVENTS_TAG_FLAG(offset)                                                                \
    {                                                                                             \
        "tag", WS_FLAG_TEXT, offset, "", "PATTERN",                                               \
            "Only tags that match: * stands for any text, ? for one character, [...] for one of " \
            "these; a slash is an ordinary character.",                                           \
            0, 0, WS_FLAGS_DATA, 0                                                                \
    }
#define WS_EVENTS_LOADER_FLAG(offset)                                                            \
    {                                                                                            \
        "loader", WS_FLAG_TEXT, offset, "rust", "NAME",                                          \
            "Which of TensorBoard's loaders decides what counts where steps go back: rust, its " \
            "default, keeps the later value of a tag; python (--load_fast=false) obeys the "     \
            "starts of "                                                                         \
            "sessions.",                                                                         \
            0, 0, WS_FLAGS_DATA, 0                                                               \
    }
#define WS_EVENTS_TSV_FLAG(offset)                                                              \
    {                                                                                           \
        "tsv", WS_FLAG_BOOL, offset, "false", "BOOL",                                           \
            "For scripts: values separated by tabs, with their names in the first line.", 0, 0, \
            WS_FLAGS_OUTPUT, 0                                                                  \
    }

/**
 * The runs at the paths that were given. Their names are as TensorBoard would show them; where
 * several paths were given, with the path in front.
 *
 * @param paths  none: WS_EVENTS_DEFAULT_PATH
 * @param log    told of what cannot be read
 * @param runs   set; for ws_event_runs_deinit(), also after a failure
 */
WS_MUST_CHECK ws_status ws_events_find(const ws_operands *paths, const ws_log *log,
                                       ws_event_runs *runs, ws_error *err);

/**
 * Reads the flags and does what the command is for.
 *
 * @param values  the struct of values that the table is of
 * @param act     does it; may set *code, which is 0
 * @return the exit code
 */
int ws_events_run(const ws_flag_table *table, int n_arguments, char *const *arguments, void *values,
                  ws_status (*act)(const void *values, int *code, ws_error *err));

/** Prints a text so that no terminal is harmed, filled up with blanks to a width. */
void ws_events_print(FILE *out, const char *text, size_t width);

/** Prints "1 run" or "2 runs". @param what  in the singular */
void ws_events_print_count(uint64_t n, const char *what);

/** Columns that a text takes so. */
size_t ws_events_width(const char *text);

#endif
