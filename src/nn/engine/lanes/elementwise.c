/* Steps that make rows element by element. */
#include <string.h>

#include "nn/engine/lanes/item.h"

static void zero_pixels(const ws_lanes_item *item, float *at, size_t n, size_t c)
{
    memset(at, 0, n * c * item->n_lanes * sizeof *at);
}

/** Zeros around the rows, and the rows between if nobody computed them in place. */
static void run_pad(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const size_t in = step->inputs[0].in, s = (size_t)(step - item->phase->steps);
    const bool is_in_place = in != WS_LANES_NONE && item->phase->steps[in].home == s;

    for (ptrdiff_t row = rows.begin; row < rows.end; row++) {
        float *y = ws_lanes_step_row(item, step, row);
        if (row < 0 || row >= (ptrdiff_t)node->h) {
            zero_pixels(item, y, node->left + node->w + node->right, node->c);
            continue;
        }
        zero_pixels(item, y, node->left, node->c);
        y += node->left * node->c * item->n_lanes;
        if (!is_in_place)
            item->maps->copy(&(ws_lanes_map){.n_rows = 1,
                                             .w = 1,
                                             .c = node->w * node->c,
                                             .y = y,
                                             .x = ws_lanes_input_rows(item, step, 0, row)});
        zero_pixels(item, y + node->w * node->c * item->n_lanes, node->right, node->c);
    }
}

/** Rows of x that lie further on, or zeros. */
static void run_shift(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const ptrdiff_t n_in = (ptrdiff_t)ws_lanes_node_at(item, node->in[0])->h;

    for (ptrdiff_t row = rows.begin; row < rows.end; row++) {
        float *y = ws_lanes_step_row(item, step, row);
        if (row + node->shift < 0 || row + node->shift >= n_in)
            zero_pixels(item, y, node->w, node->c);
        else
            memcpy(y, ws_lanes_input_rows(item, step, 0, row + node->shift).at,
                   ws_lanes_size(item, ws_lanes_row_floats(node)) * sizeof *y);
    }
}

/** Some channels of x, or x among zeros or other channels. */
static void run_channels(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_map map)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const size_t n_x = ws_lanes_node_at(item, node->in[0])->c;
    float *y = map.y;

    if (node->op == WS_LANES_SLICE) {
        map.x.at += node->channel * item->n_lanes;
        map.x_channels = n_x;
        item->maps->copy(&map);
        return;
    }
    if (node->n_in == 1)
        for (size_t r = 0; r < map.n_rows; r++)
            zero_pixels(item, y + r * map.y_pitch, map.w, node->c);
    map.c = map.x_channels = n_x;
    map.y = y + node->channel * item->n_lanes;
    item->maps->copy(&map);
    if (node->n_in > 1) {
        map.x = map.z;
        map.c = map.x_channels = ws_lanes_node_at(item, node->in[1])->c;
        map.y = y + n_x * item->n_lanes;
        item->maps->copy(&map);
    }
}

/** Where a map writes the band's own rows around the caches. */
static void describe_kept(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows,
                          ws_lanes_map *map)
{
    const ws_lanes_span own =
        ws_lanes_own_rows(step->h, item->shared->program->n_bands, item->band);
    const ptrdiff_t begin = own.begin > rows.begin ? own.begin : rows.begin;
    const ptrdiff_t end = own.end < rows.end ? own.end : rows.end;

    if (begin >= end)
        return;
    map->kept = ws_lanes_memory_row(item, &step->array, rows.begin);
    map->kept_pitch = step->array.row;
    map->first_kept = (size_t)(begin - rows.begin);
    map->end_kept = (size_t)(end - rows.begin);
}

void ws_lanes_run_elementwise(const ws_lanes_item *item, const ws_lanes_step *step,
                              ws_lanes_span rows)
{
    if (ws_lanes_node_at(item, step->node)->op == WS_LANES_PAD) {
        run_pad(item, step, rows);
        return;
    }
    if (ws_lanes_node_at(item, step->node)->op == WS_LANES_SHIFT) {
        run_shift(item, step, rows);
        return;
    }
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const ws_lanes_maps *maps = item->maps;
    ws_lanes_map map;

    ws_lanes_describe_map(item, step, rows, &map);

    if (step->join.is_join) {
        if (ws_lanes_streams(item, step))
            describe_kept(item, step, rows, &map);
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
    case WS_LANES_QUANTIZE:
        map.levels = item->shared->levels[node->quantizer];
        maps->quantize(&map);
        return;
    case WS_LANES_QUANTIZE_BACK:
        map.levels = item->shared->levels[node->quantizer];
        maps->quantize_back(&map);
        return;
    default:
        maps->silu_back(&map);
    }
}
