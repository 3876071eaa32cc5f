/* What a step of an item does to some rows. */
#include <string.h>

#include "nn/engine/lanes/item.h"

/** The mean of the live lanes of the first pixel of each band: numbers near to those that come,
 *  so that squares of differences to them lose no digits. */
static void choose_pivots(const ws_lanes_item *item, const ws_lanes_map *map, float *pivots)
{
    const size_t n_band = map->w / map->n_bands * map->c * item->n_lanes;
    float total[WS_LANES];

    for (size_t band = 0; band < map->n_bands; band++, pivots += map->c) {
        const float *x = map->x.at + band * n_band;
        if (item->live == NULL)
            item->maps->add_lanes(x, map->c, pivots);
        for (size_t c = 0; c < map->c && item->live != NULL; c++) {
            for (size_t lane = 0; lane < item->n_lanes; lane++)
                total[lane] = lane < item->n_live ? x[c * item->n_lanes + lane] : 0.0f;
            item->maps->add_lanes(total, 1, pivots + c);
        }
        for (size_t c = 0; c < map->c; c++)
            pivots[c] /= (float)item->n_live;
    }
}

static void run_sums(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const ws_lanes_maps *maps = item->maps;
    float *sums = item->scratch + step->sums;
    ws_lanes_map map;

    ws_lanes_describe_map(item, step, rows, &map);
    if (node->norm != WS_LANES_NONE)
        map.n_bands = item->shared->program->norms[node->norm].n_bands;
    const size_t n = map.n_bands * map.c;
    if (node->op == WS_LANES_MOMENTS) {
        float *pivots = ws_lanes_own_part(item, step);
        if (rows.begin == step->spans[item->band].begin)
            choose_pivots(item, &map, pivots);
        map.mean = pivots;
        maps->moments(&map, sums, sums + n * item->n_lanes);
    } else if (node->op == WS_LANES_NORM_SUMS) {
        map.mean = item->shared->factors[node->norm].mean;
        maps->norm_sums(&map, sums, sums + n * item->n_lanes);
    } else if (node->op == WS_LANES_EXTREMES) {
        maps->extremes(&map, sums, sums + item->n_lanes);
    } else { /* SUM_ROWS: each pixel of a row on its own; BIAS_SUMS */
        map.n_bands = node->op == WS_LANES_SUM_ROWS ? map.w : 1;
        maps->sum_rows(&map, sums);
    }
}

static void run_add_parts(const ws_lanes_item *item, const ws_lanes_step *step)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    ws_lanes_map map = {.n_rows = ws_lanes_node_at(item, node->in[0])->h,
                        .w = node->w,
                        .c = node->c,
                        .n_bands = node->w, /* sums of each pixel of a row on its own */
                        .x = ws_lanes_input_rows(item, step, 0, 0)};
    const size_t n = ws_lanes_size(item, ws_lanes_row_floats(node));
    float *y = ws_lanes_step_row(item, step, 0);

    memset(y, 0, n * sizeof *y);
    item->maps->sum_rows(&map, y);
    for (size_t i = 0; i < n; i++)
        y[i] *= node->factor;
}

/** Copies the band's own rows to memory. */
static void keep_own(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_shared *shared = item->shared;
    const ws_lanes_span own = ws_lanes_own_rows(step->h, shared->program->n_bands, item->band);
    const size_t n = ws_lanes_size(item, ws_lanes_row_floats(ws_lanes_node_at(item, step->node)));

    for (ptrdiff_t row = rows.begin; row < rows.end; row++) {
        if (row < own.begin || row >= own.end)
            continue;
        const float *from = ws_lanes_step_row(item, step, row);
        float *to = ws_lanes_memory_row(item, &step->array, row);
        if (ws_lanes_streams(item, step))
            item->maps->stream(from, n, to);
        else
            memcpy(to, from, n * sizeof *to);
    }
}

