/** Reading a whole bundle and writing it again. */
#ifndef WS_TESTS_SUPPORT_BUNDLE_COPY_H
#define WS_TESTS_SUPPORT_BUNDLE_COPY_H

#include "base/status.h"

/** Every array of one bundle, through memory, into another of the same content. */
WS_MUST_CHECK ws_status ws_test_bundle_copy(const char *from, const char *to, ws_error *err);

#endif
