#include "nn/quantized_weights.h"

#include <string.h>

/* Numbers that one thread takes at a time. */
enum { PIECE = 1 << 14 };

static size_t count_pieces(size_t n)
{
    return (n + PIECE - 1) / PIECE;
}

static size_t piece_size(size_t n, size_t piece)
{
    const size_t left = n - piece * PIECE;
    return left < PIECE ? left : PIECE;
}

void ws_quantized_weights_place(ws_quantized_weights *weights, ws_layout *layout)
{
    const ws_graph *graph = weights->graph;
    const size_t n = graph->n_quantizers > 0 ? graph->n_weights : 0;

    weights->values = ws_layout_push(layout, n, sizeof(float));
    weights->levels = ws_layout_push(layout, n > 0 ? graph->n_parameters : 0, sizeof(ws_levels));
    weights->piece_mins = ws_layout_push(layout, count_pieces(n), sizeof(float));
    weights->piece_maxs = ws_layout_push(layout, count_pieces(n), sizeof(float));
}

static void find_range(ws_quantized_weights *weights, const float *x, size_t n, float *min,
                       float *max)
{
    const size_t n_pieces = count_pieces(n);

#pragma omp parallel for schedule(static) num_threads(weights->n_threads) if (n_pieces > 1)
    for (size_t i = 0; i < n_pieces; i++)
        weights->kernels->find_range(x + i * PIECE, piece_size(n, i), &weights->piece_mins[i],
                                     &weights->piece_maxs[i]);
    *min = 0.0f;
    *max = 0.0f;
    for (size_t i = 0; i < n_pieces; i++) {
        *min = weights->piece_mins[i] < *min ? weights->piece_mins[i] : *min;
        *max = weights->piece_maxs[i] > *max ? weights->piece_maxs[i] : *max;
    }
}

/** Channels of a parameter that have levels of their own, or 0. */
static size_t count_channels(const ws_quantized_weights *weights, const ws_variable *parameter)
{
    if (parameter->quantizer == 0)
        return 0;
    const ws_quantizer *quantizer = &weights->graph->quantizers[parameter->quantizer - 1];
    return quantizer->kind == WS_RANGE_CHANNELS ? quantizer->n_channels : 0;
}

/** The parameter p, whose quantizer has one range for all of it. */
static void read_quantized(ws_quantized_weights *weights, size_t p, const float *x,
                           ws_quant_range *range, bool learns)
{
    const ws_variable *parameter = &weights->graph->parameters[p];
    const ws_quantizer *quantizer = &weights->graph->quantizers[parameter->quantizer - 1];
    const size_t n = parameter->size, n_pieces = count_pieces(n);
    float *to = weights->values + parameter->offset;

    if (learns) {
        float min, max;
        find_range(weights, x, n, &min, &max);
        ws_quant_range_push(range, quantizer, min, max);
    }
    ws_levels_init(&weights->levels[p], quantizer, range);
#pragma omp parallel for schedule(static) num_threads(weights->n_threads) if (n_pieces > 1)
    for (size_t i = 0; i < n_pieces; i++)
        weights->kernels->quantize(&weights->levels[p], x + i * PIECE, piece_size(n, i),
                                   to + i * PIECE);
}

void ws_quantized_weights_read(ws_quantized_weights *weights, const float *parameters,
                               ws_quant_range *ranges, bool learns)
{
    for (size_t p = 0; p < weights->graph->n_parameters; p++) {
        const ws_variable *parameter = &weights->graph->parameters[p];
        const float *x = parameters + parameter->offset;
        const size_t n_channels = count_channels(weights, parameter);
        if (n_channels > 0)
            ws_quantize_channels(x, parameter->size, n_channels,
                                 weights->values + parameter->offset);
        else if (parameter->quantizer > 0)
            read_quantized(weights, p, x, &ranges[parameter->quantizer - 1], learns);
        else
            memcpy(weights->values + parameter->offset, x, parameter->size * sizeof *x);
    }
}

void ws_quantized_weights_mask(const ws_quantized_weights *weights, const float *parameters,
                               float *gradients)
{
    for (size_t p = 0; p < weights->graph->n_parameters; p++) {
        const ws_variable *parameter = &weights->graph->parameters[p];
        const float *x = parameters + parameter->offset;
        float *gradient = gradients + parameter->offset;
        const size_t n_pieces = count_pieces(parameter->size);
        if (parameter->quantizer == 0 ||
            count_channels(weights, parameter) > 0) /* nothing is outside */
            continue;
#pragma omp parallel for schedule(static) num_threads(weights->n_threads) if (n_pieces > 1)
        for (size_t i = 0; i < n_pieces; i++)
            weights->kernels->mask(&weights->levels[p], x + i * PIECE,
                                   piece_size(parameter->size, i), gradient + i * PIECE,
                                   gradient + i * PIECE);
    }
}
