/* What a step of an item does to some rows. */
#include <string.h>

#include "nn/engine/lanes/item.h"

static const ws_lanes_node *node_at(const ws_lanes_item *item, size_t node)
{
    return &item->shared->program->nodes[node];
}

/** Row `row` of a stored node, of the item's block. */
static float *memory_row(const ws_lanes_item *item, size_t node, ptrdiff_t row)
{
    const ws_lanes_node *n = node_at(item, node);
    return item->shared->memory + item->shared->plan.schedule[node].memory +
           item->block * ws_lanes_block_floats(n) + row * (ptrdiff_t)ws_lanes_row_floats(n);
}

/** Row `row` of what a step gives. */
static float *step_row(const ws_lanes_item *item, const ws_lanes_step *step, ptrdiff_t row)
{
    ptrdiff_t first = item->group;

    if (step->place == WS_LANES_MEMORY)
        return memory_row(item, step->node, row);
    if (step->place == WS_LANES_BAND_BUFFER)
        first = item->phase->steps[step->home].spans[item->band].begin;
    return item->scratch + step->offset + (row - first) * (ptrdiff_t)step->pitch;
}

/** Input k of a step from row `row` on; an input of one row is repeated. */
static ws_lanes_in input_rows(const ws_lanes_item *item, const ws_lanes_step *step, size_t k,
                              ptrdiff_t row)
{
    const ws_lanes_source source = step->sources[k];
    const ws_lanes_node *reader = node_at(item, source.node);
    const size_t node = reader->in[source.input];
    const bool is_repeated = ws_lanes_op_is_elementwise(reader->op) &&
                             reader->op != WS_LANES_SHIFT && reader->h > 1 &&
                             node_at(item, node)->h == 1;
    ws_lanes_in in = {
        .pitch = is_repeated ? 0 : ws_lanes_input_pitch(&item->shared->plan, item->phase, step, k)};
    if (is_repeated)
        row = 0;
    in.at = step->in[k] == WS_LANES_NONE ? memory_row(item, node, row)
                                         : step_row(item, &item->phase->steps[step->in[k]], row);
    return in;
}

static bool has(const ws_lanes_step *step, size_t source)
{
    return step->sources[source].node != WS_LANES_NONE;
}

/** Whether rows of a source are one pixel for all pixels of the step. */
static bool is_narrow(const ws_lanes_item *item, const ws_lanes_step *step, size_t source)
{
    const size_t node = ws_lanes_source_node(item->shared->program, step->sources[source]);
    return node_at(item, node)->w < node_at(item, step->sources[source].node)->w;
}

/** The factors of a normalisation or bias, if the step has one. */
static void set_factors(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_map *map)
{
    if (step->join.factors == WS_LANES_NONE)
        return;
    const ws_lanes_node *node = node_at(item, step->join.factors);
    if (node->op == WS_LANES_BIAS) {
        map->a = item->shared->ones;
        map->b = item->shared->pass->parameters + node->bias;
        return;
    }
    const ws_lanes_factors *factors = &item->shared->factors[node->norm];
    const bool is_back = node->op == WS_LANES_NORM_BACK;
    map->n_bands = item->shared->program->norms[node->norm].n_bands;
    map->a = is_back ? factors->back_a : factors->a;
    map->b = is_back ? factors->back_b : factors->b;
    map->d = factors->back_d;
}

/** A map over rows of the step, with what is common to all operators. */
static ws_lanes_map describe_map(const ws_lanes_item *item, const ws_lanes_step *step,
                                 ws_lanes_span rows)
{
    const ws_lanes_node *node = node_at(item, step->node);
    ws_lanes_map map = {.n_rows = (size_t)(rows.end - rows.begin),
                        .w = node->w,
                        .c = node->c,
                        .n_bands = 1,
                        .y_pitch = step->pitch,
                        .factor = step->join.n_factor,
                        .live = item->live,
                        .end = step->join.end,
                        .x_channels = node->c,
                        .y_channels = node->c};
    if (step->place != WS_LANES_NOWHERE && node->op != WS_LANES_SUM_ROWS)
        map.y = step_row(item, step, rows.begin);
    map.x = input_rows(item, step, WS_LANES_X, rows.begin);
    if (has(step, WS_LANES_Z)) {
        map.z = input_rows(item, step, WS_LANES_Z, rows.begin);
        map.z_is_narrow = is_narrow(item, step, WS_LANES_Z);
    }
    if (has(step, WS_LANES_N)) {
        map.n = input_rows(item, step, WS_LANES_N, rows.begin);
        map.n_is_narrow = is_narrow(item, step, WS_LANES_N);
    }
    if (has(step, WS_LANES_M))
        map.m = input_rows(item, step, WS_LANES_M, rows.begin);
    set_factors(item, step, &map);
    return map;
}

