/**
 * Reads small JSON objects from front to back, one member after the other. Here and not by
 * base/json.h, because libwordspot reads such objects too, and links no library for JSON. Private
 * to formats/.
 */
#ifndef WS_FORMATS_JSON_SCAN_H
#define WS_FORMATS_JSON_SCAN_H

#include <stdbool.h>

enum {
    WS_JSON_SCAN_MAX_KEY = 127,   /* bytes of a key with those of the objects that it is in */
    WS_JSON_SCAN_MAX_TEXT = 4095, /* bytes of a text */
    WS_JSON_SCAN_MAX_DEPTH = 16,  /* objects and lists in each other */
};

/**
 * Called for each member that is a text or a number, also of objects within the object, but not
 * of lists.
 *
 * @param key     of an object within "micro": "micro.key"; borrowed for the call, as is text
 * @param text    in UTF-8; NULL: the value is a number
 * @return false: stop
 */
typedef bool ws_json_see(void *user, const char *key, const char *text, double number);

/** @param json  text that ends with a zero
 *  @return whether it is an object with keys and texts that are short enough; true after a stop */
bool ws_json_scan(const char *json, ws_json_see *see, void *user);

#endif
