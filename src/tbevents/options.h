/** What a caller may say when it opens a file, checked. */
#ifndef TBEVENTS_OPTIONS_H
#define TBEVENTS_OPTIONS_H

#include "tbevents/writer.h"

bool tbe_is_wall_time(double wall_time);

/** Breaks the writer where an option is wrong. */
tbe_status tbe_check_options(tbe_writer *writer, const tbe_options *options);

#endif