static void zero_pixels(float *at, size_t n, size_t c)
{
    memset(at, 0, n * c * WS_LANES * sizeof *at);
}

/** Zeros around the rows, and the rows between if nobody computed them in place. */
static void run_pad(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_node *node = node_at(item, step->node);
    const size_t in = step->in[0], s = (size_t)(step - item->phase->steps);
    const bool is_in_place = in != WS_LANES_NONE && item->phase->steps[in].home == s;

    for (ptrdiff_t row = rows.begin; row < rows.end; row++) {
        float *y = step_row(item, step, row);
        if (row < 0 || row >= (ptrdiff_t)node->h) {
            zero_pixels(y, node->left + node->w + node->right, node->c);
            continue;
        }
        zero_pixels(y, node->left, node->c);
        y += node->left * node->c * WS_LANES;
        if (!is_in_place)
            item->shared->maps->copy(&(ws_lanes_map){.n_rows = 1,
                                                     .w = 1,
                                                     .c = node->w * node->c,
                                                     .y = y,
                                                     .x = input_rows(item, step, 0, row)});
        zero_pixels(y + node->w * node->c * WS_LANES, node->right, node->c);
    }
}

/** Rows of x that lie further on, or zeros. */
static void run_shift(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_node *node = node_at(item, step->node);
    const ptrdiff_t n_in = (ptrdiff_t)node_at(item, node->in[0])->h;

    for (ptrdiff_t row = rows.begin; row < rows.end; row++) {
        float *y = step_row(item, step, row);
        if (row + node->shift < 0 || row + node->shift >= n_in)
            zero_pixels(y, node->w, node->c);
        else
            memcpy(y, input_rows(item, step, 0, row + node->shift).at,
                   ws_lanes_row_floats(node) * sizeof *y);
    }
}

/** Some channels of x, or x among zeros or other channels. */
static void run_channels(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_map map)
{
    const ws_lanes_node *node = node_at(item, step->node);
    const size_t n_x = node_at(item, node->in[0])->c;
    float *y = map.y;

    if (node->op == WS_LANES_SLICE) {
        map.x.at += node->channel * WS_LANES;
        map.x_channels = n_x;
        item->shared->maps->copy(&map);
        return;
    }
    if (node->n_in == 1)
        for (size_t r = 0; r < map.n_rows; r++)
            zero_pixels(y + r * map.y_pitch, map.w, node->c);
    map.c = map.x_channels = n_x;
    map.y = y + node->channel * WS_LANES;
    item->shared->maps->copy(&map);
    if (node->n_in > 1) {
        map.x = map.z;
        map.c = map.x_channels = node_at(item, node->in[1])->c;
        map.y = y + n_x * WS_LANES;
        item->shared->maps->copy(&map);
    }
}

static void run_elementwise(const ws_lanes_item *item, const ws_lanes_step *step,
                            ws_lanes_span rows)
{
    const ws_lanes_node *node = node_at(item, step->node);
    const ws_lanes_maps *maps = item->shared->maps;
    ws_lanes_map map = describe_map(item, step, rows);

    if (step->join.is_join) {
        maps->join(&map);
        return;
    }
    switch (node->op) {
    case WS_LANES_SLICE:
    case WS_LANES_PLACE:
        run_channels(item, step, map);
        return;
    case WS_LANES_RESHAPE:
        map.c *= map.w;
        map.x_channels = map.y_channels = map.c;
        map.w = 1;
        maps->copy(&map);
        return;
    case WS_LANES_EXPAND:
        map.factor = node->factor;
        maps->expand(&map);
        return;
    case WS_LANES_MULTIPLY:
        maps->multiply(&map);
        return;
    case WS_LANES_SIGMOID:
        maps->sigmoid(&map);
        return;
    case WS_LANES_SIGMOID_BACK:
        maps->sigmoid_back(&map);
        return;
    case WS_LANES_SILU:
        maps->silu(&map);
        return;
    default:
        maps->silu_back(&map);
    }
}

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
    const ws_lanes_node *node = node_at(item, step->node);
    const float *own = item->shared->weights[step->node];
    const float *parameters = item->shared->pass->parameters;

    return (ws_lanes_product){.taps = step->taps,
                              .n_taps = node->window.h * node->window.w,
                              .n_in = node_at(item, node->in[0])->c,
                              .n_out = node->c,
                              .weights = own != NULL ? own : parameters + node->weights,
                              .bias = node->bias != WS_LANES_NONE ? parameters + node->bias : NULL};
}

