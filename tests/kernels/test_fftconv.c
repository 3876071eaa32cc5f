/* FFT convolution layers: every instruction set of this machine against plain sums in double
 * precision. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/guarded.h"
#include "nn/engine/common/shards.h"
#include "nn/engine/fft/fftconv.h"

typedef struct layer_case {
    const char *name;
    ws_fftconv_shape shape; /* out and pads: see complete_shape */
    bool is_same;
} layer_case;

static const layer_case layer_cases[] = {
    {"1x1",
     {.n = 3, .in_h = 5, .in_w = 7, .n_in = 3, .n_out = 17, .kernel_h = 1, .kernel_w = 1},
     true},
    {"one point",
     {.n = 2, .in_h = 1, .in_w = 1, .n_in = 2, .n_out = 3, .kernel_h = 3, .kernel_w = 3},
     true},
    {"small image, large kernel",
     {.n = 2, .in_h = 2, .in_w = 3, .n_in = 3, .n_out = 5, .kernel_h = 9, .kernel_w = 6},
     true},
    {"3x3 valid",
     {.n = 9, .in_h = 13, .in_w = 11, .n_in = 16, .n_out = 16, .kernel_h = 3, .kernel_w = 3},
     false},
    {"2x2 same",
     {.n = 5, .in_h = 9, .in_w = 10, .n_in = 17, .n_out = 33, .kernel_h = 2, .kernel_w = 2},
     true},
    {"5x4 same, odd",
     {.n = 13, .in_h = 17, .in_w = 9, .n_in = 16, .n_out = 3, .kernel_h = 5, .kernel_w = 4},
     true},
    {"5x4 valid, many rows",
     {.n = 2, .in_h = 200, .in_w = 6, .n_in = 4, .n_out = 8, .kernel_h = 5, .kernel_w = 4},
     false},
    {"conv, second layer",
     {.n = 2, .in_h = 49, .in_w = 20, .n_in = 64, .n_out = 64, .kernel_h = 10, .kernel_w = 4},
     true},
    {"conv, second layer, 25 rows",
     {.n = 7, .in_h = 25, .in_w = 20, .n_in = 20, .n_out = 40, .kernel_h = 10, .kernel_w = 4},
     true},
    {"186 channels",
     {.n = 2, .in_h = 6, .in_w = 5, .n_in = 186, .n_out = 186, .kernel_h = 3, .kernel_w = 2},
     true},
    {"conv, first layer",
     {.n = 3, .in_h = 98, .in_w = 40, .n_in = 1, .n_out = 64, .kernel_h = 20, .kernel_w = 8},
     true},
    {"first layer, 17 samples",
     {.n = 17, .in_h = 11, .in_w = 7, .n_in = 1, .n_out = 18, .kernel_h = 4, .kernel_w = 3},
     true},
    {"rows as channels, weights by channel",
     {.n = 5,
      .in_h = 1,
      .in_w = 40,
      .n_in = 98,
      .n_out = 186,
      .kernel_h = 1,
      .kernel_w = 8,
      .weights_by_channel = true},
     false},
    {"weights by channel, odd",
     {.n = 3,
      .in_h = 7,
      .in_w = 5,
      .n_in = 19,
      .n_out = 6,
      .kernel_h = 4,
      .kernel_w = 2,
      .weights_by_channel = true},
     true},
    {"low_latency_conv",
     {.n = 2, .in_h = 98, .in_w = 40, .n_in = 1, .n_out = 186, .kernel_h = 98, .kernel_w = 8},
     false},
};

/** Output size and pads as TensorFlow's: SAME adds kernel - 1 zeros, the smaller half in front. */
static ws_fftconv_shape complete_shape(const layer_case *test)
{
    ws_fftconv_shape shape = test->shape;
    shape.pad_top = test->is_same ? (shape.kernel_h - 1) / 2 : 0;
    shape.pad_left = test->is_same ? (shape.kernel_w - 1) / 2 : 0;
    shape.out_h = test->is_same ? shape.in_h : shape.in_h - shape.kernel_h + 1;
    shape.out_w = test->is_same ? shape.in_w : shape.in_w - shape.kernel_w + 1;
    return shape;
}

/** A layer's numbers by plain sums. x and dy are given, the others results. */
typedef struct layer_data {
    float *x, *w, *dy;        /* [n, in_h, in_w, n_in], [kernel_h, kernel_w, n_in, n_out], as y */
    double *y, *dx, *dw, *db; /* y: [n, out_h, out_w, n_out] */
    size_t n_x, n_w, n_y;
} layer_data;

