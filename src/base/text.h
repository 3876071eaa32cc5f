/** Small strings on the heap: formatting, copying, splitting lists, parsing whole numbers. */
#ifndef WS_BASE_TEXT_H
#define WS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/** printf into a new string (free()); NULL when out of memory. */
char *ws_text_format(const char *format, ...) WS_PRINTF(1, 2);

/** A copy of text (free()); NULL when out of memory. */
char *ws_text_copy(const char *text);

bool ws_text_has_suffix(const char *text, const char *suffix);

/** The whole text as a number, with nothing around it. @return false if it is not one. */
bool ws_text_to_int64(const char *text, int64_t *value);
bool ws_text_to_double(const char *text, double *value);

/** Removes blanks (as Python's strip() takes them, in ASCII) at both ends of text and beside each
 *  separator, in place. @param separators  characters; "" for the ends only */
void ws_text_drop_blanks(char *text, const char *separators);

/** Room for a size in words, its NUL included. */
enum { WS_TEXT_SIZE_BYTES = 16 };

/** A number of bytes for people, as disks are sold: "999 bytes", "1.2 kB", "2.43 GB". */
void ws_text_write_size(char *text, size_t size, uint64_t n_bytes);

/** A list of strings, one owned block each. All zeros is an empty list. */
typedef struct ws_text_list {
    char **items; /* [n_items] */
    size_t n_items;
    size_t capacity;
} ws_text_list;

/** Appends a copy of text. @return WS_OK or WS_ENOMEM. */
WS_MUST_CHECK ws_status ws_text_list_push(ws_text_list *list, const char *text);
/** Appends the parts of text between separators; "" gives one empty part, as in Python. */
WS_MUST_CHECK ws_status ws_text_list_push_split(ws_text_list *list, const char *text,
                                                char separator);
/** All of them in one text, with a separator in between. @return free() it; NULL without memory */
char *ws_text_list_join(const ws_text_list *list, char separator);
/** Whether one of them is text. */
bool ws_text_list_has(const ws_text_list *list, const char *text);
/** Sorts by bytes (unsigned), the order of strcmp. */
void ws_text_list_sort(ws_text_list *list);
void ws_text_list_deinit(ws_text_list *list);

#endif
