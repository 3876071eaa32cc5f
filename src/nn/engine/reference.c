/* The reference engine: sample by sample through the operators' plain loops, all in double.
 *
 * One sample at a time keeps the memory of conv's double activations at some megabytes. Each
 * block of samples has gradients of its own, which are added in order at the end (engine.h). */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/layout.h"
#include "nn/engine/engine.h"
#include "nn/loss.h"
#include "nn/op.h"

/** What one thread works in: a value and a gradient for every node of one sample. */
typedef struct workspace {
    double *values[WS_GRAPH_MAX_NODES];    /* [node's shape] each */
    double *gradients[WS_GRAPH_MAX_NODES]; /* [node's shape] each */
} workspace;

typedef struct reference {
    const ws_graph *graph;
    int n_threads;
    size_t n_blocks;
    ws_arena arena;
    double *parameters;      /* [n_weights] */
    double *block_gradients; /* [n_blocks, n_weights] */
    workspace *workers;      /* [n_threads] */
    ws_levels levels[WS_GRAPH_MAX_QUANTIZERS];
    float *block_mins; /* [n_blocks] of what a quantizer is to learn from */
    float *block_maxs; /* likewise */
} reference;

static void place_arrays(reference *engine, ws_layout *layout)
{
    const ws_graph *graph = engine->graph;

    engine->parameters = ws_layout_push(layout, graph->n_weights, sizeof(double));
    engine->block_gradients =
        ws_layout_push(layout, engine->n_blocks * graph->n_weights, sizeof(double));
    engine->block_mins = ws_layout_push(layout, engine->n_blocks, sizeof(float));
    engine->block_maxs = ws_layout_push(layout, engine->n_blocks, sizeof(float));
    for (int t = 0; t < engine->n_threads; t++) {
        for (size_t i = 0; i < graph->n_nodes; i++) {
            const size_t size = ws_shape_size(graph->nodes[i].shape);
            engine->workers[t].values[i] = ws_layout_push(layout, size, sizeof(double));
            engine->workers[t].gradients[i] = ws_layout_push(layout, size, sizeof(double));
        }
    }
}

static void reference_destroy(void *state)
{
    reference *engine = state;
    ws_arena_deinit(&engine->arena);
    free(engine->workers);
    free(engine);
}

static ws_status reference_create(void **state, const ws_engine_setup *setup, ws_error *err)
{
    ws_layout layout = {0};
    reference *engine = calloc(1, sizeof *engine);

    if (engine == NULL)
        return ws_fail_memory(err, "the reference engine");
    engine->graph = setup->graph;
    engine->n_threads = (int)setup->n_threads;
    engine->n_blocks =
        setup->max_batch < WS_N_SAMPLE_BLOCKS ? setup->max_batch : WS_N_SAMPLE_BLOCKS;
    engine->workers = calloc(setup->n_threads, sizeof *engine->workers);
    if (engine->workers == NULL) {
        reference_destroy(engine);
        return ws_fail_memory(err, "the reference engine");
    }
    place_arrays(engine, &layout);
    const ws_status status = ws_layout_reserve(&layout, &engine->arena, err);
    if (status != WS_OK) {
        reference_destroy(engine);
        return status;
    }
    place_arrays(engine, &layout);
    *state = engine;
    return WS_OK;
}

/** Everything that an operator may ask for, about node i and one sample. dw [n_weights] */
static ws_op_run describe_run(const reference *engine, const workspace *work, size_t i, double *dw)
{
    const ws_graph *graph = engine->graph;
    const ws_node *node = &graph->nodes[i];
    ws_op_run run = {
        .node = node,
        .node_index = i,
        .in = graph->nodes[node->input].shape,
        .n = 1,
        .x = work->values[node->input],
        .y = work->values[i],
        .dy = work->gradients[i],
        /* nobody wants a gradient of the features */
        .dx = node->input > 0 ? work->gradients[node->input] : NULL,
    };
    if (node->parameter != WS_NO_PARAMETER) {
        const size_t offset = graph->parameters[node->parameter].offset;
        run.w = engine->parameters + offset;
        run.dw = dw + offset;
    }
    if (node->quantizer > 0)
        run.levels = &engine->levels[node->quantizer - 1];
    return run;
}

