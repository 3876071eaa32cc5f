/* One sample through the steps. */
#include <string.h>

#include "nn/infer/program.h"
#include "nn/infer/winograd.h"
#include "nn/op.h"

/** Rows of a step's output that are computed in one go. */
typedef struct part {
    size_t first, end;
    const int *tiles; /* of PRODUCT */
} part;

/** The rows of zeros around a value, which may hold what was there before it. */
static void clear_margins(const ws_infer_value *value)
{
    const size_t row = ws_infer_row(value);

    if (value->before > 0)
        memset(value->data - value->before * row, 0, value->before * row * sizeof(float));
    if (value->after > 0)
        memset(value->data + value->shape.h * row, 0, value->after * row * sizeof(float));
}

static void copy_rows(const ws_infer_value *in, const ws_infer_value *out, const part *rows)
{
    const size_t row = ws_infer_row(out);

    memcpy(out->data + rows->first * row, in->data + rows->first * row,
           (rows->end - rows->first) * row * sizeof(float));
}

static void run_pad(const ws_infer_step *step, const ws_infer_value *in, const ws_infer_value *out,
                    const part *rows)
{
    const size_t row_in = ws_infer_row(in), row_out = ws_infer_row(out);
    const size_t before = step->window.zeros.before_w * in->shape.c;
    const size_t after = row_out - row_in - before;

    if (row_in == row_out) {
        copy_rows(in, out, rows);
        return;
    }
    for (size_t i = rows->first; i < rows->end; i++) {
        float *to = out->data + i * row_out;
        memset(to, 0, before * sizeof *to);
        memcpy(to + before, in->data + i * row_in, row_in * sizeof *to);
        memset(to + before + row_in, 0, after * sizeof *to);
    }
}

ws_infer_product ws_infer_find_rows(const ws_infer *infer, const ws_infer_step *step, size_t first,
                                    size_t end)
{
    const ws_infer_value *in = &infer->values[step->in[0]], *out = &infer->values[step->out];
    const size_t row_in = ws_infer_row(in);
    ws_infer_product p = step->product;

    p.w = step->w;
    p.bias = step->bias;
    p.x = in->data - step->window.zeros.before_h * row_in + first * p.x_row;
    p.y = out->data + first * p.y_row;
    p.residual = NULL;
    if (step->residual != WS_INFER_NO_VALUE)
        p.residual = infer->values[step->residual].data + first * p.y_row;
    p.n_rows = end - first;
    if (step->is_flat) {
        p.n_positions = p.n_rows * out->shape.w;
        p.n_rows = 1;
    }
    return p;
}

static void run_product(const ws_infer *infer, const ws_infer_step *step, const part *rows)
{
    ws_infer_product p = ws_infer_find_rows(infer, step, rows->first, rows->end);

    memcpy(p.tiles, rows->tiles, sizeof p.tiles);
    step->kernels->multiply(&p);
}

static void run_points(const ws_infer *infer, const ws_infer_step *step, const ws_infer_value *in,
                       const ws_infer_value *out, const part *rows)
{
    const bool is_back = step->kind == WS_INFER_FROM_POINTS;
    const size_t kernel_w = step->node->window.w, row_in = ws_infer_row(in);
    const size_t row_out = ws_infer_row(out);
    const float *residual = step->residual == WS_INFER_NO_VALUE
                                ? NULL
                                : infer->values[step->residual].data + rows->first * row_out;
    ws_infer_columns c = {
        .x = in->data + rows->first * row_in,
        .width = (is_back ? out : in)->shape.w,
        .n_channels = in->shape.c,
        .before = step->window.zeros.before_w,
        .n_tiles = (is_back ? in : out)->shape.w / WS_WINOGRAD_N_POINTS,
        .n_outputs = ws_winograd_n_outputs(kernel_w),
        .bias = step->bias,
        .residual = residual,
        .has_relu = step->has_relu,
        .y = out->data + rows->first * row_out,
    };
    for (size_t i = rows->first; i < rows->end; i++) {
        if (is_back)
            infer->kernels->from_points(&c);
        else
            infer->kernels->to_points(&c);
        c.x += row_in;
        c.y += row_out;
        if (residual != NULL)
            c.residual += row_out;
    }
}

