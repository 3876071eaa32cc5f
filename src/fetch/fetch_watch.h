/** How a caller follows a download and its unpacking, and ends it. */
#ifndef WS_FETCH_FETCH_WATCH_H
#define WS_FETCH_FETCH_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

typedef struct ws_fetch_watch {
    const ws_log *log; /* borrowed; NULL: nobody */
    /**
     * Called often, and at least once a second while a server is waited for.
     *
     * @param activity  "downloading", "checking" or "unpacking"
     * @param n_done    bytes of the archive so far
     * @param n_all     of this number; 0 while unknown
     * @return false to stop as soon as all is in order
     */
    bool (*progress)(void *user, const char *activity, uint64_t n_done, uint64_t n_all);
    void *user;
} ws_fetch_watch;

#endif
