#include "inspect/tables.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/names.h"
#include "inspect/csv.h"
#include "inspect/read.h"
#include "inspect/show.h"

enum { MAX_CELL_WIDTH = 60 };

void ws_event_table_deinit(ws_event_table *table)
{
    ws_text_list_deinit(&table->cells);
    *table = (ws_event_table){.n_columns = 0};
}

static ws_status push(ws_event_table *table, const char *text, ws_error *err)
{
    return ws_text_list_push(&table->cells, text) == WS_OK ? WS_OK : ws_fail_memory(err, "a table");
}

static ws_status check_written(FILE *out, ws_error *err)
{
    return ferror(out) ? ws_fail_errno(err, errno, "the table cannot be written") : WS_OK;
}

ws_status ws_event_table_print(const ws_event_table *table, FILE *out, ws_error *err)
{
    const size_t n = table->n_columns, n_cells = table->cells.n_items;
    size_t *widths = calloc(n + 1, sizeof *widths);
    ws_text_list shown = {.items = NULL};
    ws_status status = widths != NULL ? WS_OK : ws_fail_memory(err, "a table");

    for (size_t i = 0; status == WS_OK && i < n_cells; i++) {
        char *text = ws_show_text(table->cells.items[i]);
        if (text == NULL || ws_text_list_push(&shown, text) != WS_OK)
            status = ws_fail_memory(err, "a table");
        const size_t width = text != NULL ? ws_show_width(text) : 0;
        if (width > widths[i % n] && width <= MAX_CELL_WIDTH)
            widths[i % n] = width;
        free(text);
    }
    for (size_t i = 0; status == WS_OK && i < n_cells; i++) {
        const bool is_last = i % n + 1 == n;
        const size_t width = ws_show_width(shown.items[i]), room = widths[i % n];
        (void)fprintf(out, "%s%*s%s", shown.items[i],
                      !is_last && width < room ? (int)(room - width) : 0, "",
                      is_last ? "\n" : "  ");
    }
    ws_text_list_deinit(&shown);
    free(widths);
    return status == WS_OK ? check_written(out, err) : status;
}

ws_status ws_event_table_write_csv(const ws_event_table *table, FILE *out, ws_error *err)
{
    ws_buf line;

    ws_buf_init(&line, SIZE_MAX / 4);
    for (size_t i = 0; i < table->cells.n_items; i++) {
        ws_csv_push_text(&line, table->cells.items[i]);
        ws_buf_push_byte(&line, i % table->n_columns + 1 == table->n_columns ? '\n' : ',');
    }
    const ws_status status = line.status == WS_OK ? WS_OK : ws_fail_memory(err, "a table");
    if (status == WS_OK)
        (void)fwrite(line.data, 1, line.size, out);
    ws_buf_deinit(&line);
    return status == WS_OK ? check_written(out, err) : status;
}

/* ---- hyperparameters ---- */

/** The columns after run, group and status. A metric is "group/tag" there. */
typedef struct hparam_columns {
    ws_names hparams, metrics;
    ws_text_list groups, tags; /* of the metrics */
} hparam_columns;

static const Tbproto__Experiment *find_experiment(const ws_event_hparams *all)
{
    for (size_t i = 0; i < all->n_items; i++)
        if (all->items[i].experiment != NULL)
            return all->items[i].experiment->experiment;
    return NULL;
}

static ws_status push_metric(hparam_columns *columns, const char *group, const char *tag,
                             ws_error *err)
{
    const size_t n_before = columns->metrics.n_items;
    size_t number = 0;
    char *name = group[0] != '\0' ? ws_text_format("%s/%s", group, tag) : ws_text_copy(tag);
    ws_status status = name != NULL ? ws_names_push(&columns->metrics, name, &number, err)
                                    : ws_fail_memory(err, "a table");

    if (status == WS_OK && number == n_before &&
        (ws_text_list_push(&columns->groups, group) != WS_OK ||
         ws_text_list_push(&columns->tags, tag) != WS_OK))
        status = ws_fail_memory(err, "a table");
    free(name);
    return status;
}

static ws_status find_metrics(hparam_columns *columns, const ws_event_hparams *all,
                              const Tbproto__Experiment *experiment, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; experiment != NULL && status == WS_OK && i < experiment->n_metric_infos;
         i++) {
        const Tbproto__MetricInfo__Name *name = experiment->metric_infos[i]->name;
        if (name != NULL)
            status = push_metric(columns, name->group, name->tag, err);
    }
    for (size_t i = 0; experiment == NULL && status == WS_OK && i < all->n_items; i++) {
        const ws_event_series *series = &all->items[i].series;
        for (size_t k = 0;
             all->items[i].start != NULL && status == WS_OK && k < series->names.n_items; k++)
            if (series->tags[k].kind == TBE_VALUE_SCALAR)
                status = push_metric(columns, "", series->names.items[k], err);
    }
    return status;
}

