/** synth.txt: what a data set was made from, and whether it is complete. Private to synth. */
#ifndef WS_SYNTH_MARKER_H
#define WS_SYNTH_MARKER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef enum ws_synth_state {
    WS_SYNTH_STATE_NEW,       /* the directory is empty */
    WS_SYNTH_STATE_UNDER_WAY, /* begun with these settings */
    WS_SYNTH_STATE_COMPLETE,  /* made with these settings */
} ws_synth_state;

/* More is not written and not read. */
#define WS_SYNTH_MAX_MARKER_BYTES ((size_t)1 << 20)

/**
 * Looks at a directory, which exists.
 *
 * @param settings  what its files depend on, a line for each; compared as far as it goes
 * @return WS_OK; WS_EEXISTS if it holds anything else than a set of these settings (err says what
 *         differs); WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_synth_marker_read(const char *dir, const char *settings,
                                             ws_synth_state *state, ws_error *err);

/** Writes or replaces it. */
WS_MUST_CHECK ws_status ws_synth_marker_write(const char *dir, const char *settings,
                                              bool is_complete, ws_error *err);

#endif
