#include "page/gather.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "inspect/hparams.h"
#include "inspect/read.h"
#include "page/aggregate.h"
#include "page/markdown_table.h"

static const char *const part_names[] = {"train", "validation", "test"};
enum { N_PART_NAMES = sizeof part_names / sizeof *part_names };

static void deinit_part(ws_page_part *part)
{
    for (size_t i = 0; i < part->n_curves; i++) {
        free(part->curves[i].tag);
        free(part->curves[i].points);
    }
    for (size_t i = 0; i < part->n_items; i++) {
        free(part->items[i].tag);
        free(part->items[i].data);
        free(part->items[i].numbers);
    }
    free(part->name);
    free(part->curves);
    free(part->items);
    free(part->graph);
    free(part->times);
}

void ws_page_runs_deinit(ws_page_runs *runs)
{
    for (size_t i = 0; i < runs->n_items; i++) {
        ws_page_run *run = &runs->items[i];
        for (size_t k = 0; k < run->n_parts; k++)
            deinit_part(&run->parts[k]);
        free(run->parts);
        free(run->name);
        free(run->group);
        ws_text_list_deinit(&run->names);
        ws_text_list_deinit(&run->values);
    }
    free(runs->items);
    *runs = (ws_page_runs){.n_items = 0};
}

/* ---- finding ---- */

const ws_page_part *ws_page_part_find(const ws_page_run *run, const char *name)
{
    for (size_t i = 0; i < run->n_parts; i++)
        if (strcmp(run->parts[i].name, name) == 0)
            return &run->parts[i];
    return NULL;
}

const ws_page_curve *ws_page_curve_find(const ws_page_part *part, const char *tag)
{
    for (size_t i = 0; part != NULL && i < part->n_curves; i++)
        if (strcmp(part->curves[i].tag, tag) == 0)
            return &part->curves[i];
    return NULL;
}

const ws_page_item *ws_page_item_find(const ws_page_part *part, const char *tag,
                                      tbe_value_kind kind)
{
    for (size_t i = 0; part != NULL && i < part->n_items; i++)
        if (part->items[i].kind == kind && strcmp(part->items[i].tag, tag) == 0)
            return &part->items[i];
    return NULL;
}

const char *ws_page_text_find(const ws_page_run *run, const char *tag)
{
    const ws_page_item *item = ws_page_item_find(ws_page_part_find(run, ""), tag, TBE_VALUE_TEXT);
    return item != NULL ? (const char *)item->data : NULL;
}

const char *ws_page_setting_find(const ws_page_run *run, const char *name)
{
    for (size_t i = 0; i < run->names.n_items; i++)
        if (strcmp(run->names.items[i], name) == 0)
            return run->values.items[i];
    return NULL;
}

/* ---- which run and part a folder is ---- */

/** The run of that name; a new one if it is not there yet. @return NULL: out of memory */
static ws_page_run *get_run(ws_page_runs *runs, const char *name, size_t n_name)
{
    for (size_t i = 0; i < runs->n_items; i++)
        if (strlen(runs->items[i].name) == n_name && memcmp(runs->items[i].name, name, n_name) == 0)
            return &runs->items[i];
    ws_page_run *items = ws_names_grow(runs->items, runs->n_items, &runs->capacity, sizeof *items);
    char *copy = ws_text_format("%.*s", (int)n_name, name);
    char *group = ws_text_copy("");
    if (items != NULL)
        runs->items = items;
    if (items == NULL || copy == NULL || group == NULL) {
        free(copy);
        free(group);
        return NULL;
    }
    items[runs->n_items] = (ws_page_run){.name = copy, .group = group};
    return &items[runs->n_items++];
}

/** The name of a part, if a folder has it. @param n  bytes of the folder's own name; "": another */
static const char *find_part_name(const char *name, size_t n)
{
    for (size_t i = 0; i < N_PART_NAMES; i++)
        if (strlen(part_names[i]) == n && memcmp(name, part_names[i], n) == 0)
            return part_names[i];
    return "";
}

