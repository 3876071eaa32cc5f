/** What a file format consists of: one constant row in frozen.c. Private to formats/. */
#ifndef WS_FORMATS_FORMAT_H
#define WS_FORMATS_FORMAT_H

#include "formats/frozen.h"

typedef struct ws_format {
    const char *name;   /* as --save_format says it */
    const char *ending; /* that names of its files usually have; NULL: any */
    const char *title;  /* of what it writes, for people */
    /** Writes the whole model; contracts as ws_frozen_write. */
    ws_status (*write)(const char *path, const ws_frozen *frozen,
                       const ws_frozen_write_options *options, ws_error *err);
} ws_format;

extern const ws_format ws_format_c;
extern const ws_format ws_format_graph_def;
extern const ws_format ws_format_onnx;
extern const ws_format ws_format_saved_model;
extern const ws_format ws_format_tflite;
extern const ws_format ws_format_c;

#endif
