/* Convolutions of an item, and their gradients. */
#include "nn/engine/lanes/item.h"

/** Pixels on their way to a kernel. */
typedef struct pixel_list {
    const ws_lanes_item *item;
    const ws_lanes_product *product;
    bool is_depthwise;
    ws_lanes_pixels pixels;
} pixel_list;

static void flush(pixel_list *list)
{
    const ws_lanes_products *products = list->item->shared->products;

    if (list->pixels.n > 0)
        (list->is_depthwise ? products->sum_depthwise : products->sum)(list->product,
                                                                       &list->pixels);
    list->pixels.n = 0;
}

static void push_pixel(pixel_list *list, const float *x, float *y)
{
    list->pixels.x[list->pixels.n] = x;
    list->pixels.y[list->pixels.n++] = y;
    if (list->pixels.n == WS_LANES_MAX_PIXELS)
        flush(list);
}

static ws_lanes_product describe_product(const ws_lanes_item *item, const ws_lanes_step *step)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const float *own = item->shared->weights[step->node];
    const float *parameters = item->shared->pass->parameters;

    return (ws_lanes_product){.taps = step->taps,
                              .n_taps = node->window.h * node->window.w,
                              .n_in = ws_lanes_node_at(item, node->in[0])->c,
                              .n_out = node->c,
                              .weights = own != NULL ? own : parameters + node->weights,
                              .bias = node->bias != WS_LANES_NONE ? parameters + node->bias : NULL};
}

void ws_lanes_run_window(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const ws_lanes_window *v = &node->window;
    const ws_lanes_product product = describe_product(item, step);
    const size_t step_x = v->stride_w * product.n_in * WS_LANES, step_y = node->c * WS_LANES;
    pixel_list list = {
        .item = item, .product = &product, .is_depthwise = node->op == WS_LANES_DEPTHWISE};

    for (ptrdiff_t row = rows.begin; row < rows.end; row++) {
        const ptrdiff_t seen = row * (ptrdiff_t)v->stride_h - (ptrdiff_t)v->before_h;
        const float *x = ws_lanes_input_rows(item, step, 0, seen).at;
        float *y = ws_lanes_step_row(item, step, row);
        for (size_t j = 0; j < node->w; j++)
            push_pixel(&list, x + j * step_x, y + j * step_y);
    }
    flush(&list);
}

void ws_lanes_run_window_back(const ws_lanes_item *item, const ws_lanes_step *step,
                              ws_lanes_span rows)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const ws_lanes_node *in = ws_lanes_node_at(item, node->in[0]);
    const ws_lanes_window *v = &node->window;
    const size_t left = in->op == WS_LANES_PAD ? in->left : 0;
    ws_lanes_product product = describe_product(item, step);
    const size_t pixel_x = product.n_in * WS_LANES, pixel_y = node->c * WS_LANES;
    pixel_list list = {
        .item = item, .product = &product, .is_depthwise = node->op == WS_LANES_DEPTHWISE_BACK};

    for (size_t i = 0; i < v->stride_h * v->stride_w; i++) {
        const size_t rest_h = i / v->stride_w, rest_w = i % v->stride_w;
        product.taps = step->taps + step->classes[i].first;
        product.n_taps = step->classes[i].n;
        for (ptrdiff_t row = rows.begin; row < rows.end; row++) {
            const size_t from_h = (size_t)row + v->before_h;
            if (from_h % v->stride_h != rest_h)
                continue;
            const float *x =
                ws_lanes_input_rows(item, step, 0, (ptrdiff_t)(from_h / v->stride_h)).at;
            float *y = ws_lanes_step_row(item, step, row);
            for (size_t j = 0; j < node->w; j++) {
                const size_t from_w = j + v->before_w;
                if (from_w % v->stride_w == rest_w)
                    push_pixel(&list, x + (from_w / v->stride_w + left) * pixel_x, y + j * pixel_y);
            }
        }
        flush(&list);
    }
}

void ws_lanes_run_weights(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const ws_lanes_window *v = &node->window;
    const ws_lanes_products *products = item->shared->products;
    const ptrdiff_t seen = rows.begin * (ptrdiff_t)v->stride_h - (ptrdiff_t)v->before_h;
    const ws_lanes_in x = ws_lanes_input_rows(item, step, 0, seen),
                      dz = ws_lanes_input_rows(item, step, 1, rows.begin);
    const ws_lanes_product product = {
        .taps = step->taps, .n_taps = v->h * v->w, .n_in = node->left, .n_out = node->c};
    ws_lanes_pairs pairs = {.x = x.at,
                            .x_row = v->stride_h * x.pitch,
                            .x_pixel =
                                v->stride_w * ws_lanes_node_at(item, node->in[0])->c * WS_LANES,
                            .dz = dz.at,
                            .dz_row = dz.pitch,
                            .dz_pixel = node->c * WS_LANES,
                            .n_rows = (size_t)(rows.end - rows.begin),
                            .n_w = node->w,
                            .n_live = item->n_live};
    if (pairs.x_row == pairs.n_w * pairs.x_pixel && pairs.dz_row == pairs.n_w * pairs.dz_pixel) {
        pairs.n_w *= pairs.n_rows;
        pairs.n_rows = 1;
    }
    if (node->op == WS_LANES_CONV_WEIGHTS)
        products->weights(&product, &pairs, ws_lanes_own_part(item, step));
    else
        products->weights_depthwise(&product, &pairs, item->scratch + step->sums);
}
