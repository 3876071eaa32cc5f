/* The lanes engine: a graph lowered to a program (lower.h), planned and run (run.h). */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/layout.h"
#include "nn/engine/engine.h"
#include "nn/engine/lanes/lower.h"
#include "nn/engine/lanes/run.h"
#include "nn/loss.h"

typedef struct lanes {
    const ws_graph *graph;
    ws_lanes_lowered lowered;
    ws_lanes_runner *runner;
    size_t max_batch;
    size_t n_ranks;
    int n_threads;
    ws_cpu_level level;
    bool masks_are_ones;
    size_t n_scaled; /* samples for which scales have been filled */
    ws_arena arena;
    float *dlogits;                         /* [max_batch, n_labels] */
    double *label_logits, *label_gradients; /* [n_labels] */
    uint32_t *keep;                         /* [n_threads, n_keep] of a mask */
    size_t n_keep;
    size_t n_phases;        /* of the last pass */
    ws_quant_range *ranges; /* of the pass under way */
} lanes;

static void lanes_destroy(void *state)
{
    lanes *engine = state;

    ws_lanes_runner_destroy(engine->runner);
    ws_lanes_lowered_deinit(&engine->lowered);
    ws_arena_deinit(&engine->arena);
    free(engine);
}

static ws_status lanes_check(const ws_graph *graph, ws_error *err)
{
    ws_lanes_lowered lowered;
    const ws_status status = ws_lanes_lower(&lowered, graph, false, err);

    ws_lanes_lowered_deinit(&lowered);
    return status;
}

/** Numbers of a mask for one sample. */
static size_t mask_size(const lanes *engine, size_t i)
{
    const ws_lanes_node *input = &engine->lowered.program.nodes[engine->lowered.masks[i].input];
    return input->h * input->w * input->c;
}

static void place_arrays(lanes *engine, const ws_engine_setup *setup, ws_layout *layout)
{
    const size_t n_labels = ws_graph_n_labels(setup->graph);

    engine->dlogits = ws_layout_push(layout, setup->max_batch * n_labels, sizeof(float));
    engine->label_logits = ws_layout_push(layout, n_labels, sizeof(double));
    engine->label_gradients = ws_layout_push(layout, n_labels, sizeof(double));
    engine->keep = ws_layout_push(layout, engine->n_keep * setup->n_threads, sizeof *engine->keep);
}

/** Elements of a window that lie inside of n along one axis, at output i. */
static size_t count_inside(size_t i, size_t size, size_t stride, size_t dilation, size_t before,
                           size_t n)
{
    size_t inside = 0;

    for (size_t u = 0; u < size; u++) {
        const size_t at = i * stride + u * dilation; /* from the first zero on */
        inside += at >= before && at < before + n;
    }
    return inside;
}

/** The same for all samples of a block. @return the end of the block */
static float *fill_block_scale(const lanes *engine, const ws_node *node, size_t n_lanes, float *at)
{
    const ws_window *v = &node->window;
    const ws_shape in = ws_graph_shape_in(engine->graph, node, 0);

    for (size_t i = 0; i < node->shape.h; i++)
        for (size_t j = 0; j < node->shape.w; j++) {
            const size_t n =
                count_inside(i, v->h, v->stride_h, v->dilation_h, v->zeros.before_h, in.h) *
                count_inside(j, v->w, v->stride_w, v->dilation_w, v->zeros.before_w, in.w);
            for (size_t k = 0; k < node->shape.c * n_lanes; k++)
                *at++ = n > 0 ? (float)(v->h * v->w) / (float)n : 0.0f;
        }
    return at;
}

/** All scales for a pass of n samples, whose last block may have few lanes. */
static void fill_scales(lanes *engine, size_t n)
{
    if (n == engine->n_scaled)
        return;
    engine->n_scaled = n;
    for (size_t i = 0; i < engine->lowered.n_scales; i++) {
        const ws_lanes_scale *scale = &engine->lowered.scales[i];
        float *at = ws_lanes_runner_input(engine->runner, scale->input);
        for (size_t first = 0; first < n; first += WS_LANES)
            at = fill_block_scale(engine, &engine->graph->nodes[scale->node],
                                  ws_lanes_block_width(n - first), at);
    }
}

