/* wordspot report */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cmd/command.h"
#include "cmd/events.h"
#include "cmd/json_line.h"
#include "page/page.h"
#include "page/speed_page.h"
#include "settings/rows.h"

typedef struct report_flags {
    const char *output, *json;
    bool text, overwrite;
    ws_operands paths;
} report_flags;

#define AT(field) offsetof(report_flags, field)

static const ws_flag flags[] = {
    WS_ROW_PATH(output, "report.html", "FILE", WS_FLAGS_OUTPUT,
                "The page. It holds all that it shows, and needs no network and no script. With "
                "--text or --json it is only written if this flag is given."),
    WS_ROW_BOOL(overwrite, "false", WS_FLAGS_OUTPUT, "Replace --output if it exists."),
    WS_ROW_BOOL(text, "false", WS_FLAGS_OUTPUT,
                "Print the figures as text of at most 100 columns."),
    WS_ROW_PATH(json, "", "FILE", WS_FLAGS_OUTPUT,
                "Write the figures as one line of JSON, without a FILE to standard output.",
                .traits = WS_FLAG_BARE),
};

static const ws_flag_table table = {
    .command = "report",
    .summary =
        "Writes what event files show as one HTML page, to be sent and kept: runs with the "
        "settings in which they differ, curves, confusion matrix, recall and precision by word, "
        "the worst mistakes with their sound, the network, command and settings. Runs that differ "
        "in the seed alone are one row, with mean and standard deviation. A RUN is a run, or a "
        "directory with runs or sweeps, also of other programs; without "
        "one, " WS_EVENTS_DEFAULT_PATH ". A RUN that ends in .jsonl is a file of speeds instead, "
        "with the lines of wordspot bench --json or of tests/bench/compare.sh: these make a page "
        "with the time of each network, its bar, the machine and the date.",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .operands_name = "RUN",
    .operands_offset = AT(paths),
    .titles = ws_events_titles,
};

/** The paths as they were given, with blanks between them. */
static char *make_title(const ws_operands *paths)
{
    char *title = ws_text_copy(paths->n_items > 0 ? paths->items[0] : WS_EVENTS_DEFAULT_PATH);

    for (size_t i = 1; title != NULL && i < paths->n_items; i++) {
        char *longer = ws_text_format("%s, %s", title, paths->items[i]);
        free(title);
        title = longer;
    }
    return title;
}

/** What is asked for. */
typedef struct report_parts {
    char *html, *text; /* NULL: not asked for */
    ws_json *json;     /* the same */
} report_parts;

static ws_status write_page(const char *html, const report_flags *values, ws_error *err)
{
    if (values->overwrite)
        return ws_file_write(values->output, html, strlen(html), err);
    const ws_status status = ws_file_stage(values->output, html, strlen(html), err);
    return status == WS_OK ? ws_file_commit_new(values->output, err) : status;
}

/** Writes the parts, and frees them in any case. @param status  of making them */
static ws_status write_all(report_parts *parts, const report_flags *values, ws_status status,
                           ws_error *err)
{
    if (status == WS_OK && parts->html != NULL)
        status = write_page(parts->html, values, err);
    if (status == WS_OK && parts->text != NULL)
        fputs(parts->text, stdout);
    if (status == WS_OK && values->json[0] != '\0')
        status = ws_json_line_write(values->json, parts->json, err);
    else
        ws_json_destroy(parts->json);
    free(parts->text);
    free(parts->html);
    return status;
}

/** Before the work, since that can take a while. */
static ws_status check_output(const report_flags *values, ws_error *err)
{
    if (!values->overwrite && ws_file_exists(values->output))
        return ws_fail(err, WS_EEXISTS,
                       "%s exists; expected another --output, or --overwrite to replace it",
                       values->output);
    return ws_file_check_replaceable(values->output, err);
}

