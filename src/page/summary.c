#include "page/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ws_page_summary_deinit(ws_page_summary *summary)
{
    for (size_t i = 0; i < summary->n_results; i++)
        ws_page_result_deinit(&summary->results[i]);
    for (size_t i = 0; i < summary->n_groups; i++)
        free(summary->groups[i].members);
    free(summary->results);
    free(summary->groups);
    ws_text_list_deinit(&summary->differing);
    *summary = (ws_page_summary){.n_groups = 0};
}

/** Whether there is anything of a run: the folder above the runs of a sweep only describes them. */
static bool shows_something(const ws_page_run *run)
{
    for (size_t i = 0; i < run->n_parts; i++)
        if (run->parts[i].n_curves > 0 || run->parts[i].n_items > 0 || run->parts[i].graph != NULL)
            return true;
    return run->names.n_items > 0;
}

/* ---- groups ---- */

/** For sorting: larger is better, and a number is better than none. */
static int compare_figures(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return a > b ? -1 : a < b;
}

static int compare_results(const void *a, const void *b)
{
    const ws_page_result *x = a, *y = b;
    const int by_test = compare_figures(x->test, y->test);
    const int by_best = compare_figures(x->best, y->best);
    return by_test != 0 ? by_test : by_best != 0 ? by_best : strcmp(x->run->name, y->run->name);
}

/** Keeps the order of the best members where groups are equal. */
static int compare_groups(const void *a, const void *b)
{
    const ws_page_group *x = a, *y = b;
    const int by_test = compare_figures(x->test, y->test);
    const int by_best = compare_figures(x->best, y->best);
    return by_test != 0   ? by_test
           : by_best != 0 ? by_best
                          : (x->members[0] > y->members[0]) - (x->members[0] < y->members[0]);
}

static bool is_same_group(const ws_page_run *a, const ws_page_run *b)
{
    return a->group[0] != '\0' && strcmp(a->group, b->group) == 0;
}

void ws_page_group_write_seeds(const ws_page_group *group, char text[64])
{
    if (group->n_counted < group->n_members)
        (void)snprintf(text, 64, "%zu of %zu seeds", group->n_counted, group->n_members);
    else
        (void)snprintf(text, 64, "%zu seeds", group->n_members);
}

void ws_page_group_mean(const ws_page_summary *summary, const ws_page_group *group,
                        ws_page_value *value_of, const void *context, double *mean, double *spread)
{
    double sum = 0, squares = 0;
    size_t n = 0;

    for (int round = 0; round < 2; round++) /* from the mean, so that large values lose no digits */
        for (size_t i = 0; i < group->n_counted; i++) {
            const double value = value_of(context, &summary->results[group->members[i]]);
            if (isnan(value))
                continue;
            if (round == 0) {
                sum += value;
                n++;
            } else {
                squares += (value - sum / (double)n) * (value - sum / (double)n);
            }
        }
    *mean = n > 0 ? sum / (double)n : (double)NAN;
    *spread = n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN;
}

static double test_of(const void *context, const ws_page_result *result)
{
    (void)context;
    return result->test;
}

static double best_of(const void *context, const ws_page_result *result)
{
    (void)context;
    return result->best;
}

/** Counts the members that did not fail, and moves them before the others. */
static void count_members(const ws_page_summary *summary, ws_page_group *group)
{
    for (size_t i = 0; i < group->n_members; i++) {
        const size_t member = group->members[i];
        if (summary->results[member].run->end == WS_PAGE_END_FAILURE)
            continue;
        memmove(group->members + group->n_counted + 1, group->members + group->n_counted,
                (i - group->n_counted) * sizeof *group->members);
        group->members[group->n_counted++] = member;
    }
    if (group->n_counted == 0)
        group->n_counted = group->n_members;
}