static void show(const ws_pass *pass, const workspace *work, size_t sample, size_t node,
                 bool is_gradient, size_t n)
{
    if (pass->watch == NULL)
        return;
    pass->watch->push(pass->watch->user,
                      &(ws_tensor_seen){
                          .sample = sample,
                          .node = node,
                          .is_gradient = is_gradient,
                          .values = is_gradient ? work->gradients[node] : work->values[node],
                          .n = n,
                      });
}

static void read_features(const reference *engine, const ws_pass *pass, workspace *work,
                          size_t sample)
{
    const size_t n_features = ws_shape_size(engine->graph->nodes[0].shape);

    for (size_t i = 0; i < n_features; i++)
        work->values[0][i] = (double)pass->features[sample * n_features + i];
}

/** The output of node i, of those before it. */
static void forward_node(const reference *engine, const ws_pass *pass, workspace *work,
                         size_t sample, size_t i)
{
    static const ws_dropout no_dropout = {.rate = 0.0};
    ws_op_run run = describe_run(engine, work, i, engine->block_gradients);

    run.first_row = sample;
    run.dropout = pass->labels != NULL ? pass->dropout : &no_dropout;
    ws_op_get(run.node->kind)->forward_ref(&run);
}

/** One sample to its logits. */
static void forward_sample(const reference *engine, const ws_pass *pass, workspace *work,
                           size_t sample)
{
    const ws_graph *graph = engine->graph;
    const size_t n_labels = ws_graph_n_labels(graph);

    read_features(engine, pass, work, sample);
    show(pass, work, sample, 0, false, ws_shape_size(graph->nodes[0].shape));
    for (size_t i = 1; i < graph->n_nodes; i++) {
        forward_node(engine, pass, work, sample, i);
        show(pass, work, sample, i, false, ws_shape_size(graph->nodes[i].shape));
    }
    for (size_t k = 0; k < n_labels; k++)
        pass->logits[sample * n_labels + k] = (float)work->values[graph->n_nodes - 1][k];
}

/** The same sample from its logits back; adds to dw [n_weights]. */
static void backward_sample(const reference *engine, const ws_pass *pass, workspace *work,
                            size_t sample, double *dw)
{
    const ws_graph *graph = engine->graph;
    const size_t last = graph->n_nodes - 1;
    const size_t n_labels = ws_graph_n_labels(graph);

    for (size_t i = 0; i < last; i++)
        memset(work->gradients[i], 0, ws_shape_size(graph->nodes[i].shape) * sizeof(double));
    pass->losses[sample] = ws_softmax_cross_entropy(work->values[last], n_labels,
                                                    pass->labels[sample], work->gradients[last]);
    for (size_t k = 0; k < n_labels; k++)
        work->gradients[last][k] /= (double)pass->n;
    for (size_t i = last; i > 0; i--) {
        show(pass, work, sample, i, true, ws_shape_size(graph->nodes[i].shape));
        ws_op_run run = describe_run(engine, work, i, dw);
        run.first_row = sample;
        run.dropout = pass->dropout;
        ws_op_get(run.node->kind)->backward_ref(&run);
    }
}

/** The samples of one block, forward and, with labels, backward. */
static void run_block(const reference *engine, const ws_pass *pass, workspace *work, size_t block)
{
    const ws_range range = ws_range_cut(pass->n, engine->n_blocks, block);
    double *dw = engine->block_gradients + block * engine->graph->n_weights;

    if (pass->labels != NULL)
        memset(dw, 0, engine->graph->n_weights * sizeof *dw);
    for (size_t sample = range.begin; sample < range.end; sample++) {
        forward_sample(engine, pass, work, sample);
        if (pass->labels != NULL)
            backward_sample(engine, pass, work, sample, dw);
    }
}

