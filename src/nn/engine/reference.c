/* The reference engine: node after node through the operators' plain loops, all in double.
 *
 * A node takes all samples of a slice before the next node begins. Where an operator couples the
 * samples of a batch, the slice is the whole batch, and each thread takes a block of its samples.
 * Otherwise it is one sample a thread, which keeps the memory of conv's double activations at some
 * megabytes. Either way each block of samples has gradients of its own, which are added in order at
 * the end (engine.h). */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/layout.h"
#include "nn/engine/engine.h"
#include "nn/loss.h"
#include "nn/op.h"

/** A value and its gradient, of all samples of a slice. */
typedef struct tensor {
    double *value;    /* [max_slice, shape] */
    double *gradient; /* likewise */
} tensor;

typedef struct reference {
    const ws_graph *graph;
    int n_threads;
    size_t n_blocks;
    size_t max_slice; /* samples */
    bool is_coupled;  /* an operator couples the samples of a training step, or has a memory */
    bool has_memory;
    ws_arena arena;
    double *parameters;      /* [n_weights] */
    double *states;          /* [n_state_numbers] */
    double *block_gradients; /* [n_blocks, n_weights] */
    tensor *tensors;         /* [n_nodes] */
    ws_levels *levels;       /* [n_quantizers] */
} reference;

/** Samples on their way: a part of the batch, or all of it. */
typedef struct slice {
    size_t first, n;
} slice;

static void place_arrays(reference *engine, ws_layout *layout)
{
    const ws_graph *graph = engine->graph;

    engine->parameters = ws_layout_push(layout, graph->n_weights, sizeof(double));
    engine->states = ws_layout_push(layout, graph->n_state_numbers, sizeof(double));
    engine->block_gradients =
        ws_layout_push(layout, engine->n_blocks * graph->n_weights, sizeof(double));
    engine->levels = ws_layout_push(layout, graph->n_quantizers, sizeof *engine->levels);
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const size_t n = engine->max_slice * ws_shape_size(graph->nodes[i].shape);
        engine->tensors[i].value = ws_layout_push(layout, n, sizeof(double));
        engine->tensors[i].gradient = ws_layout_push(layout, n, sizeof(double));
    }
}

static void reference_destroy(void *state)
{
    reference *engine = state;
    ws_arena_deinit(&engine->arena);
    free(engine->tensors);
    free(engine);
}

