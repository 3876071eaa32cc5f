/** Making the directory of a run and a new event file in it, under a name that sorts last. */
#ifndef TBEVENTS_FILE_NAME_H
#define TBEVENTS_FILE_NAME_H

#include <stdint.h>

#include "tbevents/tbevents.h"

typedef struct tbe_file_name {
    const char *dir;
    int64_t seconds; /* since 1970, 0 to 9999999999 */
    const char *host;
    const char *suffix;
} tbe_file_name;

/** The name of this machine as it may stand in a file name; never empty. */
void tbe_host_name_get(char host[TBE_MAX_NAME_BYTES + 1]);

/** Makes the directory and its parents. @return 0 or errno. */
int tbe_directory_create(const char *dir);

/**
 * Creates the file with O_EXCL, open for writing.
 *
 * Event files of TensorFlow's form (ten digits or more) that are there already sort before it.
 *
 * @param name  seconds: the time it should bear; later if an older file asks for it
 * @param path  set to its path (free()), also where the file could not be created; NULL without
 *              memory
 * @param fd    set to the descriptor
 * @return 0; EOVERFLOW: no later second has ten digits; or errno
 */
int tbe_file_create(const tbe_file_name *name, char **path, int *fd);

#endif
