/* Where the rows of an item are. */
#include "nn/engine/lanes/item.h"

float *ws_lanes_step_row(const ws_lanes_item *item, const ws_lanes_step *step, ptrdiff_t row)
{
    ptrdiff_t first = item->group;

    if (step->place == WS_LANES_MEMORY)
        return ws_lanes_memory_row(item, &step->array, row);
    if (step->place == WS_LANES_BAND_BUFFER)
        first = item->phase->steps[step->home].spans[item->band].begin;
    const ptrdiff_t at = (ptrdiff_t)step->inset + (row - first) * (ptrdiff_t)step->pitch;
    return item->scratch + step->offset + ws_lanes_floats(item, at);
}

/* Floats from what a kernel reads from memory to what it asks for: a page, as long as a read from
 * memory lasts and short enough for the nearest cache. */
enum { AHEAD = 1024 };

/** Field by field: what is written in parts and read as a whole waits for the memory. */
static void find_rows(const ws_lanes_item *item, const ws_lanes_step *step, size_t k, ptrdiff_t row,
                      ws_lanes_in *in)
{
    const ws_lanes_binding *input = &step->inputs[k];

    if (input->is_repeated)
        row = 0;
    in->pitch = ws_lanes_size(item, input->pitch);
    in->ahead = input->in == WS_LANES_NONE && in->pitch > 0 && !input->is_narrow ? AHEAD : 0;
    in->at = input->in == WS_LANES_NONE
                 ? ws_lanes_memory_row(item, &input->array, row)
                 : ws_lanes_step_row(item, &item->phase->steps[input->in], row);
}

ws_lanes_in ws_lanes_input_rows(const ws_lanes_item *item, const ws_lanes_step *step, size_t k,
                                ptrdiff_t row)
{
    ws_lanes_in in;

    find_rows(item, step, k, row, &in);
    return in;
}

static bool has(const ws_lanes_step *step, size_t source)
{
    return step->sources[source].node != WS_LANES_NONE;
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

void ws_lanes_describe_map(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows,
                           ws_lanes_map *map)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);

    *map = (ws_lanes_map){.n_rows = (size_t)(rows.end - rows.begin),
                          .w = node->w,
                          .c = node->c,
                          .n_bands = 1,
                          .y_pitch = ws_lanes_size(item, step->pitch),
                          .factor = step->join.n_factor,
                          .live = item->live,
                          .gate = step->join.gate,
                          .x_channels = node->c,
                          .y_channels = node->c};
    if (step->place != WS_LANES_NOWHERE && node->op != WS_LANES_SUM_ROWS)
        map->y = ws_lanes_step_row(item, step, rows.begin);
    find_rows(item, step, WS_LANES_X, rows.begin, &map->x);
    if (has(step, WS_LANES_Z)) {
        find_rows(item, step, WS_LANES_Z, rows.begin, &map->z);
        map->z_is_narrow = step->inputs[WS_LANES_Z].is_narrow;
    }
    if (has(step, WS_LANES_N)) {
        find_rows(item, step, WS_LANES_N, rows.begin, &map->n);
        map->n_is_narrow = step->inputs[WS_LANES_N].is_narrow;
    }
    if (has(step, WS_LANES_M))
        find_rows(item, step, WS_LANES_M, rows.begin, &map->m);
    if (has(step, WS_LANES_Q))
        find_rows(item, step, WS_LANES_Q, rows.begin, &map->q);
    set_factors(item, step->join.factors, &map->a, &map->b, map);
    set_factors(item, step->join.mask, &map->m_a, &map->m_b, map);
    set_back_factors(item, step->join.back, map);
}
