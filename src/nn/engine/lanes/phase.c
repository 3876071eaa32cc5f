/* Steps, sweeps and buffers of one phase. */
#include <stdlib.h>

#include "nn/engine/lanes/plan.h"

/** A phase in the making. */
typedef struct builder {
    ws_lanes_plan *plan;
    const ws_lanes_program *program;
    size_t p;
    ws_lanes_phase *phase;
    size_t *step_of; /* [n_nodes] or WS_LANES_NONE: not a step of the phase */
    bool *is_step;   /* [n_nodes] */
    size_t *readers; /* [n_nodes] among these */
} builder;

static const ws_lanes_node *node_at(const builder *b, size_t i)
{
    return &b->program->nodes[i];
}

static bool is_stored_elementwise(const builder *b, size_t i)
{
    return ws_lanes_op_is_elementwise(node_at(b, i)->op) && b->plan->schedule[i].is_stored;
}

/** Whether the phase has to give node i for its own sake. */
static bool is_root(const builder *b, size_t i)
{
    const ws_lanes_schedule *schedule = &b->plan->schedule[i];
    const ws_lanes_op op = node_at(b, i)->op;

    if (op == WS_LANES_INPUT || schedule->phase != b->p)
        return false;
    if (ws_lanes_op_is_sum(op))
        return true;
    if (schedule->first_use > schedule->last_use)
        return false;
    return !ws_lanes_op_is_elementwise(op) || schedule->is_stored;
}

/** Whether a reader in the phase makes node i in it, and does not find it in memory. */
static bool is_made_for_reader(const builder *b, size_t i)
{
    const ws_lanes_op op = node_at(b, i)->op;

    if (op == WS_LANES_INPUT || ws_lanes_op_is_sum(op))
        return false;
    if (!ws_lanes_op_is_elementwise(op) || is_stored_elementwise(b, i))
        return b->plan->schedule[i].phase == b->p;
    return true;
}

/** Marks the nodes of the phase: the roots, and what they need of what is not in memory. */
static size_t mark_steps(builder *b)
{
    size_t n = 0;

    for (size_t i = b->program->n_nodes; i-- > 0;) {
        b->is_step[i] |= is_root(b, i);
        if (!b->is_step[i])
            continue;
        n++;
        for (size_t k = 0; k < node_at(b, i)->n_in; k++) {
            const size_t in = node_at(b, i)->in[k];
            b->is_step[in] |= is_made_for_reader(b, in);
            b->readers[in]++;
        }
    }
    return n;
}

static bool has(const ws_lanes_step *step, size_t source)
{
    return step->sources[source].node != WS_LANES_NONE;
}

/** The step of the phase that gives a source, or WS_LANES_NONE. */
static size_t input_step(const builder *b, const ws_lanes_step *step, size_t k)
{
    if (!has(step, k))
        return WS_LANES_NONE;
    return b->step_of[ws_lanes_source_node(b->program, step->sources[k])];
}

/** Narrow and wide steps do not share a sweep: many narrow rows at a time are worth it, and few
 * wide ones. */
static bool is_apart(const builder *b, const ws_lanes_step *step, size_t k, const ws_lanes_step *in)
{
    const ws_lanes_source source = step->sources[k];
    return step->is_narrow != in->is_narrow ||
           ws_lanes_link_of(b->program, source.node, source.input) != WS_LANES_SAME_ROW;
}

static bool is_narrow(const builder *b, const ws_lanes_step *step)
{
    bool is_wide = node_at(b, step->node)->w > 1;

    for (size_t k = 0; k < WS_LANES_MAX_SOURCES; k++)
        is_wide |=
            has(step, k) && node_at(b, ws_lanes_source_node(b->program, step->sources[k]))->w > 1;
    return !is_wide;
}

/** Levels: first as early as can be, then as late as their readers let them, so that what one
 *  sweep alone needs is made in it. */