/** Adds what one tap contributes at one output position. */
static void add_tap(const ws_fftconv_shape *s, layer_data *data, size_t at_x, size_t at_w,
                    size_t at_y)
{
    const int n_taps = s->weights_by_channel ? s->kernel_h * s->kernel_w : 1;
    for (int ci = 0; ci < s->n_in; ci++) {
        const double x = (double)data->x[at_x + (size_t)ci];
        double dx = 0;
        for (int co = 0; co < s->n_out; co++) {
            const size_t w = at_w + (size_t)(ci * n_taps * s->n_out + co), y = at_y + (size_t)co;
            data->y[y] += x * (double)data->w[w];
            data->dw[w] += x * (double)data->dy[y];
            dx += (double)data->dy[y] * (double)data->w[w];
        }
        data->dx[at_x + (size_t)ci] += dx;
    }
}

static void add_taps(const ws_fftconv_shape *s, layer_data *data, int n, int i, int j)
{
    const size_t at_y = (size_t)(((n * s->out_h + i) * s->out_w + j) * s->n_out);
    const int tap_floats = (s->weights_by_channel ? 1 : s->n_in) * s->n_out;
    for (int a = 0; a < s->kernel_h; a++) {
        for (int b = 0; b < s->kernel_w; b++) {
            const int h = i + a - s->pad_top, w = j + b - s->pad_left;
            if (h < 0 || h >= s->in_h || w < 0 || w >= s->in_w)
                continue;
            add_tap(s, data, (size_t)(((n * s->in_h + h) * s->in_w + w) * s->n_in),
                    (size_t)((a * s->kernel_w + b) * tap_floats), at_y);
        }
    }
    for (int co = 0; co < s->n_out; co++)
        data->db[co] += (double)data->dy[at_y + (size_t)co];
}

static layer_data layer_data_create(const ws_fftconv_shape *s)
{
    layer_data data = {
        .n_x = (size_t)(s->n * s->in_h * s->in_w * s->n_in),
        .n_w = (size_t)(s->kernel_h * s->kernel_w * s->n_in * s->n_out),
        .n_y = (size_t)(s->n * s->out_h * s->out_w * s->n_out),
    };
    data.x = zeros_create(data.n_x, sizeof(float));
    data.w = zeros_create(data.n_w, sizeof(float));
    data.dy = zeros_create(data.n_y, sizeof(float));
    data.y = zeros_create(data.n_y, sizeof(double));
    data.dx = zeros_create(data.n_x, sizeof(double));
    data.dw = zeros_create(data.n_w, sizeof(double));
    data.db = zeros_create((size_t)s->n_out, sizeof(double));
    fill_random(data.x, data.n_x, 1);
    fill_random(data.w, data.n_w, 2);
    fill_random(data.dy, data.n_y, 3);
    for (int n = 0; n < s->n; n++)
        for (int i = 0; i < s->out_h; i++)
            for (int j = 0; j < s->out_w; j++)
                add_taps(s, &data, n, i, j);
    return data;
}

static void layer_data_destroy(layer_data *data)
{
    free(data->x);
    free(data->w);
    free(data->dy);
    free(data->y);
    free(data->dx);
    free(data->dw);
    free(data->db);
}

/** One sample's 16 channels from [n_points, n_channels], zeros after the last. */
static void take_tile(const float *image, int n_points, int n_channels, int block, float *tile)
{
    for (int p = 0; p < n_points; p++)
        for (int lane = 0; lane < 16; lane++) {
            const int c = block * 16 + lane;
            tile[p * 16 + lane] = c < n_channels ? image[p * n_channels + c] : 0.0f;
        }
}

/** The way back; lanes after the last channel must be zero. */
static void put_tile(const float *tile, int n_points, int n_channels, int block, float *image)
{
    for (int p = 0; p < n_points; p++)
        for (int lane = 0; lane < 16; lane++) {
            const int c = block * 16 + lane;
            if (c < n_channels)
                image[p * n_channels + c] = tile[p * 16 + lane];
            else
                assert_true(tile[p * 16 + lane] == 0.0f);
        }
}

/** What a layer computed, dense as in layer_data. */
typedef struct layer_results {
    guarded y, dx, dw, db;
} layer_results;

static layer_results layer_results_create(const ws_fftconv *conv, const layer_data *data)
{
    return (layer_results){guarded_create(data->n_y), guarded_create(data->n_x),
                           guarded_create(data->n_w),
                           guarded_create((size_t)conv->out_blocks * 16)};
}

