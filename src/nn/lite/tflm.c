/* Arithmetic of TensorFlow Lite Micro's reference kernels, to the bit: factors are multipliers of
 * 31 bits with a shift, and each product is rounded twice. What they do is described in
 * TensorFlow's documentation of 8-bit quantisation; logistic is gemmlowp's fixed-point function. */
#include <math.h>

#include "nn/lite/kernel.h"

static ws_lite_factor factor_of(double real)
{
    ws_lite_factor f = {0, 0};

    if (!(real > 0.0))
        return f;
    const double mantissa = frexp(real, &f.shift);
    int64_t whole = (int64_t)round(mantissa * 2147483648.0);
    if (whole == INT64_C(2147483648)) {
        whole /= 2;
        f.shift++;
    }
    if (f.shift < -31)
        return (ws_lite_factor){0, 0};
    f.multiplier = (int32_t)whole;
    return f;
}

/** Twice the high half of the product, rounded; as gemmlowp has it. */
static int32_t double_high_product(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN)
        return INT32_MAX;
    const int64_t product = (int64_t)a * b;
    const int64_t nudge = product >= 0 ? INT64_C(1) << 30 : 1 - (INT64_C(1) << 30);
    return (int32_t)((product + nudge) / (INT64_C(1) << 31));
}

static int32_t scale_twice(int32_t x, ws_lite_factor f)
{
    const int left = f.shift > 0 ? f.shift : 0;
    const int right = f.shift > 0 ? 0 : -f.shift;
    const int64_t wide = (int64_t)x * (INT64_C(1) << (left > 31 ? 31 : left));
    const int32_t moved = wide > INT32_MAX   ? INT32_MAX
                          : wide < INT32_MIN ? INT32_MIN
                                             : (int32_t)wide;
    const int64_t high = double_high_product(moved, f.multiplier);
    if (right == 0)
        return (int32_t)high;
    /* divided by a power of two, halves away from zero */
    const int64_t half = INT64_C(1) << (right - 1);
    return (int32_t)(high >= 0 ? (high + half) >> right : -((-high + half) >> right));
}

static int32_t saturate(int64_t x)
{
    return x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : (int32_t)x;
}

/** A whole number, moved by the output's zero point and clamped by the activation. */
static void store(const ws_lite_args *args, size_t i, int64_t whole)
{
    const ws_lite_tensor *out = args->out[0];
    const int64_t zero = out->scale.zero_point;
    const int32_t activation = args->node->options.activation;
    int64_t least = -128, most = 127;

    if (activation != WS_LITE_NO_ACTIVATION && zero > least)
        least = zero;
    if (activation == WS_LITE_ACTIVATION_RELU6) {
        /* beyond 255 levels the type clamps */
        const int64_t six = zero + (int64_t)fmin(round(6.0 / ws_lite_tensor_scale(out, 0)), 255.0);
        most = six < most ? six : most;
    }
    whole += zero;
    ((int8_t *)args->y[0])[i] = (int8_t)(whole < least ? least : whole > most ? most : whole);
}

ws_lite_factor ws_lite_tflm_factor(const ws_lite_args *args, size_t channel)
{
    const double product = ws_lite_scale_of_sum(args, channel);
    const bool is_dense = args->node->kind == WS_LITE_FULLY_CONNECTED;

    /* this one operator multiplies scales as floats */
    return factor_of((is_dense ? (double)(float)product : product) /
                     ws_lite_tensor_scale(args->out[0], 0));
}

void ws_lite_tflm_sums(const ws_lite_args *args)
{
    const ws_lite_tensor *out = args->out[0];
    const size_t n = ws_lite_tensor_size(out), n_channels = out->dims[out->n_dims - 1];

    for (size_t c = 0; c < n_channels; c++) {
        const ws_lite_factor f = ws_lite_tflm_factor(args, c);
        for (size_t i = c; i < n; i += n_channels)
            store(args, i, scale_twice(saturate((int64_t)args->r[i]), f));
    }
}

/* Pairs */

void ws_lite_tflm_pair_factors(const ws_lite_args *args, ws_lite_factor factors[3])
{
    const double left = ws_lite_tensor_scale(args->in[0], 0);
    const double right = ws_lite_tensor_scale(args->in[1], 0);
    const double out = ws_lite_tensor_scale(args->out[0], 0);
    const double twice = 2.0 * fmax(left, right);

    if (args->node->kind == WS_LITE_MUL) {
        factors[0] = factors[1] = (ws_lite_factor){0, 0};
        factors[2] = factor_of(ws_lite_scale_of_sum(args, 0) / out);
        return;
    }
    factors[0] = factor_of(left / twice);
    factors[1] = factor_of(right / twice);
    factors[2] = factor_of(twice / ((double)(1 << WS_LITE_TFLM_ADD_SHIFT) * out));
}

