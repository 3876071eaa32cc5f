#include "train/plateau.h"

void ws_plateau_push(ws_plateau *plateau, double accuracy)
{
    const bool is_better = !plateau->has_best || (float)accuracy > plateau->best;

    if (is_better)
        *plateau = (ws_plateau){.has_best = true, .best = (float)accuracy};
    else
        plateau->n_since_best++;
}

bool ws_plateau_is_reached(const ws_plateau *plateau, int64_t n)
{
    return n > 0 && plateau->n_since_best >= n;
}
