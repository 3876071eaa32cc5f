/** The model that the commands of label_flags.h are given: a graph or a checkpoint. */
#ifndef WS_CMD_LABEL_MODEL_H
#define WS_CMD_LABEL_MODEL_H

#include "base/log.h"
#include "cmd/checkpoint_model.h"
#include "cmd/label_flags.h"
#include "nn/network.h"

/** Large; not for a stack. */
typedef struct ws_label_model {
    ws_frozen graph;                /* of --graph */
    ws_checkpoint_model checkpoint; /* of --start_checkpoint */
    ws_text_list file_labels;       /* of --labels */
    const ws_frozen *frozen;        /* the one that is there */
    const ws_text_list *labels;     /* the same; as many as the model has scores */
} ws_label_model;

/**
 * Reads the model and its labels.
 *
 * @param flags  of the command, whose values are a ws_label_flags. They take over the settings of a
 *               checkpoint
 * @param log    a warning if the sample rate is assumed
 * @param model  overwritten; ws_label_model_close() it, after a failure too
 * @return WS_OK; WS_EUSAGE naming the flag that is missing or does not belong there; what the files
 *         say
 */
WS_MUST_CHECK ws_status ws_label_model_open(ws_flags *flags, const ws_log *log,
                                            ws_label_model *model, ws_error *err);

void ws_label_model_close(ws_label_model *model);

/** What --engine says. @return WS_OK, or WS_EUSAGE if it, or --isa, names none */
WS_MUST_CHECK ws_status ws_label_engine_find(const ws_train_options *options, ws_engine *engine,
                                             ws_error *err);

#endif
