/* The fast engine's convolution by matrix products, tile by tile (window_rows.h):
 *
 *     forward   1  samples  each tile: z = bias + X_0 W_0 + X_1 W_1 + ...   y = tail(z)
 *     backward  1  blocks   each sample: dz = tail back(dy); each tile:
 *                           dW_u += X_u^T dz       dX_u += dz W_u^T, folded into dx
 *               2  parts    gradients of a shard's blocks added in order, and shards as a tree
 *
 * X_u [tile rows * out_w, row_size] are the rows of the laid-out tile that kernel row u sees, and
 * W_u [row_size, channels] its weights; where a tile is laid out with whole windows there is but
 * one u. X_u and X_(u+1) overlap in memory: that is the point of the layout. */
#include <string.h>

#include "nn/engine/gemm/gemm.h"
#include "nn/engine/kits.h"

/* A laid-out tile of about this size leaves room for its weights and results in a second-level
 * cache of a megabyte. */
enum { TILE_BYTES = 400 * 1024 };

/* The sum over blocks is cut into this many items. */
enum { N_SUM_PARTS = 16 };

/** Rows of middle in a tile: as many as fit, nearly equal, and pooling windows in one piece. */
static size_t choose_tile_h(const ws_fast_stage *stage)
{
    const ws_stage *plan = stage->plan;
    const size_t line_bytes = plan->middle.w * stage->rows.row_size * sizeof(float);
    const size_t halo = stage->rows.n_products - 1;
    size_t n_lines = TILE_BYTES / line_bytes;

    if (n_lines < 2 * halo + 1)
        n_lines = 2 * halo + 1; /* else most of a tile would be laid out twice */
    const size_t most = n_lines - halo;
    const size_t n_tiles = (plan->middle.h + most - 1) / most;
    const size_t tile_h = (plan->middle.h + n_tiles - 1) / n_tiles;
    if (!plan->has_pool)
        return tile_h;
    if (plan->pool.h > plan->pool.stride_h || plan->pool.zeros.before_h > 0)
        return plan->middle.h; /* windows overlap: no cuts */
    return (tile_h + plan->pool.stride_h - 1) / plan->pool.stride_h * plan->pool.stride_h;
}

double ws_fast_conv_cost_get(const ws_fast_stage *stage)
{
    /* fitted to the first and second layers of all models on a Zen 4 core, within a third, in units
     * of what a product and sum takes in fftconv: OpenBLAS gets narrow matrices here, and a window
     * is laid out some numbers at a time */
    static const double cost_per_product = 1.35, cost_per_move = 9.0;
    const ws_stage *plan = stage->plan;
    ws_window_rows rows;
    const double n_places = (double)(stage->max_batch * plan->middle.h * plan->middle.w);
    const double n_taps = (double)(plan->window.h * plan->window.w * plan->in.c);
    const double n_vectors = (double)((plan->middle.c + 15) / 16);
    ws_window_rows_init(&rows, plan->in, plan->middle, &plan->window);
    const double n_row = (double)rows.row_size / 16.0;
    const double n_passes = stage->is_first ? 2.0 : 3.0; /* forward, both gradients */

    return n_passes * n_places * (n_taps * n_vectors * cost_per_product + n_row * cost_per_move);
}

static void conv_init(ws_fast_stage *stage)
{
    const ws_stage *plan = stage->plan;
    ws_window_rows_init(&stage->rows, plan->in, plan->middle, &plan->window);
    stage->tile_h = choose_tile_h(stage);
}

/** Numbers in one block's gradients: weights, then bias. */
static size_t count_gradients(const ws_fast_stage *stage)
{
    const ws_stage *plan = stage->plan;
    return plan->weights->size + (plan->bias != NULL ? plan->bias->size : 0);
}

static void conv_place(ws_fast_stage *stage, ws_layout *layout)
{
    ws_fast_tail_place(stage, layout);
    stage->block_gradients =
        ws_layout_push(layout, WS_N_SAMPLE_BLOCKS * count_gradients(stage), sizeof(float));
}

/** A thread's scratch. z is a tile of middle on the way forward, all of dz on the way back. */
typedef struct conv_scratch {
    uint32_t *keep;
    float *z;       /* [middle] */
    float *matrix;  /* the laid-out tile of x */
    float *dmatrix; /* its gradient */
} conv_scratch;