static ws_status find_columns(hparam_columns *columns, const ws_event_hparams *all, ws_error *err)
{
    const Tbproto__Experiment *experiment = find_experiment(all);
    ws_status status = WS_OK;
    size_t number;

    for (size_t i = 0; experiment != NULL && status == WS_OK && i < experiment->n_hparam_infos; i++)
        status = ws_names_push(&columns->hparams, experiment->hparam_infos[i]->name, &number, err);
    for (size_t i = 0; status == WS_OK && i < all->n_items; i++) {
        const Tbproto__SessionStartInfo *start =
            all->items[i].start != NULL ? all->items[i].start->session_start_info : NULL;
        for (size_t k = 0; start != NULL && status == WS_OK && k < start->n_hparams; k++)
            status = ws_names_push(&columns->hparams, start->hparams[k]->key, &number, err);
    }
    return status == WS_OK ? find_metrics(columns, all, experiment, err) : status;
}

static const char *status_text(const Tbproto__HParamsPluginData *end)
{
    switch (end != NULL ? end->session_end_info->status
                        : TBPROTO__SESSION_END_INFO__STATUS__UNKNOWN) {
    case TBPROTO__SESSION_END_INFO__STATUS__SUCCESS:
        return "success";
    case TBPROTO__SESSION_END_INFO__STATUS__FAILURE:
        return "failure";
    case TBPROTO__SESSION_END_INFO__STATUS__RUNNING:
        return "running";
    default:
        return "unknown";
    }
}

static ws_status push_hparam(ws_event_table *table, const Tbproto__SessionStartInfo *start,
                             const char *name, ws_error *err)
{
    char number[WS_SHOW_NUMBER_BYTES];

    for (size_t i = 0; i < start->n_hparams; i++) {
        const Tbproto__HParamValue *value = start->hparams[i]->value;
        if (value == NULL || strcmp(start->hparams[i]->key, name) != 0)
            continue;
        const ws_stored_number stored = {value->number_value, 0, TBE_TYPE_DOUBLE};
        switch (value->kind_case) {
        case TBPROTO__HPARAM_VALUE__KIND_NUMBER_VALUE:
            return push(table, ws_show_stored(&stored, number), err);
        case TBPROTO__HPARAM_VALUE__KIND_STRING_VALUE:
            return push(table, value->string_value, err);
        case TBPROTO__HPARAM_VALUE__KIND_BOOL_VALUE:
            return push(table, value->bool_value ? "true" : "false", err);
        default:
            return push(table, "", err);
        }
    }
    return push(table, "", err);
}

static ws_status push_session(ws_event_table *table, const hparam_columns *columns,
                              const ws_event_hparams *all, const ws_event_hparams_run *of,
                              ws_error *err)
{
    const Tbproto__SessionStartInfo *start = of->start->session_start_info;
    char number[WS_SHOW_NUMBER_BYTES];

    ws_status status = push(table, of->run->name, err);
    if (status == WS_OK)
        status = push(table, start->group_name, err);
    if (status == WS_OK)
        status = push(table, status_text(of->end), err);
    for (size_t i = 0; status == WS_OK && i < columns->hparams.n_items; i++)
        status = push_hparam(table, start, columns->hparams.items[i], err);
    for (size_t i = 0; status == WS_OK && i < columns->metrics.n_items; i++) {
        const ws_event_tag *tag = ws_event_hparams_find(
            all, of->run->name, columns->groups.items[i], columns->tags.items[i]);
        status = push(table, tag != NULL ? ws_show_stored(&tag->last, number) : "", err);
    }
    return status;
}

static ws_status push_titles(ws_event_table *table, const hparam_columns *columns, ws_error *err)
{
    static const char *const titles[] = {"run", "group", "status"};
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < 3; i++)
        status = push(table, titles[i], err);
    for (size_t i = 0; status == WS_OK && i < columns->hparams.n_items; i++)
        status = push(table, columns->hparams.items[i], err);
    for (size_t i = 0; status == WS_OK && i < columns->metrics.n_items; i++)
        status = push(table, columns->metrics.items[i], err);
    return status;
}

ws_status ws_event_table_of_hparams(ws_event_table *table, const ws_event_hparams *all,
                                    ws_error *err)
{
    hparam_columns columns = {.groups = {.items = NULL}};
    bool has_titles = false;
    ws_status status = find_columns(&columns, all, err);

    table->n_columns = 3 + columns.hparams.n_items + columns.metrics.n_items;
    for (size_t i = 0; status == WS_OK && i < all->n_items; i++) {
        if (all->items[i].start == NULL)
            continue;
        if (!has_titles)
            status = push_titles(table, &columns, err);
        has_titles = true;
        if (status == WS_OK)
            status = push_session(table, &columns, all, &all->items[i], err);
    }
    ws_names_deinit(&columns.hparams);
    ws_names_deinit(&columns.metrics);
    ws_text_list_deinit(&columns.groups);
    ws_text_list_deinit(&columns.tags);
    return status;
}

