/** Rows of a flag table for flags without traits that bear the names of their values' fields.
 *
 * The file that includes it says where those lie:
 *
 *     #define AT(field) offsetof(its_flags, field)
 */
#ifndef WS_CMD_FLAG_ROWS_H
#define WS_CMD_FLAG_ROWS_H

#include <stddef.h>

#include "cmd/flags.h"

/* clang-format off */
#define TEXT(name, initial, value_name, group, help)                                               \
    {#name, WS_FLAG_TEXT, AT(name), initial, value_name, help, 0, 0, group, 0}
#define WHOLE(name, initial, min, max, value_name, group, help)                                    \
    {#name, WS_FLAG_WHOLE, AT(name), initial, value_name, help, min, max, group, 0}
#define REAL(name, initial, min, max, value_name, group, help)                                     \
    {#name, WS_FLAG_REAL, AT(name), initial, value_name, help, min, max, group, 0}
#define BOOL(name, initial, group, help)                                                           \
    {#name, WS_FLAG_BOOL, AT(name), initial, "BOOL", help, 0, 0, group, 0}
/* clang-format on */

#endif
