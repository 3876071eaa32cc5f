/** The greatest common divisor. */
#ifndef WS_BASE_DIVISOR_H
#define WS_BASE_DIVISOR_H

#include <stddef.h>

/** @return the largest number that divides both; the other number if one is 0 */
static inline size_t ws_find_divisor(size_t a, size_t b)
{
    while (b > 0) {
        const size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

#endif
