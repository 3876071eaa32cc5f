#include "metrics/limits.h"

#include <math.h>
#include <stdbool.h>

static const double each_side = 0.025, one_side = 0.05;

enum { N_HALVINGS = 200 }; /* far more than a double has bits */

/** The log of the probability of k, of a Poisson variable of that mean. */
static double log_poisson(uint64_t k, double mean)
{
    return (double)k * log(mean) - mean - lgamma((double)k + 1.0);
}

/** The probability of at most n. @param x  the mean, above 0 */
static double below_poisson(uint64_t n, uint64_t n_all, double x)
{
    double sum = 0.0;

    (void)n_all;
    for (uint64_t k = 0; k <= n; k++)
        sum += exp(log_poisson(k, x));
    return sum;
}

/** The same of n_all tries that each succeed with probability x, between 0 and 1. */
static double below_binomial(uint64_t n, uint64_t n_all, double x)
{
    const double log_all = lgamma((double)n_all + 1.0);
    double sum = 0.0;

    for (uint64_t k = 0; k <= n; k++)
        sum += exp(log_all - lgamma((double)k + 1.0) - lgamma((double)(n_all - k) + 1.0) +
                   (double)k * log(x) + (double)(n_all - k) * log1p(-x));
    return sum;
}

/** Where the probability of at most n has fallen to that number. It falls from 1 at `low` to 0 at
 *  `high`. */
static double solve(double (*below)(uint64_t n, uint64_t n_all, double x), uint64_t n,
                    uint64_t n_all, double probability, double low, double high)
{
    for (int i = 0; i < N_HALVINGS; i++) {
        const double middle = low + (high - low) / 2.0;
        if (below(n, n_all, middle) > probability)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2.0;
}

ws_limits ws_limits_of_count(uint64_t n)
{
    /* 10 deviations and more above what was seen */
    const double far = (double)n + 10.0 * sqrt((double)n + 1.0) + 20.0;

    if (n == 0)
        return (ws_limits){0.0, -log(one_side)};
    return (ws_limits){
        .low = solve(below_poisson, n - 1, 0, 1.0 - each_side, 0.0, far),
        .high = solve(below_poisson, n, 0, each_side, 0.0, far),
    };
}

ws_limits ws_limits_of_share(uint64_t n, uint64_t n_all)
{
    const bool is_none = n == 0, is_all = n == n_all;
    const double side = is_none || is_all ? one_side : each_side;

    if (n_all == 0)
        return (ws_limits){0.0, 1.0};
    return (ws_limits){
        .low = is_none ? 0.0 : solve(below_binomial, n - 1, n_all, 1.0 - side, 0.0, 1.0),
        .high = is_all ? 1.0 : solve(below_binomial, n, n_all, side, 0.0, 1.0),
    };
}
