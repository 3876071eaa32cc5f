#include "sweep/definition.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"

enum { MAX_BYTES = 1 << 20 };

static const char heading[] = "# What this sweep is made of; `wordspot sweep` reads it.";

ws_status ws_sweep_definition_push(ws_text_list *lines, const char *key, const char *value,
                                   ws_error *err)
{
    char *line = ws_text_format("%s=%s", key, value);
    const ws_status status = line != NULL ? ws_text_list_push(lines, line) : WS_ENOMEM;

    free(line);
    return status == WS_OK ? WS_OK : ws_fail_memory(err, "the definition of a sweep");
}

/** The value of a line, if it is of that key. */
static const char *value_of(const char *line, const char *key)
{
    const size_t n = strlen(key);
    return strncmp(line, key, n) == 0 && line[n] == '=' ? line + n + 1 : NULL;
}

const char *ws_sweep_definition_get(const ws_text_list *lines, const char *key)
{
    for (size_t i = 0; i < lines->n_items; i++)
        if (value_of(lines->items[i], key) != NULL)
            return value_of(lines->items[i], key);
    return NULL;
}

ws_status ws_sweep_definition_push_values(const ws_text_list *lines, const char *key,
                                          ws_text_list *values, ws_error *err)
{
    for (size_t i = 0; i < lines->n_items; i++) {
        const char *value = value_of(lines->items[i], key);
        if (value != NULL && ws_text_list_push(values, value) != WS_OK)
            return ws_fail_memory(err, "the definition of a sweep");
    }
    return WS_OK;
}

static ws_status take_lines(const char *path, const char *text, ws_text_list *lines, ws_error *err)
{
    ws_text_list all = {.items = NULL};
    ws_status status = ws_text_list_push_split(&all, text, '\n');

    for (size_t i = 0; status == WS_OK && i < all.n_items; i++) {
        const char *line = all.items[i];
        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (strchr(line, '=') == NULL)
            status = ws_fail(err, WS_EFORMAT, "%s: line %zu is malformed, expected key=value", path,
                             i + 1);
        else
            status = ws_text_list_push(lines, line);
    }
    ws_text_list_deinit(&all);
    return status == WS_ENOMEM ? ws_fail_memory(err, path) : status;
}

ws_status ws_sweep_definition_read(const char *dir, ws_text_list *lines, ws_error *err)
{
    unsigned char *text = NULL;
    size_t size = 0;
    char *path = ws_path_join(dir, "sweep.txt");
    ws_status status = path != NULL ? ws_file_read(path, MAX_BYTES, &text, &size, err)
                                    : ws_fail_memory(err, "the definition of a sweep");

    if (status == WS_OK)
        status = take_lines(path, (const char *)text, lines, err);
    free(text);
    free(path);
    return status;
}

/** A line as the flag that it came from: `flag=NAME=VALUE` gives NAME=VALUE. */
static const char *name_of(const char *line)
{
    const char *flag = value_of(line, "flag");
    return flag != NULL ? flag : line;
}

/** Fails unless both have the same lines; names the first that differs. */
static ws_status check_lines(const char *dir, const ws_text_list *there, const ws_text_list *wanted,
                             ws_error *err)
{
    for (size_t i = 0; i < wanted->n_items; i++)
        if (!ws_text_list_has(there, wanted->items[i]))
            return ws_fail(err, WS_EUSAGE,
                           "--dir=%s: belongs to another sweep, without --%s; choose another "
                           "directory, or continue that sweep with only --dir",
                           dir, name_of(wanted->items[i]));
    for (size_t i = 0; i < there->n_items; i++)
        if (!ws_text_list_has(wanted, there->items[i]))
            return ws_fail(err, WS_EUSAGE,
                           "--dir=%s: belongs to another sweep, with --%s; choose another "
                           "directory, or continue that sweep with only --dir",
                           dir, name_of(there->items[i]));
    for (size_t i = 0; i < there->n_items && i < wanted->n_items; i++) /* trials are numbered so */
        if (strcmp(there->items[i], wanted->items[i]) != 0)
            return ws_fail(
                err, WS_EUSAGE,
                "--dir=%s: belongs to a sweep whose flags have another order, --%s before "
                "--%s; continue that sweep with only --dir",
                dir, name_of(there->items[i]), name_of(wanted->items[i]));
    return WS_OK;
}

static ws_status write_lines(const char *dir, const ws_text_list *lines, ws_error *err)
{
    ws_buf text;
    char *path = ws_path_join(dir, "sweep.txt");
    ws_status status = WS_OK;

    ws_buf_init(&text, MAX_BYTES);
    ws_buf_push_format(&text, "%s\n", heading);
    for (size_t i = 0; i < lines->n_items; i++)
        ws_buf_push_format(&text, "%s\n", lines->items[i]);
    if (path == NULL || text.status != WS_OK)
        status = ws_fail_memory(err, "the definition of a sweep");
    if (status == WS_OK)
        status = ws_file_stage(path, text.data, text.size, err);
    if (status == WS_OK)
        status = ws_file_commit_new(path, err);
    ws_buf_deinit(&text);
    free(path);
    return status;
}

/** @param is_new  set to whether the directory has no definition yet */
static ws_status check(const char *dir, const ws_text_list *lines, bool *is_new, ws_error *err)
{
    ws_text_list there = {.items = NULL};
    ws_status status = ws_sweep_definition_read(dir, &there, err);

    *is_new = status == WS_ENOTFOUND;
    if (status == WS_OK)
        status = check_lines(dir, &there, lines, err);
    ws_text_list_deinit(&there);
    return *is_new ? WS_OK : status;
}

ws_status ws_sweep_definition_check(const char *dir, const ws_text_list *lines, ws_error *err)
{
    bool is_new = false;
    return check(dir, lines, &is_new, err);
}

ws_status ws_sweep_definition_settle(const char *dir, const ws_text_list *lines, ws_error *err)
{
    bool is_new = false;
    ws_status status = check(dir, lines, &is_new, err);

    if (status != WS_OK || !is_new)
        return status;
    status = ws_dir_create_all(dir, err);
    if (status != WS_OK)
        return status;
    status = write_lines(dir, lines, err);
    return status == WS_EEXISTS ? check(dir, lines, &is_new, err) : status; /* just now */
}
