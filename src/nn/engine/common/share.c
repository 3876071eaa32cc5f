#include "nn/engine/common/share.h"

#include <string.h>

#include "nn/engine/common/denormals.h"

enum { CHUNK = 8192 /* floats that a thread adds at a time */ };

void ws_fast_sharing_place(ws_fast_sharing *sharing, ws_layout *layout)
{
    if (sharing->ranks != NULL)
        sharing->pieces =
            ws_layout_push(layout, ws_ranks_count(sharing->ranks), sizeof *sharing->pieces);
}

static ws_shard_span columns_of(const ws_fast_sharing *sharing, size_t n_columns, size_t rank)
{
    const size_t n_ranks = ws_ranks_count(sharing->ranks);
    return (ws_shard_span){n_columns * rank / n_ranks, n_columns * (rank + 1) / n_ranks};
}

ws_shard_span ws_fast_share_columns(const ws_fast_sharing *sharing, size_t n_columns)
{
    return columns_of(sharing, n_columns, ws_ranks_rank(sharing->ranks));
}

/** Floats of a row that a rank's columns are. */
static ws_shard_span floats_of(const ws_fast_sharing *sharing, const ws_fast_columns *array,
                               size_t rank)
{
    const ws_shard_span columns = columns_of(sharing, array->n_columns, rank);
    const size_t all = array->n_columns * array->n, width = array->width > 0 ? array->width : all;
    ws_shard_span floats = {columns.begin * array->n, columns.end * array->n};

    floats.begin = floats.begin < width ? floats.begin : width;
    floats.end = floats.end < width ? floats.end : width;
    return floats;
}

static ws_shard_span own_floats(const ws_fast_sharing *sharing, const ws_fast_columns *array)
{
    return floats_of(sharing, array, ws_ranks_rank(sharing->ranks));
}

void ws_fast_exchange_place(ws_fast_exchange *exchange, const ws_fast_sharing *sharing,
                            bool receives_sums, ws_layout *layout)
{
    const ws_fast_columns *array = &exchange->array;
    const size_t n_ranks = ws_ranks_count(sharing->ranks);
    const ws_shard_span own = own_floats(sharing, array);
    const size_t n_packed = array->n_rows > 1 ? array->n_rows * array->n_columns * array->n : 0;
    const size_t n_received = receives_sums ? n_ranks * array->n_rows * (own.end - own.begin) : 0;

    exchange->sent = ws_layout_push(layout, n_packed, sizeof(float));
    exchange->received = ws_layout_push(layout, n_received, sizeof(float));
    exchange->ends = ws_layout_push(layout, n_ranks, sizeof *exchange->ends);
}

/** to [n_rows, n] = from, or += from. Sums flush tiny numbers as those in phases do: else their
 *  bits would depend on whether two ranks make them, or one. */
static void move(const ws_fast_sharing *sharing, ws_fast_piece from, size_t n_rows, size_t n,
                 bool is_added, ws_fast_piece to)
{
    const size_t n_chunks = (n + CHUNK - 1) / CHUNK, n_items = n_rows * n_chunks;

#pragma omp parallel num_threads(sharing->n_threads) if (n_rows * n > 65536)
    {
        const unsigned mode = ws_denormals_flush();
#pragma omp for schedule(static)
        for (size_t item = 0; item < n_items; item++) {
            const size_t row = item / n_chunks, begin = item % n_chunks * CHUNK;
            const size_t n_left = n - begin < CHUNK ? n - begin : CHUNK;
            const float *source = from.at + row * from.row + begin;
            float *target = to.at + row * to.row + begin;
            if (!is_added)
                memcpy(target, source, n_left * sizeof *target);
            for (size_t i = 0; is_added && i < n_left; i++)
                target[i] += source[i];
        }
        ws_denormals_restore(mode);
    }
}

/** Where a rank's columns are when they lie rank by rank, row by row. */
static ws_fast_piece packed_of(const ws_fast_exchange *exchange, const ws_fast_sharing *sharing,
                               size_t rank)
{
    const ws_shard_span floats = floats_of(sharing, &exchange->array, rank);
    return (ws_fast_piece){exchange->sent + floats.begin * exchange->array.n_rows,
                           floats.end - floats.begin};
}

/** Where they are in the array. */
static ws_fast_piece place_of(const ws_fast_exchange *exchange, const ws_fast_sharing *sharing,
                              size_t rank)
{
    return (ws_fast_piece){exchange->array.at + floats_of(sharing, &exchange->array, rank).begin,
                           exchange->array.row};
}

