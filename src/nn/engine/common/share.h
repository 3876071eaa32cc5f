/** Private: the fast engine's sums over the ranks that share out a training batch. */
#ifndef WS_NN_ENGINE_COMMON_SHARE_H
#define WS_NN_ENGINE_COMMON_SHARE_H

#include "base/layout.h"
#include "cluster/ranks.h"
#include "nn/engine/common/shards.h"

typedef struct ws_fast_sharing {
    ws_ranks *ranks; /* borrowed */
    size_t n_shards; /* of the batch under way */
    int n_threads;
    float *sent, *received;
    size_t *ends; /* [ranks] bytes */
} ws_fast_sharing;

/** The largest array that is shared, and the largest of its columns; both in floats. */
typedef struct ws_fast_share_size {
    size_t n, column;
} ws_fast_share_size;

void ws_fast_sharing_place(ws_fast_sharing *sharing, ws_fast_share_size most, ws_layout *layout);

/**
 * Each rank has made the sum of its shards in an array; all get the sum of all, in the order of the
 * tree. A rank without shards has anything in it.
 */
void ws_fast_share_sums(ws_fast_sharing *sharing, float *array, size_t n);

/** An array of n_rows rows, `row` floats apart, each with n_columns columns of n floats. */
typedef struct ws_fast_columns {
    float *at;
    size_t n_rows, row, n_columns, n;
} ws_fast_columns;

/** The columns that this rank is to finish. */
ws_shard_span ws_fast_share_columns(const ws_fast_sharing *sharing, size_t n_columns);

/** As ws_fast_share_sums, but each rank gets the sum of its own columns only. */
void ws_fast_share_column_sums(ws_fast_sharing *sharing, const ws_fast_columns *array);

/** All ranks get the columns that each has finished. */
void ws_fast_share_finished(ws_fast_sharing *sharing, const ws_fast_columns *array);

#endif
