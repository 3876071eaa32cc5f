#include "dataset/mixup.h"

#include <assert.h>
#include <math.h>
#include <omp.h>

#include "base/random.h"

/**
 * A draw from Beta(alpha, alpha) by Joehnk's method: u^(1/alpha) / (u^(1/alpha) + v^(1/alpha)) of
 * uniform u and v where the sum is at most 1. In logarithms, since the powers of a small alpha
 * vanish.
 */
static double draw_beta(ws_random *random, double alpha)
{
    for (;;) {
        const double x = log(1.0 - ws_random_uniform(random)) / alpha;
        const double y = log(1.0 - ws_random_uniform(random)) / alpha;
        const double larger = x > y ? x : y;
        if (larger + log(exp(x - larger) + exp(y - larger)) <= 0.0)
            return 1.0 / (1.0 + exp(y - x));
    }
}

ws_mixed_row ws_mixup_draw(const ws_mixup *mixup, size_t row)
{
    ws_random random;

    assert(row < mixup->n && mixup->n < UINT32_MAX);
    if (mixup->n == 1)
        return (ws_mixed_row){.other = row, .share = 1.0f};
    ws_random_init(&random, mixup->seed, WS_RANDOM_MIXUP, mixup->step, UINT32_MAX);
    const size_t shift = 1 + ws_random_below(&random, (uint32_t)mixup->n - 1);
    ws_random_init(&random, mixup->seed, WS_RANDOM_MIXUP, mixup->step, (uint32_t)row);
    const double share = draw_beta(&random, mixup->alpha);
    return (ws_mixed_row){
        .other = (row + shift) % mixup->n,
        .share = (float)(share < 0.5 ? 1.0 - share : share),
    };
}

void ws_mixup_run(const ws_mixup *mixup, const float *features, size_t size, unsigned n_threads,
                  float *mixed)
{
    const int n_used = n_threads > 0 ? (int)n_threads : omp_get_max_threads();

#pragma omp parallel for schedule(static) num_threads(n_used)
    for (size_t row = 0; row < mixup->n; row++) {
        const ws_mixed_row draw = ws_mixup_draw(mixup, row);
        const float *own = features + row * size, *other = features + draw.other * size;
        for (size_t i = 0; i < size; i++)
            mixed[row * size + i] = draw.share * own[i] + (1.0f - draw.share) * other[i];
    }
}
