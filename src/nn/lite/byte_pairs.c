/* ADD, SUB and MUL of tensors of 8 bits, many numbers at a time: to the bit what kernels_each.c
 * computes in double precision and ws_lite_store() rounds, or what tflm.c does. For the former
 * floats are enough, except where a result lies near a half: the chunk that has one is done in
 * double precision. */
#include <math.h>
#include <string.h>

#include "nn/lite/byte_joins.h"
#include "nn/lite/kernel.h"
#include "nn/lite/products.h"

WS_CPU_DEFINE_GETTER(ws_lite_byte_joins, ws_lite_byte_joins_get)

enum { CHUNK = 64, FAR = 1024, MAX_PERIOD = 256 };

/** An operator on pairs of int8. */
typedef struct pairs {
    ws_lite_kind kind;
    int32_t zeros[2];   /* of the inputs */
    double scales[2];   /* likewise */
    double least, most; /* by the activation */
    double unit;        /* the output's scale */
    int32_t zero;
    const ws_lite_byte_joins *kernels;
    ws_lite_byte_join join;
    bool is_twice; /* rounded as TensorFlow Lite Micro does */
    ws_lite_byte_join_twice twice;
} pairs;

static bool is_int8(const ws_lite_tensor *tensor)
{
    const double scale = ws_lite_tensor_scale(tensor, 0);

    return tensor->type == WS_LITE_INT8 && tensor->scale.n > 0 && isfinite(scale) && scale > 0.0 &&
           tensor->scale.zero_point >= INT8_MIN && tensor->scale.zero_point <= INT8_MAX;
}

static int32_t clamp(int32_t x, int32_t least, int32_t most)
{
    return x < least ? least : x > most ? most : x;
}

/** n results, up to CHUNK, in double precision. */
static void join_exactly(const pairs *p, const int8_t *a, const int8_t *b, int n, int8_t *y)
{
    double left[CHUNK], right[CHUNK];
    const double least = p->least, most = p->most, unit = p->unit;

    for (int i = 0; i < n; i++)
        left[i] = (double)(a[i] - p->zeros[0]) * p->scales[0];
    for (int i = 0; i < n; i++)
        right[i] = (double)(b[i] - p->zeros[1]) * p->scales[1];
    if (p->kind == WS_LITE_MUL)
        for (int i = 0; i < n; i++)
            left[i] *= right[i];
    else if (p->kind == WS_LITE_ADD)
        for (int i = 0; i < n; i++)
            left[i] += right[i];
    else
        for (int i = 0; i < n; i++)
            left[i] -= right[i];
    for (int i = 0; i < n; i++) {
        double real = left[i] > least ? left[i] : least;
        real = real < most ? real : most;
        /* numbers that far out are clamped by the type whatever they are */
        real = real / unit + 0.5;
        real = real > -FAR ? real : -FAR;
        left[i] = real < FAR ? real : FAR;
    }
    for (int i = 0; i < n; i++) {
        const int32_t down = (int32_t)(left[i] + FAR) - FAR; /* floor: the sum is not negative */
        y[i] = (int8_t)clamp(down + p->zero, INT8_MIN, INT8_MAX);
    }
}

/** n results: a multiple of WS_LITE_LANES up to CHUNK. */
static void join_chunk(const pairs *p, const int8_t *a, const int8_t *b, size_t n, int8_t *y)
{
    if (p->is_twice)
        p->kernels->join_twice(&p->twice, a, b, n, y);
    else if (!(p->join.margin < 0.1f) || !p->kernels->join(&p->join, a, b, n, y))
        join_exactly(p, a, b, (int)n, y);
}

/** How the inputs lie side by side with the output: all numbers of a run follow each other, but one
 *  input may begin again after each `period` of them. */
typedef struct layout {
    size_t run, period;
    int repeated; /* the input that begins again; -1: neither */
} layout;

/** Fewer results than lanes. */
static void join_few(const pairs *p, const layout *l, const int8_t *const from[2], int8_t *y)
{
    int8_t in[2][WS_LITE_LANES] = {{0}}, out[WS_LITE_LANES];

    for (size_t i = 0; i < l->run; i++)
        for (int k = 0; k < 2; k++)
            in[k][i] = from[k][k == l->repeated ? i % l->period : i];
    join_chunk(p, in[0], in[1], WS_LITE_LANES, out);
    memcpy(y, out, l->run);
}

