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
    const ws_lanes_products *products = list->item->products;

    if (list->pixels.n > 0)
        (list->is_depthwise ? products->sum_depthwise : products->sum)(list->product,
                                                                       &list->pixels);
    list->pixels.n = 0;
}

/** @param kept  where y is written around the caches, too, or NULL */
static void push_pixel(pixel_list *list, const float *x, float *y, float *kept)
{
    list->pixels.kept[list->pixels.n] = kept;
    list->pixels.x[list->pixels.n] = x;
    list->pixels.y[list->pixels.n++] = y;
    if (list->pixels.n == WS_LANES_MAX_PIXELS)
        flush(list);
}

/** Where a row lies in memory if the step writes it around the caches as it goes, else NULL. */
static float *kept_row(const ws_lanes_item *item, const ws_lanes_step *step, ptrdiff_t row)
{
    const ws_lanes_span own =
        ws_lanes_own_rows(step->h, item->shared->program->n_bands, item->band);

    if (!ws_lanes_streams_as_it_goes(item, step) || row < own.begin || row >= own.end)
        return NULL;
    return ws_lanes_memory_row(item, &step->array, row);
}

/** A group of a step's channels, or all of them; its taps are those of one class. */
static ws_lanes_product describe_product(const ws_lanes_item *item, const ws_lanes_step *step,
                                         const ws_lanes_group *group, size_t class)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const float *own = item->shared->weights[step->node];
    const float *parameters = item->shared->pass->parameters;

    return (ws_lanes_product){.taps = step->taps + step->classes[class].first,
                              .n_taps = step->classes[class].n,
                              .n_in = ws_lanes_node_at(item, node->in[0])->c,
                              .n_out = group->n,
                              .weights = own != NULL ? own : parameters + group->weights,
                              .bias = node->bias != WS_LANES_NONE ? parameters + node->bias : NULL,
                              .ahead = item->ahead};
}

static void run_window_group(const ws_lanes_item *item, const ws_lanes_step *step,
                             ws_lanes_span rows, size_t number)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const ws_lanes_window *v = &node->window;
    const ws_lanes_group group = ws_lanes_get_group(item->shared->program, node, number);
    const ws_lanes_product product = describe_product(item, step, &group, number);
    const size_t step_x = v->stride_w * product.n_in * item->n_lanes,
                 step_y = node->c * item->n_lanes;
    pixel_list list = {
        .item = item, .product = &product, .is_depthwise = node->op == WS_LANES_DEPTHWISE};

    for (ptrdiff_t row = rows.begin; row < rows.end; row++) {
        const ptrdiff_t seen = row * (ptrdiff_t)v->stride_h - (ptrdiff_t)v->before_h;
        const float *x = ws_lanes_input_rows(item, step, 0, seen).at;
        float *y = ws_lanes_step_row(item, step, row) + group.channel * item->n_lanes;
        float *kept = kept_row(item, step, row);
        if (kept != NULL)
            kept += group.channel * item->n_lanes;
        for (size_t j = 0; j < node->w; j++)
            push_pixel(&list, x + j * step_x, y + j * step_y,
                       kept != NULL ? kept + j * step_y : NULL);
    }
    flush(&list);
}

void ws_lanes_run_window(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    for (size_t i = 0; i < ws_lanes_count_groups(ws_lanes_node_at(item, step->node)); i++)
        run_window_group(item, step, rows, i);
}

