/** Measures the peak speed of this machine, to compare the parts of a step with it. */
#ifndef WS_MEASURE_PEAK_H
#define WS_MEASURE_PEAK_H

#include "base/cpu.h"
#include "base/status.h"

typedef struct ws_peak {
    double operations_per_second; /* single-precision products and sums, one each, in registers */
    double bytes_per_second;      /* read from memory, of arrays that fit into no cache */
} ws_peak;

/**
 * Takes about half a second; the best of several rounds counts, because other programs can only
 * slow a round down. On a machine that is always busy the result is too low.
 *
 * @param n_threads  threads that work at the same time, at least 1
 * @param level      the instruction set; this processor has it
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_peak_measure(unsigned n_threads, ws_cpu_level level, ws_peak *peak,
                                        ws_error *err);

#endif
