#include "nn/network.h"

#include <assert.h>
#include <omp.h>
#include <stdlib.h>

#include "base/layout.h"
#include "base/random.h"
#include "nn/engine/engine.h"
#include "nn/quantized_weights.h"

struct ws_network {
    const ws_graph *graph; /* borrowed */
    const ws_engine_kind *kind;
    void *engine;
    size_t max_batch;
    size_t sample_step; /* numbers from one sample's features to those of the next, predicting */
    ws_arena arena;
    float *parameters;              /* [n_weights] */
    float *states;                  /* [n_state_numbers] or NULL */
    bool is_changed;                /* either, or ranges, perhaps, since the last pass */
    float *gradients;               /* [n_weights] */
    double *losses;                 /* [max_batch] */
    ws_quant_range *ranges;         /* [n_quantizers] or NULL */
    ws_quantized_weights quantized; /* with quantizers */
    const ws_tensor_watch *watch;   /* borrowed, or NULL */
    ws_ranks *ranks;                /* borrowed, or NULL */
    size_t *ends;                   /* [ranks] of rows, in bytes */
};

static void place_arrays(ws_network *network, ws_layout *layout)
{
    network->parameters = ws_layout_push(layout, network->graph->n_weights, sizeof(float));
    network->states = ws_layout_push(layout, network->graph->n_state_numbers, sizeof(float));
    network->gradients = ws_layout_push(layout, network->graph->n_weights, sizeof(float));
    network->losses = ws_layout_push(layout, network->max_batch, sizeof(double));
    network->ranges = ws_layout_push(layout, network->graph->n_quantizers, sizeof(ws_quant_range));
    network->ends = ws_layout_push(layout, ws_ranks_count(network->ranks), sizeof(size_t));
    ws_quantized_weights_place(&network->quantized, layout);
}

/** One variable's start. @param stream  its own, of the seed */
static void init_variable(const ws_variable *variable, ws_random *stream, float *values)
{
    const double value = variable->init.value;

    for (size_t i = 0; i < variable->size; i++) {
        switch (variable->init.kind) {
        case WS_INIT_ZEROS:
            values[i] = 0.0f;
            break;
        case WS_INIT_VALUE:
            values[i] = (float)value;
            break;
        case WS_INIT_TRUNCATED_NORMAL:
            values[i] = (float)(value * ws_random_truncated_normal(stream));
            break;
        case WS_INIT_UNIFORM:
        case WS_INIT_UNIFORM_FAN_IN:
        case WS_INIT_UNIFORM_GLOROT:
            values[i] = (float)(value * (2.0 * ws_random_uniform(stream) - 1.0));
            break;
        }
    }
}

/** States and ranges as before any step; no seed matters to them. */
static void init_states(ws_network *network)
{
    ws_random none = {.n_left = 0};

    for (size_t i = 0; i < network->graph->n_states; i++) {
        const ws_variable *state = &network->graph->states[i];
        init_variable(state, &none, network->states + state->offset);
    }
    for (size_t i = 0; i < network->graph->n_quantizers; i++)
        ws_quant_range_init(&network->ranges[i], &network->graph->quantizers[i]);
}

bool ws_network_shares_rows(const ws_network *network)
{
    return network->kind->shares_rows != NULL && network->kind->shares_rows(network->engine);
}

static size_t find_sample_step(const ws_network *network, size_t stream_step)
{
    const ws_shape in = ws_graph_input_shape(network->graph);
    return ws_network_shares_rows(network) ? stream_step * in.w * in.c : ws_shape_size(in);
}

/** The first engine that can run the graph. */
static ws_status choose_engine(ws_network *network, ws_engine asked, ws_error *err)
{
    static const ws_engine_kind *const fast[] = {&ws_engine_fast, &ws_engine_lanes};
    ws_status status = WS_EINVAL;

    if (asked == WS_ENGINE_REFERENCE) {
        network->kind = &ws_engine_reference;
        return WS_OK;
    }
    for (size_t i = 0; status == WS_EINVAL && i < sizeof fast / sizeof *fast; i++) {
        network->kind = fast[i];
        status = fast[i]->check(network->graph, err);
    }
    return status;
}

