/* Products, compiled once per instruction set.
 *
 * Outputs are vectors, the last of which may overlap the one before; vectors form blocks whose
 * weights lie together, [block][input][vector]. A tile is some positions by the vectors of a block:
 * its sums stay in registers over all inputs, with the bias, the residual and ReLU at the end.
 * Where the number of positions is not a multiple of the tile's, the last tile begins earlier and
 * makes some positions twice: each sum is the same in any tile. */
#include "nn/infer/products.h"

#include "nn/engine/common/activation_vec.h"

#if VEC_SIZE == 16
enum { MAX_VECS = 4 }; /* 32 registers */
#else
enum { MAX_VECS = 2 }; /* 16 */
#endif
enum { MAX_ROWS = 16 };

/** A part of the outputs. */
typedef struct block {
    const float *w;
    const float *bias;
    size_t first; /* output */
    size_t last;  /* where the last vector begins, from the first output of the block */
} block;

/** One tile. @param y, residual  at its first position and the block's first output */
INLINE void multiply_tile(const ws_infer_product *p, const block *b, const float *x,
                          const float *residual, float *y, int n_rows, int n_vecs)
{
    vec sums[MAX_ROWS][MAX_VECS];
    const float *w = b->w;

    UNROLL
    for (int m = 0; m < n_rows; m++)
        UNROLL
    for (int v = 0; v < n_vecs; v++)
        sums[m][v] = vec_load(b->bias + v * VEC_SIZE);
    for (size_t run = 0; run < p->n_runs; run++, x += p->run_step) {
        for (size_t k = 0; k < p->run; k++, w += n_vecs * VEC_SIZE) {
            vec columns[MAX_VECS];
            UNROLL
            for (int v = 0; v < n_vecs; v++) {
                columns[v] = vec_load(w + v * VEC_SIZE);
                vec_pin(&columns[v]);
            }
            UNROLL
            for (int m = 0; m < n_rows; m++) {
                vec a = vec_splat(x[(size_t)m * p->x_step + k]);
                if (n_vecs > 1)
                    vec_pin(&a);
                UNROLL
                for (int v = 0; v < n_vecs; v++)
                    sums[m][v] += a * columns[v];
            }
        }
    }
    UNROLL
    for (int m = 0; m < n_rows; m++) {
        UNROLL
        for (int v = 0; v < n_vecs; v++) {
            const size_t at =
                (size_t)m * p->n_out + (v + 1 < n_vecs ? (size_t)v * VEC_SIZE : b->last);
            vec sum = sums[m][v];
            if (residual != NULL)
                sum += vec_load(residual + at);
            if (p->has_relu)
                sum = vec_relu(sum);
            vec_store(y + at, sum);
        }
    }
}

/** All positions of a block. */
INLINE void multiply_block(const ws_infer_product *p, const block *b, int n_rows, int n_vecs)
{
    const size_t n = p->n_positions, rows = (size_t)n_rows;

    for (size_t begin = 0; begin < n; begin += rows) {
        const size_t first = begin + rows <= n ? begin : n - rows;
        const size_t at = first * p->n_out + b->first;
        multiply_tile(p, b, p->x + first * p->x_step, p->residual != NULL ? p->residual + at : NULL,
                      p->y + at, n_rows, n_vecs);
    }
}

#if VEC_SIZE == 16
#define TILES(X) \
    X(1, 1)      \
    X(4, 1)      \
    X(8, 1)      \
    X(10, 1)     \
    X(16, 1)     \
    X(1, 2) X(4, 2) X(8, 2) X(12, 2) X(1, 3) X(4, 3) X(5, 3) X(8, 3) X(1, 4) X(3, 4) X(5, 4) X(6, 4)
#else
#define TILES(X) X(1, 1) X(4, 1) X(8, 1) X(1, 2) X(3, 2) X(5, 2) X(6, 2)
#endif

#define DEFINE_TILE(rows, vecs)                                                     \
    static void multiply_##rows##x##vecs(const ws_infer_product *p, const block *b) \
    {                                                                               \
        multiply_block(p, b, rows, vecs);                                           \
    }
TILES(DEFINE_TILE)

#define TILE_ROW(rows, vecs) {rows, vecs, multiply_##rows##x##vecs},
static const struct {
    size_t n_rows, n_vecs;
    void (*multiply)(const ws_infer_product *p, const block *b);
} tiles[] = {TILES(TILE_ROW)};

