/**
 * Rows of a flag table. A flag bears the name of its value's field. The file that includes this
 * says where the fields are:
 *
 *     #define AT(field) offsetof(its_flags, field)
 *
 * After the group comes the help text; traits may follow it, as in
 *
 *     WS_ROW_TEXT(wanted_words, "yes,no", "WORDS", WS_FLAGS_DATA, "The words.", .traits =
 *                 WS_FLAG_FIXED)
 */
#ifndef WS_SETTINGS_ROWS_H
#define WS_SETTINGS_ROWS_H

#include <stddef.h>

#include "settings/flags.h"

/* libwordspot by itself shows no help: texts, and pointers to them, are left out. */
#ifdef WS_WITHOUT_HELP
#define WS_HELP_(...)            WS_HELP_LESS_(__VA_ARGS__, )
#define WS_HELP_LESS_(text, ...) .help = NULL, __VA_ARGS__
#define WS_VALUE_NAME_(text)     NULL
#else
#define WS_HELP_(...)        .help = __VA_ARGS__
#define WS_VALUE_NAME_(text) (text)
#endif

#define WS_ROW_(row_name, row_type, row_initial, row_value_name, row_group)              \
    .name = #row_name, .type = (row_type), .group = (row_group), .offset = AT(row_name), \
    .initial = (row_initial), .value_name = WS_VALUE_NAME_(row_value_name)

#define WS_ROW_TEXT(name, initial, value_name, group, ...)                             \
    {                                                                                  \
        WS_ROW_(name, WS_FLAG_TEXT, initial, value_name, group), WS_HELP_(__VA_ARGS__) \
    }
#define WS_ROW_PATH(name, initial, value_name, group, ...)                             \
    {                                                                                  \
        WS_ROW_(name, WS_FLAG_PATH, initial, value_name, group), WS_HELP_(__VA_ARGS__) \
    }
#define WS_ROW_NUMBERS(name, initial, value_name, group, ...)                             \
    {                                                                                     \
        WS_ROW_(name, WS_FLAG_NUMBERS, initial, value_name, group), WS_HELP_(__VA_ARGS__) \
    }
#define WS_ROW_TEXTS(name, value_name, group, ...)                                 \
    {                                                                              \
        WS_ROW_(name, WS_FLAG_TEXTS, "", value_name, group), WS_HELP_(__VA_ARGS__) \
    }
#define WS_ROW_BOOL(name, initial, group, ...)                                     \
    {                                                                              \
        WS_ROW_(name, WS_FLAG_BOOL, initial, "BOOL", group), WS_HELP_(__VA_ARGS__) \
    }
#define WS_ROW_WHOLE(name, initial, least, most, value_name, group, ...)                         \
    {                                                                                            \
        WS_ROW_(name, WS_FLAG_WHOLE, initial, value_name, group), .min = (least), .max = (most), \
                                                                  WS_HELP_(__VA_ARGS__)          \
    }
#define WS_ROW_REAL(name, initial, least, most, value_name, group, ...)                         \
    {                                                                                           \
        WS_ROW_(name, WS_FLAG_REAL, initial, value_name, group), .min = (least), .max = (most), \
                                                                 WS_HELP_(__VA_ARGS__)          \
    }

/** The base table's flag of that name, in a section of this table's --help. */
#define WS_ROW_PICK(row_name, row_group)                              \
    {                                                                 \
        .name = #row_name, .type = WS_FLAG_PICK, .group = (row_group) \
    }
/** The same with another .initial, .value_name or .help. */
#define WS_ROW_PICK_AS(row_name, row_group, ...)                                   \
    {                                                                              \
        .name = #row_name, .type = WS_FLAG_PICK, .group = (row_group), __VA_ARGS__ \
    }

#endif
