/** Matrix products of row-major floats; the only way to OpenBLAS. */
#ifndef WS_NN_ENGINE_GEMM_GEMM_H
#define WS_NN_ENGINE_GEMM_GEMM_H

#include <stdbool.h>
#include <stddef.h>

/** c [m, n] = keep * c + op(a) [m, k] op(b) [k, n], where op transposes or not. A row of an
 *  array as it lies in memory is `stride` numbers behind the one before. */
typedef struct ws_gemm {
    size_t m, n, k;
    const float *a; /* [m, k], or [k, m] if transposed */
    size_t a_stride;
    bool a_transposed;
    const float *b; /* [k, n], or [n, k] if transposed */
    size_t b_stride;
    bool b_transposed;
    float *c; /* [m, n] */
    size_t c_stride;
    float keep; /* 0: c is overwritten, whatever it held; 1: added to */
} ws_gemm;

void ws_gemm_run(const ws_gemm *gemm);

/** Makes OpenBLAS compute in the calling thread only: the threads here are our own. It holds for
 *  the whole process. */
void ws_gemm_use_one_thread(void);

#endif
