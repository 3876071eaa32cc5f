#include "nn/engine/lanes/run.h"

#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/layout.h"
#include "nn/engine/common/denormals.h"
#include "nn/engine/lanes/norms.h"

struct ws_lanes_runner {
    ws_lanes_shared shared;
    size_t max_batch;
    int n_threads;
    ws_arena arena;
    float *scratch; /* [n_threads, scratch_size] */
    size_t scratch_size;
    atomic_size_t *claims; /* [items] number of the last phase that somebody has begun each in */
    size_t n_runs;         /* forward or back so far */
    atomic_size_t n_done;  /* threads that have come to the end of a phase, all phases together */
    double *seconds;       /* [n_phases] of the last passes */
    size_t n_lanes;        /* of all blocks of the last pass */
};

WS_CPU_DEFINE_GETTER(ws_lanes_products, ws_lanes_products_get)
WS_CPU_DEFINE_GETTER(ws_lanes_products_few, ws_lanes_products_few_get)
WS_CPU_DEFINE_GETTER(ws_lanes_maps, ws_lanes_maps_get)
WS_CPU_DEFINE_GETTER(ws_lanes_maps_few, ws_lanes_maps_few_get)

static const ws_lanes_node *node_at(const ws_lanes_runner *runner, size_t i)
{
    return &runner->shared.program->nodes[i];
}

static void place_norms(ws_lanes_runner *runner, ws_layout *layout)
{
    const ws_lanes_program *program = runner->shared.program;

    for (size_t i = 0; i < program->n_norms; i++) {
        const size_t n = program->norms[i].n_bands * program->norms[i].c;
        const ws_lanes_factors factors = {.a = ws_layout_push(layout, n, sizeof(float)),
                                          .b = ws_layout_push(layout, n, sizeof(float)),
                                          .mean = ws_layout_push(layout, n, sizeof(float)),
                                          .back_a = ws_layout_push(layout, n, sizeof(float)),
                                          .back_b = ws_layout_push(layout, n, sizeof(float)),
                                          .back_c = ws_layout_push(layout, n, sizeof(float)),
                                          .inverse = ws_layout_push(layout, n, sizeof(double))};
        if (layout->arena != NULL)
            runner->shared.factors[i] = factors;
    }
}

static void place_arrays(ws_lanes_runner *runner, ws_layout *layout)
{
    ws_lanes_shared *shared = &runner->shared;
    const ws_lanes_program *program = shared->program;
    size_t n_ones = 1;

    shared->memory = ws_layout_push(layout, shared->plan.n_memory, sizeof(float));
    shared->parts = ws_layout_push(layout, shared->plan.n_parts, sizeof(float));
    shared->factors = ws_layout_push(layout, program->n_norms, sizeof *shared->factors);
    shared->weights = ws_layout_push(layout, program->n_nodes, sizeof *shared->weights);
    place_norms(runner, layout);
    for (size_t i = 0; i < program->n_nodes; i++) {
        const size_t n = ws_lanes_count_own_weights(program, i);
        float *weights = ws_layout_push(layout, n, sizeof(float));
        if (layout->arena != NULL)
            shared->weights[i] = n > 0 ? weights : NULL;
        n_ones = node_at(runner, i)->c > n_ones ? node_at(runner, i)->c : n_ones;
    }
    shared->ends = ws_layout_push(layout, ws_ranks_count(shared->ranks), sizeof *shared->ends);
    shared->tasks = ws_layout_push(layout, program->n_nodes, sizeof *shared->tasks);
    shared->ones = ws_layout_push(layout, n_ones, sizeof(float));
    shared->levels = ws_layout_push(layout, program->n_quantizers, sizeof *shared->levels);
    for (size_t i = 0; i < n_ones && layout->arena != NULL; i++)
        shared->ones[i] = 1.0f;
    runner->claims =
        ws_layout_push(layout, shared->plan.max_blocks * program->n_bands, sizeof *runner->claims);
    runner->seconds = ws_layout_push(layout, shared->plan.n_phases + 1, sizeof(double));
    runner->scratch =
        ws_layout_push(layout, (size_t)runner->n_threads * runner->scratch_size, sizeof(float));
}