static ws_status report_runs(const report_flags *values, const ws_page_about *about, bool has_page,
                             ws_console *console, ws_error *err)
{
    ws_event_runs found = {.items = NULL};
    ws_page_runs runs = {.n_items = 0};
    ws_page_summary summary = {.n_results = 0};
    report_parts parts = {.html = NULL};
    ws_status status = ws_events_find(&values->paths, &console->log, &found, err);

    if (status == WS_OK)
        status = ws_page_runs_read(&runs, &found, &console->log, err);
    if (status == WS_OK)
        status = ws_page_summary_init(&summary, &runs, about->title, err);
    if (status == WS_OK && has_page)
        status = ws_page_write_html(&summary, about, &parts.html, err);
    if (status == WS_OK && values->text)
        status = ws_page_write_text(&summary, about, &parts.text, err);
    if (status == WS_OK && values->json[0] != '\0')
        parts.json = ws_page_write_json(&summary, about);
    status = write_all(&parts, values, status, err);
    if (status == WS_OK && has_page)
        ws_log_write(&console->log, WS_LOG_INFO, "Report of %zu run%s: %s", summary.n_results,
                     summary.n_results == 1 ? "" : "s", values->output);
    ws_page_summary_deinit(&summary);
    ws_page_runs_deinit(&runs);
    ws_event_runs_deinit(&found);
    return status;
}

static ws_status report_speed(const report_flags *values, const ws_page_about *about, bool has_page,
                              ws_console *console, ws_error *err)
{
    ws_speed_lines lines = {.n_figures = 0};
    report_parts parts = {.html = NULL};
    ws_status status = ws_speed_lines_read(&lines, values->paths.items, values->paths.n_items, err);

    if (status == WS_OK && has_page)
        status = ws_speed_page_write_html(&lines, about, &parts.html, err);
    if (status == WS_OK && values->text)
        status = ws_speed_page_write_text(&lines, about, &parts.text, err);
    if (status == WS_OK && values->json[0] != '\0')
        parts.json = ws_speed_page_write_json(&lines, about);
    status = write_all(&parts, values, status, err);
    if (status == WS_OK && has_page)
        ws_log_write(&console->log, WS_LOG_INFO, "Report of %zu figure%s: %s", lines.n_figures,
                     lines.n_figures == 1 ? "" : "s", values->output);
    ws_speed_lines_deinit(&lines);
    return status;
}

/** Whether the paths are files of figures of speed, which have a page of their own. */
static ws_status find_kind(const ws_operands *paths, bool *is_speed, ws_error *err)
{
    *is_speed = paths->n_items > 0 && ws_speed_lines_is_name(paths->items[0]);
    for (size_t i = 1; i < paths->n_items; i++)
        if (ws_speed_lines_is_name(paths->items[i]) != *is_speed)
            return ws_fail(err, WS_EUSAGE,
                           "%s and %s cannot share a page; expected only runs, or only speeds "
                           "(.jsonl)",
                           paths->items[0], paths->items[i]);
    return WS_OK;
}

static ws_status work(ws_flags *read, ws_console *console, ws_error *err)
{
    const report_flags *values = read->values;
    const bool has_page =
        ws_flags_is_given(read, "output") || (!values->text && values->json[0] == '\0');
    char made[WS_CLOCK_DATE_BYTES];
    bool is_speed = false;
    ws_status status = find_kind(&values->paths, &is_speed, err);

    if (status == WS_OK && has_page)
        status = check_output(values, err);
    if (status != WS_OK)
        return status;
    char *title = make_title(&values->paths);
    if (title == NULL)
        return ws_fail_memory(err, "a report");
    ws_clock_write_date(made);
    const ws_page_about about = {title, WS_VERSION, made};
    status = is_speed ? report_speed(values, &about, has_page, console, err)
                      : report_runs(values, &about, has_page, console, err);
    free(title);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    report_flags values = {.output = NULL};

    (void)program;
    return ws_command_run(&table, n_arguments, arguments, &values, work);
}

const ws_command ws_command_report = {
    .name = "report",
    .summary = "runs, or speeds, as one HTML page, a text or JSON",
    .table = &table,
    .run = run,
};
