/** Characters of UTF-8 text. */
#ifndef WS_BASE_UTF8_H
#define WS_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The character at text, which is not at its end.
 *
 * @param code  set to its number in Unicode
 * @return the number of bytes that it takes; 0 for bytes that are not a character: overlong forms,
 *         surrogates, numbers above U+10FFFF and what ends too early
 */
size_t ws_utf8_read(const char *text, uint32_t *code);

/** The bytes of the mark that some programs put in front of UTF-8 text: 3; 0 without it. */
size_t ws_utf8_mark_bytes(const char *text);

/** Whether that is a control character: U+0000 to U+001F and U+007F to U+009F. */
bool ws_utf8_is_control(uint32_t code);

/** Puts "?" in place of each control character and of each byte that is not part of a character.
 *  @return whether there was any */
bool ws_utf8_clean(char *text);

#endif
