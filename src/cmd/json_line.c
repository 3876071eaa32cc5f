#include "cmd/json_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "settings/flags.h"

enum { REAL_DIGITS = 15 }; /* 0.1 stays 0.1 */

/** Writes to a device or a pipe, such as /dev/null or /dev/fd/3, which stays what it is. */
static ws_status write_to(const char *path, const char *text, ws_error *err)
{
    FILE *file = fopen(path, "we");
    bool is_good = file != NULL && fputs(text, file) != EOF;

    if (file != NULL)
        is_good = fclose(file) == 0 && is_good;
    return is_good ? WS_OK : ws_fail_errno(err, errno, "%s: cannot be written", path);
}

ws_status ws_json_line_write(const char *path, ws_json *made, ws_error *err)
{
    char *text = ws_json_write(made, (ws_json_style){.n_digits = REAL_DIGITS});
    char *with_end = text != NULL ? ws_text_format("%s\n", text) : NULL;
    ws_status status = WS_OK;

    ws_json_destroy(made);
    free(text);
    if (with_end == NULL)
        status = ws_fail_memory(err, "a line of JSON");
    else if (strcmp(path, WS_FLAG_STANDARD_OUTPUT) != 0 && ws_file_is_special(path))
        status = write_to(path, with_end, err);
    else if (strcmp(path, WS_FLAG_STANDARD_OUTPUT) != 0)
        status = ws_file_write(path, with_end, strlen(with_end), err);
    else if (fputs(with_end, stdout) == EOF || fflush(stdout) != 0)
        status = ws_fail_errno(err, errno, "the line of JSON cannot be written");
    free(with_end);
    return status;
}