static ws_status init(ws_lanes_runner *runner, const ws_lanes_program *program,
                      const ws_lanes_runner_options *options, ws_error *err)
{
    ws_layout layout = {0};

    runner->shared.program = program;
    runner->shared.ranks = options->ranks;
    runner->shared.products = ws_lanes_products_get(options->level);
    runner->shared.few_products = ws_lanes_products_few_get(options->level);
    runner->shared.maps = ws_lanes_maps_get(options->level);
    runner->shared.few_maps = ws_lanes_maps_few_get(options->level);
    runner->max_batch = options->max_batch;
    runner->n_threads = (int)options->n_threads;
    ws_status status = ws_lanes_plan_init(&runner->shared.plan, program, options->max_batch, err);
    if (status != WS_OK)
        return status;
    runner->scratch_size = runner->shared.plan.n_scratch + 5 * WS_LANES; /* threads apart */
    place_arrays(runner, &layout);
    status = ws_layout_reserve(&layout, &runner->arena, err);
    if (status != WS_OK)
        return status;
    place_arrays(runner, &layout);
    ws_lanes_fill_constant_weights(&runner->shared);
    return WS_OK;
}

ws_status ws_lanes_runner_create(ws_lanes_runner **runner, const ws_lanes_program *program,
                                 const ws_lanes_runner_options *options, ws_error *err)
{
    ws_lanes_runner *made = calloc(1, sizeof *made);

    if (made == NULL)
        return ws_fail_memory(err, "the lanes engine");
    const ws_status status = init(made, program, options, err);
    if (status != WS_OK) {
        ws_lanes_runner_destroy(made);
        return status;
    }
    *runner = made;
    return WS_OK;
}

void ws_lanes_runner_destroy(ws_lanes_runner *runner)
{
    if (runner == NULL)
        return;
    ws_lanes_plan_deinit(&runner->shared.plan);
    ws_arena_deinit(&runner->arena);
    free(runner);
}

float *ws_lanes_runner_input(ws_lanes_runner *runner, size_t node)
{
    return runner->shared.memory + runner->shared.plan.schedule[node].memory;
}

size_t ws_lanes_runner_bytes(const ws_lanes_runner *runner)
{
    return runner->arena.size;
}

static size_t count_blocks(const ws_lanes_runner *runner)
{
    return (runner->shared.pass->n + WS_LANES - 1) / WS_LANES;
}

/** Items of the whole batch, whose parts come from all ranks. */
static size_t count_all_items(const ws_lanes_runner *runner)
{
    const size_t n_blocks = (runner->shared.pass->n_all + WS_LANES - 1) / WS_LANES;
    return n_blocks * runner->shared.program->n_bands;
}

static size_t count_live(const ws_lanes_runner *runner, size_t block)
{
    const size_t left = runner->shared.pass->n - block * WS_LANES;
    return left < WS_LANES ? left : WS_LANES;
}

static const ws_lanes_maps *maps_of(const ws_lanes_runner *runner, size_t n_live)
{
    const bool is_few = ws_lanes_block_width(n_live) < WS_LANES;
    return is_few ? runner->shared.few_maps : runner->shared.maps;
}

/** All samples of a node between [n, size] and lanes. */
static void pack(const ws_lanes_runner *runner, size_t node, const float *samples)
{
    const ptrdiff_t n_blocks = (ptrdiff_t)count_blocks(runner);
    const size_t size = ws_lanes_block_floats(node_at(runner, node)) / WS_LANES;
    float *lanes = runner->shared.memory + runner->shared.plan.schedule[node].memory;

#pragma omp for schedule(static)
    for (ptrdiff_t block = 0; block < n_blocks; block++) {
        const size_t n_live = count_live(runner, (size_t)block);
        maps_of(runner, n_live)
            ->pack(samples + (size_t)block * WS_LANES * size, n_live, size,
                   lanes + (size_t)block * WS_LANES * size);
    }
}

static void unpack_logits(const ws_lanes_runner *runner)
{
    const size_t node = runner->shared.program->output;
    const size_t size = ws_lanes_block_floats(node_at(runner, node)) / WS_LANES;
    const float *lanes = runner->shared.memory + runner->shared.plan.schedule[node].memory;

    for (size_t block = 0; block < count_blocks(runner); block++) {
        const size_t n_live = count_live(runner, block);
        maps_of(runner, n_live)
            ->unpack(lanes + block * WS_LANES * size, n_live, size,
                     runner->shared.pass->logits + block * WS_LANES * size);
    }
}

