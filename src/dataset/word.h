/** Words of a data set as Unicode text: what folders are called, and what a user asks for. Private
 *  to dataset/. */
#ifndef WS_DATASET_WORD_H
#define WS_DATASET_WORD_H

/**
 * A folder's name in lower case, as Python's str.lower() gives it, in composed form (NFC): "Öffnen"
 * is "öffnen", "ΛΟΓΟΣ" is "λογος" with a final sigma. Bytes that are not UTF-8 stay.
 *
 * @return a new string (free()); NULL when out of memory
 */
char *ws_word_lower(const char *name);

/**
 * The same without the change of case. Some systems store the names of files with letters and
 * accents apart, and keyboards give them as one: as words they are equal.
 */
char *ws_word_compose(const char *word);

#endif
