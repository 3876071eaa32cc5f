/** The labels of a run: _silence_, _unknown_, then the wanted words in the order of the flag. */
#ifndef WS_DATASET_LABELS_H
#define WS_DATASET_LABELS_H

#include "base/status.h"
#include "base/text.h"

#define WS_LABEL_SILENCE "_silence_"
#define WS_LABEL_UNKNOWN "_unknown_"
#define WS_NOISE_DIR     "_background_noise_"

enum { WS_SILENCE_INDEX = 0, WS_UNKNOWN_INDEX = 1, WS_N_FIXED_LABELS = 2 };

/**
 * Appends all labels to an empty list. Looks at no data.
 *
 * @param wanted_words  comma list, neither trimmed nor lower-cased, as the original takes it
 * @return WS_OK, WS_ENOMEM, or WS_EUSAGE for an empty, doubled or impossible word
 */
WS_MUST_CHECK ws_status ws_labels_push(ws_text_list *labels, const char *wanted_words,
                                       ws_error *err);

/**
 * Appends the words of --unknown_held_out to an empty list, in composed form. Looks at no data.
 *
 * @param labels    those of ws_labels_push
 * @param held_out  comma list; NULL or "": no word
 * @return WS_OK, WS_ENOMEM, or WS_EUSAGE for an empty, doubled or impossible word, or one of the
 *         wanted words
 */
WS_MUST_CHECK ws_status ws_labels_push_held_out(ws_text_list *words, const ws_text_list *labels,
                                                const char *held_out, ws_error *err);

#endif
