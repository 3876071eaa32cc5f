/** How well a run did: its accuracies, its confusion matrix, its mistakes. */
#ifndef WS_PAGE_RESULT_H
#define WS_PAGE_RESULT_H

#include "page/gather.h"

enum { WS_PAGE_MAX_WORDS = 64 };

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

/**
 * @param result  set; for ws_page_result_deinit(), also after a failure
 * @param run     borrowed as long as the result
 * @return WS_OK; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_page_result_init(ws_page_result *result, const ws_page_run *run);
void ws_page_result_deinit(ws_page_result *result);

/** Of a row or a column, and the share on the diagonal; NaN where there is no clip. */
uint64_t ws_page_matrix_said(const ws_page_matrix *matrix, size_t word);
uint64_t ws_page_matrix_heard(const ws_page_matrix *matrix, size_t word);
double ws_page_matrix_recall(const ws_page_matrix *matrix, size_t word);
double ws_page_matrix_precision(const ws_page_matrix *matrix, size_t word);

#endif
