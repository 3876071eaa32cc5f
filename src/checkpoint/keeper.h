/**
 * Which checkpoints of a run stay on disk: the last few, and the best on validation.
 *
 *     <dir>/checkpoint                     names the last few
 *     <dir>/<name>.ckpt-<step>.*           one set of files each
 *     <dir>/best/checkpoint                names the best one
 *     <dir>/best/<name>.ckpt-<step>.*
 *
 * So `--start_checkpoint=<dir>` means the latest and `--start_checkpoint=<dir>/best` the best one,
 * here and in tf.train.latest_checkpoint. An old checkpoint is deleted only when the new one and
 * the `checkpoint` file are safely on disk.
 */
#ifndef WS_CHECKPOINT_KEEPER_H
#define WS_CHECKPOINT_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"
#include "checkpoint/bundle.h"

#define WS_KEEPER_LAST       5      /* as tf.train.Saver */
#define WS_KEEPER_BEST_DIR   "best" /* beside the last ones */
/* In a best checkpoint: its score as a float32 scalar, so that a resumed run knows what to beat. */
#define WS_KEEPER_SCORE_NAME "wordspot/best_score"

typedef struct ws_keeper_options {
    const char *dir;  /* created if missing */
    const char *name; /* of the architecture: only `<name>.ckpt-<step>` are this keeper's */
    /**
     * true: the run resumes from a checkpoint in dir and continues the list in its `checkpoint`
     * file. In the end it leaves the same files as an uninterrupted run.
     * false: a new run; files of an old run are neither counted nor deleted (a file of the same
     * name is replaced).
     */
    bool is_resumed;
    /**
     * The step that a resumed run starts from; 0: that of the newest checkpoint. Later checkpoints
     * are abandoned: they leave the list (the resumed run replaces their files when it reaches
     * their steps), and a later best one no longer has to be beaten.
     */
    int64_t last_step;
    size_t n_last;     /* 0: WS_KEEPER_LAST */
    const ws_log *log; /* borrowed, NULL: silent; only warnings */
} ws_keeper_options;

typedef struct ws_keeper ws_keeper;

/**
 * Makes the directory and, for a resumed run, takes over its list. A damaged list or best
 * checkpoint is a warning, after which the keeper starts without it. Half-written files of
 * processes that are gone are deleted.
 *
 * @param keeper  set on success; ws_keeper_destroy it
 * @return WS_OK; WS_ENOTFOUND (dir is a file), WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_keeper_create(ws_keeper **keeper, const ws_keeper_options *options,
                                         ws_error *err);
void ws_keeper_destroy(ws_keeper *keeper); /* NULL is fine; deletes no file */

/**
 * Call before the first step of a resumed run. Writes the `checkpoint` file if it still names an
 * abandoned checkpoint, unless the list becomes empty. Otherwise a run that is killed before it
 * saves would next resume from the abandoned checkpoint.
 *
 * @return WS_OK, WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_keeper_begin(ws_keeper *keeper, ws_error *err);

/**
 * Writes `<dir>/<name>.ckpt-<step>`, then the `checkpoint` file, then deletes the checkpoints that
 * are too old. After a failure the earlier checkpoints and the `checkpoint` file are unchanged, and
 * nothing of the new one is left; the keeper stays usable.
 *
 * @param tensors  [n_tensors] for ws_bundle_write
 */
WS_MUST_CHECK ws_status ws_keeper_write(ws_keeper *keeper, int64_t step,
                                        const ws_bundle_tensor *tensors, size_t n_tensors,
                                        ws_error *err);

/** Whether score (higher is better) beats that of the best so far; the first one always does. */
bool ws_keeper_is_better(const ws_keeper *keeper, float score);

/** As ws_keeper_write, for the best checkpoint, which replaces the earlier best one. The caller
 *  asks ws_keeper_is_better first; the score is saved in it as WS_KEEPER_SCORE_NAME. */
WS_MUST_CHECK ws_status ws_keeper_write_best(ws_keeper *keeper, int64_t step, float score,
                                             const ws_bundle_tensor *tensors, size_t n_tensors,
                                             ws_error *err);

/** The prefix of the last checkpoint written or found, or NULL; owned by the keeper. */
const char *ws_keeper_last(const ws_keeper *keeper);
/** The same for the best one; its score is *score (may be NULL). */
const char *ws_keeper_best(const ws_keeper *keeper, float *score);

#endif
