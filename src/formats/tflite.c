/* --save_format=tflite: one file from features to scores. */
#include "formats/tflite.h"

#include "formats/format.h"
#include "formats/lite_file.h"

static ws_status write_tflite(const char *path, const ws_frozen *frozen,
                              const ws_frozen_write_options *options, ws_error *err)
{
    return ws_lite_file_write(path, frozen, options,
                              &(ws_lite_lower_options){.is_one_channel_depthwise = true},
                              ws_tflite_write, err);
}

const ws_format ws_format_tflite = {
    .name = "tflite", .title = "TFLite model", .write = write_tflite};
