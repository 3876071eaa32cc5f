#include "inspect/csv.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "inspect/show.h"

enum { MAX_POINTS = 1 << 26 }; /* of a run, in a table with a column for each tag */

bool ws_event_tag_matches(const char *tag, const char *pattern)
{
    return pattern[0] == '\0' || fnmatch(pattern, tag, 0) == 0;
}

static void push_shown(ws_buf *out, const char *text)
{
    const bool is_formula = text[0] != '\0' && strchr("=+-@", text[0]) != NULL;
    const bool is_quoted = is_formula || text[0] == ' ' || strpbrk(text, ",\"") != NULL;

    if (is_quoted)
        ws_buf_push_byte(out, '"');
    if (is_formula)
        ws_buf_push_byte(out, '\'');
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"')
            ws_buf_push_byte(out, '"');
        ws_buf_push_byte(out, (unsigned char)*p);
    }
    if (is_quoted)
        ws_buf_push_byte(out, '"');
}

void ws_csv_push_text(ws_buf *out, const char *text)
{
    char *shown = ws_show_text(text);

    if (shown != NULL)
        push_shown(out, shown);
    else if (out->status == WS_OK)
        out->status = WS_ENOMEM;
    free(shown);
}

static ws_status check_written(FILE *out, ws_error *err)
{
    return ferror(out) ? ws_fail_errno(err, errno, "the table cannot be written") : WS_OK;
}

/* A line for each value */

ws_status ws_event_csv_begin(FILE *out, ws_error *err)
{
    (void)fputs("run,tag,step,wall_time,value\n", out);
    return check_written(out, err);
}

/** A visit that writes lines. */
typedef struct long_form {
    FILE *out;
    char **begins; /* [n_tags] owned: "run,tag,"; NULL: not asked for */
    size_t n_tags;
} long_form;

static ws_status write_line(void *user, const ws_event_point *point, ws_error *err)
{
    const long_form *form = user;
    char time[WS_SHOW_NUMBER_BYTES], value[WS_SHOW_NUMBER_BYTES];

    if (form->begins[point->tag] == NULL)
        return WS_OK;
    (void)fprintf(form->out, "%s%" PRId64 ",%s,%s\n", form->begins[point->tag], point->step,
                  ws_show_time(point->wall_time, time), ws_show_stored(&point->number, value));
    return check_written(form->out, err);
}

static ws_status init_long_form(long_form *form, const ws_event_csv_run *run, const char *pattern,
                                ws_error *err)
{
    const ws_names *tags = &run->series->names;

    form->begins = calloc(tags->n_items + 1, sizeof *form->begins);
    if (form->begins == NULL)
        return ws_fail_memory(err, "tags");
    form->n_tags = tags->n_items;
    for (size_t i = 0; i < tags->n_items; i++) {
        ws_buf begin;
        if (!ws_event_tag_matches(tags->items[i], pattern))
            continue;
        ws_buf_init(&begin, SIZE_MAX / 4);
        ws_csv_push_text(&begin, run->name);
        ws_buf_push_byte(&begin, ',');
        ws_csv_push_text(&begin, tags->items[i]);
        ws_buf_push_byte(&begin, ',');
        form->begins[i] = ws_buf_take_string(&begin);
        if (form->begins[i] == NULL) {
            ws_buf_deinit(&begin);
            return ws_fail_memory(err, "tags");
        }
    }
    return WS_OK;
}

ws_status ws_event_csv_write(const ws_event_csv_run *run, const char *pattern, FILE *out,
                             ws_error *err)
{
    long_form form = {.out = out};
    ws_status status = init_long_form(&form, run, pattern, err);

    if (status == WS_OK)
        status = ws_event_series_visit(run->series, write_line, &form, err);
    for (size_t i = 0; i < form.n_tags; i++)
        free(form.begins[i]);
    free(form.begins);
    return status;
}

/* A column for each tag */

/** A point with what sorts it. */
typedef struct cell {
    int64_t step;
    size_t column;
    uint64_t order; /* of points at the same place, the last counts */
    double wall_time;
    ws_stored_number number;
} cell;

typedef struct wide_form {
    FILE *out;
    ws_names columns;  /* tags that are asked for, of all runs */
    size_t *column_of; /* [n_tags of the run] number in columns; SIZE_MAX: not asked for */
    cell *cells;
    size_t n_cells, capacity;
} wide_form;

static ws_status find_columns(wide_form *form, const ws_event_csv_run *run, const char *pattern,
                              ws_error *err)
{
    const ws_event_series *series = run->series;
    ws_status status = WS_OK;
    size_t number;

    for (size_t i = 0; status == WS_OK && i < series->names.n_items; i++)
        if (series->tags[i].kind == TBE_VALUE_SCALAR &&
            ws_event_tag_matches(series->names.items[i], pattern))
            status = ws_names_push(&form->columns, series->names.items[i], &number, err);
    return status;
}

