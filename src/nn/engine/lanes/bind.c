/* Where a phase's steps find their rows, worked out once. */
#include "nn/engine/lanes/plan.h"

static ws_lanes_array array_of(const ws_lanes_plan *plan, size_t node)
{
    const ws_lanes_node *n = &plan->program->nodes[node];
    return (ws_lanes_array){.offset = plan->schedule[node].memory,
                            .block = ws_lanes_block_floats(n),
                            .row = ws_lanes_row_floats(n)};
}

static void bind_input(const ws_lanes_plan *plan, const ws_lanes_phase *phase, ws_lanes_step *step,
                       size_t k)
{
    const ws_lanes_source source = step->sources[k];
    const ws_lanes_node *reader = &plan->program->nodes[source.node];
    const size_t node = reader->in[source.input];
    const ws_lanes_node *read = &plan->program->nodes[node];
    ws_lanes_binding *input = &step->inputs[k];

    input->is_repeated = ws_lanes_op_is_elementwise(reader->op) && reader->op != WS_LANES_SHIFT &&
                         reader->h > 1 && read->h == 1;
    input->is_narrow = read->w < reader->w;
    if (input->in == WS_LANES_NONE) {
        input->array = array_of(plan, node);
        input->pitch = input->array.row;
    } else {
        input->pitch = phase->steps[input->in].pitch;
    }
    if (input->is_repeated)
        input->pitch = 0;
}

void ws_lanes_bind(const ws_lanes_plan *plan, ws_lanes_phase *phase)
{
    for (size_t s = 0; s < phase->n_steps; s++) {
        ws_lanes_step *step = &phase->steps[s];
        step->array = array_of(plan, step->node);
        for (size_t k = 0; k < WS_LANES_MAX_SOURCES; k++)
            if (step->sources[k].node != WS_LANES_NONE)
                bind_input(plan, phase, step, k);
    }
}
