/** synth.txt: what a data set was made from, and whether it is complete. Private to synth. */
#ifndef WS_SYNTH_MARKER_H
#define WS_SYNTH_MARKER_H

#include <stdbool.h>

#include "base/status.h"
#include "synth/synth.h"

typedef enum ws_synth_state {
    WS_SYNTH_STATE_NEW,       /* data_dir is empty */
    WS_SYNTH_STATE_UNDER_WAY, /* begun with these options */
    WS_SYNTH_STATE_COMPLETE,  /* made with these options */
} ws_synth_state;

/**
 * Looks at data_dir, which exists.
 *
 * @param version  of the speech program; NULL: not to be compared
 * @return WS_OK; WS_EEXISTS if it holds anything else than a set of these options (err says what
 *         differs); WS_EIO, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_synth_marker_read(const ws_synth_options *options, const char *version,
                                             ws_synth_state *state, ws_error *err);

/** Writes or replaces it. */
WS_MUST_CHECK ws_status ws_synth_marker_write(const ws_synth_options *options, const char *version,
                                              bool is_complete, ws_error *err);

#endif
