/* Nodes that are done element by element one after the other become one step, so that their rows
 * pass through the registers once:
 *
 *     a x + b  (normalisation)   + n  (one pixel for all)   + z   ReLU, or its way back
 *     x + n   way back of a ReLU   way back of a normalisation
 *     x + n   way back of a ReLU   statistics of that
 *     a x + b   sum over a row
 *
 * The mask of a ReLU's way back is its output; where that would be made again for it, out of what a
 * normalisation reads, the sign is found from there.
 */
#include "nn/engine/lanes/plan.h"

static const ws_lanes_source no_source = {WS_LANES_NONE, 0};

size_t ws_lanes_source_node(const ws_lanes_program *program, ws_lanes_source source)
{
    return program->nodes[source.node].in[source.input];
}

static bool has(const ws_lanes_step *step, size_t source)
{
    return step->sources[source].node != WS_LANES_NONE;
}

/** Whether input k of node i is added as n: it is narrower, or has a factor. */
static bool is_added_as_n(const ws_lanes_program *program, size_t i)
{
    const ws_lanes_node *node = &program->nodes[i];
    return program->nodes[node->in[1]].w < node->w || node->factor != 1.0f;
}

/** The step of a node alone. */
static ws_lanes_step start(const ws_lanes_program *program, size_t i)
{
    const ws_lanes_node *node = &program->nodes[i];
    ws_lanes_step step = {.node = i,
                          .join = {.factors = WS_LANES_NONE,
                                   .mask = WS_LANES_NONE,
                                   .back = WS_LANES_NONE,
                                   .n_factor = 1.0f}};

    for (size_t k = 0; k < WS_LANES_MAX_SOURCES; k++) {
        const bool is_read = k < node->n_in && ws_lanes_link_of(program, i, k) != WS_LANES_BATCH;
        step.sources[k] = is_read ? (ws_lanes_source){i, k} : no_source;
    }
    step.join.is_join = true;
    switch (node->op) {
    case WS_LANES_AFFINE:
    case WS_LANES_BIAS:
        step.join.factors = i;
        break;
    case WS_LANES_ADD:
        step.join.n_factor = node->factor;
        if (is_added_as_n(program, i)) {
            step.sources[WS_LANES_N] = step.sources[WS_LANES_Z];
            step.sources[WS_LANES_Z] = no_source;
        }
        break;
    case WS_LANES_RELU:
        step.join.gate = WS_LANES_GATE_RELU;
        break;
    case WS_LANES_RELU_BACK:
        step.join.gate = WS_LANES_GATE_MASK;
        step.sources[WS_LANES_M] = step.sources[WS_LANES_Z];
        step.sources[WS_LANES_Z] = no_source;
        break;
    case WS_LANES_NORM_BACK:
    case WS_LANES_NORM_SUMS:
        step.join.back = node->op == WS_LANES_NORM_BACK ? i : WS_LANES_NONE;
        step.join.is_join = node->op == WS_LANES_NORM_BACK;
        step.sources[WS_LANES_Q] = step.sources[WS_LANES_Z];
        step.sources[WS_LANES_Z] = no_source;
        break;
    default:
        step.join.is_join = false;
    }
    return step;
}

/** Neither a x + b nor z, and no ReLU. */
static bool may_turn_back(const ws_lanes_step *step)
{
    return step->join.factors == WS_LANES_NONE && !has(step, WS_LANES_Z) &&
           step->join.gate != WS_LANES_GATE_RELU;
}

/** Extends a step by node i, which reads it as input k, in place. @return false: it cannot */
static bool extend(const ws_lanes_program *program, ws_lanes_step *step, size_t i, size_t k)
{
    const ws_lanes_node *node = &program->nodes[i];
    const bool is_open = step->join.gate == WS_LANES_GATE_OPEN;
    const bool turns_back = node->op == WS_LANES_NORM_BACK || node->op == WS_LANES_NORM_SUMS;

    if (!step->join.is_join || step->join.back != WS_LANES_NONE || (!is_open && !turns_back) ||
        (k > 0 && node->op != WS_LANES_ADD))
        return false;
    switch (node->op) {
    case WS_LANES_ADD:
        if (is_added_as_n(program, i)) {
            if (k > 0 || has(step, WS_LANES_N))
                return false;
            step->sources[WS_LANES_N] = (ws_lanes_source){i, 1};
            step->join.n_factor = node->factor;
        } else {
            if (has(step, WS_LANES_Z))
                return false;
            step->sources[WS_LANES_Z] = (ws_lanes_source){i, 1 - k};
        }
        break;
    case WS_LANES_RELU:
        step->join.gate = WS_LANES_GATE_RELU;
        break;
    case WS_LANES_RELU_BACK:
        step->join.gate = WS_LANES_GATE_MASK;
        step->sources[WS_LANES_M] = (ws_lanes_source){i, 1};
        break;
    case WS_LANES_NORM_BACK:
    case WS_LANES_NORM_SUMS:
        if (!may_turn_back(step) || (step->join.mask != WS_LANES_NONE &&
                                     program->nodes[step->join.mask].norm != node->norm))
            return false;
        step->join.is_join = node->op == WS_LANES_NORM_BACK;
        step->join.back = step->join.is_join ? i : WS_LANES_NONE;
        step->sources[WS_LANES_Q] = (ws_lanes_source){i, 1};
        break;
    case WS_LANES_SUM_W:
        if (has(step, WS_LANES_Z) || has(step, WS_LANES_N))
            return false;
        step->join.is_join = false;
        break;
    default:
        return false;
    }
    step->node = i;
    return true;
}