static void run_taps(const ws_infer *infer, const ws_infer_step *step, const ws_infer_value *in,
                     const ws_infer_value *out, const part *rows)
{
    const size_t row_in = ws_infer_row(in), row_out = ws_infer_row(out);
    const ws_window *window = &step->window;
    const size_t n_rows = rows->end - rows->first;
    const size_t n_joined = n_rows < step->n_joined ? n_rows : step->n_joined;
    const size_t x_row = window->stride_h * row_in, rest = n_rows % n_joined;
    const bool has_places = window->stride_w != 1 && out->shape.w > 1;
    ws_infer_taps t = {
        .x = in->data + rows->first * x_row,
        .n_rows = n_rows / n_joined,
        .x_step = n_joined * x_row,
        .y_step = n_joined * row_out,
        .n_places = has_places ? out->shape.w : 1,
        .place_step = window->stride_w * in->shape.c,
        .length = has_places ? out->shape.c : n_joined * row_out,
        .n_taps = window->h * window->w,
        .offsets = step->offsets,
        .w = step->w,
        .w_step = step->n_joined * row_out,
        .bias = step->bias,
        .has_relu = step->has_relu,
        .y = out->data + rows->first * row_out,
    };
    infer->kernels->taps(&t);
    if (rest > 0) { /* joined rows that end with the last one */
        t.n_rows = 1;
        t.x += (n_rows - n_joined) * x_row;
        t.y += (n_rows - n_joined) * row_out;
        infer->kernels->taps(&t);
    }
}

static void run_svdf(const ws_infer *infer, const ws_infer_step *step, const ws_infer_value *in,
                     const ws_infer_value *out)
{
    enum { BLOCK = WS_INFER_SVDF_BLOCK };
    const size_t h = in->shape.h, rank = step->node->rank, n_units = out->shape.c;
    const size_t n_packed = infer->kernels->packed_size(step->product.run, BLOCK);
    float *filters = step->scratch + h * BLOCK;
    ws_infer_product p = step->product;

    p.x = in->data;
    p.y = step->scratch;
    p.bias = filters; /* zeros, as long as there are no sums */
    memcpy(out->data, step->bias, n_units * sizeof *out->data);
    for (size_t block = 0; block < step->n_blocks; block++) {
        p.w = step->w + block * n_packed;
        memset(filters, 0, BLOCK * sizeof *filters);
        infer->kernels->multiply(&p);
        infer->kernels->weigh(step->scratch, step->times + block * h * BLOCK, h, BLOCK, filters);
        for (size_t i = 0; i < BLOCK && block * BLOCK + i < n_units * rank; i++)
            out->data[(block * BLOCK + i) / rank] += filters[i];
    }
    if (step->has_relu)
        infer->kernels->activate(WS_OP_RELU, out->data, n_units, out->data);
}

/** Whether the value does not repeat along c. */
static bool has_rows(const ws_infer_value *value, ws_shape shape)
{
    return value->shape.c == shape.c;
}

static bool is_whole(const ws_infer_value *value, ws_shape shape)
{
    return ws_shape_size(value->shape) == ws_shape_size(shape);
}

/** Operands that are repeated along c, number by number. */
static void run_broadcast(const ws_infer *infer, const ws_infer_step *step,
                          const ws_infer_value *out, const part *rows)
{
    const bool is_sum = step->kind == WS_INFER_ADD;
    const size_t row = ws_infer_row(out);

    for (size_t i = rows->first * row; i < rows->end * row; i++) {
        float y = is_sum ? 0.0f : 1.0f;
        for (size_t k = 0; k < step->n_in; k++) {
            const ws_infer_value *in = &infer->values[step->in[k]];
            const float x = in->data[ws_broadcast_find(in->shape, out->shape, i)];
            y = is_sum ? y + x : y * x;
        }
        out->data[i] = step->has_relu && y <= 0.0f ? 0.0f : y;
    }
}

static void run_elementwise(const ws_infer *infer, const ws_infer_step *step,
                            const ws_infer_value *out, const part *rows)
{
    const ws_shape shape = out->shape;
    const size_t row = ws_infer_row(out), n_rows = rows->end - rows->first;
    ws_infer_terms t = {.n_terms = step->n_in,
                        .n_rows = n_rows,
                        .n_places = shape.w,
                        .length = shape.c,
                        .has_relu = step->has_relu,
                        .y = out->data + rows->first * row};
    bool are_whole = true, have_rows = true;

    for (size_t k = 0; k < step->n_in; k++) {
        const ws_infer_value *in = &infer->values[step->in[k]];
        t.row_steps[k] = in->shape.h == shape.h ? ws_infer_row(in) : 0;
        t.x[k] = in->data + rows->first * t.row_steps[k];
        t.place_steps[k] = in->shape.w == shape.w ? shape.c : 0;
        are_whole &= is_whole(in, shape);
        have_rows &= has_rows(in, shape);
    }
    if (!have_rows) {
        run_broadcast(infer, step, out, rows);
        return;
    }
    if (are_whole) {
        t.n_rows = t.n_places = 1;
        t.length = n_rows * row;
    }
    if (step->kind == WS_INFER_ADD)
        infer->kernels->add(&t);
    else
        infer->kernels->mul(&t);
}

