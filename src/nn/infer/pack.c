/* The arrays of steps: weights as kernels read them, with normalisations folded in. */
#include <stdlib.h>
#include <string.h>

#include "nn/infer/program.h"
#include "nn/infer/winograd.h"

static const ws_graph *graph_of(const ws_infer *infer)
{
    return &infer->lowered.model.graph;
}

static const ws_variable *variable_of(const ws_infer *infer, size_t node, size_t slot)
{
    return ws_graph_parameter(graph_of(infer), &graph_of(infer)->nodes[node], slot);
}

/** The numbers of a parameter, of which a quantised one has its levels already. */
static const float *numbers_of(const ws_infer *infer, size_t node, size_t slot)
{
    return infer->lowered.model.parameters + variable_of(infer, node, slot)->offset;
}

/** The bias of a step, or NULL. */
static const float *bias_of(const ws_infer *infer, const ws_infer_step *step)
{
    return step->bias_node != 0 ? numbers_of(infer, step->bias_node, 0) : NULL;
}

/* ---- products ---- */

/** Columns that a window covers, from its first element to its last. */
static size_t find_extent(const ws_window *window)
{
    return (window->w - 1) * window->dilation_w + 1;
}

/** Tiles for the rows before and after those that an earlier window leaves. */
static void choose_part_tiles(const ws_infer *infer, ws_infer_step *step)
{
    const ws_shape out = infer->values[step->out].shape;
    const ws_infer_shared *shared = &infer->values[step->out].shared;
    const size_t n_rows[2] = {shared->first, out.h - shared->end};

    for (size_t i = 0; i < 2 && shared->n_copies > 0; i++) {
        ws_infer_product part = step->product;
        if (step->is_flat)
            part.n_positions = n_rows[i] * out.w;
        if (part.n_positions > 0)
            step->kernels->choose_tiles(&part);
        memcpy(step->part_tiles[i], part.tiles, sizeof part.tiles);
    }
}

/** Rows of places. */
static void plan_convolution(ws_infer_product *p, const ws_window *window, ws_shape in)
{
    const size_t row = in.w * in.c;

    p->n_runs = window->h;
    p->run = find_extent(window) * in.c;
    p->run_step = window->dilation_h * row;
    if (p->run_step == p->run) { /* rows follow each other */
        p->run *= p->n_runs;
        p->n_runs = 1;
    }
    p->x_step = window->stride_w * in.c;
    p->x_row = window->stride_h * row;
}

/** The same at each point, with one column for each tile. */
static void plan_at_points(ws_infer_product *p, const ws_window *window, ws_shape in, ws_shape out)
{
    const size_t n_tiles = in.w / WS_WINOGRAD_N_POINTS;

    p->n_runs = window->h;
    p->run = in.c;
    p->run_step = window->dilation_h * in.w * in.c;
    p->x_step = in.c;
    p->x_row = window->stride_h * in.w * in.c;
    p->n_positions = n_tiles;
    p->n_groups = WS_WINOGRAD_N_POINTS;
    p->x_group = n_tiles * in.c;
    p->y_group = n_tiles * out.c;
}

/** The shape of a convolution or dense layer as a product. */
static void plan_product(const ws_infer *infer, ws_infer_step *step)
{
    const ws_shape in = infer->values[step->in[0]].shape, out = infer->values[step->out].shape;
    ws_infer_product *p = &step->product;

    *p = (ws_infer_product){.n_out = out.c,
                            .has_relu = step->has_relu,
                            .n_runs = 1,
                            .run = ws_shape_size(in),
                            .n_positions = out.w,
                            .n_rows = out.h,
                            .y_row = out.w * out.c,
                            .n_groups = 1};
    if (step->is_at_points)
        plan_at_points(p, &step->window, in, out);
    else if (step->node->kind != WS_OP_DENSE)
        plan_convolution(p, &step->window, in);
    step->is_flat = !step->is_at_points && (out.w == 1 || p->x_step * out.w == p->x_row);
    if (step->is_flat) { /* rows of places follow each other */
        p->x_step = out.w == 1 ? p->x_row : p->x_step;
        p->n_positions *= p->n_rows;
        p->n_rows = 1;
    }
    p->n_inputs = p->n_runs * p->run;
    step->kernels = ws_infer_kernels_get_for(infer->kernels, out.c);
    step->kernels->choose_tiles(p);
    choose_part_tiles(infer, step);
}

/** Weights [h, extent, in, out] with zeros where a dilated window has no element; the caller frees
 *  them. NULL: there is no memory. */
