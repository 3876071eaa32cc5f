#include "nn/engine/lanes/plan.h"

#include <stdlib.h>

/** The lowest place for lease i among those placed before it. */
static void place_lease(ws_lanes_lease *const *leases, size_t i)
{
    ws_lanes_lease *lease = leases[i];
    bool is_moved = true;

    while (is_moved) {
        is_moved = false;
        for (size_t k = 0; k < i; k++) {
            const ws_lanes_lease *other = leases[k];
            if (other->size == 0 || other->end < lease->begin || other->begin > lease->end ||
                other->offset + other->size <= lease->offset ||
                other->offset >= lease->offset + lease->size)
                continue;
            lease->offset = other->offset + other->size;
            is_moved = true;
        }
    }
}

static int compare_leases(const void *a, const void *b)
{
    const ws_lanes_lease *x = *(ws_lanes_lease *const *)a, *y = *(ws_lanes_lease *const *)b;

    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return x < y ? -1 : x > y; /* elements of one array */
}

/** Rounds up to whole vectors. */
static size_t round_up(size_t n)
{
    return (n + WS_LANES - 1) / WS_LANES * WS_LANES;
}

ws_status ws_lanes_leases_place(ws_lanes_lease *leases, size_t n, size_t *size, ws_error *err)
{
    ws_lanes_lease **order = calloc(n + 1, sizeof(ws_lanes_lease *));

    if (order == NULL)
        return ws_fail_memory(err, "the plan of a network");
    for (size_t i = 0; i < n; i++) {
        leases[i].size = round_up(leases[i].size);
        leases[i].offset = 0;
        order[i] = &leases[i];
    }
    qsort(order, n, sizeof(ws_lanes_lease *), compare_leases);
    *size = 0;
    for (size_t i = 0; i < n; i++) {
        if (order[i]->size > 0)
            place_lease(order, i);
        const size_t end = order[i]->offset + order[i]->size;
        *size = end > *size ? end : *size;
    }
    free(order);
    return WS_OK;
}

/** Arrays of nodes that live from the phase that fills them to the last that reads them. Inputs are
 *  filled before a pass, and what comes out is read after it. */
static ws_status place_memory(ws_lanes_plan *plan, ws_error *err)
{
    const ws_lanes_program *program = plan->program;
    ws_lanes_lease *leases = calloc(program->n_nodes, sizeof *leases);

    if (leases == NULL)
        return ws_fail_memory(err, "the plan of a network");
    for (size_t i = 0; i < program->n_nodes; i++) {
        const ws_lanes_node *node = &program->nodes[i];
        const ws_lanes_schedule *schedule = &plan->schedule[i];
        const bool is_input = node->op == WS_LANES_INPUT;
        if (!schedule->is_stored)
            continue;
        leases[i].size = plan->max_lanes * (ws_lanes_block_floats(node) / WS_LANES);
        leases[i].begin = is_input ? 0 : schedule->phase;
        leases[i].end = schedule->last_use > leases[i].begin ? schedule->last_use : leases[i].begin;
        if (is_input) /* a mask of ones is not drawn again for the next pass */
            leases[i].end = plan->n_phases;
    }
    const ws_status status = ws_lanes_leases_place(leases, program->n_nodes, &plan->n_memory, err);
    for (size_t i = 0; i < program->n_nodes; i++)
        plan->schedule[i].memory = leases[i].offset;
    free(leases);
    return status;
}

/** Parts of the weights' gradients live to the end of a pass, the others for a phase. */
static ws_status place_parts(ws_lanes_plan *plan, ws_error *err)
{
    const size_t n_items = plan->max_blocks * plan->program->n_bands;
    ws_lanes_lease *leases = calloc(plan->program->n_nodes, sizeof *leases);

    if (leases == NULL)
        return ws_fail_memory(err, "the plan of a network");
    for (int round = 0; round < 2; round++) {
        for (size_t p = 0; p < plan->n_phases; p++) {
            for (size_t s = 0; s < plan->phases[p].n_steps; s++) {
                ws_lanes_step *step = &plan->phases[p].steps[s];
                const ws_lanes_op op = plan->program->nodes[step->node].op;
                const bool is_brief =
                    op == WS_LANES_MOMENTS || op == WS_LANES_NORM_SUMS || op == WS_LANES_EXTREMES;
                leases[step->node].size = n_items * step->n_part;
                leases[step->node].begin = p;
                leases[step->node].end = is_brief ? p : plan->n_phases;
                step->parts = leases[step->node].offset;
            }
        }
        if (round > 0)
            break;
        const ws_status status =
            ws_lanes_leases_place(leases, plan->program->n_nodes, &plan->n_parts, err);
        if (status != WS_OK) {
            free(leases);
            return status;
        }
    }
    free(leases);
    return WS_OK;
}

/* Above this much memory, rows that a phase gives have left the caches before another phase reads
 * them. An ordinary store would read the line of the cache first. */
enum { STREAM_FLOATS = 16 << 20 };

ws_status ws_lanes_plan_init(ws_lanes_plan *plan, const ws_lanes_program *program, size_t max_batch,
                             ws_error *err)
{
    ws_status status = WS_OK;

    *plan = (ws_lanes_plan){.program = program,
                            .max_blocks = (max_batch + WS_LANES - 1) / WS_LANES,
                            .max_lanes = ws_lanes_count_lanes(max_batch)};
    plan->schedule = calloc(program->n_nodes, sizeof *plan->schedule);
    plan->reads = calloc(program->n_nodes, sizeof *plan->reads);
    if (plan->schedule == NULL || plan->reads == NULL)
        return ws_fail_memory(err, "the plan of a network");
    ws_lanes_schedule_nodes(plan);
    status = place_memory(plan, err);
    if (status != WS_OK)
        return status;
    plan->streams = plan->n_memory > STREAM_FLOATS;
    plan->phases = calloc(plan->n_phases + 1, sizeof *plan->phases);
    if (plan->phases == NULL)
        return ws_fail_memory(err, "the plan of a network");
    for (size_t p = 0; p < plan->n_phases && status == WS_OK; p++)
        status = ws_lanes_phase_init(plan, p, err);
    for (size_t p = 0; p < plan->n_phases && status == WS_OK; p++)
        ws_lanes_phase_name(plan, &plan->phases[p], plan->phases[p].name, WS_LANES_MAX_NAME);
    return status == WS_OK ? place_parts(plan, err) : status;
}

static void deinit_phase(ws_lanes_phase *phase)
{
    for (size_t s = 0; s < phase->n_steps; s++) {
        free(phase->steps[s].spans);
        free(phase->steps[s].taps);
        free(phase->steps[s].classes);
    }
    free(phase->steps);
    free(phase->sweeps);
}

void ws_lanes_plan_deinit(ws_lanes_plan *plan)
{
    for (size_t p = 0; plan->phases != NULL && p < plan->n_phases; p++)
        deinit_phase(&plan->phases[p]);
    free(plan->phases);
    free(plan->schedule);
    free(plan->reads);
    *plan = (ws_lanes_plan){0};
}
