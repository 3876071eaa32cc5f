/**
 * Private, compiled once per instruction set: the innermost loops of a complex matrix product.
 *
 * Gauss: the complex product (a + ib)(c + id) takes three real multiplications,
 *
 *     p1 = (a + b) c,   p2 = a (d - c),   p3 = b (c + d),      re = p1 - p3,   im = p1 + p2,
 *
 * so a complex matrix product is three real ones, A1 B1, A2 B2 and A3 B3, of matrices that are
 * made once and used for many tiles:
 *
 *     A1 = re A + im A,   A2 = re A,          A3 = im A
 *     B1 = re B,          B2 = im B - re B,   B3 = re B + im B
 *
 * A tile is as many rows by as many vectors of columns as fit in registers; its three products
 * follow one another.
 */
#ifndef WS_NN_ENGINE_FFT_FFTCONV_TILE_H
#define WS_NN_ENGINE_FFT_FFTCONV_TILE_H

#include <stdbool.h>
#include <stddef.h>

#include "fft/conv_vec.h"

/* Accumulators: 8 x 2, 6 x 2 and 3 x 4 vectors, of 32, 16 and 16 registers. */
#if VEC_SIZE == 16
enum { TILE_ROWS = 8, TILE_BLOCKS = 2 };
#elif VEC_SIZE == 8
enum { TILE_ROWS = 6, TILE_BLOCKS = 1 };
#else
enum { TILE_ROWS = 3, TILE_BLOCKS = 1 };
#endif
enum { VECS_PER_BLOCK = 16 / VEC_SIZE, TILE_VECS = TILE_BLOCKS * VECS_PER_BLOCK };

/** One of the real matrices A: element (m, k) at at + m * row + k / 16 * block + k % 16 * column.
 *  One of row and column is 1. */
typedef struct tile_operand {
    const float *at;
    size_t row, block, column;
} tile_operand;

typedef enum tile_kind {
    TILE_ROW_MAJOR, /* column is 1 */
    TILE_STREAMED,  /* the same, and the result is stored around the caches */
    TILE_OF_SHARDS  /* row is 1, and k is cut into shards, whose products are added up as a tree */
} tile_kind;

enum {
    TILE_SHARD_LEVELS = 2, /* of inner nodes of the tree: their tiles and all that
                              is multiplied stay in the first cache */
    TILE_MAX_SHARDS = 1 << TILE_SHARD_LEVELS
};

typedef struct tile_job {
    tile_operand a[3];
    const float *b; /* [3, n_k, blocks * 16]: B1, B2, B3 */
    int n_k;
    float *out; /* [rows, blocks, re 16 | im 16], rows out_row floats apart */
    size_t out_row;
    const size_t *bounds; /* TILE_OF_SHARDS: shard i has k = bounds[i] - bounds[0] and on */
    int n_shards;         /* a power of two, at most TILE_MAX_SHARDS */
    bool add;             /* to what is at out */
} tile_job;

/** The k that a tile adds up. */
typedef struct tile_range {
    int begin, n; /* begin: a multiple of 16 where row is not 1 */
} tile_range;

/** Product number `which` of a tile with `rows` rows and `vecs` vectors of columns. */
INLINE void tile_multiply(int rows, int vecs, bool by_column, const tile_job *job, tile_range ks,
                          int which, vec product[TILE_ROWS][TILE_VECS])
{
    const tile_operand *a = &job->a[which];
    const size_t row = by_column ? 1 : a->row, column = by_column ? a->column : 1;
    const float *block = a->at + (size_t)ks.begin * column;
    const float *b = job->b + (which * job->n_k + ks.begin) * vecs * VEC_SIZE;

    UNROLL
    for (int m = 0; m < rows; m++) {
        UNROLL
        for (int v = 0; v < vecs; v++)
            product[m][v] = vec_zero();
    }
    for (int k0 = 0; k0 < ks.n; k0 += 16, block += a->block) {
        const int n = ks.n - k0 < 16 ? ks.n - k0 : 16;
        const float *from = block;
        for (int k = 0; k < n; k++, from += column, b += vecs * VEC_SIZE) {
            vec columns[TILE_VECS];
            UNROLL
            for (int v = 0; v < vecs; v++) {
                columns[v] = vec_load(b + v * VEC_SIZE);
                vec_pin(&columns[v]);
            }
            UNROLL
            for (int m = 0; m < rows; m++) {
                UNROLL
                for (int v = 0; v < vecs; v++)
                    product[m][v] += from[(size_t)m * row] * columns[v];
            }
        }
    }
}

