/** The model that the flags of label_flags.h name. */
#ifndef WS_CMD_LABEL_MODEL_H
#define WS_CMD_LABEL_MODEL_H

#include "base/log.h"
#include "cmd/label_flags.h"
#include "recognize/model_file.h"

/**
 * Reads the model and its labels.
 *
 * @param flags  of the command, whose values are a ws_label_flags. They take over the settings of a
 *               checkpoint
 * @param log    a warning if the sample rate is assumed
 * @param model  overwritten; ws_model_file_close() it, also after a failure
 * @return WS_OK; WS_EUSAGE naming the flag that is missing, does not belong there or contradicts
 * the model; as of ws_model_file_open
 */
WS_MUST_CHECK ws_status ws_label_model_open(ws_flags *flags, const ws_log *log,
                                            ws_model_file *model, ws_error *err);

#endif