/* ---- texts ---- */

/** The last text of a tag. */
typedef struct last_text {
    int64_t step;
    ws_text_list rows;
} last_text;

typedef struct text_run {
    const char *pattern;
    ws_names tags;
    last_text *texts; /* [tags.n_items], owned */
    size_t capacity;
} text_run;

/** The strings of a value by rows: of a table its cells, otherwise each by itself. */
static ws_status set_rows(last_text *text, const tbe_value *value, ws_error *err)
{
    const size_t n_columns = value->n_dims == 2 && value->dims[1] > 0 ? (size_t)value->dims[1] : 1;
    ws_status status = WS_OK;

    ws_text_list_deinit(&text->rows);
    for (size_t i = 0; status == WS_OK && i < value->n_blobs; i += n_columns) {
        ws_buf row;
        ws_buf_init(&row, SIZE_MAX / 4);
        for (size_t k = i; k < value->n_blobs && k < i + n_columns; k++) {
            const tbe_blob *blob = &value->blobs[k];
            if (k > i)
                ws_buf_push_string(&row, " | ");
            for (size_t at = 0; at < blob->size; at++) /* a NUL would end it */
                ws_buf_push_byte(&row, blob->data[at] != 0 ? blob->data[at] : '?');
        }
        char *joined = ws_buf_take_string(&row);
        if (joined == NULL)
            ws_buf_deinit(&row);
        if (joined == NULL || ws_text_list_push(&text->rows, joined) != WS_OK)
            status = ws_fail_memory(err, "a text");
        free(joined);
    }
    return status;
}

static ws_status take_text(void *user, const tbe_record *record, ws_error *err)
{
    text_run *into = user;
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < record->n_values; i++) {
        const tbe_value *value = &record->values[i];
        size_t number = 0;
        if (value->kind != TBE_VALUE_TEXT || !ws_event_tag_matches(value->tag, into->pattern))
            continue;
        last_text *texts =
            ws_names_grow(into->texts, into->tags.n_items, &into->capacity, sizeof *into->texts);
        if (texts == NULL)
            return ws_fail_memory(err, "texts");
        into->texts = texts;
        status = ws_names_push(&into->tags, value->tag, &number, err);
        if (status != WS_OK)
            return status;
        texts[number].step = record->step;
        status = set_rows(&texts[number], value, err);
    }
    return status;
}

static ws_status push_text(ws_event_table *table, const char *run, const char *tag,
                           const last_text *text, ws_error *err)
{
    char number[WS_SHOW_NUMBER_BYTES];
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < text->rows.n_items; i++) {
        status = push(table, run, err);
        if (status == WS_OK)
            status = push(table, tag, err);
        (void)snprintf(number, sizeof number, "%" PRId64, text->step);
        if (status == WS_OK)
            status = push(table, number, err);
        (void)snprintf(number, sizeof number, "%zu", i);
        if (status == WS_OK)
            status = push(table, number, err);
        if (status == WS_OK)
            status = push(table, text->rows.items[i], err);
    }
    return status;
}

static ws_status push_texts_of(ws_event_table *table, const ws_event_run *run, const char *pattern,
                               ws_error *err)
{
    text_run into = {.pattern = pattern};
    bool is_damaged = false;
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < run->files.n_items; i++)
        status = ws_event_file_read(run->files.items[i], take_text, &into, &is_damaged, err);
    for (size_t i = 0; status == WS_OK && i < into.tags.n_items; i++)
        status = push_text(table, run->name, into.tags.items[i], &into.texts[i], err);
    for (size_t i = 0; i < into.tags.n_items; i++)
        ws_text_list_deinit(&into.texts[i].rows);
    free(into.texts);
    ws_names_deinit(&into.tags);
    return status;
}

ws_status ws_event_table_of_texts(ws_event_table *table, const ws_event_runs *runs,
                                  const char *pattern, ws_error *err)
{
    static const char *const titles[] = {"run", "tag", "step", "row", "text"};
    ws_status status = WS_OK;

    table->n_columns = sizeof titles / sizeof *titles;
    for (size_t i = 0; status == WS_OK && i < table->n_columns; i++)
        status = push(table, titles[i], err);
    for (size_t i = 0; status == WS_OK && i < runs->n_items; i++)
        status = push_texts_of(table, &runs->items[i], pattern, err);
    if (table->cells.n_items == table->n_columns) /* the titles alone */
        ws_text_list_deinit(&table->cells);
    return status;
}
