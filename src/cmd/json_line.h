/** The one line of JSON that a command writes about its work. */
#ifndef WS_CMD_JSON_LINE_H
#define WS_CMD_JSON_LINE_H

#include "base/json.h"

/**
 * Writes an object and a line feed.
 *
 * @param path  a file, replaced in one step; WS_FLAG_STANDARD_OUTPUT
 * @param made  destroyed in any case; NULL: there was no memory for it
 * @return WS_OK; WS_EIO or WS_ENOTFOUND if it cannot be written, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_json_line_write(const char *path, ws_json *made, ws_error *err);

#endif
