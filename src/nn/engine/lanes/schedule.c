/* Which phase computes a node, and which nodes are kept in memory. */
#include "nn/engine/lanes/plan.h"

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** The earliest phase of node i, from those of its inputs. */
static void find_phase(ws_lanes_plan *plan, size_t i, size_t first)
{
    const ws_lanes_program *program = plan->program;
    const ws_lanes_node *node = &program->nodes[i];
    ws_lanes_schedule *schedule = &plan->schedule[i];
    size_t phase = first, available = first;

    for (size_t k = 0; k < node->n_in; k++) {
        const ws_lanes_schedule *in = &plan->schedule[node->in[k]];
        switch (ws_lanes_link_of(program, i, k)) {
        case WS_LANES_SAME_ROW:
        case WS_LANES_WHOLE_BAND:
            phase = larger(phase, in->phase);
            break;
        default:
            phase = larger(phase, in->available);
        }
        available = larger(available, in->available);
    }
    schedule->phase = phase;
    if (node->op == WS_LANES_INPUT)
        schedule->available = first;
    else if (ws_lanes_op_is_elementwise(node->op))
        schedule->available = larger(phase, available);
    else
        schedule->available = phase + 1;
}

static void add_use(ws_lanes_schedule *schedule, size_t first, size_t last)
{
    schedule->first_use = smaller(schedule->first_use, first);
    schedule->last_use = larger(schedule->last_use, last);
}

static double count_numbers(const ws_lanes_node *node)
{
    return (double)(node->h * node->w * node->c);
}

/** Making a node again reads clearly more than reading it. */
static bool is_rich(const ws_lanes_plan *plan, size_t i)
{
    return plan->reads[i] > 1.5 * count_numbers(&plan->program->nodes[i]);
}

/** What making an element-wise node reads: through others that are made again, too. */
static double count_reads(const ws_lanes_plan *plan, size_t i)
{
    const ws_lanes_node *node = &plan->program->nodes[i];
    double total = 0.0;

    if (!ws_lanes_op_is_elementwise(node->op))
        return count_numbers(node);
    for (size_t k = 0; k < node->n_in; k++) {
        const size_t in = node->in[k];
        if (ws_lanes_link_of(plan->program, i, k) == WS_LANES_BATCH)
            continue;
        const bool is_stored = is_rich(plan, in) && plan->schedule[in].n_readers > 1;
        total += is_stored ? count_numbers(&plan->program->nodes[in]) : plan->reads[in];
    }
    return total;
}

/** Whether a node's readers, all known already, make it worth its memory. */
static bool is_worth_storing(const ws_lanes_plan *plan, size_t i)
{
    const ws_lanes_node *node = &plan->program->nodes[i];
    const ws_lanes_schedule *schedule = &plan->schedule[i];

    if (node->op == WS_LANES_INPUT || i == plan->program->output)
        return true;
    if (ws_lanes_op_is_sum(node->op) || node->op == WS_LANES_PAD)
        return false;
    if (!ws_lanes_op_is_elementwise(node->op))
        return schedule->last_use > schedule->phase;
    return is_rich(plan, i) && schedule->first_use < schedule->last_use;
}

/** From the last node to the first: where each is used, and whether it is stored. */
static void find_uses(ws_lanes_plan *plan)
{
    const ws_lanes_program *program = plan->program;

    for (size_t i = program->n_nodes; i-- > 0;) {
        const ws_lanes_node *node = &program->nodes[i];
        ws_lanes_schedule *schedule = &plan->schedule[i];
        const bool is_free = ws_lanes_op_is_elementwise(node->op);

        if (i == program->output)
            add_use(schedule, schedule->phase, plan->n_forward);
        schedule->is_stored = is_worth_storing(plan, i);
        if (is_free && schedule->is_stored && i != program->output)
            schedule->phase = schedule->first_use;
        const bool is_once = !is_free || schedule->is_stored;
        if (schedule->first_use > schedule->last_use && !ws_lanes_op_is_sum(node->op))
            continue; /* nobody reads it */
        for (size_t k = 0; k < node->n_in; k++)
            add_use(&plan->schedule[node->in[k]], is_once ? schedule->phase : schedule->first_use,
                    is_once ? schedule->phase : schedule->last_use);
    }
}

void ws_lanes_schedule_nodes(ws_lanes_plan *plan)
{
    const ws_lanes_program *program = plan->program;
    const size_t n_forward = program->n_forward > 0 ? program->n_forward : program->n_nodes;

    for (size_t i = 0; i < program->n_nodes; i++)
        for (size_t k = 0; k < program->nodes[i].n_in; k++)
            plan->schedule[program->nodes[i].in[k]].n_readers++;
    for (size_t i = 0; i < program->n_nodes; i++) {
        ws_lanes_schedule *schedule = &plan->schedule[i];
        find_phase(plan, i, i < n_forward ? 0 : plan->n_forward);
        schedule->first_use = SIZE_MAX;
        schedule->last_use = 0;
        if (program->nodes[i].op != WS_LANES_INPUT)
            plan->n_phases = larger(plan->n_phases, schedule->phase + 1);
        if (i < n_forward)
            plan->n_forward = plan->n_phases;
        plan->reads[i] = count_reads(plan, i);
    }
    find_uses(plan);
}
