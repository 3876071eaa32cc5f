#include "metrics/confusion.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

ws_status ws_confusion_create(size_t n_labels, ws_confusion **confusion, ws_error *err)
{
    *confusion = NULL;
    if (n_labels == 0 || n_labels > WS_CONFUSION_MAX_LABELS)
        return ws_fail(err, WS_EINVAL, "a confusion matrix of %zu labels, expected 1 to %d",
                       n_labels, WS_CONFUSION_MAX_LABELS);
    ws_confusion *made = calloc(1, sizeof *made);
    uint64_t *counts = calloc(n_labels * n_labels, sizeof *counts);
    if (made == NULL || counts == NULL) {
        free(made);
        free(counts);
        return ws_fail_memory(err, "a confusion matrix");
    }
    *made = (ws_confusion){.n_labels = n_labels, .counts = counts};
    *confusion = made;
    return WS_OK;
}

void ws_confusion_destroy(ws_confusion *confusion)
{
    if (confusion == NULL)
        return;
    free(confusion->counts);
    free(confusion);
}

void ws_confusion_reset(ws_confusion *confusion)
{
    const size_t n = confusion->n_labels * confusion->n_labels;
    memset(confusion->counts, 0, n * sizeof *confusion->counts);
}

/* Nothing compares as larger than NaN nor NaN as larger than anything: such logits are passed by.
 */
size_t ws_confusion_predict(const float *logits, size_t n_labels)
{
    size_t largest = 0;
    float value = -INFINITY;
    for (size_t i = 0; i < n_labels; i++) {
        if (logits[i] > value) {
            value = logits[i];
            largest = i;
        }
    }
    return largest;
}

void ws_confusion_push(ws_confusion *confusion, const float *logits, const int32_t *labels,
                       size_t n)
{
    const size_t n_labels = confusion->n_labels;
    for (size_t i = 0; i < n; i++) {
        assert(labels[i] >= 0 && (size_t)labels[i] < n_labels);
        const size_t predicted = ws_confusion_predict(logits + i * n_labels, n_labels);
        confusion->counts[(size_t)labels[i] * n_labels + predicted]++;
    }
}

/** The sum of n counts that lie stride apart. */
static uint64_t sum_counts(const uint64_t *counts, size_t n, size_t stride)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += counts[i * stride];
    return sum;
}

uint64_t ws_confusion_total(const ws_confusion *confusion)
{
    return sum_counts(confusion->counts, confusion->n_labels * confusion->n_labels, 1);
}

uint64_t ws_confusion_true_total(const ws_confusion *confusion, size_t label)
{
    assert(label < confusion->n_labels);
    return sum_counts(confusion->counts + label * confusion->n_labels, confusion->n_labels, 1);
}

uint64_t ws_confusion_predicted_total(const ws_confusion *confusion, size_t label)
{
    assert(label < confusion->n_labels);
    return sum_counts(confusion->counts + label, confusion->n_labels, confusion->n_labels);
}

double ws_confusion_accuracy(const ws_confusion *confusion)
{
    const uint64_t total = ws_confusion_total(confusion);
    const uint64_t right =
        sum_counts(confusion->counts, confusion->n_labels, confusion->n_labels + 1);
    return total == 0 ? 0.0 : (double)right / (double)total;
}

/** The share of the label's own cell in a total. */
static double share_of_hits(const ws_confusion *confusion, size_t label, uint64_t total)
{
    const uint64_t hits = confusion->counts[label * (confusion->n_labels + 1)];
    return total == 0 ? (double)NAN : (double)hits / (double)total;
}

double ws_confusion_recall(const ws_confusion *confusion, size_t label)
{
    return share_of_hits(confusion, label, ws_confusion_true_total(confusion, label));
}

double ws_confusion_precision(const ws_confusion *confusion, size_t label)
{
    return share_of_hits(confusion, label, ws_confusion_predicted_total(confusion, label));
}