static void find_levels(builder *b)
{
    ws_lanes_step *steps = b->phase->steps;

    for (size_t s = 0; s < b->phase->n_steps; s++) {
        steps[s].is_narrow = is_narrow(b, &steps[s]);
        for (size_t k = 0; k < WS_LANES_MAX_SOURCES; k++) {
            const size_t in = input_step(b, &steps[s], k);
            if (in == WS_LANES_NONE)
                continue;
            const size_t level = steps[in].level + (is_apart(b, &steps[s], k, &steps[in]) ? 1 : 0);
            steps[s].level = level > steps[s].level ? level : steps[s].level;
        }
    }
    for (size_t s = 0; s < b->phase->n_steps; s++)
        steps[s].home = WS_LANES_NONE; /* here: the latest level */
    for (size_t s = b->phase->n_steps; s-- > 0;) {
        if (steps[s].home != WS_LANES_NONE)
            steps[s].level = steps[s].home;
        for (size_t k = 0; k < WS_LANES_MAX_SOURCES; k++) {
            const size_t in = input_step(b, &steps[s], k);
            if (in == WS_LANES_NONE)
                continue;
            const size_t level = steps[s].level - (is_apart(b, &steps[s], k, &steps[in]) ? 1 : 0);
            steps[in].home = level < steps[in].home ? level : steps[in].home;
        }
    }
}

/** Rows of a sample that the sweep of a step goes over, and whether it takes all at once. */
static void find_rows(builder *b)
{
    for (size_t s = 0; s < b->phase->n_steps; s++) {
        ws_lanes_step *step = &b->phase->steps[s];
        const ws_lanes_op op = node_at(b, step->node)->op;
        step->h = node_at(b, step->node)->h;
        if (op == WS_LANES_SUM_ROWS)
            step->h = node_at(b, ws_lanes_source_node(b->program, step->sources[0]))->h;
        step->is_last = op == WS_LANES_CONV_WEIGHTS || op == WS_LANES_DEPTHWISE_WEIGHTS;
        step->is_whole =
            ws_lanes_takes_band(node_at(b, step->node)) ||
            (op == WS_LANES_MOMENTS && b->program->norms[node_at(b, step->node)->norm].n_bands > 1);
    }
}

static int compare_steps(const void *a, const void *b)
{
    const ws_lanes_step *x = a, *y = b;

    if (x->level != y->level)
        return x->level < y->level ? -1 : 1;
    if (x->is_whole != y->is_whole)
        return x->is_whole ? 1 : -1;
    if (x->is_narrow != y->is_narrow)
        return x->is_narrow ? -1 : 1;
    if (x->h != y->h && !x->is_whole)
        return x->h < y->h ? -1 : 1;
    if (x->is_last != y->is_last)
        return x->is_last ? 1 : -1;
    return x->node < y->node ? -1 : x->node > y->node;
}

static bool is_same_sweep(const ws_lanes_step *x, const ws_lanes_step *y)
{
    return x->level == y->level && x->h == y->h && x->is_narrow == y->is_narrow && !x->is_whole &&
           !y->is_whole;
}

/** Sorts the steps by sweep, links them and cuts the sweeps. */
static void order_steps(builder *b)
{
    ws_lanes_phase *phase = b->phase;

    qsort(phase->steps, phase->n_steps, sizeof *phase->steps, compare_steps);
    for (size_t s = 0; s < phase->n_steps; s++)
        b->step_of[phase->steps[s].node] = s;
    for (size_t s = 0; s < phase->n_steps; s++) {
        ws_lanes_step *step = &phase->steps[s];
        for (size_t k = 0; k < WS_LANES_MAX_SOURCES; k++)
            step->inputs[k].in = input_step(b, step, k);
        if (s == 0 || !is_same_sweep(step, step - 1))
            phase->sweeps[phase->n_sweeps++] = (ws_lanes_sweep){.begin = s};
        phase->sweeps[phase->n_sweeps - 1].end = s + 1;
    }
}