void ws_lanes_step_run(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    switch (ws_lanes_node_at(item, step->node)->op) {
    case WS_LANES_CONV:
    case WS_LANES_DEPTHWISE:
        ws_lanes_run_window(item, step, rows);
        break;
    case WS_LANES_CONV_BACK:
    case WS_LANES_DEPTHWISE_BACK:
        ws_lanes_run_window_back(item, step, rows);
        break;
    case WS_LANES_MAX_POOL:
        ws_lanes_run_max_pool(item, step, rows);
        break;
    case WS_LANES_MAX_POOL_BACK:
        ws_lanes_run_max_pool_back(item, step, rows);
        break;
    case WS_LANES_CONV_WEIGHTS:
    case WS_LANES_DEPTHWISE_WEIGHTS:
        ws_lanes_run_weights(item, step, rows);
        break;
    case WS_LANES_SUM_W: {
        ws_lanes_map map;
        ws_lanes_describe_map(item, step, rows, &map);
        map.w = ws_lanes_node_at(item, ws_lanes_node_at(item, step->node)->in[0])->w;
        map.factor = ws_lanes_node_at(item, step->node)->factor;
        item->maps->sum_w(&map);
        break;
    }
    case WS_LANES_ADD_PARTS:
        run_add_parts(item, step);
        break;
    case WS_LANES_SUM_ROWS:
    case WS_LANES_MOMENTS:
    case WS_LANES_EXTREMES:
    case WS_LANES_NORM_SUMS:
    case WS_LANES_BIAS_SUMS:
        run_sums(item, step, rows);
        break;
    default:
        ws_lanes_run_elementwise(item, step, rows);
    }
    if (step->keeps_own && !ws_lanes_streams_as_it_goes(item, step))
        keep_own(item, step, rows);
}

/** Numbers that a step sums in scratch, one for each lane. */
static size_t count_sums(const ws_lanes_item *item, const ws_lanes_step *step)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);

    switch (node->op) {
    case WS_LANES_MOMENTS:
    case WS_LANES_NORM_SUMS:
        return 2 * item->shared->program->norms[node->norm].n_bands * node->c;
    case WS_LANES_EXTREMES:
        return 2;
    case WS_LANES_SUM_ROWS:
        return node->w * node->c;
    case WS_LANES_BIAS_SUMS:
        return node->c;
    case WS_LANES_DEPTHWISE_WEIGHTS:
        return step->n_part;
    default:
        return 0;
    }
}

void ws_lanes_step_begin(const ws_lanes_item *item, const ws_lanes_step *step)
{
    const size_t n = count_sums(item, step);

    if (n > 0)
        memset(item->scratch + step->sums, 0, n * item->n_lanes * sizeof(float));
    const ws_lanes_span span = step->spans[item->band];
    const bool is_added_to = ws_lanes_node_at(item, step->node)->op == WS_LANES_CONV_WEIGHTS;
    if (step->n_part > 0 && (is_added_to || span.begin >= span.end))
        memset(ws_lanes_own_part(item, step), 0, step->n_part * sizeof(float));
}

/** Of all samples; zero is among the numbers. */
static void find_extremes(const ws_lanes_item *item, const float *lanes, float *part)
{
    part[0] = part[1] = 0.0f;
    for (size_t lane = 0; lane < item->n_live; lane++) {
        part[0] = lanes[lane] < part[0] ? lanes[lane] : part[0];
        part[1] = lanes[item->n_lanes + lane] > part[1] ? lanes[item->n_lanes + lane] : part[1];
    }
}

void ws_lanes_step_end(const ws_lanes_item *item, const ws_lanes_step *step)
{
    const ws_lanes_maps *maps = item->maps;
    const size_t n = count_sums(item, step);
    const float *sums = item->scratch + step->sums;
    float *part = ws_lanes_own_part(item, step);

    switch (ws_lanes_node_at(item, step->node)->op) {
    case WS_LANES_MOMENTS: /* after the pivots */
        maps->add_lanes(sums, n, part + n / 2);
        break;
    case WS_LANES_EXTREMES:
        find_extremes(item, sums, part);
        break;
    case WS_LANES_NORM_SUMS:
    case WS_LANES_BIAS_SUMS:
    case WS_LANES_DEPTHWISE_WEIGHTS:
        maps->add_lanes(sums, n, part);
        break;
    case WS_LANES_SUM_ROWS:
        memcpy(ws_lanes_memory_row(item, &step->array, (ptrdiff_t)item->band), sums,
               n * item->n_lanes * sizeof *sums);
        break;
    default:
        break;
    }
}
