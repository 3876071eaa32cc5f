#include "dataset/split_lists.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/utf8.h"

static const size_t max_list_bytes = WS_NAMES_MAX_BYTES;

enum { N_LISTS = 2 };

static const struct {
    ws_set set;
    const char *file;
} known[N_LISTS] = {
    {WS_SET_VALIDATION, "validation_list.txt"},
    {WS_SET_TESTING, "testing_list.txt"},
};

int ws_split_lists_count(const char *data_dir)
{
    int n = 0;

    for (size_t i = 0; i < N_LISTS; i++) {
        char *path = ws_path_join(data_dir, known[i].file);
        n += path != NULL && ws_file_exists(path);
        free(path);
    }
    return n;
}

/** Cuts the next line off *text: without white space around it and "./" before it. */
static char *next_line(char **text)
{
    char *line = *text, *end = line + strcspn(line, "\n");

    *text = *end != '\0' ? end + 1 : end;
    line += strspn(line, " \t\r");
    while (end > line && strchr(" \t\r", end[-1]) != NULL)
        end--;
    *end = '\0';
    return strncmp(line, "./", 2) == 0 ? line + 2 : line;
}

static ws_status read_names(char *text, const char *path, ws_names *names, ws_error *err)
{
    ws_error reason = {0};
    size_t number;

    text += ws_utf8_mark_bytes(text);
    while (*text != '\0') {
        const char *name = next_line(&text);
        if (name[0] == '\0')
            continue;
        const ws_status status = ws_names_push(names, name, &number, &reason);
        if (status != WS_OK)
            return ws_fail(err, status, "%s: %s", path, reason.message);
    }
    return WS_OK;
}

static ws_status read_list(const char *data_dir, const char *file, ws_names *names, ws_error *err)
{
    unsigned char *text = NULL;
    size_t size;
    char *path = ws_path_join(data_dir, file);

    if (path == NULL)
        return ws_fail_memory(err, file);
    ws_status status = ws_file_read(path, max_list_bytes, &text, &size, err);
    if (status == WS_OK && memchr(text, '\0', size) != NULL)
        status = ws_fail(err, WS_EFORMAT,
                         "%s: not a text, expected a line <word>/<clip> for each clip", path);
    if (status == WS_OK)
        status = read_names((char *)text, path, names, err);
    free(text);
    free(path);
    return status;
}

ws_status ws_split_lists_read(const char *data_dir, ws_split_lists *lists, ws_error *err)
{
    const ws_names *validation = &lists->names[WS_SET_VALIDATION];
    const ws_names *testing = &lists->names[WS_SET_TESTING];
    ws_status status = WS_OK;

    *lists = (ws_split_lists){0};
    for (size_t i = 0; status == WS_OK && i < N_LISTS; i++)
        status = read_list(data_dir, known[i].file, &lists->names[known[i].set], err);
    for (size_t i = 0; status == WS_OK && i < validation->n_items; i++) {
        if (ws_names_find(testing, validation->items[i]) < testing->n_items)
            status = ws_fail(err, WS_EFORMAT, "%s: \"%s\" is in both %s and %s", data_dir,
                             validation->items[i], known[0].file, known[1].file);
    }
    return status;
}

ws_set ws_split_lists_find(ws_split_lists *lists, const char *path)
{
    const char *name = ws_path_tail(path);

    for (size_t set = 0; set < WS_N_SETS; set++) {
        if (ws_names_find(&lists->names[set], name) < lists->names[set].n_items) {
            lists->n_found[set]++;
            return (ws_set)set;
        }
    }
    return WS_SET_TRAINING;
}

ws_status ws_split_lists_check(const ws_split_lists *lists, const char *data_dir, const ws_log *log,
                               ws_error *err)
{
    for (size_t i = 0; i < N_LISTS; i++) {
        const size_t n = lists->names[known[i].set].n_items;
        const size_t n_found = lists->n_found[known[i].set];
        if (n > 0 && n_found == 0)
            return ws_fail(err, WS_EFORMAT,
                           "%s/%s: none of its %zu names is that of a clip, expected lines as "
                           "yes/0a7c2a8d_nohash_0.wav (--split=hash does without the lists)",
                           data_dir, known[i].file, n);
        if (n_found < n)
            ws_log_write(log, WS_LOG_INFO, "%s/%s: %zu of its %zu clips are in the data set",
                         data_dir, known[i].file, n_found, n);
    }
    return WS_OK;
}

void ws_split_lists_deinit(ws_split_lists *lists)
{
    for (size_t set = 0; set < WS_N_SETS; set++)
        ws_names_deinit(&lists->names[set]);
    *lists = (ws_split_lists){0};
}
