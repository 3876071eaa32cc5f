/* The complex matrix products at each frequency, compiled once per instruction set. */
#include "nn/engine/fft/fftconv_gemm.h"

#include "nn/engine/fft/fftconv_tile.h"
#include "nn/engine/fft/fftconv_work.h"

/** Fetches a run of memory into the second cache, a share of it with every tile. */
typedef struct fetcher {
    const float *at, *end;
    size_t share; /* floats, whole cache lines */
} fetcher;

static fetcher fetcher_of(const float *at, size_t n_floats, int n_tiles)
{
    const size_t n_lines = (n_floats + 15) / 16;
    const size_t share = (n_lines + (size_t)n_tiles - 1) / (size_t)n_tiles;
    return (fetcher){at, at == NULL ? NULL : at + n_floats, share * 16};
}

static void fetcher_run(fetcher *fetch)
{
    for (size_t i = 0; i < fetch->share && fetch->at < fetch->end; i += 16, fetch->at += 16)
        __builtin_prefetch(fetch->at, 0, 2);
}

/** What is multiplied at one frequency: rows x n_k by n_k x blocks. */
typedef struct matrix_job {
    tile_kind kind;
    tile_operand a[3];
    int n_rows;
    const float *b; /* groups of TILE_BLOCKS blocks (the last may have fewer): [3, n_k, group] */
    int n_blocks, n_k;
    float *out;
    size_t out_row;
    const size_t *bounds; /* of shards, as in tile_job */
    int n_shards;
    bool add;
} matrix_job;

static int divide_up(int a, int b)
{
    return (a + b - 1) / b;
}

/** The number of tiles of a product, not counting that the last rows take smaller ones. */
static int count_tiles(int n_rows, int n_blocks)
{
    return divide_up(n_rows, TILE_ROWS) * divide_up(n_blocks, TILE_BLOCKS);
}

/** All rows of one group of blocks: full tiles as long as they last, then halves, single rows. */
static void multiply_rows(tile_job tile, int n_rows, const tile_fn *sizes, fetcher fetch[2])
{
    static const int rows_of[3] = {TILE_ROWS, TILE_ROWS / 2, 1};
    int size = 0;

    while (n_rows > 0) {
        const int rows = rows_of[size];
        if (rows > n_rows) {
            size++;
            continue;
        }
        fetcher_run(&fetch[0]);
        fetcher_run(&fetch[1]);
        sizes[size](&tile);
        for (int i = 0; i < 3; i++)
            tile.a[i].at += (size_t)rows * tile.a[i].row;
        tile.out += (size_t)rows * tile.out_row;
        n_rows -= rows;
    }
}

static void multiply(const matrix_job *job, fetcher fetch[2])
{
    tile_job tile = {.a = {job->a[0], job->a[1], job->a[2]},
                     .b = job->b,
                     .n_k = job->n_k,
                     .out = job->out,
                     .out_row = job->out_row,
                     .bounds = job->bounds,
                     .n_shards = job->n_shards,
                     .add = job->add};

    for (int block = 0; block < job->n_blocks; block += TILE_BLOCKS) {
        const int left = job->n_blocks - block;
        const int group = left < TILE_BLOCKS ? left : TILE_BLOCKS;
        multiply_rows(tile, job->n_rows, tiles[job->kind][group < TILE_BLOCKS], fetch);
        tile.b += (ptrdiff_t)3 * job->n_k * group * WS_CONV_LANES;
        tile.out += group * WS_CONV_COMPLEX;
    }
}

/** Where row k of a block's B1 lies in the groups of `multiply`, and how far B2 is behind. */
static float *packed_at(float *packed, int n_blocks, int n_k, int block, int k, size_t *plane)
{
    const int first = block / TILE_BLOCKS * TILE_BLOCKS;
    const int group = n_blocks - first < TILE_BLOCKS ? n_blocks - first : TILE_BLOCKS;
    const size_t width = (size_t)group * WS_CONV_LANES;
    *plane = (size_t)n_k * width;
    return packed + (size_t)3 * (size_t)n_k * (size_t)first * WS_CONV_LANES + (size_t)k * width +
           (size_t)(block - first) * WS_CONV_LANES;
}

