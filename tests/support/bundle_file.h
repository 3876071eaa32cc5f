/** What the tests of bundles, keepers and checkpoint names share. */
#ifndef WS_TESTS_SUPPORT_BUNDLE_FILE_H
#define WS_TESTS_SUPPORT_BUNDLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "checkpoint/bundle.h"

/** Writes a bundle of one array "weights" of n numbers that begin with first; asserts success. */
void ws_test_bundle_write(const char *prefix, float first, size_t n);

/** Writes a file without syncing it, for tests that write thousands; asserts success. */
void ws_test_bytes_write(const char *path, const void *bytes, size_t size);

/** The whole file (free()); asserts that it can be read. */
unsigned char *ws_test_bytes_read(const char *path, size_t *size);

/** Asserts that two files have the same bytes. */
void ws_test_assert_same_bytes(const char *a_path, const char *b_path);

/** The names in a directory, sorted, joined by spaces (free()). */
char *ws_test_names(const char *dir);

/** Lets this process write no file beyond that many bytes: later writes fail as on a full disk. */
void ws_test_limit_files(size_t max_bytes);
void ws_test_unlimit_files(void);

/** Reads every array of a bundle that can be read and copies it into all, one after the other;
 *  strings too. @return the first failure, or WS_OK */
ws_status ws_test_bundle_read_all(const char *prefix, ws_buf *all, ws_error *err);

/** A directory with a bundle of one shard, or room for it. */
typedef struct ws_test_bundle_folder {
    char dir[256];
    char *prefix, *index, *data; /* of the bundle and its two files */
} ws_test_bundle_folder;

/* Around a test: *state is the folder. */
int ws_test_bundle_folder_open(void **state);
int ws_test_bundle_folder_close(void **state);

#endif
