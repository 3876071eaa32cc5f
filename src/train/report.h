/**
 * What a run says of itself: log lines in the original's words, and event files for TensorBoard.
 *
 *     <summaries_dir>/<run_name>/train        accuracy, cross entropy and rate of every step
 *     <summaries_dir>/<run_name>/validation   accuracy, cross entropy and the confusion matrix as a
 *     <summaries_dir>/<run_name>/test         picture, a point each evaluation
 *
 * Figures that cannot be written are a warning, once, and no reason to end the training.
 */
#ifndef WS_TRAIN_REPORT_H
#define WS_TRAIN_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"
#include "metrics/confusion.h"

typedef struct ws_report ws_report;

typedef struct ws_report_options {
    const char *summaries_dir, *run_name; /* borrowed until the report is destroyed */
    int64_t first_step;        /* of this process: 1, or the one after the checkpoint's */
    int64_t log_step_interval; /* at least 1 */
    const char *const *labels; /* [n_labels] borrowed until the report is destroyed */
    size_t n_labels;
    const ws_log *log; /* the same; may be NULL */
} ws_report_options;

/** Which clips an evaluation was made with. */
typedef enum ws_report_set { WS_REPORT_VALIDATION, WS_REPORT_TEST, WS_REPORT_N_SETS } ws_report_set;

/** Opens the event files of training and validation. @return WS_OK, WS_EIO or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_report_create(ws_report **report, const ws_report_options *options,
                                         ws_error *err);
/** Closes them; NULL is fine. */
void ws_report_destroy(ws_report *report);

typedef struct ws_report_step {
    int64_t step;
    double rate;
    double accuracy;      /* 0 to 1, of the batch, before the update, with dropout */
    double cross_entropy; /* the same */
    int is_logged;        /* print it even if log_step_interval passes it over */
} ws_report_step;

void ws_report_push_step(ws_report *report, const ws_report_step *step);

/** @param cross_entropy  mean over the clips that the confusion matrix has counted */
void ws_report_push_evaluation(ws_report *report, ws_report_set set, int64_t step,
                               const ws_confusion *confusion, double cross_entropy);

/** Hands everything to the system, so that it survives the end of the process: to be called before
 *  a checkpoint gets its name, from which a run may go on. */
void ws_report_flush(ws_report *report);

#endif
