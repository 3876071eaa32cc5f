/** Pieces of HTML and SVG, pushed into a buffer: whatever a file holds becomes harmless text. */
#ifndef WS_PAGE_HTML_H
#define WS_PAGE_HTML_H

#include <stdint.h>

#include "base/buf.h"

/** Text between tags or in a quoted attribute: & < > " and ' become references, control characters
 *  and bytes that are not UTF-8 become "?". Line feeds and tabs stay. */
void ws_html_push_text(ws_buf *buf, const char *text);

/** The same with at most n_most characters, "..." for the rest. */
void ws_html_push_short(ws_buf *buf, const char *text, size_t n_most);

/** "data:<type>;base64,..." */
void ws_html_push_data(ws_buf *buf, const char *type, const uint8_t *data, size_t size);

/** A share of 0 to 1 as "93.1 %"; "-" if it is NaN. */
void ws_html_push_share(ws_buf *buf, double share);

/** A number with at most six digits, "1,234,567" for whole ones; "-" if it is not finite. */
void ws_html_push_number(ws_buf *buf, double number);

#endif