static void place_scratch(const ws_fast_stage *stage, ws_layout *layout, conv_scratch *scratch)
{
    const size_t n_matrix = ws_window_rows_size(&stage->rows, stage->tile_h);

    scratch->keep = ws_layout_push(layout, ws_tail_mask_words(stage->plan), sizeof(uint32_t));
    scratch->z = ws_layout_push(layout, ws_shape_size(stage->plan->middle), sizeof(float));
    scratch->matrix = ws_layout_push(layout, n_matrix, sizeof(float));
    scratch->dmatrix = ws_layout_push(layout, stage->is_first ? 0 : n_matrix, sizeof(float));
}

static size_t conv_scratch_bytes(const ws_fast_stage *stage)
{
    ws_layout layout = {0};
    conv_scratch scratch;
    place_scratch(stage, &layout, &scratch);
    return layout.n_bytes;
}

static conv_scratch scratch_of(const ws_phase_run *run)
{
    ws_arena arena = {.base = run->scratch, .size = conv_scratch_bytes(run->stage)};
    ws_layout layout = {.arena = &arena};
    conv_scratch scratch;
    place_scratch(run->stage, &layout, &scratch);
    return scratch;
}

/** A tile of a sample and the rows of it that kernel row u has an image row for; the others
 *  would only add zeros. */
typedef struct product {
    size_t n_rows;    /* of the matrix and of z */
    size_t z_at;      /* numbers before them in the tile of z */
    size_t matrix_at; /* numbers before them in the matrix */
    size_t weights_at;
} product;

static product find_product(const ws_fast_stage *stage, ws_range tile, size_t u)
{
    const ws_window_rows *rows = &stage->rows;
    const size_t n_channels = stage->plan->middle.c;
    const size_t before = rows->window.zeros.before_h;
    size_t from = tile.begin, to = tile.end;

    if (rows->n_products > 1) { /* stride 1: output row y sees image row y + u - before */
        if (u >= before + rows->in.h)
            return (product){0}; /* kernel row u lies outside of the image everywhere */
        if (from + u < before)
            from = before - u;
        if (to + u > before + rows->in.h)
            to = before + rows->in.h - u;
    }
    if (to <= from)
        return (product){0};
    return (product){
        .n_rows = (to - from) * rows->out.w,
        .z_at = (from - tile.begin) * rows->out.w * n_channels,
        .matrix_at = (from - tile.begin + u) * rows->out.w * rows->row_size,
        .weights_at = u * rows->row_size * n_channels,
    };
}

/** z += X_0 W_0 + X_1 W_1 + ... */
static void multiply_forward(const ws_fast_stage *stage, ws_range tile, const float *matrix,
                             const float *weights, float *z)
{
    const size_t row_size = stage->rows.row_size, n_channels = stage->plan->middle.c;

    for (size_t u = 0; u < stage->rows.n_products; u++) {
        const product p = find_product(stage, tile, u);
        if (p.n_rows == 0)
            continue;
        ws_gemm_run(&(ws_gemm){
            .m = p.n_rows,
            .n = n_channels,
            .k = row_size,
            .a = matrix + p.matrix_at,
            .a_stride = row_size,
            .b = weights + p.weights_at,
            .b_stride = n_channels,
            .c = z + p.z_at,
            .c_stride = n_channels,
            .keep = 1.0f,
        });
    }
}

/** The next tile of middle that begins at row y. */
static ws_range tile_at(const ws_fast_stage *stage, size_t y)
{
    const size_t h = stage->plan->middle.h;
    return (ws_range){y, h - y < stage->tile_h ? h : y + stage->tile_h};
}

/** A tile of middle, and the rows of y from it; no window reaches beyond it (choose_tile_h). */
static ws_tile_rows rows_of(const ws_stage *plan, ws_range tile)
{
    const size_t stride = plan->has_pool ? plan->pool.stride_h : 1;
    return (ws_tile_rows){
        .z = tile,
        .y = {tile.begin / stride, tile.end == plan->middle.h ? plan->out.h : tile.end / stride},
    };
}

