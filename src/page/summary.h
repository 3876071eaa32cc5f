/** What a report is about: how well each run did, on which words, with which mistakes; runs that
 *  differ in the seed alone as one row; and the settings in which rows differ. */
#ifndef WS_PAGE_SUMMARY_H
#define WS_PAGE_SUMMARY_H

#include "page/gather.h"

enum { WS_PAGE_MAX_WORDS = 64, WS_PAGE_MAX_DIFFERING = 12 };

/** The exact confusion matrix of an evaluation. All zeros: not found. */
typedef struct ws_page_matrix {
    ws_text_list words; /* [n] = [words.n_items] */
    uint64_t *counts;   /* [n said, n heard] owned */
    int64_t step;
    const char *part; /* "test" or "validation" */
} ws_page_matrix;

/** A clip that was taken for another word. Texts and items are those of the run. */
typedef struct ws_page_mistake {
    char *said, *heard, *sureness, *clip; /* owned */
    const ws_page_item *picture, *sound;  /* NULL: not there */
} ws_page_mistake;

typedef struct ws_page_result {
    const ws_page_run *run;
    double test, best, last; /* accuracies, 0 to 1; NaN: not known. best and last: of validation, of
                                foreign runs without it the run's own, as far as its tag does not
                                say that it is of training */
    int64_t best_step;
    int64_t n_steps; /* the last one of all curves; those in the run's own part only count where
                        there are no others */
    ws_page_matrix matrix;
    ws_page_mistake *mistakes; /* [n_mistakes] owned, the worst first */
    size_t n_mistakes;
} ws_page_result;

/** Runs that differ in the seed alone. */
typedef struct ws_page_group {
    size_t *members; /* [n_members] owned: places among the results, the best first */
    size_t n_members;
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

/**
 * Over the members of a group that have the figure.
 *
 * @param mean    set; NaN: none has it
 * @param spread  set to the standard deviation (n - 1); NaN: fewer than two have it
 */
void ws_page_group_mean(const ws_page_summary *summary, const ws_page_group *group,
                        ws_page_value *value_of, const void *context, double *mean, double *spread);

/** The value of a setting in a group: that of its first member; "" if it has none. */
const char *ws_page_group_setting(const ws_page_summary *summary, const ws_page_group *group,
                                  const char *name);

/** Of a row or a column, and the share on the diagonal; NaN where there is no clip. */
uint64_t ws_page_matrix_said(const ws_page_matrix *matrix, size_t word);
uint64_t ws_page_matrix_heard(const ws_page_matrix *matrix, size_t word);
double ws_page_matrix_recall(const ws_page_matrix *matrix, size_t word);
double ws_page_matrix_precision(const ws_page_matrix *matrix, size_t word);

#endif
