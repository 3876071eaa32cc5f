#include "nn/lite/fast.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "nn/lite/products.h"

WS_CPU_DEFINE_GETTER(ws_lite_products, ws_lite_products_get)

struct ws_lite_fast {
    const ws_lite_products *products;
    ws_lite_window win; /* of a FULLY_CONNECTED: 1x1 on an image of 1x1 */
    size_t n_in, n_out; /* channels */
    size_t in_stride;   /* floats of a place of the image: of depthwise whole vectors */
    size_t stride;      /* n_out in whole vectors */
    bool is_depthwise;
    ws_arena arena;
    float *weights;      /* [products of an output, stride] */
    float *image;        /* [in_h, in_w, in_stride] */
    float *nothing;      /* [in_stride] zeros */
    float *rows;         /* [out_w, products of an output] windows side by side */
    const float **taps;  /* [h * w] of depthwise */
    double *bias, *sums; /* [stride], [out_w, stride] */
};

static size_t whole_vectors(size_t n)
{
    return (n + WS_LITE_LANES - 1) / WS_LITE_LANES * WS_LITE_LANES;
}

static size_t n_products(const ws_lite_fast *f)
{
    return f->win.h * f->win.w * (f->is_depthwise ? 1 : f->n_in);
}

/** @return false: it is not such a layer */
static bool find_geometry(ws_lite_fast *f, const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0], *weights = args->in[1];

    if (in->type != WS_LITE_FLOAT32 || weights->type != WS_LITE_FLOAT32 || weights->data == NULL ||
        (args->in[2] != NULL && args->in[2]->data == NULL))
        return false;
    if (args->node->kind == WS_LITE_FULLY_CONNECTED) {
        f->win = (ws_lite_window){1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
        f->n_in = weights->dims[1];
        f->n_out = weights->dims[0];
        return true;
    }
    if (ws_lite_window_init(args, weights->dims[1], weights->dims[2], &f->win) != NULL)
        return false;
    f->n_in = in->dims[3];
    f->n_out = args->out[0]->dims[3];
    if (args->node->kind == WS_LITE_CONV_2D)
        return true;
    /* filters of one channel are those of a convolution */
    f->is_depthwise = f->n_in > 1;
    return args->node->kind == WS_LITE_DEPTHWISE_CONV_2D && (f->n_in == 1 || f->n_in == f->n_out);
}

static ws_status place_arrays(ws_lite_fast *f, ws_error *err)
{
    const size_t n = n_products(f), n_places = f->win.in_h * f->win.in_w;
    const size_t sizes[] = {
        n * f->stride * sizeof(float),
        n_places * f->in_stride * sizeof(float),
        f->in_stride * sizeof(float),
        (f->is_depthwise ? 1 : f->win.out_w * n) * sizeof(float),
        f->win.h * f->win.w * sizeof(float *),
        f->stride * sizeof(double),
        f->win.out_w * f->stride * sizeof(double),
    };
    size_t n_bytes = 0;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        n_bytes += ws_arena_round(sizes[i]);
    const ws_status status = ws_arena_init(&f->arena, n_bytes, err);
    if (status != WS_OK)
        return status;
    f->weights = ws_arena_push(&f->arena, sizes[0]);
    f->image = ws_arena_push(&f->arena, sizes[1]);
    f->nothing = ws_arena_push(&f->arena, sizes[2]);
    f->rows = ws_arena_push(&f->arena, sizes[3]);
    f->taps = ws_arena_push(&f->arena, sizes[4]);
    f->bias = ws_arena_push(&f->arena, sizes[5]);
    f->sums = ws_arena_push(&f->arena, sizes[6]);
    return WS_OK;
}

/** To [products, outputs]. A depthwise layer has them so. */
static void lay_weights(ws_lite_fast *f, const ws_lite_args *args)
{
    const bool is_laid = args->node->kind == WS_LITE_DEPTHWISE_CONV_2D;
    const float *weights = args->in[1]->data;
    const size_t n = n_products(f);

    for (size_t k = 0; k < n; k++)
        for (size_t o = 0; o < f->n_out; o++)
            f->weights[k * f->stride + o] = weights[is_laid ? k * f->n_out + o : o * n + k];
    if (args->in[2] != NULL) {
        ws_lite_load(args->in[2], args->in[2]->data, f->bias);
    }
}