static ws_lanes_span join(ws_lanes_span a, ws_lanes_span b)
{
    if (a.begin >= a.end)
        return b;
    if (b.begin >= b.end)
        return a;
    return (ws_lanes_span){a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

/** Rows that each item computes of each step: its own, and what readers need. A step comes before
 *  its readers. */
static void find_spans(builder *b)
{
    const size_t n_bands = b->program->n_bands;

    for (size_t s = b->phase->n_steps; s-- > 0;) {
        const ws_lanes_step *step = &b->phase->steps[s];
        for (size_t band = 0; band < n_bands; band++) {
            if (is_root(b, step->node))
                step->spans[band] =
                    join(step->spans[band], ws_lanes_own_rows(step->h, n_bands, band));
            for (size_t k = 0; k < WS_LANES_MAX_SOURCES; k++) {
                if (step->inputs[k].in == WS_LANES_NONE)
                    continue;
                const ws_lanes_span needed = ws_lanes_rows_needed(
                    b->program, step->sources[k].node, step->sources[k].input, step->spans[band]);
                ws_lanes_span *in = &b->phase->steps[step->inputs[k].in].spans[band];
                *in = join(*in, needed);
            }
        }
    }
}

static bool computes_more_than_own(const builder *b, const ws_lanes_step *step)
{
    for (size_t band = 0; band < b->program->n_bands; band++) {
        const ws_lanes_span own = ws_lanes_own_rows(step->h, b->program->n_bands, band);
        if (step->spans[band].begin < own.begin || step->spans[band].end > own.end)
            return true;
    }
    return false;
}

/** Whether a step of the phase reads what step s gives. */
static bool is_read_in_phase(const builder *b, size_t s)
{
    for (size_t reader = 0; reader < b->phase->n_steps; reader++)
        for (size_t k = 0; k < WS_LANES_MAX_SOURCES; k++)
            if (b->phase->steps[reader].inputs[k].in == s)
                return true;
    return false;
}

/** Where each step's rows lie. */
static void find_places(builder *b)
{
    ws_lanes_step *steps = b->phase->steps;

    for (size_t s = 0; s < b->phase->n_steps; s++) {
        ws_lanes_step *step = &steps[s];
        const ws_lanes_node *node = node_at(b, step->node);
        step->home = s;
        step->pitch = (node->left + node->w + node->right) * node->c * WS_LANES;
        step->place = WS_LANES_ROWS_BUFFER;
        if (ws_lanes_op_is_sum(node->op)) {
            step->place = WS_LANES_NOWHERE;
        } else if (b->plan->schedule[step->node].is_stored) {
            step->keeps_own =
                computes_more_than_own(b, step) || (b->plan->streams && is_read_in_phase(b, s));
            if (!step->keeps_own)
                step->place = WS_LANES_MEMORY;
        }
        for (size_t k = 0; k < WS_LANES_MAX_SOURCES; k++) {
            if (step->inputs[k].in == WS_LANES_NONE)
                continue;
            ws_lanes_step *in = &steps[step->inputs[k].in];
            if (in->place == WS_LANES_ROWS_BUFFER && !is_same_sweep(in, step))
                in->place = WS_LANES_BAND_BUFFER;
        }
    }
}

/** What is only computed to be padded is computed into the padded rows. */
static void share_buffers(builder *b)
{
    ws_lanes_step *steps = b->phase->steps;

    for (size_t s = 0; s < b->phase->n_steps; s++) {
        const ws_lanes_node *node = node_at(b, steps[s].node);
        if (node->op != WS_LANES_PAD || steps[s].inputs[0].in == WS_LANES_NONE)
            continue;
        ws_lanes_step *in = &steps[steps[s].inputs[0].in];
        if (in->place == WS_LANES_MEMORY || in->home != steps[s].inputs[0].in ||
            !is_same_sweep(in, &steps[s]) || in->place < steps[s].place)
            continue;
        in->home = s;
        in->place = steps[s].place;
        in->pitch = steps[s].pitch;
    }
}

enum {
    ROWS_FLOATS = 8192,   /* of a row buffer: some of them fit into a first cache */
    SUMMED_FLOATS = 65536 /* of rows that are only summed: the more of them, the more seldom the
                             sums are loaded and stored */
};

/** Whether a sweep does nothing but sum up for the way back of normalisations: it has no buffer of
 *  rows. */
static bool only_sums(const builder *b, const ws_lanes_sweep *sweep)
{
    for (size_t s = sweep->begin; s < sweep->end; s++)
        if (node_at(b, b->phase->steps[s].node)->op != WS_LANES_NORM_SUMS)
            return false;
    return true;
}

static void find_sweep_rows(builder *b)
{
    for (size_t w = 0; w < b->phase->n_sweeps; w++) {
        ws_lanes_sweep *sweep = &b->phase->sweeps[w];
        size_t row = 1;
        for (size_t s = sweep->begin; s < sweep->end; s++) {
            const ws_lanes_step *step = &b->phase->steps[s];
            row = step->pitch > row ? step->pitch : row;
        }
        const size_t most = only_sums(b, sweep) ? SUMMED_FLOATS : ROWS_FLOATS;
        sweep->n_rows = row >= most ? 1 : most / row;
        if (b->phase->steps[sweep->begin].is_whole)
            sweep->n_rows = SIZE_MAX / 4;
    }
}

static size_t sweep_of(const builder *b, size_t step)
{
    size_t w = 0;
    while (b->phase->sweeps[w].end <= step)
        w++;
    return w;
}

/** Floats of the buffer of a step, the largest of all bands. */
static size_t buffer_floats(const builder *b, size_t s)
{
    const ws_lanes_step *step = &b->phase->steps[s];
    size_t n_rows = 0;

    if (step->place == WS_LANES_ROWS_BUFFER)
        return b->phase->sweeps[sweep_of(b, s)].n_rows * step->pitch;
    for (size_t band = 0; band < b->program->n_bands; band++) {
        const ptrdiff_t n = step->spans[band].end - step->spans[band].begin;
        n_rows = n > (ptrdiff_t)n_rows ? (size_t)n : n_rows;
    }
    return n_rows * step->pitch;
}

/** Floats that an item sums up in scratch, and floats that it gives as its part. */
static void count_sums(const builder *b, const ws_lanes_step *step, size_t *sums, size_t *part)
{
    const ws_lanes_node *node = node_at(b, step->node);

    *sums = *part = 0;
    switch (node->op) {
    case WS_LANES_MOMENTS:
    case WS_LANES_NORM_SUMS: {
        const size_t n = b->program->norms[node->norm].n_bands * node->c;
        *sums = 2 * n * WS_LANES;
        *part = 3 * n;
        break;
    }
    case WS_LANES_EXTREMES:
        *sums = 2 * WS_LANES;
        *part = 2;
        break;
    case WS_LANES_SUM_ROWS:
        *sums = ws_lanes_row_floats(node);
        break;
    case WS_LANES_BIAS_SUMS:
        *sums = node->c * WS_LANES;
        *part = node->c;
        break;
    case WS_LANES_DEPTHWISE_WEIGHTS:
        *part = ws_lanes_count_weights(b->program, node);
        *sums = *part * WS_LANES;
        break;
    default:
        *part = ws_lanes_count_weights(b->program, node);
    }
}

/** From the first time that a buffer is written to the last that it is read, counted in steps. A
 *  buffer of a band lives as long as the sweeps that use it. */
static ws_lanes_lease find_lease(const builder *b, size_t home)
{
    const ws_lanes_phase *phase = b->phase;
    ws_lanes_lease lease = {.begin = home, .end = home};

    for (size_t s = 0; s < phase->n_steps; s++) {
        const ws_lanes_step *step = &phase->steps[s];
        bool uses = step->home == home;
        for (size_t k = 0; k < WS_LANES_MAX_SOURCES; k++)
            uses |= step->inputs[k].in != WS_LANES_NONE &&
                    phase->steps[step->inputs[k].in].home == home;
        if (!uses)
            continue;
        lease.begin = s < lease.begin ? s : lease.begin;
        lease.end = s > lease.end ? s : lease.end;
    }
    if (phase->steps[home].place == WS_LANES_BAND_BUFFER) {
        lease.begin = phase->sweeps[sweep_of(b, lease.begin)].begin;
        lease.end = phase->sweeps[sweep_of(b, lease.end)].end - 1;
    }
    lease.size = buffer_floats(b, home);
    return lease;
}

/** Buffers and sums to their places in scratch. */
static ws_status place_buffers(builder *b, ws_error *err)
{
    ws_lanes_phase *phase = b->phase;
    ws_lanes_lease *leases = calloc(2 * phase->n_steps + 1, sizeof *leases);

    if (leases == NULL)
        return ws_fail_memory(err, "the plan of a network");
    for (size_t s = 0; s < phase->n_steps; s++) {
        const ws_lanes_step *step = &phase->steps[s];
        const bool has_buffer = step->home == s && (step->place == WS_LANES_BAND_BUFFER ||
                                                    step->place == WS_LANES_ROWS_BUFFER);
        size_t part;
        if (has_buffer)
            leases[2 * s] = find_lease(b, s);
        leases[2 * s + 1].end = phase->n_steps;
        count_sums(b, step, &leases[2 * s + 1].size, &part);
    }
    size_t n_scratch;
    const ws_status status = ws_lanes_leases_place(leases, 2 * phase->n_steps, &n_scratch, err);
    for (size_t s = 0; s < phase->n_steps; s++) {
        ws_lanes_step *step = &phase->steps[s];
        const ws_lanes_step *home = &phase->steps[step->home];
        size_t sums;
        step->offset = leases[2 * step->home].offset;
        if (step->home != s) /* inside of the padding */
            step->inset = node_at(b, home->node)->left * node_at(b, home->node)->c * WS_LANES;
        step->sums = leases[2 * s + 1].offset;
        count_sums(b, step, &sums, &step->n_part);
    }
    b->plan->n_scratch = n_scratch > b->plan->n_scratch ? n_scratch : b->plan->n_scratch;
    free(leases);
    return status;
}

static ws_status init_steps(builder *b, ws_error *err)
{
    ws_lanes_phase *phase = b->phase;
    const size_t n_marked = mark_steps(b), n_bands = b->program->n_bands;

    phase->steps = calloc(n_marked + 1, sizeof *phase->steps);
    phase->sweeps = calloc(n_marked + 1, sizeof *phase->sweeps);
    if (phase->steps == NULL || phase->sweeps == NULL)
        return ws_fail_memory(err, "the plan of a network");
    phase->n_steps = ws_lanes_join_steps(b->plan, b->is_step, b->readers, b->step_of, phase->steps);
    find_levels(b);
    find_rows(b);
    order_steps(b);
    for (size_t s = 0; s < phase->n_steps; s++) {
        phase->steps[s].spans = calloc(n_bands, sizeof(ws_lanes_span));
        if (phase->steps[s].spans == NULL)
            return ws_fail_memory(err, "the plan of a network");
    }
    find_spans(b);
    find_places(b);
    share_buffers(b);
    find_sweep_rows(b);
    ws_status status = place_buffers(b, err);
    ws_lanes_bind(b->plan, phase);
    for (size_t s = 0; s < phase->n_steps && status == WS_OK; s++)
        status = ws_lanes_taps_init(b->plan, &phase->steps[s], err);
    return status;
}

ws_status ws_lanes_phase_init(ws_lanes_plan *plan, size_t p, ws_error *err)
{
    const size_t n_nodes = plan->program->n_nodes;
    builder b = {.plan = plan, .program = plan->program, .p = p, .phase = &plan->phases[p]};
    ws_status status = WS_OK;

    b.phase->is_backward = p >= plan->n_forward;
    b.step_of = calloc(n_nodes, sizeof *b.step_of);
    b.is_step = calloc(n_nodes, sizeof *b.is_step);
    b.readers = calloc(n_nodes, sizeof *b.readers);
    if (b.step_of == NULL || b.is_step == NULL || b.readers == NULL)
        status = ws_fail_memory(err, "the plan of a network");
    else
        status = init_steps(&b, err);
    free(b.step_of);
    free(b.is_step);
    free(b.readers);
    return status;
}