/** Whether a step learns from a batch, and this one only predicts. */
static bool is_idle(const ws_lanes_item *item, const ws_lanes_step *step)
{
    const ws_lanes_op op = ws_lanes_node_at(item, step->node)->op;
    return !item->shared->pass->is_training && (op == WS_LANES_MOMENTS || op == WS_LANES_EXTREMES);
}

static void run_sweep(ws_lanes_item *item, size_t w, const ws_lanes_item *next)
{
    const ws_lanes_step *steps = item->phase->steps;
    const ws_lanes_sweep *sweep = &item->phase->sweeps[w];
    const size_t n_groups = ws_lanes_count_row_groups(item, sweep);
    ws_lanes_ahead ahead;

    item->ahead = item->shared->plan.streams ? &ahead : NULL;
    for (size_t group = 0; group < n_groups; group++) {
        if (item->ahead != NULL)
            ws_lanes_look_ahead(item, w, group, next, &ahead);
        item->group = ws_lanes_get_row_group(item, sweep, group).begin;
        for (size_t s = sweep->begin; s < sweep->end; s++) {
            const ws_lanes_span rows = ws_lanes_rows_of_group(item, sweep, &steps[s], group);
            if (rows.begin < rows.end && !is_idle(item, &steps[s]))
                ws_lanes_step_run(item, &steps[s], rows);
        }
    }
}

static void init_item(const ws_lanes_runner *runner, const ws_lanes_phase *phase, size_t number,
                      ws_lanes_item *item)
{
    static const float live_lanes[2 * WS_LANES] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const size_t n_bands = runner->shared.program->n_bands;

    *item = (ws_lanes_item){.shared = &runner->shared,
                            .phase = phase,
                            .block = number / n_bands,
                            .band = number % n_bands,
                            .scratch = runner->scratch +
                                       (size_t)omp_get_thread_num() * runner->scratch_size};
    item->n_live = count_live(runner, item->block);
    item->n_lanes = ws_lanes_block_width(item->n_live);
    const bool is_few = item->n_lanes < WS_LANES;
    item->maps = is_few ? runner->shared.few_maps : runner->shared.maps;
    item->products = is_few ? runner->shared.few_products : runner->shared.products;
    if (item->n_live < item->n_lanes)
        item->live = live_lanes + WS_LANES - item->n_live;
}

/** @param next_number  of the item that will probably be the thread's next one; itself if none */
static void run_item(const ws_lanes_runner *runner, const ws_lanes_phase *phase, size_t number,
                     size_t next_number)
{
    ws_lanes_item item, next;

    init_item(runner, phase, number, &item);
    init_item(runner, phase, next_number, &next);
    for (size_t s = 0; s < phase->n_steps; s++)
        ws_lanes_step_begin(&item, &phase->steps[s]);
    for (size_t w = 0; w < phase->n_sweeps; w++)
        run_sweep(&item, w, next_number != number ? &next : NULL);
    for (size_t s = 0; s < phase->n_steps; s++)
        ws_lanes_step_end(&item, &phase->steps[s]);
    if (runner->shared.plan.streams)
        item.maps->finish_stream();
}

/** The range of a batch, and the levels that are learned from it. */
static void learn_levels(const ws_lanes_runner *runner, const ws_lanes_step *step)
{
    const ws_lanes_shared *shared = &runner->shared;
    const size_t n_items = count_all_items(runner);
    const size_t quantizer = node_at(runner, step->node)->quantizer;
    float range[2] = {0.0f, 0.0f};

    for (size_t item = 0; item < n_items; item++) {
        const float *part = shared->parts + step->parts + item * step->n_part;
        range[0] = part[0] < range[0] ? part[0] : range[0];
        range[1] = part[1] > range[1] ? part[1] : range[1];
    }
    shared->pass->find_levels(shared->pass->user, quantizer, range, &shared->levels[quantizer]);
}

