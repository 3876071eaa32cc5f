/**
 * Every clip of a folder of word folders, for tests of a trained model. Unlike an index it has no
 * sets, draws nothing, and asks for no word that must be there.
 */
#ifndef WS_DATASET_ALL_CLIPS_H
#define WS_DATASET_ALL_CLIPS_H

#include "base/text.h"
#include "dataset/index.h"

typedef struct ws_all_clips ws_all_clips;

/**
 * Lists the folders; opens no clip.
 *
 * @param data_dir  holds <word>/<clip>, as of an index
 * @param labels    of the model. A folder of another name is WS_UNKNOWN_INDEX
 * @return WS_OK; WS_ENOTFOUND without the directory, or if there is no clip in it; WS_EUSAGE if the
 *         labels do not begin with _silence_ and _unknown_; WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_all_clips_create(ws_all_clips **clips, const char *data_dir,
                                            const ws_text_list *labels, ws_error *err);
void ws_all_clips_destroy(ws_all_clips *clips); /* NULL is fine */

size_t ws_all_clips_n(const ws_all_clips *clips);

/** Clip i, in the order of the paths. Its path lives as long as the list. */
ws_clip ws_all_clips_get(const ws_all_clips *clips, size_t i);

#endif
