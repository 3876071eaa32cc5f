/** A trained network that a run learns from: its logits for the features of the run. */
#ifndef WS_RECOGNIZE_TEACHER_H
#define WS_RECOGNIZE_TEACHER_H

#include <stddef.h>

#include "base/log.h"
#include "base/status.h"
#include "base/text.h"
#include "settings/train_options.h"

typedef struct ws_teacher ws_teacher;

/**
 * Reads the checkpoint options->distill, and says whether a run can learn from it: what can be
 * found before there is any data.
 *
 * @return as ws_teacher_create
 */
WS_MUST_CHECK ws_status ws_teacher_check(const ws_train_options *options,
                                         const ws_text_list *labels, ws_error *err);

/**
 * Reads the checkpoint options->distill.
 *
 * @param options  of the run that learns; borrowed for the call
 * @param labels   of that run, borrowed for the call
 * @param log      may be NULL
 * @return WS_OK; WS_EUSAGE if the checkpoint has other labels or other features, naming the flag;
 *         WS_ENOTFOUND, WS_EFORMAT, WS_EIO as for any checkpoint; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_teacher_create(const ws_train_options *options,
                                          const ws_text_list *labels, const ws_log *log,
                                          ws_teacher **teacher, ws_error *err);
/** NULL is fine. */
void ws_teacher_destroy(ws_teacher *teacher);

/**
 * Its logits, without dropout and with running statistics. Allocates nothing, and has the same bits
 * for any number of threads.
 *
 * @param features  [n, size] as the run has them
 * @param logits    [n, n_labels] filled
 */
void ws_teacher_run(ws_teacher *teacher, const float *features, size_t n, float *logits);

#endif
