/** A file of labels, one a line, as training writes beside its checkpoints. */
#ifndef WS_RECOGNIZE_LABEL_FILE_H
#define WS_RECOGNIZE_LABEL_FILE_H

#include "base/status.h"
#include "base/text.h"

/**
 * Appends the labels in a file to a list. Blanks at the end of a line, and empty lines at the end
 * of the file, are ignored.
 *
 * @return WS_OK; WS_ENOTFOUND, WS_EIO; WS_EFORMAT naming the line, if a line in between is empty
 *         or has control characters, or without any label; WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_label_file_read(const char *path, ws_text_list *labels, ws_error *err);

#endif
