#include "checkpoint/locate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "checkpoint/bundle.h"
#include "checkpoint/state.h"
#include "checkpoint/table.h"
#include "checkpoint/table_format.h"

#define MAX_LISTED         3     /* other checkpoints that an error names */
#define MAX_SENTENCE_BYTES 65536 /* ws_fail cuts it to what a ws_error holds */

/** 0 or the length of the ending of a checkpoint's file name: .index, .meta, .data-x-of-y. */
static size_t suffix_length(const char *name)
{
    static const char data_pattern[] = ".data-00000-of-00001"; /* a zero or one: any digit */
    static const size_t data_length = sizeof data_pattern - 1;
    const size_t length = strlen(name);

    if (ws_text_has_suffix(name, WS_BUNDLE_INDEX_SUFFIX))
        return strlen(WS_BUNDLE_INDEX_SUFFIX);
    if (ws_text_has_suffix(name, ".meta"))
        return strlen(".meta");
    if (length < data_length)
        return 0;
    const char *tail = name + length - data_length;
    for (size_t i = 0; i < data_length; i++) {
        const bool wants_digit = data_pattern[i] == '0' || data_pattern[i] == '1';
        const bool is_digit = tail[i] >= '0' && tail[i] <= '9';
        if (wants_digit ? !is_digit : tail[i] != data_pattern[i])
            return 0;
    }
    return data_length;
}

/** The number after the last '-' of a name, for ordering; -1 without a number. */
static int64_t step_of(const char *name)
{
    int64_t step;
    const char *dash = strrchr(name, '-');
    return dash != NULL && ws_text_to_int64(dash + 1, &step) ? step : -1;
}

static int compare_steps(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    const int64_t left_step = step_of(*left), right_step = step_of(*right);
    return left_step != right_step ? (left_step > right_step) - (left_step < right_step)
                                   : strcmp(*left, *right);
}

/** Keeps only the names of checkpoints in a directory, without their ending, ordered by step. */
static void keep_checkpoints(ws_text_list *names)
{
    size_t n_kept = 0;
    for (size_t i = 0; i < names->n_items; i++) {
        char *name = names->items[i];
        if (!ws_text_has_suffix(name, WS_BUNDLE_INDEX_SUFFIX)) {
            free(name);
            continue;
        }
        name[strlen(name) - strlen(WS_BUNDLE_INDEX_SUFFIX)] = '\0';
        names->items[n_kept++] = name;
    }
    names->n_items = n_kept;
    if (n_kept > 1)
        qsort(names->items, n_kept, sizeof *names->items, compare_steps);
}

/** Says what other checkpoints a directory holds, the latest first, as the end of a sentence. */
static void push_others(ws_buf *buf, const char *dir)
{
    ws_text_list names = {.items = NULL};

    if (!ws_dir_exists(dir)) {
        ws_buf_push_format(buf, "; the directory %s does not exist", dir);
        return;
    }
    if (ws_dir_list(dir, &names, NULL) == WS_OK)
        keep_checkpoints(&names);
    else
        ws_text_list_deinit(&names);
    if (names.n_items == 0)
        ws_buf_push_format(buf, "; there is no checkpoint in %s", dir);
    else
        ws_buf_push_format(buf, "; %s holds %s", dir, names.items[names.n_items - 1]);
    for (size_t i = 1; i < names.n_items && i < MAX_LISTED; i++)
        ws_buf_push_format(buf, ", %s", names.items[names.n_items - 1 - i]);
    if (names.n_items > MAX_LISTED)
        ws_buf_push_format(buf, " and %zu older", names.n_items - MAX_LISTED);
    ws_text_list_deinit(&names);
}

/** Fails with WS_ENOTFOUND: reason (owned here) begins the sentence, the checkpoints in dir end it.
 */
static ws_status fail_not_found(char *reason, const char *dir, ws_error *err)
{
    ws_buf buf;
    ws_buf_init(&buf, MAX_SENTENCE_BYTES);
    if (reason != NULL)
        ws_buf_push_string(&buf, reason);
    push_others(&buf, dir);
    free(reason);
    const ws_status status = ws_fail(err, WS_ENOTFOUND, "%.*s", (int)buf.size,
                                     buf.data != NULL ? (const char *)buf.data : "");
    ws_buf_deinit(&buf);
    return status;
}

