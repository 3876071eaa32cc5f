/* wordspot events tables */
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/events.h"
#include "inspect/tables.h"

typedef struct tables_flags {
    const char *kind, *tag;
    bool csv;
    ws_operands paths;
} tables_flags;

static const ws_flag flags[] = {
    {"kind", WS_FLAG_TEXT, offsetof(tables_flags, kind), "hparams", "KIND",
     "What to print: hparams, a line for each run with its hyperparameters and metrics; or text, "
     "the "
     "last text of each tag.",
     0, 0, WS_FLAGS_DATA, 0},
    WS_EVENTS_TAG_FLAG(offsetof(tables_flags, tag)),
    {"csv", WS_FLAG_BOOL, offsetof(tables_flags, csv), "false", "BOOL",
     "Comma-separated values in place of aligned columns.", 0, 0, WS_FLAGS_OUTPUT, 0},
};

static const ws_flag_table table = {
    .command = "events tables",
    .summary = "Prints hyperparameters or texts as a table. Metrics are those that the HParams "
               "experiment names, without one the scalars of the run, each with its last value. "
               "--tag chooses texts. A PATH is a file, a run or a directory with runs; without "
               "one, " WS_EVENTS_DEFAULT_PATH ".",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .operands_name = "PATH",
    .operands_offset = offsetof(tables_flags, paths),
    .titles = ws_events_titles,
};

static ws_status fill(ws_event_table *made, const tables_flags *values, const ws_event_runs *runs,
                      const ws_log *log, ws_error *err)
{
    ws_event_hparams all;

    if (strcmp(values->kind, "text") == 0)
        return ws_event_table_of_texts(made, runs, values->tag, err);
    ws_status status = ws_event_hparams_read(&all, runs, log, err);
    if (status == WS_OK)
        status = ws_event_table_of_hparams(made, &all, err);
    ws_event_hparams_deinit(&all);
    return status;
}

static ws_status print_tables(const void *flag_values, int *code, ws_error *err)
{
    const tables_flags *values = flag_values;
    ws_event_runs runs = {.items = NULL};
    ws_event_table made = {.n_columns = 0};
    ws_console console;

    (void)code;
    if (strcmp(values->kind, "text") != 0 && strcmp(values->kind, "hparams") != 0)
        return ws_fail(err, WS_EUSAGE, "--kind=%s: expected hparams or text", values->kind);
    ws_status status = ws_console_init(&console, "info", err);
    if (status == WS_OK)
        status = ws_events_find(&values->paths, &console.log, &runs, err);
    if (status == WS_OK)
        status = fill(&made, values, &runs, &console.log, err);
    if (status == WS_OK && made.cells.n_items == 0)
        status = ws_fail(err, WS_ENOTFOUND, "there is no %s in these runs",
                         strcmp(values->kind, "text") == 0 ? "such text" : "hyperparameter");
    if (status == WS_OK)
        status = values->csv ? ws_event_table_write_csv(&made, stdout, err)
                             : ws_event_table_print(&made, stdout, err);
    ws_event_table_deinit(&made);
    ws_event_runs_deinit(&runs);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    tables_flags values = {.tag = ""};

    (void)program;
    return ws_events_run(&table, n_arguments, arguments, &values, print_tables);
}

const ws_command ws_command_events_tables = {
    .name = "events tables",
    .summary = "print hyperparameters or texts as a table",
    .table = &table,
    .run = run,
};
