/** Names of the sets, as golden files have them. */
#ifndef WS_TESTS_SUPPORT_SET_NAME_H
#define WS_TESTS_SUPPORT_SET_NAME_H

#include "dataset/split.h"

static inline const char *ws_test_set_name(ws_set set)
{
    static const char *const names[WS_N_SETS] = {
        [WS_SET_TRAINING] = "training",
        [WS_SET_VALIDATION] = "validation",
        [WS_SET_TESTING] = "testing",
    };
    return names[set];
}

#endif
