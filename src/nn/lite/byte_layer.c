#include "nn/lite/byte_layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "nn/lite/byte_products.h"

WS_CPU_DEFINE_GETTER(ws_lite_byte_products, ws_lite_byte_products_get)

enum {
    LARGEST_INPUT = 255,
    MIN_PADDED = 1 << 16,
    MAX_PADDING = 8,
    MAX_GROUP = 256,       /* numbers of a place of a depthwise layer */
    MOST_WEIGHTS = 1 << 12 /* of such a place, if it is more than one window */
};

struct ws_lite_byte_layer {
    const ws_lite_byte_products *products;
    ws_lite_window win; /* of a FULLY_CONNECTED: 1x1 on an image of 1x1 */
    size_t n_in, n_out; /* channels */
    bool is_depthwise, is_average, is_rescaled;
    bool is_direct; /* a depthwise layer that reads the input itself: each number about once */
    size_t padded_h, padded_w; /* of the image */
    /* Windows that make one place of a depthwise layer: neighbours, whose numbers lie side by side
     * in the image, too. They are on a line: a row, or the column of an image of one column. */
    size_t group, n_lines, n_on_line;
    ws_lite_byte_product product;
    ws_arena arena;
    size_t number; /* bytes of one of the image, and of a weight */
    void *image;   /* [padded_h, padded_w, n_in], zeros around; floats of depthwise, else as
                      products->step says; NULL: is_direct */
    void *weights;
    size_t *places, *to, *runs;
    int32_t *bias, *multipliers, *shifts;
    float *steps;
};

static int32_t zero_of(const ws_lite_tensor *tensor)
{
    return tensor->scale.n > 0 ? tensor->scale.zero_point : 0;
}

static bool is_byte(const ws_lite_tensor *tensor)
{
    const int32_t zero = zero_of(tensor);

    return (tensor->type == WS_LITE_INT8 && zero >= INT8_MIN && zero <= INT8_MAX) ||
           (tensor->type == WS_LITE_UINT8 && zero >= 0 && zero <= UINT8_MAX);
}

/** Whether a pooling is a depthwise layer whose weights are 1: none of its windows leaves the
 * image, and its numbers stay what they stand for. */
static bool is_average(const ws_lite_byte_layer *w, const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0], *out = args->out[0];
    const ws_lite_window *win = &w->win;

    return in->type == WS_LITE_INT8 && out->type == WS_LITE_INT8 && in->scale.n > 0 &&
           out->scale.n > 0 && out->scale.zero_point == in->scale.zero_point &&
           ws_lite_tensor_scale(in, 0) == ws_lite_tensor_scale(out, 0) &&
           ws_lite_tensor_scale(in, 0) > 0.0 && win->before_h == 0 && win->before_w == 0 &&
           (win->out_h - 1) * win->stride_h + win->h <= win->in_h &&
           (win->out_w - 1) * win->stride_w + win->w <= win->in_w &&
           win->h * win->w <= WS_LITE_EXACT_SUMS;
}

/** @return false: it is not such a layer */
static bool find_geometry(ws_lite_byte_layer *w, const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0], *weights = args->in[1], *bias = args->in[2];
    const ws_lite_options *o = &args->node->options;

    w->is_average = args->node->kind == WS_LITE_AVERAGE_POOL_2D;
    if (!is_byte(in) ||
        (!w->is_average && (weights->type != WS_LITE_INT8 || weights->data == NULL)) ||
        (bias != NULL && (bias->data == NULL || bias->type != WS_LITE_INT32)))
        return false;
    if (args->node->kind == WS_LITE_FULLY_CONNECTED) {
        w->win = (ws_lite_window){1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
        w->n_in = weights->dims[1];
        w->n_out = weights->dims[0];
        return true;
    }
    const size_t h = w->is_average ? (size_t)o->filter_h : weights->dims[1];
    const size_t width = w->is_average ? (size_t)o->filter_w : weights->dims[2];
    if (ws_lite_window_init(args, h, width, &w->win) != NULL)
        return false;
    w->n_in = in->dims[3];
    w->n_out = args->out[0]->dims[3];
    if (args->node->kind == WS_LITE_CONV_2D)
        return true;
    /* filters of one channel are those of a convolution */
    w->is_depthwise = w->n_in > 1;
    if (w->is_average)
        return is_average(w, args);
    return args->node->kind == WS_LITE_DEPTHWISE_CONV_2D &&
           (w->n_in == 1 || (w->n_in == w->n_out && w->win.h * w->win.w <= WS_LITE_EXACT_SUMS));
}

