#include "inspect/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/read.h"
#include "inspect/show.h"

ws_status ws_event_loader_find(const char *name, ws_event_loader *loader, ws_error *err)
{
    if (strcmp(name, "rust") != 0 && strcmp(name, "python") != 0)
        return ws_fail(err, WS_EUSAGE, "--loader=%s: expected rust or python", name);
    *loader = name[0] == 'p' ? WS_LOADER_PYTHON : WS_LOADER_RUST;
    return WS_OK;
}

const char *ws_event_kind_text(tbe_value_kind kind)
{
    switch (kind) {
    case TBE_VALUE_SCALAR:
        return "scalar";
    case TBE_VALUE_IMAGE:
        return "image";
    case TBE_VALUE_HISTOGRAM:
        return "histogram";
    case TBE_VALUE_AUDIO:
        return "audio";
    case TBE_VALUE_TEXT:
        return "text";
    case TBE_VALUE_PR_CURVE:
        return "pr curve";
    case TBE_VALUE_HPARAMS:
        return "hparams";
    case TBE_VALUE_LAYOUT:
        return "layout";
    case TBE_VALUE_TENSOR:
        return "tensor";
    default:
        return "none";
    }
}

/** A START counts for all tags, but for the first of a run. */
static ws_status push_start(ws_event_series *series, int64_t step, ws_error *err)
{
    const bool is_first = !series->has_start;

    series->has_start = true;
    if (is_first)
        return WS_OK;
    series->has_cuts = true;
    return ws_cuts_push(&series->starts, series->n_seen, step, err);
}

static ws_status find_tag(ws_event_series *series, const char *name, ws_event_tag **tag,
                          ws_error *err)
{
    size_t number = 0;
    const size_t n_before = series->names.n_items;
    ws_event_tag *tags =
        ws_names_grow(series->tags, n_before, &series->capacity, sizeof *series->tags);

    if (tags == NULL)
        return ws_fail_memory(err, "tags");
    series->tags = tags;
    const ws_status status = ws_names_push(&series->names, name, &number, err);
    if (status == WS_OK)
        *tag = &tags[number];
    return status;
}

/** A value's own effect on those of its tag before it. */
static ws_status push_cut(ws_event_series *series, ws_event_tag *tag, int64_t step, ws_error *err)
{
    const bool goes_back = series->loader == WS_LOADER_RUST
                               ? tag->is_known && step <= tag->newest_step
                               : !series->has_version && step < series->newest_step;

    tag->is_known = true;
    tag->newest_step = step;
    if (!goes_back)
        return WS_OK;
    series->has_cuts = true;
    return ws_cuts_push(&tag->cuts, series->n_seen, step, err);
}

static ws_stored_number number_of(const tbe_value *value)
{
    return (ws_stored_number){value->scalar, value->integer, value->data_type};
}

static void count_scalar(ws_event_tag *tag, const tbe_record *record, ws_stored_number number)
{
    tag->last = number;
    tag->last_wall_time = record->wall_time;
    if (!isfinite(number.value))
        return;
    if (tag->n_finite == 0 || number.value < tag->least.value) {
        tag->least = number;
        tag->least_step = record->step;
    }
    if (tag->n_finite == 0 || number.value > tag->most.value) {
        tag->most = number;
        tag->most_step = record->step;
    }
    if (tag->n_finite == 0 || record->step < tag->lowest_step)
        tag->lowest_step = record->step;
    if (tag->n_finite == 0 || record->step > tag->highest_step)
        tag->highest_step = record->step;
    tag->n_finite++;
}

static void count_value(ws_event_tag *tag, const tbe_record *record, const tbe_value *value)
{
    if (tag->kind == TBE_VALUE_NONE)
        tag->kind = value->kind;
    if (tag->n_values == 0)
        tag->first_step = record->step;
    tag->last_step = record->step;
    tag->n_values++;
    if (value->kind == TBE_VALUE_SCALAR)
        count_scalar(tag, record, number_of(value));
}