/** b = a + sign * b */
INLINE void tile_combine(int rows, int vecs, float sign, vec a[TILE_ROWS][TILE_VECS],
                         vec b[TILE_ROWS][TILE_VECS])
{
    UNROLL
    for (int m = 0; m < rows; m++) {
        UNROLL
        for (int v = 0; v < vecs; v++)
            b[m][v] = a[m][v] + sign * b[m][v];
    }
}

/** Stores the real (part = 0) or imaginary (part = 16) parts of a tile. */
INLINE void tile_store(int rows, int vecs, tile_kind kind, const tile_job *job, int part,
                       vec values[TILE_ROWS][TILE_VECS])
{
    UNROLL
    for (int m = 0; m < rows; m++) {
        UNROLL
        for (int v = 0; v < vecs; v++) {
            const int block = v / VECS_PER_BLOCK, lane = v % VECS_PER_BLOCK * VEC_SIZE;
            float *out = job->out + (size_t)m * job->out_row + block * 32 + part + lane;
            if (kind == TILE_STREAMED)
                vec_stream(out, values[m][v]);
            else
                vec_store(out, values[m][v]);
        }
    }
}

/** Adds what is at the same place to the real or imaginary parts of a tile. */
INLINE void tile_add(int rows, int vecs, const tile_job *job, int part,
                     vec values[TILE_ROWS][TILE_VECS])
{
    UNROLL
    for (int m = 0; m < rows; m++) {
        UNROLL
        for (int v = 0; v < vecs; v++) {
            const int block = v / VECS_PER_BLOCK, lane = v % VECS_PER_BLOCK * VEC_SIZE;
            values[m][v] +=
                vec_load(job->out + (size_t)m * job->out_row + block * 32 + part + lane);
        }
    }
}

/** One tile of the complex product out = A B. */
INLINE void tile_run(int rows, int blocks, tile_kind kind, const tile_job *job)
{
    const int vecs = blocks * VECS_PER_BLOCK;
    const tile_range all = {0, job->n_k};
    vec p1[TILE_ROWS][TILE_VECS], p2[TILE_ROWS][TILE_VECS], p3[TILE_ROWS][TILE_VECS];

    tile_multiply(rows, vecs, false, job, all, 0, p1);
    tile_multiply(rows, vecs, false, job, all, 1, p2);
    tile_combine(rows, vecs, 1.0f, p1, p2);
    tile_store(rows, vecs, kind, job, 16, p2);
    tile_multiply(rows, vecs, false, job, all, 2, p3);
    tile_combine(rows, vecs, -1.0f, p1, p3);
    tile_store(rows, vecs, kind, job, 0, p3);
}

/** Sums of shards that wait for those to their right, one a level. */
typedef struct tile_nodes {
    vec levels[TILE_SHARD_LEVELS][TILE_ROWS][TILE_VECS];
} tile_nodes;

/** One part of shard `i` takes its place in the tree: what has waited for it is added, and the sum
 *  waits in turn, or goes out after the last shard. */