static ws_status write_head(const wide_form *form, ws_error *err)
{
    ws_buf line;

    ws_buf_init(&line, SIZE_MAX / 4);
    ws_buf_push_string(&line, "run,step,wall_time");
    for (size_t i = 0; i < form->columns.n_items; i++) {
        ws_buf_push_byte(&line, ',');
        ws_csv_push_text(&line, form->columns.items[i]);
    }
    ws_buf_push_byte(&line, '\n');
    const ws_status status = line.status == WS_OK ? WS_OK : ws_fail_memory(err, "tags");
    if (status == WS_OK)
        (void)fwrite(line.data, 1, line.size, form->out);
    ws_buf_deinit(&line);
    return status;
}

static ws_status take_cell(void *user, const ws_event_point *point, ws_error *err)
{
    wide_form *form = user;

    if (form->column_of[point->tag] == SIZE_MAX)
        return WS_OK;
    if (form->n_cells >= MAX_POINTS)
        return ws_fail(err, WS_ELIMIT,
                       "a run has more than %d values, which a table with a column for each tag "
                       "cannot hold",
                       MAX_POINTS);
    cell *cells = ws_names_grow(form->cells, form->n_cells, &form->capacity, sizeof *form->cells);
    if (cells == NULL)
        return ws_fail_memory(err, "a table");
    form->cells = cells;
    cells[form->n_cells] = (cell){point->step, form->column_of[point->tag], form->n_cells,
                                  point->wall_time, point->number};
    form->n_cells++;
    return WS_OK;
}

static int compare_cells(const void *a, const void *b)
{
    const cell *left = a, *right = b;

    if (left->step != right->step)
        return left->step < right->step ? -1 : 1;
    if (left->column != right->column)
        return left->column < right->column ? -1 : 1;
    return left->order < right->order ? -1 : 1;
}

/** Writes the cells of a step. @return how many these were */
static size_t write_row(const wide_form *form, size_t first)
{
    char text[WS_SHOW_NUMBER_BYTES];
    size_t i = first, last = first;

    while (last + 1 < form->n_cells && form->cells[last + 1].step == form->cells[first].step)
        last++;
    (void)fprintf(form->out, "%" PRId64 ",%s", form->cells[first].step,
                  ws_show_time(form->cells[last].wall_time, text));
    for (size_t column = 0; column < form->columns.n_items; column++) {
        const cell *found = NULL;
        for (; i <= last && form->cells[i].column == column; i++)
            found = &form->cells[i];
        (void)fprintf(form->out, ",%s", found != NULL ? ws_show_stored(&found->number, text) : "");
    }
    (void)fputc('\n', form->out);
    return last - first + 1;
}

static ws_status write_run(wide_form *form, const ws_event_csv_run *run, ws_error *err)
{
    const ws_names *tags = &run->series->names;
    ws_buf name;

    form->n_cells = 0;
    form->column_of = malloc((tags->n_items + 1) * sizeof *form->column_of);
    if (form->column_of == NULL)
        return ws_fail_memory(err, "a table");
    for (size_t i = 0; i < tags->n_items; i++) {
        const size_t column = ws_names_find(&form->columns, tags->items[i]);
        form->column_of[i] = column < form->columns.n_items ? column : SIZE_MAX;
    }
    ws_status status = ws_event_series_visit(run->series, take_cell, form, err);
    free(form->column_of);
    if (status != WS_OK)
        return status;
    if (form->n_cells > 1)
        qsort(form->cells, form->n_cells, sizeof *form->cells, compare_cells);
    ws_buf_init(&name, SIZE_MAX / 4);
    ws_csv_push_text(&name, run->name);
    ws_buf_push_byte(&name, ',');
    for (size_t i = 0; i < form->n_cells && !ferror(form->out);) {
        (void)fwrite(name.data, 1, name.size, form->out);
        i += write_row(form, i);
    }
    if (name.status != WS_OK)
        status = ws_fail_memory(err, run->name);
    ws_buf_deinit(&name);
    return status;
}

ws_status ws_event_csv_write_wide(const ws_event_csv_run *runs, size_t n_runs, const char *pattern,
                                  FILE *out, ws_error *err)
{
    wide_form form = {.out = out};
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < n_runs; i++)
        status = find_columns(&form, &runs[i], pattern, err);
    if (status == WS_OK)
        status = write_head(&form, err);
    for (size_t i = 0; status == WS_OK && i < n_runs; i++)
        status = write_run(&form, &runs[i], err);
    if (status == WS_OK)
        status = check_written(out, err);
    free(form.cells);
    ws_names_deinit(&form.columns);
    return status;
}
