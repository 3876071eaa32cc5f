/**
 * A run's checkpoints: the network's arrays (saved_arrays.h), the step and the settings, as a
 * tensor bundle that TensorFlow reads too.
 *
 *     <train_dir>/<architecture>.ckpt-<step>.*   the last five
 *     <train_dir>/best/                          the best on validation
 *     <train_dir>/<architecture>_labels.txt      what the classes are called, one a line
 *
 * A train_dir belongs to one run at a time. What an earlier run left in it is moved into a folder
 * of that run's name, so that no checkpoint is overwritten or taken for another run's.
 */
#ifndef WS_TRAIN_SAVER_H
#define WS_TRAIN_SAVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"
#include "base/text.h"
#include "recognize/saved_arrays.h"
#include "train/plateau.h"

typedef struct ws_saver ws_saver;

typedef struct ws_saver_options {
    const char *train_dir;
    const char *architecture;
    ws_saved_arrays arrays;    /* borrowed until the saver is destroyed */
    const char *settings;      /* the same; text of WS_SETTINGS_ENTRY */
    const char *const *labels; /* [n_labels] borrowed for the call */
    size_t n_labels;
    const char *resumed_run; /* the name of a run that is resumed, whose checkpoints may be there;
                                NULL for a new run */
    int64_t resumed_step;    /* the step that it continues from */
    bool saves_plateau;      /* checkpoints hold ws_saved_point.plateau */
    const ws_log *log;       /* borrowed; may be NULL */
} ws_saver_options;

/**
 * Makes train_dir ready and writes the labels.
 *
 * @return WS_OK; WS_EEXISTS if another process is training into train_dir; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_saver_create(ws_saver **saver, const ws_saver_options *options,
                                        ws_error *err);
void ws_saver_destroy(ws_saver *saver); /* NULL is fine */

/** To be called before the first step: see ws_keeper_begin(). */
WS_MUST_CHECK ws_status ws_saver_begin(ws_saver *saver, ws_error *err);

/** The name of the first array with a number that is not finite, which must not be saved; NULL if
 *  there is none. */
const char *ws_saver_find_nonfinite(const ws_saver *saver);

/** Where a run stood when it was saved. */
typedef struct ws_saved_point {
    int64_t step;
    bool
        lacks_validation; /* of this step: a stop interrupted it, so a resumed run begins with it */
    ws_plateau plateau;   /* with saves_plateau; otherwise zeros */
} ws_saved_point;

/** Saves the arrays as they are now. A failure leaves older checkpoints unchanged. */
WS_MUST_CHECK ws_status ws_saver_write(ws_saver *saver, ws_saved_point point, ws_error *err);

/** Saves them as the best ones too, if accuracy beats that of all evaluations before. */
WS_MUST_CHECK ws_status ws_saver_write_if_best(ws_saver *saver, ws_saved_point point,
                                               double accuracy, ws_error *err);

/**
 * The best evaluation so far, which a resumed run has from its checkpoint.
 *
 * @param accuracy  set as the float that it was saved as
 * @return false if there is none
 */
bool ws_saver_get_best(const ws_saver *saver, int64_t *step, double *accuracy);

/** The last checkpoint that was written or found, for --start_checkpoint; NULL: none. */
const char *ws_saver_last(const ws_saver *saver);

/** "<train_dir>/<architecture>.ckpt", to which the step is added. */
const char *ws_saver_prefix(const ws_saver *saver);

/**
 * Reads a checkpoint, ours or TensorFlow's, as ws_saved_arrays_read does.
 *
 * @param checkpoint  prefix as ws_checkpoint_locate gives it
 * @param point       set; its step is the checkpoint's global_step: the next one comes after it
 */
WS_MUST_CHECK ws_status ws_saver_read(const char *checkpoint, const ws_saved_arrays *arrays,
                                      ws_saved_point *point, const ws_log *log, ws_error *err);

#endif
