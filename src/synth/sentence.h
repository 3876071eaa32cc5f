/** Speech that is not the phrase: common words and invented ones in any order. Private to synth. */
#ifndef WS_SYNTH_SENTENCE_H
#define WS_SYNTH_SENTENCE_H

#include <stddef.h>

#include "base/random.h"

/**
 * Draws four to twelve words, none of which is a word of the phrase.
 *
 * @param text  [size] set; a word that has no room is left out
 */
void ws_synth_sentence_draw(const char *phrase, ws_random *random, char *text, size_t size);

#endif
