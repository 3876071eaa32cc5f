/** Tags with the labels of a run in them. Labels are names of folders, so they may be any bytes. */
#ifndef WS_REPORT_LABEL_TAGS_H
#define WS_REPORT_LABEL_TAGS_H

#include "base/text.h"
#include "report/observation.h"

/**
 * "<group>/<label>" for each label, as TensorBoard takes it: bytes that are not UTF-8, control
 * characters and "(", at which the Custom Scalars page fails, become "?". Then, so that no two tags
 * are equal, the label's number follows: "eval_recall/caf? #3".
 *
 * @param tags  an empty list, [n_labels] afterwards; ws_text_list_deinit() it, also after a failure
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_label_tags_push(ws_text_list *tags, const ws_observation *observation,
                                           const char *group, ws_error *err);

#endif