/** What follows from a phase's sums, by one thread. */
static void finish_phase(const ws_lanes_runner *runner, const ws_lanes_phase *phase)
{
    ws_lanes_share_phase(&runner->shared, phase);
    for (size_t s = 0; s < phase->n_steps; s++) {
        const ws_lanes_step *step = &phase->steps[s];
        const ws_lanes_op op = node_at(runner, step->node)->op;
        if (op == WS_LANES_MOMENTS && runner->shared.pass->is_training)
            ws_lanes_norm_use_batch(&runner->shared, step);
        if (op == WS_LANES_EXTREMES && runner->shared.pass->is_training)
            learn_levels(runner, step);
        if (op == WS_LANES_NORM_SUMS)
            ws_lanes_norm_turn_back(&runner->shared, step);
    }
}

/** Whether the calling thread is the first to ask for an item of a phase. */
static bool claim_item(const ws_lanes_runner *runner, size_t item, size_t p)
{
    const size_t number = runner->n_runs * runner->shared.plan.n_phases + p;
    return atomic_exchange_explicit(&runner->claims[item], number, memory_order_relaxed) != number;
}

/**
 * Items of a phase. A thread begins with its own share, which is the same in every phase: blocks of
 * samples stay in its cache. Every other phase goes backwards, and finds there what the one before
 * has left last. Then it helps the others with theirs: one that the system has stopped holds up no
 * more than the item that it is at.
 */
static void run_items(const ws_lanes_runner *runner, size_t p)
{
    const size_t n = count_blocks(runner) * runner->shared.program->n_bands;
    const ws_lanes_phase *phase = &runner->shared.plan.phases[p];
    const size_t thread = (size_t)omp_get_thread_num(), n_threads = (size_t)omp_get_num_threads();

    for (size_t k = 0; k < n_threads; k++) {
        const size_t owner = (thread + k) % n_threads;
        const size_t begin = n * owner / n_threads, end = n * (owner + 1) / n_threads;
        for (size_t i = begin; i < end; i++) {
            /* the others' share from its far end */
            const bool is_upwards = (p % 2 == 0) == (k == 0);
            const size_t item = is_upwards ? i : end - 1 - (i - begin);
            const size_t next = i + 1 == end ? item : is_upwards ? item + 1 : item - 1;
            if (claim_item(runner, item, p))
                run_item(runner, phase, item, next);
        }
    }
}

/** Whether all other threads are through with the phase. What they wrote is seen then. */
static bool is_last_of_phase(ws_lanes_runner *runner)
{
    const size_t before = atomic_fetch_add_explicit(&runner->n_done, 1, memory_order_acq_rel);
    return (before + 1) % (size_t)omp_get_num_threads() == 0;
}

/** Some phases, inside of a parallel region. */
static void run_phases(ws_lanes_runner *runner, size_t first, size_t end)
{
    for (size_t p = first; p < end; p++) {
        const double start = ws_clock_monotonic();
        run_items(runner, p);
        if (is_last_of_phase(runner)) {
            finish_phase(runner, &runner->shared.plan.phases[p]);
            runner->seconds[p] = ws_clock_monotonic() - start;
        }
#pragma omp barrier
    }
}

void ws_lanes_forward(ws_lanes_runner *runner, const ws_lanes_pass *pass)
{
    runner->shared.pass = pass;
    runner->n_lanes = ws_lanes_count_lanes(pass->n);
    runner->shared.first_block = pass->first / WS_LANES;
    runner->n_runs++;
    atomic_store(&runner->n_done, 0);
    for (size_t i = 0; i < runner->shared.program->n_norms && !pass->is_training; i++)
        ws_lanes_norm_use_running(&runner->shared, i);
    for (size_t i = 0; i < runner->shared.program->n_quantizers; i++)
        pass->find_levels(pass->user, i, NULL, &runner->shared.levels[i]);
#pragma omp parallel num_threads(runner->n_threads)
    {
        const unsigned mode = ws_denormals_flush();
        pack(runner, runner->shared.program->features, pass->features);
        run_phases(runner, 0, runner->shared.plan.n_forward);
        ws_denormals_restore(mode);
    }
    unpack_logits(runner);
}

enum { CHUNK = 64 /* numbers that are summed together: they are neighbours in memory */ };

