/* Training steps that are shared out among ranks. What an item gives to a sum over the batch is
 * handed to all ranks, and each of them adds it up in the order of the items, as one process alone
 * does: so the bits are the same. Parts of weights travel while the way back continues. */
#include "nn/engine/lanes/item.h"

ws_lanes_span ws_lanes_share(size_t n, size_t n_ranks, size_t rank)
{
    const size_t n_blocks = (n + WS_LANES - 1) / WS_LANES;
    const size_t begin = n_blocks * rank / n_ranks * WS_LANES;
    const size_t end = n_blocks * (rank + 1) / n_ranks * WS_LANES;

    return (ws_lanes_span){(ptrdiff_t)(begin < n ? begin : n), (ptrdiff_t)(end < n ? end : n)};
}

/** Begins to hand round what the items of a step have given. */
static ws_ranks_task begin_step(const ws_lanes_shared *shared, const ws_lanes_step *step)
{
    const size_t n_ranks = ws_ranks_count(shared->ranks);
    const size_t n_bytes = shared->program->n_bands * step->n_part * sizeof(float);

    for (size_t r = 0; r < n_ranks; r++) {
        const size_t end = (size_t)ws_lanes_share(shared->pass->n_all, n_ranks, r).end;
        shared->ends[r] = (end + WS_LANES - 1) / WS_LANES * n_bytes;
    }
    return ws_ranks_gather_begin(shared->ranks, shared->parts + step->parts, shared->ends);
}

static bool is_of_weights(const ws_lanes_shared *shared, const ws_lanes_step *step)
{
    const ws_lanes_op op = shared->program->nodes[step->node].op;
    return op == WS_LANES_CONV_WEIGHTS || op == WS_LANES_DEPTHWISE_WEIGHTS ||
           op == WS_LANES_BIAS_SUMS;
}

void ws_lanes_share_phase(const ws_lanes_shared *shared, const ws_lanes_phase *phase)
{
    if (shared->ranks == NULL || !shared->pass->is_training)
        return;
    /* what the next phase waits for goes first */
    for (int weights = 0; weights < 2; weights++)
        for (size_t s = 0; s < phase->n_steps; s++) {
            const ws_lanes_step *step = &phase->steps[s];
            if (step->n_part > 0 && is_of_weights(shared, step) == (weights > 0))
                shared->tasks[step->node] = begin_step(shared, step);
        }
    for (size_t s = 0; s < phase->n_steps; s++) {
        const ws_lanes_step *step = &phase->steps[s];
        if (step->n_part > 0 && !is_of_weights(shared, step))
            ws_ranks_finish(shared->ranks, shared->tasks[step->node]);
    }
    ws_ranks_progress(shared->ranks);
}

void ws_lanes_share_finish(const ws_lanes_shared *shared)
{
    const ws_lanes_plan *plan = &shared->plan;

    if (shared->ranks == NULL)
        return;
    for (size_t p = plan->n_forward; p < plan->n_phases; p++)
        for (size_t s = 0; s < plan->phases[p].n_steps; s++) {
            const ws_lanes_step *step = &plan->phases[p].steps[s];
            if (step->n_part > 0 && is_of_weights(shared, step))
                ws_ranks_finish(shared->ranks, shared->tasks[step->node]);
        }
}
