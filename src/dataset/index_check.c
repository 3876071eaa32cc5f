#include <stdbool.h>
#include <stdlib.h>

#include "audio/sound.h"
#include "dataset/index.h"
#include "dataset/labels.h"

/** What is known of a wanted word's clips. */
typedef struct word_check {
    size_t n_training; /* clips */
    bool is_readable;  /* one of them, at least */
    ws_error fault;    /* of its first one */
} word_check;

static ws_status judge_word(const ws_index *index, size_t label, const word_check *check,
                            ws_error *err)
{
    const char *word = ws_index_label(index, label);

    if (check->n_training == 0)
        return ws_fail(err, WS_ENOTFOUND,
                       "--wanted_words: no clip of \"%s\" is for training, expected at least one "
                       "(--split and the percentages say which are)",
                       word);
    if (!check->is_readable)
        return ws_fail(err, WS_EFORMAT,
                       "--wanted_words: none of the %zu clips of \"%s\" for training can be read; "
                       "%s",
                       check->n_training, word, check->fault.message);
    return WS_OK;
}

ws_status ws_index_check_clips(const ws_index *index, ws_error *err)
{
    const size_t n_labels = ws_index_n_labels(index);
    const size_t n_training = ws_index_n_clips(index, WS_SET_TRAINING);
    ws_status status = WS_OK;

    word_check *checks = calloc(n_labels, sizeof *checks);
    if (checks == NULL)
        return ws_fail_memory(err, "a check of the clips");
    for (size_t i = 0; status == WS_OK && i < n_training; i++) {
        const ws_clip clip = ws_index_clip(index, WS_SET_TRAINING, i);
        word_check *check = &checks[clip.label];
        ws_sound sound;
        if (clip.label < WS_N_FIXED_LABELS || check->is_readable) {
            check->n_training++;
            continue;
        }
        const ws_status read =
            ws_sound_read(clip.path, 1, &sound, check->n_training == 0 ? &check->fault : NULL);
        if (read == WS_ENOMEM)
            status = ws_fail_memory(err, "a clip");
        check->is_readable = read == WS_OK;
        check->n_training++;
        if (read == WS_OK)
            ws_sound_deinit(&sound);
    }
    for (size_t label = WS_N_FIXED_LABELS; status == WS_OK && label < n_labels; label++)
        status = judge_word(index, label, &checks[label], err);
    free(checks);
    return status;
}
