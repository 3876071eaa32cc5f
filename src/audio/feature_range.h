/** What numbers a kind of features is taken to have when it is quantised. */
#ifndef WS_AUDIO_FEATURE_RANGE_H
#define WS_AUDIO_FEATURE_RANGE_H

#include "base/status.h"

/** Smaller and larger ones become its ends. Zero lies in it. */
typedef struct ws_feature_range {
    float min, max;
} ws_feature_range;

/** The original's range of a kind. @return WS_OK, or WS_ENOTFOUND with the list of kinds */
WS_MUST_CHECK ws_status ws_feature_range_find(const char *preprocess, ws_feature_range *range,
                                              ws_error *err);

#endif
