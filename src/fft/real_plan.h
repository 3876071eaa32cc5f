/**
 * Forward FFTs of real signals in double precision, WS_FFT_LANES of them side by side.
 *
 * A lane is a signal: element i of all of them stands together, x[i][lane]. Every operation of the
 * algorithm is then one vector operation over the lanes, without any shuffling within a vector.
 *
 *     X[k][lane] = sum over i < n of x[i][lane] * exp(-2 pi sqrt(-1) i k / n),  0 <= k <= n/2
 *
 * not normalised. A plan does not change after it was made: threads may share it.
 */
#ifndef WS_FFT_REAL_PLAN_H
#define WS_FFT_REAL_PLAN_H

#include <stddef.h>

#include "base/cpu.h"
#include "base/status.h"

#define WS_FFT_LANES     8  /* doubles side by side */
#define WS_FFT_ALIGNMENT 64 /* bytes, of all arrays of lanes */
#define WS_FFT_MAX_REAL  ((size_t)1 << 20)

typedef struct ws_fft_real ws_fft_real;

/**
 * @param n  length of the signals: a power of two, 2 to WS_FFT_MAX_REAL
 * @return WS_OK, WS_EINVAL for another length, or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_fft_real_create(size_t n, ws_fft_real **plan, ws_error *err);

/** NULL is fine. */
void ws_fft_real_destroy(ws_fft_real *plan);

/**
 * Transforms; allocates nothing.
 *
 * @param level  instruction set; between them the last bits may differ
 * @param in  [n, WS_FFT_LANES]
 * @param re  [n/2 + 1, WS_FFT_LANES] real parts; overlaps neither in nor im
 * @param im  likewise, imaginary parts; rows 0 and n/2 are zero
 */
void ws_fft_real_run(const ws_fft_real *plan, ws_cpu_level level, const double *in, double *re,
                     double *im);

#endif
