/** Reading a SavedModel directory. Private to formats/. */
#ifndef WS_FORMATS_SAVED_MODEL_H
#define WS_FORMATS_SAVED_MODEL_H

#include "checkpoint/bundle.h"
#include "formats/frozen.h"

/** What every SavedModel directory has in it. */
#define WS_SAVED_MODEL_FILE "saved_model.pb"

/** As ws_frozen_read, of a directory. */
WS_MUST_CHECK ws_status ws_saved_model_read(const char *dir, ws_frozen *frozen, ws_error *err);

/**
 * The same of the bytes of its saved_model.pb.
 *
 * @param path       of that file, for errors
 * @param variables  beside it; NULL: none
 */
WS_MUST_CHECK ws_status ws_saved_model_read_bytes(const char *path, const unsigned char *bytes,
                                                  size_t size, const ws_bundle *variables,
                                                  ws_frozen *frozen, ws_error *err);

#endif