/** A mean over channels, too. */
static void average_channels(const ws_infer_value *in, const ws_infer_value *out)
{
    const size_t n_out = ws_shape_size(out->shape), n_in = ws_shape_size(in->shape);

    memset(out->data, 0, n_out * sizeof *out->data);
    for (size_t i = 0; i < n_in; i++)
        out->data[ws_broadcast_find(out->shape, in->shape, i)] += in->data[i];
    for (size_t i = 0; i < n_out; i++)
        out->data[i] *= (float)n_out / (float)n_in;
}

static void run_mean(const ws_infer *infer, const ws_infer_step *step, const ws_infer_value *in,
                     const ws_infer_value *out, const part *rows)
{
    const ws_shape shape = in->shape;
    const unsigned axes = step->node->axes;
    const bool is_one = (axes & WS_AXIS_H) != 0; /* and not a mean of each row */
    ws_infer_sums s = {.x = in->data + (is_one ? 0 : rows->first * ws_infer_row(in)),
                       .n_groups = is_one ? 1 : rows->end - rows->first,
                       .y = out->data + rows->first * ws_infer_row(out)};

    if ((axes & WS_AXIS_C) != 0 && shape.c > 1) {
        average_channels(in, out);
        return;
    }
    if ((axes & WS_AXIS_W) == 0) { /* whole rows */
        s.length = s.step = ws_infer_row(in);
        s.n = is_one ? shape.h : 1;
    } else {
        s.length = s.step = shape.c;
        s.n = is_one ? shape.h * shape.w : shape.w;
    }
    s.group_step = s.n * s.step;
    s.factor = 1.0f / (float)s.n;
    infer->kernels->sums(&s);
}

static void run_pool(const ws_infer *infer, const ws_infer_step *step, const ws_infer_value *in,
                     const ws_infer_value *out, const part *rows)
{
    const ws_window *window = &step->window;
    ws_infer_pool p = {
        .row_step = ws_infer_row(in),
        .width = in->shape.w,
        .n_channels = in->shape.c,
        .window_w = window->w,
        .stride_w = window->stride_w,
        .before_w = window->zeros.before_w,
        .n_out = out->shape.w,
        .is_average = step->node->kind == WS_OP_AVERAGE_POOL,
    };
    for (size_t i = rows->first; i < rows->end; i++) {
        const size_t begin = i * window->stride_h, before = window->zeros.before_h;
        const size_t first = begin > before ? begin - before : 0;
        const size_t end = begin + window->h - before;
        p.x = in->data + first * p.row_step;
        p.n_rows = (end < in->shape.h ? end : in->shape.h) - first;
        p.y = out->data + i * ws_infer_row(out);
        infer->kernels->pool(&p);
    }
}

static void run_scale(const ws_infer *infer, const ws_infer_step *step, const ws_infer_value *in,
                      const ws_infer_value *out, const part *rows)
{
    const size_t row = ws_infer_row(in);

    for (size_t i = rows->first; i < rows->end; i++)
        infer->kernels->scale(in->data + i * row, step->w, step->bias, row, step->has_relu,
                              out->data + i * row);
}

static void run_copy(const ws_infer_step *step, const ws_infer_value *in, const ws_infer_value *out,
                     const part *rows)
{
    const ws_op_kind kind = step->node->kind;
    const size_t end = step->to.h + step->size.h;

    if (kind == WS_OP_RESHAPE || kind == WS_OP_DROPOUT) {
        copy_rows(in, out, rows);
        return;
    }
    for (size_t h = rows->first; h < rows->end; h++) {
        if (h < step->to.h || h >= end)
            continue;
        const size_t i = h - step->to.h;
        for (size_t j = 0; j < step->size.w; j++) {
            const size_t from = (step->from.h + i) * in->shape.w + step->from.w + j;
            const size_t to = (step->to.h + i) * out->shape.w + step->to.w + j;
            memcpy(out->data + to * out->shape.c + step->to.c,
                   in->data + from * in->shape.c + step->from.c, step->size.c * sizeof(float));
        }
    }
}

