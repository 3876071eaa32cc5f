/**
 * A fingerprint as C source, as the original's wav_to_features.py writes it:
 *
 *     const int g_<name>_width = 40;
 *     const int g_<name>_height = 98;
 *     const float g_<name>_data[] = {...};         (or unsigned char, if quantised)
 *
 * under a comment that says how it was made. The same bytes as the original's, except where those
 * are not valid C, or do not say what was asked for:
 *
 *   - <name> is the sound file's name in lower case without its suffix; each character of it that a
 *     C identifier cannot have becomes a '_'.
 *   - In the comment, a file's name that contains the start or end of a comment is split there by
 * "" (which a shell reads as the same name), and its bytes that are not valid UTF-8 become '?'.
 *   - Milliseconds keep their fraction.
 */
#ifndef WS_FORMATS_FEATURE_SOURCE_H
#define WS_FORMATS_FEATURE_SOURCE_H

#include <stdbool.h>

#include "audio/features.h"
#include "base/buf.h"

/** All pointers are borrowed. */
typedef struct ws_feature_source {
    const ws_feature_options *options; /* for the comment, and the kind's range */
    bool is_quantized;                 /* to 0 .. 255 over the range of the kind */
    const char *input_wav, *output_c_file;
    const float *features; /* [height, width] */
    size_t width, height;
} ws_feature_source;

/** The most bytes in the buffer; more are refused. */
#define WS_FEATURE_SOURCE_MAX_BYTES ((size_t)1 << 30)

/** Appends the source. @return WS_OK; WS_ENOTFOUND for a kind without a range; WS_ENUMERIC
 *  for features that are not finite; WS_ELIMIT if the text is too large for the buffer;
 *  WS_ENOMEM */
WS_MUST_CHECK ws_status ws_feature_source_write(const ws_feature_source *source, ws_buf *out,
                                                ws_error *err);

/** A feature of a range as a byte: halves are rounded to even, values outside the range become its
 * nearer end. */
unsigned char ws_feature_source_quantize(float value, float min, float max);

#endif
