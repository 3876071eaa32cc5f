/**
 * JSON objects and lists, made and read member by member. The first thing that fails while one is
 * made is remembered and told when it is written, so a maker sets freely and checks once.
 */
#ifndef WS_BASE_JSON_H
#define WS_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct ws_json ws_json;

/** An empty object. @return NULL when out of memory, which all functions here take in silence */
ws_json *ws_json_create(void);
/** An empty list. @return the same */
ws_json *ws_json_create_list(void);
void ws_json_destroy(ws_json *json); /* NULL is fine */

/** Sets a member. NULL, and a number that is not finite, become null. What is no UTF-8 in text gets
 *  a "?" for all but its ASCII characters, as it may be the name of a file. */
void ws_json_set_text(ws_json *object, const char *key, const char *text);
void ws_json_set_whole(ws_json *object, const char *key, int64_t value);
void ws_json_set_real(ws_json *object, const char *key, double value);
void ws_json_set_bool(ws_json *object, const char *key, bool value);
/** Moves child into the object; it is destroyed in any case. */
void ws_json_set_child(ws_json *object, const char *key, ws_json *child);
/** The same, at the end of a list. */
void ws_json_push(ws_json *list, ws_json *child);
void ws_json_push_whole(ws_json *list, int64_t value);
/** As ws_json_set_text. */
void ws_json_push_text(ws_json *list, const char *text);

/** WS_OK, WS_ENOMEM, or WS_EFORMAT after a key that is not UTF-8. */
ws_status ws_json_get_status(const ws_json *json);

/** How a document is written. */
typedef struct ws_json_style {
    int n_digits;     /* of numbers with a fraction, 1 to 17 */
    bool is_indented; /* a member a line, for people; else all in one line */
} ws_json_style;

/** As text without a line feed at its end (free()); NULL after a failure, see ws_json_get_status.
 */
char *ws_json_write(const ws_json *json, ws_json_style style);

/**
 * Reads an object.
 *
 * @param name  of the file, for the error
 * @param json  set; ws_json_destroy() it
 * @return WS_OK; WS_EFORMAT naming the line if it is no JSON object
 */
WS_MUST_CHECK ws_status ws_json_read(const char *text, size_t size, const char *name,
                                     ws_json **json, ws_error *err);

bool ws_json_has(const ws_json *object, const char *key);
/** Owned by the object; NULL if there is no such member or it is no text. */
const char *ws_json_get_text(const ws_json *object, const char *key);
/** @return false, and value as it was, if there is no such member or it is no number */
bool ws_json_get_number(const ws_json *object, const char *key, double *value);

#endif
