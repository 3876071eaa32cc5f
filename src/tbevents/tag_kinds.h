/** Which pages tags are for: what the first value of a tag told counts for all. */
#ifndef TBEVENTS_TAG_KINDS_H
#define TBEVENTS_TAG_KINDS_H

#include <stddef.h>

typedef struct tbe_tag_kind {
    char *tag;          /* owned by the table, one block with the other; NULL: none */
    const char *plugin; /* name of the page */
} tbe_tag_kind;

/** All zeros but for max_tags is an empty table. */
typedef struct tbe_tag_kinds {
    tbe_tag_kind *slots; /* [n_slots], owned; a power of two, at least twice n_tags */
    size_t n_slots;
    size_t n_tags;
    size_t max_tags;
} tbe_tag_kinds;

/** What is kept of a tag; both are NULL if it is not known. */
tbe_tag_kind tbe_tag_kinds_find(const tbe_tag_kinds *kinds, const char *tag);

/** Keeps the page of a tag that is not known yet. Its texts stay where they are.
 *  @return what is kept; both are NULL if there is no room or no memory */
tbe_tag_kind tbe_tag_kinds_push(tbe_tag_kinds *kinds, const char *tag, const char *plugin);

void tbe_tag_kinds_deinit(tbe_tag_kinds *kinds);

#endif
