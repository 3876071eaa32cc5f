/** Names by number: each different text gets the next one, from 0. A set of texts, too. */
#ifndef WS_BASE_NAMES_H
#define WS_BASE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* What a file may make us remember; more is WS_ELIMIT. */
enum { WS_NAMES_MAX = 1 << 20, WS_NAMES_MAX_BYTES = 1 << 26 };

/** All zeros is an empty table. */
typedef struct ws_names {
    char **items; /* [n_items], owned */
    size_t n_items;
    size_t capacity;
    size_t n_bytes;  /* of all items */
    uint32_t *slots; /* [n_slots] number + 1; 0: free; a power of two, at least twice n_items */
    size_t n_slots;
} ws_names;

/**
 * The number of a name, a new one if it is not there yet.
 *
 * @param number  set; equal to n_items as it was before for a new name
 * @return WS_OK; WS_ELIMIT or WS_ENOMEM, with a sentence
 */
WS_MUST_CHECK ws_status ws_names_push(ws_names *names, const char *name, size_t *number,
                                      ws_error *err);

/** The number of a name; n_items if it is not there. */
size_t ws_names_find(const ws_names *names, const char *name);

void ws_names_deinit(ws_names *names);

/** Makes room for one element more in an array that grows by doubling, new ones zeroed.
 *  @return the array, or NULL: out of memory, and the old one is as it was */
void *ws_names_grow(void *items, size_t n_items, size_t *capacity, size_t item_size);

#endif