/** The latest checkpoint of a directory. */
static ws_status locate_latest(const char *dir, char **prefix, ws_error *err)
{
    ws_checkpoint_state state;

    ws_status status = ws_checkpoint_state_read(dir, &state, err);
    if (status == WS_ENOTFOUND)
        return fail_not_found(
            ws_text_format("%s: has no file \"%s\" that names its latest checkpoint", dir,
                           WS_CHECKPOINT_STATE_NAME),
            dir, err);
    if (status != WS_OK)
        return status;
    if (state.latest == NULL || state.latest[0] == '\0') {
        ws_checkpoint_state_deinit(&state);
        return ws_fail(err, WS_EFORMAT, "%s/%s: does not name a checkpoint (model_checkpoint_path)",
                       dir, WS_CHECKPOINT_STATE_NAME);
    }
    char *found = ws_checkpoint_state_prefix(dir, state.latest);
    ws_checkpoint_state_deinit(&state);
    if (found == NULL)
        return ws_fail_memory(err, dir);
    if (ws_bundle_exists(found)) {
        *prefix = found;
        return WS_OK;
    }
    char *reason = ws_text_format("%s/%s: names %s, but there is no file %s%s", dir,
                                  WS_CHECKPOINT_STATE_NAME, found, found, WS_BUNDLE_INDEX_SUFFIX);
    free(found);
    return fail_not_found(reason, dir, err);
}

/** Whether a file ends like a table, which a V1 checkpoint is. */
static bool ends_like_table(FILE *file)
{
    unsigned char tail[WS_TABLE_FOOTER_BYTES];
    return fseek(file, -(long)sizeof tail, SEEK_END) == 0 &&
           fread(tail, 1, sizeof tail, file) == sizeof tail && ws_table_is_one(tail, sizeof tail);
}

/** Fails for a file that does not belong to a V2 checkpoint, and says what it is. */
static ws_status fail_other_file(const char *path, ws_error *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return ws_fail_errno(err, errno, "%s: cannot be opened", path);
    const bool is_table = ends_like_table(file);
    (void)fclose(file);
    if (is_table)
        return ws_fail(err, WS_EFORMAT,
                       "%s: is a checkpoint in TensorFlow's old V1 format (one file), which is not "
                       "supported; save it again with tf.train.Saver of TensorFlow 0.12 or later",
                       path);
    return ws_fail(
        err, WS_EFORMAT,
        "%s: is not a checkpoint (not an sstable, and there is no %s%s); expected a prefix "
        "such as conv.ckpt-100, or the directory of checkpoints",
        path, ws_path_base(path), WS_BUNDLE_INDEX_SUFFIX);
}

/** The checkpoint that one of its files names; fails for any other name. */
static ws_status locate_by_file(const char *name, char **prefix, ws_error *err)
{
    const size_t cut = suffix_length(name);
    char *candidate = ws_text_copy(name);
    if (candidate == NULL)
        return ws_fail_memory(err, name);
    candidate[strlen(name) - cut] = '\0';
    if (cut > 0 && ws_bundle_exists(candidate)) {
        *prefix = candidate;
        return WS_OK;
    }
    char *dir = ws_path_dir(name);
    ws_status status;
    if (dir == NULL)
        status = ws_fail_memory(err, name);
    else if (cut == 0 && ws_file_exists(name))
        status = fail_other_file(name, err);
    else
        status = fail_not_found(ws_text_format("%s: no such checkpoint: there is no file %s%s",
                                               name, candidate, WS_BUNDLE_INDEX_SUFFIX),
                                dir, err);
    free(dir);
    free(candidate);
    return status;
}

ws_status ws_checkpoint_locate(const char *name, char **prefix, ws_error *err)
{
    if (name[0] == '\0')
        return ws_fail(err, WS_EINVAL, "the name of the checkpoint is empty");
    if (ws_bundle_exists(name) && !ws_text_has_suffix(name, "/")) {
        *prefix = ws_text_copy(name);
        return *prefix != NULL ? WS_OK : ws_fail_memory(err, name);
    }
    if (ws_dir_exists(name))
        return locate_latest(name, prefix, err);
    if (strcmp(ws_path_base(name), WS_CHECKPOINT_STATE_NAME) == 0) {
        char *dir = ws_path_dir(name);
        const ws_status status =
            dir == NULL ? ws_fail_memory(err, name) : locate_latest(dir, prefix, err);
        free(dir);
        return status;
    }
    return locate_by_file(name, prefix, err);
}
