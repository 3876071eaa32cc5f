/* wordspot events merge */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/command.h"
#include "cmd/events.h"
#include "inspect/merge.h"

typedef struct merge_flags {
    const char *tag, *loader, *output;
    ws_operands runs;
} merge_flags;

static const ws_flag flags[] = {
    WS_EVENTS_TAG_FLAG(offsetof(merge_flags, tag)),
    WS_EVENTS_LOADER_FLAG(offsetof(merge_flags, loader)),
    {"output", WS_FLAG_PATH, offsetof(merge_flags, output), "", "DIR",
     "The directory that gets the new runs. It must not have them already.", 0, 0, WS_FLAGS_OUTPUT,
     0},
};

static const ws_flag_table table = {
    .command = "events merge",
    .summary =
        "Merges runs that differ only in their seed. Writes the runs mean, spread (standard "
        "deviation), least and largest of each scalar, at the steps that all runs with this "
        "scalar have. A RUN is a directory with those below it (train, validation), which are "
        "merged by name, or an event file.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .operands_name = "RUN",
    .operands_offset = offsetof(merge_flags, runs),
    .titles = ws_events_titles,
};

static void print_merged(const ws_event_merged *merged, size_t n_sides, const char *output)
{
    printf("merged ");
    ws_events_print_count(merged->n_curves, "scalar");
    printf(" of %zu runs, ", n_sides);
    ws_events_print_count(merged->n_points, "point");
    printf(", into the runs mean, spread, least and largest in ");
    ws_events_print(stdout, output, 0);
    putchar('\n');
    if (merged->n_points_alone > 0) {
        printf("left out ");
        ws_events_print_count(merged->n_points_alone, "step");
        printf(" that not all runs with the scalar have\n");
    }
    if (merged->n_curves_alone > 0) {
        printf("left out ");
        ws_events_print_count(merged->n_curves_alone, "scalar");
        printf(" that only one run has\n");
    }
}

static ws_status merge_sides(const merge_flags *values, ws_event_side *sides, ws_error *err)
{
    const size_t n = values->runs.n_items;
    ws_event_loader loader;
    ws_event_merged merged;
    ws_console console;

    ws_status status = ws_console_init(&console, "info", err);
    if (status == WS_OK)
        status = ws_event_loader_find(values->loader, &loader, err);
    for (size_t i = 0; status == WS_OK && i < n; i++)
        status = ws_event_side_open(&sides[i], values->runs.items[i], loader, &console.log, err);
    if (status == WS_OK)
        status = ws_event_merge(sides, n, values->tag, true, values->output, &merged, err);
    if (status == WS_OK)
        print_merged(&merged, n, values->output);
    return status;
}

static ws_status merge(const void *flag_values, int *code, ws_error *err)
{
    const merge_flags *values = flag_values;

    (void)code;
    if (values->runs.n_items < 2)
        return ws_fail(err, WS_EUSAGE, "expected at least 2 runs, got %zu", values->runs.n_items);
    if (values->output[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--output is missing, expected a directory");
    ws_event_side *sides = calloc(values->runs.n_items, sizeof *sides);
    if (sides == NULL)
        return ws_fail_memory(err, "runs");
    const ws_status status = merge_sides(values, sides, err);
    for (size_t i = 0; i < values->runs.n_items; i++)
        ws_event_side_close(&sides[i]);
    free(sides);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    merge_flags values = {.tag = ""};

    (void)program;
    return ws_events_run(&table, n_arguments, arguments, &values, merge);
}

const ws_command ws_command_events_merge = {
    .name = "events merge",
    .summary = "merge runs of several seeds into mean and spread",
    .table = &table,
    .run = run,
};
