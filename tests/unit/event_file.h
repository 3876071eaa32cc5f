/**
 * For the tests of tbevents: a scratch directory, and event files read back by a reader of their
 * own (its checksum is the textbook one, bit by bit). A broken file fails the running test.
 */
#ifndef WS_TESTS_EVENT_FILE_H
#define WS_TESTS_EVENT_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "event.pb-c.h"
#include "tbevents/tbevents.h"

typedef struct event_file {
    uint8_t *bytes; /* [size] */
    size_t size;
    size_t n_records;
    const uint8_t **records; /* [n_records + 1], each with its framing; the last: the end */
    Tbproto__Event **events; /* [n_records] */
} event_file;

/** A new directory in the system's place for such; a static text, one at a time. */
const char *scratch_create(void);
/** Removes it with all in it. */
void scratch_destroy(void);

/* The same around each test of a group; scratch_dir is the running test's. */
extern const char *scratch_dir;
int scratch_set_up(void **state);
int scratch_tear_down(void **state);
#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_set_up, scratch_tear_down)

/** The names in a directory, sorted; free with names_destroy(). */
char **names_read(const char *dir, size_t *n_names);
void names_destroy(char **names, size_t n_names);

/** Reads and checks a whole file. */
event_file *event_file_read(const char *path);
/** The same, but half a record may be at the end. @param n_torn  its bytes */
event_file *event_file_read_torn(const char *path, size_t *n_torn);
void event_file_destroy(event_file *file);

/** An event as a record. @param out  room for its bytes and 16  @return bytes written */
size_t event_frame(const Tbproto__Event *event, uint8_t *out);

/** The same for size bytes that are already at out + 12. */
size_t bytes_frame(uint8_t *out, size_t size);

/** Fails the test unless record i of the file is these bytes. */
void assert_record(const event_file *file, size_t i, const char *hex);

/** Bytes of hexadecimal text (free()). */
uint8_t *bytes_of_hex(const char *hex, size_t *size);

/** Options for a writer whose bytes do not depend on the machine: a fixed time and host. */
tbe_options fixed_options(double wall_time);

/** Closes the writer, fails the test unless it has that status, reads its file. */
event_file *close_and_read(tbe_writer *writer, tbe_status expected);

#endif
