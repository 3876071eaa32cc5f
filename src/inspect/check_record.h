/** What is wrong with a record as a whole. Private to check*.c. */
#ifndef WS_INSPECT_CHECK_RECORD_H
#define WS_INSPECT_CHECK_RECORD_H

#include "inspect/check_context.h"

/** Looks at a record that was read. @return WS_OK, WS_ELIMIT, WS_ENOMEM, or of a hook */
WS_MUST_CHECK ws_status ws_check_record(ws_event_check *check, const tbe_record *record,
                                        ws_error *err);

#endif