/** Products of an output. */
static size_t n_products(const ws_lite_byte_layer *w)
{
    return w->win.h * w->win.w * (w->is_depthwise ? 1 : w->n_in);
}

/** The weight of product k of an output. */
static int8_t weight_at(const ws_lite_byte_layer *w, const ws_lite_args *args, size_t k, size_t out)
{
    const bool is_laid = args->node->kind == WS_LITE_DEPTHWISE_CONV_2D;

    if (w->is_average)
        return 1;
    const int8_t *weights = args->in[1]->data;
    return weights[is_laid ? k * w->n_out + out : out * n_products(w) + k];
}

/** Whether no order of a sum's products leaves 32 bits. */
static bool are_sums_small(const ws_lite_byte_layer *w, const ws_lite_args *args)
{
    const ws_lite_tensor *bias = args->in[2];

    if (bias != NULL && zero_of(bias) != 0)
        return false;
    for (size_t out = 0; out < w->n_out; out++) {
        int64_t most = bias != NULL ? llabs(((const int32_t *)bias->data)[out]) : 0;
        for (size_t k = 0; k < n_products(w); k++)
            most += LARGEST_INPUT * abs(weight_at(w, args, k, out));
        if (most > INT32_MAX)
            return false;
    }
    return true;
}

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

/** Chooses the windows of a place: with few channels one alone would leave lanes empty. */
static void find_group(ws_lite_byte_layer *w)
{
    const ws_lite_window *win = &w->win;
    const bool is_column = w->padded_w == 1;
    size_t least = SIZE_MAX;

    w->n_lines = is_column ? 1 : win->out_h;
    w->n_on_line = is_column ? win->out_h : win->out_w;
    w->group = 1;
    if (!w->is_depthwise || (is_column ? win->stride_h : win->stride_w) != 1)
        return;
    for (size_t n = 1; n <= w->n_on_line; n++) {
        const size_t lanes = round_up(n * w->n_out, WS_LITE_LANES);
        const size_t n_places = w->n_lines * ((w->n_on_line + n - 1) / n);
        const size_t cost = round_up(n_places, WS_LITE_LANES / 2) * lanes; /* of tiles of 8 */
        if (n > 1 && (lanes > MAX_GROUP || lanes * win->h * win->w > MOST_WEIGHTS))
            return;
        if (cost < least) {
            least = cost;
            w->group = n;
        }
    }
}

/** Whether a depthwise layer reads the input where it lies: it reads each number about once, so to
 *  widen all of them first would not pay; and no vector leaves the input. */
static bool is_direct(const ws_lite_byte_layer *w, const ws_lite_args *args)
{
    const ws_lite_window *win = &w->win;

    return w->is_depthwise && args->in[0]->type == WS_LITE_INT8 && w->padded_h == win->in_h &&
           w->padded_w == win->in_w && w->product.n_out >= WS_LITE_LANES &&
           win->out_h * win->out_w * win->h * win->w <= win->in_h * win->in_w;
}

