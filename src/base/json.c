#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/utf8.h"

struct ws_json {
    json_t *value; /* owned */
    ws_status status;
};

static ws_json *wrap(json_t *value)
{
    ws_json *json = malloc(sizeof *json);
    if (json == NULL || value == NULL) {
        json_decref(value);
        free(json);
        return NULL;
    }
    *json = (ws_json){.value = value, .status = WS_OK};
    return json;
}

ws_json *ws_json_create(void)
{
    return wrap(json_object());
}

ws_json *ws_json_create_list(void)
{
    return wrap(json_array());
}

void ws_json_destroy(ws_json *json)
{
    if (json == NULL)
        return;
    json_decref(json->value);
    free(json);
}

static void note(ws_json *json, ws_status status)
{
    if (json->status == WS_OK)
        json->status = status;
}

/** What jansson takes as a text. */
static bool is_utf8(const char *text)
{
    uint32_t code;

    while (*text != '\0') {
        const size_t n = ws_utf8_read(text, &code);
        if (n == 0)
            return false;
        text += n;
    }
    return true;
}

/** Takes value over; NULL stands for "out of memory". jansson does not say why it refuses a member,
 *  so the key is checked here. */
static void set(ws_json *object, const char *key, json_t *value)
{
    if (object == NULL) {
        json_decref(value);
    } else if (!is_utf8(key)) {
        json_decref(value);
        note(object, WS_EFORMAT);
    } else if (value == NULL || json_object_set_new(object->value, key, value) != 0) {
        note(object, WS_ENOMEM);
    }
}

/** A text that may hold any bytes, as a file's name. */
static json_t *make_text(const char *text)
{
    if (text == NULL)
        return json_null();
    if (is_utf8(text))
        return json_string(text);
    char *plain = ws_text_copy(text);
    for (char *p = plain; plain != NULL && *p != '\0'; p++) {
        if ((unsigned char)*p > 127)
            *p = '?';
    }
    json_t *made = plain != NULL ? json_string(plain) : NULL;
    free(plain);
    return made;
}

void ws_json_set_text(ws_json *object, const char *key, const char *text)
{
    set(object, key, make_text(text));
}

void ws_json_set_whole(ws_json *object, const char *key, int64_t value)
{
    set(object, key, json_integer(value));
}

void ws_json_set_real(ws_json *object, const char *key, double value)
{
    set(object, key, isfinite(value) ? json_real(value) : json_null());
}

void ws_json_set_bool(ws_json *object, const char *key, bool value)
{
    set(object, key, json_boolean(value));
}

/** The value of a child that is about to be moved; NULL if it is not whole. */
static json_t *unwrap(ws_json *child)
{
    json_t *value = child != NULL && child->status == WS_OK ? json_incref(child->value) : NULL;
    ws_json_destroy(child);
    return value;
}

void ws_json_set_child(ws_json *object, const char *key, ws_json *child)
{
    const ws_status status = child != NULL ? child->status : WS_ENOMEM;
    if (object != NULL && status != WS_OK)
        note(object, status);
    set(object, key, unwrap(child));
}

void ws_json_push(ws_json *list, ws_json *child)
{
    const ws_status status = child != NULL ? child->status : WS_ENOMEM;
    json_t *value = unwrap(child);
    if (list == NULL)
        json_decref(value);
    else if (value == NULL)
        note(list, status);
    else if (json_array_append_new(list->value, value) != 0)
        note(list, WS_ENOMEM);
}

void ws_json_push_whole(ws_json *list, int64_t value)
{
    if (list != NULL && json_array_append_new(list->value, json_integer(value)) != 0)
        note(list, WS_ENOMEM);
}

void ws_json_push_text(ws_json *list, const char *text)
{
    json_t *value = make_text(text);

    if (list == NULL)
        json_decref(value);
    else if (value == NULL || json_array_append_new(list->value, value) != 0)
        note(list, WS_ENOMEM);
}

ws_status ws_json_get_status(const ws_json *json)
{
    return json != NULL ? json->status : WS_ENOMEM;
}

char *ws_json_write(const ws_json *json, ws_json_style style)
{
    if (ws_json_get_status(json) != WS_OK)
        return NULL;
    const size_t shape = style.is_indented ? JSON_INDENT(2) : JSON_COMPACT;
    return json_dumps(json->value, shape | JSON_REAL_PRECISION((size_t)style.n_digits));
}

ws_status ws_json_read(const char *text, size_t size, const char *name, ws_json **json,
                       ws_error *err)
{
    json_error_t fault;
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES, &fault);

    if (value == NULL)
        return ws_fail(err, WS_EFORMAT, "%s: line %d is not JSON: %s", name, fault.line,
                       fault.text);
    if (!json_is_object(value)) {
        json_decref(value);
        return ws_fail(err, WS_EFORMAT, "%s: is JSON, but not an object", name);
    }
    *json = wrap(value);
    return *json != NULL ? WS_OK : ws_fail_memory(err, name);
}

bool ws_json_has(const ws_json *object, const char *key)
{
    return object != NULL && json_object_get(object->value, key) != NULL;
}

const char *ws_json_get_text(const ws_json *object, const char *key)
{
    return json_string_value(json_object_get(object->value, key));
}

bool ws_json_get_number(const ws_json *object, const char *key, double *value)
{
    const json_t *member = json_object_get(object->value, key);
    if (!json_is_number(member))
        return false;
    *value = json_number_value(member);
    return true;
}
