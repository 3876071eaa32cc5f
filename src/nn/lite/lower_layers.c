/* Operators with weights, in TFLite's layouts. */
#include <stdlib.h>

#include "nn/lite/lowering.h"

static const ws_variable *parameter_of(const ws_lite_lowering *low, const ws_node *node,
                                       size_t slot)
{
    return ws_graph_parameter(&low->model.model.graph, node, slot);
}

static float *make_room(ws_lite_lowering *low, size_t n)
{
    float *room = calloc(n, sizeof *room);

    if (room == NULL)
        low->lite->status = WS_ENOMEM;
    return room;
}

/** A constant of the transpose of from [n_rows, n_columns]. */
static int push_transposed(ws_lite_lowering *low, const char *name, const size_t *dims,
                           size_t n_dims, const float *from, size_t n_rows, size_t n_columns)
{
    float *to = make_room(low, n_rows * n_columns);
    int tensor = 0;

    for (size_t r = 0; to != NULL && r < n_rows; r++)
        for (size_t c = 0; c < n_columns; c++)
            to[c * n_rows + r] = from[r * n_columns + c];
    if (to != NULL)
        tensor = ws_lite_lowering_push_floats(low, name, dims, n_dims, to);
    free(to);
    return tensor;
}

int ws_lite_lower_conv2d(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    const ws_variable *weights = parameter_of(low, node, 0);
    const ws_shape in = ws_graph_shape_in(&low->model.model.graph, node, 0);
    const size_t h = weights->dims[0], w = weights->dims[1], n_out = weights->dims[3];
    const bool is_depthwise = in.c == 1 && low->options->is_one_channel_depthwise;
    int image = ws_lite_lowering_input(low, node, 0, in);
    ws_lite_options options = ws_lite_lowering_window(low, layer, node, in, &image);
    const float *numbers = ws_lite_lowering_weights(low, weights);
    int filters;

    if (is_depthwise) {
        options.depth_multiplier = (int32_t)n_out;
        filters = ws_lite_lowering_push_floats(low, weights->name, (size_t[]){1, h, w, n_out}, 4,
                                               numbers);
    } else {
        filters = push_transposed(low, weights->name, (size_t[]){n_out, h, w, in.c}, 4, numbers,
                                  h * w * in.c, n_out);
    }
    const int bias = ws_lite_lowering_bias(low, layer, n_out);
    const int output = ws_lite_lowering_push_image(low, node, "", node->shape);
    return ws_lite_lowering_push(low, is_depthwise ? WS_LITE_DEPTHWISE_CONV_2D : WS_LITE_CONV_2D,
                                 (int[]){image, filters, bias}, 3, output, &options);
}

int ws_lite_lower_depthwise(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    const ws_variable *weights = parameter_of(low, node, 0);
    const ws_shape in = ws_graph_shape_in(&low->model.model.graph, node, 0);
    int image = ws_lite_lowering_input(low, node, 0, in);
    ws_lite_options options = ws_lite_lowering_window(low, layer, node, in, &image);
    const int filters = ws_lite_lowering_push_floats(
        low, weights->name, (size_t[]){1, weights->dims[0], weights->dims[1], in.c}, 4,
        ws_lite_lowering_weights(low, weights));
    const int bias = ws_lite_lowering_bias(low, layer, in.c);
    const int output = ws_lite_lowering_push_image(low, node, "", node->shape);

    options.depth_multiplier = 1;
    return ws_lite_lowering_push(low, WS_LITE_DEPTHWISE_CONV_2D, (int[]){image, filters, bias}, 3,
                                 output, &options);
}

int ws_lite_lower_dense(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    const ws_variable *weights = parameter_of(low, node, 0);
    const size_t n_in = weights->dims[0], n_out = weights->dims[1];
    const float *numbers = ws_lite_lowering_weights(low, weights);
    const int filters =
        push_transposed(low, weights->name, (size_t[]){n_out, n_in}, 2, numbers, n_in, n_out);
    const int bias = ws_lite_lowering_bias(low, layer, n_out);
    const int output = ws_lite_lowering_push_value(low, node, "", (size_t[]){1, n_out}, 2);
    const ws_lite_options options = {.activation = (int32_t)ws_lite_lowering_activation(layer)};

    return ws_lite_lowering_push(low, WS_LITE_FULLY_CONNECTED,
                                 (int[]){low->values[node->inputs[0]], filters, bias}, 3, output,
                                 &options);
}

/** A convolution of 1x1, or depthwise over the given rows. */
static ws_lite_options options_of_rows(size_t n_rows, ws_lite_activation activation)
{
    return (ws_lite_options){
        .padding = WS_LITE_VALID,
        .activation = (int32_t)activation,
        .stride_h = 1,
        .stride_w = 1,
        .dilation_h = 1,
        .dilation_w = 1,
        .filter_h = (int32_t)n_rows,
        .filter_w = 1,
        .depth_multiplier = 1,
    };
}

/**
 * Filters r of all units stand together, r after r: so what the convolution over frequencies gives,
 * [times, rank * units], is an image of times * rank rows and a channel a unit, and one depthwise
 * window over all rows sums times and filters.
 */