static ws_status make_groups(ws_page_summary *summary)
{
    summary->groups = calloc(summary->n_results, sizeof *summary->groups);
    if (summary->groups == NULL)
        return WS_ENOMEM;
    for (size_t i = 0; i < summary->n_results; i++) {
        size_t g = 0;
        while (g < summary->n_groups &&
               !is_same_group(summary->results[summary->groups[g].members[0]].run,
                              summary->results[i].run))
            g++;
        ws_page_group *group = &summary->groups[g];
        if (g == summary->n_groups) {
            group->members = calloc(summary->n_results, sizeof *group->members);
            if (group->members == NULL)
                return WS_ENOMEM;
            summary->n_groups++;
        }
        group->members[group->n_members++] = i;
    }
    for (size_t g = 0; g < summary->n_groups; g++) {
        ws_page_group *group = &summary->groups[g];
        count_members(summary, group);
        ws_page_group_mean(summary, group, test_of, NULL, &group->test, &group->test_spread);
        ws_page_group_mean(summary, group, best_of, NULL, &group->best, &group->best_spread);
    }
    qsort(summary->groups, summary->n_groups, sizeof *summary->groups, compare_groups);
    return WS_OK;
}

/* ---- settings ---- */

const char *ws_page_group_setting(const ws_page_summary *summary, const ws_page_group *group,
                                  const char *name)
{
    const char *value = ws_page_setting_find(summary->results[group->members[0]].run, name);
    return value != NULL ? value : "";
}

/** What names a run and its places, and not how it trains. */
static bool is_place(const char *name)
{
    static const char *const names[] = {"run_name", "train_dir", "summaries_dir", "seed"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/** Whether two rows have other values. A run that does not tell, as one of another program, differs
 *  from none. */
static bool differs(const ws_page_summary *summary, const char *name)
{
    const char *first = NULL;

    for (size_t g = 0; g < summary->n_groups; g++) {
        const ws_page_run *run = summary->results[summary->groups[g].members[0]].run;
        const char *value = ws_page_setting_find(run, name);
        if (value != NULL && first != NULL && strcmp(value, first) != 0)
            return true;
        first = first != NULL ? first : value;
    }
    return false;
}

static ws_status find_differing(ws_page_summary *summary)
{
    ws_status status = WS_OK;

    for (size_t g = 0; status == WS_OK && g < summary->n_groups; g++) {
        const ws_page_run *run = summary->results[summary->groups[g].members[0]].run;
        for (size_t i = 0; status == WS_OK && i < run->names.n_items; i++) {
            const char *name = run->names.items[i];
            if (is_place(name) || ws_text_list_has(&summary->differing, name) ||
                !differs(summary, name))
                continue;
            if (summary->differing.n_items < WS_PAGE_MAX_DIFFERING)
                status = ws_text_list_push(&summary->differing, name);
            else
                summary->n_not_shown += g == 0; /* runs of one program have the same names */
        }
    }
    return status;
}

ws_status ws_page_summary_init(ws_page_summary *summary, const ws_page_runs *runs,
                               const char *title, ws_error *err)
{
    ws_status status = WS_OK;

    *summary = (ws_page_summary){.n_results = 0};
    summary->results = calloc(runs->n_items + 1, sizeof *summary->results);
    if (summary->results == NULL)
        return ws_fail_memory(err, "the summary of runs");
    for (size_t i = 0; status == WS_OK && i < runs->n_items; i++)
        if (shows_something(&runs->items[i]))
            status = ws_page_result_init(&summary->results[summary->n_results++], &runs->items[i]);
    if (status == WS_OK && summary->n_results == 0)
        return ws_fail(err, WS_ENOTFOUND,
                       "%s: no event file holds anything that a report shows; expected scalars, "
                       "texts, pictures, sounds, precision-recall curves or a graph (`wordspot "
                       "events check` says whether files are damaged)",
                       title);
    qsort(summary->results, summary->n_results, sizeof *summary->results, compare_results);
    if (status == WS_OK)
        status = make_groups(summary);
    if (status == WS_OK)
        status = find_differing(summary);
    return status == WS_OK ? WS_OK : ws_fail_memory(err, "the summary of runs");
}