static void forward_sample(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const ws_stage *plan = stage->plan;
    const conv_scratch scratch = scratch_of(run);
    const ws_fast_weights w = ws_fast_weights_of(stage, run->pass);
    const float *x = stage->x + run->item * ws_shape_size(plan->in);
    const size_t line = plan->middle.w * plan->middle.c;

    ws_tail_mask_draw(plan, ws_pass_dropout(run->pass), run->item, scratch.keep);
    for (ws_range tile = tile_at(stage, 0);; tile = tile_at(stage, tile.end)) {
        const size_t n = tile.end - tile.begin;
        float *z = plan->has_pool ? scratch.z
                                  : stage->y + (run->item * plan->middle.h + tile.begin) * line;
        ws_fast_start_sums(w.bias, n * plan->middle.w, plan->middle.c, z);
        ws_window_rows_expand(&stage->rows, x, tile.begin, n, scratch.matrix);
        multiply_forward(stage, tile, scratch.matrix, w.weights, z);
        ws_fast_tail_forward(run, run->item, scratch.keep, rows_of(plan, tile), z);
        if (tile.end == plan->middle.h)
            break;
    }
}

/** dW_u += X_u^T dz for every kernel row u. */
static void multiply_weights_back(const ws_fast_stage *stage, ws_range tile, const float *matrix,
                                  const float *dz, float *dw)
{
    const size_t row_size = stage->rows.row_size, n_channels = stage->plan->middle.c;

    for (size_t u = 0; u < stage->rows.n_products; u++) {
        const product p = find_product(stage, tile, u);
        if (p.n_rows == 0)
            continue;
        ws_gemm_run(&(ws_gemm){
            .m = row_size,
            .n = n_channels,
            .k = p.n_rows,
            .a = matrix + p.matrix_at,
            .a_stride = row_size,
            .a_transposed = true,
            .b = dz + p.z_at,
            .b_stride = n_channels,
            .c = dw + p.weights_at,
            .c_stride = n_channels,
            .keep = 1.0f,
        });
    }
}

/** dX_u += dz W_u^T for every kernel row u, into a matrix of zeros. */
static void multiply_input_back(const ws_fast_stage *stage, ws_range tile, const float *dz,
                                const float *weights, float *dmatrix)
{
    const size_t row_size = stage->rows.row_size, n_channels = stage->plan->middle.c;
    const size_t size = ws_window_rows_size(&stage->rows, tile.end - tile.begin);

    memset(dmatrix, 0, size * sizeof *dmatrix);
    for (size_t u = 0; u < stage->rows.n_products; u++) {
        const product p = find_product(stage, tile, u);
        if (p.n_rows == 0)
            continue;
        ws_gemm_run(&(ws_gemm){
            .m = p.n_rows,
            .n = row_size,
            .k = n_channels,
            .a = dz + p.z_at,
            .a_stride = n_channels,
            .b = weights + p.weights_at,
            .b_stride = n_channels,
            .b_transposed = true,
            .c = dmatrix + p.matrix_at,
            .c_stride = row_size,
            .keep = 1.0f,
        });
    }
}

/** gradient [n_channels] += dz summed over the places of one sample. */
static void add_bias_gradient(const ws_stage *plan, const float *dz, float *gradient)
{
    const size_t n_channels = plan->middle.c;

    for (size_t i = 0; i < plan->middle.h * plan->middle.w; i++, dz += n_channels) {
        for (size_t c = 0; c < n_channels; c++)
            gradient[c] += dz[c];
    }
}

/** One sample back: from dz to what it adds to gradients [weights then bias], and dx. */
static void backward_sample(const ws_phase_run *run, const conv_scratch *scratch, size_t sample,
                            float *gradients)
{
    const ws_fast_stage *stage = run->stage;
    const ws_stage *plan = stage->plan;
    const size_t n_in = ws_shape_size(plan->in), line = plan->middle.w * plan->middle.c;
    const float *weights = ws_fast_weights_of(stage, run->pass).weights;
    float *dx = stage->is_first ? NULL : stage->dx + sample * n_in;

    if (dx != NULL)
        memset(dx, 0, n_in * sizeof *dx);
    for (ws_range tile = tile_at(stage, 0);; tile = tile_at(stage, tile.end)) {
        const size_t n = tile.end - tile.begin;
        const float *dz = scratch->z + tile.begin * line;
        ws_window_rows_expand(&stage->rows, stage->x + sample * n_in, tile.begin, n,
                              scratch->matrix);
        multiply_weights_back(stage, tile, scratch->matrix, dz, gradients);
        if (dx != NULL) {
            multiply_input_back(stage, tile, dz, weights, scratch->dmatrix);
            ws_window_rows_fold(&stage->rows, scratch->dmatrix, tile.begin, n, dx);
        }
        if (tile.end == plan->middle.h)
            break;
    }
    if (plan->bias != NULL)
        add_bias_gradient(plan, scratch->z, gradients + plan->weights->size);
}

