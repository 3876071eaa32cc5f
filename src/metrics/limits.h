/** How far a figure can be from the truth: 95 % confidence limits of counts and shares, exact for
 * any size (no normal approximation). */
#ifndef WS_METRICS_LIMITS_H
#define WS_METRICS_LIMITS_H

#include <stdint.h>

typedef struct ws_limits {
    double low, high;
} ws_limits;

/**
 * Of the number of events that one would see on average where n were seen: Garwood's limits of a
 * Poisson mean, with 2.5 % on each side. Where n is 0 all 5 % are above: 0 to 3.0. Divided by hours
 * they are limits of a rate.
 */
ws_limits ws_limits_of_count(uint64_t n);

/**
 * Of a share of which n of n_all were seen: the limits of Clopper and Pearson, with 2.5 % on each
 * side; where n is 0 or n_all, all 5 % on the other side.
 *
 * @param n_all  0 gives 0 to 1
 */
ws_limits ws_limits_of_share(uint64_t n, uint64_t n_all);

#endif