/** The same of the folder that holds a file. */
static const char *find_part_of(const char *path)
{
    const char *end = strrchr(path, '/');
    const char *begin = end;

    while (begin != NULL && begin > path && begin[-1] != '/')
        begin--;
    return end != NULL ? find_part_name(begin, (size_t)(end - begin)) : "";
}

/** The part that a folder is, and its run. @return NULL: out of memory */
static ws_page_part *push_part(ws_page_runs *runs, const ws_event_run *found, ws_page_run **run)
{
    const char *folder = found->name;
    const char *slash = strrchr(folder, '/');
    const char *tail = slash != NULL ? slash + 1 : folder;
    const bool is_given = strcmp(folder, ".") == 0; /* itself, so that only its path names it */
    const char *part = is_given && found->files.n_items > 0 ? find_part_of(found->files.items[0])
                                                            : find_part_name(tail, strlen(tail));

    if (part[0] == '\0' || is_given)
        *run = get_run(runs, folder, strlen(folder));
    else if (slash == NULL)
        *run = get_run(runs, ".", 1);
    else
        *run = get_run(runs, folder, (size_t)(slash - folder));
    if (*run == NULL)
        return NULL;
    ws_page_part *parts =
        ws_names_grow((*run)->parts, (*run)->n_parts, &(*run)->part_capacity, sizeof *parts);
    if (parts == NULL)
        return NULL;
    (*run)->parts = parts;
    parts[(*run)->n_parts] = (ws_page_part){.name = ws_text_copy(part)};
    if (parts[(*run)->n_parts].name == NULL)
        return NULL;
    return &parts[(*run)->n_parts++];
}

/* ---- curves ---- */

/** Sums over the steps of a point. */
typedef struct bucket {
    double steps, values;
    uint64_t n;
} bucket;

typedef struct curve_reader {
    const ws_event_series *series;
    ws_page_part *part;
    size_t *curve_of; /* [n of tags] its place in the part; n_curves: it is no curve */
    bucket *buckets;  /* [n_curves, WS_PAGE_CURVE_POINTS] */
} curve_reader;

static ws_status take_point(void *user, const ws_event_point *point, ws_error *err)
{
    const curve_reader *reader = user;
    const ws_event_tag *tag = &reader->series->tags[point->tag];
    const size_t i = reader->curve_of[point->tag];
    const double value = point->number.value;

    (void)err;
    if (i >= reader->part->n_curves || !isfinite(value))
        return WS_OK;
    const double span = (double)tag->highest_step - (double)tag->lowest_step + 1;
    const double place = ((double)point->step - (double)tag->lowest_step) / span;
    const size_t at = (size_t)(place * WS_PAGE_CURVE_POINTS);
    bucket *to = &reader->buckets[i * WS_PAGE_CURVE_POINTS +
                                  (at < WS_PAGE_CURVE_POINTS ? at : WS_PAGE_CURVE_POINTS - 1)];
    to->steps += (double)point->step;
    to->values += value;
    to->n++;
    return WS_OK;
}

static void set_curve(ws_page_curve *curve, const ws_event_tag *tag)
{
    curve->n_values = tag->n_values;
    curve->least = tag->least.value;
    curve->most = tag->most.value;
    curve->last = tag->last.value;
    curve->least_step = tag->least_step;
    curve->most_step = tag->most_step;
    curve->last_step = tag->last_step;
}

