/** The best evaluation of a run so far, which a resumed run learns from its event files. */
#ifndef WS_REPORT_BEST_FIGURES_H
#define WS_REPORT_BEST_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define WS_BEST_ACCURACY_TAG      "eval-run/best_accuracy"
#define WS_BEST_CROSS_ENTROPY_TAG "eval-run/best_cross_entropy"

/** As floats, as event files have them: else a figure that was read back could be beaten by its
 *  own equal, and a resumed run would differ from one that was not interrupted. */
typedef struct ws_best_figures {
    bool is_known;
    float accuracy;      /* the highest on validation, 0 to 1 */
    float cross_entropy; /* where that was reached first */
} ws_best_figures;

/**
 * What the event files of a folder say of them, before a step. A folder that is not there, or a
 * file that is no event file, says nothing; a damaged file, what stands before the damage.
 *
 * @param first_step  of the process that resumes the run: figures of later steps were given up
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_best_figures_read(const char *dir, int64_t first_step,
                                             ws_best_figures *best, ws_error *err);

#endif
