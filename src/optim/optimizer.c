#include "optim/optimizer.h"

#include <omp.h>

#include "base/lookup.h"

static const ws_optimizer *const optimizers[] = {
    &ws_optimizer_gradient_descent,
    &ws_optimizer_momentum,
};
enum { N_OPTIMIZERS = sizeof optimizers / sizeof *optimizers };

/* Weights that one thread updates at a time: enough to be worth its start. */
enum { PIECE = 1 << 15 };

static const char *optimizer_name_at(size_t i)
{
    return optimizers[i]->name;
}

ws_status ws_optimizer_find(const char *name, const ws_optimizer **optimizer, ws_error *err)
{
    size_t index = 0;
    const ws_status status =
        ws_lookup("--optimizer", name, optimizer_name_at, N_OPTIMIZERS, &index, err);
    if (status == WS_OK)
        *optimizer = optimizers[index];
    return status;
}

void ws_optimizer_run(const ws_optimizer *optimizer, const ws_update *update, unsigned n_threads)
{
    const size_t n_pieces = (update->n + PIECE - 1) / PIECE;
    const size_t n_wanted = n_threads > 0 ? n_threads : (size_t)omp_get_num_procs();
    const int n_used = (int)(n_wanted < n_pieces ? n_wanted : n_pieces);

#pragma omp parallel for schedule(static) num_threads(n_used > 0 ? n_used : 1)
    for (size_t piece = 0; piece < n_pieces; piece++) {
        const size_t begin = piece * PIECE;
        ws_update part = *update;
        part.weights += begin;
        part.gradients += begin;
        if (part.slots != NULL)
            part.slots += begin;
        part.n = update->n - begin < PIECE ? update->n - begin : PIECE;
        optimizer->update(&part);
    }
}