/** Some shards of n samples, as a batch has, or a rank of a cluster. */
static ws_shards shards_of(int n)
{
    const size_t n_shards = n >= 4 ? 4 : n >= 2 ? 2 : 1;
    return ws_shards_make((ws_shard_rule){1, 1}, (size_t)n, n_shards, (ws_shard_span){0, n_shards});
}

static void layer_results_destroy(layer_results *results)
{
    guarded_destroy(&results->y);
    guarded_destroy(&results->dx);
    guarded_destroy(&results->dw);
    guarded_destroy(&results->db);
}

typedef struct spectra {
    guarded x, v, y, dx, dv, work, tile;
} spectra;

static spectra spectra_create(const ws_fftconv *conv)
{
    const ws_fftconv_shape *s = &conv->shape;
    const int points = s->in_h * s->in_w + s->out_h * s->out_w;
    return (spectra){guarded_create(conv->x_floats),     guarded_create(conv->v_floats),
                     guarded_create(conv->y_floats),     guarded_create(conv->x_floats),
                     guarded_create(conv->v_floats),     guarded_create(conv->work_floats),
                     guarded_create((size_t)points * 16)};
}

static void spectra_destroy(spectra *at)
{
    guarded_destroy(&at->x);
    guarded_destroy(&at->v);
    guarded_destroy(&at->y);
    guarded_destroy(&at->dx);
    guarded_destroy(&at->dv);
    guarded_destroy(&at->work);
    guarded_destroy(&at->tile);
}

static void run_forward(const ws_fftconv *conv, const layer_data *data, spectra *at,
                        layer_results *results)
{
    const ws_fftconv_shape *s = &conv->shape;
    const int in_points = s->in_h * s->in_w, out_points = s->out_h * s->out_w;
    for (int n = s->n - 1; n >= 0; n--) /* in no special order */
        for (int block = 0; block < conv->in_blocks; block++) {
            take_tile(data->x + n * in_points * s->n_in, in_points, s->n_in, block, at->tile.at);
            ws_fftconv_input_forward(conv, at->tile.at, n, block, at->x.at, at->work.at);
        }
    ws_fftconv_weights_forward(conv, data->w, 0, s->n_in / 2, at->v.at, at->work.at);
    ws_fftconv_weights_forward(conv, data->w, s->n_in / 2, s->n_in, at->v.at, at->work.at);
    const ws_fftconv_forward product = {.x = at->x.at, .v = at->v.at, .y = at->y.at, .n = s->n};
    ws_fftconv_product_forward(conv, &product, 0, 3, at->work.at);
    ws_fftconv_product_forward(conv, &product, 3, conv->fft.n_freqs, at->work.at);
    for (int n = 0; n < s->n; n++)
        for (int block = 0; block < conv->out_blocks; block++) {
            ws_fftconv_output_inverse(conv, at->y.at, n, block, at->tile.at, at->work.at);
            put_tile(at->tile.at, out_points, s->n_out, block,
                     results->y.at + n * out_points * s->n_out);
        }
}

static void run_backward(const ws_fftconv *conv, const layer_data *data, spectra *at,
                         layer_results *results)
{
    const ws_fftconv_shape *s = &conv->shape;
    const int in_points = s->in_h * s->in_w, out_points = s->out_h * s->out_w;
    for (int n = 0; n < s->n; n++)
        for (int block = 0; block < conv->out_blocks; block++) {
            take_tile(data->dy + n * out_points * s->n_out, out_points, s->n_out, block,
                      at->tile.at);
            ws_fftconv_output_forward(conv, at->tile.at, n, block, at->y.at, at->work.at);
        }
    for (int block = 0; block < conv->out_blocks; block++)
        ws_fftconv_bias_gradient(conv, at->y.at, s->n, block, results->db.at + block * 16);
    const ws_shards shards = shards_of(s->n);
    const ws_fftconv_backward apart = {.x = at->x.at,
                                       .v = at->v.at,
                                       .dy = at->y.at,
                                       .dx = at->dx.at,
                                       .dv = at->dv.at,
                                       .n = s->n,
                                       .shards = &shards};
    ws_fftconv_product_backward(conv, &apart, 0, conv->fft.n_freqs, at->work.at);
    for (int n = 0; n < s->n; n++)
        for (int block = 0; block < conv->in_blocks; block++) {
            ws_fftconv_input_inverse(conv, at->dx.at, n, block, at->tile.at, at->work.at);
            put_tile(at->tile.at, in_points, s->n_in, block,
                     results->dx.at + n * in_points * s->n_in);
        }
    ws_fftconv_weights_inverse(conv, at->dv.at, s->n_in / 2, s->n_in, results->dw.at, at->work.at);
    ws_fftconv_weights_inverse(conv, at->dv.at, 0, s->n_in / 2, results->dw.at, at->work.at);
}

