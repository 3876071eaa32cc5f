#include "cmd/label_json.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { FLOAT_DIGITS = 9 }; /* enough for any float */

ws_status ws_label_json_check(const ws_text_list *labels, size_t n_labels, ws_error *err)
{
    ws_status status = WS_OK;
    json_t *seen = json_object();

    if (seen == NULL)
        return ws_fail_memory(err, "labels");
    for (size_t i = 0; status == WS_OK && i < n_labels; i++) {
        const char *label = labels->items[i];
        if (json_object_get(seen, label) != NULL)
            status = ws_fail(err, WS_EFORMAT,
                             "--json: the label \"%s\" is there twice, expected each once", label);
        else if (json_object_set_new(seen, label, json_true()) != 0)
            status = ws_fail(err, WS_EFORMAT, "--json: label %zu, \"%s\", is not UTF-8 text", i + 1,
                             label);
    }
    json_decref(seen);
    return status;
}

/** A text that may hold any bytes, as a file's name. */
static json_t *make_text(const char *text)
{
    json_t *made = json_string(text);
    if (made != NULL)
        return made;
    char *plain = ws_text_copy(text);
    for (char *p = plain; plain != NULL && *p != '\0'; p++) {
        if ((unsigned char)*p > 127)
            *p = '?';
    }
    made = plain != NULL ? json_string(plain) : NULL;
    free(plain);
    return made;
}

static json_t *make_scores(const ws_label_line *line)
{
    json_t *scores = json_object();

    for (size_t i = 0; scores != NULL && i < line->n_labels; i++) {
        if (json_object_set_new(scores, line->labels[i], json_real((double)line->scores[i])) == 0)
            continue;
        json_decref(scores);
        scores = NULL;
    }
    return scores;
}

/** @return NULL when out of memory; setting a member to NULL fails, and so comes to the same */
static json_t *make_line(const ws_label_line *line)
{
    json_t *made = json_object();
    int failed = json_object_set_new(made, "file", make_text(line->path));

    if (line->fault != NULL) {
        failed |= json_object_set_new(made, "error", make_text(line->fault));
    } else {
        failed |= json_object_set_new(made, "label", json_string(line->labels[line->best]));
        failed |= json_object_set_new(made, "scores", make_scores(line));
    }
    if (failed == 0)
        return made;
    json_decref(made);
    return NULL;
}

ws_status ws_label_json_write(const ws_label_line *line, FILE *out, ws_error *err)
{
    json_t *made = make_line(line);

    if (made == NULL)
        return ws_fail_memory(err, "a line of JSON");
    char *text = json_dumps(made, JSON_COMPACT | JSON_REAL_PRECISION(FLOAT_DIGITS));
    json_decref(made);
    if (text == NULL)
        return ws_fail_memory(err, "a line of JSON");
    const int n = fprintf(out, "%s\n", text);
    free(text);
    return n > 0 ? WS_OK : ws_fail_errno(err, errno, "the labels cannot be written");
}
