#include "nn/engine/gemm/gemm.h"

#include <cblas.h>

void ws_gemm_run(const ws_gemm *gemm)
{
    cblas_sgemm(CblasRowMajor, gemm->a_transposed ? CblasTrans : CblasNoTrans,
                gemm->b_transposed ? CblasTrans : CblasNoTrans, (blasint)gemm->m, (blasint)gemm->n,
                (blasint)gemm->k, 1.0f, gemm->a, (blasint)gemm->a_stride, gemm->b,
                (blasint)gemm->b_stride, gemm->keep, gemm->c, (blasint)gemm->c_stride);
}

void ws_gemm_use_one_thread(void)
{
    openblas_set_num_threads(1);
}