/** The samples of one block up to what node i reads, and the range of that. */
static void find_block_range(const reference *engine, const ws_pass *pass, workspace *work,
                             size_t block, size_t i)
{
    const size_t input = engine->graph->nodes[i].input;
    const size_t n = ws_shape_size(engine->graph->nodes[input].shape);
    const ws_range range = ws_range_cut(pass->n, engine->n_blocks, block);
    double min = 0.0, max = 0.0;

    for (size_t sample = range.begin; sample < range.end; sample++) {
        read_features(engine, pass, work, sample);
        for (size_t node = 1; node <= input; node++)
            forward_node(engine, pass, work, sample, node);
        for (size_t k = 0; k < n; k++) {
            const double value = work->values[input][k];
            min = value < min ? value : min;
            max = value > max ? value : max;
        }
    }
    engine->block_mins[block] = (float)min;
    engine->block_maxs[block] = (float)max;
}

/** Lets the quantizer of node i learn from the whole batch, which goes up to there for it: those
 *  before have learned already. */
static void learn_range(reference *engine, const ws_pass *pass, size_t i)
{
    const size_t quantizer = engine->graph->nodes[i].quantizer - 1;
    float min = 0.0f, max = 0.0f;

#pragma omp parallel for schedule(dynamic) num_threads(engine->n_threads)
    for (size_t block = 0; block < engine->n_blocks; block++)
        find_block_range(engine, pass, &engine->workers[omp_get_thread_num()], block, i);
    for (size_t block = 0; block < engine->n_blocks; block++) {
        min = engine->block_mins[block] < min ? engine->block_mins[block] : min;
        max = engine->block_maxs[block] > max ? engine->block_maxs[block] : max;
    }
    ws_quant_range_push(&pass->ranges[quantizer], &engine->graph->quantizers[quantizer], min, max);
}

/** The levels of all operators that quantise, learned from the batch in training. */
static void find_levels(reference *engine, const ws_pass *pass)
{
    const ws_graph *graph = engine->graph;

    for (size_t i = 1; i < graph->n_nodes; i++) {
        const size_t number = graph->nodes[i].quantizer;
        if (number == 0)
            continue;
        const ws_quantizer *quantizer = &graph->quantizers[number - 1];
        if (pass->labels != NULL && quantizer->kind != WS_RANGE_FIXED)
            learn_range(engine, pass, i);
        ws_levels_init(&engine->levels[number - 1], quantizer, &pass->ranges[number - 1]);
    }
}

static void reference_run(void *state, const ws_pass *pass)
{
    reference *engine = state;
    const size_t n_weights = engine->graph->n_weights;

    for (size_t i = 0; i < n_weights; i++)
        engine->parameters[i] = (double)pass->parameters[i];
    find_levels(engine, pass);
#pragma omp parallel for schedule(dynamic) num_threads(engine->n_threads)
    for (size_t block = 0; block < engine->n_blocks; block++)
        run_block(engine, pass, &engine->workers[omp_get_thread_num()], block);

    if (pass->labels == NULL)
        return;
#pragma omp parallel for num_threads(engine->n_threads)
    for (size_t i = 0; i < n_weights; i++) {
        double sum = 0.0;
        for (size_t block = 0; block < engine->n_blocks; block++)
            sum += engine->block_gradients[block * n_weights + i];
        pass->gradients[i] = (float)sum;
    }
}

static size_t reference_bytes(const void *state)
{
    return ((const reference *)state)->arena.size;
}

const ws_engine_kind ws_engine_reference = {
    .name = "reference",
    .create = reference_create,
    .destroy = reference_destroy,
    .run = reference_run,
    .bytes = reference_bytes,
};
