/** Any model by its path alone, for libwordspot: what it is follows from the path. Private to
 *  recognize/. */
#ifndef WS_RECOGNIZE_SPOTTER_MODEL_H
#define WS_RECOGNIZE_SPOTTER_MODEL_H

#include "recognize/model_file.h"

/** Large; not for a stack. */
typedef struct ws_spotter_model {
    ws_model_file file;
    ws_train_options options; /* the settings in a checkpoint */
    ws_flags flags;           /* of options */
} ws_spotter_model;

/**
 * Reads a model that says itself how sound becomes its features.
 *
 * @param path    a checkpoint as ws_checkpoint_locate takes it, a frozen graph, or a SavedModel
 *                directory
 * @param labels  file of labels; NULL: the model's own
 * @param model   overwritten; ws_spotter_model_close() it, also after a failure
 * @return WS_OK; WS_EUSAGE for a graph without a file of labels; WS_EFORMAT also for a checkpoint
 *         without settings, which TensorFlow wrote, and for a graph without a sample rate; else as
 *         ws_model_file_open
 */
WS_MUST_CHECK ws_status ws_spotter_model_open(const char *path, const char *labels,
                                              ws_spotter_model *model, ws_error *err);

/** All zeros is fine. */
void ws_spotter_model_close(ws_spotter_model *model);

#endif
