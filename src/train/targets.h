/** What the clips of a batch should come to: labels, smoothed or mixed, and a teacher's opinion. */
#ifndef WS_TRAIN_TARGETS_H
#define WS_TRAIN_TARGETS_H

#include <stdbool.h>

#include "base/text.h"
#include "nn/network.h"
#include "settings/train_options.h"

typedef struct ws_targets ws_targets;

/** All is borrowed for the call. */
typedef struct ws_targets_options {
    const ws_train_options *options;
    const ws_text_list *labels;
    size_t max_batch;
    size_t size;       /* numbers of a clip's features */
    const ws_log *log; /* borrowed as long as the targets; may be NULL */
} ws_targets_options;

/**
 * Makes room, and reads the teacher if there is one.
 *
 * @return WS_OK; what ws_teacher_create says; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_targets_create(ws_targets **targets, const ws_targets_options *options,
                                          ws_error *err);
/** NULL is fine. */
void ws_targets_destroy(ws_targets *targets);

/**
 * Sets the features and targets of a step. Labels stay those of the clips; a clip's own label has
 * the largest share. Allocates nothing.
 *
 * @param step   of the run, below 2^32
 * @param batch  with features, labels and n; changed to point into the targets' arrays, which stay
 *               until the next call
 */
void ws_targets_set(ws_targets *targets, int64_t step, ws_batch *batch);

/** Whether ws_targets_set must be given all rows of a training batch; else some of them will do. */
bool ws_targets_need_all_rows(const ws_targets *targets);

#endif