INLINE void store_planes(float *at, size_t plane, cvec value)
{
    vec_store(at, value.re);
    vec_store(at + plane, value.im - value.re);
    vec_store(at + 2 * plane, value.re + value.im);
}

/** B1, B2, B3 of a matrix [n_k, n_blocks] whose rows are `row` floats apart. */
static void pack_b(const float *matrix, size_t row, int n_k, int n_blocks, float *packed)
{
    for (int block = 0; block < n_blocks; block++) {
        size_t plane;
        float *to = packed_at(packed, n_blocks, n_k, block, 0, &plane);
        const size_t width = plane / (size_t)n_k;
        const float *from = matrix + block * WS_CONV_COMPLEX;
        for (int k = 0; k < n_k; k++, from += row, to += width)
            VEC_LANES (lane)
                store_planes(to + lane, plane, cvec_load(from + lane, from + WS_CONV_LANES + lane));
    }
}

/** A1 = re + im of a matrix [n_rows, n_blocks]: [n_rows, n_blocks * 16]. */
static void pack_sums(const float *matrix, size_t n_elements, float *sums)
{
    for (size_t i = 0; i < n_elements; i++)
        VEC_LANES (lane) {
            const float *from = matrix + i * WS_CONV_COMPLEX + lane;
            vec_store(sums + i * WS_CONV_LANES + lane,
                      vec_load(from) + vec_load(from + WS_CONV_LANES));
        }
}

/** A1, A2, A3 of conj X, whose rows become the product's k: each row [3, n_blocks * 16], rows
 *  `stride` floats apart (an odd number of cache lines: the product walks down the columns). */
static void pack_conjugate(const float *x, int n_rows, int n_blocks, size_t stride, float *packed)
{
    const size_t plane = (size_t)n_blocks * WS_CONV_LANES;
    for (int n = 0; n < n_rows; n++) {
        float *to = packed + (size_t)n * stride;
        for (int block = 0; block < n_blocks; block++, x += WS_CONV_COMPLEX)
            VEC_LANES (lane) {
                const cvec value = cvec_load(x + lane, x + WS_CONV_LANES + lane);
                float *at = to + block * WS_CONV_LANES + lane;
                vec_store(at, value.re - value.im);
                vec_store(at + plane, value.re);
                vec_store(at + 2 * plane, vec_zero() - value.im);
            }
    }
}

/** The transpose of 16 rows (rows beyond n_rows: zero) of 16 numbers. */
static void transpose_block(const float *matrix, size_t row, int n_rows, float out[256])
{
    VEC_LANES (i)
        VEC_LANES (j) {
            vec rows[VEC_SIZE];
            UNROLL
            for (int r = 0; r < VEC_SIZE; r++)
                rows[r] =
                    i + r < n_rows ? vec_load(matrix + (size_t)(i + r) * row + j) : vec_zero();
            vec_transpose(rows);
            UNROLL
            for (int r = 0; r < VEC_SIZE; r++)
                vec_store(out + (j + r) * WS_CONV_LANES + i, rows[r]);
        }
}

/** B1, B2, B3 of the conjugate transpose of V [n_in, out_blocks]: [n_out, in_blocks]. */
static void pack_conjugate_transpose(const ws_fftconv *conv, const float *v, float *packed)
{
    const ws_fftconv_shape *shape = &conv->shape;
    const size_t row = (size_t)conv->out_blocks * WS_CONV_COMPLEX;
    float re[256], im[256];

    for (int i = 0; i < conv->in_blocks; i++) {
        const int n_rows = shape->n_in - i * 16;
        for (int o = 0; o < conv->out_blocks; o++) {
            const float *block = v + (size_t)i * WS_CONV_LANES * row + (size_t)o * WS_CONV_COMPLEX;
            transpose_block(block, row, n_rows, re);
            transpose_block(block + WS_CONV_LANES, row, n_rows, im);
            const int n = shape->n_out - o * 16;
            for (int k = 0; k < n && k < WS_CONV_LANES; k++) {
                size_t plane;
                float *to = packed_at(packed, conv->in_blocks, shape->n_out, i, o * 16 + k, &plane);
                VEC_LANES (lane) {
                    const vec imaginary = vec_load(im + k * WS_CONV_LANES + lane);
                    store_planes(
                        to + lane, plane,
                        (cvec){vec_load(re + k * WS_CONV_LANES + lane), vec_zero() - imaginary});
                }
            }
        }
    }
}

