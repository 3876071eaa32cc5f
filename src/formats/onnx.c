/* --save_format=onnx: one file from features to scores. */
#include "formats/onnx.h"

#include "formats/format.h"
#include "formats/lite_file.h"

static ws_status write_onnx(const char *path, const ws_frozen *frozen,
                            const ws_frozen_write_options *options, ws_error *err)
{
    return ws_lite_file_write(path, frozen, options, &(ws_lite_lower_options){0}, ws_onnx_write,
                              err);
}

const ws_format ws_format_onnx = {
    .name = "onnx", .ending = ".onnx", .title = "ONNX model", .write = write_onnx};
