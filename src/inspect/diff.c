#include "inspect/diff.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/csv.h"

ws_status ws_event_side_open(ws_event_side *side, const char *path, ws_event_loader loader,
                             const ws_log *log, ws_error *err)
{
    *side = (ws_event_side){.runs = {.log = log}};
    ws_status status = ws_event_runs_find(&side->runs, path, err);
    if (status != WS_OK)
        return status;
    side->series = calloc(side->runs.n_items, sizeof *side->series);
    if (side->series == NULL)
        return ws_fail_memory(err, path);
    for (size_t i = 0; status == WS_OK && i < side->runs.n_items; i++) {
        status = ws_event_series_read(&side->series[i], &side->runs.items[i], loader, log, err);
        side->n_series++;
    }
    return status;
}

void ws_event_side_close(ws_event_side *side)
{
    for (size_t i = 0; i < side->n_series; i++)
        ws_event_series_deinit(&side->series[i]);
    free(side->series);
    ws_event_runs_deinit(&side->runs);
    *side = (ws_event_side){.series = NULL};
}

ws_event_curve ws_event_side_find(const ws_event_side *side, const char *run, const char *tag)
{
    for (size_t i = 0; i < side->n_series; i++) {
        const ws_event_series *series = &side->series[i];
        if (strcmp(side->runs.items[i].name, run) != 0)
            continue;
        const size_t number = ws_names_find(&series->names, tag);
        if (number < series->names.n_items && series->tags[number].kind == TBE_VALUE_SCALAR &&
            series->tags[number].n_values > 0)
            return (ws_event_curve){series, &series->tags[number], number};
    }
    return (ws_event_curve){.series = NULL};
}

static int compare_shared(const void *a, const void *b)
{
    const ws_event_shared *left = a, *right = b;
    const int runs = strcmp(left->run, right->run);
    return runs != 0 ? runs : strcmp(left->tag, right->tag);
}

/** Whether a later side has the curve, and no earlier one: there it was met already. */
static bool is_new_and_shared(const ws_event_side *sides, size_t n_sides, size_t own,
                              const ws_event_shared *shared)
{
    bool is_shared = false;

    for (size_t i = 0; i < own; i++)
        if (ws_event_side_find(&sides[i], shared->run, shared->tag).series != NULL)
            return false;
    for (size_t i = own + 1; !is_shared && i < n_sides; i++)
        is_shared = ws_event_side_find(&sides[i], shared->run, shared->tag).series != NULL;
    return is_shared;
}

static ws_status push_shared(ws_event_shared_list *list, const ws_event_side *sides, size_t n_sides,
                             size_t own, const ws_event_shared *shared, ws_error *err)
{
    if (ws_event_side_find(&sides[own], shared->run, shared->tag).series == NULL ||
        !is_new_and_shared(sides, n_sides, own, shared))
        return WS_OK;
    ws_event_shared *items =
        ws_names_grow(list->items, list->n_items, &list->capacity, sizeof *list->items);
    if (items == NULL)
        return ws_fail_memory(err, "tags");
    list->items = items;
    items[list->n_items++] = *shared;
    return WS_OK;
}

ws_status ws_event_shared_find(ws_event_shared_list *list, const ws_event_side *sides,
                               size_t n_sides, const char *pattern, ws_error *err)
{
    ws_status status = WS_OK;

    for (size_t own = 0; own < n_sides; own++) {
        for (size_t i = 0; i < sides[own].n_series; i++) {
            const ws_names *tags = &sides[own].series[i].names;
            for (size_t k = 0; status == WS_OK && k < tags->n_items; k++) {
                const ws_event_shared shared = {sides[own].runs.items[i].name, tags->items[k]};
                if (ws_event_tag_matches(shared.tag, pattern))
                    status = push_shared(list, sides, n_sides, own, &shared, err);
            }
        }
    }
    if (list->n_items > 1)
        qsort(list->items, list->n_items, sizeof *list->items, compare_shared);
    return status;
}

bool ws_event_less_is_better(const char *tag)
{
    static const char *const words[] = {"loss", "entropy", "error", "perplexity", "nan_count"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(tag, words[i]) != NULL)
            return true;
    return false;
}

size_t ws_event_shared_choose(const ws_event_shared_list *list)
{
    size_t best = 0;
    int best_score = 0;

    for (size_t i = 0; i < list->n_items; i++) {
        const int score = 2 * (strstr(list->items[i].tag, "accuracy") != NULL) +
                          (strstr(list->items[i].run, "validation") != NULL);
        if (score > best_score) {
            best = i;
            best_score = score;
        }
    }
    return best;
}
