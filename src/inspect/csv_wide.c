/* The table with a column for each tag. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "inspect/csv.h"
#include "inspect/show.h"

enum { MAX_POINTS = 1 << 26 };

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
    if (status == WS_OK && ferror(out))
        status = ws_fail_errno(err, errno, "the table cannot be written");
    free(form.cells);
    ws_names_deinit(&form.columns);
    return status;
}
