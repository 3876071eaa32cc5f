/** Records as bytes of a new file. */
#ifndef WS_INSPECT_FRAME_H
#define WS_INSPECT_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/** Takes bytes of the new file. @return WS_OK, or what ends the writing, with a sentence */
typedef ws_status (*ws_event_write)(void *user, const void *bytes, size_t n_bytes, ws_error *err);

/** Writes a payload as a record. @return what write gave */
WS_MUST_CHECK ws_status ws_event_write_record(ws_event_write write, void *user,
                                              const uint8_t *payload, size_t size, ws_error *err);

#endif