/** First look: what takes back what, and the figures for where nothing does. */
static ws_status look_first(void *user, const tbe_record *record, ws_error *err)
{
    ws_event_series *series = user;
    ws_status status = WS_OK;

    series->n_seen++;
    if (record->kind == TBE_RECORD_VERSION)
        series->has_version = true;
    if (record->kind == TBE_RECORD_START && series->loader == WS_LOADER_PYTHON &&
        series->has_version)
        status = push_start(series, record->step, err);
    for (size_t i = 0; status == WS_OK && i < record->n_values; i++) {
        ws_event_tag *tag = NULL;
        series->n_seen++;
        status = find_tag(series, record->values[i].tag, &tag, err);
        if (status == WS_OK)
            status = push_cut(series, tag, record->step, err);
        if (status == WS_OK)
            count_value(tag, record, &record->values[i]);
    }
    if (record->kind == TBE_RECORD_VALUES)
        series->newest_step = record->step;
    return status;
}

/** A later look at a series that is known. */
typedef struct second_look {
    const ws_event_series *series;
    uint64_t n_seen;
    ws_event_visit visit; /* NULL: counts instead */
    void *user;
} second_look;

static ws_status look_again(void *user, const tbe_record *record, ws_error *err)
{
    second_look *look = user;
    const ws_event_series *series = look->series;
    ws_status status = WS_OK;

    look->n_seen++;
    for (size_t i = 0; status == WS_OK && i < record->n_values; i++) {
        const tbe_value *value = &record->values[i];
        const size_t number = ws_names_find(&series->names, value->tag);
        look->n_seen++;
        if (number >= series->names.n_items) /* of a file that has grown meanwhile */
            continue;
        ws_event_tag *tag = &series->tags[number];
        if (ws_cuts_drop(&series->starts, look->n_seen, record->step) ||
            ws_cuts_drop(&tag->cuts, look->n_seen, record->step))
            continue;
        if (look->visit == NULL) {
            count_value(tag, record, value);
        } else if (value->kind == TBE_VALUE_SCALAR) {
            const ws_event_point point = {number, record->step, record->wall_time,
                                          number_of(value)};
            status = look->visit(look->user, &point, err);
        }
    }
    return status;
}

static ws_status read_again(second_look *look, ws_error *err)
{
    const ws_event_run *run = look->series->run;
    ws_status status = WS_OK;
    bool is_damaged = false;

    for (size_t i = 0; status == WS_OK && i < run->files.n_items; i++)
        status = ws_event_file_read(run->files.items[i], look_again, look, &is_damaged, err);
    return status;
}

/** Counts again where some values turned out not to count. */
static ws_status count_again(ws_event_series *series, ws_error *err)
{
    second_look look = {.series = series};

    for (size_t i = 0; i < series->names.n_items; i++) {
        const ws_cuts cuts = series->tags[i].cuts;
        series->tags[i] = (ws_event_tag){.cuts = cuts};
    }
    return read_again(&look, err);
}

ws_status ws_event_series_read(ws_event_series *series, const ws_event_run *run,
                               ws_event_loader loader, const ws_log *log, ws_error *err)
{
    ws_status status = WS_OK;

    *series = (ws_event_series){.run = run, .loader = loader, .newest_step = -1};
    for (size_t i = 0; status == WS_OK && i < run->files.n_items; i++) {
        const char *path = run->files.items[i];
        bool is_damaged = false;
        status = ws_event_file_read(path, look_first, series, &is_damaged, err);
        if (!is_damaged)
            continue;
        char *shown = ws_show_text(path);
        ws_log_write(log, WS_LOG_WARN,
                     "%s: is damaged, not all of it was read; `wordspot events check` says where",
                     shown != NULL ? shown : "a file");
        free(shown);
        series->n_damaged++;
    }
    return status == WS_OK && series->has_cuts ? count_again(series, err) : status;
}

ws_status ws_event_series_visit(const ws_event_series *series, ws_event_visit visit, void *user,
                                ws_error *err)
{
    second_look look = {.series = series, .visit = visit, .user = user};
    return read_again(&look, err);
}

void ws_event_series_deinit(ws_event_series *series)
{
    for (size_t i = 0; i < series->names.n_items; i++)
        ws_cuts_deinit(&series->tags[i].cuts);
    free(series->tags);
    ws_names_deinit(&series->names);
    ws_cuts_deinit(&series->starts);
    *series = (ws_event_series){.run = NULL};
}
