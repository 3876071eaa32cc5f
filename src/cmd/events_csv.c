/* wordspot events csv */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/command.h"
#include "cmd/events.h"
#include "inspect/csv.h"
#include "inspect/new_file.h"

typedef struct csv_flags {
    const char *tag, *loader, *output;
    bool wide;
    ws_operands paths;
} csv_flags;

static const ws_flag flags[] = {
    WS_EVENTS_TAG_FLAG(offsetof(csv_flags, tag)),
    WS_EVENTS_LOADER_FLAG(offsetof(csv_flags, loader)),
    {"wide", WS_FLAG_BOOL, offsetof(csv_flags, wide), "false", "BOOL",
     "A column for each tag, a line for each step: run, step, wall_time, then the tags. Otherwise "
     "a line for each value: run, tag, step, wall_time, value.",
     0, 0, WS_FLAGS_OUTPUT, 0},
    {"output", WS_FLAG_PATH, offsetof(csv_flags, output), "", "FILE",
     "The file to write, which is replaced; without it, standard output.", 0, 0, WS_FLAGS_OUTPUT,
     0},
};

static const ws_flag_table table = {
    .command = "events csv",
    .summary = "Prints scalars as comma-separated values, for spreadsheets and scripts; numbers "
               "have as many digits as bring them back. What a resumed run took back is left out, "
               "as TensorBoard does. A PATH is a file, a run or a directory with runs; without "
               "one, " WS_EVENTS_DEFAULT_PATH ".",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .operands_name = "PATH",
    .operands_offset = offsetof(csv_flags, paths),
    .titles = ws_events_titles,
};

/** All runs and their values. */
typedef struct csv_input {
    ws_event_runs runs;
    ws_event_series *series; /* [n_series], owned */
    ws_event_csv_run *items; /* [n_series], owned */
    size_t n_series;
} csv_input;

static ws_status read_all(csv_input *input, const csv_flags *values, ws_error *err)
{
    ws_event_loader loader;
    ws_console console;

    ws_status status = ws_console_init(&console, "info", err);
    if (status == WS_OK)
        status = ws_event_loader_find(values->loader, &loader, err);
    if (status == WS_OK)
        status = ws_events_find(&values->paths, &console.log, &input->runs, err);
    if (status != WS_OK)
        return status;
    input->series = calloc(input->runs.n_items, sizeof *input->series);
    input->items = calloc(input->runs.n_items, sizeof *input->items);
    if (input->series == NULL || input->items == NULL)
        return ws_fail_memory(err, "runs");
    for (size_t i = 0; status == WS_OK && i < input->runs.n_items; i++) {
        const ws_event_run *run = &input->runs.items[i];
        status = ws_event_series_read(&input->series[i], run, loader, &console.log, err);
        input->items[i] = (ws_event_csv_run){run->name, &input->series[i]};
        input->n_series++;
    }
    return status;
}

static ws_status check_any(const csv_input *input, const char *pattern, ws_error *err)
{
    for (size_t i = 0; i < input->n_series; i++) {
        const ws_event_series *series = &input->series[i];
        for (size_t k = 0; k < series->names.n_items; k++)
            if (series->tags[k].kind == TBE_VALUE_SCALAR &&
                ws_event_tag_matches(series->names.items[k], pattern))
                return WS_OK;
    }
    return ws_fail(err, WS_ENOTFOUND,
                   "there is no scalar with a tag like \"%s\"; `wordspot events "
                   "list` shows what there is",
                   pattern[0] != '\0' ? pattern : "*");
}

static ws_status write_all(const csv_input *input, const csv_flags *values, FILE *out,
                           ws_error *err)
{
    if (values->wide)
        return ws_event_csv_write_wide(input->items, input->n_series, values->tag, out, err);
    ws_status status = ws_event_csv_begin(out, err);
    for (size_t i = 0; status == WS_OK && i < input->n_series; i++)
        status = ws_event_csv_write(&input->items[i], values->tag, out, err);
    return status;
}

static ws_status write_file(const csv_input *input, const csv_flags *values, ws_error *err)
{
    ws_new_file file;

    ws_status status = ws_new_file_create(&file, values->output, values->output, true, err);
    if (status == WS_OK)
        status = write_all(input, values, file.stream, err);
    if (status == WS_OK)
        status = ws_new_file_finish(&file, err);
    ws_new_file_destroy(&file);
    return status;
}

static ws_status write_csv(const void *flag_values, int *code, ws_error *err)
{
    const csv_flags *values = flag_values;
    csv_input input = {.series = NULL};

    (void)code;
    ws_status status = read_all(&input, values, err);
    if (status == WS_OK)
        status = check_any(&input, values->tag, err);
    if (status == WS_OK)
        status = values->output[0] != '\0' ? write_file(&input, values, err)
                                           : write_all(&input, values, stdout, err);
    for (size_t i = 0; i < input.n_series; i++)
        ws_event_series_deinit(&input.series[i]);
    free(input.series);
    free(input.items);
    ws_event_runs_deinit(&input.runs);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    csv_flags values = {.tag = ""};

    (void)program;
    return ws_events_run(&table, n_arguments, arguments, &values, write_csv);
}

const ws_command ws_command_events_csv = {
    .name = "events csv",
    .summary = "print scalars for spreadsheets",
    .table = &table,
    .run = run,
};