static float *spread_columns(const ws_infer_step *step, const float *w, size_t n_in, size_t n_out)
{
    const ws_window *window = &step->window;
    const size_t extent = find_extent(window), element = n_in * n_out;
    float *spread = calloc(window->h * extent * element, sizeof *spread);

    for (size_t i = 0; spread != NULL && i < window->h; i++)
        for (size_t j = 0; j < window->w; j++)
            memcpy(spread + (i * extent + j * window->dilation_w) * element,
                   w + (i * window->w + j) * element, element * sizeof *w);
    return spread;
}

static ws_status fill_points(const ws_infer *infer, ws_infer_step *step, ws_error *err)
{
    const ws_infer_product *p = &step->product;
    const ws_infer_kernels *kernels = step->kernels;
    float *at_point = malloc(p->n_inputs * p->n_out * sizeof *at_point);

    if (at_point == NULL)
        return ws_fail_memory(err, "the weights of a network");
    for (size_t point = 0; point < p->n_groups; point++) {
        ws_winograd_bring_weights(numbers_of(infer, step->weights, 0), step->node->window.h,
                                  step->node->window.w, p->run * p->n_out, point, at_point);
        kernels->pack(at_point, p->n_inputs, p->n_out,
                      step->w + point * kernels->packed_size(p->n_inputs, p->n_out));
    }
    kernels->pack_bias(NULL, p->n_out, step->bias);
    free(at_point);
    return WS_OK;
}

static ws_status fill_product(const ws_infer *infer, ws_infer_step *step, ws_error *err)
{
    const float *w = numbers_of(infer, step->weights, 0);
    const size_t n_out = step->product.n_out;
    float *spread = NULL;

    if (step->is_at_points)
        return fill_points(infer, step, err);
    if (step->node->kind == WS_OP_CONV2D && find_extent(&step->window) != step->window.w) {
        spread = spread_columns(step, w, infer->values[step->in[0]].shape.c, n_out);
        if (spread == NULL)
            return ws_fail_memory(err, "the weights of a network");
    }
    step->kernels->pack(spread != NULL ? spread : w, step->product.n_inputs, n_out, step->w);
    step->kernels->pack_bias(bias_of(infer, step), n_out, step->bias);
    free(spread);
    return WS_OK;
}

/* ---- depthwise convolutions ---- */

/** Rows as long as those of the image are joined: short ones to long ones, and others until they
 *  begin with a line of the cache, while weights for them stay near. A tap beyond the ends of a row
 *  has weight zero, in the middle of joined rows, too. */
static void plan_taps(const ws_infer *infer, ws_infer_step *step)
{
    enum { LEAST = 64, MOST = 512, LINE = 16, MAX_JOINED = 8 };
    const ws_shape in = infer->values[step->in[0]].shape, out = step->node->shape;
    const size_t row = out.w * out.c, least = (LEAST + row - 1) / row;
    size_t n = least;

    step->n_joined = 1;
    if (step->window.stride_h != 1 || step->window.stride_w != 1 || in.w != out.w)
        return;
    while (n < MAX_JOINED && n * row % LINE != 0)
        n++;
    if (n * row % LINE != 0 || n * row > MOST || n > out.h)
        n = least;
    step->n_joined = n < out.h ? n : out.h;
}

static size_t count_taps(const ws_infer_step *step)
{
    return step->window.h * step->window.w;
}

/** Numbers in a row of the kernel. */
static size_t taps_row(const ws_infer_step *step)
{
    return step->n_joined * step->node->shape.w * step->node->shape.c;
}

/** What a normalisation in the step does to a channel in a column. */
static ws_norm_line find_line(const ws_infer *infer, const ws_infer_step *step, size_t column,
                              size_t channel)
{
    const ws_graph *graph = graph_of(infer);

    if (step->norm == 0)
        return (ws_norm_line){1.0, 0.0};
    const ws_node *norm = &graph->nodes[step->norm];
    const size_t band = column / (norm->shape.w / norm->norm.n_bands);
    return ws_norm_find_line(graph, norm, infer->lowered.model.parameters,
                             infer->lowered.model.states, band * norm->shape.c + channel);
}

