/** Tags of curves, and the charts that have several of them. Pages of TensorBoard group tags by
 *  what stands before the "/", in the order of the alphabet, and open the first two groups. */
#ifndef WS_REPORT_SCALAR_TAGS_H
#define WS_REPORT_SCALAR_TAGS_H

#include "report/view.h"

/* TensorFlow's own tags, so that its runs and ours share a chart; the rate it does not show. */
#define WS_TAG_ACCURACY      "eval/accuracy"
#define WS_TAG_CROSS_ENTROPY "eval/cross_entropy"
#define WS_TAG_LEARNING_RATE "eval/learning_rate"
#define WS_TAG_RAW_ACCURACY  "eval/accuracy_without_ema"
#define WS_TAG_MACRO_RECALL  "eval/macro_recall"

#define WS_TAG_CLIPS_PER_SECOND "steps/clips_per_second"
#define WS_TAG_EPOCH            "steps/epoch"
#define WS_TAG_GRADIENT_NORM    "steps/gradient_norm"
#define WS_TAG_WAIT             "steps/wait" /* where several processes train together */
#define WS_TAG_NOT_FINITE       "steps/not_finite"

/* Groups with a tag for each label. */
#define WS_TAGS_RECALL    "eval_recall"    /* sorts right after "eval": open at first */
#define WS_TAGS_PRECISION "word_precision" /* sorts later */

/** Writes the layout of the Custom Scalars page: training and validation in one chart, the recalls
 *  of all labels in another. The same in each run, since TensorBoard joins those of all. */
void ws_scalar_layout_add(ws_report *report);

#endif
