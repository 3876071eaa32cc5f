/**
 * What `label_wav --json` prints: a line for each file, in the order of the files.
 *
 *     {"file":"a.wav","label":"yes","scores":{"_silence_":0.00701514957,"_unknown_":...}}
 *     {"file":"c.wav","label":"alexa","scores":{"alexa":0.99609375},"times":{"alexa":1.13}}
 *     {"file":"b.wav","error":"b.wav: the file is empty, expected a sound file"}
 *
 * "label" is the best one. Scores stand in the order of the model's outputs, with as many digits as
 * bring back the same float. "times" is there for a model that follows a stream: seconds from the
 * start of the file to the end of the step with the score. These names stay; others may be added.
 */
#ifndef WS_CMD_LABEL_JSON_H
#define WS_CMD_LABEL_JSON_H

#include <stdio.h>

#include "base/status.h"
#include "base/text.h"

/** @return WS_OK, or WS_EFORMAT if a label cannot be a key: not UTF-8, or there twice */
WS_MUST_CHECK ws_status ws_label_json_check(const ws_text_list *labels, size_t n_labels,
                                            ws_error *err);

/** A file and what was found. */
typedef struct ws_label_line {
    const char *path;  /* if it is not UTF-8, "?" is written for all but its ASCII characters */
    const char *fault; /* why there are no scores; NULL: there are */
    const char *const *labels;
    const float *scores; /* [n_labels] */
    const float *times;  /* [n_labels] seconds; NULL: the scores are of the whole clip */
    size_t n_labels;
    size_t best; /* index of the highest score */
} ws_label_line;

/** Prints a line. @return WS_OK, WS_EIO if it cannot be written, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_label_json_write(const ws_label_line *line, FILE *out, ws_error *err);

#endif
