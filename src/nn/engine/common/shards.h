/**
 * Private: shards, the parts of a training batch whose sums the fast engine makes apart.
 *
 * How many there are depends on the batch and the network alone. Each shard's sum begins with zero,
 * and the shards are the leaves of one binary tree, whose inner nodes add up two sums. A rank
 * (cluster/ranks.h) has the shards under one node, and makes its sum alone; what is above is added
 * of the ranks' sums. So the bits are the same for any number of ranks. One shard: sums go through
 * the batch in order.
 */
#ifndef WS_NN_ENGINE_COMMON_SHARDS_H
#define WS_NN_ENGINE_COMMON_SHARDS_H

#include <stddef.h>

enum {
    WS_MAX_SHARDS = 16,
    WS_MAX_SHARD_LEVELS = 4, /* of inner nodes */
    WS_MIN_SHARD_ROWS = 12,  /* fewer would cost much: sums begin and end with each shard */
};

/** The shards that this process has. */
typedef struct ws_shards {
    size_t n;                         /* a power of two; 0: none */
    size_t n_all;                     /* those of the whole batch */
    size_t bounds[WS_MAX_SHARDS + 1]; /* shard i has rows bounds[i] .. bounds[i + 1] of those at
                                         hand */
} ws_shards;

/** Where a batch may be cut. */
typedef struct ws_shard_rule {
    size_t unit;     /* shards begin at multiples of this many rows; 0: one shard only */
    size_t min_rows; /* of a shard, on average */
} ws_shard_rule;

/** A rule that holds where both do. Units are powers of two. */
static inline ws_shard_rule ws_shard_rule_join(ws_shard_rule a, ws_shard_rule b)
{
    if (a.unit == 0 || b.unit == 0)
        return (ws_shard_rule){.unit = 0};
    return (ws_shard_rule){.unit = a.unit > b.unit ? a.unit : b.unit,
                           .min_rows = a.min_rows > b.min_rows ? a.min_rows : b.min_rows};
}

/** Shards of a batch of n rows: a power of two. */
static inline size_t ws_shards_count(ws_shard_rule rule, size_t n)
{
    size_t n_shards = 1;

    while (rule.unit > 0 && n_shards < WS_MAX_SHARDS && 2 * n_shards * rule.min_rows <= n &&
           2 * n_shards * rule.unit < n + rule.unit)
        n_shards *= 2;
    return n_shards;
}

/** The first row of shard i, or the end of the last one, in a batch of n rows. */
static inline size_t ws_shards_begin(ws_shard_rule rule, size_t n, size_t n_shards, size_t i)
{
    const size_t unit = rule.unit > 0 ? rule.unit : 1, n_units = (n + unit - 1) / unit;
    const size_t row = n_units * i / n_shards * unit;
    return row < n ? row : n;
}

typedef struct ws_shard_span {
    size_t begin, end;
} ws_shard_span;

/** The shards of rank number `rank`: those under one node, or none. */
static inline ws_shard_span ws_shards_share(size_t n_shards, size_t n_ranks, size_t rank)
{
    ws_shard_span span = {0, n_shards};

    while (n_ranks > 1) {
        const size_t half = (span.end - span.begin) / 2, n_left = (n_ranks + 1) / 2;
        if (half == 0) /* one shard: it is the first rank's */
            return (ws_shard_span){rank == 0 ? span.begin : span.end, span.end};
        if (rank < n_left) {
            span.end -= half;
            n_ranks = n_left;
        } else {
            span.begin += half;
            rank -= n_left;
            n_ranks -= n_left;
        }
    }
    return span;
}

/** Some of the n_shards shards of a batch of n_rows. */
static inline ws_shards ws_shards_make(ws_shard_rule rule, size_t n_rows, size_t n_shards,
                                       ws_shard_span span)
{
    ws_shards shards = {.n = span.end - span.begin, .n_all = n_shards};
    const size_t first = ws_shards_begin(rule, n_rows, n_shards, span.begin);

    for (size_t i = 0; i <= shards.n; i++)
        shards.bounds[i] = ws_shards_begin(rule, n_rows, n_shards, span.begin + i) - first;
    return shards;
}

#endif
