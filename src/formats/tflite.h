/** TFLite files. Private to formats/. */
#ifndef WS_FORMATS_TFLITE_H
#define WS_FORMATS_TFLITE_H

#include "base/buf.h"
#include "formats/frozen.h"
#include "nn/lite/lite.h"

/** What a file begins with, from its fifth byte on. */
#define WS_TFLITE_IDENTIFIER "TFL3"

enum {
    WS_TFLITE_MAX_BYTES = 1 << 28,   /* of a file that is read, and of all its constants */
    WS_TFLITE_MAX_TENSORS = 1 << 14, /* of a graph */
    WS_TFLITE_MAX_NODES = 1 << 13,
    WS_TFLITE_MAX_NUMBERS = 1 << 26, /* of a tensor */
};

/**
 * Appends a model's file: schema 3, constants aligned to 16 bytes, one signature (serving_default)
 * with the names of the first graph's inputs and outputs, notes as metadata. Equal models give
 * equal bytes.
 *
 * @param buf  empty, of at most WS_FLAT_MAX_BYTES
 * @return WS_OK; WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_tflite_write(const ws_lite *lite, ws_buf *buf, ws_error *err);

/**
 * Reads a file, ours or another program's.
 *
 * @param path  for errors
 * @param lite  overwritten; on success ws_lite_deinit() it. Its numbers of tensors and graphs are
 *              in range, and constants have the size that their dims say
 * @return WS_OK; WS_EFORMAT naming the file and the byte, operator or tensor; WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_tflite_read(const char *path, const unsigned char *bytes, size_t size,
                                       ws_lite *lite, ws_error *err);

/** Whether bytes begin like a TFLite file. */
bool ws_tflite_is_file(const unsigned char *bytes, size_t size);

/**
 * Reads a file with what it says of its features, or, where it says nothing, with those that a
 * known kind of file takes: TensorFlow Lite Micro's micro_speech, MLPerf Tiny's keyword spotter,
 * wake words of ESPHome.
 *
 * @param frozen  zeroed before; on success ws_frozen_deinit() it
 * @return as ws_frozen_read
 */
WS_MUST_CHECK ws_status ws_tflite_read_frozen(const char *path, const unsigned char *bytes,
                                              size_t size, ws_frozen *frozen, ws_error *err);

#endif
