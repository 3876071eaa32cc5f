/** Reading a SavedModel directory. Private to formats/. */
#ifndef WS_FORMATS_SAVED_MODEL_H
#define WS_FORMATS_SAVED_MODEL_H

#include "formats/graph_read.h"

/** The file in every SavedModel directory. */
#define WS_SAVED_MODEL_FILE "saved_model.pb"

/** As ws_frozen_read, of a directory. */
WS_MUST_CHECK ws_status ws_saved_model_read(const char *dir, int64_t assumed_rate_hz,
                                            ws_frozen *frozen, ws_error *err);

/** The same for the bytes of its saved_model.pb. */
WS_MUST_CHECK ws_status ws_saved_model_read_bytes(const ws_graph_source *source, ws_frozen *frozen,
                                                  ws_error *err);

#endif