/** Whether what comes out of the node depends on the whole batch, at least in training. */
static bool couples_samples(const ws_graph *graph, const ws_node *node)
{
    if (ws_op_get(node->kind)->has_memory)
        return true;
    if (node->quantizer > 0)
        return graph->quantizers[node->quantizer - 1].kind != WS_RANGE_FIXED;
    return ws_op_get(node->kind)->couples_samples;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void choose_slices(reference *engine, const ws_engine_setup *setup)
{
    engine->n_blocks = least(setup->max_batch, WS_N_SAMPLE_BLOCKS);
    engine->max_slice = least(engine->n_blocks, setup->n_threads);
    for (size_t i = 0; i < engine->graph->n_nodes; i++)
        engine->is_coupled |= couples_samples(engine->graph, &engine->graph->nodes[i]);
    for (size_t i = 0; i < engine->graph->n_nodes; i++)
        engine->has_memory |= ws_op_get(engine->graph->nodes[i].kind)->has_memory;
    if (engine->is_coupled)
        engine->max_slice = setup->max_batch;
}

static ws_status reference_check(const ws_graph *graph, ws_error *err)
{
    (void)graph;
    (void)err;
    return WS_OK;
}

static ws_status reference_create(void **state, const ws_engine_setup *setup, ws_error *err)
{
    ws_layout layout = {0};
    reference *engine = calloc(1, sizeof *engine);

    if (engine == NULL)
        return ws_fail_memory(err, "the reference engine");
    engine->graph = setup->graph;
    engine->n_threads = (int)setup->n_threads;
    choose_slices(engine, setup);
    engine->tensors = calloc(setup->graph->n_nodes, sizeof *engine->tensors);
    if (engine->tensors == NULL) {
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

/** Everything that an operator may ask for, about node i and the samples of the slice from `begin`
 *  on. dw [n_weights] or NULL */
static ws_op_run describe_run(const reference *engine, const ws_pass *pass, slice of, ws_range part,
                              size_t i, double *dw)
{
    static const ws_dropout no_dropout = {.rate = 0.0};
    const ws_graph *graph = engine->graph;
    const ws_node *node = &graph->nodes[i];
    const size_t out = part.begin * ws_shape_size(node->shape);
    ws_op_run run = {
        .node = node,
        .node_index = i,
        .n = part.end - part.begin,
        .first_row = of.first + part.begin,
        .is_training = pass->labels != NULL,
        .dropout = pass->labels != NULL ? pass->dropout : &no_dropout,
        .y = engine->tensors[i].value + out,
        .dy = engine->tensors[i].gradient + out,
        .levels = node->quantizer > 0 ? &engine->levels[node->quantizer - 1] : NULL,
    };
    for (size_t k = 0; k < node->n_inputs; k++) {
        const size_t input = node->inputs[k];
        run.in[k] = graph->nodes[input].shape;
        run.x[k] = engine->tensors[input].value + part.begin * ws_shape_size(run.in[k]);
        if (input > 0) /* nobody wants a gradient of the features */
            run.dx[k] = engine->tensors[input].gradient + part.begin * ws_shape_size(run.in[k]);
    }
    for (size_t slot = 0; slot < WS_NODE_MAX_PARAMETERS; slot++) {
        const ws_variable *parameter = ws_graph_parameter(graph, node, slot);
        if (parameter == NULL)
            continue;
        run.w[slot] = engine->parameters + parameter->offset;
        run.dw[slot] = dw != NULL ? dw + parameter->offset : NULL;
    }
    for (size_t slot = 0; slot < WS_NODE_MAX_STATES; slot++)
        if (node->states[slot] != WS_NO_VARIABLE)
            run.states[slot] = engine->states + graph->states[node->states[slot]].offset;
    return run;
}

/** The gradients that a part of a slice adds to: those of its block, whatever the slices are. */
static double *find_gradients(const reference *engine, slice of, size_t part)
{
    const size_t block = engine->is_coupled ? part : (of.first + part) % engine->n_blocks;
    return engine->block_gradients + block * engine->graph->n_weights;
}

/** One node, all samples of a slice. */
static void run_node(reference *engine, const ws_pass *pass, slice of, size_t i, bool is_backward)
{
    const ws_node *node = &engine->graph->nodes[i];
    const ws_op *op = ws_op_get(node->kind);
    const ws_op_plain *plain = ws_op_plain_get(node->kind);
    const bool is_whole = op->has_memory || (op->couples_samples && pass->labels != NULL);
    const size_t n_parts = is_whole ? 1 : least(of.n, engine->n_blocks);

#pragma omp parallel for schedule(dynamic) num_threads(engine->n_threads) if (n_parts > 1)
    for (size_t part = 0; part < n_parts; part++) {
        const ws_range samples = ws_range_cut(of.n, n_parts, part);
        const ws_op_run run = describe_run(engine, pass, of, samples, i,
                                           is_backward ? find_gradients(engine, of, part) : NULL);
        if (is_backward)
            plain->backward(&run);
        else
            plain->forward(&run);
    }
}

static void show(const reference *engine, const ws_pass *pass, slice of, size_t node,
                 bool is_gradient)
{
    const size_t n = ws_shape_size(engine->graph->nodes[node].shape);
    const tensor *shown = &engine->tensors[node];

    for (size_t s = 0; pass->watch != NULL && s < of.n; s++)
        pass->watch->push(pass->watch->user,
                          &(ws_tensor_seen){
                              .sample = of.first + s,
                              .node = node,
                              .is_gradient = is_gradient,
                              .values = (is_gradient ? shown->gradient : shown->value) + s * n,
                              .n = n,
                          });
}

static void read_features(reference *engine, const ws_pass *pass, slice of)
{
    const size_t size = ws_shape_size(engine->graph->nodes[0].shape);

    for (size_t i = 0; i < of.n * size; i++)
        engine->tensors[0].value[i] = (double)pass->features[of.first * size + i];
}

/** The levels of an operator that quantises; in training it learns from the batch first. */
static void find_levels(reference *engine, const ws_pass *pass, slice of, const ws_node *node)
{
    const ws_quantizer *quantizer = &engine->graph->quantizers[node->quantizer - 1];
    ws_quant_range *range = &pass->ranges[node->quantizer - 1];
    const double *x = engine->tensors[node->inputs[0]].value;
    double min = 0.0, max = 0.0;

    if (pass->labels != NULL && quantizer->kind != WS_RANGE_FIXED) {
        for (size_t i = 0; i < of.n * ws_shape_size(node->shape); i++) {
            min = x[i] < min ? x[i] : min;
            max = x[i] > max ? x[i] : max;
        }
        ws_quant_range_push(range, quantizer, (float)min, (float)max);
    }
    ws_levels_init(&engine->levels[node->quantizer - 1], quantizer, range);
}

/** A slice to its logits. */
static void forward_slice(reference *engine, const ws_pass *pass, slice of)
{
    const ws_graph *graph = engine->graph;
    const size_t n_labels = ws_graph_n_labels(graph);

    read_features(engine, pass, of);
    show(engine, pass, of, 0, false);
    for (size_t i = 1; i < graph->n_nodes; i++) {
        if (graph->nodes[i].quantizer > 0)
            find_levels(engine, pass, of, &graph->nodes[i]);
        run_node(engine, pass, of, i, false);
        show(engine, pass, of, i, false);
    }
    for (size_t k = 0; k < of.n * n_labels; k++)
        pass->logits[of.first * n_labels + k] = (float)engine->tensors[graph->n_nodes - 1].value[k];
}

/** The same slice from its logits back. */
static void backward_slice(reference *engine, const ws_pass *pass, slice of)
{
    const ws_graph *graph = engine->graph;
    const size_t last = graph->n_nodes - 1;
    const size_t n_labels = ws_graph_n_labels(graph);

    for (size_t i = 0; i < last; i++)
        memset(engine->tensors[i].gradient, 0,
               of.n * ws_shape_size(graph->nodes[i].shape) * sizeof(double));
    for (size_t s = 0; s < of.n; s++) {
        double *gradient = engine->tensors[last].gradient + s * n_labels;
        pass->losses[of.first + s] =
            ws_sample_loss(pass->labels, &pass->targets, of.first + s,
                           engine->tensors[last].value + s * n_labels, n_labels, gradient);
        for (size_t k = 0; k < n_labels; k++)
            gradient[k] /= (double)pass->n;
    }
    for (size_t i = last; i > 0; i--) {
        show(engine, pass, of, i, true);
        run_node(engine, pass, of, i, true);
    }
}

/** From block gradients to those of the batch. */
static void write_gradients(const reference *engine, const ws_pass *pass)
{
    const size_t n_weights = engine->graph->n_weights;

#pragma omp parallel for num_threads(engine->n_threads)
    for (size_t i = 0; i < n_weights; i++) {
        double sum = 0.0;
        for (size_t block = 0; block < engine->n_blocks; block++)
            sum += engine->block_gradients[block * n_weights + i];
        pass->gradients[i] = (float)sum;
    }
}

static void reference_run(void *state, const ws_pass *pass)
{
    reference *engine = state;
    const ws_graph *graph = engine->graph;

    for (size_t i = 0; i < graph->n_weights; i++)
        engine->parameters[i] = (double)pass->parameters[i];
    for (size_t i = 0; i < graph->n_state_numbers; i++)
        engine->states[i] = (double)pass->states[i];
    if (pass->labels != NULL)
        memset(engine->block_gradients, 0,
               engine->n_blocks * graph->n_weights * sizeof *engine->block_gradients);
    for (size_t first = 0; first < pass->n; first += engine->max_slice) {
        const slice of = {first, least(pass->n - first, engine->max_slice)};
        forward_slice(engine, pass, of);
        if (pass->labels != NULL)
            backward_slice(engine, pass, of);
    }
    if (pass->labels != NULL)
        write_gradients(engine, pass);
    if (pass->labels != NULL || engine->has_memory)
        for (size_t i = 0; i < graph->n_state_numbers; i++)
            pass->states[i] = (float)engine->states[i];
}

static size_t reference_bytes(const void *state)
{
    return ((const reference *)state)->arena.size;
}

const ws_engine_kind ws_engine_reference = {
    .name = "reference",
    .check = reference_check,
    .create = reference_create,
    .destroy = reference_destroy,
    .run = reference_run,
    .bytes = reference_bytes,
};
