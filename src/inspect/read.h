/** Event files record by record, with the longest records that TensorBoard takes. */
#ifndef WS_INSPECT_READ_H
#define WS_INSPECT_READ_H

#include <stdbool.h>

#include "base/status.h"
#include "tbevents/reader.h"

/** A reader for records of any length that TensorBoard takes. @return as tbe_reader_open() */
tbe_reader *ws_event_reader_open(const char *path);

/** The same for a file in memory. @param data [size], borrowed until it is closed */
tbe_reader *ws_event_reader_open_memory(const void *data, size_t size);

/** The status and sentence of a reader's failure. */
ws_status ws_event_reader_fail(const tbe_reader *reader, tbe_status status, ws_error *err);

/** Takes a whole record. @return WS_OK to continue, else what ends the reading */
typedef ws_status (*ws_event_visit_record)(void *user, const tbe_record *record, ws_error *err);

/**
 * Reads a file up to its end, or to the first place where no record begins. Damaged records are
 * left out.
 *
 * @param is_damaged  set to true if something was left out; not changed otherwise
 * @return WS_OK, WS_EIO, WS_ENOMEM, or what visit gave
 */
WS_MUST_CHECK ws_status ws_event_file_read(const char *path, ws_event_visit_record visit,
                                           void *user, bool *is_damaged, ws_error *err);

#endif
