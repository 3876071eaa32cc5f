/* The only file that knows libunistring: Python's str.lower() follows Unicode's tables of special
 * casing and of what stands around a final sigma. A table of ours would be 2,000 numbers to keep
 * up to date. */
#include "dataset/word.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/buf.h"

enum { MAX_WORD_BYTES = 1 << 16 };

/** Appends n bytes of valid UTF-8, converted. */
static void push_text(ws_buf *word, const uint8_t *text, size_t n, bool is_lower)
{
    size_t n_made = 0;

    if (n == 0)
        return;
    uint8_t *made = is_lower ? u8_tolower(text, n, NULL, UNINORM_NFC, NULL, &n_made)
                             : u8_normalize(UNINORM_NFC, text, n, NULL, &n_made);
    if (made == NULL)
        word->status = WS_ENOMEM;
    else
        ws_buf_push(word, made, n_made);
    free(made);
}

static char *convert(const char *name, bool is_lower)
{
    const uint8_t *text = (const uint8_t *)name;
    size_t left = strlen(name);
    ws_buf word;

    ws_buf_init(&word, MAX_WORD_BYTES);
    while (left > 0) {
        const uint8_t *odd = u8_check(text, left);
        const size_t n = odd != NULL ? (size_t)(odd - text) : left;
        push_text(&word, text, n, is_lower);
        if (odd != NULL)
            ws_buf_push_byte(&word, *odd);
        left -= n + (odd != NULL);
        text += n + (odd != NULL);
    }
    return ws_buf_take_string(&word);
}

char *ws_word_lower(const char *name)
{
    return convert(name, true);
}

char *ws_word_compose(const char *word)
{
    return convert(word, false);
}