/** The rows that are there move up, and make room for the new ones. */
static void run_history(const ws_infer_step *step, const ws_infer_value *in,
                        const ws_infer_value *out)
{
    const size_t n_new = in->shape.h * ws_infer_row(in);
    const size_t n_kept = step->node->n_kept * ws_infer_row(in);

    memmove(out->data, out->data + n_new, n_kept * sizeof *out->data);
    memcpy(out->data + n_kept, in->data, n_new * sizeof *out->data);
}

static void run_dots(const ws_infer *infer, const ws_infer_step *step, const ws_infer_value *in,
                     const ws_infer_value *out)
{
    infer->kernels->dots(&(ws_infer_dots){.x = in->data,
                                          .w = step->w,
                                          .bias = step->bias,
                                          .n_in = ws_shape_size(in->shape),
                                          .n_out = out->shape.c,
                                          .has_relu = step->has_relu,
                                          .y = out->data});
}

static void run_part(const ws_infer *infer, const ws_infer_step *step, const part *rows)
{
    const ws_infer_value *in = &infer->values[step->in[0]], *out = &infer->values[step->out];
    const size_t row = ws_infer_row(out), first = rows->first * row, n = rows->end * row - first;

    switch (step->kind) {
    case WS_INFER_PAD:
        run_pad(step, in, out, rows);
        break;
    case WS_INFER_PRODUCT:
        run_product(infer, step, rows);
        break;
    case WS_INFER_TO_POINTS:
    case WS_INFER_FROM_POINTS:
        run_points(infer, step, in, out, rows);
        break;
    case WS_INFER_TAPS:
        run_taps(infer, step, in, out, rows);
        break;
    case WS_INFER_DOTS:
        run_dots(infer, step, in, out);
        break;
    case WS_INFER_SVDF:
        run_svdf(infer, step, in, out);
        break;
    case WS_INFER_ADD:
    case WS_INFER_MUL:
        run_elementwise(infer, step, out, rows);
        break;
    case WS_INFER_SCALE:
        run_scale(infer, step, in, out, rows);
        break;
    case WS_INFER_ACTIVATE:
        infer->kernels->activate(step->activation, in->data + first, n, out->data + first);
        break;
    case WS_INFER_MEAN:
        run_mean(infer, step, in, out, rows);
        break;
    case WS_INFER_POOL:
        run_pool(infer, step, in, out, rows);
        break;
    case WS_INFER_COPY:
        run_copy(step, in, out, rows);
        break;
    case WS_INFER_HISTORY:
        run_history(step, in, out);
        break;
    case WS_INFER_QUANTIZE:
        infer->quant->quantize(&step->levels, in->data + first, n, out->data + first);
        break;
    }
}

/** Rows at the beginning of a value. What kernels store after them, if there are fewer channels
 *  than lanes, is a row that stays. */
static void run_beginning(const ws_infer *infer, const ws_infer_step *step, const part *rows)
{
    const ws_infer_value *out = &infer->values[step->out];
    float *next = out->data + rows->end * ws_infer_row(out), there[WS_INFER_SLACK];

    if (out->shape.c >= WS_INFER_SLACK) {
        run_part(infer, step, rows);
        return;
    }
    memcpy(there, next, sizeof there);
    run_part(infer, step, rows);
    memcpy(next, there, sizeof there);
}

void ws_infer_run_step(const ws_infer *infer, ws_infer_step *step)
{
    const ws_infer_value *out = &infer->values[step->out];
    const ws_infer_shared *shared = &out->shared;
    const size_t h = out->shape.h;
    const bool is_partial = step->partial.n_rows > 0;

    if (shared->is_there) {
        if (shared->first > 0)
            run_beginning(infer, step, &(part){0, shared->first, step->part_tiles[0]});
        if (!is_partial)
            run_part(infer, step, &(part){shared->end, h, step->part_tiles[1]});
    } else {
        const size_t end = is_partial ? shared->end : h;
        run_part(infer, step, &(part){0, end, step->product.tiles});
    }
    if (is_partial)
        ws_infer_run_partial(infer, step);
    if (step->out != step->in[0])
        clear_margins(out);
}