enum { N_TILES = sizeof tiles / sizeof *tiles };

static size_t count_vecs(size_t n_out)
{
    return (n_out + VEC_SIZE - 1) / VEC_SIZE;
}

/** Blocks of nearly equal numbers of vectors. */
typedef struct cut {
    size_t n_blocks;
    size_t n_wide; /* blocks that have n_vecs vectors; the others have one fewer */
    size_t n_vecs;
} cut;

static cut cut_blocks(size_t n_out)
{
    const size_t n = count_vecs(n_out), n_blocks = (n + MAX_VECS - 1) / MAX_VECS;
    const size_t n_vecs = (n + n_blocks - 1) / n_blocks;

    return (cut){n_blocks, n_blocks - (n_blocks * n_vecs - n), n_vecs};
}

/** The first output of vector i. */
static size_t find_output(size_t n_out, size_t i)
{
    const size_t end = (i + 1) * VEC_SIZE;
    return end <= n_out || n_out < VEC_SIZE ? i * VEC_SIZE : n_out - VEC_SIZE;
}

size_t ws_infer_bias_size(size_t n_out)
{
    return count_vecs(n_out) * VEC_SIZE;
}

size_t ws_infer_packed_size(size_t n_in, size_t n_out)
{
    return n_in * ws_infer_bias_size(n_out);
}

void ws_infer_pack_bias(const float *bias, size_t n_out, float *packed)
{
    for (size_t i = 0; i < count_vecs(n_out); i++) {
        const size_t first = find_output(n_out, i);
        for (size_t lane = 0; lane < VEC_SIZE; lane++)
            *packed++ = bias != NULL && first + lane < n_out ? bias[first + lane] : 0.0f;
    }
}

void ws_infer_pack(const float *w, size_t n_in, size_t n_out, float *packed)
{
    const cut c = cut_blocks(n_out);
    size_t first = 0; /* vector */

    for (size_t i = 0; i < c.n_blocks; i++) {
        const size_t n_vecs = c.n_vecs - (i >= c.n_wide);
        for (size_t k = 0; k < n_in; k++) {
            for (size_t v = 0; v < n_vecs; v++) {
                const size_t output = find_output(n_out, first + v);
                for (size_t lane = 0; lane < VEC_SIZE; lane++)
                    *packed++ = output + lane < n_out ? w[k * n_out + output + lane] : 0.0f;
            }
        }
        first += n_vecs;
    }
}

/** Estimated cycles for one input: two multiply-adds or loads a cycle, and sums that wait for
 *  themselves. */
static double estimate(size_t n_positions, size_t rows, size_t n_vecs)
{
    const double n_tiles = (double)((n_positions + rows - 1) / rows);
    const double products = 0.5 * (double)(rows * n_vecs), loads = 0.5 * (double)(rows + n_vecs);
    const double most = products > loads ? products : loads;

    return n_tiles * ((most > 4.0 ? most : 4.0) + 0.3);
}

static int choose_tile(size_t n_positions, size_t n_vecs)
{
    double least = 0.0;
    int best = -1;

    for (int i = 0; i < N_TILES; i++) {
        if (tiles[i].n_vecs != n_vecs || tiles[i].n_rows > n_positions)
            continue;
        const double cycles = estimate(n_positions, tiles[i].n_rows, n_vecs);
        if (best < 0 || cycles < least) {
            best = i;
            least = cycles;
        }
    }
    return best;
}

void ws_infer_choose_tiles(ws_infer_product *product)
{
    const cut c = cut_blocks(product->n_out);

    product->tiles[0] = choose_tile(product->n_positions, c.n_vecs);
    product->tiles[1] = choose_tile(product->n_positions, c.n_vecs - 1);
}

void ws_infer_multiply(const ws_infer_product *p)
{
    const cut c = cut_blocks(p->n_out);
    const size_t n_in = p->n_runs * p->run;
    size_t first = 0; /* vector */

    for (size_t i = 0; i < c.n_blocks; i++) {
        const bool is_wide = i < c.n_wide;
        const size_t n_vecs = c.n_vecs - !is_wide, output = find_output(p->n_out, first);
        const block b = {
            .w = p->w + first * VEC_SIZE * n_in,
            .bias = p->bias + first * VEC_SIZE,
            .first = output,
            .last = find_output(p->n_out, first + n_vecs - 1) - output,
        };
        tiles[p->tiles[is_wide ? 0 : 1]].multiply(p, &b);
        first += n_vecs;
    }
}
