/* What a run is, and the tables of its evaluations, as texts. */
#include <stdlib.h>
#include <string.h>

#include "report/confusion_tables.h"
#include "report/markdown.h"

enum { MAX_BYTES = TBE_MAX_BODY_BYTES };

/* Texts of a start stand at its first step, which nothing before has: a run that is resumed twice
 * from one checkpoint shows only the second. */
static void add(ws_report *report, const char *tag, ws_buf *text)
{
    ws_report_add_markdown(report, WS_REPORT_RUN, ws_report_get_options(report)->first_step, tag,
                           text);
}

/** A command line with a line for each flag, to be pasted all the same; NULL: no memory. */
static char *break_lines(const char *command_line)
{
    bool is_quoted = false;
    ws_buf lines;

    ws_buf_init(&lines, MAX_BYTES);
    for (const char *at = command_line; *at != '\0'; at++) {
        const bool is_escaped = !is_quoted && at > command_line && at[-1] == '\\';
        if (*at == '\'' && !is_escaped)
            is_quoted = !is_quoted;
        if (!is_quoted && strncmp(at, " --", 3) == 0)
            ws_buf_push_string(&lines, " \\\n   ");
        ws_buf_push_byte(&lines, (unsigned char)*at);
    }
    char *broken = ws_buf_take_string(&lines);
    ws_buf_deinit(&lines);
    return broken;
}

static void add_command(ws_report *report)
{
    const ws_report_options *options = ws_report_get_options(report);
    char *lines = options->command_line != NULL ? break_lines(options->command_line) : NULL;
    ws_buf text;

    if (lines == NULL)
        return;
    ws_buf_init(&text, MAX_BYTES);
    ws_buf_push_format(&text, "From step %lld on:\n\n", (long long)options->first_step);
    ws_markdown_push_block(&text, lines);
    if (options->program != NULL) {
        ws_buf_push_string(&text, "\nRun by:\n\n");
        ws_markdown_push_block(&text, options->program);
    }
    add(report, "run/command", &text);
    free(lines);
}

static void add_settings(ws_report *report)
{
    const ws_report_options *options = ws_report_get_options(report);
    ws_buf text;

    ws_buf_init(&text, MAX_BYTES);
    ws_buf_push_string(&text, "| flag | value |\n|---|---|\n");
    for (size_t i = 0; i < options->n_settings; i++) {
        ws_buf_push_format(&text, "| `--%s` | ", options->settings[i].name);
        ws_markdown_push_code(&text, options->settings[i].value);
        ws_buf_push_string(&text, " |\n");
    }
    add(report, "run/settings", &text);
}

static void push_counts(ws_buf *text, const size_t counts[WS_N_REPORT_PLACES])
{
    ws_buf_push_format(text, " | %zu | %zu | %zu |\n", counts[WS_REPORT_TRAIN],
                       counts[WS_REPORT_VALIDATION], counts[WS_REPORT_TEST]);
}

static void push_label_rows(const ws_observation *observation, ws_buf *text)
{
    ws_buf_push_string(text, "| number | label | training | validation | test |\n"
                             "|---|---|---|---|---|\n");
    for (size_t i = 0; i < observation->n_labels; i++) {
        ws_buf_push_format(text, "| %zu | ", i);
        ws_markdown_push_code(text, observation->labels[i]);
        push_counts(text, observation->n_label_clips[i]);
    }
    ws_buf_push_string(text, "|  | all");
    push_counts(text, observation->n_clips);
}

static void add_data(ws_report *report)
{
    const ws_observation *observation = ws_report_get_observation(report);
    ws_buf text;

    ws_buf_init(&text, MAX_BYTES);
    ws_buf_push_string(&text, "Clips of each label. Where a picture cannot write a label it has "
                              "its number.\n\n");
    push_label_rows(observation, &text);
    ws_buf_push_format(&text,
                       "\nFiles with words that were found: %zu. Recordings of background noise: "
                       "%zu.\n",
                       observation->n_files, observation->n_noise);
    add(report, "run/data", &text);
}

static void start(ws_report *report, void *state)
{
    (void)state;
    add_command(report);
    if (ws_report_get_options(report)->is_resumed)
        return; /* settings and data are those of before, but for what the command says */
    add_settings(report);
    add_data(report);
}

static void push_evaluation(ws_report *report, void *state, const ws_evaluation *evaluation)
{
    (void)state;
    ws_confusion_tables_add(report, evaluation);
}

const ws_view ws_view_text = {
    .name = "text",
    .start = start,
    .push_evaluation = push_evaluation,
};
