/**
 * The sound files of a data set, `<data_dir>/<word>/<clip>`, sorted by whole path as bytes.
 * Private to dataset/.
 */
#ifndef WS_DATASET_CLIP_LIST_H
#define WS_DATASET_CLIP_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/names.h"
#include "base/status.h"
#include "dataset/folder.h"

typedef struct ws_clip_list {
    ws_buf paths;       /* all paths, one after the other, each with its NUL */
    size_t *offsets;    /* [n_files] into paths; owned */
    uint32_t *word_ids; /* [n_files] into words; owned */
    size_t n_files;
    size_t capacity;
    ws_names words; /* names of folders with clips, in lower case (word.h) */
    ws_left_out left_out;
} ws_clip_list;

/** An empty list. */
void ws_clip_list_init(ws_clip_list *list);

/**
 * Lists the folders; opens no file.
 *
 * @param list  overwritten; ws_clip_list_deinit() it whatever comes back
 * @return WS_OK, also with no file; WS_ENOTFOUND without the directory; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_clip_list_read(ws_clip_list *list, const char *data_dir, ws_error *err);

/** Appends a file. @param word  its number in words @return WS_OK, WS_ELIMIT, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_clip_list_push(ws_clip_list *list, const char *path, uint32_t word);

void ws_clip_list_deinit(ws_clip_list *list);

const char *ws_clip_list_path(const ws_clip_list *list, size_t file);

#endif
