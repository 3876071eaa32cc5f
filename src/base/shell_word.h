/** Command lines that can be pasted into a shell. */
#ifndef WS_BASE_SHELL_WORD_H
#define WS_BASE_SHELL_WORD_H

#include "base/buf.h"

/** Appends a word so that a POSIX shell reads it as one: quoted, where it has to be. */
void ws_shell_word_push(ws_buf *buf, const char *word);

/** A whole command line of words with blanks between them (free()); NULL when out of memory. */
char *ws_shell_word_join(size_t n_words, char *const *words);

#endif
