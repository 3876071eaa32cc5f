/** What is wrong with a graph, and with the times of one. Private to check*.c. */
#ifndef WS_INSPECT_CHECK_GRAPH_H
#define WS_INSPECT_CHECK_GRAPH_H

#include "inspect/check_context.h"

WS_MUST_CHECK ws_status ws_check_graph(ws_event_check *check, ProtobufCBinaryData bytes,
                                       ws_error *err);
void ws_check_meta_graph(ws_event_check *check, ProtobufCBinaryData bytes);
void ws_check_run_times(ws_event_check *check, ProtobufCBinaryData bytes);

#endif
