/* wordspot events check */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/command.h"
#include "cmd/events.h"
#include "cmd/events_report.h"
#include "inspect/check_logdir.h"

typedef struct check_flags {
    bool warnings, tsv;
    int64_t most;
    ws_operands paths;
} check_flags;

static const ws_flag flags[] = {
    {"warnings", WS_FLAG_BOOL, offsetof(check_flags, warnings), "true", "BOOL",
     "Also show findings that break no loader but are worth knowing.", 0, 0, WS_FLAGS_OUTPUT, 0},
    {"most", WS_FLAG_WHOLE, offsetof(check_flags, most), "3", "N",
     "Findings of one kind to show for each file; 0 shows all.", 0, 1e15, WS_FLAGS_OUTPUT, 0},
    WS_EVENTS_TSV_FLAG(offsetof(check_flags, tsv)),
};

static const ws_flag_table table = {
    .command = "events check",
    .summary =
        "Checks event files, and the runs of a directory together, for what TensorBoard refuses or "
        "misreads, and says what each of "
        "its two loaders then does. The exit code is 1 if there is a defect or something "
        "that cannot be read, 0 if there are at most warnings. A PATH is a file, a run or a "
        "directory with runs; without "
        "one, " WS_EVENTS_DEFAULT_PATH ".",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .operands_name = "PATH",
    .operands_offset = offsetof(check_flags, paths),
    .titles = ws_events_titles,
};

static ws_status check_run(const ws_event_run *run, ws_events_report *report, ws_error *err)
{
    const ws_event_check_hooks hooks = {.user = report, .found = ws_events_report_push};
    const ws_status status = ws_event_check_run(run, &hooks, err);

    ws_events_report_end_file(report);
    return status;
}

static ws_status check_all(const void *flag_values, int *code, ws_error *err)
{
    const check_flags *values = flag_values;
    ws_event_runs runs = {.items = NULL};
    ws_events_report report = {
        .most = (uint64_t)values->most,
        .for_script = values->tsv,
        .hides_warnings = !values->warnings,
    };
    uint64_t n_files = 0;
    ws_console console;

    ws_status status = ws_console_init(&console, "info", err);
    if (status == WS_OK)
        status = ws_events_find(&values->paths, &console.log, &runs, err);
    if (status == WS_OK && values->tsv)
        printf("file\tlevel\trule\tbyte\trecord\ttag\tstep\tdetail\n");
    for (size_t i = 0; status == WS_OK && i < runs.n_items && !ferror(stdout); i++) {
        status = check_run(&runs.items[i], &report, err);
        n_files += runs.items[i].files.n_items;
    }
    if (status == WS_OK)
        status = ws_event_check_logdir(&runs, ws_events_report_push, &report, err);
    ws_events_report_end_file(&report);
    if (status == WS_OK && !values->tsv) {
        ws_events_print_count(n_files, "file");
        printf(": ");
        ws_events_print_count(report.n_defects, "defect");
        printf(", ");
        ws_events_print_count(report.n_warnings, "warning");
        putchar('\n');
    }
    *code = report.n_defects == 0 && runs.n_passed == 0 ? WS_EXIT_OK : WS_EXIT_FAILED;
    ws_event_runs_deinit(&runs);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    check_flags values = {.most = 0};

    (void)program;
    return ws_events_run(&table, n_arguments, arguments, &values, check_all);
}

const ws_command ws_command_events_check = {
    .name = "events check",
    .summary = "find what TensorBoard refuses",
    .table = &table,
    .run = run,
};
