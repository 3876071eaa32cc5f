#include "base/shared_library.h"

#include <dlfcn.h>
#include <string.h>

ws_status ws_shared_library_load(const char *name, const ws_library_function *functions,
                                 size_t n_functions, ws_error *err)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL)
        return ws_fail(err, WS_ENOTFOUND, "%s: cannot be loaded (%s): expected it to be installed",
                       name, dlerror());
    for (size_t i = 0; i < n_functions; i++) {
        void *found = dlsym(library, functions[i].name);
        if (found == NULL)
            return ws_fail(err, WS_ENOTFOUND,
                           "%s: has no function %s: expected a newer version of this library", name,
                           functions[i].name);
        memcpy(functions[i].pointer, &found, sizeof found); /* POSIX: they have the same size */
    }
    return WS_OK;
}