/** Output pixels of a convolution: from the first place of each window. */
static void run_window(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_node *node = node_at(item, step->node);
    const ws_lanes_window *v = &node->window;
    const ws_lanes_product product = describe_product(item, step);
    const size_t step_x = v->stride_w * product.n_in * WS_LANES, step_y = node->c * WS_LANES;
    pixel_list list = {
        .item = item, .product = &product, .is_depthwise = node->op == WS_LANES_DEPTHWISE};

    for (ptrdiff_t row = rows.begin; row < rows.end; row++) {
        const ptrdiff_t seen = row * (ptrdiff_t)v->stride_h - (ptrdiff_t)v->before_h;
        const float *x = input_rows(item, step, 0, seen).at;
        float *y = step_row(item, step, row);
        for (size_t j = 0; j < node->w; j++)
            push_pixel(&list, x + j * step_x, y + j * step_y);
    }
    flush(&list);
}

/** Input places of a convolution, class by class (taps.c). */
static void run_window_back(const ws_lanes_item *item, const ws_lanes_step *step,
                            ws_lanes_span rows)
{
    const ws_lanes_node *node = node_at(item, step->node);
    const ws_lanes_node *in = node_at(item, node->in[0]);
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
            const float *x = input_rows(item, step, 0, (ptrdiff_t)(from_h / v->stride_h)).at;
            float *y = step_row(item, step, row);
            for (size_t j = 0; j < node->w; j++) {
                const size_t from_w = j + v->before_w;
                if (from_w % v->stride_w == rest_w)
                    push_pixel(&list, x + (from_w / v->stride_w + left) * pixel_x, y + j * pixel_y);
            }
        }
        flush(&list);
    }
}

/** The whole band's part of the gradient of weights. */
static void run_weights(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_node *node = node_at(item, step->node);
    const ws_lanes_window *v = &node->window;
    const ws_lanes_products *products = item->shared->products;
    const ptrdiff_t seen = rows.begin * (ptrdiff_t)v->stride_h - (ptrdiff_t)v->before_h;
    const ws_lanes_in x = input_rows(item, step, 0, seen),
                      dz = input_rows(item, step, 1, rows.begin);
    const ws_lanes_product product = {
        .taps = step->taps, .n_taps = v->h * v->w, .n_in = node->left, .n_out = node->c};
    ws_lanes_pairs pairs = {.x = x.at,
                            .x_row = v->stride_h * x.pitch,
                            .x_pixel = v->stride_w * node_at(item, node->in[0])->c * WS_LANES,
                            .dz = dz.at,
                            .dz_row = dz.pitch,
                            .dz_pixel = node->c * WS_LANES,
                            .n_rows = (size_t)(rows.end - rows.begin),
                            .n_w = node->w};
    if (pairs.x_row == pairs.n_w * pairs.x_pixel && pairs.dz_row == pairs.n_w * pairs.dz_pixel) {
        pairs.n_w *= pairs.n_rows;
        pairs.n_rows = 1;
    }
    float *sums = ws_lanes_part(item->shared, step, item->block, item->band);
    if (node->op == WS_LANES_CONV_WEIGHTS)
        products->weights(&product, &pairs, sums);
    else
        products->weights_depthwise(&product, &pairs, sums);
}

/** The mean of the live lanes of the first pixel of each band: numbers near to those that come,
 *  so that squares of differences to them lose no digits. */
static void choose_pivots(const ws_lanes_item *item, const ws_lanes_map *map, float *pivots)
{
    const size_t n_band = map->w / map->n_bands * map->c * WS_LANES;
    float total[WS_LANES];

    for (size_t band = 0; band < map->n_bands; band++) {
        for (size_t c = 0; c < map->c; c++) {
            const float *x = map->x.at + band * n_band + c * WS_LANES;
            for (size_t lane = 0; lane < WS_LANES; lane++)
                total[lane] = lane < item->n_live ? x[lane] : 0.0f;
            item->shared->maps->add_lanes(total, 1, pivots);
            *pivots++ /= (float)item->n_live;
        }
    }
}

static void run_sums(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_node *node = node_at(item, step->node);
    const ws_lanes_maps *maps = item->shared->maps;
    float *sums = item->scratch + step->sums;
    ws_lanes_map map = describe_map(item, step, rows);

    if (node->norm != WS_LANES_NONE)
        map.n_bands = item->shared->program->norms[node->norm].n_bands;
    const size_t n = map.n_bands * map.c;
    if (node->op == WS_LANES_MOMENTS) {
        float *pivots = ws_lanes_part(item->shared, step, item->block, item->band);
        if (rows.begin == step->spans[item->band].begin)
            choose_pivots(item, &map, pivots);
        map.a = pivots;
        maps->moments(&map, sums, sums + n * WS_LANES);
    } else if (node->op == WS_LANES_NORM_SUMS) {
        map.a = item->shared->factors[node->norm].mean;
        maps->norm_sums(&map, sums, sums + n * WS_LANES);
    } else { /* SUM_ROWS: each pixel of a row on its own; BIAS_SUMS */
        map.n_bands = node->op == WS_LANES_SUM_ROWS ? map.w : 1;
        maps->sum_rows(&map, sums);
    }
}

