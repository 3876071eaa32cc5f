#include "optim/ema.h"

#include <omp.h>

/* Weights that a thread is worth its start for. */
enum { PIECE = 1 << 15 };

double ws_ema_get_decay(double decay, int64_t step)
{
    const double early = (1.0 + (double)step) / (10.0 + (double)step);
    return early < decay ? early : decay;
}

void ws_ema_run(float *averages, const float *weights, size_t n, double decay, unsigned n_threads)
{
    const size_t n_wanted = n_threads > 0 ? n_threads : (size_t)omp_get_num_procs();
    const size_t n_pieces = n / PIECE + 1;
    const int n_used = (int)(n_wanted < n_pieces ? n_wanted : n_pieces);
    const float moved = (float)(1.0 - decay);

#pragma omp parallel for schedule(static) num_threads(n_used)
    for (size_t i = 0; i < n; i++)
        averages[i] -= moved * (averages[i] - weights[i]);
}
