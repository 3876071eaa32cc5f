#include "dataset/all_clips.h"

#include <stdlib.h>
#include <string.h>

#include "dataset/clip_list.h"
#include "dataset/labels.h"

struct ws_all_clips {
    ws_clip_list list;
    int32_t *labels; /* [list.words.n_items] of each word */
};

static ws_status check_labels(const ws_text_list *labels, ws_error *err)
{
    if (labels->n_items > WS_N_FIXED_LABELS &&
        strcmp(labels->items[WS_SILENCE_INDEX], WS_LABEL_SILENCE) == 0 &&
        strcmp(labels->items[WS_UNKNOWN_INDEX], WS_LABEL_UNKNOWN) == 0)
        return WS_OK;
    return ws_fail(err, WS_EUSAGE,
                   "the labels do not begin with %s and %s, followed by words: clips cannot be "
                   "assigned to them",
                   WS_LABEL_SILENCE, WS_LABEL_UNKNOWN);
}

static ws_status label_words(ws_all_clips *clips, const ws_text_list *labels, ws_error *err)
{
    const ws_names *words = &clips->list.words;

    clips->labels = malloc((words->n_items + 1) * sizeof *clips->labels);
    if (clips->labels == NULL)
        return ws_fail_memory(err, "a list of clips");
    for (size_t w = 0; w < words->n_items; w++) {
        clips->labels[w] = WS_UNKNOWN_INDEX;
        for (size_t i = 0; i < labels->n_items; i++)
            if (strcmp(words->items[w], labels->items[i]) == 0)
                clips->labels[w] = (int32_t)i;
    }
    return WS_OK;
}

ws_status ws_all_clips_create(ws_all_clips **clips, const char *data_dir,
                              const ws_text_list *labels, ws_error *err)
{
    ws_status status = check_labels(labels, err);
    if (status != WS_OK)
        return status;
    ws_all_clips *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "a list of clips");
    status = ws_clip_list_read(&made->list, data_dir, err);
    if (status == WS_OK && made->list.n_files == 0)
        status =
            ws_fail(err, WS_ENOTFOUND,
                    "%s: has no clips, expected folders of sound files, each named as the word "
                    "that is said",
                    data_dir);
    if (status == WS_OK)
        status = label_words(made, labels, err);
    if (status != WS_OK) {
        ws_all_clips_destroy(made);
        return status;
    }
    *clips = made;
    return WS_OK;
}

void ws_all_clips_destroy(ws_all_clips *clips)
{
    if (clips == NULL)
        return;
    ws_clip_list_deinit(&clips->list);
    free(clips->labels);
    free(clips);
}

size_t ws_all_clips_n(const ws_all_clips *clips)
{
    return clips->list.n_files;
}

ws_clip ws_all_clips_get(const ws_all_clips *clips, size_t i)
{
    return (ws_clip){
        .path = ws_clip_list_path(&clips->list, i),
        .file = i,
        .label = clips->labels[clips->list.word_ids[i]],
    };
}