/** Blocks of samples of a shard. */
static size_t blocks_of_shard(const ws_fast_stage *stage)
{
    const size_t n_rows = stage->shards->n_all > 1 ? WS_N_SAMPLE_BLOCKS : stage->shards->bounds[1];
    const size_t n = WS_N_SAMPLE_BLOCKS / stage->shards->n_all;
    return n < n_rows ? n : n_rows;
}

static size_t items_blocks(const ws_fast_stage *stage, size_t n)
{
    (void)n;
    return stage->shards->n * blocks_of_shard(stage);
}

static void backward_block(const ws_phase_run *run)
{
    const ws_fast_stage *stage = run->stage;
    const size_t n_blocks = blocks_of_shard(stage);
    const size_t *bounds = stage->shards->bounds + run->item / n_blocks;
    const ws_range block = ws_range_cut(bounds[1] - bounds[0], n_blocks, run->item % n_blocks);
    const conv_scratch scratch = scratch_of(run);
    float *gradients = stage->block_gradients + run->item * count_gradients(stage);

    memset(gradients, 0, count_gradients(stage) * sizeof *gradients);
    for (size_t i = bounds[0] + block.begin; i < bounds[0] + block.end; i++) {
        ws_fast_tail_backward(run, i, ws_tile_rows_all(stage->plan), scratch.z);
        backward_sample(run, &scratch, i, gradients);
    }
}

static size_t items_sum_parts(const ws_fast_stage *stage, size_t n)
{
    (void)stage;
    (void)n;
    return N_SUM_PARTS;
}

/** A block's numbers += those of a later one. */
static void add_block(const ws_fast_stage *stage, ws_range range, size_t from, size_t to)
{
    const float *source = stage->block_gradients + from * count_gradients(stage);
    float *target = stage->block_gradients + to * count_gradients(stage);

    for (size_t i = range.begin; i < range.end; i++)
        target[i] += source[i];
}

/** Adds the blocks' numbers range.begin .. range.end, and puts them to gradient, which stands for
 *  number `first` of a block. */
static void sum_blocks(const ws_phase_run *run, ws_range range, size_t first, float *gradient)
{
    const ws_fast_stage *stage = run->stage;
    const size_t n_blocks = blocks_of_shard(stage), n_shards = stage->shards->n;

    for (size_t shard = 0; shard < n_shards; shard++)
        for (size_t block = 1; block < n_blocks; block++)
            add_block(stage, range, shard * n_blocks + block, shard * n_blocks);
    for (size_t step = 1; step < n_shards; step *= 2)
        for (size_t shard = 0; shard + step < n_shards; shard += 2 * step)
            add_block(stage, range, (shard + step) * n_blocks, shard * n_blocks);
    memcpy(gradient + range.begin - first, stage->block_gradients + range.begin,
           (range.end - range.begin) * sizeof *gradient);
}

static void backward_sum(const ws_phase_run *run)
{
    const size_t n_weights = run->stage->plan->weights->size;
    const ws_range part = ws_range_cut(n_weights, N_SUM_PARTS, run->item);
    const ws_fast_weights w = ws_fast_weights_of(run->stage, run->pass);

    sum_blocks(run, part, 0, w.weights_gradient);
    if (run->item == 0 && w.bias_gradient != NULL)
        sum_blocks(run, (ws_range){n_weights, count_gradients(run->stage)}, n_weights,
                   w.bias_gradient);
}

static ws_phase_work count_sums(const ws_fast_stage *stage, const ws_pass *pass)
{
    const double n_numbers = (double)(items_blocks(stage, pass->n) * count_gradients(stage));
    return (ws_phase_work){n_numbers, n_numbers * sizeof(float)};
}

static ws_shard_rule shard_rule(const ws_fast_stage *stage)
{
    (void)stage;
    return (ws_shard_rule){1, WS_MIN_SHARD_ROWS};
}

const ws_fast_kit ws_fast_conv = {
    .name = "matrix products",
    .init = conv_init,
    .place = conv_place,
    .n_scratch_bytes = conv_scratch_bytes,
    .forward = {{"conv", ws_items_samples, forward_sample, ws_count_products_forward, false}},
    .backward = {{"conv back", items_blocks, backward_block, ws_count_products_back, false},
                 {"conv gradient sums", items_sum_parts, backward_sum, count_sums, false}},
    .shard_rule = shard_rule,
    .list_sums = ws_fast_list_gradients,
};
