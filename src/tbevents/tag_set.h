/** The tags of one event, each at most once: the data server keeps only the last of two. */
#ifndef TBEVENTS_TAG_SET_H
#define TBEVENTS_TAG_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tbe_tag_slot {
    uint32_t hash;
    uint32_t number; /* place of the tag in the event + 1; 0: free */
} tbe_tag_slot;

/** All zeros is an empty set without room. */
typedef struct tbe_tag_set {
    tbe_tag_slot *slots; /* [capacity], owned */
    size_t capacity;     /* a power of two */
    size_t n_used;       /* slots in use for this event: a power of two, at least twice the tags */
} tbe_tag_set;

/** Empties the set and makes room for n_tags. @return 0 or ENOMEM */
int tbe_tag_set_reset(tbe_tag_set *set, size_t n_tags);

/**
 * Adds tags[i].
 *
 * @param tags     the event's tags, of which those below i have been added
 * @param n_bytes  length of tags[i]
 * @return false if it is there already
 */
bool tbe_tag_set_add(tbe_tag_set *set, const char *const *tags, size_t i, size_t n_bytes);

/** Whether text is among the tags that were added. */
bool tbe_tag_set_has(const tbe_tag_set *set, const char *const *tags, const char *text);

void tbe_tag_set_deinit(tbe_tag_set *set);

#endif