INLINE void tile_climb(int rows, int vecs, const tile_job *job, int i, int part,
                       vec values[TILE_ROWS][TILE_VECS], tile_nodes *nodes)
{
    int level = 0;

    for (; i >> level & 1; level++) {
        UNROLL
        for (int m = 0; m < rows; m++) {
            UNROLL
            for (int v = 0; v < vecs; v++)
                values[m][v] += nodes->levels[level][m][v];
        }
    }
    if (i + 1 < job->n_shards) {
        UNROLL
        for (int m = 0; m < rows; m++) {
            UNROLL
            for (int v = 0; v < vecs; v++)
                nodes->levels[level][m][v] = values[m][v];
        }
        return;
    }
    if (job->add)
        tile_add(rows, vecs, job, part, values);
    tile_store(rows, vecs, TILE_ROW_MAJOR, job, part, values);
}

/** One tile of the complex product of each shard, and their sum. */
INLINE void tile_run_shards(int rows, int blocks, const tile_job *job)
{
    const int vecs = blocks * VECS_PER_BLOCK;
    tile_nodes re, im;
    vec p1[TILE_ROWS][TILE_VECS], p2[TILE_ROWS][TILE_VECS], p3[TILE_ROWS][TILE_VECS];

    for (int i = 0; i < job->n_shards; i++) {
        const tile_range ks = {(int)(job->bounds[i] - job->bounds[0]),
                               (int)(job->bounds[i + 1] - job->bounds[i])};
        tile_multiply(rows, vecs, true, job, ks, 0, p1);
        tile_multiply(rows, vecs, true, job, ks, 1, p2);
        tile_combine(rows, vecs, 1.0f, p1, p2);
        tile_climb(rows, vecs, job, i, 16, p2, &im);
        tile_multiply(rows, vecs, true, job, ks, 2, p3);
        tile_combine(rows, vecs, -1.0f, p1, p3);
        tile_climb(rows, vecs, job, i, 0, p3, &re);
    }
}

typedef void (*tile_fn)(const tile_job *job);

/* Tiles of full, half and single rows, full and single blocks, of each kind. */
#define TILE_DEFINE(kind, rows_name, rows, blocks_name, blocks)                \
    static void tile_##kind##_##rows_name##_##blocks_name(const tile_job *job) \
    {                                                                          \
        if (kind == TILE_OF_SHARDS)                                            \
            tile_run_shards(rows, blocks, job);                                \
        else                                                                   \
            tile_run(rows, blocks, kind, job);                                 \
    }
#define TILE_DEFINE_KIND(kind)                                \
    TILE_DEFINE(kind, full, TILE_ROWS, wide, TILE_BLOCKS)     \
    TILE_DEFINE(kind, half, TILE_ROWS / 2, wide, TILE_BLOCKS) \
    TILE_DEFINE(kind, single, 1, wide, TILE_BLOCKS)           \
    TILE_DEFINE(kind, full, TILE_ROWS, narrow, 1)             \
    TILE_DEFINE(kind, half, TILE_ROWS / 2, narrow, 1)         \
    TILE_DEFINE(kind, single, 1, narrow, 1)
TILE_DEFINE_KIND(TILE_ROW_MAJOR)
TILE_DEFINE_KIND(TILE_STREAMED)
TILE_DEFINE_KIND(TILE_OF_SHARDS)

#define TILE_ROWS_OF(kind, blocks)                                                              \
    {                                                                                           \
        tile_##kind##_full_##blocks, tile_##kind##_half_##blocks, tile_##kind##_single_##blocks \
    }
/** [kind][is narrow][full, half, single rows] */
static const tile_fn tiles[3][2][3] = {
    [TILE_ROW_MAJOR] = {TILE_ROWS_OF(TILE_ROW_MAJOR, wide), TILE_ROWS_OF(TILE_ROW_MAJOR, narrow)},
    [TILE_STREAMED] = {TILE_ROWS_OF(TILE_STREAMED, wide), TILE_ROWS_OF(TILE_STREAMED, narrow)},
    [TILE_OF_SHARDS] = {TILE_ROWS_OF(TILE_OF_SHARDS, wide), TILE_ROWS_OF(TILE_OF_SHARDS, narrow)},
};

#endif