/** One channel in one column of the output, in all rows that are joined. */
static void fill_column(const ws_infer *infer, ws_infer_step *step, size_t column, size_t channel)
{
    const ws_shape in = infer->values[step->in[0]].shape, out = step->node->shape;
    const ws_window *window = &step->window;
    const ws_norm_line line = find_line(infer, step, column, channel);
    const float *w = numbers_of(infer, step->weights, 0), *bias = bias_of(infer, step);
    const double before = bias != NULL ? (double)bias[channel] : 0.0;

    for (size_t j = 0; j < step->n_joined; j++) {
        const size_t at = (j * out.w + column) * out.c + channel;
        step->bias[at] = (float)(before * line.scale + line.shift);
        for (size_t tap = 0; tap < count_taps(step); tap++) {
            /* with the zeros before the row */
            const size_t x = column * window->stride_w + tap % window->w * window->dilation_w;
            const bool is_inside = x >= window->zeros.before_w && x < window->zeros.before_w + in.w;
            step->w[tap * taps_row(step) + at] =
                is_inside ? (float)((double)w[tap * out.c + channel] * line.scale) : 0.0f;
        }
    }
}

static void fill_taps(const ws_infer *infer, ws_infer_step *step)
{
    const ws_shape in = infer->values[step->in[0]].shape, out = step->node->shape;
    const ws_window *window = &step->window;

    for (size_t tap = 0; tap < count_taps(step); tap++) {
        const ptrdiff_t row =
            (ptrdiff_t)(tap / window->w * window->dilation_h) - (ptrdiff_t)window->zeros.before_h;
        const ptrdiff_t column =
            (ptrdiff_t)(tap % window->w * window->dilation_w) - (ptrdiff_t)window->zeros.before_w;
        step->offsets[tap] = (row * (ptrdiff_t)in.w + column) * (ptrdiff_t)in.c;
    }
    for (size_t column = 0; column < out.w; column++)
        for (size_t channel = 0; channel < out.c; channel++)
            fill_column(infer, step, column, channel);
}

/* ---- singular value decomposition filters ---- */

enum { BLOCK = WS_INFER_SVDF_BLOCK };

static size_t count_filters(const ws_infer *infer, const ws_infer_step *step)
{
    return variable_of(infer, step->weights, WS_SVDF_TIME)->dims[0];
}

static size_t count_blocks(const ws_infer *infer, const ws_infer_step *step)
{
    return (count_filters(infer, step) + BLOCK - 1) / BLOCK;
}

static void plan_svdf(const ws_infer *infer, ws_infer_step *step)
{
    const ws_shape in = infer->values[step->in[0]].shape;

    step->product = (ws_infer_product){.n_out = BLOCK,
                                       .n_runs = 1,
                                       .run = in.w * in.c,
                                       .n_inputs = in.w * in.c,
                                       .x_step = in.w * in.c,
                                       .n_positions = in.h,
                                       .n_rows = 1,
                                       .n_groups = 1};
    step->n_blocks = count_blocks(infer, step);
    infer->kernels->choose_tiles(&step->product);
}

/** The weights of a block of filters; those after the last filter are zeros. */
static void fill_block(const ws_infer *infer, ws_infer_step *step, size_t block, float *frequencies)
{
    const size_t n_filters = count_filters(infer, step), n_in = step->product.run;
    const size_t h = step->product.n_positions;
    const float *of_frequency = numbers_of(infer, step->weights, WS_SVDF_FREQUENCY);
    const float *of_time = numbers_of(infer, step->weights, WS_SVDF_TIME);

    for (size_t lane = 0; lane < BLOCK; lane++) {
        const size_t filter = block * BLOCK + lane;
        const bool is_one = filter < n_filters;
        for (size_t k = 0; k < n_in; k++)
            frequencies[k * BLOCK + lane] = is_one ? of_frequency[k * n_filters + filter] : 0.0f;
        for (size_t t = 0; t < h; t++)
            step->times[(block * h + t) * BLOCK + lane] = is_one ? of_time[filter * h + t] : 0.0f;
    }
    infer->kernels->pack(frequencies, n_in, BLOCK,
                         step->w + block * infer->kernels->packed_size(n_in, BLOCK));
}

static ws_status fill_svdf(const ws_infer *infer, ws_infer_step *step, ws_error *err)
{
    const float *bias = bias_of(infer, step);
    float *frequencies = calloc(step->product.run * BLOCK, sizeof *frequencies);

    if (frequencies == NULL)
        return ws_fail_memory(err, "the weights of a network");
    for (size_t block = 0; block < step->n_blocks; block++)
        fill_block(infer, step, block, frequencies);
    free(frequencies);
    for (size_t i = 0; bias != NULL && i < step->node->shape.c; i++)
        step->bias[i] = bias[i];
    return WS_OK;
}

/* ---- the others ---- */

