/* Products, compiled once per instruction set.
 *
 * Outputs are vectors, the last of which may overlap the one before; vectors form blocks whose
 * weights lie together, [block][input][vector]. A tile is some positions by the vectors of a block:
 * its sums stay in registers over all inputs, with the bias, the residual and ReLU at the end.
 * Where the number of positions is not a multiple of the tile's, the last tile begins earlier and
 * makes some positions twice: each sum is the same in any tile. Where there are more weights than
 * the first cache holds, a part of the inputs is taken for all positions, then the next one; sums
 * wait in y. */
#include "nn/infer/products.h"

#include <math.h>

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

/** A part of the inputs: whole runs, or some numbers of one. */
typedef struct chunk {
    size_t first_run, n_runs;
    size_t first, n; /* numbers of a run */
    bool is_first, is_last;
} chunk;

/** Where a tile begins: its first position, and the block's first output. */
typedef struct place {
    const float *x, *start, *residual; /* start NULL: the bias */
    float *y;
} place;

/** What belongs to the sums of a tile: a row for each position, or the same for all. */
typedef struct tile_rows {
    const float *first;
    size_t step;
    size_t last; /* where the last vector begins */
} tile_rows;

INLINE tile_rows find_rows(const ws_infer_product *p, const block *b, const float *of_sums,
                           const float *of_all, int n_vecs)
{
    return of_sums != NULL ? (tile_rows){of_sums, p->n_out, b->last}
                           : (tile_rows){of_all, 0, (size_t)(n_vecs - 1) * VEC_SIZE};
}

/** Where vector v begins. @param last  where the last one does */
INLINE size_t find_vec(int v, int n_vecs, size_t last)
{
    return v + 1 < n_vecs ? (size_t)v * VEC_SIZE : last;
}

/* Of a large tile the compiler would work out the addresses of all rows ahead, and keep what it
 * needs after the loop in registers. There are not enough of them: it would put addresses into
 * those of vectors, and vectors into memory. So pointers move on by steps that it cannot see
 * through, and after the loop all is read again. */
#define MOVE_ON(pointer, step, n_rows)   \
    do {                                 \
        (pointer) += (step);             \
        if ((n_rows) > ROWS_A_POINTER)   \
            __asm__("" : "+r"(pointer)); \
    } while (0)
#define FORGET(p, b, at) __asm__("" : "+r"(p), "+r"(b), "+r"(at) : : "memory")

/** Four positions have one such pointer, and lie up to three steps from it. */
enum { ROWS_A_POINTER = 4, MAX_POINTERS = MAX_ROWS / ROWS_A_POINTER };

/** A vector in a register; zeros if nobody reads it. */
INLINE vec load_pinned(const float *at, bool is_read)
{
    vec v = vec_zero();

    if (is_read) {
        v = vec_load(at);
        vec_pin(&v);
    }
    return v;
}

/** The sums of a tile before its first input: the bias, or what other inputs left. */
INLINE void begin_tile(const ws_infer_product *p, const block *b, const place *at, int n_rows,
                       int n_vecs, vec sums[MAX_ROWS][MAX_VECS])
{
    const tile_rows starts = find_rows(p, b, at->start, b->bias, n_vecs);
    const float *start = starts.first;

    UNROLL
    for (int m = 0; m < n_rows; m++) {
        UNROLL
        for (int v = 0; v < n_vecs; v++)
            sums[m][v] = vec_load(start + find_vec(v, n_vecs, starts.last));
        MOVE_ON(start, starts.step, n_rows);
    }
}

/** What follows the last input: the residual and ReLU. Code without branches is half as long, and
 *  as fast. */
INLINE void end_tile(const ws_infer_product *p, const block *b, const chunk *c, const place *at,
                     int n_rows, int n_vecs, vec sums[MAX_ROWS][MAX_VECS])
{
    static const float zeros[MAX_VECS * VEC_SIZE], floors[2] = {-INFINITY, 0.0f};
    const tile_rows residuals = find_rows(p, b, c->is_last ? at->residual : NULL, zeros, n_vecs);
    const vec floor = vec_splat(floors[c->is_last && p->has_relu ? 1 : 0]);
    const size_t n_out = p->n_out, last = b->last;
    const float *residual = residuals.first;
    float *y = at->y;

    UNROLL
    for (int m = 0; m < n_rows; m++) {
        UNROLL
        for (int v = 0; v < n_vecs; v++) {
            const vec sum = sums[m][v] + vec_load(residual + find_vec(v, n_vecs, residuals.last));
            vec_store(y + find_vec(v, n_vecs, last),
                      vec_select(vec_not_at_most(sum, floor), sum, floor));
        }
        MOVE_ON(residual, residuals.step, n_rows);
        MOVE_ON(y, n_out, n_rows);
    }
}

