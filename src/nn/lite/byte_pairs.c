/* ADD, SUB and MUL of tensors of 8 bits, many numbers at a time: to the bit what kernels_each.c
 * computes in double precision and ws_lite_store() rounds. Floats are enough, except where a result
 * lies near a half: the chunk that has one is done in double precision. */
#include <math.h>
#include <string.h>

#include "nn/lite/byte_layer.h"
#include "nn/lite/byte_products.h"

enum { CHUNK = 64, FAR = 1024 };

/** An operator on pairs of int8. */
typedef struct pairs {
    ws_lite_kind kind;
    int32_t zeros[2];   /* of the inputs */
    double scales[2];   /* likewise */
    double least, most; /* by the activation */
    double unit;        /* the output's scale */
    int32_t zero;
    const ws_lite_byte_products *products;
    ws_lite_byte_join join;
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

/** CHUNK results in double precision. */
static void join_exactly(const pairs *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    double left[CHUNK], right[CHUNK];
    const double least = p->least, most = p->most, unit = p->unit;

    for (int i = 0; i < CHUNK; i++)
        left[i] = (double)(a[i] - p->zeros[0]) * p->scales[0];
    for (int i = 0; i < CHUNK; i++)
        right[i] = (double)(b[i] - p->zeros[1]) * p->scales[1];
    if (p->kind == WS_LITE_MUL)
        for (int i = 0; i < CHUNK; i++)
            left[i] *= right[i];
    else if (p->kind == WS_LITE_ADD)
        for (int i = 0; i < CHUNK; i++)
            left[i] += right[i];
    else
        for (int i = 0; i < CHUNK; i++)
            left[i] -= right[i];
    for (int i = 0; i < CHUNK; i++) {
        double real = left[i] > least ? left[i] : least;
        real = real < most ? real : most;
        /* numbers that far out are clamped by the type whatever they are */
        real = real / unit + 0.5;
        real = real > -FAR ? real : -FAR;
        left[i] = real < FAR ? real : FAR;
    }
    for (int i = 0; i < CHUNK; i++) {
        const int32_t down = (int32_t)(left[i] + FAR) - FAR; /* floor: the sum is not negative */
        y[i] = (int8_t)clamp(down + p->zero, INT8_MIN, INT8_MAX);
    }
}

static void join_chunk(const pairs *p, const int8_t *a, const int8_t *b, size_t n, int8_t *y)
{
    if (!(p->join.margin < 0.1f) || !p->products->join(&p->join, a, b, n, y))
        join_exactly(p, a, b, y);
}

/** n results side by side. @param a_step, b_step  1; 0: one number for all */
static void join_run(const pairs *p, const int8_t *a, size_t a_step, const int8_t *b, size_t b_step,
                     size_t n, int8_t *y)
{
    int8_t left[CHUNK] = {0}, right[CHUNK] = {0}, last[CHUNK];

    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t n_here = n - at < CHUNK ? n - at : CHUNK;
        if (n_here == CHUNK && a_step == 1 && b_step == 1) {
            join_chunk(p, a + at, b + at, CHUNK, y + at);
            continue;
        }
        for (size_t i = 0; i < n_here; i++) {
            left[i] = a[(at + i) * a_step];
            right[i] = b[(at + i) * b_step];
        }
        join_chunk(p, left, right, (n_here + WS_LITE_LANES - 1) / WS_LITE_LANES * WS_LITE_LANES,
                   last);
        memcpy(y + at, last, n_here);
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
    /* the largest that a result may be, times what four roundings of floats may add */
    const double largest =
        is_product ? factors[0] * 255.0 * 255.0 : 255.0 * (factors[0] + fabs(factors[1]));

    *j = (ws_lite_byte_join){
        .is_product = is_product,
        .zeros = {p->zeros[0], p->zeros[1]},
        .zero = p->zero,
        .factors = {(float)factors[0], (float)factors[1]},
        .least = (float)fmax(p->least / unit, -FAR),
        .most = (float)fmin(p->most / unit, FAR),
        .margin = (float)(4.0 * (fmin(largest, 1e6) + FAR) / (1 << 23)),
    };
    if (!(largest < 1e6))
        j->margin = 1.0f;
    p->products = ws_lite_byte_products_get(ws_lite_byte_layer_level());
}

/** Numbers of the output over which neither input is broadcast, or else those of the last dim. */
static size_t count_run(const ws_lite_args *args)
{
    const ws_lite_tensor *out = args->out[0];
    size_t n = 1;

    for (size_t d = 0; d < out->n_dims; d++) {
        bool is_whole = true;
        for (size_t k = 0; k < 2; k++)
            is_whole =
                is_whole && ws_lite_dim_from_last(args->in[k], d) == ws_lite_dim_from_last(out, d);
        if (!is_whole)
            return d == 0 ? ws_lite_dim_from_last(out, 0) : n;
        n *= ws_lite_dim_from_last(out, d);
    }
    return n;
}

/** Run by run: counters of the dims outside of a run say where the inputs' numbers are. */
static void join_all(const pairs *p, const ws_lite_args *args)
{
    const ws_lite_tensor *out = args->out[0];
    const size_t n = ws_lite_tensor_size(out), run = count_run(args);
    size_t at[2] = {0, 0}, index[WS_LITE_MAX_DIMS] = {0}, steps[2];

    for (size_t k = 0; k < 2; k++)
        steps[k] = ws_lite_dim_from_last(args->in[k], 0) == ws_lite_dim_from_last(out, 0) ? 1 : 0;
    for (size_t first = 0; first < n; first += run) {
        join_run(p, (const int8_t *)args->x[0] + at[0], steps[0],
                 (const int8_t *)args->x[1] + at[1], steps[1], run, (int8_t *)args->y[0] + first);
        size_t inside = 1, strides[2] = {1, 1};
        for (size_t d = 0; d < out->n_dims; d++) {
            const size_t n_here = ws_lite_dim_from_last(out, d);
            const bool is_outside = inside >= run;
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

bool ws_lite_compute_byte_pairs(const ws_lite_args *args)
{
    const ws_lite_kind kind = args->node->kind;
    const int32_t activation = args->node->options.activation;

    if ((kind != WS_LITE_ADD && kind != WS_LITE_SUB && kind != WS_LITE_MUL) ||
        args->rounding != WS_LITE_ROUNDING_EXACT || !is_int8(args->in[0]) ||
        !is_int8(args->in[1]) || !is_int8(args->out[0]))
        return false;
    pairs p = {
        .kind = kind,
        .zeros = {args->in[0]->scale.zero_point, args->in[1]->scale.zero_point},
        .scales = {ws_lite_tensor_scale(args->in[0], 0), ws_lite_tensor_scale(args->in[1], 0)},
        .least = activation == WS_LITE_NO_ACTIVATION ? -HUGE_VAL : 0.0,
        .most = activation == WS_LITE_ACTIVATION_RELU6 ? 6.0 : HUGE_VAL,
        .unit = ws_lite_tensor_scale(args->out[0], 0),
        .zero = args->out[0]->scale.zero_point,
    };
    init_join(&p);
    join_all(&p, args);
    return true;
}
