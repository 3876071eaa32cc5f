/** ONNX files. Private to formats/. */
#ifndef WS_FORMATS_ONNX_H
#define WS_FORMATS_ONNX_H

#include "base/buf.h"
#include "nn/lite/lite.h"

/**
 * Appends a model's file: operator set 13, batch dimension free, constants inside, notes as
 * metadata. Equal models give equal bytes.
 *
 * Images are [n, c, h, w] inside, as ONNX has them; the input is [n, frames, features of a
 * frame]. Numbers of 8 bits are unsigned: 128 more than in TFLite. QuantizeLinear and
 * DequantizeLinear stand around each operator, which runtimes join with it.
 *
 * @param lite  one graph, its output a vector a sample
 * @param file  empty
 * @return WS_OK; WS_EINVAL naming an operator that cannot be said; WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_onnx_write(const ws_lite *lite, ws_buf *file, ws_error *err);

#endif
