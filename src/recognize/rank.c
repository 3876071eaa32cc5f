#include "recognize/rank.h"

#include <assert.h>
#include <stdbool.h>

/** Whether score a comes before score b. */
static bool is_before(const float *scores, size_t a, size_t b)
{
    return scores[a] > scores[b] || (!(scores[a] < scores[b]) && a > b);
}

void ws_rank_find(const float *scores, size_t n, size_t n_best, size_t *best)
{
    size_t n_found = 0;

    assert(n_best <= n);
    for (size_t i = 0; i < n; i++) {
        size_t place = n_found;
        while (place > 0 && is_before(scores, i, best[place - 1]))
            place--;
        if (place == n_best)
            continue;
        if (n_found < n_best)
            n_found++;
        for (size_t k = n_found - 1; k > place; k--)
            best[k] = best[k - 1];
        best[place] = i;
    }
}