/** One tile: adds a chunk to its sums. */
INLINE void multiply_tile(const ws_infer_product *p, const block *b, const chunk *c,
                          const place *at, int n_rows, int n_vecs)
{
    vec sums[MAX_ROWS][MAX_VECS];
    const size_t first_input = p->first_input + c->first_run * p->run + c->first;
    const float *w = b->w + first_input * (size_t)n_vecs * VEC_SIZE;
    const float *x = at->x + c->first_run * p->run_step + c->first;
    const size_t n_runs = c->n_runs, n = c->n, run_step = p->run_step, x_step = p->x_step;

    begin_tile(p, b, at, n_rows, n_vecs, sums);
    for (size_t run = 0; run < n_runs; run++, x += run_step) {
        const float *rows[MAX_POINTERS];
        UNROLL
        for (int m = 0; m < n_rows; m += ROWS_A_POINTER)
            rows[m / ROWS_A_POINTER] = x + (size_t)m * x_step;
        for (size_t k = 0; k < n; k++, w += n_vecs * VEC_SIZE) {
            /* not an array: the compiler leaves large tiles' arrays in memory */
            const vec w0 = load_pinned(w, true), w1 = load_pinned(w + VEC_SIZE, n_vecs > 1);
            const vec w2 = load_pinned(w + 2 * VEC_SIZE, n_vecs > 2);
            const vec w3 = load_pinned(w + 3 * VEC_SIZE, n_vecs > 3);
            UNROLL
            for (int m = 0; m < n_rows; m++) {
                vec a = vec_splat(rows[m / ROWS_A_POINTER][(size_t)(m % ROWS_A_POINTER) * x_step]);
                if (n_vecs > 1)
                    vec_pin(&a);
                sums[m][0] += a * w0;
                if (n_vecs > 1)
                    sums[m][1] += a * w1;
                if (n_vecs > 2)
                    sums[m][2 % MAX_VECS] += a * w2;
                if (n_vecs > 3)
                    sums[m][3 % MAX_VECS] += a * w3;
            }
            UNROLL
            for (int m = 0; m < n_rows; m += ROWS_A_POINTER)
                MOVE_ON(rows[m / ROWS_A_POINTER], 1, n_rows);
        }
    }
    FORGET(p, b, at);
    end_tile(p, b, c, at, n_rows, n_vecs, sums);
}

INLINE place move(const ws_infer_product *p, const place *from, size_t n_positions)
{
    const size_t step = n_positions * p->n_out;

    return (place){.x = from->x + n_positions * p->x_step,
                   .start = from->start != NULL ? from->start + step : NULL,
                   .residual = from->residual != NULL ? from->residual + step : NULL,
                   .y = from->y + step};
}

/** As many whole tiles as n positions have. @return positions that are left */
INLINE size_t multiply_tiles(const ws_infer_product *p, const block *b, const chunk *c,
                             const place *from, size_t n, int n_rows, int n_vecs)
{
    place at = *from;

    for (; n >= (size_t)n_rows; n -= (size_t)n_rows) {
        multiply_tile(p, b, c, &at, n_rows, n_vecs);
        at = move(p, &at, (size_t)n_rows);
    }
    return n;
}

#if VEC_SIZE == 16
#define TILES(X) \
    X(1, 1)      \
    X(4, 1)      \
    X(8, 1)      \
    X(10, 1)     \
    X(16, 1)     \
    X(1, 2)      \
    X(4, 2)      \
    X(8, 2)      \
    X(12, 2)     \
    X(1, 3) X(4, 3) X(5, 3) X(8, 3) X(1, 4) X(3, 4) X(4, 4) X(5, 4) X(6, 4)
#else
#define TILES(X) X(1, 1) X(4, 1) X(8, 1) X(1, 2) X(3, 2) X(4, 2) X(5, 2) X(6, 2)
#endif

#define DEFINE_TILE(rows, vecs)                                                         \
    static size_t multiply_##rows##x##vecs(const ws_infer_product *p, const block *b,   \
                                           const chunk *c, const place *from, size_t n) \
    {                                                                                   \
        return multiply_tiles(p, b, c, from, n, rows, vecs);                            \
    }
TILES(DEFINE_TILE)