static void fill_dots(const ws_infer *infer, ws_infer_step *step)
{
    const size_t n_out = step->node->shape.c;
    const size_t n_in = ws_shape_size(infer->values[step->in[0]].shape);
    const float *w = numbers_of(infer, step->weights, 0), *bias = bias_of(infer, step);

    for (size_t i = 0; i < n_out; i++) {
        step->bias[i] = bias != NULL ? bias[i] : 0.0f;
        for (size_t k = 0; k < n_in; k++)
            step->w[i * n_in + k] = w[k * n_out + i];
    }
}

static void fill_scale(const ws_infer *infer, ws_infer_step *step)
{
    const ws_shape shape = step->node->shape;
    const float *bias = bias_of(infer, step);

    for (size_t j = 0; j < shape.w; j++) {
        for (size_t k = 0; k < shape.c; k++) {
            const ws_norm_line line = find_line(infer, step, j, k);
            step->w[j * shape.c + k] = (float)line.scale;
            step->bias[j * shape.c + k] = bias != NULL ? bias[k] : (float)line.shift;
        }
    }
}

static float *push_floats(ws_layout *layout, size_t n)
{
    return ws_layout_push(layout, n + WS_INFER_SLACK, sizeof(float));
}

static size_t row_of(const ws_infer *infer, const ws_infer_step *step)
{
    return ws_infer_row(&infer->values[step->out]);
}

void ws_infer_place_weights(const ws_infer *infer, ws_infer_step *step, ws_layout *layout)
{
    const ws_shape in = infer->values[step->in[0]].shape, out = step->node->shape;
    const ws_infer_kernels *kernels = infer->kernels;
    const size_t row = out.w * out.c;

    switch (step->kind) {
    case WS_INFER_PRODUCT:
        plan_product(infer, step);
        step->w = push_floats(layout, step->product.n_groups * step->kernels->packed_size(
                                                                   step->product.n_inputs, out.c));
        step->bias = push_floats(layout, step->kernels->bias_size(out.c));
        step->partial.sums =
            push_floats(layout, (step->partial.n_rows + step->partial.room) * row_of(infer, step) *
                                    infer->values[step->out].shared.n_copies);
        break;
    case WS_INFER_FROM_POINTS:
        step->bias = push_floats(layout, out.c);
        break;
    case WS_INFER_TAPS:
        plan_taps(infer, step);
        step->w = push_floats(layout, count_taps(step) * taps_row(step));
        step->bias = push_floats(layout, taps_row(step));
        step->offsets = ws_layout_push(layout, count_taps(step), sizeof *step->offsets);
        break;
    case WS_INFER_DOTS:
        step->w = push_floats(layout, ws_shape_size(in) * out.c);
        step->bias = push_floats(layout, out.c);
        break;
    case WS_INFER_SVDF:
        plan_svdf(infer, step);
        step->w =
            push_floats(layout, step->n_blocks * kernels->packed_size(step->product.run, BLOCK));
        step->bias = push_floats(layout, step->n_blocks * BLOCK);
        step->times = push_floats(layout, step->n_blocks * in.h * BLOCK);
        step->scratch = push_floats(layout, (in.h + 1) * BLOCK);
        break;
    case WS_INFER_SCALE:
        step->w = push_floats(layout, row);
        step->bias = push_floats(layout, row);
        break;
    case WS_INFER_ADD:
    case WS_INFER_MUL:
    case WS_INFER_PAD:
    case WS_INFER_TO_POINTS:
    case WS_INFER_ACTIVATE:
    case WS_INFER_MEAN:
    case WS_INFER_POOL:
    case WS_INFER_COPY:
    case WS_INFER_QUANTIZE:
    case WS_INFER_HISTORY:
        break;
    }
}

ws_status ws_infer_fill_weights(const ws_infer *infer, ws_infer_step *step, ws_error *err)
{
    if (step->kind == WS_INFER_PRODUCT)
        return fill_product(infer, step, err);
    if (step->kind == WS_INFER_SVDF)
        return fill_svdf(infer, step, err);
    if (step->kind == WS_INFER_TAPS)
        fill_taps(infer, step);
    else if (step->kind == WS_INFER_DOTS)
        fill_dots(infer, step);
    else if (step->kind == WS_INFER_SCALE)
        fill_scale(infer, step);
    else if (step->kind == WS_INFER_FROM_POINTS && bias_of(infer, step) != NULL)
        memcpy(step->bias, bias_of(infer, step), step->node->shape.c * sizeof *step->bias);
    return WS_OK;
}
