/** Finding a plug-in, flag or command by name, with an error that helps. */
#ifndef WS_BASE_LOOKUP_H
#define WS_BASE_LOOKUP_H

#include <stddef.h>

#include "base/status.h"

/** The i-th valid name; what table it reads is the caller's business. */
typedef const char *(*ws_name_at)(size_t i);

/**
 * Finds name among the n names that name_at(0..n-1) gives.
 *
 * @param what   what the names are of, for the error: "model architecture"
 * @param index  set to the place of the name
 * @return WS_OK, or WS_ENOTFOUND with a sentence that lists the valid names
 */
WS_MUST_CHECK ws_status ws_lookup(const char *what, const char *name, ws_name_at name_at, size_t n,
                                  size_t *index, ws_error *err);

/** The most similar of the n names (edit distance), or NULL if none is near (over a third off). */
const char *ws_closest_name(const char *name, ws_name_at name_at, size_t n);

#endif