/** @return false: the image would be mostly padding */
static bool find_sizes(ws_lite_byte_layer *w)
{
    const ws_lite_window *win = &w->win;
    const size_t below = (win->out_h - 1) * win->stride_h + (win->h - 1) * win->dilation_h + 1;
    const size_t right = (win->out_w - 1) * win->stride_w + (win->w - 1) * win->dilation_w + 1;

    w->padded_h = below > win->before_h + win->in_h ? below : win->before_h + win->in_h;
    w->padded_w = right > win->before_w + win->in_w ? right : win->before_w + win->in_w;
    const double padded = (double)w->padded_h * (double)w->padded_w;
    if (padded > MIN_PADDED && padded > MAX_PADDING * (double)(win->in_h * win->in_w))
        return false;
    find_group(w);
    ws_lite_byte_product *p = &w->product;
    p->n_places = w->n_lines * ((w->n_on_line + w->group - 1) / w->group);
    p->n_out = w->group * w->n_out;
    p->stride = round_up(p->n_out, WS_LITE_LANES);
    /* columns that lie side by side are one run */
    const bool is_joined = !w->is_depthwise && win->dilation_w == 1;
    p->n_runs = is_joined ? win->h : win->h * win->w;
    p->run = w->is_depthwise ? 1 : is_joined ? win->w * w->n_in : w->n_in;
    if (!w->is_depthwise)
        p->run = round_up(p->run, w->products->step); /* with weights of zero at the end */
    w->number = w->is_depthwise ? sizeof(float) : w->products->step == 4 ? 1 : sizeof(int16_t);
    return true;
}

static ws_status place_arrays(ws_lite_byte_layer *w, ws_error *err)
{
    ws_lite_byte_product *p = &w->product;
    const size_t number = w->number;
    const size_t sizes[] = {
        /* the last lanes, or the last step of a run, read beyond the end */
        w->is_direct ? 0 : (w->padded_h * w->padded_w * w->n_in + WS_LITE_LANES) * number,
        p->n_runs * (w->is_depthwise ? 1 : p->run) * p->stride * number,
        p->n_places * sizeof(size_t),
        p->n_places * sizeof(size_t),
        p->n_runs * sizeof(size_t),
        p->stride * sizeof(int32_t),
        p->stride * sizeof(float),
        p->stride * sizeof(int32_t),
        p->stride * sizeof(int32_t),
        w->is_rescaled ? 0 : w->win.out_h * w->win.out_w * w->n_out * sizeof(int32_t),
    };
    size_t n_bytes = 0;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        n_bytes += ws_arena_round(sizes[i]);
    const ws_status status = ws_arena_init(&w->arena, n_bytes, err);
    if (status != WS_OK)
        return status;
    w->image = ws_arena_push(&w->arena, sizes[0]);
    w->weights = ws_arena_push(&w->arena, sizes[1]);
    w->places = ws_arena_push(&w->arena, sizes[2]);
    w->to = ws_arena_push(&w->arena, sizes[3]);
    w->runs = ws_arena_push(&w->arena, sizes[4]);
    w->bias = ws_arena_push(&w->arena, sizes[5]);
    w->steps = ws_arena_push(&w->arena, sizes[6]);
    w->multipliers = ws_arena_push(&w->arena, sizes[7]);
    w->shifts = ws_arena_push(&w->arena, sizes[8]);
    p->sums = w->is_rescaled ? NULL : ws_arena_push(&w->arena, sizes[9]);
    p->places = w->places;
    p->to = w->to;
    p->runs = w->runs;
    p->bias = w->bias;
    return WS_OK;
}

/** Where windows and their runs begin, and their outputs. */
static void fill_places(ws_lite_byte_layer *w)
{
    const ws_lite_window *win = &w->win;
    const ws_lite_byte_product *p = &w->product;
    const size_t row = w->padded_w * w->n_in, per_line = p->n_places / w->n_lines;

    for (size_t i = 0; i < p->n_places; i++) {
        const size_t next = i % per_line * w->group, last = w->n_on_line - w->group;
        const size_t on_line = next < last ? next : last; /* the last group may repeat some */
        const size_t at = i / per_line * w->n_on_line + on_line;
        w->places[i] =
            at / win->out_w * win->stride_h * row + at % win->out_w * win->stride_w * w->n_in;
        w->to[i] = at * w->n_out;
    }
    for (size_t i = 0; i < p->n_runs; i++) {
        const size_t per_row = p->n_runs / win->h;
        w->runs[i] = i / per_row * win->dilation_h * row + i % per_row * win->dilation_w * w->n_in;
    }
}

