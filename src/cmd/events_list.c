/* wordspot events list */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/events.h"
#include "inspect/csv.h"
#include "inspect/show.h"

typedef struct list_flags {
    const char *tag, *loader;
    bool tsv;
    ws_operands paths;
} list_flags;

static const ws_flag flags[] = {
    WS_EVENTS_TAG_FLAG(offsetof(list_flags, tag)),
    WS_EVENTS_LOADER_FLAG(offsetof(list_flags, loader)),
    WS_EVENTS_TSV_FLAG(offsetof(list_flags, tsv)),
};

static const ws_flag_table table = {
    .command = "events list",
    .summary = "Lists what event files hold, run by run: each tag with its kind, how many values "
               "count, the steps from first to last, and of scalars the least, the most and the "
               "last value. A PATH is a file, a run or a directory with runs; without "
               "one, " WS_EVENTS_DEFAULT_PATH ".",
    .flags = flags,
    .n_flags = sizeof flags / sizeof *flags,
    .operands_name = "PATH",
    .operands_offset = offsetof(list_flags, paths),
    .titles = ws_events_titles,
};

/* A longer tag does not move the columns of the others. */
enum { MAX_TAG_WIDTH = 60 };

/** A line of the list. */
typedef struct list_row {
    const char *name;
    const ws_event_tag *tag;
} list_row;

static int compare_rows(const void *a, const void *b)
{
    return strcmp(((const list_row *)a)->name, ((const list_row *)b)->name);
}

/** The tags that are asked for, sorted. @return NULL when out of memory */
static list_row *sort_rows(const ws_event_series *series, const char *pattern, size_t *n_rows)
{
    list_row *rows = malloc((series->names.n_items + 1) * sizeof *rows);

    *n_rows = 0;
    for (size_t i = 0; rows != NULL && i < series->names.n_items; i++)
        if (ws_event_tag_matches(series->names.items[i], pattern))
            rows[(*n_rows)++] = (list_row){series->names.items[i], &series->tags[i]};
    if (*n_rows > 1)
        qsort(rows, *n_rows, sizeof *rows, compare_rows);
    return rows;
}

static void print_for_script(const char *run, const list_row *row)
{
    const ws_event_tag *tag = row->tag;
    char number[WS_SHOW_NUMBER_BYTES];

    ws_events_print(stdout, run, 0);
    putchar('\t');
    ws_events_print(stdout, row->name, 0);
    printf("\t%s\t%" PRIu64 "\t%" PRId64 "\t%" PRId64, ws_event_kind_text(tag->kind), tag->n_values,
           tag->first_step, tag->last_step);
    printf("\t%s", tag->n_finite > 0 ? ws_show_stored(&tag->least, number) : "");
    printf("\t%s", tag->n_finite > 0 ? ws_show_stored(&tag->most, number) : "");
    printf("\t%s\n", tag->kind == TBE_VALUE_SCALAR && tag->n_values > 0
                         ? ws_show_stored(&tag->last, number)
                         : "");
}

static void print_row(const list_row *row, size_t width)
{
    const ws_event_tag *tag = row->tag;
    char steps[64], least[WS_SHOW_NUMBER_BYTES], most[WS_SHOW_NUMBER_BYTES],
        last[WS_SHOW_NUMBER_BYTES];
    const bool is_scalar = tag->kind == TBE_VALUE_SCALAR && tag->n_values > 0;

    (void)snprintf(steps, sizeof steps, "%" PRId64 "..%" PRId64, tag->first_step, tag->last_step);
    printf("  ");
    ws_events_print(stdout, row->name, width);
    printf("  %-9s %7" PRIu64 "  %-*s", ws_event_kind_text(tag->kind), tag->n_values,
           is_scalar ? 12 : 0, tag->n_values > 0 ? steps : "");
    if (is_scalar)
        printf(" %11s %11s %11s", tag->n_finite > 0 ? ws_show_number(tag->least.value, least) : "-",
               tag->n_finite > 0 ? ws_show_number(tag->most.value, most) : "-",
               ws_show_number(tag->last.value, last));
    putchar('\n');
}

static void print_run(const char *name, const list_row *rows, size_t n_rows)
{
    size_t width = 3;

    for (size_t i = 0; i < n_rows; i++) {
        const size_t own = ws_events_width(rows[i].name);
        if (own > width && own <= MAX_TAG_WIDTH)
            width = own;
    }
    ws_events_print(stdout, name, 0);
    printf("\n  %-*s  %-9s %7s  %-12s %11s %11s %11s\n", (int)width, "tag", "kind", "values",
           "steps", "least", "most", "last");
    for (size_t i = 0; i < n_rows; i++)
        print_row(&rows[i], width);
}

static ws_status list_run(const list_flags *values, const ws_event_run *run, ws_event_loader loader,
                          const ws_log *log, size_t *n_listed, ws_error *err)
{
    ws_event_series series;
    size_t n_rows = 0;
    list_row *rows = NULL;

    ws_status status = ws_event_series_read(&series, run, loader, log, err);
    if (status == WS_OK) {
        rows = sort_rows(&series, values->tag, &n_rows);
        if (rows == NULL)
            status = ws_fail_memory(err, "tags");
    }
    for (size_t i = 0; values->tsv && i < n_rows; i++)
        print_for_script(run->name, &rows[i]);
    if (status == WS_OK && !values->tsv && (n_rows > 0 || values->tag[0] == '\0'))
        print_run(run->name, rows, n_rows);
    *n_listed += n_rows;
    free(rows);
    ws_event_series_deinit(&series);
    return status;
}

static ws_status list(const void *flag_values, int *code, ws_error *err)
{
    const list_flags *values = flag_values;
    ws_event_runs runs = {.items = NULL};
    ws_event_loader loader;
    ws_console console;
    size_t n_listed = 0;

    (void)code;
    ws_status status = ws_console_init(&console, "info", err);
    if (status == WS_OK)
        status = ws_event_loader_find(values->loader, &loader, err);
    if (status == WS_OK)
        status = ws_events_find(&values->paths, &console.log, &runs, err);
    if (status == WS_OK && values->tsv)
        printf("run\ttag\tkind\tvalues\tfirst_step\tlast_step\tleast\tmost\tlast\n");
    for (size_t i = 0; status == WS_OK && i < runs.n_items && !ferror(stdout); i++)
        status = list_run(values, &runs.items[i], loader, &console.log, &n_listed, err);
    if (status == WS_OK && n_listed == 0 && values->tag[0] != '\0')
        status = ws_fail(err, WS_ENOTFOUND, "there is no tag like \"%s\"", values->tag);
    ws_event_runs_deinit(&runs);
    return status;
}

static int run(const char *program, int n_arguments, char *const *arguments)
{
    list_flags values = {.tag = ""};

    (void)program;
    return ws_events_run(&table, n_arguments, arguments, &values, list);
}

const ws_command ws_command_events_list = {
    .name = "events list",
    .summary = "list what event files hold",
    .table = &table,
    .run = run,
};
