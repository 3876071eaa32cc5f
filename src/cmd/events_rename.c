/* wordspot events rename, wordspot events drop */
#include <stdio.h>

#include "cmd/command.h"
#include "cmd/events.h"
#include "inspect/rewrite.h"

static ws_status rewrite(const ws_operands *paths, const char *output,
                         const ws_event_rewriting *rewriting, ws_event_rewritten *done,
                         ws_error *err)
{
    ws_event_runs runs = {.items = NULL};
    ws_console console;

    if (output[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "--output is missing, expected a new directory");
    ws_status status = ws_console_init(&console, "info", err);
    if (status == WS_OK)
        status = ws_events_find(paths, &console.log, &runs, err);
    if (status == WS_OK)
        status = ws_event_rewrite(&runs, output, rewriting, done, err);
    ws_event_runs_deinit(&runs);
    return status;
}

static void print_written(const ws_event_rewritten *done, const char *output)
{
    printf("wrote ");
    ws_events_print_count(done->n_files, "file");
    printf(" of ");
    ws_events_print_count(done->n_runs, "run");
    printf(" to ");
    ws_events_print(stdout, output, 0);
    putchar('\n');
}

/* ---- rename ---- */

typedef struct rename_flags {
    const char *tag, *new_tag, *run, *new_run, *output;
    ws_operands paths;
} rename_flags;

static const ws_flag rename_rows[] = {
    {"tag", WS_FLAG_TEXT, offsetof(rename_flags, tag), "", "NAME",
     "The tag to rename, in all runs. One * in it stands for any text, which takes the place of "
     "the "
     "* in the new name: --tag='eval/*' --new_tag='validation/*'.",
     0, 0, WS_FLAGS_DATA, 0},
    {"new_tag", WS_FLAG_TEXT, offsetof(rename_flags, new_tag), "", "NAME", "Its new name.", 0, 0,
     WS_FLAGS_DATA, 0},
    {"run", WS_FLAG_TEXT, offsetof(rename_flags, run), "", "NAME",
     "The run to rename, as `wordspot events list` names it, or a directory of runs; * as in "
     "--tag.",
     0, 0, WS_FLAGS_DATA, 0},
    {"new_run", WS_FLAG_TEXT, offsetof(rename_flags, new_run), "", "NAME",
     "Its new name, a path below --output.", 0, 0, WS_FLAGS_DATA, 0},
    {"output", WS_FLAG_PATH, offsetof(rename_flags, output), "", "DIR",
     "The new directory. Existing files are never written to.", 0, 0, WS_FLAGS_OUTPUT, 0},
};

static const ws_flag_table rename_table = {
    .command = "events rename",
    .summary =
        "Copies runs into a new directory and gives tags or runs other names. Everything "
        "else is copied bit by bit. A PATH is a file, a run or a directory with runs; without "
        "one, " WS_EVENTS_DEFAULT_PATH ".",
    .flags = rename_rows,
    .n_flags = sizeof rename_rows / sizeof *rename_rows,
    .operands_name = "PATH",
    .operands_offset = offsetof(rename_flags, paths),
    .titles = ws_events_titles,
};

static ws_status rename_all(const void *flag_values, int *code, ws_error *err)
{
    const rename_flags *values = flag_values;
    const ws_event_rewriting rewriting = {.tag = {values->tag, values->new_tag},
                                          .run = {values->run, values->new_run}};
    ws_event_rewritten done;

    (void)code;
    if (values->tag[0] == '\0' && values->run[0] == '\0')
        return ws_fail(err, WS_EUSAGE, "expected --tag with --new_tag, or --run with --new_run");
    ws_status status = ws_event_renaming_check(&rewriting.tag, "tag", err);
    if (status == WS_OK)
        status = ws_event_renaming_check(&rewriting.run, "run", err);
    if (status == WS_OK)
        status = rewrite(&values->paths, values->output, &rewriting, &done, err);
    if (status != WS_OK)
        return status;
    print_written(&done, values->output);
    printf("renamed ");
    ws_events_print_count(done.n_runs_renamed, "run");
    printf(" and the tags of ");
    ws_events_print_count(done.n_values_renamed, "value");
    putchar('\n');
    if (done.names_tags && done.n_values_renamed > 0)
        printf("note: chart layouts and HParams experiments were copied as they are and may still "
               "name the old tags\n");
    if (done.n_runs_renamed == 0 && done.n_values_renamed == 0)
        return ws_fail(err, WS_ENOTFOUND,
                       "no tag or run has the old name; `wordspot events list` shows their names");
    return WS_OK;
}

static int run_rename(const char *program, int n_arguments, char *const *arguments)
{
    rename_flags values = {.tag = ""};

    (void)program;
    return ws_events_run(&rename_table, n_arguments, arguments, &values, rename_all);
}

const ws_command ws_command_events_rename = {
    .name = "events rename",
    .summary = "copy runs with other names of tags or runs",
    .table = &rename_table,
    .run = run_rename,
};

/* ---- drop ---- */

typedef struct drop_flags {
    const char *tag, *run, *output;
    ws_operands paths;
} drop_flags;

static const ws_flag drop_rows[] = {
    {"tag", WS_FLAG_TEXT, offsetof(drop_flags, tag), "", "PATTERN",
     "Drops the tags that match: * stands for any text, ? for one character, [...] for one of "
     "these.",
     0, 0, WS_FLAGS_DATA, 0},
    {"run", WS_FLAG_TEXT, offsetof(drop_flags, run), "", "PATTERN",
     "Drops the runs, or directories of runs, that match; together with --tag, drops those tags in "
     "these runs only.",
     0, 0, WS_FLAGS_DATA, 0},
    {"output", WS_FLAG_PATH, offsetof(drop_flags, output), "", "DIR",
     "The new directory. Existing files are never written to.", 0, 0, WS_FLAGS_OUTPUT, 0},
};

static const ws_flag_table drop_table = {
    .command = "events drop",
    .summary = "Copies runs into a new directory without some tags or runs. Everything else is "
               "copied bit by bit. A PATH is a file, a run or a directory with runs; without "
               "one, " WS_EVENTS_DEFAULT_PATH ".",
    .flags = drop_rows,
    .n_flags = sizeof drop_rows / sizeof *drop_rows,
    .operands_name = "PATH",
    .operands_offset = offsetof(drop_flags, paths),
    .titles = ws_events_titles,
};

static ws_status drop_all(const void *flag_values, int *code, ws_error *err)
{
    const drop_flags *values = flag_values;
    const ws_event_rewriting rewriting = {
        .tag = {"", ""},
        .run = {"", ""},
        .drop_tag = values->tag[0] != '\0' ? values->tag : NULL,
        .drop_run = values->run[0] != '\0' ? values->run : NULL,
    };
    ws_event_rewritten done;

    (void)code;
    if (rewriting.drop_tag == NULL && rewriting.drop_run == NULL)
        return ws_fail(err, WS_EUSAGE, "nothing to drop: expected --tag or --run");
    const ws_status status = rewrite(&values->paths, values->output, &rewriting, &done, err);
    if (status != WS_OK)
        return status;
    print_written(&done, values->output);
    printf("dropped ");
    ws_events_print_count(done.n_runs_dropped, "run");
    printf(" and ");
    ws_events_print_count(done.n_values_dropped, "value");
    putchar('\n');
    if (done.n_runs_dropped == 0 && done.n_values_dropped == 0)
        return ws_fail(err, WS_ENOTFOUND,
                       "no tag or run matches; `wordspot events list` shows their names");
    return WS_OK;
}

static int run_drop(const char *program, int n_arguments, char *const *arguments)
{
    drop_flags values = {.tag = ""};

    (void)program;
    return ws_events_run(&drop_table, n_arguments, arguments, &values, drop_all);
}

const ws_command ws_command_events_drop = {
    .name = "events drop",
    .summary = "copy runs without some tags or runs",
    .table = &drop_table,
    .run = run_drop,
};