static void set_weight(ws_lite_byte_layer *w, size_t i, int8_t weight)
{
    if (w->is_depthwise)
        ((float *)w->weights)[i] = (float)weight;
    else if (w->number == 1)
        ((int8_t *)w->weights)[i] = weight;
    else
        ((int16_t *)w->weights)[i] = weight;
}

/** The zero point of an input as int8, if its numbers are uint8 of those less 128. */
static int32_t zero_of_bytes(const ws_lite_tensor *in)
{
    return zero_of(in) - (in->type == WS_LITE_INT8 ? 0 : 128);
}

/** Weights and bias of each lane, and what is around the image. */
static void fill_weights(ws_lite_byte_layer *w, const ws_lite_args *args)
{
    const ws_lite_byte_product *p = &w->product;
    const size_t n = n_products(w), per_run = n / p->n_runs;
    const size_t step = w->is_depthwise ? 1 : w->products->step;
    /* what stands for zero, which sums have too much of each weight */
    const int32_t zero = w->number == 1 ? zero_of_bytes(args->in[0]) + 128 : 0;

    for (size_t lane = 0; lane < p->n_out; lane++) {
        const size_t out = lane % w->n_out;
        int32_t sum = 0;
        for (size_t k = 0; k < n; k++) {
            const size_t at = k / per_run * p->run + k % per_run;
            const int8_t weight = weight_at(w, args, k, out);
            set_weight(w, (at / step * p->stride + lane) * step + at % step, weight);
            sum += weight;
        }
        const int32_t bias = args->in[2] != NULL ? ((const int32_t *)args->in[2]->data)[out] : 0;
        w->bias[lane] = (int32_t)((uint32_t)bias - (uint32_t)zero * (uint32_t)sum);
    }
    if (w->number == 1)
        memset(w->image, zero, w->padded_h * w->padded_w * w->n_in);
}

/** How the sums of each lane are rounded. */
static void fill_rescale(ws_lite_byte_layer *w, const ws_lite_args *args)
{
    ws_lite_rescale *to = &w->product.rescale;

    for (size_t lane = 0; lane < w->product.n_out; lane++) {
        if (args->rounding == WS_LITE_ROUNDING_TFLM) {
            const ws_lite_factor factor = ws_lite_tflm_factor(args, lane % w->n_out);
            w->multipliers[lane] = factor.multiplier;
            w->shifts[lane] = -factor.shift;
        } else {
            w->steps[lane] = ws_lite_step_of_sum(args, lane % w->n_out);
        }
    }
    to->steps = w->steps;
    to->multipliers = args->rounding == WS_LITE_ROUNDING_TFLM ? w->multipliers : NULL;
    to->shifts = w->shifts;
}

/** Whether all factors of TensorFlow Lite Micro's rounding are below 1, as the kernels do it. */
static bool are_factors_small(const ws_lite_byte_layer *w, const ws_lite_args *args)
{
    for (size_t out = 0; out < w->n_out; out++)
        if (ws_lite_tflm_factor(args, out).shift > 0)
            return false;
    return args->in[0]->scale.n > 0;
}

/** Sets between which numbers sums are rounded. @return false: the kernels do not do it */
static bool find_rescale(ws_lite_byte_layer *w, const ws_lite_args *args)
{
    ws_lite_rescale *to = &w->product.rescale;
    ws_lite_clamp clamp;

    if (w->is_average || args->out[0]->type != WS_LITE_INT8 || !is_byte(args->out[0]) ||
        (args->rounding == WS_LITE_ROUNDING_TFLM && !are_factors_small(w, args)))
        return false;
    clamp = ws_lite_clamp_of(args);
    to->zero = (int32_t)clamp.zero;
    to->least = (float)(clamp.least - clamp.zero);
    to->most = (float)(clamp.most - clamp.zero);
    return to->least <= to->most;
}

