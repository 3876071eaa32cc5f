#include "optim/optimizer.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "base/lookup.h"

static const ws_optimizer *const optimizers[] = {
    &ws_optimizer_gradient_descent,
    &ws_optimizer_momentum,
    &ws_optimizer_sgd_momentum,
    &ws_optimizer_adam,
    &ws_optimizer_adamw,
};
enum { N_OPTIMIZERS = sizeof optimizers / sizeof *optimizers };

enum {
    PIECE = 1 << 15, /* weights that one thread updates at a time: enough to be worth its start */
    BLOCK = 1 << 10, /* of these, gradients that are scaled and decayed at a time, in cache */
};

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

size_t ws_optimizer_n_slots(const ws_optimizer *optimizer)
{
    size_t n = 0;
    while (optimizer->slots[n] != NULL)
        n++;
    return n;
}

/** The same update of the weights [begin, end). */
static ws_update cut(const ws_update *update, size_t begin, size_t end)
{
    ws_update part = *update;

    part.weights += begin;
    part.gradients += begin;
    for (size_t s = 0; s < WS_OPTIMIZER_MAX_SLOTS; s++)
        if (part.slots[s] != NULL)
            part.slots[s] += begin;
    part.n = end - begin;
    return part;
}

/** Weights of which either all decay or none does, through a block of changed gradients. */
static void update_changed(const ws_optimizer *optimizer, const ws_update *update, float decay)
{
    float gradients[BLOCK];
    const float kept = 1.0f - update->rate * decay;

    for (size_t begin = 0; begin < update->n; begin += BLOCK) {
        ws_update part = cut(update, begin, begin + BLOCK < update->n ? begin + BLOCK : update->n);
        for (size_t i = 0; i < part.n; i++)
            gradients[i] = part.scale * part.gradients[i];
        if (decay != 0.0f && optimizer->decays_apart)
            for (size_t i = 0; i < part.n; i++)
                part.weights[i] *= kept;
        else if (decay != 0.0f)
            for (size_t i = 0; i < part.n; i++)
                gradients[i] += decay * part.weights[i];
        part.gradients = gradients;
        optimizer->update(&part);
    }
}

/** Weights [begin, end), cut where decay begins and ends. */
static void update_piece(const ws_optimizer *optimizer, const ws_update *update, size_t begin,
                         size_t end)
{
    const float decay = update->hyper != NULL ? update->hyper->weight_decay : 0.0f;
    size_t span = 0;

    if (decay == 0.0f && update->scale == 1.0f) {
        const ws_update whole = cut(update, begin, end);
        optimizer->update(&whole);
        return;
    }
    while (begin < end) {
        while (span < update->n_decayed && update->decayed[span].end <= begin)
            span++;
        const bool has_span = span < update->n_decayed;
        const bool decays = has_span && update->decayed[span].begin <= begin;
        const size_t border = !has_span ? end
                              : decays  ? update->decayed[span].end
                                        : update->decayed[span].begin;
        const size_t stop = border < end ? border : end;
        const ws_update part = cut(update, begin, stop);
        update_changed(optimizer, &part, decays ? decay : 0.0f);
        begin = stop;
    }
}

void ws_optimizer_run(const ws_optimizer *optimizer, const ws_update *update, unsigned n_threads)
{
    const size_t n_pieces = (update->n + PIECE - 1) / PIECE;
    const size_t n_wanted = n_threads > 0 ? n_threads : (size_t)omp_get_num_procs();
    const int n_used = (int)(n_wanted < n_pieces ? n_wanted : n_pieces);

#pragma omp parallel for schedule(static) num_threads(n_used > 0 ? n_used : 1)
    for (size_t piece = 0; piece < n_pieces; piece++) {
        const size_t begin = piece * PIECE;
        const size_t end = update->n - begin < PIECE ? update->n : begin + PIECE;
        update_piece(optimizer, update, begin, end);
    }
    if (optimizer->has_powers) {
        update->powers[0] *= update->hyper->beta1;
        update->powers[1] *= update->hyper->beta2;
    }
}

ws_status ws_optimizer_memory_init(ws_optimizer_memory *memory, const ws_optimizer *optimizer,
                                   const ws_hyper *hyper, size_t n, ws_error *err)
{
    *memory = (ws_optimizer_memory){.powers = {hyper->beta1, hyper->beta2}};
    for (size_t s = 0; s < ws_optimizer_n_slots(optimizer); s++) {
        memory->slots[s] = calloc(n + 1, sizeof *memory->slots[s]);
        if (memory->slots[s] == NULL)
            return ws_fail_memory(err, "what the optimiser remembers");
    }
    return WS_OK;
}

void ws_optimizer_memory_deinit(ws_optimizer_memory *memory)
{
    for (size_t s = 0; s < WS_OPTIMIZER_MAX_SLOTS; s++)
        free(memory->slots[s]);
    *memory = (ws_optimizer_memory){.slots = {NULL}};
}

float ws_clip_scale(double norm, double max_norm)
{
    return max_norm > 0.0 && norm > max_norm ? (float)(max_norm / norm) : 1.0f;
}