static ws_status begin_curves(curve_reader *reader)
{
    const ws_event_series *series = reader->series;
    ws_page_part *part = reader->part;

    part->curves = calloc(series->names.n_items + 1, sizeof *part->curves);
    reader->curve_of = calloc(series->names.n_items + 1, sizeof *reader->curve_of);
    if (part->curves == NULL || reader->curve_of == NULL)
        return WS_ENOMEM;
    for (size_t i = 0; i < series->names.n_items; i++) {
        reader->curve_of[i] = SIZE_MAX;
        if (series->tags[i].kind != TBE_VALUE_SCALAR || series->tags[i].n_values == 0)
            continue;
        ws_page_curve *curve = &part->curves[part->n_curves];
        curve->tag = ws_text_copy(series->names.items[i]);
        curve->points = calloc(WS_PAGE_CURVE_POINTS, sizeof *curve->points);
        reader->curve_of[i] = part->n_curves++;
        if (curve->tag == NULL || curve->points == NULL)
            return WS_ENOMEM;
        set_curve(curve, &series->tags[i]);
    }
    reader->buckets = calloc(part->n_curves * WS_PAGE_CURVE_POINTS + 1, sizeof *reader->buckets);
    return reader->buckets != NULL ? WS_OK : WS_ENOMEM;
}

static int compare_curves(const void *a, const void *b)
{
    return strcmp(((const ws_page_curve *)a)->tag, ((const ws_page_curve *)b)->tag);
}

static ws_status read_curves(ws_page_part *part, const ws_event_series *series, ws_error *err)
{
    curve_reader reader = {.series = series, .part = part};
    ws_status status = begin_curves(&reader);

    if (status != WS_OK)
        status = ws_fail_memory(err, "the curves of a run");
    if (status == WS_OK && part->n_curves > 0)
        status = ws_event_series_visit(series, take_point, &reader, err);
    for (size_t i = 0; status == WS_OK && i < part->n_curves; i++) {
        ws_page_curve *curve = &part->curves[i];
        const bucket *buckets = &reader.buckets[i * WS_PAGE_CURVE_POINTS];
        for (size_t k = 0; k < WS_PAGE_CURVE_POINTS; k++)
            if (buckets[k].n > 0)
                curve->points[curve->n++] =
                    (ws_page_point){buckets[k].steps / (double)buckets[k].n,
                                    buckets[k].values / (double)buckets[k].n};
    }
    if (status == WS_OK && part->n_curves > 1)
        qsort(part->curves, part->n_curves, sizeof *part->curves, compare_curves);
    free(reader.curve_of);
    free(reader.buckets);
    return status;
}

/* ---- texts, pictures, sounds, precision and recall, graphs ---- */

static ws_page_item *get_item(ws_page_part *part, const tbe_value *value)
{
    for (size_t i = 0; i < part->n_items; i++)
        if (part->items[i].kind == value->kind && strcmp(part->items[i].tag, value->tag) == 0)
            return &part->items[i];
    ws_page_item *items =
        ws_names_grow(part->items, part->n_items, &part->item_capacity, sizeof *items);
    char *tag = ws_text_copy(value->tag);
    if (items != NULL)
        part->items = items;
    if (items == NULL || tag == NULL) {
        free(tag);
        return NULL;
    }
    items[part->n_items] = (ws_page_item){.tag = tag, .kind = value->kind};
    return &items[part->n_items++];
}

static ws_status copy_bytes(uint8_t **to, size_t *n_to, const void *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);

    if (copy == NULL)
        return WS_ENOMEM;
    if (size > 0)
        memcpy(copy, data, size);
    copy[size] = 0;
    free(*to);
    *to = copy;
    *n_to = size;
    return WS_OK;
}

static const tbe_blob *find_blob(const tbe_value *value)
{
    return value->n_blobs > 0 && value->blobs[0].size <= WS_PAGE_MAX_ITEM_BYTES ? value->blobs
                                                                                : NULL;
}

