#include "tbevents/tag_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int tbe_tag_set_reset(tbe_tag_set *set, size_t n_tags)
{
    size_t n_used = 4;
    while (n_used < 2 * n_tags)
        n_used *= 2;
    if (n_used > set->capacity) {
        tbe_tag_slot *slots = realloc(set->slots, n_used * sizeof *slots);
        if (slots == NULL)
            return ENOMEM;
        set->slots = slots;
        set->capacity = n_used;
    }
    set->n_used = n_used;
    memset(set->slots, 0, n_used * sizeof *set->slots);
    return 0;
}

/** Eight bytes a round: folded in, multiplied by an odd constant, upper bits mixed down. */
static uint32_t hash_of(const char *text, size_t n_bytes)
{
    uint64_t hash = n_bytes;
    for (size_t i = 0; i < n_bytes; i += 8) {
        uint64_t word = 0;
        memcpy(&word, text + i, n_bytes - i < 8 ? n_bytes - i : 8);
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

bool tbe_tag_set_add(tbe_tag_set *set, const char *const *tags, size_t i, size_t n_bytes)
{
    const uint32_t hash = hash_of(tags[i], n_bytes);
    size_t at = hash & (set->n_used - 1);

    for (; set->slots[at].number != 0; at = (at + 1) & (set->n_used - 1))
        if (set->slots[at].hash == hash && strcmp(tags[set->slots[at].number - 1], tags[i]) == 0)
            return false;
    set->slots[at] = (tbe_tag_slot){hash, (uint32_t)i + 1};
    return true;
}

bool tbe_tag_set_has(const tbe_tag_set *set, const char *const *tags, const char *text)
{
    const uint32_t hash = hash_of(text, strlen(text));
    size_t at = hash & (set->n_used - 1);

    for (; set->slots[at].number != 0; at = (at + 1) & (set->n_used - 1))
        if (set->slots[at].hash == hash && strcmp(tags[set->slots[at].number - 1], text) == 0)
            return true;
    return false;
}

void tbe_tag_set_deinit(tbe_tag_set *set)
{
    free(set->slots);
    *set = (tbe_tag_set){.slots = NULL};
}
