#include "nn/lite/byte_layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "nn/lite/byte_products.h"

WS_CPU_DEFINE_GETTER(ws_lite_byte_products, ws_lite_byte_products_get)

enum { LARGEST_INPUT = 255, MIN_PADDED = 1 << 16, MAX_PADDING = 8 };

struct ws_lite_byte_layer {
    const ws_lite_byte_products *products;
    ws_lite_window win; /* of a FULLY_CONNECTED: 1x1 on an image of 1x1 */
    size_t n_in;        /* channels */
    bool is_depthwise, is_rescaled;
    size_t padded_h, padded_w, step; /* of the image; numbers of a place */
    ws_lite_byte_product product;
    ws_arena arena;
    void *image;   /* [padded_h, padded_w, step], zeros around; floats of depthwise, else int16 */
    void *weights; /* of the same type */
    size_t *places, *runs;
    int32_t *bias;
    float *steps;
};

static bool is_byte(const ws_lite_tensor *tensor)
{
    const int32_t zero = tensor->scale.n > 0 ? tensor->scale.zero_point : 0;

    return (tensor->type == WS_LITE_INT8 && zero >= INT8_MIN && zero <= INT8_MAX) ||
           (tensor->type == WS_LITE_UINT8 && zero >= 0 && zero <= UINT8_MAX);
}

/** @return false: it is not such a layer */
static bool find_geometry(ws_lite_byte_layer *w, const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0], *weights = args->in[1], *bias = args->in[2];

    if (!is_byte(in) || weights->type != WS_LITE_INT8 || weights->data == NULL ||
        (bias != NULL && (bias->data == NULL || bias->type != WS_LITE_INT32)))
        return false;
    if (args->node->kind == WS_LITE_FULLY_CONNECTED) {
        w->win = (ws_lite_window){1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
        w->n_in = weights->dims[1];
        w->product.n_out = weights->dims[0];
        return true;
    }
    if (ws_lite_window_init(args, weights->dims[1], weights->dims[2], &w->win) != NULL)
        return false;
    w->n_in = in->dims[3];
    w->product.n_out = args->out[0]->dims[3];
    if (args->node->kind == WS_LITE_CONV_2D)
        return true;
    /* filters of one channel are those of a convolution */
    w->is_depthwise = w->n_in > 1;
    return args->node->kind == WS_LITE_DEPTHWISE_CONV_2D &&
           (w->n_in == 1 ||
            (w->n_in == w->product.n_out && w->win.h * w->win.w <= WS_LITE_EXACT_SUMS));
}

/** Products of an output. */
static size_t n_products(const ws_lite_byte_layer *w)
{
    return w->win.h * w->win.w * (w->is_depthwise ? 1 : w->n_in);
}

/** The weight of product k of an output. */
static int8_t weight_at(const ws_lite_byte_layer *w, const ws_lite_args *args, size_t k, size_t out)
{
    const int8_t *weights = args->in[1]->data;
    const bool is_laid = args->node->kind == WS_LITE_DEPTHWISE_CONV_2D;

    return weights[is_laid ? k * w->product.n_out + out : out * n_products(w) + k];
}

/** Whether no order of a sum's products leaves 32 bits. */
static bool are_sums_small(const ws_lite_byte_layer *w, const ws_lite_args *args)
{
    const ws_lite_tensor *bias = args->in[2];
    const int32_t zero = bias != NULL && bias->scale.n > 0 ? bias->scale.zero_point : 0;

    if (zero != 0)
        return false;
    for (size_t out = 0; out < w->product.n_out; out++) {
        int64_t most = bias != NULL ? llabs(((const int32_t *)bias->data)[out]) : 0;
        for (size_t k = 0; k < n_products(w); k++)
            most += LARGEST_INPUT * abs(weight_at(w, args, k, out));
        if (most > INT32_MAX)
            return false;
    }
    return true;
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
    ws_lite_byte_product *p = &w->product;
    p->n_places = win->out_h * win->out_w;
    p->stride = (p->n_out + WS_LITE_LANES - 1) / WS_LITE_LANES * WS_LITE_LANES;
    w->step = w->is_depthwise ? p->stride : w->n_in;
    /* columns that lie side by side are one run */
    const bool is_joined = !w->is_depthwise && win->dilation_w == 1;
    p->n_runs = is_joined ? win->h : win->h * win->w;
    p->run = (is_joined ? win->w * w->n_in : w->n_in);
    p->run += p->run % 2; /* a weight of zero at the end */
    return true;
}

