#include "cmd/label_json.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json.h"

enum { FLOAT_DIGITS = 9 }; /* enough for any float */

ws_status ws_label_json_check(const ws_text_list *labels, size_t n_labels, ws_error *err)
{
    ws_status status = WS_OK;
    ws_json *seen = ws_json_create();

    for (size_t i = 0; status == WS_OK && i < n_labels; i++) {
        const char *label = labels->items[i];
        if (ws_json_has(seen, label))
            status = ws_fail(err, WS_EFORMAT,
                             "--json: the label \"%s\" is there twice, expected each once", label);
        ws_json_set_bool(seen, label, true);
        if (ws_json_get_status(seen) == WS_EFORMAT)
            status = ws_fail(err, WS_EFORMAT, "--json: label %zu, \"%s\", is not UTF-8 text", i + 1,
                             label);
    }
    if (ws_json_get_status(seen) == WS_ENOMEM)
        status = ws_fail_memory(err, "labels");
    ws_json_destroy(seen);
    return status;
}

/** @param values  [n_labels] */
static ws_json *list_values(const ws_label_line *line, const float *values)
{
    ws_json *list = ws_json_create();

    for (size_t i = 0; i < line->n_labels; i++)
        ws_json_set_real(list, line->labels[i], (double)values[i]);
    return list;
}

static ws_json *make_line(const ws_label_line *line)
{
    ws_json *made = ws_json_create();

    ws_json_set_text(made, "file", line->path);
    if (line->fault != NULL) {
        ws_json_set_text(made, "error", line->fault);
    } else {
        ws_json_set_text(made, "label", line->labels[line->best]);
        ws_json_set_child(made, "scores", list_values(line, line->scores));
        if (line->times != NULL)
            ws_json_set_child(made, "times", list_values(line, line->times));
    }
    return made;
}

ws_status ws_label_json_write(const ws_label_line *line, FILE *out, ws_error *err)
{
    ws_json *made = make_line(line);
    char *text = ws_json_write(made, (ws_json_style){.n_digits = FLOAT_DIGITS});

    ws_json_destroy(made);
    if (text == NULL)
        return ws_fail_memory(err, "a line of JSON");
    const int n = fprintf(out, "%s\n", text);
    free(text);
    return n > 0 ? WS_OK : ws_fail_errno(err, errno, "the labels cannot be written");
}