/** A batch with fewer samples than the plan's fills their rows only, with the same bits. */
static void check_partial_batch(const ws_fftconv *conv, spectra *at)
{
    const int n = conv->shape.n / 2;
    const size_t row = (size_t)conv->out_blocks * WS_CONV_COMPLEX;
    guarded y = guarded_create(conv->y_floats);
    const ws_fftconv_forward whole = {
        .x = at->x.at, .v = at->v.at, .y = at->y.at, .n = conv->shape.n};
    ws_fftconv_forward part = whole;
    part.y = y.at;
    part.n = n;
    memset(y.at, 0, y.n * sizeof(float));
    ws_fftconv_product_forward(conv, &whole, 0, conv->fft.n_freqs, at->work.at);
    ws_fftconv_product_forward(conv, &part, 0, conv->fft.n_freqs, at->work.at);
    for (int f = 0; f < conv->fft.n_freqs; f++) {
        const size_t first = (size_t)f * conv->y_stride, rest = first + (size_t)n * row;
        assert_memory_equal(y.at + first, at->y.at + first, (size_t)n * row * sizeof(float));
        for (size_t i = rest; i < first + conv->y_stride; i++)
            assert_true(y.at[i] == 0.0f);
    }
    guarded_destroy(&y);
}

/** The same product in place and in pieces gives the same bits as apart and at once. */
static void check_pieces(const ws_fftconv *conv, spectra *at)
{
    const ws_shards shards = shards_of(conv->shape.n);
    const ws_fftconv_backward in_place = {.x = at->x.at,
                                          .v = at->v.at,
                                          .dy = at->y.at,
                                          .dx = at->x.at,
                                          .dv = at->v.at,
                                          .n = conv->shape.n,
                                          .shards = &shards};
    for (int first = 0; first < conv->fft.n_freqs; first += 7) {
        const int end = first + 7 < conv->fft.n_freqs ? first + 7 : conv->fft.n_freqs;
        ws_fftconv_product_backward(conv, &in_place, first, end, at->work.at);
    }
    for (int f = 0; f < conv->fft.n_freqs; f++) { /* what lies between frequencies is free */
        const size_t x = (size_t)f * conv->x_stride, v = (size_t)f * conv->v_stride;
        assert_memory_equal(at->x.at + x, at->dx.at + x, (conv->x_stride - 16) * sizeof(float));
        assert_memory_equal(at->v.at + v, at->dv.at + v, (conv->v_stride - 16) * sizeof(float));
    }
}

static void check_results(const char *what, const layer_data *data, const layer_results *results,
                          int n_out, bool has_dx)
{
    assert_error_below(what, relative_error(results->y.at, data->y, data->n_y), 1e-6);
    assert_error_below(what, relative_error(results->dw.at, data->dw, data->n_w), 1e-6);
    assert_error_below(what, relative_error(results->db.at, data->db, (size_t)n_out), 1e-6);
    if (has_dx)
        assert_error_below(what, relative_error(results->dx.at, data->dx, data->n_x), 1e-6);
}

static void check_general(const char *what, const ws_fftconv *conv, const layer_data *data)
{
    layer_results results = layer_results_create(conv, data);
    spectra at = spectra_create(conv);
    run_forward(conv, data, &at, &results);
    run_backward(conv, data, &at, &results);
    check_results(what, data, &results, conv->shape.n_out, true);
    check_pieces(conv, &at);
    check_partial_batch(conv, &at);
    spectra_destroy(&at);
    layer_results_destroy(&results);
}

/** One sample and block through the functions for one input channel. */
static void run_one(const ws_fftconv *conv, const layer_data *data, const float *x, int n,
                    int block, const float *v, float *dv, layer_results *results)
{
    const ws_fftconv_shape *s = &conv->shape;
    const int points = s->out_h * s->out_w;
    guarded work = guarded_create(conv->work_floats), tile = guarded_create((size_t)points * 16);
    ws_fftconv_one_output_columns(conv, x, v, work.at);
    for (int row = 0; row < s->out_h; row++) /* one by one, as fused phases take them */
        conv->transform->rows_inverse(&conv->fft, &conv->output, tile.at + row * s->out_w * 16, row,
                                      1, work.at);
    put_tile(tile.at, points, s->n_out, block, results->y.at + n * points * s->n_out);

    take_tile(data->dy + n * points * s->n_out, points, s->n_out, block, tile.at);
    conv->transform->rows_forward(&conv->fft, &conv->output, tile.at, 0, s->out_h, work.at);
    ws_fftconv_one_weights_add(conv, x, dv, work.at);
    guarded_destroy(&work);
    guarded_destroy(&tile);
}

