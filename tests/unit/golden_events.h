/** For the tests of tbevents: events whose bytes are known. */
#ifndef WS_TESTS_GOLDEN_EVENTS_H
#define WS_TESTS_GOLDEN_EVENTS_H

#include <stddef.h>

#include "tbevents/tbevents.h"

/** A writer in the scratch directory, at the wall time of the golden records. */
tbe_writer *golden_open(void);

/** Closes the writer; its only event must be these bytes. */
void golden_assert(tbe_writer *writer, const char *hex);

/** Closes the writer, which refused all but n events. */
void golden_assert_n(tbe_writer *writer, tbe_status first, size_t n);

#endif
