/** The order of the scores of a clip. */
#ifndef WS_RECOGNIZE_RANK_H
#define WS_RECOGNIZE_RANK_H

#include <stddef.h>

/**
 * Finds the best scores, highest first. Of equal scores the later label comes first, as in the
 * original, which sorts in ascending order and reads from the end.
 *
 * @param scores  [n] finite
 * @param n_best  at most n
 * @param best    [n_best], filled with their indices
 */
void ws_rank_find(const float *scores, size_t n, size_t n_best, size_t *best);

#endif
