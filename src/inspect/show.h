/** Texts of files on a terminal: nothing in them may move its cursor or change its colours. */
#ifndef WS_INSPECT_SHOW_H
#define WS_INSPECT_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/** Columns that a terminal gives a character: 2 for most of those of East Asia, 0 for a mark that
 *  joins the character before it, else 1. Control characters count as 0. */
size_t ws_show_columns(uint32_t code);

/** Columns that the result of ws_show_text takes. A byte that is not part of a character counts as
 *  1. */
size_t ws_show_width(const char *text);

/**
 * The longest start of such a text that takes at most n_columns, with the marks that join its last
 * character.
 *
 * @param n_taken  set to the columns that it takes: one fewer where a wide character does not fit
 * @return its bytes
 */
size_t ws_show_start(const char *text, size_t n_columns, size_t *n_taken);

/** A number with six digits for people; "nan", "inf", "-inf". @return out */
const char *ws_show_number(double value, char out[WS_SHOW_NUMBER_BYTES]);

/** A number of an event file with the type that it is stored in. */
typedef struct ws_stored_number {
    double value;
    int64_t integer; /* of an integer type: exact; of uint64 the same bits */
    int data_type;   /* a tbe_data_type; TBE_TYPE_NONE: a scalar of the older form, a float */
} ws_stored_number;

/** All digits of an integer; of a float, half or bfloat16 the 6 or 9 digits that give the same
 *  float; of a double the 15 to 17 that give the same double. @return out */
const char *ws_show_stored(const ws_stored_number *number, char out[WS_SHOW_NUMBER_BYTES]);

/** Seconds since 1970 with the digits of a double; fast where seven decimals suffice.
 *  @return out */
const char *ws_show_time(double seconds, char out[WS_SHOW_NUMBER_BYTES]);

#endif