/** 16 numbers, of which some may be their own copies. */
static void copy_lanes(int8_t *to, const int8_t *from)
{
    int8_t lanes[WS_LITE_LANES];

    memcpy(lanes, from, sizeof lanes);
    memcpy(to, lanes, sizeof lanes);
}

/** wide[i] = from[i % period], of period + CHUNK numbers and some more. Not inlined: compilers that
 *  know the bounds of a copy make a slow instruction of it. */
static __attribute__((noinline)) void repeat(const int8_t *from, size_t period, int8_t *wide)
{
    size_t base = period;

    memcpy(wide, from, period);
    for (; base < WS_LITE_LANES; base *= 2)
        copy_lanes(wide + base, wide);
    for (size_t i = base; i < period + CHUNK; i += WS_LITE_LANES)
        copy_lanes(wide + i, wide + i - base);
}

/** A run of results. */
static void join_run(const pairs *p, const layout *l, const int8_t *const from[2], int8_t *y)
{
    int8_t wide[MAX_PERIOD + CHUNK + 2 * WS_LITE_LANES];

    if (l->run < WS_LITE_LANES) {
        join_few(p, l, from, y);
        return;
    }
    if (l->repeated >= 0)
        repeat(from[l->repeated], l->period, wide);
    for (size_t at = 0; at < l->run;) {
        size_t n = (l->run - at < CHUNK ? l->run - at : CHUNK) / WS_LITE_LANES * WS_LITE_LANES;
        if (n == 0) { /* the last ones, some of them again */
            n = WS_LITE_LANES;
            at = l->run - n;
        }
        const int8_t *x[2];
        for (int k = 0; k < 2; k++)
            x[k] = k == l->repeated ? wide + at % l->period : from[k] + at;
        join_chunk(p, x[0], x[1], n, y + at);
        at += n;
    }
}

/** What floats need. */
static void init_join(pairs *p)
{
    const double unit = p->unit;
    ws_lite_byte_join *j = &p->join;
    const bool is_product = p->kind == WS_LITE_MUL;
    const double factors[] = {is_product ? p->scales[0] * p->scales[1] / unit : p->scales[0] / unit,
                              (p->kind == WS_LITE_SUB ? -p->scales[1] : p->scales[1]) / unit};
    /* Numbers outside of int8 are clamped whatever they are. To those within, of up to 256, floats
     * give errors of three roundings of a product, or of two of each part of a sum and one of it.
     */
    const double error =
        is_product ? 3.0 * 256.0 : 2.0 * 255.0 * (factors[0] + fabs(factors[1])) + 256.0;

    *j = (ws_lite_byte_join){
        .is_product = is_product,
        .zeros = {p->zeros[0], p->zeros[1]},
        .zero = p->zero,
        .factors = {(float)factors[0], (float)factors[1]},
        .least = (float)fmax(p->least / unit, (double)(INT8_MIN - p->zero)),
        .most = (float)fmin(p->most / unit, (double)(INT8_MAX - p->zero)),
        .margin = (float)(1.25 * (fmin(error, 1e6) + 1.0) / (1 << 24)),
    };
    if (!(error < 1e6) || !(factors[0] < 1e30))
        j->margin = 1.0f;
}

/** What the rounding of TensorFlow Lite Micro needs. @return false: a factor is above 1 */
static bool init_twice(pairs *p, const ws_lite_args *args)
{
    const ws_lite_clamp clamp = ws_lite_clamp_of(args);
    ws_lite_factor factors[3];

    p->is_twice = true;
    p->twice = (ws_lite_byte_join_twice){
        .is_product = p->kind == WS_LITE_MUL,
        .is_difference = p->kind == WS_LITE_SUB,
        .zeros = {p->zeros[0], p->zeros[1]},
        .zero = p->zero,
        .unit = 1 << WS_LITE_TFLM_ADD_SHIFT,
        .least = (float)(clamp.least - clamp.zero),
        .most = (float)(clamp.most - clamp.zero),
    };
    ws_lite_tflm_pair_factors(args, factors);
    for (int k = 0; k < 3; k++) {
        if (factors[k].shift > 0)
            return false;
        p->twice.multipliers[k] = factors[k].multiplier;
        p->twice.shifts[k] = -factors[k].shift;
    }
    return p->twice.least <= p->twice.most;
}

