/**
 * The nodes of an SVDF operator in the original's graphs, with one row for writing and one for
 * reading:
 *
 *     x -> [stream: only new frames] -> conv1d over the frequencies of each frame -> transpose
 *       -> [stream: after the memory of earlier frames] -> product with the weights in time
 *       -> sum over the filters of a unit -> transpose
 *
 * Parts in brackets are for streams. In a frozen graph the flag that says that the stream begins
 * is a constant, so all frames are new and the memory has no effect. Private to
 * formats/.
 */
#ifndef WS_FORMATS_SVDF_H
#define WS_FORMATS_SVDF_H

#include "formats/graph_read.h"
#include "formats/graph_write.h"

ws_write_function ws_svdf_write;

/** As in ws_read_row. */
WS_MUST_CHECK ws_status ws_svdf_find_data(const ws_graph_reader *reader,
                                          const ws_node_message *node, ws_read_data *data,
                                          ws_error *err);
WS_MUST_CHECK ws_status ws_svdf_read(ws_graph_reader *reader, const ws_node_message *node,
                                     ws_error *err);

#endif