static ws_status place_arrays(ws_lite_byte_layer *w, bool is_rescaled, ws_error *err)
{
    ws_lite_byte_product *p = &w->product;
    const size_t number = w->is_depthwise ? sizeof(float) : sizeof(int16_t);
    const size_t sizes[] = {
        (w->padded_h * w->padded_w * w->step + 1) * number, /* an odd run reads one more */
        p->n_runs * (w->is_depthwise ? 1 : p->run) * p->stride * number,
        p->n_places * sizeof(size_t),
        p->n_runs * sizeof(size_t),
        p->stride * sizeof(int32_t),
        p->stride * sizeof(float),
        is_rescaled ? 0 : p->n_places * p->n_out * sizeof(int32_t),
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
    w->runs = ws_arena_push(&w->arena, sizes[3]);
    w->bias = ws_arena_push(&w->arena, sizes[4]);
    w->steps = ws_arena_push(&w->arena, sizes[5]);
    p->sums = is_rescaled ? NULL : ws_arena_push(&w->arena, sizes[6]);
    p->places = w->places;
    p->runs = w->runs;
    p->bias = w->bias;
    p->rescale.steps = w->steps;
    return WS_OK;
}

/** Weights and bias, and where windows and their runs begin. */
static void fill_arrays(ws_lite_byte_layer *w, const ws_lite_args *args)
{
    const ws_lite_window *win = &w->win;
    const ws_lite_byte_product *p = &w->product;
    const size_t n = n_products(w), per_run = n / p->n_runs, row = w->padded_w * w->step;

    for (size_t i = 0; i < p->n_places; i++)
        w->places[i] =
            i / win->out_w * win->stride_h * row + i % win->out_w * win->stride_w * w->step;
    for (size_t i = 0; i < p->n_runs; i++) {
        const size_t per_row = p->n_runs / win->h;
        w->runs[i] = i / per_row * win->dilation_h * row + i % per_row * win->dilation_w * w->step;
    }
    for (size_t out = 0; out < p->n_out; out++) {
        for (size_t k = 0; k < n; k++) {
            const int8_t weight = weight_at(w, args, k, out);
            const size_t at = k / per_run * p->run + k % per_run;
            if (w->is_depthwise)
                ((float *)w->weights)[k * p->stride + out] = (float)weight;
            else
                ((int16_t *)w->weights)[at / 2 * p->stride * 2 + 2 * out + at % 2] = weight;
        }
        w->bias[out] = args->in[2] != NULL ? ((const int32_t *)args->in[2]->data)[out] : 0;
    }
}

/** Sets how sums are rounded. @return false: the kernels do not do it */
static bool find_rescale(ws_lite_byte_layer *w, const ws_lite_args *args)
{
    ws_lite_rescale *to = &w->product.rescale;
    ws_lite_clamp clamp;

    if (args->out[0]->type != WS_LITE_INT8 || args->rounding != WS_LITE_ROUNDING_EXACT ||
        !is_byte(args->out[0]))
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
    if (!find_geometry(w, args) || !are_sums_small(w, args) || !find_sizes(w)) {
        free(w);
        return WS_OK;
    }
    w->products = ws_lite_byte_products_get(level);
    w->is_rescaled = find_rescale(w, args);
    const ws_status status = place_arrays(w, w->is_rescaled, err);
    if (status != WS_OK) {
        free(w);
        return status;
    }
    fill_arrays(w, args);
    for (size_t out = 0; w->is_rescaled && out < w->product.n_out; out++)
        w->steps[out] = ws_lite_step_of_sum(args, out);
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
    const int32_t zero = (in->scale.n > 0 ? in->scale.zero_point : 0) - (is_signed ? 0 : 128);

    if (w->is_depthwise)
        w->products->widen_to_floats(from, flip, zero, n, (float *)w->image + at);
    else
        w->products->widen(from, flip, zero, n, (int16_t *)w->image + at);
}

static void load_image(const ws_lite_byte_layer *w, const ws_lite_args *args)
{
    const ws_lite_window *win = &w->win;
    const bool is_dense = w->step == w->n_in;
    const size_t n = is_dense ? win->in_w * w->n_in : w->n_in;

    if (is_dense && w->padded_w == win->in_w && w->padded_h == win->in_h) {
        load(w, args, 0, 0, win->in_h * n);
        return;
    }
    for (size_t y = 0; y < win->in_h; y++) {
        const size_t row = (y + win->before_h) * w->padded_w + win->before_w;
        for (size_t x = 0; x < (is_dense ? 1 : win->in_w); x++)
            load(w, args, (y * win->in_w + x) * w->n_in, (row + x) * w->step, n);
    }
}

bool ws_lite_byte_layer_compute(ws_lite_byte_layer *w, const ws_lite_args *args)
{
    ws_lite_byte_product *p = &w->product;

    load_image(w, args);
    p->y = w->is_rescaled ? args->y[0] : NULL;
    if (w->is_depthwise)
        w->products->multiply_channels(p, w->image, w->weights);
    else
        w->products->multiply(p, w->image, w->weights);
    for (size_t i = 0; !w->is_rescaled && i < p->n_places * p->n_out; i++)
        args->r[i] = (double)p->sums[i];
    return w->is_rescaled;
}