/** Arrays and engine of a network whose plain fields are set. */
static ws_status init(ws_network *network, const ws_network_options *options, ws_error *err)
{
    ws_layout layout = {0};
    ws_engine_setup setup = {
        .graph = network->graph,
        .max_batch = options->max_batch,
        .n_threads = options->n_threads > 0 ? options->n_threads : (unsigned)omp_get_num_procs(),
        .convolution = options->convolution,
        .level = ws_cpu_level_get_best(),
        .stream_step = options->stream_step,
        .predicts_only = options->predicts_only,
        .log = options->log,
        .ranks = options->ranks,
    };
    ws_status status = WS_OK;

    if (options->isa != NULL && options->isa[0] != '\0')
        status = ws_cpu_level_find(options->isa, &setup.level, err);
    if (status != WS_OK)
        return status;
    network->quantized = (ws_quantized_weights){
        .graph = network->graph,
        .kernels = ws_quant_kernels_get(setup.level),
        .n_threads = setup.n_threads,
    };
    place_arrays(network, &layout);
    status = ws_layout_reserve(&layout, &network->arena, err);
    if (status != WS_OK)
        return status;
    place_arrays(network, &layout);
    init_states(network);
    status = network->kind->create(&network->engine, &setup, err);
    if (status == WS_OK)
        network->sample_step = find_sample_step(network, options->stream_step);
    return status;
}

ws_status ws_network_create(ws_network **network, const ws_graph *graph,
                            const ws_network_options *options, ws_error *err)
{
    ws_status status = ws_graph_status(graph, err);
    if (status != WS_OK)
        return status;
    if (graph->n_nodes < 2 || options->max_batch == 0)
        return ws_fail(err, WS_EINVAL,
                       "a network needs an operator after its input and batches of one sample");

    ws_network *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ws_fail_memory(err, "a network");
    made->graph = graph;
    status = choose_engine(made, options->engine, err);
    if (status != WS_OK) {
        ws_network_destroy(made);
        return status;
    }
    made->max_batch = options->max_batch;
    made->ranks = options->ranks;
    status = init(made, options, err);
    if (status != WS_OK) {
        ws_network_destroy(made);
        return status;
    }
    *network = made;
    return WS_OK;
}

void ws_network_destroy(ws_network *network)
{
    if (network == NULL)
        return;
    if (network->engine != NULL)
        network->kind->destroy(network->engine);
    ws_arena_deinit(&network->arena);
    free(network);
}

void ws_network_init_parameters(ws_network *network, uint64_t seed)
{
    for (size_t p = 0; p < network->graph->n_parameters; p++) {
        const ws_variable *parameter = &network->graph->parameters[p];
        ws_random random;

        ws_random_init(&random, seed, WS_RANDOM_WEIGHTS, 0, (uint32_t)p);
        init_variable(parameter, &random, network->parameters + parameter->offset);
    }
    network->is_changed = true;
    init_states(network);
}

float *ws_network_parameters(ws_network *network)
{
    network->is_changed = true;
    return network->parameters;
}

float *ws_network_states(ws_network *network)
{
    network->is_changed = true;
    return network->graph->n_states > 0 ? network->states : NULL;
}

ws_quant_range *ws_network_ranges(ws_network *network)
{
    network->is_changed = true;
    return network->graph->n_quantizers > 0 ? network->ranges : NULL;
}

void ws_network_watch(ws_network *network, const ws_tensor_watch *watch)
{
    network->watch = watch;
}

const float *ws_network_gradients(const ws_network *network)
{
    return network->gradients;
}

size_t ws_network_phases(const ws_network *network, ws_phase_time *phases)
{
    return network->kind->phases != NULL ? network->kind->phases(network->engine, phases) : 0;
}

