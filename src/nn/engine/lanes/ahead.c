/* The groups of rows of an item, and what comes after one of them. */
#include "nn/engine/lanes/item.h"

/** The rows that the steps of a sweep compute together. */
static ws_lanes_span find_span(const ws_lanes_item *item, const ws_lanes_sweep *sweep)
{
    ws_lanes_span all = {PTRDIFF_MAX, PTRDIFF_MIN};

    for (size_t s = sweep->begin; s < sweep->end; s++) {
        const ws_lanes_span span = item->phase->steps[s].spans[item->band];
        if (span.begin >= span.end)
            continue;
        all.begin = span.begin < all.begin ? span.begin : all.begin;
        all.end = span.end > all.end ? span.end : all.end;
    }
    return all.begin < all.end ? all : (ws_lanes_span){0, 0};
}

static size_t count_groups(ws_lanes_span span, const ws_lanes_sweep *sweep)
{
    return ((size_t)(span.end - span.begin) + sweep->n_rows - 1) / sweep->n_rows;
}

size_t ws_lanes_count_row_groups(const ws_lanes_item *item, const ws_lanes_sweep *sweep)
{
    return count_groups(find_span(item, sweep), sweep);
}

ws_lanes_span ws_lanes_get_row_group(const ws_lanes_item *item, const ws_lanes_sweep *sweep,
                                     size_t group)
{
    const ws_lanes_span span = find_span(item, sweep);
    const ptrdiff_t n = span.end - span.begin, n_groups = (ptrdiff_t)count_groups(span, sweep);

    return (ws_lanes_span){span.begin + n * (ptrdiff_t)group / n_groups,
                           span.begin + n * (ptrdiff_t)(group + 1) / n_groups};
}

ws_lanes_span ws_lanes_rows_of_group(const ws_lanes_item *item, const ws_lanes_sweep *sweep,
                                     const ws_lanes_step *step, size_t group)
{
    const ws_lanes_span own = step->spans[item->band],
                        rows = ws_lanes_get_row_group(item, sweep, group);

    return (ws_lanes_span){own.begin > rows.begin ? own.begin : rows.begin,
                           own.end < rows.end ? own.end : rows.end};
}

static void push_run(ws_lanes_ahead *ahead, const float *at, size_t n)
{
    for (size_t i = 0; i < ahead->n; i++)
        if (ahead->runs[i].at == at)
            return;
    if (n == 0 || ahead->n == WS_LANES_MAX_AHEAD)
        return;
    ahead->runs[ahead->n].at = at;
    ahead->runs[ahead->n++].n = n;
}

/** Appends what a group reads from memory, but for single pixels and repeated rows. */
static void push_group(const ws_lanes_item *item, const ws_lanes_sweep *sweep, size_t group,
                       ws_lanes_ahead *ahead)
{
    const ws_lanes_program *program = item->shared->program;

    for (size_t s = sweep->begin; s < sweep->end; s++) {
        const ws_lanes_step *step = &item->phase->steps[s];
        const ws_lanes_span rows = ws_lanes_rows_of_group(item, sweep, step, group);
        for (size_t k = 0; k < WS_LANES_MAX_SOURCES && !step->is_narrow; k++) {
            const ws_lanes_source source = step->sources[k];
            const ws_lanes_binding *input = &step->inputs[k];
            if (source.node == WS_LANES_NONE || input->in != WS_LANES_NONE || input->is_repeated ||
                input->is_narrow)
                continue;
            const ws_lanes_span read =
                ws_lanes_rows_needed(program, source.node, source.input, rows);
            if (read.begin < read.end)
                push_run(ahead, ws_lanes_memory_row(item, &input->array, read.begin),
                         (size_t)(read.end - read.begin) * ws_lanes_size(item, input->array.row));
        }
    }
}

void ws_lanes_look_ahead(const ws_lanes_item *item, size_t sweep, size_t group,
                         const ws_lanes_item *next, ws_lanes_ahead *ahead)
{
    const ws_lanes_phase *phase = item->phase;

    ahead->n = ahead->next = 0;
    if (group + 1 < ws_lanes_count_row_groups(item, &phase->sweeps[sweep]))
        push_group(item, &phase->sweeps[sweep], group + 1, ahead);
    for (size_t w = sweep + 1; w < phase->n_sweeps && ahead->n == 0; w++)
        if (ws_lanes_count_row_groups(item, &phase->sweeps[w]) > 0)
            push_group(item, &phase->sweeps[w], 0, ahead);
    for (size_t w = 0; next != NULL && w < phase->n_sweeps && ahead->n == 0; w++)
        if (ws_lanes_count_row_groups(next, &phase->sweeps[w]) > 0)
            push_group(next, &phase->sweeps[w], 0, ahead);
}
