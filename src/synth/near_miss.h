/**
 * Phrases that sound nearly like another one: made of its own phonemes, one or two of them
 * exchanged, left out or added, parts of it, and other sounds in its rhythm. Private to synth.
 */
#ifndef WS_SYNTH_NEAR_MISS_H
#define WS_SYNTH_NEAR_MISS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct ws_synth_near_miss {
    char *text;     /* owned: words that are as in the phrase are spelled as there, the others by
                     * their sounds */
    char *phonemes; /* owned: for espeak-ng, without the double brackets */
} ws_synth_near_miss;

/** All zeros is an empty list. */
typedef struct ws_synth_near_misses {
    ws_synth_near_miss *items; /* [n_items] owned */
    size_t n_items;
} ws_synth_near_misses;

/**
 * Makes up to n different near misses; a short phrase may not have that many.
 *
 * @param phrase    words with blanks between them
 * @param phonemes  what `espeak-ng -x --sep=" "` writes for it: phonemes with one blank between
 *                  them, words with two
 * @return WS_OK; WS_EFORMAT if there are fewer than two phonemes in it that are known; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_synth_near_misses_init(ws_synth_near_misses *list, const char *phrase,
                                                  const char *phonemes, size_t n, uint64_t seed,
                                                  ws_error *err);
void ws_synth_near_misses_deinit(ws_synth_near_misses *list);

/** Takes some of them out. @param is_dropped  [n_items] */
void ws_synth_near_misses_drop(ws_synth_near_misses *list, const bool *is_dropped);

/**
 * Whether the sounds of a phrase can be heard within the sounds of another one. Sounds that differ
 * in nothing but their voice, length or stress count as alike: "b" and "p", "I" and "i:".
 *
 * @param within, phrase  phonemes of espeak-ng with blanks or "|" between them
 */
bool ws_synth_phonemes_hold(const char *within, const char *phrase);

#endif