/** n numbers of the gradient, from some place of the parts on: all parts in order. */
static void add_some_parts(const ws_lanes_runner *runner, const ws_lanes_step *step, size_t place,
                           ptrdiff_t n, size_t offset)
{
    const size_t n_items = count_all_items(runner);
    const float *parts = runner->shared.parts + step->parts + place;

#pragma omp for schedule(static) nowait
    for (ptrdiff_t first = 0; first < n; first += CHUNK) {
        const size_t n_chunk = n - first < CHUNK ? (size_t)(n - first) : CHUNK;
        double sums[CHUNK] = {0};
        for (size_t item = 0; item < n_items; item++) {
            const float *part = parts + item * step->n_part + (size_t)first;
            for (size_t i = 0; i < n_chunk; i++)
                sums[i] += (double)part[i];
        }
        for (size_t i = 0; i < n_chunk; i++)
            runner->shared.pass->gradients[offset + (size_t)first + i] = (float)sums[i];
    }
}

/** The gradient of a node's weights. */
static void add_parts(const ws_lanes_runner *runner, const ws_lanes_step *step)
{
    const ws_lanes_node *node = node_at(runner, step->node);
    size_t place = 0;

    if (node->n_groups == 0)
        add_some_parts(runner, step, 0, (ptrdiff_t)step->n_part,
                       node->op == WS_LANES_BIAS_SUMS ? node->bias : node->weights);
    for (size_t i = 0; i < node->n_groups; i++) {
        const ws_lanes_group group = ws_lanes_get_group(runner->shared.program, node, i);
        const size_t n = ws_lanes_count_group(node, &group);
        add_some_parts(runner, step, place, (ptrdiff_t)n, group.weights);
        place += n;
    }
}

static void add_all_parts(const ws_lanes_runner *runner)
{
    const ws_lanes_plan *plan = &runner->shared.plan;

    if (runner->shared.ranks != NULL) {
#pragma omp single
        ws_lanes_share_finish(&runner->shared);
    }
    for (size_t p = plan->n_forward; p < plan->n_phases; p++) {
        for (size_t s = 0; s < plan->phases[p].n_steps; s++) {
            const ws_lanes_step *step = &plan->phases[p].steps[s];
            const ws_lanes_op op = node_at(runner, step->node)->op;
            if (op == WS_LANES_CONV_WEIGHTS || op == WS_LANES_DEPTHWISE_WEIGHTS ||
                op == WS_LANES_BIAS_SUMS)
                add_parts(runner, step);
        }
    }
}

void ws_lanes_backward(ws_lanes_runner *runner, const ws_lanes_pass *pass)
{
    const ws_lanes_plan *plan = &runner->shared.plan;
    const ptrdiff_t n_nodes = (ptrdiff_t)runner->shared.program->n_nodes;

    runner->shared.pass = pass;
    runner->n_runs++;
    atomic_store(&runner->n_done, 0);
#pragma omp parallel num_threads(runner->n_threads)
    {
        const unsigned mode = ws_denormals_flush();
#pragma omp for schedule(dynamic) nowait
        for (ptrdiff_t i = 0; i < n_nodes; i++)
            ws_lanes_transpose_weights(&runner->shared, (size_t)i);
        pack(runner, runner->shared.program->output_gradient, pass->dlogits);
        run_phases(runner, plan->n_forward, plan->n_phases);
        add_all_parts(runner);
        ws_denormals_restore(mode);
    }
}

size_t ws_lanes_runner_n_phases(const ws_lanes_runner *runner)
{
    return runner->shared.plan.n_phases;
}

size_t ws_lanes_runner_n_forward(const ws_lanes_runner *runner)
{
    return runner->shared.plan.n_forward;
}

ws_lanes_phase_time ws_lanes_runner_time(const ws_lanes_runner *runner, size_t phase)
{
    const ws_lanes_plan *plan = &runner->shared.plan;
    ws_lanes_phase_time time = {.name = plan->phases[phase].name,
                                .is_backward = plan->phases[phase].is_backward,
                                .seconds = runner->seconds[phase]};

    ws_lanes_phase_work(plan, &plan->phases[phase], runner->n_lanes, &time.n_operations,
                        &time.n_bytes);
    return time;
}
