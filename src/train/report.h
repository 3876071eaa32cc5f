/** What a run says of itself in its log: lines in the original's words. */
#ifndef WS_TRAIN_REPORT_H
#define WS_TRAIN_REPORT_H

#include "base/log.h"
#include "board/board.h"

/** A line for a training step. */
void ws_report_step(const ws_log *log, const ws_board_step *step);

/** The confusion matrix, and a line with the accuracy: of the final test in the log's level for
 *  results. */
void ws_report_evaluation(const ws_log *log, const ws_evaluation *evaluation);

#endif
