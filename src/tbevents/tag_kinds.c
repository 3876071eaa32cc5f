#include "tbevents/tag_kinds.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

/** FNV-1a */
static size_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return (size_t)(hash ^ hash >> 32);
}

/** The slot of a tag, or the free one where it belongs. */
static tbe_tag_kind *slot_of(const tbe_tag_kinds *kinds, const char *tag)
{
    size_t at = hash_of(tag) & (kinds->n_slots - 1);
    while (kinds->slots[at].tag != NULL && strcmp(kinds->slots[at].tag, tag) != 0)
        at = (at + 1) & (kinds->n_slots - 1);
    return &kinds->slots[at];
}

static bool grow(tbe_tag_kinds *kinds)
{
    tbe_tag_kinds larger = *kinds;

    larger.n_slots = kinds->n_slots == 0 ? FIRST_SLOTS : 2 * kinds->n_slots;
    larger.slots = calloc(larger.n_slots, sizeof *larger.slots);
    if (larger.slots == NULL)
        return false;
    for (size_t i = 0; i < kinds->n_slots; i++)
        if (kinds->slots[i].tag != NULL)
            *slot_of(&larger, kinds->slots[i].tag) = kinds->slots[i];
    free(kinds->slots);
    *kinds = larger;
    return true;
}

tbe_tag_kind tbe_tag_kinds_find(const tbe_tag_kinds *kinds, const char *tag)
{
    return kinds->n_tags > 0 ? *slot_of(kinds, tag) : (tbe_tag_kind){NULL, NULL};
}

tbe_tag_kind tbe_tag_kinds_push(tbe_tag_kinds *kinds, const char *tag, const char *plugin)
{
    const tbe_tag_kind none = {NULL, NULL};
    const size_t tag_size = strlen(tag) + 1, plugin_size = strlen(plugin) + 1;

    if (kinds->n_tags >= kinds->max_tags ||
        (2 * (kinds->n_tags + 1) > kinds->n_slots && !grow(kinds)))
        return none;
    char *both = malloc(tag_size + plugin_size);
    if (both == NULL)
        return none;
    memcpy(both, tag, tag_size);
    memcpy(both + tag_size, plugin, plugin_size);
    tbe_tag_kind *slot = slot_of(kinds, tag);
    *slot = (tbe_tag_kind){both, both + tag_size};
    kinds->n_tags++;
    return *slot;
}

void tbe_tag_kinds_deinit(tbe_tag_kinds *kinds)
{
    for (size_t i = 0; i < kinds->n_slots; i++)
        free(kinds->slots[i].tag);
    free(kinds->slots);
    *kinds = (tbe_tag_kinds){.slots = NULL};
}
