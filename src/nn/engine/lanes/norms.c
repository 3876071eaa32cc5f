#include "nn/engine/lanes/norms.h"

#include <math.h>

/** What an item or all of them together know of one channel of a band. */
typedef struct moments {
    double n, mean, squares; /* numbers, their mean, sum of squared differences to it */
} moments;

/** The moments of two sets together (Chan, Golub and LeVeque). */
static moments join(moments a, moments b)
{
    const double n = a.n + b.n, delta = b.mean - a.mean;
    if (b.n == 0.0)
        return a;
    return (moments){.n = n,
                     .mean = a.mean + delta * b.n / n,
                     .squares = a.squares + b.squares + delta * delta * a.n * b.n / n};
}

/** Of the whole batch. */
static size_t count_blocks(const ws_lanes_shared *shared)
{
    return (shared->pass->n_all + WS_LANES - 1) / WS_LANES;
}

/** Numbers of one channel of a band of columns that an item has seen. */
static double count_numbers(const ws_lanes_shared *shared, const ws_lanes_step *step, size_t block,
                            size_t band)
{
    const ws_lanes_node *node = &shared->program->nodes[step->node];
    const ws_lanes_span rows = ws_lanes_own_rows(node->h, shared->program->n_bands, band);
    const size_t left = shared->pass->n_all - block * WS_LANES;
    const size_t n_live = left < WS_LANES ? left : WS_LANES;

    return (double)(rows.end - rows.begin) * (double)n_live *
           (double)(node->w / shared->program->norms[node->norm].n_bands);
}

static double parameter(const ws_lanes_shared *shared, size_t offset, size_t i, double absent)
{
    return offset != WS_LANES_NONE ? (double)shared->pass->parameters[offset + i] : absent;
}

/** y = gamma (x - mean) / deviation + beta, of channel i. */
static void set_factors(const ws_lanes_shared *shared, size_t norm, size_t i, double mean,
                        double variance)
{
    const ws_lanes_norm *n = &shared->program->norms[norm];
    const ws_lanes_factors *factors = &shared->factors[norm];
    const double inverse = 1.0 / sqrt(variance + n->epsilon);
    const double a = parameter(shared, n->gamma, i, 1.0) * inverse;

    factors->inverse[i] = inverse;
    factors->mean[i] = (float)mean;
    factors->a[i] = (float)a;
    factors->b[i] = (float)(parameter(shared, n->beta, i, 0.0) - mean * a);
}

void ws_lanes_norm_use_running(const ws_lanes_shared *shared, size_t norm)
{
    const ws_lanes_norm *n = &shared->program->norms[norm];
    const float *state = shared->pass->state;

    for (size_t i = 0; i < n->n_bands * n->c; i++)
        set_factors(shared, norm, i, (double)state[n->mean + i], (double)state[n->variance + i]);
}

void ws_lanes_norm_use_batch(const ws_lanes_shared *shared, const ws_lanes_step *step)
{
    const size_t norm = shared->program->nodes[step->node].norm;
    const ws_lanes_norm *n = &shared->program->norms[norm];
    const size_t n_channels = n->n_bands * n->c, n_blocks = count_blocks(shared);
    float *mean = shared->pass->state + n->mean, *variance = shared->pass->state + n->variance;

    for (size_t i = 0; i < n_channels; i++) {
        moments all = {0};
        for (size_t block = 0; block < n_blocks; block++) {
            for (size_t band = 0; band < shared->program->n_bands; band++) {
                const float *part = ws_lanes_part(shared, step, block, band) + i;
                const double count = count_numbers(shared, step, block, band);
                const double sum = (double)part[n_channels];
                if (count == 0.0)
                    continue;
                all = join(all,
                           (moments){.n = count,
                                     .mean = (double)part[0] + sum / count,
                                     .squares = (double)part[2 * n_channels] - sum * sum / count});
            }
        }
        const double unbiased = all.n > 1.0 ? all.squares / (all.n - 1.0) : 0.0;
        set_factors(shared, norm, i, all.mean, all.squares / all.n);
        mean[i] = (float)((1.0 - n->momentum) * (double)mean[i] + n->momentum * all.mean);
        variance[i] = (float)((1.0 - n->momentum) * (double)variance[i] + n->momentum * unbiased);
    }
}

/**
 * With z = (x - mean) r, r = 1 / deviation, and means over the batch,
 *
 *     dx = gamma r (dy - mean(dy) - z mean(dy z))
 */
void ws_lanes_norm_turn_back(const ws_lanes_shared *shared, const ws_lanes_step *step)
{
    const size_t norm = shared->program->nodes[step->node].norm;
    const ws_lanes_norm *n = &shared->program->norms[norm];
    const ws_lanes_factors *factors = &shared->factors[norm];
    const size_t n_channels = n->n_bands * n->c, n_blocks = count_blocks(shared);
    float *gradients = shared->pass->gradients;

    for (size_t i = 0; i < n_channels; i++) {
        double sum = 0.0, products = 0.0, count = 0.0;
        for (size_t block = 0; block < n_blocks; block++) {
            for (size_t band = 0; band < shared->program->n_bands; band++) {
                const float *part = ws_lanes_part(shared, step, block, band) + i;
                sum += (double)part[0];
                products += (double)part[n_channels];
                count += count_numbers(shared, step, block, band);
            }
        }
        const double r = factors->inverse[i], mean = (double)factors->mean[i];
        const double a = parameter(shared, n->gamma, i, 1.0) * r;
        const double b = -a * r * r * products / count;
        factors->back_a[i] = (float)a;
        factors->back_b[i] = (float)b;
        factors->back_c[i] = (float)(-a * sum / count - b * mean);
        if (n->gamma != WS_LANES_NONE)
            gradients[n->gamma + i] = (float)(products * r);
        if (n->beta != WS_LANES_NONE)
            gradients[n->beta + i] = (float)sum;
    }
}