/** Sets A1 to packed sums and A2, A3 to the parts of the matrix [n, n_blocks] itself. */
static void set_row_major(matrix_job *job, const float *matrix, const float *sums, int n_blocks)
{
    const size_t row = (size_t)n_blocks * WS_CONV_COMPLEX;
    job->a[0] = (tile_operand){sums, row / 2, WS_CONV_LANES, 1};
    job->a[1] = (tile_operand){matrix, row, WS_CONV_COMPLEX, 1};
    job->a[2] = (tile_operand){matrix + WS_CONV_LANES, row, WS_CONV_COMPLEX, 1};
}

void LEVEL_NAME(ws_fftconv_product_forward)(const ws_fftconv *conv,
                                            const ws_fftconv_forward *product, int first, int end,
                                            float *memory)
{
    const fftconv_work work = fftconv_work_divide(conv, memory);
    const int n = product->n, n_in = conv->shape.n_in;
    const size_t out_row = (size_t)conv->out_blocks * WS_CONV_COMPLEX;
    const size_t n_x = (size_t)n * (size_t)conv->in_blocks;
    const int n_tiles = count_tiles(n, conv->out_blocks);
    matrix_job job = {.kind = TILE_STREAMED,
                      .n_rows = n,
                      .b = work.b,
                      .n_blocks = conv->out_blocks,
                      .n_k = n_in,
                      .out_row = out_row};

    for (int f = first; f < end; f++) {
        const float *x = product->x + (size_t)f * conv->x_stride;
        const float *v = product->v + (size_t)f * conv->v_stride;
        const bool is_last = f + 1 == end;
        job.out = product->y + (size_t)f * conv->y_stride;
        pack_b(v, out_row, n_in, conv->out_blocks, work.b);
        pack_sums(x, n_x, work.a);
        set_row_major(&job, x, work.a, conv->in_blocks);
        fetcher next[2] = {
            fetcher_of(is_last ? NULL : x + conv->x_stride, n_x * WS_CONV_COMPLEX, n_tiles),
            fetcher_of(is_last ? NULL : v + conv->v_stride, (size_t)n_in * out_row, n_tiles)};
        multiply(&job, next);
    }
    vec_stream_finish();
}

/** X and dY of the samples of some shards at one frequency. */
typedef struct shard_rows {
    const float *x, *dy;
    const size_t *bounds; /* [n_shards + 1] */
    size_t n_shards;
} shard_rows;

/** dV = conj X^T dY of at most TILE_MAX_SHARDS shards at one frequency.
 *  @param add  to what is there */
static void multiply_shards(const ws_fftconv *conv, const fftconv_work *work,
                            const shard_rows *rows, bool add, float *dv, fetcher next[2])
{
    const size_t first = rows->bounds[0];
    const int n = (int)(rows->bounds[rows->n_shards] - first);
    const size_t plane = (size_t)conv->in_blocks * WS_CONV_LANES;
    const size_t stride = fftconv_conjugate_stride(conv);
    const size_t y_row = (size_t)conv->out_blocks * WS_CONV_COMPLEX;
    matrix_job job = {.kind = TILE_OF_SHARDS,
                      .n_rows = conv->shape.n_in,
                      .b = work->b,
                      .n_blocks = conv->out_blocks,
                      .n_k = n,
                      .out = dv,
                      .out_row = y_row,
                      .bounds = rows->bounds,
                      .n_shards = (int)rows->n_shards,
                      .add = add};

    pack_b(rows->dy + first * y_row, y_row, n, conv->out_blocks, work->b);
    pack_conjugate(rows->x + first * (size_t)conv->in_blocks * WS_CONV_COMPLEX, n, conv->in_blocks,
                   stride, work->a);
    for (size_t i = 0; i < 3; i++)
        job.a[i] = (tile_operand){work->a + i * plane, 1, 16 * stride, stride};
    multiply(&job, next);
}

