/** What a trained model makes of clips whose labels are known. */
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
    /** What clip i is called, and its label, below the number of labels; the name is a path unless
     *  there is a read function, and lives as long as the call. */
    const char *(*get)(void *user, size_t i, int32_t *label);
    /** Fills the samples of clip i as of ws_labeller_run_samples(); NULL: the files are read. */
    ws_status (*read)(void *user, size_t i, float *samples, ws_error *err);
    /** After every batch, with the clips that are done; may be NULL. */
    void (*show_progress)(void *user, size_t n_done);
    const ws_log *log; /* a warning for each clip that cannot be read; NULL: nobody */
} ws_exam_clips;

/** What came out. */
typedef struct ws_exam {
    ws_confusion *confusion; /* owned */
    size_t n_clips;          /* that were labelled */
    size_t n_broken;         /* that were not: they count nowhere */
    size_t *entries;         /* [n_clips] which of the clips; owned */
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
