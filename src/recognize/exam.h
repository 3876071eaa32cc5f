/** Tests a trained model on clips whose labels are known. */
#ifndef WS_RECOGNIZE_EXAM_H
#define WS_RECOGNIZE_EXAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"
#include "metrics/confusion.h"
#include "metrics/mistakes.h"
#include "recognize/labeller.h"

/** The clips of an exam; all is borrowed for the call. */
typedef struct ws_exam_clips {
    size_t n;
    void *user; /* handed to the functions below */
    /** The name and label of clip i; the label is below the number of labels. Without a read
     * function the name is a path. It must live until the call ends. */
    const char *(*get)(void *user, size_t i, int32_t *label);
    /** Fills the samples of clip i as of ws_labeller_run_samples(); NULL: the files are read. */
    ws_status (*read)(void *user, size_t i, float *samples, ws_error *err);
    /** Called after every batch with the number of clips done; may be NULL. */
    void (*show_progress)(void *user, size_t n_done);
    const ws_log *log; /* gets a warning for each clip that cannot be read; NULL: silent */
} ws_exam_clips;

/** The result. */
typedef struct ws_exam {
    ws_confusion *confusion; /* owned */
    size_t n_clips;          /* that were labelled */
    size_t n_broken;         /* that could not be labelled: not counted anywhere */
    size_t *entries;         /* [n_clips] indices of the clips; owned */
    int32_t *labels;         /* [n_clips] the true ones; owned */
    float *logits;           /* [n_clips, n_labels] owned */
} ws_exam;

/**
 * Labels all clips. Each is judged as training's evaluation judges it: by the highest logit.
 *
 * @param labeller  of at least WS_EXAM_BATCH clips in a call
 * @param exam      overwritten; ws_exam_deinit() it, also after a failure
 * @return WS_OK; WS_EFORMAT with the first fault if no clip can be labelled; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_exam_run(ws_labeller *labeller, const ws_exam_clips *clips,
                                    ws_exam *exam, ws_error *err);

void ws_exam_deinit(ws_exam *exam);

/** The clips that were labelled, for the functions of metrics. */
ws_predictions ws_exam_get_predictions(const ws_exam *exam);

enum { WS_EXAM_BATCH = 100 };

#endif
