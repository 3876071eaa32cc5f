/** Files of the projector page, one embedding at a time. All is checked by the caller. */
#ifndef TBEVENTS_PROJECTOR_FILES_H
#define TBEVENTS_PROJECTOR_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "tbevents/projector.h"

/** What a file is written with. @return whether all went well; errno tells otherwise */
typedef bool (*tbe_file_body)(FILE *file, const void *data);

/**
 * Writes a file under another name, syncs it and renames it.
 *
 * @param path  set to its path (free()), also on failure; NULL: no memory
 * @return 0 or errno
 */
int tbe_file_replace(const char *dir, const char *name, tbe_file_body body, const void *data,
                     char **path);

/** Bodies of files: data is a tbe_embedding. */
bool tbe_vectors_write_tsv(FILE *file, const void *data);
bool tbe_vectors_write_bytes(FILE *file, const void *data);
bool tbe_labels_write(FILE *file, const void *data);

/** Whether the vectors as bytes could be taken for UTF-8, and so for TSV, by TensorBoard. */
bool tbe_vectors_look_like_text(const tbe_embedding *embedding);

/** Thumbnails in a row of the sheet, which makes it nearly square. */
size_t tbe_sprite_columns(const tbe_embedding *embedding);

/** A sheet of all thumbnails as PNG. @param file  set to it (free())  */
tbe_status tbe_sprite_encode(const tbe_embedding *embedding, uint8_t **file, size_t *size);

#endif