static ws_status lanes_init(lanes *engine, const ws_engine_setup *setup, ws_error *err)
{
    const ws_lanes_runner_options options = {.max_batch = setup->max_batch,
                                             .n_threads = setup->n_threads,
                                             .level = setup->level,
                                             .ranks = setup->ranks};
    ws_layout layout = {0};

    engine->graph = setup->graph;
    engine->max_batch = setup->max_batch;
    engine->n_ranks = ws_ranks_count(setup->ranks);
    engine->n_threads = (int)setup->n_threads;
    engine->level = setup->level;
    ws_status status = ws_lanes_lower(&engine->lowered, setup->graph, !setup->predicts_only, err);
    if (status != WS_OK)
        return status;
    status = ws_lanes_runner_create(&engine->runner, &engine->lowered.program, &options, err);
    if (status != WS_OK)
        return status;
    if (ws_lanes_runner_n_phases(engine->runner) > WS_NETWORK_MAX_PHASES)
        return ws_fail(err, WS_EINVAL, "the network has more than %d phases",
                       (int)WS_NETWORK_MAX_PHASES);
    for (size_t i = 0; i < engine->lowered.n_masks; i++) {
        const size_t n = ws_dropout_n_words(mask_size(engine, i));
        engine->n_keep = n > engine->n_keep ? n : engine->n_keep;
    }
    place_arrays(engine, setup, &layout);
    status = ws_layout_reserve(&layout, &engine->arena, err);
    if (status != WS_OK)
        return status;
    place_arrays(engine, setup, &layout);
    ws_log_write(setup->log, WS_LOG_DEBUG,
                 "Lanes engine: %zu phases, %.1f MB for batches of up to %zu samples.",
                 ws_lanes_runner_n_phases(engine->runner),
                 (double)ws_lanes_runner_bytes(engine->runner) / 1e6, setup->max_batch);
    return WS_OK;
}

static ws_status lanes_create(void **state, const ws_engine_setup *setup, ws_error *err)
{
    lanes *engine = calloc(1, sizeof *engine);

    if (engine == NULL)
        return ws_fail_memory(err, "the lanes engine");
    const ws_status status = lanes_init(engine, setup, err);
    if (status != WS_OK) {
        lanes_destroy(engine);
        return status;
    }
    *state = engine;
    return WS_OK;
}

/** One sample's numbers of a mask into its lane. */
static void draw_mask(const lanes *engine, const ws_pass *pass, const ws_dropout *dropout, size_t i,
                      size_t sample)
{
    const size_t size = mask_size(engine, i), first = sample / WS_LANES * WS_LANES;
    const size_t n_lanes = ws_lanes_block_width(pass->n - first);
    float *lane = ws_lanes_runner_input(engine->runner, engine->lowered.masks[i].input) +
                  first * size + (sample - first);
    uint32_t *keep = engine->keep + (size_t)omp_get_thread_num() * engine->n_keep;
    const float kept = (float)(1.0 / (1.0 - dropout->rate));
    const ws_dropout_address address = {.row = sample, .node = engine->lowered.masks[i].node};

    ws_dropout_draw(dropout, address, 0, size, keep);
    for (size_t e = 0; e < size; e++)
        lane[e * n_lanes] = (keep[e / 32] >> e % 32 & 1) != 0 ? kept : 0.0f;
}

/** Fills all lanes of the largest batch: no pass without dropout has to fill them again. */
static void fill_masks_with_ones(lanes *engine)
{
    for (size_t i = 0; i < engine->lowered.n_masks && !engine->masks_are_ones; i++) {
        float *mask = ws_lanes_runner_input(engine->runner, engine->lowered.masks[i].input);
        const size_t n = ws_lanes_count_lanes(engine->max_batch) * mask_size(engine, i);
        for (size_t k = 0; k < n; k++)
            mask[k] = 1.0f;
    }
    engine->masks_are_ones = true;
}

