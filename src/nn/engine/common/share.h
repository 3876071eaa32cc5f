/** Private: the fast engine's sums over the ranks that share out a training batch. */
#ifndef WS_NN_ENGINE_COMMON_SHARE_H
#define WS_NN_ENGINE_COMMON_SHARE_H

#include <stdbool.h>

#include "base/layout.h"
#include "cluster/ranks.h"
#include "nn/engine/common/shards.h"

/** A rank's columns of an array, as far as they are here. */
typedef struct ws_fast_piece {
    float *at;
    size_t row; /* floats from one row to the next */
} ws_fast_piece;

typedef struct ws_fast_sharing {
    ws_ranks *ranks; /* borrowed */
    size_t n_shards; /* of the batch under way */
    int n_threads;
    ws_fast_piece *pieces; /* [ranks] */
} ws_fast_sharing;

void ws_fast_sharing_place(ws_fast_sharing *sharing, ws_layout *layout);

/** An array of n_rows rows, `row` floats apart, each with n_columns columns of n floats. */
typedef struct ws_fast_columns {
    float *at;
    size_t n_rows, row, n_columns, n;
    size_t width; /* floats of a row that exist: the last column may have less than n; 0: all */
} ws_fast_columns;

/**
 * An array on its way between ranks. Each rank finishes some of its columns. Messages are sent when
 * their numbers are there, and waited for at the end of the way back.
 */
typedef struct ws_fast_exchange {
    ws_fast_columns array;
    float *sent;     /* columns, rank by rank; an array of one row is sent from where it is */
    float *received; /* [ranks, this rank's columns] */
    size_t *ends;    /* [ranks] bytes */
    ws_ranks_task task;
} ws_fast_exchange;

/** @param receives_sums  whether sums will be made of the array, or its parts only handed round */
void ws_fast_exchange_place(ws_fast_exchange *exchange, const ws_fast_sharing *sharing,
                            bool receives_sums, ws_layout *layout);

/** The columns that this rank is to finish. */
ws_shard_span ws_fast_share_columns(const ws_fast_sharing *sharing, size_t n_columns);

/**
 * Each rank has made the sum of its shards in the array: begins to hand other ranks their columns
 * of it. What a rank without shards has there is not used. The array stays as it is until
 * ws_fast_exchange_add.
 */
void ws_fast_exchange_begin(ws_fast_exchange *exchange, const ws_fast_sharing *sharing);

/** Waits for the others' sums. This rank's columns become the sum of all, in the order of the
 *  tree. */
void ws_fast_exchange_add(const ws_fast_exchange *exchange, const ws_fast_sharing *sharing);

/** Begins to hand round the columns that each rank has finished. */
void ws_fast_exchange_gather(ws_fast_exchange *exchange, const ws_fast_sharing *sharing);

/** Waits until all columns have come. */
void ws_fast_exchange_finish(const ws_fast_exchange *exchange, const ws_fast_sharing *sharing);

#endif
