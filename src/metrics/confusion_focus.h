/** The part of a large confusion matrix that is worth a look: who is taken for whom most often. */
#ifndef WS_METRICS_CONFUSION_FOCUS_H
#define WS_METRICS_CONFUSION_FOCUS_H

#include "metrics/confusion.h"

/**
 * Chooses the labels of the largest confusions: of these, in falling order, each whose labels still
 * fit. Where there is nothing (left) to choose, fewer labels come out; with no confusion at all,
 * the first ones.
 *
 * @param n_wanted  2 or more
 * @param labels    [n_wanted] filled, rising
 * @return how many; 0 when out of memory
 */
size_t ws_confusion_focus_find(const ws_confusion *confusion, size_t n_wanted, size_t *labels);

/**
 * The confusions among some labels, with all other labels joined into one more at the end. Right
 * answers are left out: the diagonal is 0, but for the confusions among the joined ones.
 *
 * @param labels  [n] rising
 * @param counts  [n + 1 true][n + 1 predicted] filled; with all labels of the matrix the last row
 *                and column are 0
 */
void ws_confusion_focus_get(const ws_confusion *confusion, const size_t *labels, size_t n,
                            uint64_t *counts);

#endif