static void check_one(const char *what, const ws_fftconv *conv, const layer_data *data)
{
    const ws_fftconv_shape *s = &conv->shape;
    const size_t x_floats = ws_fftconv_one_x_get_floats(conv);
    const size_t v_floats = ws_fftconv_one_v_get_floats(conv);
    layer_results results = layer_results_create(conv, data);
    guarded x = guarded_create((size_t)s->n * x_floats), work = guarded_create(conv->work_floats);
    guarded v = guarded_create(v_floats), dv = guarded_create(v_floats);

    for (int n = 0; n < s->n; n += 16)
        ws_fftconv_one_input_forward(conv, data->x + n * s->in_h * s->in_w,
                                     s->n - n < 16 ? s->n - n : 16, x.at + (size_t)n * x_floats,
                                     work.at);
    for (int block = 0; block < conv->out_blocks; block++) {
        ws_fftconv_one_weights_forward(conv, data->w, block, v.at, work.at);
        memset(dv.at, 0, v_floats * sizeof(float));
        for (int n = 0; n < s->n; n++)
            run_one(conv, data, x.at + (size_t)n * x_floats, n, block, v.at, dv.at, &results);
        ws_fftconv_one_weights_inverse(conv, dv.at, block, results.dw.at, work.at);
        for (int lane = 0; lane < 16; lane++) /* frequency 0 of conj X dY is no sum of dY */
            results.db.at[block * 16 + lane] =
                block * 16 + lane < s->n_out ? (float)data->db[block * 16 + lane] : 0.0f;
    }
    check_results(what, data, &results, s->n_out, false);
    guarded_destroy(&x);
    guarded_destroy(&work);
    guarded_destroy(&v);
    guarded_destroy(&dv);
    layer_results_destroy(&results);
}

static void layers_equal_plain_sums(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof layer_cases / sizeof *layer_cases; i++) {
        const ws_fftconv_shape shape = complete_shape(&layer_cases[i]);
        layer_data data = layer_data_create(&shape);
        for (int level = 0; level <= (int)ws_cpu_level_get_best(); level++) {
            ws_fftconv conv;
            ws_error error;
            char what[200];
            assert_int_equal(ws_fftconv_init(&conv, &shape, (ws_cpu_level)level, &error), WS_OK);
            (void)snprintf(what, sizeof what, "%s on %s, grid %d x %d", layer_cases[i].name,
                           ws_cpu_level_get_name((ws_cpu_level)level), conv.fft.n_h, conv.fft.n_w);
            check_general(what, &conv, &data);
            if (shape.n_in == 1)
                check_one(what, &conv, &data);
        }
        layer_data_destroy(&data);
    }
}

/** dV of some shards out of sums that are made one by one, added as a tree. */
static void add_tree(const ws_fftconv *conv, const ws_fftconv_backward *whole, const size_t *bounds,
                     size_t n_shards, float *dv, float *work)
{
    const size_t half = n_shards / 2;
    const ws_shards one = {.n = 1, .n_all = 1, .bounds = {bounds[0], bounds[1]}};
    ws_fftconv_backward shard = *whole;

    if (half == 0) {
        shard.dv = dv;
        shard.shards = &one;
        ws_fftconv_product_backward(conv, &shard, 0, conv->fft.n_freqs, work);
        return;
    }
    guarded right = guarded_create(conv->v_floats);
    add_tree(conv, whole, bounds, half, dv, work);
    add_tree(conv, whole, bounds + half, half, right.at, work);
    for (size_t i = 0; i < conv->v_floats; i++)
        dv[i] += right.at[i];
    guarded_destroy(&right);
}