static void run_add_parts(const ws_lanes_item *item, const ws_lanes_step *step)
{
    const ws_lanes_node *node = node_at(item, step->node);
    ws_lanes_map map = {.n_rows = node_at(item, node->in[0])->h,
                        .w = node->w,
                        .c = node->c,
                        .n_bands = node->w, /* sums of each pixel of a row on its own */
                        .x = input_rows(item, step, 0, 0)};
    float *y = step_row(item, step, 0);

    memset(y, 0, ws_lanes_row_floats(node) * sizeof *y);
    item->shared->maps->sum_rows(&map, y);
    for (size_t i = 0; i < ws_lanes_row_floats(node); i++)
        y[i] *= node->factor;
}

/** Copies the band's own rows to memory. */
static void keep_own(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_span own =
        ws_lanes_own_rows(step->h, item->shared->program->n_bands, item->band);
    const ws_lanes_node *node = node_at(item, step->node);

    for (ptrdiff_t row = rows.begin; row < rows.end; row++)
        if (row >= own.begin && row < own.end)
            memcpy(memory_row(item, step->node, row), step_row(item, step, row),
                   ws_lanes_row_floats(node) * sizeof(float));
}

void ws_lanes_step_run(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    switch (node_at(item, step->node)->op) {
    case WS_LANES_CONV:
    case WS_LANES_DEPTHWISE:
        run_window(item, step, rows);
        break;
    case WS_LANES_CONV_BACK:
    case WS_LANES_DEPTHWISE_BACK:
        run_window_back(item, step, rows);
        break;
    case WS_LANES_CONV_WEIGHTS:
    case WS_LANES_DEPTHWISE_WEIGHTS:
        run_weights(item, step, rows);
        break;
    case WS_LANES_SUM_W: {
        ws_lanes_map map = describe_map(item, step, rows);
        map.w = node_at(item, node_at(item, step->node)->in[0])->w;
        map.factor = node_at(item, step->node)->factor;
        item->shared->maps->sum_w(&map);
        break;
    }
    case WS_LANES_ADD_PARTS:
        run_add_parts(item, step);
        break;
    case WS_LANES_SUM_ROWS:
    case WS_LANES_MOMENTS:
    case WS_LANES_NORM_SUMS:
    case WS_LANES_BIAS_SUMS:
        run_sums(item, step, rows);
        break;
    case WS_LANES_PAD:
        run_pad(item, step, rows);
        break;
    case WS_LANES_SHIFT:
        run_shift(item, step, rows);
        break;
    default:
        run_elementwise(item, step, rows);
    }
    if (step->keeps_own)
        keep_own(item, step, rows);
}

/** Floats that a step sums in scratch. */
static size_t count_sums(const ws_lanes_item *item, const ws_lanes_step *step)
{
    const ws_lanes_node *node = node_at(item, step->node);

    switch (node->op) {
    case WS_LANES_MOMENTS:
    case WS_LANES_NORM_SUMS:
        return 2 * item->shared->program->norms[node->norm].n_bands * node->c * WS_LANES;
    case WS_LANES_SUM_ROWS:
        return ws_lanes_row_floats(node);
    case WS_LANES_BIAS_SUMS:
        return node->c * WS_LANES;
    default:
        return 0;
    }
}

void ws_lanes_step_begin(const ws_lanes_item *item, const ws_lanes_step *step)
{
    const size_t n = count_sums(item, step);

    if (n > 0)
        memset(item->scratch + step->sums, 0, n * sizeof(float));
    if (step->n_part > 0)
        memset(ws_lanes_part(item->shared, step, item->block, item->band), 0,
               step->n_part * sizeof(float));
}

void ws_lanes_step_end(const ws_lanes_item *item, const ws_lanes_step *step)
{
    const ws_lanes_maps *maps = item->shared->maps;
    const size_t n = count_sums(item, step) / WS_LANES;
    const float *sums = item->scratch + step->sums;
    float *part = ws_lanes_part(item->shared, step, item->block, item->band);

    switch (node_at(item, step->node)->op) {
    case WS_LANES_MOMENTS: /* after the pivots */
        maps->add_lanes(sums, n, part + n / 2);
        break;
    case WS_LANES_NORM_SUMS:
    case WS_LANES_BIAS_SUMS:
        maps->add_lanes(sums, n, part);
        break;
    case WS_LANES_SUM_ROWS:
        memcpy(memory_row(item, step->node, (ptrdiff_t)item->band), sums,
               n * WS_LANES * sizeof *sums);
        break;
    default:
        break;
    }
}