ws_status ws_lite_fast_create(ws_lite_fast **made, const ws_lite_args *args, ws_error *err)
{
    ws_lite_fast *f = calloc(1, sizeof *f);

    *made = NULL;
    if (f == NULL)
        return ws_fail_memory(err, "a layer");
    if (!find_geometry(f, args)) {
        free(f);
        return WS_OK;
    }
    f->products = ws_lite_products_get(ws_cpu_level_get_best());
    f->stride = whole_vectors(f->n_out);
    f->in_stride = f->is_depthwise ? f->stride : f->n_in;
    const ws_status status = place_arrays(f, err);
    if (status != WS_OK) {
        free(f);
        return status;
    }
    lay_weights(f, args);
    *made = f;
    return WS_OK;
}

void ws_lite_fast_destroy(ws_lite_fast *f)
{
    if (f == NULL)
        return;
    ws_arena_deinit(&f->arena);
    free(f);
}

static void load_image(ws_lite_fast *f, const ws_lite_args *args)
{
    const size_t n_places = f->win.in_h * f->win.in_w;

    for (size_t p = 0; p < n_places; p++)
        memcpy(f->image + p * f->in_stride, (const float *)args->x[0] + p * f->n_in,
               f->n_in * sizeof *f->image);
}

/** The numbers of the image under an element of a window; zeros outside of it. */
static const float *find_place(const ws_lite_fast *f, size_t y, size_t x, size_t i, size_t j)
{
    const ws_lite_window *win = &f->win;
    const size_t row = y * win->stride_h + i * win->dilation_h - win->before_h;
    const size_t column = x * win->stride_w + j * win->dilation_w - win->before_w;

    return row < win->in_h && column < win->in_w
               ? f->image + (row * win->in_w + column) * f->in_stride
               : f->nothing;
}

/** One row of outputs, all channels. */
static void multiply_row(ws_lite_fast *f, size_t y)
{
    const ws_lite_window *win = &f->win;
    const size_t n = n_products(f);
    const bool is_image = win->h == 1 && win->w == 1 && win->stride_w == 1 && win->before_w == 0 &&
                          win->before_h == 0;
    const float *rows = f->rows;

    if (is_image)
        rows = f->image + y * win->stride_h * win->in_w * f->in_stride;
    for (size_t x = 0; x < win->out_w && !is_image; x++)
        for (size_t i = 0; i < win->h; i++)
            for (size_t j = 0; j < win->w; j++)
                memcpy(f->rows + x * n + (i * win->w + j) * f->n_in, find_place(f, y, x, i, j),
                       f->n_in * sizeof *f->rows);
    f->products->multiply(rows, n, win->out_w, n, f->weights, f->stride, f->sums);
}

static void multiply_channels(ws_lite_fast *f, size_t y)
{
    const ws_lite_window *win = &f->win;

    for (size_t x = 0; x < win->out_w; x++) {
        for (size_t i = 0; i < win->h; i++)
            for (size_t j = 0; j < win->w; j++)
                f->taps[i * win->w + j] = find_place(f, y, x, i, j);
        f->products->multiply_channels(f->taps, win->h * win->w, f->weights, f->stride,
                                       f->sums + x * f->stride);
    }
}

void ws_lite_fast_compute(ws_lite_fast *f, const ws_lite_args *args)
{
    load_image(f, args);
    for (size_t y = 0; y < f->win.out_h; y++) {
        for (size_t x = 0; x < f->win.out_w; x++)
            memcpy(f->sums + x * f->stride, f->bias, f->stride * sizeof *f->sums);
        if (f->is_depthwise)
            multiply_channels(f, y);
        else
            multiply_row(f, y);
        for (size_t x = 0; x < f->win.out_w; x++)
            memcpy(args->r + (y * f->win.out_w + x) * f->n_out, f->sums + x * f->stride,
                   f->n_out * sizeof *args->r);
    }
}
