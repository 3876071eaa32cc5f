/** A trained model with the names of its scores: a frozen graph or a checkpoint. */
#ifndef WS_RECOGNIZE_MODEL_FILE_H
#define WS_RECOGNIZE_MODEL_FILE_H

#include "formats/frozen.h"
#include "recognize/checkpoint_model.h"

/** Where the model is. All is borrowed for the call, flags as long as the model. */
typedef struct ws_model_file_options {
    const char *graph;       /* the frozen graph, or "" */
    const char *checkpoint;  /* the checkpoint as ws_checkpoint_locate takes it, if graph is "" */
    const char *labels;      /* file of labels; "": the model's own */
    int64_t assumed_rate_hz; /* as for ws_frozen_read */
    ws_flags *flags;         /* as for ws_checkpoint_model_read */
} ws_model_file_options;

/** Large; not for a stack. */
typedef struct ws_model_file {
    ws_frozen graph;                /* of the frozen graph */
    ws_checkpoint_model checkpoint; /* of the checkpoint */
    ws_text_list file_labels;       /* of the file of labels */
    const ws_frozen *frozen;        /* the one that was read */
    const ws_text_list *labels;     /* the same; as many as the model has scores */
} ws_model_file;

/**
 * Reads a model and its labels.
 *
 * @param model  overwritten; ws_model_file_close() it, also after a failure
 * @return WS_OK; WS_EFORMAT if there is not one label per score; WS_EUSAGE if there are no labels,
 *         or the checkpoint has one at another place, or as ws_checkpoint_model_read; errors of
 * reading the files
 */
WS_MUST_CHECK ws_status ws_model_file_open(const ws_model_file_options *options,
                                           ws_model_file *model, ws_error *err);

/** All zeros is fine. */
void ws_model_file_close(ws_model_file *model);

#endif
