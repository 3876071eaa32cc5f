/** Command lines that are shown or written for a shell to read. */
#ifndef WS_BASE_SHELL_H
#define WS_BASE_SHELL_H

#include "base/buf.h"

/** Pushes a word so that a shell reads it as one, in single quotes where it needs them. */
void ws_shell_push_word(ws_buf *buf, const char *word);

/** The same for the flag --name=value, with a blank before it. */
void ws_shell_push_flag(ws_buf *buf, const char *name, const char *value);

/** A whole command line of words with blanks between them (free()); NULL when out of memory. */
char *ws_shell_join(size_t n_words, char *const *words);

#endif
