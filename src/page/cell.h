/** Cells of text pages: what a file holds in a fixed number of columns. Nothing in it moves the
 *  cursor: texts come from ws_show_text. */
#ifndef WS_PAGE_CELL_H
#define WS_PAGE_CELL_H

#include <stddef.h>

#include "base/buf.h"

/** A text made safe. @return free(); NULL: the buffer knows that there is no memory */
char *ws_cell_make_shown(ws_buf *buf, const char *text);

/** Pushes the start of a text that is safe: n columns, with blanks where it is shorter. */
void ws_cell_push_start(ws_buf *buf, const char *shown, size_t n);

void ws_cell_push_blanks(ws_buf *buf, size_t n);

/** Pushes any text, with exactly that many columns, at least 3; "..." where it is longer. */
void ws_cell_push(ws_buf *buf, const char *text, size_t width);

/** Pushes any text of at most that many columns. */
void ws_cell_push_short(ws_buf *buf, const char *text, size_t n_most);

#endif