/** The places of a class, of a group's channels. */
static void run_window_class(const ws_lanes_item *item, const ws_lanes_step *step,
                             ws_lanes_span rows, const ws_lanes_group *group, size_t class)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const ws_lanes_node *in = ws_lanes_node_at(item, node->in[0]);
    const ws_lanes_window *v = &node->window;
    const size_t left = in->op == WS_LANES_PAD ? in->left : 0;
    const size_t remainder = node->n_groups > 0 ? 0 : class; /* groups have stride 1 */
    const size_t rest_h = remainder / v->stride_w, rest_w = remainder % v->stride_w;
    const ws_lanes_product product = describe_product(item, step, group, class);
    const size_t pixel_x = product.n_in * item->n_lanes, pixel_y = node->c * item->n_lanes;
    pixel_list list = {
        .item = item, .product = &product, .is_depthwise = node->op == WS_LANES_DEPTHWISE_BACK};

    for (ptrdiff_t row = rows.begin; row < rows.end; row++) {
        const size_t from_h = (size_t)row + v->before_h;
        if (from_h % v->stride_h != rest_h)
            continue;
        const float *x = ws_lanes_input_rows(item, step, 0, (ptrdiff_t)(from_h / v->stride_h)).at;
        float *y = ws_lanes_step_row(item, step, row) + group->channel * item->n_lanes;
        float *kept = kept_row(item, step, row);
        if (kept != NULL)
            kept += group->channel * item->n_lanes;
        for (size_t j = 0; j < node->w; j++) {
            const size_t from_w = j + v->before_w;
            if (from_w % v->stride_w == rest_w)
                push_pixel(&list, x + (from_w / v->stride_w + left) * pixel_x, y + j * pixel_y,
                           kept != NULL ? kept + j * pixel_y : NULL);
        }
    }
    flush(&list);
}

void ws_lanes_run_window_back(const ws_lanes_item *item, const ws_lanes_step *step,
                              ws_lanes_span rows)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const size_t n_classes = node->window.stride_h * node->window.stride_w;

    for (size_t i = 0; i < (node->n_groups > 0 ? node->n_groups : n_classes); i++) {
        const ws_lanes_group group =
            ws_lanes_get_group(item->shared->program, node, node->n_groups > 0 ? i : 0);
        run_window_class(item, step, rows, &group, i);
    }
}

/** Sums [taps, channels, lanes] of all groups, one group after the other. */
static void run_depthwise_weights(const ws_lanes_item *item, const ws_lanes_step *step,
                                  const ws_lanes_pairs *pairs)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    float *sums = item->scratch + step->sums;

    for (size_t i = 0; i < ws_lanes_count_groups(node); i++) {
        const ws_lanes_group group = ws_lanes_get_group(item->shared->program, node, i);
        const ws_lanes_product product = {.taps = step->taps + step->classes[i].first,
                                          .n_taps = step->classes[i].n,
                                          .n_in = 1,
                                          .n_out = group.n,
                                          .ahead = item->ahead};
        ws_lanes_pairs of_group = *pairs;
        of_group.dz += group.channel * item->n_lanes;
        item->products->weights_depthwise(&product, &of_group, sums);
        sums += ws_lanes_count_group(node, &group) * item->n_lanes;
    }
}

void ws_lanes_run_weights(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const ws_lanes_window *v = &node->window;
    const ptrdiff_t seen = rows.begin * (ptrdiff_t)v->stride_h - (ptrdiff_t)v->before_h;
    const ws_lanes_in x = ws_lanes_input_rows(item, step, 0, seen),
                      dz = ws_lanes_input_rows(item, step, 1, rows.begin);
    ws_lanes_pairs pairs = {.x = x.at,
                            .x_row = v->stride_h * x.pitch,
                            .x_pixel = v->stride_w * ws_lanes_node_at(item, node->in[0])->c *
                                       item->n_lanes,
                            .dz = dz.at,
                            .dz_row = dz.pitch,
                            .dz_pixel = node->c * item->n_lanes,
                            .n_rows = (size_t)(rows.end - rows.begin),
                            .n_w = node->w,
                            .n_live = item->n_live};
    if (pairs.x_row == pairs.n_w * pairs.x_pixel && pairs.dz_row == pairs.n_w * pairs.dz_pixel) {
        pairs.n_w *= pairs.n_rows;
        pairs.n_rows = 1;
    }
    if (node->op == WS_LANES_DEPTHWISE_WEIGHTS) {
        run_depthwise_weights(item, step, &pairs);
        return;
    }
    const ws_lanes_product product = {.taps = step->taps,
                                      .n_taps = v->h * v->w,
                                      .n_in = node->left,
                                      .n_out = node->c,
                                      .ahead = item->ahead};
    item->products->weights(&product, &pairs, ws_lanes_own_part(item, step));
}
