/** What is wrong with a value's tag, step and page. Private to check*.c. */
#ifndef WS_INSPECT_CHECK_VALUE_H
#define WS_INSPECT_CHECK_VALUE_H

#include "inspect/check_context.h"

/** Looks at value check->value of the present record. @return WS_OK, WS_ELIMIT, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_check_value(ws_event_check *check, const Tbproto__Summary__Value *value,
                                       ws_error *err);

#endif