static bool is_whole(const ws_lite_args *args, size_t k, size_t d)
{
    return ws_lite_dim_from_last(args->in[k], d) == ws_lite_dim_from_last(args->out[0], d);
}

static layout find_layout(const ws_lite_args *args)
{
    const ws_lite_tensor *out = args->out[0];
    layout l = {1, 1, -1};
    size_t d = 0;

    for (; d < out->n_dims && is_whole(args, 0, d) && is_whole(args, 1, d); d++)
        l.run *= ws_lite_dim_from_last(out, d);
    if (d == out->n_dims || l.run > MAX_PERIOD)
        return l;
    l.period = l.run;
    l.repeated = is_whole(args, 0, d) ? 1 : 0;
    for (; d < out->n_dims && is_whole(args, 1 - (size_t)l.repeated, d) &&
           ws_lite_dim_from_last(args->in[l.repeated], d) == 1;
         d++)
        l.run *= ws_lite_dim_from_last(out, d);
    return l;
}

/** Run by run: counters of the dims outside of a run say where the inputs' numbers are. */
static void join_all(const pairs *p, const ws_lite_args *args)
{
    const ws_lite_tensor *out = args->out[0];
    const size_t n = ws_lite_tensor_size(out);
    const layout l = find_layout(args);
    size_t at[2] = {0, 0}, index[WS_LITE_MAX_DIMS] = {0};

    for (size_t first = 0; first < n; first += l.run) {
        const int8_t *const from[] = {(const int8_t *)args->x[0] + at[0],
                                      (const int8_t *)args->x[1] + at[1]};
        join_run(p, &l, from, (int8_t *)args->y[0] + first);
        size_t inside = 1, strides[2] = {1, 1};
        for (size_t d = 0; d < out->n_dims; d++) {
            const size_t n_here = ws_lite_dim_from_last(out, d);
            const bool is_outside = inside >= l.run;
            inside *= n_here;
            for (size_t k = 0; k < 2 && is_outside; k++)
                if (ws_lite_dim_from_last(args->in[k], d) != 1)
                    at[k] += strides[k];
            if (is_outside && ++index[d] < n_here)
                break;
            for (size_t k = 0; k < 2; k++) {
                const size_t own = ws_lite_dim_from_last(args->in[k], d);
                if (is_outside && own != 1)
                    at[k] -= n_here * strides[k];
                strides[k] *= own;
            }
            index[d] = 0;
        }
    }
}

bool ws_lite_compute_byte_pairs(const ws_lite_args *args, ws_cpu_level level)
{
    const ws_lite_kind kind = args->node->kind;
    const int32_t activation = args->node->options.activation;

    if ((kind != WS_LITE_ADD && kind != WS_LITE_SUB && kind != WS_LITE_MUL) ||
        !is_int8(args->in[0]) || !is_int8(args->in[1]) || !is_int8(args->out[0]))
        return false;
    pairs p = {
        .kind = kind,
        .zeros = {args->in[0]->scale.zero_point, args->in[1]->scale.zero_point},
        .scales = {ws_lite_tensor_scale(args->in[0], 0), ws_lite_tensor_scale(args->in[1], 0)},
        .least = activation == WS_LITE_NO_ACTIVATION ? -HUGE_VAL : 0.0,
        .most = activation == WS_LITE_ACTIVATION_RELU6 ? 6.0 : HUGE_VAL,
        .unit = ws_lite_tensor_scale(args->out[0], 0),
        .zero = args->out[0]->scale.zero_point,
        .kernels = ws_lite_byte_joins_get(level),
    };
    if (args->rounding == WS_LITE_ROUNDING_EXACT)
        init_join(&p);
    else if (!init_twice(&p, args))
        return false;
    join_all(&p, args);
    return true;
}
