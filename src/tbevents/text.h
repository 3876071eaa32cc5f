/** What texts an event may hold: one undecodable tag stops TensorBoard for all runs. */
#ifndef TBEVENTS_TEXT_H
#define TBEVENTS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "tbevents/tbevents.h"

/** Where control characters (U+0000 to U+001F, U+007F to U+009F) are allowed. */
typedef enum tbe_text_kind {
    TBE_TEXT_LINE,  /* none */
    TBE_TEXT_LINES, /* tab and line feed only */
} tbe_text_kind;

/**
 * Looks at a text up to its NUL.
 *
 * @param max_bytes  the longest allowed
 * @param n_bytes    set to its length where it is good
 * @param complaint  set where it is not: "is empty", "is not UTF-8", ...; static
 * @return TBE_OK; TBE_EINVAL: empty, no UTF-8 or not of that kind; TBE_ELIMIT: too long
 */
tbe_status tbe_text_check(const char *text, tbe_text_kind kind, size_t max_bytes, size_t *n_bytes,
                          const char **complaint);

/** Whether bytes are UTF-8, NULs and control characters allowed. */
bool tbe_text_is_utf8(const unsigned char *bytes, size_t n_bytes);

/** Replaces invalid UTF-8 and control characters by '?', so that any terminal can show it. */
void tbe_text_clean(char *text);

enum { TBE_ERRNO_BYTES = 128 };

/** What an errno value means, for any thread. @return out */
const char *tbe_errno_text(int reason, char out[TBE_ERRNO_BYTES]);

#endif
