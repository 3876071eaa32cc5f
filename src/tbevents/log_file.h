/**
 * The event file of a writer on disk. It may be deleted, moved or replaced by somebody else while
 * it is written; then another one can be begun in the same place.
 */
#ifndef TBEVENTS_LOG_FILE_H
#define TBEVENTS_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tbevents/file_name.h"

typedef struct tbe_log_file {
    int fd; /* -1: none */
    /* where it is */
    char *dir;      /* owned: as it was passed */
    char *absolute; /* owned: the same whatever the working directory becomes */
    char *path;     /* owned: in absolute */
    dev_t device;
    ino_t inode;
    /* the name of the next one */
    char host[TBE_MAX_NAME_BYTES + 1], suffix[TBE_MAX_NAME_BYTES + 1];
    double wall_time; /* of all events; 0: the clock's */
    /* what each one begins with */
    uint8_t *beginning; /* [n_beginning] whole records, owned */
    size_t n_beginning;
    int64_t n_written; /* bytes in the file that make whole records */
} tbe_log_file;

typedef struct tbe_log_file_options {
    const char *dir, *host, *suffix; /* host NULL: this machine's name; suffix NULL: none */
    double wall_time;
} tbe_log_file_options;

/** A file that is not there yet; the texts are copied. @return 0 or ENOMEM. tbe_log_file_deinit()
 *  it, after a failure too. */
int tbe_log_file_init(tbe_log_file *file, const tbe_log_file_options *options);
/** Frees all but the descriptor, which tbe_log_file_close() closes. */
void tbe_log_file_deinit(tbe_log_file *file);

/** Makes the directory, with its parents. @return 0 or errno */
int tbe_log_file_make_dir(const tbe_log_file *file);

/** Makes the file, whose name sorts after all that are in the directory. @return 0 or errno;
 *  EOVERFLOW: no name is left */
int tbe_log_file_create(tbe_log_file *file);

/** The name of the file with its directory as it was passed. @return free(); NULL: no memory */
char *tbe_log_file_copy_path(const tbe_log_file *file);

/** Keeps the first records, for files to come. @param bytes [size] copied @return 0 or ENOMEM */
int tbe_log_file_set_beginning(tbe_log_file *file, const uint8_t *bytes, size_t size);

/** Whether the file still has its name. True, too, where that cannot be found out. */
bool tbe_log_file_is_there(const tbe_log_file *file);

/** Begins another file in the same place. @return 0 or errno; then the old one is still open */
int tbe_log_file_begin_again(tbe_log_file *file);

/** Writes whole records. After a failure the file is cut back to its last whole record, because a
 *  reader never gets past half of one. @return 0 or errno */
int tbe_log_file_write(tbe_log_file *file, const uint8_t *bytes, size_t size);

/** @return 0 or errno; the descriptor is gone in any case */
int tbe_log_file_close(tbe_log_file *file);

#endif