size_t ws_network_get_bytes(const ws_network *network)
{
    return network->arena.size + network->kind->bytes(network->engine);
}

/** The parameters as operators read them. */
static const float *read_parameters(ws_network *network, bool learns)
{
    if (network->graph->n_quantizers == 0)
        return network->parameters;
    ws_quantized_weights_read(&network->quantized, network->parameters, network->ranges, learns);
    return network->quantized.values;
}

/** Rows of a rank. */
static ws_range share_of(const ws_network *network, size_t n, size_t rank)
{
    if (network->ranks == NULL || network->kind->share == NULL)
        return (ws_range){0, n};
    return network->kind->share(network->engine, n, rank);
}

/** Whether ranks have different rows of a batch. */
static bool is_shared(const ws_network *network, size_t n)
{
    const size_t n_ranks = ws_ranks_count(network->ranks);
    return n_ranks > 1 && share_of(network, n, n_ranks - 1).begin > 0;
}

ws_network_rows ws_network_share(const ws_network *network, size_t n)
{
    const ws_range rows = share_of(network, n, ws_ranks_rank(network->ranks));
    return (ws_network_rows){rows.begin, rows.end - rows.begin};
}

void ws_network_gather(ws_network *network, size_t n, void *array, size_t row_bytes)
{
    if (!is_shared(network, n))
        return;
    for (size_t r = 0; r < ws_ranks_count(network->ranks); r++)
        network->ends[r] = share_of(network, n, r).end * row_bytes;
    ws_ranks_gather(network->ranks, array, network->ends);
}

double ws_network_train(ws_network *network, const ws_batch *batch, float *logits)
{
    const size_t n_labels = ws_graph_n_labels(network->graph);
    const size_t n_all = batch->n_all > 0 ? batch->n_all : batch->n;
    ws_dropout dropout = batch->dropout;
    const ws_pass pass = {
        .parameters = read_parameters(network, true),
        .states = network->states,
        .ranges = network->ranges,
        .is_changed = true,
        .features = batch->features,
        .n = batch->n,
        .first = batch->first,
        .n_all = n_all,
        .logits = logits + batch->first * n_labels,
        .labels = batch->labels,
        .targets = batch->targets,
        .dropout = &dropout,
        .losses = network->losses + batch->first,
        .gradients = network->gradients,
        .watch = network->watch,
    };
    double total = 0.0;

    assert(n_all > 0 && n_all <= network->max_batch && batch->labels != NULL);
    assert(batch->first + batch->n <= n_all && (network->ranks != NULL || batch->n == n_all));
    assert(!ws_network_shares_rows(network));
    network->is_changed = true; /* an optimiser changes the parameters next */
    dropout.first_row = batch->first;
    network->kind->run(network->engine, &pass);
    ws_network_gather(network, n_all, network->losses, sizeof *network->losses);
    ws_network_gather(network, n_all, logits, n_labels * sizeof *logits);
    if (network->graph->n_quantizers > 0)
        ws_quantized_weights_mask(&network->quantized, network->parameters, network->gradients);
    for (size_t i = 0; i < n_all; i++)
        total += network->losses[i];
    return total / (double)n_all;
}

void ws_network_predict(ws_network *network, const float *features, size_t n, float *logits)
{
    const size_t n_labels = ws_graph_n_labels(network->graph);
    const float *parameters = read_parameters(network, false);

    for (size_t done = 0; done < n; done += network->max_batch) {
        const size_t left = n - done;
        const ws_pass pass = {
            .parameters = parameters,
            .states = network->states,
            .ranges = network->ranges,
            .is_changed = network->is_changed,
            .features = features + done * network->sample_step,
            .n = left < network->max_batch ? left : network->max_batch,
            .n_all = left < network->max_batch ? left : network->max_batch,
            .logits = logits + done * n_labels,
        };
        network->kind->run(network->engine, &pass);
        network->is_changed = false;
    }
}