void ws_lite_tflm_add(const ws_lite_args *args)
{
    const int32_t sign = args->node->kind == WS_LITE_SUB ? -1 : 1;
    ws_lite_factor f[3];

    ws_lite_tflm_pair_factors(args, f);
    for (size_t i = 0; i < ws_lite_tensor_size(args->out[0]); i++) {
        const int32_t unit = 1 << WS_LITE_TFLM_ADD_SHIFT;
        const int32_t a = (int32_t)ws_lite_number_at(args, 0, i) * unit;
        const int32_t b = (int32_t)ws_lite_number_at(args, 1, i) * unit;
        store(args, i, scale_twice(scale_twice(a, f[0]) + sign * scale_twice(b, f[1]), f[2]));
    }
}

void ws_lite_tflm_mul(const ws_lite_args *args)
{
    ws_lite_factor f[3];

    ws_lite_tflm_pair_factors(args, f);
    for (size_t i = 0; i < ws_lite_tensor_size(args->out[0]); i++) {
        const double product = ws_lite_number_at(args, 0, i) * ws_lite_number_at(args, 1, i);
        store(args, i, scale_twice((int32_t)product, f[2]));
    }
}

void ws_lite_tflm_same(const ws_lite_args *args)
{
    const ws_lite_factor f =
        factor_of(ws_lite_tensor_scale(args->in[0], 0) / ws_lite_tensor_scale(args->out[0], 0));

    for (size_t i = 0; i < ws_lite_tensor_size(args->out[0]); i++)
        store(args, i, scale_twice((int32_t)args->v[0][i], f));
}

/* The logistic function: numbers are 31 bits with a fixed point, whose place is in the names:
 * q0 counts 2^-31, q2 2^-29, q4 2^-27. */

/** x 2^n, rounded where n is below 0: halves away from zero. */
static int32_t scale_by_power(int32_t x, int n)
{
    if (n >= 0)
        return saturate((int64_t)x * (INT64_C(1) << n));
    const int64_t half = INT64_C(1) << (-n - 1);
    return (int32_t)(x >= 0 ? (x + half) >> -n : -((-(int64_t)x + half) >> -n));
}

/** exp of x in [-1/4, 0), q0: a polynomial around -1/8. */
static int32_t exp_of_quarter(int32_t a)
{
    const int32_t exp_of_eighth = 1895147668, third = 715827883;
    const int32_t x = a + (1 << 28);
    const int32_t x2 = double_high_product(x, x);
    const int32_t x3 = double_high_product(x2, x);
    const int32_t x4 = double_high_product(x2, x2);
    const int32_t rest =
        scale_by_power(double_high_product(scale_by_power(x4, -2) + x3, third) + x2, -1);
    return exp_of_eighth + double_high_product(exp_of_eighth, x + rest);
}

/** exp of a q4 number that is not above 0, q0. */
static int32_t exp_of_negative(int32_t a)
{
    /* exp(-2^k) for k = -2 .. 3 */
    static const int32_t powers[] = {1672461947, 1302514674, 790015084,
                                     290630308,  39332535,   720401};
    const int32_t quarter = 1 << 25;
    const int32_t part = (a & (quarter - 1)) - quarter;
    const int32_t rest = part - a;
    int32_t result = exp_of_quarter(scale_by_power(part, 4));

    for (int k = 0; k < 6; k++)
        if ((rest & (1 << (25 + k))) != 0)
            result = double_high_product(result, powers[k]);
    return a == 0 ? INT32_MAX : result;
}

/** 1 / (1 + x) of x in [0, 1], q0: three steps of Newton's. */
static int32_t one_over_one_plus(int32_t a)
{
    const int64_t sum = (int64_t)a + INT32_MAX;
    const int32_t half = (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
    int32_t x = 1515870810 + double_high_product(half, -1010580540); /* 48/17 - 32/17 half, q2 */

    for (int i = 0; i < 3; i++) {
        const int32_t error = (1 << 29) - double_high_product(half, x);
        x += scale_by_power(double_high_product(x, error), 2);
    }
    return scale_by_power(x, 1);
}

static int32_t logistic(int32_t a)
{
    if (a == 0)
        return 1 << 30;
    const int32_t positive = one_over_one_plus(exp_of_negative(a > 0 ? -a : a));
    return a > 0 ? positive : INT32_MAX - positive;
}

void ws_lite_tflm_logistic(const ws_lite_args *args)
{
    const int integer_bits = 4;
    const ws_lite_factor f =
        factor_of(ws_lite_tensor_scale(args->in[0], 0) * (double)(1 << (31 - integer_bits)));
    const double largest = (double)((1 << integer_bits) - 1) *
                           (double)(INT64_C(1) << (31 - integer_bits)) / ldexp(1.0, f.shift);
    const double radius = floor(largest);

    for (size_t i = 0; i < ws_lite_tensor_size(args->out[0]); i++) {
        const double x = args->v[0][i];
        int32_t whole = x <= -radius ? 0 : 255;
        if (x > -radius && x < radius) {
            whole = scale_by_power(logistic(scale_twice((int32_t)x, f)), -23);
            whole = whole > 255 ? 255 : whole;
        }
        ((int8_t *)args->y[0])[i] = (int8_t)(whole - 128);
    }
}
