/**
 * The confusion matrix: of how many clips of each class the model said what.
 *
 *                 predicted
 *            silence  yes   no
 *     silence   258     0    0
 *     true yes    7     6   26        counts[1][2] = 26: clips of "yes" that were taken for "no"
 *     no         10     1  107
 *
 * Everything else (accuracy, recall, precision, the text of the log, the picture) follows from it.
 */
#ifndef WS_METRICS_CONFUSION_H
#define WS_METRICS_CONFUSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define WS_CONFUSION_MAX_LABELS 4096

typedef struct ws_confusion {
    size_t n_labels;
    uint64_t *counts; /* owned, [n_labels true][n_labels predicted] */
} ws_confusion;

/**
 * Makes a matrix of zeros, to be given back with ws_confusion_destroy().
 *
 * @param n_labels  1..WS_CONFUSION_MAX_LABELS
 * @return WS_OK; WS_EINVAL for another number of labels, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_confusion_create(size_t n_labels, ws_confusion **confusion,
                                            ws_error *err);
void ws_confusion_destroy(ws_confusion *confusion);

/** Back to zeros, for the next evaluation. */
void ws_confusion_reset(ws_confusion *confusion);

/** What the logits [n_labels] of a clip say: the index of the largest, the lowest of equal ones, or
 *  0 where no logit is a number (the original counts such rows so, too). */
size_t ws_confusion_predict(const float *logits, size_t n_labels);

/**
 * Counts a batch.
 *
 * @param logits  [n][n_labels]
 * @param labels  [n], each in 0..n_labels-1 (asserted)
 */
void ws_confusion_push(ws_confusion *confusion, const float *logits, const int32_t *labels,
                       size_t n);

/** The number of clips counted; those of the true class; those taken for the class. */
uint64_t ws_confusion_total(const ws_confusion *confusion);
uint64_t ws_confusion_true_total(const ws_confusion *confusion, size_t label);
uint64_t ws_confusion_predicted_total(const ws_confusion *confusion, size_t label);

/** The share of clips that were recognised, 0..1; 0 of an empty matrix, as the original logs it. */
double ws_confusion_accuracy(const ws_confusion *confusion);

/** The share of the clips of a class that were recognised, 0..1; NaN if there was no such clip. */
double ws_confusion_recall(const ws_confusion *confusion, size_t label);

/** The share of right answers where the model said this class, 0..1; NaN if it never said it. */
double ws_confusion_precision(const ws_confusion *confusion, size_t label);

/**
 * The matrix as the original logs it below "Confusion Matrix:": NumPy's layout of an array after
 * one space, without a line feed at the end.
 *
 *      [[258   0   0]
 *      [  7   6  26]
 *      [ 10   1 107]]
 *
 * (each line starts with one space). Rows longer than 75 columns are wrapped, more than 1000
 * elements (32 labels) are summarised with dots; of an empty matrix it is " None".
 *
 * @return a new string (free()); NULL when out of memory
 */
char *ws_confusion_text(const ws_confusion *confusion);

#endif
