/** What is to be shown with which tag: the table of tbe_describe(). */
#ifndef TBEVENTS_NOTES_H
#define TBEVENTS_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "tbevents/event.h"

typedef struct tbe_tag_note {
    tbe_note note; /* its texts and the tag are owned, one block in tag */
    char *tag;
    bool waits; /* no scalar has taken it along yet */
} tbe_tag_note;

/** All zeros is an empty table. */
typedef struct tbe_notes {
    tbe_tag_note *items; /* [n_items], owned */
    size_t n_items;
    size_t capacity;
    size_t n_waiting;
} tbe_notes;

/** Keeps copies of the texts, in place of earlier ones of the tag. @return 0 or ENOMEM */
int tbe_notes_set(tbe_notes *notes, const char *tag, const tbe_note *note);

/** The entry of a tag, or NULL; valid until the next tbe_notes_set(). */
tbe_tag_note *tbe_notes_find(const tbe_notes *notes, const char *tag);

void tbe_notes_deinit(tbe_notes *notes);

#endif
