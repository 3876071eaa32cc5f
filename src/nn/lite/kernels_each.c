/* Operators on single numbers, on pairs of them, and softmax, in double precision. */
#include <math.h>

#include "nn/lite/kernel.h"

const char *ws_lite_check_each(const ws_lite_args *args)
{
    return ws_lite_tensor_size(args->in[0]) == ws_lite_tensor_size(args->out[0])
               ? NULL
               : "its input and its output have different sizes";
}

size_t ws_lite_dim_from_last(const ws_lite_tensor *tensor, size_t i)
{
    return i < tensor->n_dims ? tensor->dims[tensor->n_dims - 1 - i] : 1;
}

const char *ws_lite_check_pair(const ws_lite_args *args)
{
    for (size_t i = 0; i < WS_LITE_MAX_DIMS; i++) {
        const size_t out = ws_lite_dim_from_last(args->out[0], i);
        size_t most = 1;
        for (size_t k = 0; k < 2; k++) {
            const size_t in = ws_lite_dim_from_last(args->in[k], i);
            if (in != 1 && in != out)
                return "the dims of its inputs and its output do not agree";
            most = in > most ? in : most;
        }
        if (most != out)
            return "the dims of its inputs and its output do not agree";
    }
    return NULL;
}

/** Where in input k the number is that goes with number i of the output. */
static size_t find_place(const ws_lite_args *args, size_t k, size_t i)
{
    size_t at = 0, step = 1;

    for (size_t d = 0; d < args->out[0]->n_dims; d++) {
        const size_t in = ws_lite_dim_from_last(args->in[k], d),
                     out = ws_lite_dim_from_last(args->out[0], d);
        if (in != 1)
            at += i % out * step;
        step *= in;
        i /= out;
    }
    return at;
}

double ws_lite_number_at(const ws_lite_args *args, size_t k, size_t i)
{
    return args->v[k][find_place(args, k, i)];
}

typedef double joining(double left, double right);

static double add(double left, double right)
{
    return left + right;
}

static double subtract(double left, double right)
{
    return left - right;
}

static double multiply(double left, double right)
{
    return left * right;
}

static void compute_pair(const ws_lite_args *args, joining *join)
{
    const size_t n = ws_lite_tensor_size(args->out[0]);
    const double left = ws_lite_tensor_scale(args->in[0], 0);
    const double right = ws_lite_tensor_scale(args->in[1], 0);
    /* a run of the last dim: each input has numbers side by side there, or one for all */
    const size_t run = ws_lite_dim_from_last(args->out[0], 0);
    const size_t a_step = ws_lite_dim_from_last(args->in[0], 0) != 1 ? 1 : 0;
    const size_t b_step = ws_lite_dim_from_last(args->in[1], 0) != 1 ? 1 : 0;

    for (size_t first = 0; first < n; first += run) {
        const double *a = args->v[0] + find_place(args, 0, first);
        const double *b = args->v[1] + find_place(args, 1, first);
        for (size_t i = 0; i < run; i++)
            args->r[first + i] = ws_lite_activate(join(a[i * a_step] * left, b[i * b_step] * right),
                                                  args->node->options.activation);
    }
}

void ws_lite_compute_add(const ws_lite_args *args)
{
    compute_pair(args, add);
}

void ws_lite_compute_sub(const ws_lite_args *args)
{
    compute_pair(args, subtract);
}

void ws_lite_compute_mul(const ws_lite_args *args)
{
    compute_pair(args, multiply);
}

static double sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

static double relu(double x)
{
    return ws_lite_activate(x, WS_LITE_ACTIVATION_RELU);
}

static double relu6(double x)
{
    return ws_lite_activate(x, WS_LITE_ACTIVATION_RELU6);
}

static double same(double x)
{
    return x;
}

static void compute_each(const ws_lite_args *args, double (*f)(double x))
{
    const size_t n = ws_lite_tensor_size(args->in[0]);
    const double scale = ws_lite_tensor_scale(args->in[0], 0);

    for (size_t i = 0; i < n; i++)
        args->r[i] = f(args->v[0][i] * scale);
}

void ws_lite_compute_logistic(const ws_lite_args *args)
{
    compute_each(args, sigmoid);
}

void ws_lite_compute_relu(const ws_lite_args *args)
{
    compute_each(args, relu);
}

void ws_lite_compute_relu6(const ws_lite_args *args)
{
    compute_each(args, relu6);
}

void ws_lite_compute_same(const ws_lite_args *args)
{
    compute_each(args, same);
}

void ws_lite_compute_softmax(const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0];
    const size_t n = in->n_dims > 0 ? in->dims[in->n_dims - 1] : 1;
    const double scale = ws_lite_tensor_scale(in, 0) * (double)args->node->options.beta;

    for (size_t first = 0; first < ws_lite_tensor_size(in); first += n) {
        const double *x = args->v[0] + first;
        double most = x[0], sum = 0.0;
        for (size_t i = 1; i < n; i++)
            most = x[i] > most ? x[i] : most;
        for (size_t i = 0; i < n; i++)
            sum += args->r[first + i] = exp((x[i] - most) * scale);
        for (size_t i = 0; i < n; i++)
            args->r[first + i] /= sum;
    }
}