ws_cpu_level ws_lite_byte_layer_level(void)
{
    const ws_cpu_level best = ws_cpu_level_get_best();

    return best == WS_CPU_N_LEVELS - 1 && best > 0 && !ws_cpu_has_dot_products() ? best - 1 : best;
}

ws_status ws_lite_byte_layer_create(ws_lite_byte_layer **made, const ws_lite_args *args,
                                    ws_cpu_level level, ws_error *err)
{
    ws_lite_byte_layer *w = calloc(1, sizeof *w);

    *made = NULL;
    if (w == NULL)
        return ws_fail_memory(err, "a layer");
    w->products = ws_lite_byte_products_get(level);
    if (!find_geometry(w, args) || !are_sums_small(w, args) || !find_sizes(w)) {
        free(w);
        return WS_OK;
    }
    w->is_rescaled = find_rescale(w, args);
    w->is_direct = is_direct(w, args);
    const ws_status status = place_arrays(w, err);
    if (status != WS_OK) {
        free(w);
        return status;
    }
    fill_places(w);
    fill_weights(w, args);
    if (w->is_rescaled)
        fill_rescale(w, args);
    *made = w;
    return WS_OK;
}

void ws_lite_byte_layer_destroy(ws_lite_byte_layer *w)
{
    if (w == NULL)
        return;
    ws_arena_deinit(&w->arena);
    free(w);
}

/** n numbers of the input from `first` on, to number `at` of the padded image. */
static void load(const ws_lite_byte_layer *w, const ws_lite_args *args, size_t first, size_t at,
                 size_t n)
{
    const ws_lite_tensor *in = args->in[0];
    const int8_t *from = (const int8_t *)args->x[0] + first;
    const bool is_signed = in->type == WS_LITE_INT8;
    const int8_t flip = is_signed ? 0 : INT8_MIN;
    const int32_t zero = zero_of_bytes(in);

    if (w->is_depthwise)
        w->products->widen_to_floats(from, flip, zero, n, (float *)w->image + at);
    else
        w->products->widen(from, flip, zero, n, (char *)w->image + at * w->number);
}

static void load_image(const ws_lite_byte_layer *w, const ws_lite_args *args)
{
    const ws_lite_window *win = &w->win;
    const size_t n = win->in_w * w->n_in;

    if (w->padded_w == win->in_w) {
        load(w, args, 0, win->before_h * n, win->in_h * n);
        return;
    }
    for (size_t y = 0; y < win->in_h; y++)
        load(w, args, y * n, ((y + win->before_h) * w->padded_w + win->before_w) * w->n_in, n);
}

static void store_averages(const ws_lite_byte_layer *w, const ws_lite_args *args)
{
    const ws_lite_clamp clamp = ws_lite_clamp_of(args);

    w->products->average(w->product.sums, ws_lite_tensor_size(args->out[0]),
                         (int32_t)(w->win.h * w->win.w), (int32_t)clamp.zero, (int32_t)clamp.least,
                         (int32_t)clamp.most, args->y[0]);
}

bool ws_lite_byte_layer_compute(ws_lite_byte_layer *w, const ws_lite_args *args)
{
    ws_lite_byte_product *p = &w->product;

    p->y = w->is_rescaled ? args->y[0] : NULL;
    if (!w->is_direct)
        load_image(w, args);
    if (w->is_direct)
        w->products->multiply_bytes(p, args->x[0], zero_of(args->in[0]), w->weights);
    else if (w->is_depthwise)
        w->products->multiply_channels(p, w->image, w->weights);
    else
        w->products->multiply(p, w->image, w->weights);
    if (w->is_average)
        store_averages(w, args);
    else if (!w->is_rescaled)
        for (size_t i = 0; i < ws_lite_tensor_size(args->out[0]); i++)
            args->r[i] = (double)p->sums[i];
    return w->is_average || w->is_rescaled;
}
