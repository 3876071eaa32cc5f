/** Private to measure/. */
#ifndef WS_MEASURE_MEDIAN_H
#define WS_MEASURE_MEDIAN_H

#include <stddef.h>

/** The upper median. @param values  [n] sorted afterwards; n 1 or more */
double ws_median(double *values, size_t n);

#endif
