/**
 * The vector type of lane code in double precision; for .c files only.
 *
 * A row of WS_FFT_LANES doubles is walked in parts of one register each. One vector of a whole row
 * would be nicer to write, but what is wider than a register the compilers keep in memory: several
 * times slower. It may alias double, so that arrays of double can be walked with it.
 */
#ifndef WS_FFT_LANES_H
#define WS_FFT_LANES_H

#include "fft/real_plan.h"

#if defined(__AVX512F__)
#define WS_F64_PART 8 /* doubles in a register */
#elif defined(__AVX__)
#define WS_F64_PART 4
#else
#define WS_F64_PART 2
#endif

/* Parts in a row. */
#define WS_F64_PARTS ((size_t)WS_FFT_LANES / WS_F64_PART)

__extension__ typedef double ws_f64_part
    __attribute__((vector_size(WS_F64_PART * sizeof(double)), may_alias));

#endif