static ws_status take_value(ws_page_part *part, int64_t step, const tbe_value *value)
{
    const tbe_blob *blob = find_blob(value);
    const bool is_curve = value->kind == TBE_VALUE_PR_CURVE;

    if (!is_curve && value->kind != TBE_VALUE_IMAGE && value->kind != TBE_VALUE_AUDIO &&
        value->kind != TBE_VALUE_TEXT)
        return WS_OK;
    if (is_curve ? value->n_numbers == 0 : blob == NULL)
        return WS_OK;
    ws_page_item *item = get_item(part, value);
    if (item == NULL)
        return WS_ENOMEM;
    item->step = step;
    if (!is_curve)
        return copy_bytes(&item->data, &item->size, blob->data, blob->size);
    double *numbers = malloc(value->n_numbers * sizeof *numbers);
    if (numbers == NULL)
        return WS_ENOMEM;
    memcpy(numbers, value->numbers, value->n_numbers * sizeof *numbers);
    free(item->numbers);
    item->numbers = numbers;
    item->n_numbers = value->n_numbers;
    return WS_OK;
}

static ws_status take_record(void *user, const tbe_record *record, ws_error *err)
{
    ws_page_part *part = user;
    ws_status status = WS_OK;

    if (record->kind == TBE_RECORD_GRAPH && record->data.size <= WS_PAGE_MAX_GRAPH_BYTES)
        status =
            copy_bytes(&part->graph, &part->n_graph_bytes, record->data.data, record->data.size);
    else if (record->kind == TBE_RECORD_RUN_TIMES && record->data.size <= WS_PAGE_MAX_GRAPH_BYTES)
        status =
            copy_bytes(&part->times, &part->n_times_bytes, record->data.data, record->data.size);
    for (size_t i = 0; status == WS_OK && i < record->n_values; i++)
        status = take_value(part, record->step, &record->values[i]);
    return status == WS_OK ? WS_OK : ws_fail_memory(err, "what a run has shown");
}

/* ---- settings ---- */

static ws_status push_setting(ws_page_run *run, const char *name, const char *value)
{
    const ws_status status = ws_text_list_push(&run->names, name);
    return status == WS_OK ? ws_text_list_push(&run->values, value) : status;
}

static ws_status push_hparam(ws_page_run *run, const Tbproto__SessionStartInfo__HParam *entry)
{
    const Tbproto__HParamValue *value = entry->value;
    char *number = NULL;
    const char *text = "";

    if (value == NULL)
        return WS_OK;
    if (value->kind_case == TBPROTO__HPARAM_VALUE__KIND_STRING_VALUE)
        text = value->string_value;
    else if (value->kind_case == TBPROTO__HPARAM_VALUE__KIND_BOOL_VALUE)
        text = value->bool_value ? "true" : "false";
    else if (value->kind_case == TBPROTO__HPARAM_VALUE__KIND_NUMBER_VALUE)
        text = number = ws_text_format("%.6g", value->number_value);
    const ws_status status = text != NULL ? push_setting(run, entry->key, text) : WS_ENOMEM;
    free(number);
    return status;
}

/** Our own table of flags, as a user would write them; else the hyperparameters. */
static ws_status read_settings(ws_page_run *run, const ws_event_hparams_run *own)
{
    const char *text = ws_page_text_find(run, "run/settings");
    const Tbproto__SessionStartInfo *start =
        own != NULL && own->start != NULL ? own->start->session_start_info : NULL;
    ws_markdown_table table = {.n_columns = 0};
    ws_status status = WS_OK;

    if (start != NULL || text != NULL)
        run->end = WS_PAGE_END_UNKNOWN;
    if (text != NULL)
        status = ws_markdown_table_read(&table, text);
    for (size_t i = 1; status == WS_OK && table.n_columns == 2 && i < table.n_rows; i++) {
        const char *name = ws_markdown_table_get(&table, i, 0);
        status = push_setting(run, name + strspn(name, "-"), ws_markdown_table_get(&table, i, 1));
    }
    ws_markdown_table_deinit(&table);
    for (size_t i = 0;
         status == WS_OK && run->names.n_items == 0 && start != NULL && i < start->n_hparams; i++)
        status = push_hparam(run, start->hparams[i]);
    return status;
}

