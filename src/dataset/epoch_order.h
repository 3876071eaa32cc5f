/** The order of clips in an epoch: each clip once, in an order of its own each time. */
#ifndef WS_DATASET_EPOCH_ORDER_H
#define WS_DATASET_EPOCH_ORDER_H

#include <stdint.h>

/**
 * Which clip comes at a place of an epoch. A function of its arguments alone: nothing is kept from
 * one call to the next, so a resumed run continues in the middle of an epoch.
 *
 * @param epoch  from 0, below 2^32
 * @param n      clips, 1 <= n <= 2^31
 * @param place  from 0, below n
 * @return the clip, below n; another one for each place
 */
uint32_t ws_epoch_order_get(uint64_t seed, uint64_t epoch, uint32_t n, uint32_t place);

#endif
