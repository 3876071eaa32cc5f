#include "base/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { FIRST_SLOTS = 64, FIRST_ITEMS = 16 };

/** FNV-1a */
static size_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return (size_t)(hash ^ hash >> 32);
}

/** The slot of a name, or the free one where it belongs. */
static uint32_t *slot_of(const ws_names *names, const char *name)
{
    size_t at = hash_of(name) & (names->n_slots - 1);
    while (names->slots[at] != 0 && strcmp(names->items[names->slots[at] - 1], name) != 0)
        at = (at + 1) & (names->n_slots - 1);
    return &names->slots[at];
}

static bool grow_slots(ws_names *names)
{
    ws_names larger = *names;

    larger.n_slots = names->n_slots == 0 ? FIRST_SLOTS : 2 * names->n_slots;
    larger.slots = calloc(larger.n_slots, sizeof *larger.slots);
    if (larger.slots == NULL)
        return false;
    for (size_t i = 0; i < names->n_items; i++)
        *slot_of(&larger, names->items[i]) = (uint32_t)i + 1;
    free(names->slots);
    *names = larger;
    return true;
}

void *ws_names_grow(void *items, size_t n_items, size_t *capacity, size_t item_size)
{
    if (n_items < *capacity)
        return items;
    const size_t larger = *capacity == 0 ? FIRST_ITEMS : 2 * *capacity;
    char *grown = realloc(items, larger * item_size);
    if (grown == NULL)
        return NULL;
    memset(grown + n_items * item_size, 0, (larger - n_items) * item_size);
    *capacity = larger;
    return grown;
}

static ws_status push_new(ws_names *names, const char *name, ws_error *err)
{
    const size_t n_bytes = strlen(name) + 1;

    if (names->n_items >= WS_NAMES_MAX || n_bytes > WS_NAMES_MAX_BYTES - names->n_bytes)
        return ws_fail(err, WS_ELIMIT, "there are more than %d names, or %d bytes of them",
                       WS_NAMES_MAX, WS_NAMES_MAX_BYTES);
    char **items =
        ws_names_grow(names->items, names->n_items, &names->capacity, sizeof *names->items);
    if (items == NULL)
        return ws_fail_memory(err, "names");
    names->items = items;
    items[names->n_items] = ws_text_copy(name);
    if (items[names->n_items] == NULL)
        return ws_fail_memory(err, "names");
    *slot_of(names, name) = (uint32_t)names->n_items + 1;
    names->n_items++;
    names->n_bytes += n_bytes;
    return WS_OK;
}

ws_status ws_names_push(ws_names *names, const char *name, size_t *number, ws_error *err)
{
    if (2 * (names->n_items + 1) > names->n_slots && !grow_slots(names))
        return ws_fail_memory(err, "names");
    const uint32_t known = *slot_of(names, name);
    *number = known != 0 ? known - 1 : names->n_items;
    return known != 0 ? WS_OK : push_new(names, name, err);
}

size_t ws_names_find(const ws_names *names, const char *name)
{
    const uint32_t known = names->n_slots > 0 ? *slot_of(names, name) : 0;
    return known != 0 ? known - 1 : names->n_items;
}

void ws_names_deinit(ws_names *names)
{
    for (size_t i = 0; i < names->n_items; i++)
        free(names->items[i]);
    free(names->items);
    free(names->slots);
    *names = (ws_names){.items = NULL};
}