static ws_status read_session(ws_page_run *run, const ws_event_hparams_run *own)
{
    if (own->start != NULL && own->start->session_start_info != NULL) {
        char *group = ws_text_copy(own->start->session_start_info->group_name);
        if (group == NULL)
            return WS_ENOMEM;
        free(run->group);
        run->group = group;
    }
    const ws_status status = read_settings(run, own);
    if (own->end != NULL && own->end->session_end_info != NULL) {
        const int ended = (int)own->end->session_end_info->status;
        run->end = ended == TBPROTO__SESSION_END_INFO__STATUS__SUCCESS   ? WS_PAGE_END_SUCCESS
                   : ended == TBPROTO__SESSION_END_INFO__STATUS__FAILURE ? WS_PAGE_END_FAILURE
                                                                         : WS_PAGE_END_UNKNOWN;
    }
    return status;
}

/* ---- all ---- */

static ws_status read_folder(ws_page_runs *runs, const ws_event_hparams_run *folder, ws_error *err)
{
    ws_page_run *run = NULL;
    ws_page_part *part = push_part(runs, folder->run, &run);

    if (part == NULL)
        return ws_fail_memory(err, "the runs of a report");
    ws_status status = read_curves(part, &folder->series, err);
    for (size_t i = 0; status == WS_OK && i < folder->run->files.n_items; i++) {
        bool is_damaged = false; /* the series has counted it */
        status =
            ws_event_file_read(folder->run->files.items[i], take_record, part, &is_damaged, err);
    }
    for (size_t i = 0; i < folder->series.names.n_items; i++)
        run->wall_time = fmax(run->wall_time, folder->series.tags[i].last_wall_time);
    runs->n_damaged += folder->series.n_damaged;
    if (status == WS_OK && part->name[0] == '\0' && read_session(run, folder) != WS_OK)
        status = ws_fail_memory(err, "the settings of a run");
    return status;
}

/** A folder that was given itself has the name "."; its run's name, or its own, says more. */
static ws_status set_name(ws_page_run *run, const ws_event_run *folder)
{
    const char *set = ws_page_setting_find(run, "run_name");
    const char *path = folder->files.n_items > 0 ? folder->files.items[0] : "";
    size_t end = strlen(path);

    if (strcmp(run->name, ".") != 0)
        return WS_OK;
    for (int i = strcmp(folder->name, ".") == 0 ? 1 : 2; i > 0; i--) /* the file, and the part */
        while (end > 0 && path[--end] != '/')
            ;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    char *name = set != NULL && set[0] != '\0' ? ws_text_copy(set)
                 : end > begin ? ws_text_format("%.*s", (int)(end - begin), path + begin)
                               : ws_text_copy(run->name);
    if (name == NULL)
        return WS_ENOMEM;
    free(run->name);
    run->name = name;
    return WS_OK;
}

static bool has_run(const ws_event_hparams *all)
{
    for (size_t i = 0; i < all->n_items; i++)
        if (!ws_page_is_aggregate(all->items[i].run->name))
            return true;
    return false;
}

ws_status ws_page_runs_read(ws_page_runs *runs, const ws_event_runs *found, const ws_log *log,
                            ws_error *err)
{
    ws_event_hparams all;

    *runs = (ws_page_runs){.n_items = 0};
    ws_status status = ws_event_hparams_read(&all, found, log, err);
    const bool skips = status == WS_OK && has_run(&all);
    for (size_t i = 0; status == WS_OK && i < all.n_items; i++)
        if (!skips || !ws_page_is_aggregate(all.items[i].run->name))
            status = read_folder(runs, &all.items[i], err);
    for (size_t i = 0; status == WS_OK && i < runs->n_items; i++)
        if (set_name(&runs->items[i], all.items[0].run) != WS_OK)
            status = ws_fail_memory(err, "the name of a run");
    ws_event_hparams_deinit(&all);
    return status;
}
