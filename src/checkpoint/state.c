#include "checkpoint/state.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"
#include "checkpoint/bundle.h"

#define MAX_FILE_BYTES ((size_t)1 << 20)
#define LATEST_FIELD   "model_checkpoint_path"
#define ALL_FIELD      "all_model_checkpoint_paths"

/** Reads a message in protobuf's text form. */
typedef struct parser {
    const char *path;
    const char *p; /* NUL-terminated; the file itself holds no NUL */
    int line;
    ws_error *err;
} parser;

static ws_status fail_line(const parser *in, const char *expected)
{
    return ws_fail(in->err, WS_EFORMAT, "%s: line %d is malformed: expected %s", in->path, in->line,
                   expected);
}

/** Skips white space, comments and separators between fields. */
static void skip_blank(parser *in)
{
    for (; *in->p != '\0'; in->p++) {
        if (*in->p == '#')
            while (in->p[1] != '\0' && in->p[1] != '\n')
                in->p++;
        else if (*in->p == '\n')
            in->line++;
        else if (!isspace((unsigned char)*in->p) && *in->p != ',' && *in->p != ';')
            return;
    }
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/** Reads up to max_digits digits as a byte; false without a digit. */
static bool read_code(parser *in, int base, int max_digits, unsigned char *byte)
{
    int value = 0, n = 0;
    for (; n < max_digits && digit_of(*in->p) < base; n++)
        value = value * base + digit_of(*in->p++);
    *byte = (unsigned char)value;
    return n > 0 && value < 256;
}

/** Reads one escaped character; the parser is after the backslash. */
static bool read_escape(parser *in, unsigned char *byte)
{
    static const char letters[] = "abfnrtv\\'\"?";
    static const char meanings[] = "\a\b\f\n\r\t\v\\'\"?";

    if (digit_of(*in->p) < 8)
        return read_code(in, 8, 3, byte);
    const char letter = *in->p;
    if (letter == '\0')
        return false;
    in->p++;
    if (letter == 'x' || letter == 'X')
        return read_code(in, 16, 2, byte);
    const char *found = strchr(letters, letter);
    if (found == NULL)
        return false;
    *byte = (unsigned char)meanings[found - letters];
    return true;
}

/** Appends one quoted string, the parser at its opening quote. */
static ws_status read_quoted(parser *in, ws_buf *text)
{
    const char quote = *in->p++;
    while (*in->p != quote) {
        unsigned char byte = (unsigned char)*in->p;
        if (byte == '\0' || byte == '\n')
            return fail_line(in, "a closing quote");
        in->p++;
        if (byte == '\\' && (!read_escape(in, &byte) || byte == '\0'))
            return fail_line(in, "a known escape after the backslash");
        ws_buf_push_byte(text, byte);
    }
    in->p++;
    return WS_OK;
}

/** A string value: one or more quoted parts that are joined. */
static ws_status read_string(parser *in, char **text)
{
    ws_buf buf;
    ws_status status = WS_OK;

    ws_buf_init(&buf, MAX_FILE_BYTES);
    while (status == WS_OK && (*in->p == '"' || *in->p == '\'')) {
        status = read_quoted(in, &buf);
        if (status == WS_OK)
            skip_blank(in);
    }
    if (status == WS_OK) {
        *text = ws_buf_take_string(&buf);
        if (*text == NULL)
            status = ws_fail_memory(in->err, in->path);
    }
    ws_buf_deinit(&buf);
    return status;
}

/** Skips the value of an unknown field: a token, or everything between brackets. */
static ws_status skip_value(parser *in)
{
    int depth = 0;
    do {
        char *text = NULL;
        skip_blank(in);
        if (*in->p == '\0')
            return fail_line(in, "a value");
        if (*in->p == '"' || *in->p == '\'') {
            const ws_status status = read_string(in, &text);
            free(text);
            if (status != WS_OK)
                return status;
        } else if (strchr("{<[", *in->p) != NULL) {
            depth++;
            in->p++;
        } else if (strchr("}>]", *in->p) != NULL) {
            depth--;
            in->p++;
        } else {
            in->p += strcspn(in->p, " \t\r\n\v\f,;#{}<>[]\"'");
        }
    } while (depth > 0);
    return depth == 0 ? WS_OK : fail_line(in, "an opening bracket before a closing one");
}

/** Keeps the value of a known field; if a single field is repeated, the last one counts. */
static ws_status keep_name(ws_checkpoint_state *state, bool is_latest, char *text)
{
    if (is_latest) {
        free(state->latest);
        state->latest = text;
        return WS_OK;
    }
    const ws_status status = ws_text_list_push(&state->all, text);
    free(text);
    return status;
}

static ws_status read_field(parser *in, ws_checkpoint_state *state)
{
    const char *name = in->p;
    size_t length = 0;
    while (isalnum((unsigned char)name[length]) || name[length] == '_')
        length++;
    if (length == 0)
        return fail_line(in, "the name of a field");
    in->p += length;
    skip_blank(in);
    const bool has_colon = *in->p == ':';
    if (has_colon)
        in->p++;
    else if (*in->p != '{' && *in->p != '<')
        return fail_line(in, "a colon after the name of a field");
    const bool is_latest =
        length == strlen(LATEST_FIELD) && memcmp(name, LATEST_FIELD, length) == 0;
    const bool is_all = length == strlen(ALL_FIELD) && memcmp(name, ALL_FIELD, length) == 0;
    if (!is_latest && !is_all)
        return skip_value(in);
    char *text = NULL;
    skip_blank(in);
    if (*in->p != '"' && *in->p != '\'')
        return fail_line(in, "a name in quotes");
    const ws_status status = read_string(in, &text);
    if (status != WS_OK)
        return status;
    return keep_name(state, is_latest, text) == WS_OK ? WS_OK : ws_fail_memory(in->err, in->path);
}

static ws_status parse(const char *path, const char *text, ws_checkpoint_state *state,
                       ws_error *err)
{
    parser in = {.path = path, .p = text, .line = 1, .err = err};
    ws_status status = WS_OK;

    for (skip_blank(&in); status == WS_OK && *in.p != '\0'; skip_blank(&in))
        status = read_field(&in, state);
    return status;
}

ws_status ws_checkpoint_state_read(const char *dir, ws_checkpoint_state *state, ws_error *err)
{
    unsigned char *text = NULL;
    size_t size = 0;

    *state = (ws_checkpoint_state){.latest = NULL};
    char *path = ws_path_join(dir, WS_CHECKPOINT_STATE_NAME);
    if (path == NULL)
        return ws_fail_memory(err, dir);
    ws_status status = ws_file_read(path, MAX_FILE_BYTES, &text, &size, err);
    if (status == WS_OK && memchr(text, '\0', size) != NULL)
        status = ws_fail(err, WS_EFORMAT, "%s: is not a text file (it contains a zero byte)", path);
    if (status == WS_OK)
        status = parse(path, (const char *)text, state, err);
    if (status != WS_OK)
        ws_checkpoint_state_deinit(state);
    free(text);
    free(path);
    return status;
}

void ws_checkpoint_state_deinit(ws_checkpoint_state *state)
{
    free(state->latest);
    ws_text_list_deinit(&state->all);
    *state = (ws_checkpoint_state){.latest = NULL};
}

/** One line; what is not printable ASCII is escaped in octal, as TensorFlow does. */
static void push_line(ws_buf *buf, const char *field, const char *name)
{
    ws_buf_push_format(buf, "%s: \"", field);
    for (const char *c = name; *c != '\0'; c++) {
        const unsigned char byte = (unsigned char)*c;
        if (byte == '"' || byte == '\\')
            ws_buf_push_format(buf, "\\%c", byte);
        else if (byte < ' ' || byte > '~')
            ws_buf_push_format(buf, "\\%03o", byte);
        else
            ws_buf_push_byte(buf, byte);
    }
    ws_buf_push_string(buf, "\"\n");
}

ws_status ws_checkpoint_state_write(const char *dir, const ws_text_list *names, ws_error *err)
{
    ws_buf buf;
    ws_status status;

    if (names->n_items == 0)
        return ws_fail(err, WS_EINVAL, "%s: no checkpoint to name in its list", dir);
    ws_buf_init(&buf, MAX_FILE_BYTES);
    push_line(&buf, LATEST_FIELD, names->items[names->n_items - 1]);
    for (size_t i = 0; i < names->n_items; i++)
        push_line(&buf, ALL_FIELD, names->items[i]);
    char *path = ws_path_join(dir, WS_CHECKPOINT_STATE_NAME);
    if (path == NULL || buf.status == WS_ENOMEM)
        status = ws_fail_memory(err, dir);
    else if (buf.status != WS_OK)
        status = ws_fail(err, buf.status, "%s: longer than %zu bytes", path, MAX_FILE_BYTES);
    else
        status = ws_file_write(path, buf.data, buf.size, err);
    free(path);
    ws_buf_deinit(&buf);
    return status;
}

/** The part after the last slash or backslash. */
static const char *last_part(const char *name)
{
    const char *base = ws_path_base(name);
    const char *backslash = strrchr(base, '\\');
    return backslash != NULL && backslash[1] != '\0' ? backslash + 1 : base;
}

char *ws_checkpoint_state_prefix(const char *dir, const char *name)
{
    char *prefix = name[0] == '/' ? ws_text_copy(name) : ws_path_join(dir, name);
    const char *base = last_part(name);
    if (prefix == NULL || base == name || ws_bundle_exists(prefix))
        return prefix;
    char *moved = ws_path_join(dir, base);
    if (moved != NULL && ws_bundle_exists(moved)) {
        free(prefix);
        return moved;
    }
    free(moved);
    return prefix;
}

static ws_status remove_file(const char *path, ws_error *err)
{
    if (path == NULL)
        return ws_fail_memory(err, "the name of a file to delete");
    if (unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR)
        return ws_fail_errno(err, errno, "%s: cannot be deleted", path);
    return WS_OK;
}

ws_status ws_checkpoint_remove(const char *prefix, ws_error *err)
{
    /* the index first: without an index there is no checkpoint, so an interrupted removal leaves no
     * broken one */
    static const char *const suffixes[] = {WS_BUNDLE_INDEX_SUFFIX, WS_BUNDLE_DATA_SUFFIX, ".meta"};
    ws_status status = WS_OK;
    for (size_t i = 0; status == WS_OK && i < sizeof suffixes / sizeof *suffixes; i++) {
        char *path = ws_text_format("%s%s", prefix, suffixes[i]);
        status = remove_file(path, err);
        free(path);
    }
    return status;
}
