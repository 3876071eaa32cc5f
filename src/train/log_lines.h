/** What a run says of itself in its log: lines in the original's words. */
#ifndef WS_TRAIN_LOG_LINES_H
#define WS_TRAIN_LOG_LINES_H

#include "base/log.h"
#include "report/report.h"

/** A line for an epoch that begins, from 1, of n_epochs; none for epoch 0. */
void ws_log_lines_epoch(const ws_log *log, int64_t epoch, double n_epochs);

/** A line for a training step. */
void ws_log_lines_step(const ws_log *log, const ws_report_step *step);

/** The confusion matrix, and a line with the accuracy: of the final test in the log's level for
 *  results. */
void ws_log_lines_evaluation(const ws_log *log, const ws_evaluation *evaluation);

#endif
