/* Where the rows of an item are. */
#include "nn/engine/lanes/item.h"

const ws_lanes_node *ws_lanes_node_at(const ws_lanes_item *item, size_t node)
{
    return &item->shared->program->nodes[node];
}

float *ws_lanes_memory_row(const ws_lanes_item *item, size_t node, ptrdiff_t row)
{
    const ws_lanes_node *n = ws_lanes_node_at(item, node);
    return item->shared->memory + item->shared->plan.schedule[node].memory +
           item->block * ws_lanes_block_floats(n) + row * (ptrdiff_t)ws_lanes_row_floats(n);
}

float *ws_lanes_step_row(const ws_lanes_item *item, const ws_lanes_step *step, ptrdiff_t row)
{
    ptrdiff_t first = item->group;

    if (step->place == WS_LANES_MEMORY)
        return ws_lanes_memory_row(item, step->node, row);
    if (step->place == WS_LANES_BAND_BUFFER)
        first = item->phase->steps[step->home].spans[item->band].begin;
    return item->scratch + step->offset + (row - first) * (ptrdiff_t)step->pitch;
}

ws_lanes_in ws_lanes_input_rows(const ws_lanes_item *item, const ws_lanes_step *step, size_t k,
                                ptrdiff_t row)
{
    const ws_lanes_source source = step->sources[k];
    const ws_lanes_node *reader = ws_lanes_node_at(item, source.node);
    const size_t node = reader->in[source.input];
    const bool is_repeated = ws_lanes_op_is_elementwise(reader->op) &&
                             reader->op != WS_LANES_SHIFT && reader->h > 1 &&
                             ws_lanes_node_at(item, node)->h == 1;
    ws_lanes_in in = {
        .pitch = is_repeated ? 0 : ws_lanes_input_pitch(&item->shared->plan, item->phase, step, k)};
    if (is_repeated)
        row = 0;
    in.at = step->in[k] == WS_LANES_NONE
                ? ws_lanes_memory_row(item, node, row)
                : ws_lanes_step_row(item, &item->phase->steps[step->in[k]], row);
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
    return ws_lanes_node_at(item, node)->w < ws_lanes_node_at(item, step->sources[source].node)->w;
}

/** a x + b of a normalisation or bias; nothing without a node. */
static void set_factors(const ws_lanes_item *item, size_t node, const float **a, const float **b,
                        ws_lanes_map *map)
{
    if (node == WS_LANES_NONE)
        return;
    const ws_lanes_node *n = ws_lanes_node_at(item, node);
    if (n->op == WS_LANES_BIAS) {
        *a = item->shared->ones;
        *b = item->shared->pass->parameters + n->bias;
        return;
    }
    *a = item->shared->factors[n->norm].a;
    *b = item->shared->factors[n->norm].b;
    map->n_bands = item->shared->program->norms[n->norm].n_bands;
}

static void set_back_factors(const ws_lanes_item *item, size_t node, ws_lanes_map *map)
{
    if (node == WS_LANES_NONE)
        return;
    const size_t norm = ws_lanes_node_at(item, node)->norm;
    map->q_a = item->shared->factors[norm].back_a;
    map->q_b = item->shared->factors[norm].back_b;
    map->q_c = item->shared->factors[norm].back_c;
    map->n_bands = item->shared->program->norms[norm].n_bands;
}

ws_lanes_map ws_lanes_describe_map(const ws_lanes_item *item, const ws_lanes_step *step,
                                   ws_lanes_span rows)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    ws_lanes_map map = {.n_rows = (size_t)(rows.end - rows.begin),
                        .w = node->w,
                        .c = node->c,
                        .n_bands = 1,
                        .y_pitch = step->pitch,
                        .factor = step->join.n_factor,
                        .live = item->live,
                        .gate = step->join.gate,
                        .x_channels = node->c,
                        .y_channels = node->c};
    if (step->place != WS_LANES_NOWHERE && node->op != WS_LANES_SUM_ROWS)
        map.y = ws_lanes_step_row(item, step, rows.begin);
    map.x = ws_lanes_input_rows(item, step, WS_LANES_X, rows.begin);
    if (has(step, WS_LANES_Z)) {
        map.z = ws_lanes_input_rows(item, step, WS_LANES_Z, rows.begin);
        map.z_is_narrow = is_narrow(item, step, WS_LANES_Z);
    }
    if (has(step, WS_LANES_N)) {
        map.n = ws_lanes_input_rows(item, step, WS_LANES_N, rows.begin);
        map.n_is_narrow = is_narrow(item, step, WS_LANES_N);
    }
    if (has(step, WS_LANES_M))
        map.m = ws_lanes_input_rows(item, step, WS_LANES_M, rows.begin);
    if (has(step, WS_LANES_Q))
        map.q = ws_lanes_input_rows(item, step, WS_LANES_Q, rows.begin);
    set_factors(item, step->join.factors, &map.a, &map.b, &map);
    set_factors(item, step->join.mask, &map.m_a, &map.m_b, &map);
    set_back_factors(item, step->join.back, &map);
    return map;
}
