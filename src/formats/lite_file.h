/** Formats for small runtimes: a trained model is lowered, noted, and written. Private to
 *  formats/. */
#ifndef WS_FORMATS_LITE_FILE_H
#define WS_FORMATS_LITE_FILE_H

#include "base/buf.h"
#include "formats/frozen.h"
#include "nn/lite/lower.h"

/** Appends the bytes of a file. @return WS_OK, or why the format cannot hold the model */
typedef ws_status ws_lite_file_writer(const ws_lite *lite, ws_buf *file, ws_error *err);

/**
 * The model as a small runtime has it, from features to scores, with the note on its features.
 *
 * With options->is_int8 in 8 bits; for options->target in the form that it expects, and refused if
 * it lacks an operator.
 *
 * @param lowering  scores and rounding are not read
 * @param lite      uninitialised before; after success ws_lite_deinit() it
 * @return WS_OK; WS_EINVAL, WS_EUSAGE, WS_ENOMEM as ws_frozen_write
 */
WS_MUST_CHECK ws_status ws_lite_file_lower(const ws_frozen *frozen,
                                           const ws_frozen_write_options *options,
                                           const ws_lite_lower_options *lowering, ws_lite *lite,
                                           ws_error *err);

/** Lowers a model and writes its file; contracts as ws_frozen_write. */
WS_MUST_CHECK ws_status ws_lite_file_write(const char *path, const ws_frozen *frozen,
                                           const ws_frozen_write_options *options,
                                           const ws_lite_lower_options *lowering,
                                           ws_lite_file_writer *writer, ws_error *err);

#endif
