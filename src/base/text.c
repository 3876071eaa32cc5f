#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *ws_text_format(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        return NULL;
    char *text = malloc((size_t)length + 1);
    if (text == NULL)
        return NULL;
    va_start(args, format);
    (void)vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

static char *copy_n(const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *ws_text_copy(const char *text)
{
    return copy_n(text, strlen(text));
}

bool ws_text_has_suffix(const char *text, const char *suffix)
{
    const size_t length = strlen(text);
    const size_t n = strlen(suffix);
    return length >= n && strcmp(text + length - n, suffix) == 0;
}

/* strtoimax and strtod skip leading white space, which "the whole text" does not allow. */
static bool starts_like_number(const char *text)
{
    return *text != '\0' && strchr(" \t\n\v\f\r", *text) == NULL;
}

bool ws_text_to_int64(const char *text, int64_t *value)
{
    char *end;
    if (!starts_like_number(text))
        return false;
    errno = 0;
    const intmax_t parsed = strtoimax(text, &end, 10);
    if (*end != '\0' || errno != 0)
        return false;
    *value = parsed;
    return true;
}

bool ws_text_to_double(const char *text, double *value)
{
    char *end;
    if (!starts_like_number(text))
        return false;
    errno = 0;
    const double parsed = strtod(text, &end);
    /* ERANGE of a number too small to be normal still gives the nearest value: take it */
    if (*end != '\0' || (errno != 0 && (parsed > 1 || parsed < -1)))
        return false;
    *value = parsed;
    return true;
}

void ws_text_drop_blanks(char *text, const char *separators)
{
    static const char blanks[] = " \t\n\v\f\r";
    size_t n = 0;

    for (const char *p = text; *p != '\0'; p++) {
        const size_t n_blanks = strspn(p, blanks);
        const bool is_beside = n == 0 || strchr(separators, text[n - 1]) != NULL ||
                               strchr(separators, p[n_blanks]) != NULL; /* or at the end */
        if (n_blanks > 0 && is_beside)
            p += n_blanks - 1;
        else
            text[n++] = *p;
    }
    text[n] = '\0';
}

/** Appends the copy (ownership moves); NULL means that copying failed. */
static ws_status push_owned(ws_text_list *list, char *copy)
{
    if (copy == NULL)
        return WS_ENOMEM;
    if (list->n_items == list->capacity) {
        const size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        char **items = realloc(list->items, capacity * sizeof *items);
        if (items == NULL) {
            free(copy);
            return WS_ENOMEM;
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->n_items++] = copy;
    return WS_OK;
}

void ws_text_write_size(char *text, size_t size, uint64_t n_bytes)
{
    static const char units[] = "kMGTPE";
    double value = (double)n_bytes / 1000.0;
    size_t unit = 0;

    if (n_bytes < 1000) {
        (void)snprintf(text, size, "%u bytes", (unsigned)n_bytes);
        return;
    }
    while (value >= 999.5 && unit + 1 < sizeof units - 1) {
        value /= 1000.0;
        unit++;
    }
    const int n_decimals = (value < 9.995) + (value < 99.95); /* three digits in all */
    (void)snprintf(text, size, "%.*f %cB", n_decimals, value, units[unit]);
}

ws_status ws_text_list_push(ws_text_list *list, const char *text)
{
    return push_owned(list, ws_text_copy(text));
}

ws_status ws_text_list_push_split(ws_text_list *list, const char *text, char separator)
{
    for (;;) {
        const char *end = strchr(text, separator);
        const size_t length = end != NULL ? (size_t)(end - text) : strlen(text);
        const ws_status status = push_owned(list, copy_n(text, length));
        if (status != WS_OK || end == NULL)
            return status;
        text = end + 1;
    }
}

char *ws_text_list_join(const ws_text_list *list, char separator)
{
    size_t size = 1;

    for (size_t i = 0; i < list->n_items; i++)
        size += strlen(list->items[i]) + 1;
    char *text = malloc(size), *end = text;
    for (size_t i = 0; i < list->n_items && text != NULL; i++) {
        if (i > 0)
            *end++ = separator;
        const size_t length = strlen(list->items[i]);
        memcpy(end, list->items[i], length);
        end += length;
    }
    if (text != NULL)
        *end = '\0';
    return text;
}

static int compare_items(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

bool ws_text_list_has(const ws_text_list *list, const char *text)
{
    for (size_t i = 0; i < list->n_items; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

void ws_text_list_sort(ws_text_list *list)
{
    if (list->n_items > 1)
        qsort(list->items, list->n_items, sizeof *list->items, compare_items);
}

void ws_text_list_deinit(ws_text_list *list)
{
    for (size_t i = 0; i < list->n_items; i++)
        free(list->items[i]);
    free(list->items);
    *list = (ws_text_list){.items = NULL};
}
