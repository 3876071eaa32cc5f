/** What a report is about: the results of all runs, the best first; runs that differ in the seed
 * alone as one row; and the settings in which rows differ. */
#ifndef WS_PAGE_SUMMARY_H
#define WS_PAGE_SUMMARY_H

#include "page/result.h"

enum { WS_PAGE_MAX_DIFFERING = 12 };

/** Runs that differ in the seed alone. */
typedef struct ws_page_group {
    size_t *members; /* [n_members] owned: places among the results, the best first, those that
                        failed after all others */
    size_t n_members;
    size_t n_counted; /* the first ones, which the means are of: what a failed run came to is not a
                         result. All if every one failed */
    double test, test_spread, best, best_spread; /* means; spread: standard deviation (n - 1), NaN
                                                    with fewer than two values */
} ws_page_group;

typedef struct ws_page_summary {
    ws_page_result *results; /* [n_results] owned */
    size_t n_results;
    ws_page_group *groups; /* [n_groups] owned, the best first: by test, then by best accuracy */
    size_t n_groups;
    ws_text_list differing; /* settings that have another value in some group */
    size_t n_not_shown;     /* differing ones beyond WS_PAGE_MAX_DIFFERING */
} ws_page_summary;

/**
 * @param runs     borrowed as long as the summary
 * @param title    the paths that they are from, for a sentence
 * @param summary  set, with at least one group; for ws_page_summary_deinit(), also after a failure
 * @return WS_OK; WS_ENOTFOUND: no run shows anything; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_page_summary_init(ws_page_summary *summary, const ws_page_runs *runs,
                                             const char *title, ws_error *err);
void ws_page_summary_deinit(ws_page_summary *summary);

/** A figure of a run; NaN: it has none. */
typedef double ws_page_value(const void *context, const ws_page_result *result);

/** Writes "3 seeds", or "2 of 3 seeds" where one failed. */
void ws_page_group_write_seeds(const ws_page_group *group, char text[64]);

/**
 * Over the first n_counted members of a group, as far as they have the figure.
 *
 * @param mean    set; NaN: none has it
 * @param spread  set to the standard deviation (n - 1); NaN: fewer than two have it
 */
void ws_page_group_mean(const ws_page_summary *summary, const ws_page_group *group,
                        ws_page_value *value_of, const void *context, double *mean, double *spread);

/** The value of a setting in a group: that of its first member; "" if it has none. */
const char *ws_page_group_setting(const ws_page_summary *summary, const ws_page_group *group,
                                  const char *name);

#endif