#define TILE_ROW(rows, vecs) {rows, vecs, multiply_##rows##x##vecs},
static const struct {
    size_t n_rows, n_vecs;
    size_t (*multiply)(const ws_infer_product *p, const block *b, const chunk *c, const place *from,
                       size_t n);
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

/** Estimated cycles for one input: two multiply-adds or loads a cycle, sums that wait for
 *  themselves, and this input's share of what a tile costs at its ends. */
static double estimate(size_t n_positions, size_t n_inputs, size_t rows, size_t n_vecs)
{
    const double ends = 10.0 / (double)(n_inputs > 0 ? n_inputs : 1);
    const double n_tiles = (double)((n_positions + rows - 1) / rows);
    const double products = 0.5 * (double)(rows * n_vecs), loads = 0.5 * (double)(rows + n_vecs);
    const double most = products > loads ? products : loads;

    return n_tiles * ((most > 4.0 ? most : 4.0) + 0.3 + ends);
}

static int choose_tile(size_t n_positions, size_t n_inputs, size_t n_vecs)
{
    double least = 0.0;
    int best = -1;

    for (int i = 0; i < N_TILES; i++) {
        if (tiles[i].n_vecs != n_vecs || tiles[i].n_rows > n_positions)
            continue;
        const double cycles = estimate(n_positions, n_inputs, tiles[i].n_rows, n_vecs);
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
    const size_t n_inputs = product->n_runs * product->run;

    product->tiles[0] = choose_tile(product->n_positions, n_inputs, c.n_vecs);
    product->tiles[1] = choose_tile(product->n_positions, n_inputs, c.n_vecs - 1);
}

/** The largest tile of at most n positions. */
static int find_tile(size_t n, size_t n_vecs)
{
    int best = -1;

    for (int i = 0; i < N_TILES; i++)
        if (tiles[i].n_vecs == n_vecs && tiles[i].n_rows <= n)
            best = i; /* they are in ascending order */
    return best;
}

/** A row of positions. The last tile overlaps the one before, unless it would add to sums twice. */
static void multiply_row(const ws_infer_product *p, const block *b, const chunk *c,
                         const place *from, int tile)
{
    const size_t n = p->n_positions, n_rows = tiles[tile].n_rows;
    size_t left = n >= n_rows ? tiles[tile].multiply(p, b, c, from, n) : n;

    if (left > 0 && from->start == NULL && n >= n_rows) {
        const place last = move(p, from, n - n_rows);
        (void)tiles[tile].multiply(p, b, c, &last, n_rows);
        return;
    }
    while (left > 0) {
        const place rest = move(p, from, n - left);
        left = tiles[find_tile(left, tiles[tile].n_vecs)].multiply(p, b, c, &rest, left);
    }
}

/** All positions of a group, for a block and a chunk. */
static void multiply_chunk(const ws_infer_product *p, const block *b, const chunk *c, size_t group,
                           int tile)
{
    const float *start = c->is_first ? p->start : p->y;

    for (size_t row = 0; row < p->n_rows; row++) {
        const size_t to = group * p->y_group + row * p->y_row + b->first;
        const place at = {.x = p->x + group * p->x_group + row * p->x_row,
                          .start = start != NULL ? start + to : NULL,
                          .residual = p->residual != NULL ? p->residual + to : NULL,
                          .y = p->y + to};
        multiply_row(p, b, c, &at, tile);
    }
}

/** Chunks of inputs whose weights stay in the first cache while all positions pass. */
static void multiply_block(const ws_infer_product *p, const block *b, size_t group, size_t n_vecs,
                           int tile)
{
    enum { CACHED = 24 * 1024 / (VEC_SIZE * sizeof(float)) }; /* vectors */
    enum { FEW_TILES = 4 }; /* where a second time through the weights costs less than sums in y */
    const size_t run = p->run * n_vecs, n_all = p->n_runs * run;
    const bool is_one = n_all <= CACHED || p->n_out < VEC_SIZE ||
                        p->n_rows * p->n_positions < FEW_TILES * tiles[tile].n_rows;
    const size_t n_parts = is_one ? 1 : (run + CACHED - 1) / CACHED; /* of a run */
    const size_t part = (p->run + n_parts - 1) / n_parts;
    const size_t n_runs = is_one ? p->n_runs : n_parts > 1 ? 1 : CACHED / run;
    chunk c = {.is_first = true};

    do {
        const size_t left = p->n_runs - c.first_run;
        c.n_runs = n_runs < left ? n_runs : left;
        c.n = part < p->run - c.first ? part : p->run - c.first;
        const bool ends_run = c.first + c.n == p->run;
        c.is_last = ends_run && c.first_run + c.n_runs == p->n_runs;
        multiply_chunk(p, b, &c, group, tile);
        c.is_first = false;
        c.first = ends_run ? 0 : c.first + c.n;
        c.first_run += ends_run ? c.n_runs : 0;
    } while (!c.is_last);
}

static void multiply_group(const ws_infer_product *p, size_t group)
{
    const cut c = cut_blocks(p->n_out);
    const float *w = p->w + group * p->n_inputs * count_vecs(p->n_out) * VEC_SIZE;
    size_t first = 0; /* vector */

    for (size_t i = 0; i < c.n_blocks; i++) {
        const bool is_wide = i < c.n_wide;
        const size_t n_vecs = c.n_vecs - !is_wide, output = find_output(p->n_out, first);
        const block b = {
            .w = w + first * VEC_SIZE * p->n_inputs,
            .bias = p->bias + first * VEC_SIZE,
            .first = output,
            .last = find_output(p->n_out, first + n_vecs - 1) - output,
        };
        multiply_block(p, &b, group, n_vecs, p->tiles[is_wide ? 0 : 1]);
        first += n_vecs;
    }
}

void ws_infer_multiply(const ws_infer_product *p)
{
    for (size_t group = 0; group < p->n_groups; group++)
        multiply_group(p, group);
}
