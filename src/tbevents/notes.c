#include "tbevents/notes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** Copies a text to *at and steps over it; NULL stays NULL. */
static const char *put_text(char **at, const char *text)
{
    char *copy = *at;
    if (text == NULL)
        return NULL;
    const size_t size = strlen(text) + 1;
    memcpy(copy, text, size);
    *at += size;
    return copy;
}

static size_t size_of(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

static tbe_tag_note *append(tbe_notes *notes)
{
    if (notes->n_items == notes->capacity) {
        const size_t capacity = notes->capacity == 0 ? 16 : 2 * notes->capacity;
        tbe_tag_note *items = realloc(notes->items, capacity * sizeof *items);
        if (items == NULL)
            return NULL;
        notes->items = items;
        notes->capacity = capacity;
    }
    notes->items[notes->n_items] = (tbe_tag_note){.tag = NULL};
    return &notes->items[notes->n_items++];
}

int tbe_notes_set(tbe_notes *notes, const char *tag, const tbe_note *note)
{
    char *texts =
        malloc(strlen(tag) + 1 + size_of(note->display_name) + size_of(note->description));
    if (texts == NULL)
        return ENOMEM;
    tbe_tag_note *item = tbe_notes_find(notes, tag);
    if (item == NULL)
        item = append(notes);
    if (item == NULL) {
        free(texts);
        return ENOMEM;
    }
    free(item->tag);
    item->tag = texts;
    (void)put_text(&texts, tag);
    item->note.display_name = put_text(&texts, note->display_name);
    item->note.description = put_text(&texts, note->description);
    if (!item->waits)
        notes->n_waiting++;
    item->waits = true;
    return 0;
}

tbe_tag_note *tbe_notes_find(const tbe_notes *notes, const char *tag)
{
    for (size_t i = 0; i < notes->n_items; i++)
        if (strcmp(notes->items[i].tag, tag) == 0)
            return &notes->items[i];
    return NULL;
}

void tbe_notes_deinit(tbe_notes *notes)
{
    for (size_t i = 0; i < notes->n_items; i++)
        free(notes->items[i].tag);
    free(notes->items);
    *notes = (tbe_notes){.items = NULL};
}
