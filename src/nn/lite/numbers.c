#include <math.h>
#include <string.h>

#include "nn/lite/kernel.h"

#define LOAD(type)                                  \
    do {                                            \
        const type *from = data;                    \
        for (size_t i = 0; i < n; i++)              \
            to[i] = (double)from[i] - (double)zero; \
    } while (0)

void ws_lite_load(const ws_lite_tensor *tensor, const void *data, double *to)
{
    const size_t n = ws_lite_tensor_size(tensor);
    const int32_t zero = tensor->scale.n > 0 ? tensor->scale.zero_point : 0;

    switch (tensor->type) {
    case WS_LITE_FLOAT32:
        LOAD(float);
        break;
    case WS_LITE_INT32:
        LOAD(int32_t);
        break;
    case WS_LITE_INT64:
        LOAD(int64_t);
        break;
    case WS_LITE_INT16:
        LOAD(int16_t);
        break;
    case WS_LITE_INT8:
        LOAD(int8_t);
        break;
    case WS_LITE_UINT8:
    case WS_LITE_BOOL:
        LOAD(uint8_t);
        break;
    case WS_LITE_RESOURCE:
        break;
    }
}

typedef struct limits {
    double least, most;
} limits;

static limits limits_of(ws_lite_type type)
{
    switch (type) {
    case WS_LITE_INT8:
        return (limits){-128.0, 127.0};
    case WS_LITE_UINT8:
        return (limits){0.0, 255.0};
    case WS_LITE_INT16:
        return (limits){-32768.0, 32767.0};
    case WS_LITE_BOOL:
        return (limits){0.0, 1.0};
    default:
        return (limits){(double)INT32_MIN, (double)INT32_MAX};
    }
}

/** A whole number within the type; not a number becomes the least. */
static void store_whole(ws_lite_type type, void *data, size_t i, double whole)
{
    const limits range = limits_of(type);
    const double inside = whole > range.least ? fmin(whole, range.most) : range.least;

    switch (type) {
    case WS_LITE_INT8:
        ((int8_t *)data)[i] = (int8_t)inside;
        break;
    case WS_LITE_UINT8:
    case WS_LITE_BOOL:
        ((uint8_t *)data)[i] = (uint8_t)inside;
        break;
    case WS_LITE_INT16:
        ((int16_t *)data)[i] = (int16_t)inside;
        break;
    case WS_LITE_INT64:
        ((int64_t *)data)[i] = (int64_t)inside;
        break;
    default:
        ((int32_t *)data)[i] = (int32_t)inside;
    }
}

void ws_lite_store(const ws_lite_tensor *tensor, const double *reals, void *data)
{
    const size_t n = ws_lite_tensor_size(tensor);
    const double scale = ws_lite_tensor_scale(tensor, 0);
    const double zero = tensor->scale.n > 0 ? (double)tensor->scale.zero_point : 0.0;

    if (tensor->type == WS_LITE_FLOAT32) {
        float *to = data;
        for (size_t i = 0; i < n; i++)
            to[i] = (float)reals[i];
        return;
    }
    for (size_t i = 0; i < n; i++)
        store_whole(tensor->type, data, i, floor(reals[i] / scale + 0.5) + zero);
}

/** One number less its zero point, as it is stored. */
static double load_one(const ws_lite_tensor *tensor, const void *data, size_t i)
{
    const double zero = tensor->scale.n > 0 ? (double)tensor->scale.zero_point : 0.0;

    switch (tensor->type) {
    case WS_LITE_FLOAT32:
        return (double)((const float *)data)[i];
    case WS_LITE_INT32:
        return (double)((const int32_t *)data)[i] - zero;
    case WS_LITE_INT64:
        return (double)((const int64_t *)data)[i] - zero;
    case WS_LITE_INT16:
        return (double)((const int16_t *)data)[i] - zero;
    case WS_LITE_INT8:
        return (double)((const int8_t *)data)[i] - zero;
    default:
        return (double)((const uint8_t *)data)[i] - zero;
    }
}

void ws_lite_load_floats(const ws_lite_tensor *tensor, const void *data, float *reals)
{
    const size_t n = tensor->type != WS_LITE_RESOURCE ? ws_lite_tensor_size(tensor) : 0;
    const double scale = ws_lite_tensor_scale(tensor, 0);

    for (size_t i = 0; i < n; i++)
        reals[i] = (float)(load_one(tensor, data, i) * scale);
}

void ws_lite_store_floats(const ws_lite_tensor *tensor, const float *reals, void *data)
{
    const size_t n = ws_lite_tensor_size(tensor);
    const double scale = ws_lite_tensor_scale(tensor, 0);
    const double zero = tensor->scale.n > 0 ? (double)tensor->scale.zero_point : 0.0;

    if (tensor->type == WS_LITE_FLOAT32)
        memcpy(data, reals, n * sizeof *reals);
    else
        for (size_t i = 0; i < n; i++)
            store_whole(tensor->type, data, i, nearbyint((double)reals[i] / scale) + zero);
}

double ws_lite_activate(double real, int32_t activation)
{
    if (activation == WS_LITE_NO_ACTIVATION)
        return real;
    const double positive = real > 0.0 ? real : 0.0 * real; /* NaN stays */
    return activation == WS_LITE_ACTIVATION_RELU6 && positive > 6.0 ? 6.0 : positive;
}

double ws_lite_scale_of_sum(const ws_lite_args *args, size_t channel)
{
    return ws_lite_tensor_scale(args->in[0], 0) * ws_lite_tensor_scale(args->in[1], channel);
}

ws_lite_clamp ws_lite_clamp_of(const ws_lite_args *args)
{
    const ws_lite_tensor *out = args->out[0];
    const int32_t activation = args->node->options.activation;
    const double zero = out->scale.n > 0 ? (double)out->scale.zero_point : 0.0;
    const limits range = limits_of(out->type);

    return (ws_lite_clamp){
        .zero = zero,
        .least = activation != WS_LITE_NO_ACTIVATION ? fmax(zero, range.least) : range.least,
        .most = activation == WS_LITE_ACTIVATION_RELU6
                    ? fmin(floor(6.0 / ws_lite_tensor_scale(out, 0) + 0.5) + zero, range.most)
                    : range.most,
    };
}

float ws_lite_step_of_sum(const ws_lite_args *args, size_t channel)
{
    return (float)ws_lite_scale_of_sum(args, channel) /
           (float)ws_lite_tensor_scale(args->out[0], 0);
}

void ws_lite_store_sums(const ws_lite_args *args)
{
    const ws_lite_tensor *out = args->out[0];
    const size_t n = ws_lite_tensor_size(out), n_channels = out->dims[out->n_dims - 1];
    const bool is_float = out->type == WS_LITE_FLOAT32;
    const ws_lite_clamp clamp = ws_lite_clamp_of(args);

    for (size_t c = 0; c < n_channels; c++) {
        const double factor = ws_lite_scale_of_sum(args, c);
        const float step = is_float ? 1.0f : ws_lite_step_of_sum(args, c);
        for (size_t i = c; i < n; i += n_channels) {
            if (is_float) {
                ((float *)args->y[0])[i] =
                    (float)ws_lite_activate(args->r[i] * factor, args->node->options.activation);
                continue;
            }
            const double whole = (double)rintf((float)args->r[i] * step) + clamp.zero;
            const double inside =
                whole > clamp.least ? (whole < clamp.most ? whole : clamp.most) : clamp.least;
            if (out->type == WS_LITE_INT8)
                ((int8_t *)args->y[0])[i] = (int8_t)inside;
            else
                store_whole(out->type, args->y[0], i, inside);
        }
    }
}
