#include "inspect/writers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/path.h"
#include "inspect/read.h"

/** What is known of a file. */
typedef struct file_facts {
    ws_names tags; /* with steps that count */
    double first_time, last_time;
    int64_t start_step, lowest_step, highest_step;
    bool has_time, has_start, has_step;
    size_t part;
} file_facts;

static bool has_steps(const tbe_value *value)
{
    return value->kind != TBE_VALUE_HPARAMS && value->kind != TBE_VALUE_LAYOUT;
}

static ws_status take_record(void *user, const tbe_record *record, ws_error *err)
{
    file_facts *facts = user;
    ws_status status = WS_OK;
    size_t number;

    if (isfinite(record->wall_time)) {
        if (!facts->has_time || record->wall_time < facts->first_time)
            facts->first_time = record->wall_time;
        if (!facts->has_time || record->wall_time > facts->last_time)
            facts->last_time = record->wall_time;
        facts->has_time = true;
    }
    if (record->kind == TBE_RECORD_START && !facts->has_start) {
        facts->has_start = true;
        facts->start_step = record->step;
    }
    for (size_t i = 0; status == WS_OK && i < record->n_values; i++) {
        if (!has_steps(&record->values[i]))
            continue;
        status = ws_names_push(&facts->tags, record->values[i].tag, &number, err);
        if (!facts->has_step || record->step < facts->lowest_step)
            facts->lowest_step = record->step;
        if (!facts->has_step || record->step > facts->highest_step)
            facts->highest_step = record->step;
        facts->has_step = true;
    }
    return status;
}

static bool share_tag(const file_facts *a, const file_facts *b)
{
    for (size_t i = 0; i < a->tags.n_items; i++)
        if (ws_names_find(&b->tags, a->tags.items[i]) < b->tags.n_items)
            return true;
    return false;
}

/** How long both files were written to, seconds; 0: they do not disturb each other. */
static double find_conflict(const file_facts *earlier, const file_facts *later)
{
    const double first = fmax(earlier->first_time, later->first_time);
    const double last = fmin(earlier->last_time, later->last_time);
    const bool restarts = earlier->has_start && later->has_start && earlier->has_step;
    const bool continues = restarts && later->start_step > earlier->lowest_step;
    const bool takes_back = restarts && later->start_step <= earlier->highest_step;

    if (!earlier->has_time || !later->has_time || !(last > first) || continues)
        return 0;
    return takes_back || share_tag(earlier, later) ? last - first : 0;
}

/** The name of a file after the digits of its time, which is the same for files of one writer. */
static const char *name_of_writer(const char *path)
{
    const char *base = ws_path_base(path);
    const char *mark = strstr(base, "tfevents");

    if (mark == NULL)
        return base;
    mark += strlen("tfevents");
    return mark + strspn(mark, ".0123456789");
}

/** Whether file i can be of a part; if not, which file of it stands against that. */
static bool fits_part(const file_facts *files, size_t i, size_t part, size_t *other,
                      double *shared_s)
{
    for (size_t k = 0; k < i; k++) {
        const double conflict = files[k].part == part ? find_conflict(&files[k], &files[i]) : 0;
        if (conflict > 0) {
            *other = k;
            *shared_s = conflict;
            return false;
        }
    }
    return true;
}

/** The last file of a part. */
static size_t last_of(const file_facts *files, size_t n_files, size_t part)
{
    size_t last = 0;

    for (size_t i = 0; i < n_files; i++)
        if (files[i].part == part)
            last = i;
    return last;
}

/** Chooses a part for file i: of those that it fits, one with the same name of a writer. */
static size_t choose_part(const ws_event_run *run, const file_facts *files, size_t i,
                          size_t n_parts, size_t *other, double *shared_s)
{
    const char *name = name_of_writer(run->files.items[i]);
    size_t chosen = n_parts;

    for (size_t part = 0; part < n_parts; part++) {
        if (!fits_part(files, i, part, other, shared_s))
            continue;
        const size_t last = last_of(files, i, part);
        if (strcmp(name_of_writer(run->files.items[last]), name) == 0)
            return part;
        if (chosen == n_parts)
            chosen = part;
    }
    return chosen;
}

static ws_status push_file(ws_event_parts *parts, const ws_event_run *run, size_t i, size_t part,
                           ws_error *err)
{
    ws_event_part *into = &parts->items[part];

    if (part == parts->n_items) {
        *into = (ws_event_part){.run = {.name = ws_text_copy(run->name)}};
        parts->n_items++;
        if (into->run.name == NULL)
            return ws_fail_memory(err, run->name);
    }
    return ws_text_list_push(&into->run.files, run->files.items[i]) == WS_OK
               ? WS_OK
               : ws_fail_memory(err, run->name);
}

static ws_status part_files(ws_event_parts *parts, const ws_event_run *run, file_facts *files,
                            ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t i = 0; status == WS_OK && i < run->files.n_items; i++) {
        size_t other = 0;
        double shared_s = 0;
        const size_t n_before = parts->n_items;
        files[i].part = choose_part(run, files, i, n_before, &other, &shared_s);
        status = push_file(parts, run, i, files[i].part, err);
        if (status != WS_OK || n_before == 0 || files[i].part < n_before)
            continue;
        ws_event_part *part = &parts->items[n_before];
        part->with = ws_text_copy(run->files.items[other]);
        part->shared_s = shared_s;
        if (part->with == NULL)
            status = ws_fail_memory(err, run->name);
    }
    return status;
}

ws_status ws_event_parts_find(ws_event_parts *parts, const ws_event_run *run, ws_error *err)
{
    const size_t n = run->files.n_items;
    file_facts *files = calloc(n + 1, sizeof *files);
    bool is_damaged = false;
    ws_status status = WS_OK;

    *parts = (ws_event_parts){.items = calloc(n + 1, sizeof *parts->items)};
    if (files == NULL || parts->items == NULL)
        status = ws_fail_memory(err, run->name);
    for (size_t i = 0; status == WS_OK && n > 1 && i < n; i++)
        status = ws_event_file_read(run->files.items[i], take_record, &files[i], &is_damaged, err);
    if (status == WS_OK)
        status = part_files(parts, run, files, err);
    for (size_t i = 0; files != NULL && i < n; i++)
        ws_names_deinit(&files[i].tags);
    free(files);
    return status;
}

void ws_event_parts_deinit(ws_event_parts *parts)
{
    for (size_t i = 0; i < parts->n_items; i++) {
        ws_event_part *part = &parts->items[i];
        free(part->run.name);
        free(part->with);
        ws_text_list_deinit(&part->run.files);
    }
    free(parts->items);
    *parts = (ws_event_parts){.items = NULL};
}