/** Whether input k of node i is made in the phase for that node alone. */
static bool is_made_for(const ws_lanes_plan *plan, const bool *is_step, const size_t *readers,
                        size_t i, size_t k)
{
    const ws_lanes_node *node = &plan->program->nodes[i];
    const size_t in = node->in[k];

    return is_step[in] && readers[in] == 1 && !plan->schedule[in].is_stored &&
           ws_lanes_op_is_elementwise(plan->program->nodes[in].op) &&
           ws_lanes_link_of(plan->program, i, k) == WS_LANES_SAME_ROW &&
           plan->program->nodes[in].h == node->h;
}

/** A ReLU's way back whose mask is made for it alone, by a normalisation: from what that reads.
 *  @return the step that is not needed then, or WS_LANES_NONE */
static size_t find_mask(const ws_lanes_plan *plan, const bool *is_step, const size_t *readers,
                        const size_t *step_of, const ws_lanes_step *steps, ws_lanes_step *step)
{
    const ws_lanes_source m = step->sources[WS_LANES_M];

    if (step->join.gate != WS_LANES_GATE_MASK || m.node != step->node ||
        step->join.factors != WS_LANES_NONE ||
        !is_made_for(plan, is_step, readers, m.node, m.input))
        return WS_LANES_NONE;
    const size_t maker = step_of[ws_lanes_source_node(plan->program, m)];
    const ws_lanes_step *relu = &steps[maker];
    if (!relu->join.is_join || relu->join.factors == WS_LANES_NONE || has(relu, WS_LANES_Z) ||
        has(relu, WS_LANES_N) || relu->join.gate != WS_LANES_GATE_RELU)
        return WS_LANES_NONE;
    step->join.gate = WS_LANES_GATE_MASK_NORM;
    step->join.mask = relu->join.factors;
    step->sources[WS_LANES_M] = relu->sources[WS_LANES_X];
    return maker;
}

size_t ws_lanes_join_steps(const ws_lanes_plan *plan, const bool *is_step, const size_t *readers,
                           size_t *step_of, ws_lanes_step *steps)
{
    const ws_lanes_program *program = plan->program;
    size_t n_kept = 0, n = 0;

    for (size_t i = 0; i < program->n_nodes; i++) {
        step_of[i] = WS_LANES_NONE;
        if (!is_step[i])
            continue;
        steps[n] = start(program, i);
        for (size_t k = 0; k < program->nodes[i].n_in && k < 2; k++) {
            ws_lanes_step step;
            if (!is_made_for(plan, is_step, readers, i, k))
                continue;
            step = steps[step_of[program->nodes[i].in[k]]];
            if (!extend(program, &step, i, k))
                continue;
            steps[step_of[program->nodes[i].in[k]]].node = WS_LANES_NONE; /* taken over */
            steps[n] = step;
            break;
        }
        const size_t unneeded = find_mask(plan, is_step, readers, step_of, steps, &steps[n]);
        if (unneeded != WS_LANES_NONE)
            steps[unneeded].node = WS_LANES_NONE;
        step_of[i] = n++;
    }
    for (size_t i = 0; i < program->n_nodes; i++)
        if (step_of[i] != WS_LANES_NONE && steps[step_of[i]].node != i)
            step_of[i] = WS_LANES_NONE;
    for (size_t s = 0; s < n; s++) {
        if (steps[s].node == WS_LANES_NONE)
            continue;
        step_of[steps[s].node] = n_kept;
        steps[n_kept++] = steps[s];
    }
    return n_kept;
}
