#include "nn/engine/common/share.h"

#include <string.h>

void ws_fast_sharing_place(ws_fast_sharing *sharing, ws_fast_share_size most, ws_layout *layout)
{
    const size_t n_ranks = ws_ranks_count(sharing->ranks);

    if (n_ranks == 1)
        return;
    sharing->sent = ws_layout_push(layout, most.n, sizeof(float));
    /* this rank's columns, of every rank: one more than the others' perhaps */
    sharing->received = ws_layout_push(layout, most.n + n_ranks * most.column, sizeof(float));
    sharing->ends = ws_layout_push(layout, n_ranks, sizeof(size_t));
}

/** to += from */
static void add(const ws_fast_sharing *sharing, const float *from, size_t n, float *to)
{
#pragma omp parallel for schedule(static) num_threads(sharing->n_threads) if (n > 65536)
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

/** Adds up the pieces [ranks, n] of all ranks into that of the first one: the part of the shards'
 *  tree that is above the ranks' nodes. */
static void add_ranks(const ws_fast_sharing *sharing, float *pieces, size_t n)
{
    const size_t n_ranks = ws_ranks_count(sharing->ranks);

    for (size_t size = 1; size < sharing->n_shards; size *= 2) {
        /* nodes of `size` shards become nodes of twice as many, where both are of other ranks */
        for (size_t left = 0; left < n_ranks; left++) {
            const ws_shard_span span = ws_shards_share(sharing->n_shards, n_ranks, left);
            const size_t n_own = span.end - span.begin;
            if (n_own == 0 || n_own > size || span.begin % (2 * size) != 0)
                continue;
            for (size_t right = left + 1; right < n_ranks; right++) {
                const ws_shard_span other = ws_shards_share(sharing->n_shards, n_ranks, right);
                if (other.begin == span.begin + size && other.end > other.begin)
                    add(sharing, pieces + right * n, n, pieces + left * n);
            }
        }
    }
}

void ws_fast_share_sums(ws_fast_sharing *sharing, float *array, size_t n)
{
    const size_t n_ranks = ws_ranks_count(sharing->ranks), rank = ws_ranks_rank(sharing->ranks);
    const size_t begin = n * rank / n_ranks, n_piece = n * (rank + 1) / n_ranks - begin;

    for (size_t r = 0; r < n_ranks; r++)
        sharing->ends[r] = n * (r + 1) / n_ranks * sizeof *array;
    ws_ranks_finish(sharing->ranks, ws_ranks_exchange_begin(sharing->ranks, array, sharing->ends,
                                                            sharing->received));
    add_ranks(sharing, sharing->received, n_piece);
    memcpy(array + begin, sharing->received, n_piece * sizeof *array);
    ws_ranks_gather(sharing->ranks, array, sharing->ends);
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

/** A rank's columns, between the array and [rows, its columns, n]. */
static void copy_columns(const ws_fast_sharing *sharing, const ws_fast_columns *array,
                         ws_shard_span columns, bool is_packed, float *packed)
{
    const size_t n = (columns.end - columns.begin) * array->n;

#pragma omp parallel for schedule(static) num_threads(sharing->n_threads)
    for (size_t row = 0; row < array->n_rows; row++) {
        float *at = array->at + row * array->row + columns.begin * array->n;
        if (is_packed)
            memcpy(packed + row * n, at, n * sizeof *at);
        else
            memcpy(at, packed + row * n, n * sizeof *at);
    }
}

/** Sets ends to those of the ranks' packed columns. */
static void set_ends(const ws_fast_sharing *sharing, const ws_fast_columns *array)
{
    for (size_t r = 0; r < ws_ranks_count(sharing->ranks); r++)
        sharing->ends[r] = columns_of(sharing, array->n_columns, r).end * array->n * array->n_rows *
                           sizeof *array->at;
}

/** Where a rank's packed columns are. */
static float *packed_at(const ws_fast_sharing *sharing, const ws_fast_columns *array, float *packed,
                        size_t rank)
{
    return packed + columns_of(sharing, array->n_columns, rank).begin * array->n * array->n_rows;
}

void ws_fast_share_column_sums(ws_fast_sharing *sharing, const ws_fast_columns *array)
{
    const ws_shard_span own = ws_fast_share_columns(sharing, array->n_columns);

    for (size_t r = 0; r < ws_ranks_count(sharing->ranks); r++)
        copy_columns(sharing, array, columns_of(sharing, array->n_columns, r), true,
                     packed_at(sharing, array, sharing->sent, r));
    set_ends(sharing, array);
    ws_ranks_finish(sharing->ranks, ws_ranks_exchange_begin(sharing->ranks, sharing->sent,
                                                            sharing->ends, sharing->received));
    add_ranks(sharing, sharing->received, (own.end - own.begin) * array->n * array->n_rows);
    copy_columns(sharing, array, own, false, sharing->received);
}

void ws_fast_share_finished(ws_fast_sharing *sharing, const ws_fast_columns *array)
{
    const size_t n_ranks = ws_ranks_count(sharing->ranks), rank = ws_ranks_rank(sharing->ranks);

    copy_columns(sharing, array, columns_of(sharing, array->n_columns, rank), true,
                 packed_at(sharing, array, sharing->sent, rank));
    set_ends(sharing, array);
    ws_ranks_gather(sharing->ranks, sharing->sent, sharing->ends);
    for (size_t r = 0; r < n_ranks; r++)
        if (r != rank)
            copy_columns(sharing, array, columns_of(sharing, array->n_columns, r), false,
                         packed_at(sharing, array, sharing->sent, r));
}