int ws_lite_lower_svdf(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    const ws_variable *frequency = parameter_of(low, node, WS_SVDF_FREQUENCY);
    const ws_variable *time = parameter_of(low, node, WS_SVDF_TIME);
    const ws_shape in = ws_graph_shape_in(&low->model.model.graph, node, 0);
    const size_t n_bins = in.w * in.c, rank = node->rank, n_units = node->shape.c;
    const size_t n_filters = rank * n_units;
    const size_t n_largest = n_filters * (n_bins > in.h ? n_bins : in.h);
    float *moved = make_room(low, n_largest);

    if (moved == NULL)
        return 0;
    const float *from = ws_lite_lowering_weights(low, frequency);
    for (size_t k = 0; k < n_bins; k++)
        for (size_t f = 0; f < n_filters; f++)
            moved[(f % rank * n_units + f / rank) * n_bins + k] = from[k * n_filters + f];
    const int first = ws_lite_lowering_push_floats(low, frequency->name,
                                                   (size_t[]){n_filters, 1, 1, n_bins}, 4, moved);
    from = ws_lite_lowering_weights(low, time);
    for (size_t f = 0; f < n_filters; f++)
        for (size_t t = 0; t < in.h; t++)
            moved[(t * rank + f % rank) * n_units + f / rank] = from[f * in.h + t];
    const int second = ws_lite_lowering_push_floats(
        low, time->name, (size_t[]){1, in.h * rank, 1, n_units}, 4, moved);
    free(moved);

    const int image = ws_lite_lowering_input(low, node, 0, (ws_shape){in.h, 1, n_bins});
    const ws_layer no_bias = {.bias = 0};
    const int zeros = ws_lite_lowering_bias(low, &no_bias, n_filters);
    const int weighed =
        ws_lite_lowering_push_image(low, node, "_frequency", (ws_shape){in.h, 1, n_filters});
    const ws_lite_options pointwise = options_of_rows(1, WS_LITE_NO_ACTIVATION);
    (void)ws_lite_lowering_push(low, WS_LITE_CONV_2D, (int[]){image, first, zeros}, 3, weighed,
                                &pointwise);
    const int rows = ws_lite_lowering_reshape(low, node, weighed, "_rows",
                                              (size_t[]){1, in.h * rank, 1, n_units}, 4);
    const int bias = ws_lite_lowering_bias(low, layer, n_units);
    const int output = ws_lite_lowering_push_image(low, node, "", (ws_shape){1, 1, n_units});
    const ws_lite_options sums = options_of_rows(in.h * rank, ws_lite_lowering_activation(layer));
    return ws_lite_lowering_push(low, WS_LITE_DEPTHWISE_CONV_2D, (int[]){rows, second, bias}, 3,
                                 output, &sums);
}

/** A scale and a shift for each channel of each band: with bands beside the channels, that is a
 *  depthwise convolution of 1x1, which rounds once in 8 bits. */
int ws_lite_lower_batch_norm(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    const ws_folded *model = &low->model.model;
    const ws_shape in = ws_graph_shape_in(&model->graph, node, 0);
    const size_t n_bands = node->norm.n_bands;
    const ws_shape wide = n_bands == 1 ? in : (ws_shape){in.h, 1, in.w * in.c};
    float *scales = make_room(low, wide.c), *shifts = make_room(low, wide.c);
    int output = 0;

    for (size_t i = 0; scales != NULL && shifts != NULL && i < wide.c; i++) {
        const size_t band = n_bands == 1 ? 0 : i / in.c / (in.w / n_bands);
        const ws_norm_line line = ws_norm_find_line(&model->graph, node, model->parameters,
                                                    model->states, band * in.c + i % in.c);
        scales[i] = (float)line.scale;
        shifts[i] = (float)line.shift;
    }
    if (low->lite->status == WS_OK) {
        const char *name = parameter_of(low, node, WS_NORM_OFFSET)->name;
        const int image = ws_lite_lowering_input(low, node, 0, wide);
        const int weights =
            ws_lite_lowering_push_floats(low, name, (size_t[]){1, 1, 1, wide.c}, 4, scales);
        const int bias = ws_lite_lowering_push_floats(low, name, &wide.c, 1, shifts);
        const ws_lite_options options = options_of_rows(1, ws_lite_lowering_activation(layer));
        output = ws_lite_lowering_push_image(low, node, "", wide);
        (void)ws_lite_lowering_push(low, WS_LITE_DEPTHWISE_CONV_2D, (int[]){image, weights, bias},
                                    3, output, &options);
    }
    free(scales);
    free(shifts);
    if (n_bands == 1)
        return output;
    return ws_lite_lowering_reshape(low, node, output, "_bands", (size_t[]){1, in.h, in.w, in.c},
                                    4);
}

int ws_lite_lower_bias_add(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    const ws_variable *bias = parameter_of(low, node, 0);
    const int image = ws_lite_lowering_input(low, node, 0, node->shape);
    const int numbers = ws_lite_lowering_push_floats(low, bias->name, &bias->size, 1,
                                                     ws_lite_lowering_weights(low, bias));
    const int output = ws_lite_lowering_push_image(low, node, "", node->shape);
    const ws_lite_options options = {.activation = (int32_t)ws_lite_lowering_activation(layer)};

    return ws_lite_lowering_push(low, WS_LITE_ADD, (int[]){image, numbers}, 2, output, &options);
}
