/**
 * FlexBuffers, as far as the options of TFLite's custom operators need them: one map from names to
 * numbers. Private to formats/.
 */
#ifndef WS_FORMATS_FLEX_H
#define WS_FORMATS_FLEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { WS_FLEX_MAX_PAIRS = 16 };

typedef struct ws_flex_pair {
    const char *key;
    int32_t value; /* of a bool 0 or 1 */
    bool is_bool;
} ws_flex_pair;

/**
 * Appends a map.
 *
 * @param buf    empty; keeps its first error
 * @param pairs  [n] sorted by their keys; n up to WS_FLEX_MAX_PAIRS
 */
void ws_flex_write_map(ws_buf *buf, const ws_flex_pair *pairs, size_t n);

/**
 * Finds a number in a map that may be damaged: whole numbers, bools and floats of any width.
 *
 * @param bytes  [size]
 * @return false: the bytes are no map, or it has no such number
 */
bool ws_flex_find_number(const unsigned char *bytes, size_t size, const char *key, double *number);

#endif
