/** For the tests of tbevents: one event of each kind but scalars. */
#ifndef WS_TESTS_EVENT_KINDS_H
#define WS_TESTS_EVENT_KINDS_H

#include "tbevents/tbevents.h"

/** Adds them; failures are not looked at. The tags "image", "audio", "text", "histogram", "curve"
 * at steps 1 to 5; a layout, the end of a session, an empty graph, and times named "times". */
void event_kinds_write(tbe_writer *writer);

#endif