/** Masks of a training step; without dropout, ones, which stay. */
static void draw_masks(lanes *engine, const ws_pass *pass)
{
    if (pass->labels == NULL || pass->dropout == NULL || pass->dropout->rate <= 0.0) {
        fill_masks_with_ones(engine);
        return;
    }
    for (size_t i = 0; i < engine->lowered.n_masks; i++) {
        const ws_node *node = &engine->graph->nodes[engine->lowered.masks[i].node];
        ws_dropout dropout = ws_dropout_of(pass->dropout, &node->dropout);
        dropout.level = engine->level;
#pragma omp parallel for schedule(static) num_threads(engine->n_threads)
        for (ptrdiff_t sample = 0; sample < (ptrdiff_t)pass->n; sample++)
            draw_mask(engine, pass, &dropout, i, (size_t)sample);
    }
    engine->masks_are_ones = false;
}

/** Losses of the samples, and the gradient of their mean by the logits. */
static void run_loss(const lanes *engine, const ws_pass *pass)
{
    const size_t n_labels = ws_graph_n_labels(engine->graph);

    for (size_t i = 0; i < pass->n; i++) {
        for (size_t k = 0; k < n_labels; k++)
            engine->label_logits[k] = (double)pass->logits[i * n_labels + k];
        pass->losses[i] = ws_sample_loss(pass->labels, &pass->targets, i, engine->label_logits,
                                         n_labels, engine->label_gradients);
        for (size_t k = 0; k < n_labels; k++)
            engine->dlogits[i * n_labels + k] =
                (float)(engine->label_gradients[k] / (double)pass->n_all);
    }
}

/** Learned as by the other engines. */
static void find_levels(void *user, size_t quantizer, const float *range, ws_lanes_levels *levels)
{
    const lanes *engine = user;
    const ws_quantizer *q = &engine->graph->quantizers[quantizer];
    ws_quant_range *learned = &engine->ranges[quantizer];
    ws_levels found;

    if (range != NULL)
        ws_quant_range_push(learned, q, range[0], range[1]);
    ws_levels_init(&found, q, learned);
    *levels = (ws_lanes_levels){
        .min = found.min, .max = found.max, .scale = found.scale, .zero = found.zero};
}

static void lanes_run(void *state, const ws_pass *pass)
{
    lanes *engine = state;
    const ws_lanes_pass run = {.parameters = pass->parameters,
                               .state = pass->states,
                               .is_training = pass->labels != NULL,
                               .n = pass->n,
                               .first = pass->first,
                               .n_all = pass->n_all,
                               .features = pass->features,
                               .logits = pass->logits,
                               .find_levels = find_levels,
                               .user = engine,
                               .dlogits = engine->dlogits,
                               .gradients = pass->gradients};

    engine->ranges = pass->ranges;
    fill_scales(engine, pass->n);
    draw_masks(engine, pass);
    ws_lanes_forward(engine->runner, &run);
    engine->n_phases = ws_lanes_runner_n_forward(engine->runner);
    if (pass->labels == NULL)
        return;
    run_loss(engine, pass);
    memset(pass->gradients, 0, engine->graph->n_weights * sizeof *pass->gradients);
    ws_lanes_backward(engine->runner, &run);
    engine->n_phases = ws_lanes_runner_n_phases(engine->runner);
}

static ws_range lanes_share(const void *state, size_t n, size_t rank)
{
    const ws_lanes_span rows = ws_lanes_share(n, ((const lanes *)state)->n_ranks, rank);
    return (ws_range){(size_t)rows.begin, (size_t)rows.end};
}

static size_t lanes_phases(const void *state, ws_phase_time *phases)
{
    const lanes *engine = state;

    for (size_t i = 0; i < engine->n_phases; i++) {
        const ws_lanes_phase_time time = ws_lanes_runner_time(engine->runner, i);
        phases[i] =
            (ws_phase_time){.name = time.name,
                            .stage = i,
                            .is_backward = time.is_backward,
                            .seconds = time.seconds,
                            .work = {.n_operations = time.n_operations, .n_bytes = time.n_bytes}};
    }
    return engine->n_phases;
}

static size_t lanes_bytes(const void *state)
{
    const lanes *engine = state;
    return engine->arena.size + ws_lanes_runner_bytes(engine->runner);
}

const ws_engine_kind ws_engine_lanes = {
    .name = "lanes",
    .check = lanes_check,
    .create = lanes_create,
    .destroy = lanes_destroy,
    .run = lanes_run,
    .share = lanes_share,
    .phases = lanes_phases,
    .bytes = lanes_bytes,
};