/** Between the array and the columns as they are sent; of this rank, or of all others. */
static void copy(const ws_fast_exchange *exchange, const ws_fast_sharing *sharing, bool is_own,
                 bool is_packed)
{
    for (size_t r = 0; exchange->array.n_rows > 1 && r < ws_ranks_count(sharing->ranks); r++) {
        const ws_fast_piece packed = packed_of(exchange, sharing, r);
        const ws_fast_piece place = place_of(exchange, sharing, r);
        if ((r == ws_ranks_rank(sharing->ranks)) == is_own)
            move(sharing, is_packed ? place : packed, exchange->array.n_rows, packed.row, false,
                 is_packed ? packed : place);
    }
}

/** Sets ends. @return the numbers as they are sent */
static float *find_sent(const ws_fast_exchange *exchange, const ws_fast_sharing *sharing)
{
    const ws_fast_columns *array = &exchange->array;

    for (size_t r = 0; r < ws_ranks_count(sharing->ranks); r++)
        exchange->ends[r] = floats_of(sharing, array, r).end * array->n_rows * sizeof *array->at;
    return array->n_rows > 1 ? exchange->sent : array->at;
}

void ws_fast_exchange_begin(ws_fast_exchange *exchange, const ws_fast_sharing *sharing)
{
    copy(exchange, sharing, false, true);
    exchange->task = ws_ranks_exchange_begin(sharing->ranks, find_sent(exchange, sharing),
                                             exchange->ends, exchange->received);
}

/**
 * Adds up the ranks' pieces: the part of the shards' tree that is above the ranks' nodes. A sum
 * with this rank's piece is made where that is; a sum of two numbers does not depend on their
 * order.
 *
 * @return where the sum is
 */
static ws_fast_piece add_ranks(const ws_fast_sharing *sharing, size_t n_rows, size_t n)
{
    const size_t n_ranks = ws_ranks_count(sharing->ranks);
    ws_fast_piece *pieces = sharing->pieces;
    const float *own = pieces[ws_ranks_rank(sharing->ranks)].at;

    for (size_t size = 1; size < sharing->n_shards; size *= 2) {
        /* nodes of `size` shards become nodes of twice as many, where both are of other ranks */
        for (size_t left = 0; left < n_ranks; left++) {
            const ws_shard_span span = ws_shards_share(sharing->n_shards, n_ranks, left);
            const size_t n_own = span.end - span.begin;
            if (n_own == 0 || n_own > size || span.begin % (2 * size) != 0)
                continue;
            for (size_t right = left + 1; right < n_ranks; right++) {
                const ws_shard_span other = ws_shards_share(sharing->n_shards, n_ranks, right);
                if (other.begin != span.begin + size || other.end == other.begin)
                    continue;
                const bool is_right = pieces[right].at == own;
                move(sharing, pieces[is_right ? left : right], n_rows, n, true,
                     pieces[is_right ? right : left]);
                pieces[left] = pieces[is_right ? right : left];
            }
        }
    }
    return pieces[0];
}

void ws_fast_exchange_add(const ws_fast_exchange *exchange, const ws_fast_sharing *sharing)
{
    const size_t rank = ws_ranks_rank(sharing->ranks), n_rows = exchange->array.n_rows;
    const ws_shard_span floats = own_floats(sharing, &exchange->array);
    const size_t n = floats.end - floats.begin;
    const ws_fast_piece own = place_of(exchange, sharing, rank);

    ws_ranks_finish(sharing->ranks, exchange->task);
    if (n == 0)
        return;
    for (size_t r = 0; r < ws_ranks_count(sharing->ranks); r++)
        sharing->pieces[r] =
            r == rank ? own : (ws_fast_piece){exchange->received + r * n_rows * n, n};
    const ws_fast_piece sum = add_ranks(sharing, n_rows, n);
    if (sum.at != own.at) /* this rank has no shard */
        move(sharing, sum, n_rows, n, false, own);
}

void ws_fast_exchange_gather(ws_fast_exchange *exchange, const ws_fast_sharing *sharing)
{
    copy(exchange, sharing, true, true);
    exchange->task =
        ws_ranks_gather_begin(sharing->ranks, find_sent(exchange, sharing), exchange->ends);
}

void ws_fast_exchange_finish(const ws_fast_exchange *exchange, const ws_fast_sharing *sharing)
{
    ws_ranks_finish(sharing->ranks, exchange->task);
    copy(exchange, sharing, false, false);
}
