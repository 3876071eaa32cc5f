/** Texts of files on a terminal: nothing in them may move its cursor or change its colours. */
#ifndef WS_INSPECT_SHOW_H
#define WS_INSPECT_SHOW_H

#include <stdbool.h>
#include <stddef.h>

/** Room for a number as text, its NUL included. */
enum { WS_SHOW_NUMBER_BYTES = 32 };

/**
 * A text in a form that any terminal can show, and that a script can take apart by tabs: "\n" and
 * the like, "\x1b" and "\\" for control characters, for what is no UTF-8, and for backslashes.
 * What turns the direction of writing around becomes such too.
 *
 * @return a new string (free()); NULL when out of memory
 */
char *ws_show_text(const char *text);

/** Whether bytes are UTF-8; NULs and control characters are. */
bool ws_show_is_utf8(const void *bytes, size_t n_bytes);

/** Columns that the result of ws_show_text takes: its characters. */
size_t ws_show_width(const char *text);

/** A number with six digits for people; "nan", "inf", "-inf". @return out */
const char *ws_show_number(double value, char out[WS_SHOW_NUMBER_BYTES]);

/** A number with as many digits as bring it back: 6 or 9 for what is a float, else up to 17.
 *  @return out */
const char *ws_show_exact(double value, char out[WS_SHOW_NUMBER_BYTES]);

/** The same for seconds since 1970, which are many: faster where seven decimals bring them back.
 *  @return out */
const char *ws_show_time(double seconds, char out[WS_SHOW_NUMBER_BYTES]);

#endif
