/** Libraries that few commands need are loaded when one does, instead of with the program: they and
 *  what they need in turn take megabytes of memory. */
#ifndef WS_BASE_SHARED_LIBRARY_H
#define WS_BASE_SHARED_LIBRARY_H

#include <stddef.h>

#include "base/status.h"

/** A function of a library, and the pointer that is set to it. */
typedef struct ws_library_function {
    const char *name;
    void *pointer; /* to a pointer to a function of the right type */
} ws_library_function;

/**
 * Loads a library, which stays loaded, and finds functions in it. Doing it again is cheap.
 *
 * @param name  of its file, with the version that the program was compiled for: "libcurl.so.4"
 * @return WS_OK; WS_ENOTFOUND naming the library, and the function if that is missing
 */
WS_MUST_CHECK ws_status ws_shared_library_load(const char *name,
                                               const ws_library_function *functions,
                                               size_t n_functions, ws_error *err);

#endif
