#include "nn/fake_quant.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

/* How much of its way to a batch's value a moving average goes. */
static const float share = 0.001f;

size_t ws_quant_range_n_variables(const ws_quantizer *quantizer)
{
    static const size_t counts[] = {[WS_RANGE_FIXED] = 0,
                                    [WS_RANGE_LAST] = 2,
                                    [WS_RANGE_AVERAGE] = WS_RANGE_N_NUMBERS,
                                    [WS_RANGE_CHANNELS] = 0};
    return counts[quantizer->kind];
}

void ws_quant_range_get_name(const ws_quantizer *quantizer, size_t i,
                             char name[WS_QUANT_RANGE_MAX_NAME])
{
    static const char *const suffixes[WS_RANGE_N_NUMBERS] = {
        [WS_RANGE_MIN] = "min",
        [WS_RANGE_MAX] = "max",
        [WS_RANGE_MIN_BIASED] = "min/biased",
        [WS_RANGE_MIN_STEPS] = "min/local_step",
        [WS_RANGE_MAX_BIASED] = "max/biased",
        [WS_RANGE_MAX_STEPS] = "max/local_step",
    };
    const char *scope = quantizer->name;

    assert(i < ws_quant_range_n_variables(quantizer));
    if (i <= WS_RANGE_MAX)
        (void)snprintf(name, WS_QUANT_RANGE_MAX_NAME, "%s/%s", scope, suffixes[i]);
    else /* the average's own variables stand in a scope of their variable's full name */
        (void)snprintf(name, WS_QUANT_RANGE_MAX_NAME, "%s/%s/%s", scope, scope, suffixes[i]);
}

void ws_quant_range_init(ws_quant_range *range, const ws_quantizer *quantizer)
{
    *range = (ws_quant_range){
        .numbers = {[WS_RANGE_MIN] = quantizer->min, [WS_RANGE_MAX] = quantizer->max}};
}

/**
 * Moves an average by one value, in single precision and in the order of TensorFlow's
 * assign_moving_average. So the first value comes out smaller by a twenty-thousandth (1 - 0.999
 * does not), and lies itself outside of its range.
 *
 * @param biased, steps  what it is kept as
 * @param average        its value, changed
 */
static void push_average(float *biased, float *steps, float *average, float value)
{
    *biased -= (*biased - value) * share;
    *steps += 1.0f;
    *average -= *average - *biased / (1.0f - powf(1.0f - share, *steps));
}

void ws_quant_range_push(ws_quant_range *range, const ws_quantizer *quantizer, float min, float max)
{
    float *numbers = range->numbers;

    min = min < 0.0f ? min : 0.0f;
    max = max > 0.0f ? max : 0.0f;
    if (quantizer->kind == WS_RANGE_AVERAGE) {
        push_average(&numbers[WS_RANGE_MIN_BIASED], &numbers[WS_RANGE_MIN_STEPS],
                     &numbers[WS_RANGE_MIN], min);
        push_average(&numbers[WS_RANGE_MAX_BIASED], &numbers[WS_RANGE_MAX_STEPS],
                     &numbers[WS_RANGE_MAX], max);
    } else if (quantizer->kind == WS_RANGE_LAST) {
        numbers[WS_RANGE_MIN] = min;
        numbers[WS_RANGE_MAX] = max;
    }
}

/** In single precision throughout: a frozen graph's operators must find the same levels. */
static void nudge(ws_levels *levels, float min, float max, bool is_narrow)
{
    const float first = is_narrow ? 1.0f : 0.0f, last = 255.0f;

    *levels = (ws_levels){.scale = 0.0f};
    if (!(min < 0.0f) && !(max > 0.0f))
        return;
    const float scale = (max - min) / (last - first);
    const float exact = first - min / scale;
    const float zero = exact < first ? first : exact > last ? last : floorf(exact + 0.5f);
    levels->scale = scale;
    levels->min = (first - zero) * scale;
    levels->max = (last - zero) * scale;
    levels->zero = zero - first;
}

void ws_levels_init(ws_levels *levels, const ws_quantizer *quantizer, const ws_quant_range *range)
{
    if (quantizer->kind == WS_RANGE_FIXED)
        ws_levels_init_fixed(levels, quantizer);
    else
        nudge(levels, range->numbers[WS_RANGE_MIN], range->numbers[WS_RANGE_MAX],
              quantizer->is_narrow);
}

void ws_levels_init_fixed(ws_levels *levels, const ws_quantizer *quantizer)
{
    nudge(levels, quantizer->min, quantizer->max, quantizer->is_narrow);
}

void ws_quantize_channels(const float *x, size_t n, size_t n_channels, float *y)
{
    for (size_t c = 0; c < n_channels; c++) {
        float most = 0.0f;
        for (size_t i = c; i < n; i += n_channels)
            most = fabsf(x[i]) > most ? fabsf(x[i]) : most;
        const float scale = most / 127.0f;
        for (size_t i = c; i < n; i += n_channels)
            y[i] = scale > 0.0f ? floorf(x[i] / scale + 0.5f) * scale : x[i] * 0.0f;
    }
}