/** to += from */
static void add_rows(const float *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i += WS_CONV_LANES)
        VEC_LANES (lane)
            vec_store(to + i + lane, vec_load(to + i + lane) + vec_load(from + i + lane));
}

/** dV of all samples at one frequency: the tree of shards.h.
 *  @param add   to what is there
 *  @param node  for sums that are added whole */
static void multiply_weights(const ws_fftconv *conv, const fftconv_work *work,
                             const shard_rows *rows, bool add, float *dv, float *node,
                             fetcher next[2])
{
    const size_t n = (size_t)conv->shape.n_in * (size_t)conv->out_blocks * WS_CONV_COMPLEX;
    const size_t half = rows->n_shards / 2;
    const shard_rows left = {rows->x, rows->dy, rows->bounds, half};
    const shard_rows right = {rows->x, rows->dy, rows->bounds + half, half};
    float *sum = add ? node : dv;

    if (rows->n_shards <= TILE_MAX_SHARDS) {
        multiply_shards(conv, work, rows, add, dv, next);
        return;
    }
    multiply_weights(conv, work, &left, false, sum, node + n, next);
    multiply_weights(conv, work, &right, true, sum, node + n, next);
    if (add)
        add_rows(node, n, dv);
}

/** dX = dY conj V^T at one frequency. */
static void multiply_data(const ws_fftconv *conv, const fftconv_work *work, int n, const float *dy,
                          float *dx, fetcher next[2])
{
    matrix_job job = {.kind = TILE_ROW_MAJOR,
                      .n_rows = n,
                      .b = work->b_data,
                      .n_blocks = conv->in_blocks,
                      .n_k = conv->shape.n_out,
                      .out_row = (size_t)conv->in_blocks * WS_CONV_COMPLEX};
    job.out = dx;
    set_row_major(&job, dy, work->sums, conv->out_blocks);
    multiply(&job, next);
}

void LEVEL_NAME(ws_fftconv_product_backward)(const ws_fftconv *conv,
                                             const ws_fftconv_backward *product, int first, int end,
                                             float *memory)
{
    const fftconv_work work = fftconv_work_divide(conv, memory);
    const int n = product->n;
    const size_t whole[2] = {0, (size_t)n};
    const size_t *bounds = product->shards != NULL ? product->shards->bounds : whole;
    const size_t n_shards = product->shards != NULL ? product->shards->n : 1;
    const size_t n_x = (size_t)n * (size_t)conv->in_blocks;
    const size_t n_y = (size_t)n * (size_t)conv->out_blocks;
    const int n_trees = divide_up((int)n_shards, TILE_MAX_SHARDS);
    const int n_weight_tiles = n_trees * count_tiles(conv->shape.n_in, conv->out_blocks);
    const int n_data_tiles = count_tiles(n, conv->in_blocks);

    for (int f = first; f < end; f++) {
        const float *x = product->x + (size_t)f * conv->x_stride;
        const float *v = product->v + (size_t)f * conv->v_stride;
        const float *dy = product->dy + (size_t)f * conv->y_stride;
        const bool is_last = f + 1 == end;
        /* x and v are read before dx and dv, which may be they, are written */
        if (product->dx != NULL) {
            pack_sums(dy, n_y, work.sums);
            pack_conjugate_transpose(conv, v, work.b_data);
        }
        fetcher samples[2] = {
            fetcher_of(is_last ? NULL : x + conv->x_stride, n_x * WS_CONV_COMPLEX, n_weight_tiles),
            fetcher_of(is_last ? NULL : dy + conv->y_stride, n_y * WS_CONV_COMPLEX,
                       n_weight_tiles)};
        multiply_weights(conv, &work, &(shard_rows){x, dy, bounds, n_shards}, false,
                         product->dv + (size_t)f * conv->v_stride, work.nodes, samples);
        if (product->dx == NULL)
            continue;
        fetcher weights[2] = {
            fetcher_of(is_last ? NULL : v + conv->v_stride,
                       (size_t)conv->shape.n_in * (size_t)conv->out_blocks * WS_CONV_COMPLEX,
                       n_data_tiles),
            {.at = NULL}};
        multiply_data(conv, &work, n, dy, product->dx + (size_t)f * conv->x_stride, weights);
    }
}