/** The gradient of the weights of `n` shards at once against add_tree, bit for bit. */
static void check_shards(const ws_fftconv *conv, size_t n, const ws_fftconv_backward *given,
                         float *work)
{
    const size_t n_rows = (size_t)conv->shape.n;
    const ws_shards shards =
        ws_shards_make((ws_shard_rule){1, 1}, n_rows, n, (ws_shard_span){0, n});
    guarded at_once = guarded_create(conv->v_floats), apart = guarded_create(conv->v_floats);
    ws_fftconv_backward product = *given;

    product.dv = at_once.at;
    product.shards = &shards;
    ws_fftconv_product_backward(conv, &product, 0, conv->fft.n_freqs, work);
    add_tree(conv, given, shards.bounds, n, apart.at, work);
    for (int f = 0; f < conv->fft.n_freqs; f++) { /* what lies between frequencies is free */
        const size_t v = (size_t)f * conv->v_stride;
        assert_memory_equal(at_once.at + v, apart.at + v, (conv->v_stride - 16) * sizeof(float));
    }
    guarded_destroy(&at_once);
    guarded_destroy(&apart);
}

static void shards_are_added_as_a_tree(void **state)
{
    /* tiles of all sizes: 21 = 2 x 8 + 4 + 1 input channels, 3 blocks of output channels */
    const ws_fftconv_shape shape = {.n = 37,
                                    .in_h = 4,
                                    .in_w = 3,
                                    .n_in = 21,
                                    .out_h = 4,
                                    .out_w = 3,
                                    .n_out = 40,
                                    .kernel_h = 3,
                                    .kernel_w = 2,
                                    .pad_top = 1};
    (void)state;
    for (int level = 0; level <= (int)ws_cpu_level_get_best(); level++) {
        ws_fftconv conv;
        ws_error error;
        assert_int_equal(ws_fftconv_init(&conv, &shape, (ws_cpu_level)level, &error), WS_OK);
        guarded x = guarded_create(conv.x_floats), v = guarded_create(conv.v_floats);
        guarded dy = guarded_create(conv.y_floats), work = guarded_create(conv.work_floats);
        fill_random(x.at, conv.x_floats, 4);
        fill_random(v.at, conv.v_floats, 5);
        fill_random(dy.at, conv.y_floats, 6);
        const ws_fftconv_backward given = {.x = x.at, .v = v.at, .dy = dy.at, .n = shape.n};
        for (size_t n = 1; n <= WS_MAX_SHARDS; n *= 2)
            check_shards(&conv, n, &given, work.at);
        guarded_destroy(&x);
        guarded_destroy(&v);
        guarded_destroy(&dy);
        guarded_destroy(&work);
    }
}

static void planner_finds_known_grids(void **state)
{
    const ws_fftconv_shape first = {.n = 100,
                                    .in_h = 98,
                                    .in_w = 40,
                                    .n_in = 1,
                                    .out_h = 98,
                                    .out_w = 40,
                                    .n_out = 64,
                                    .kernel_h = 20,
                                    .kernel_w = 8,
                                    .pad_top = 9,
                                    .pad_left = 3};
    const ws_fftconv_shape second = {.n = 100,
                                     .in_h = 49,
                                     .in_w = 20,
                                     .n_in = 64,
                                     .out_h = 49,
                                     .out_w = 20,
                                     .n_out = 64,
                                     .kernel_h = 10,
                                     .kernel_w = 4,
                                     .pad_top = 4,
                                     .pad_left = 1};
    const ws_fftconv_shape huge = {.n = 1,
                                   .in_h = 2000,
                                   .in_w = 4,
                                   .n_in = 1,
                                   .out_h = 2000,
                                   .out_w = 4,
                                   .n_out = 1,
                                   .kernel_h = 1,
                                   .kernel_w = 1};
    ws_fftconv conv;
    ws_error error;
    (void)state;
    assert_int_equal(ws_fftconv_init(&conv, &first, ws_cpu_level_get_best(), &error), WS_OK);
    assert_int_equal(conv.fft.n_h, 112);
    assert_int_equal(conv.fft.n_w, 44);
    assert_int_equal(ws_fftconv_init(&conv, &second, ws_cpu_level_get_best(), &error), WS_OK);
    assert_int_equal(conv.fft.n_h, 56);
    assert_int_equal(conv.fft.n_w, 22);
    assert_int_equal(conv.fft.n_freqs, 618);
    assert_int_equal(ws_fftconv_init(&conv, &huge, ws_cpu_level_get_best(), &error), WS_ELIMIT);
    assert_non_null(strstr(error.message, "2000 x 4"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_equal_plain_sums),
        cmocka_unit_test(shards_are_added_as_a_tree),
        cmocka_unit_test(planner_finds_known_grids),
    };
    return cmocka_run_group_tests_name("fftconv", tests, NULL, NULL);
}
