/**
 * Fake quantisation in TensorFlow's graphs: FakeQuantWithMinMaxVars after the weights or
 * activations that it rounds, with its range in two constants; or FakeQuantWithMinMaxArgs with a
 * fixed range in attributes. In a frozen model every range is fixed. Private to formats/.
 */
#ifndef WS_FORMATS_QUANTIZER_H
#define WS_FORMATS_QUANTIZER_H

#include "formats/graph_read.h"
#include "formats/graph_write.h"

/** Pushes the node that rounds x. @param name  set to its name; may be x */
void ws_quantizer_write(ws_graph_writer *writer, const char *x, const ws_quantizer *quantizer,
                        ws_node_name name);

/** The row of the operator. */
ws_write_function ws_quantizer_write_row;

bool ws_quantizer_is_op(const char *op);

/** Reads the range and its attributes. @return WS_OK; WS_EFORMAT if it is not of 8 bits */
WS_MUST_CHECK ws_status ws_quantizer_read(const ws_graph_reader *reader,
                                          const ws_node_message *node, ws_quantizer *quantizer,
                                          ws_error *err);

/** As in ws_read_row. */
WS_MUST_CHECK ws_status ws_quantizer_read_row(ws_graph_reader *reader, const ws_node_message *node,
                                              ws_error *err);

#endif
