/** What is wrong with the form of a value. Private to check*.c. */
#ifndef WS_INSPECT_CHECK_TENSOR_H
#define WS_INSPECT_CHECK_TENSOR_H

#include "inspect/check_context.h"

/** Takes from a tag's first metadata what is told of its sounds or curves. */
void ws_check_read_content(const Tbproto__Summary__Value *value, ws_checked_tag *tag);

/** Looks at the form of a tensor, by the page of its tag. */
void ws_check_tensor(ws_event_check *check, const Tbproto__Summary__Value *value,
                     const ws_checked_tag *tag);

/** Looks at a histogram of the older form. */
void ws_check_old_histogram(ws_event_check *check, const Tbproto__HistogramProto *histogram);

/** Looks at a picture. @param width  as it is said to be, pixels; 0: it is not said */
void ws_check_picture(ws_event_check *check, ProtobufCBinaryData file, int64_t width,
                      int64_t height);

#endif
