/** Names of variables in C and C++, of the arrays that --save_format=c writes. */
#ifndef WS_FORMATS_C_NAME_H
#define WS_FORMATS_C_NAME_H

#include <stddef.h>

#include "base/status.h"

#define WS_C_NAME_DEFAULT "g_model"

/**
 * Whether a variable with external linkage can have the name in C and in C++, whatever headers of
 * ISO C17 stand before it. What systems declare beside them, such as POSIX, is not looked at.
 *
 * @return WS_OK; WS_EUSAGE naming --c_name, and the reason
 */
WS_MUST_CHECK ws_status ws_c_name_check(const char *name, ws_error *err);

/**
 * Makes a name of any text that ws_c_name_check accepts, out of its ASCII letters and digits:
 * "hey jarvis" gives hey_jarvis_model. A word alone, such as "open", could be a function of the
 * system.
 *
 * @param name  [size] set; size is at least 32
 */
void ws_c_name_make(const char *text, char *name, size_t size);

#endif
