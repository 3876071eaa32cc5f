#include "nn/lite/run.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/lite/byte_layer.h"
#include "nn/lite/fast.h"
#include "nn/lite/kernel.h"

enum { N_LOADED = 3, MAX_VARIABLES = 64, N_BYTES = 256 };

/** A node ready to run. */
typedef struct step {
    ws_lite_args args;
    const ws_lite_kernel *kernel;
    double *constants[N_LOADED]; /* the inputs that do not change, as doubles; NULL: others */
    ws_lite_byte_layer *layer;   /* NULL: the next */
    ws_lite_fast *fast;          /* NULL: the plain loops */
    int8_t *table;               /* [256] of an operator on single int8 numbers: its result for
                                    -128, -127, ..; NULL: another operator */
    int variable;                /* of nodes on variables */
} step;

typedef struct graph_run {
    const ws_lite_graph *graph;
    void **data;    /* [tensors] */
    bool *is_ready; /* [tensors] constant, given or computed; while the model is checked */
    int *variables; /* [tensors] the variable of a handle; -1: not a handle yet */
    step *steps;    /* [nodes] */
} graph_run;

typedef struct variable {
    char name[WS_LITE_MAX_NAME + 1];
    const ws_lite_tensor *like; /* the first one that is written to it or read from it */
    void *data;
} variable;

struct ws_lite_run {
    const ws_lite *lite;
    ws_lite_run_options options;
    graph_run graphs[WS_LITE_MAX_GRAPHS];
    variable variables[MAX_VARIABLES];
    size_t n_variables;
    size_t n_largest;              /* numbers in the largest tensor of a node that computes */
    double *scratch[N_LOADED + 1]; /* [n_largest] inputs and output */
    bool is_begun;                 /* CALL_ONCE was done */
};

/* Checks */

static ws_status refuse(const graph_run *g, const ws_lite_node *node, const char *what,
                        ws_error *err)
{
    return ws_fail(err, WS_EFORMAT, "operator %zu (%s) of the model cannot be run: %s",
                   (size_t)(node - g->graph->nodes), ws_lite_kind_name(node->kind), what);
}

/** Fills the tensors of a node. */
static ws_status find_edges(graph_run *g, const ws_lite_node *node, step *s, ws_error *err)
{
    const ws_lite_kernel *kernel = s->kernel;

    if (node->n_inputs < kernel->min_inputs || node->n_inputs > kernel->max_inputs ||
        (kernel->n_outputs > 0 ? node->n_outputs != kernel->n_outputs : 0) ||
        node->n_outputs > WS_LITE_MAX_EDGES)
        return refuse(g, node, "it has another number of inputs or outputs", err);
    for (size_t k = 0; k < node->n_inputs; k++) {
        const int tensor = node->inputs[k];
        if (tensor == WS_LITE_NONE && k >= kernel->min_inputs)
            continue;
        if (tensor < 0 || (size_t)tensor >= g->graph->n_tensors)
            return refuse(g, node, "an input is absent", err);
        if (!g->is_ready[tensor])
            return refuse(g, node, "an input is computed later, or never", err);
        s->args.in[k] = &g->graph->tensors[tensor];
        s->args.x[k] = s->args.in[k]->data; /* while it is checked: of constants only */
    }
    for (size_t k = 0; k < node->n_outputs; k++) {
        const int tensor = node->outputs[k];
        if (tensor < 0 || (size_t)tensor >= g->graph->n_tensors || g->is_ready[tensor])
            return refuse(g, node, "an output is written twice", err);
        s->args.out[k] = &g->graph->tensors[tensor];
    }
    return WS_OK;
}

static bool is_sound_type(const ws_lite_tensor *tensor)
{
    return tensor == NULL || ws_lite_type_bytes(tensor->type) > 0;
}

/** The variable of that name; a new one perhaps. @return -1: there is no room */
static int find_variable(ws_lite_run *run, const char *name)
{
    for (size_t i = 0; i < run->n_variables; i++)
        if (strcmp(run->variables[i].name, name) == 0)
            return (int)i;
    if (run->n_variables == MAX_VARIABLES)
        return -1;
    memcpy(run->variables[run->n_variables].name, name, strlen(name) + 1);
    return (int)run->n_variables++;
}

/** Gives the variable its memory, by what is read from it or written to it. */
static ws_status shape_variable(graph_run *g, const ws_lite_node *node, variable *v,
                                const ws_lite_tensor *tensor, ws_error *err)
{
    if (v->like == NULL) {
        v->like = tensor;
        v->data = calloc(ws_lite_tensor_bytes(tensor) + 1, 1);
        return v->data != NULL ? WS_OK : ws_fail_memory(err, "a variable of a model");
    }
    return v->like->type == tensor->type &&
                   ws_lite_tensor_bytes(v->like) == ws_lite_tensor_bytes(tensor)
               ? WS_OK
               : refuse(g, node, "its variable has another type or size elsewhere", err);
}

static ws_status check_variable(ws_lite_run *run, graph_run *g, const ws_lite_node *node, step *s,
                                ws_error *err)
{
    const bool is_read = node->kind == WS_LITE_READ_VARIABLE;

    switch (node->kind) {
    case WS_LITE_CALL_ONCE:
        if (g != &run->graphs[0] || node->options.graph < 1 ||
            (size_t)node->options.graph >= run->lite->n_graphs)
            return refuse(g, node, "it calls a graph that is not there, or its own", err);
        return WS_OK;
    case WS_LITE_VAR_HANDLE:
        s->variable = find_variable(run, node->variable);
        if (s->variable < 0)
            return refuse(g, node, "there are more than 64 variables", err);
        g->variables[node->outputs[0]] = s->variable;
        return WS_OK;
    default:
        s->variable = g->variables[node->inputs[0]];
        if (s->variable < 0)
            return refuse(g, node, "its first input is not a variable", err);
        if (is_read && !is_sound_type(s->args.out[0]))
            return refuse(g, node, "it reads something that has no numbers", err);
        return shape_variable(g, node, &run->variables[s->variable],
                              is_read ? s->args.out[0] : s->args.in[1], err);
    }
}

static bool is_of_variables(ws_lite_kind kind)
{
    return kind == WS_LITE_CALL_ONCE || kind == WS_LITE_VAR_HANDLE ||
           kind == WS_LITE_READ_VARIABLE || kind == WS_LITE_ASSIGN_VARIABLE;
}

static ws_status check_node(ws_lite_run *run, graph_run *g, const ws_lite_node *node, step *s,
                            ws_error *err)
{
    s->kernel = ws_lite_kernel_get(node->kind);
    s->args.node = node;
    s->args.rounding = run->options.rounding;
    ws_status status = find_edges(g, node, s, err);
    if (status != WS_OK)
        return status;
    if (is_of_variables(node->kind)) {
        status = check_variable(run, g, node, s, err);
    } else {
        bool is_sound = true;
        for (size_t k = 0; k < WS_LITE_MAX_EDGES; k++)
            is_sound = is_sound && is_sound_type(s->args.in[k]) && is_sound_type(s->args.out[k]);
        if (!is_sound)
            return refuse(g, node, "it reads or writes a handle", err);
        const char *fault = s->kernel->check != NULL ? s->kernel->check(&s->args) : NULL;
        if (fault != NULL)
            status = refuse(g, node, fault, err);
    }
    for (size_t k = 0; k < node->n_outputs; k++)
        g->is_ready[node->outputs[k]] = true;
    return status;
}

static void fill_table(ws_lite_run *run, const step *s);

/* Memory */

static ws_status lay_out(graph_run *g, const ws_lite_graph *graph, ws_error *err)
{
    bool is_fine;

    g->graph = graph;
    g->data = calloc(graph->n_tensors + 1, sizeof *g->data);
    g->is_ready = calloc(graph->n_tensors + 1, sizeof *g->is_ready);
    g->variables = calloc(graph->n_tensors + 1, sizeof *g->variables);
    g->steps = calloc(graph->n_nodes + 1, sizeof *g->steps);
    is_fine = g->data != NULL && g->is_ready != NULL && g->variables != NULL && g->steps != NULL;
    for (size_t i = 0; is_fine && i < graph->n_tensors; i++) {
        const ws_lite_tensor *tensor = &graph->tensors[i];
        g->variables[i] = -1;
        g->is_ready[i] = tensor->data != NULL || ws_lite_is_input(graph, (int)i);
        g->data[i] =
            tensor->data != NULL ? tensor->data : calloc(ws_lite_tensor_bytes(tensor) + 1, 1);
        is_fine = g->data[i] != NULL;
    }
    return is_fine ? WS_OK : ws_fail_memory(err, "the tensors of a model");
}

/** Whether each number that the operator gives depends on one of 8 bits alone. */
static bool is_of_single_bytes(const step *s)
{
    const ws_lite_kind kind = s->args.node->kind;

    return (kind == WS_LITE_LOGISTIC || kind == WS_LITE_RELU || kind == WS_LITE_RELU6 ||
            kind == WS_LITE_QUANTIZE) &&
           s->args.in[0]->type == WS_LITE_INT8 && ws_lite_type_bytes(s->args.out[0]->type) == 1;
}

/** Points the node at its numbers, and loads those that do not change. */
static ws_status bind(ws_lite_run *run, graph_run *g, step *s, ws_error *err)
{
    const ws_lite_node *node = s->args.node;

    for (size_t k = 0; k < node->n_inputs; k++)
        s->args.x[k] = s->args.in[k] != NULL ? g->data[node->inputs[k]] : NULL;
    for (size_t k = 0; k < node->n_outputs; k++)
        s->args.y[k] = g->data[node->outputs[k]];
    if (s->kernel->compute == NULL)
        return WS_OK;
    const size_t n_results = ws_lite_tensor_size(s->args.out[0]);
    run->n_largest = n_results > run->n_largest ? n_results : run->n_largest;
    if ((s->kernel->gives_sums || node->kind == WS_LITE_AVERAGE_POOL_2D) &&
        !run->options.is_reference) {
        ws_status status =
            ws_lite_byte_layer_create(&s->layer, &s->args, ws_lite_byte_layer_level(), err);
        if (status == WS_OK && s->layer == NULL && s->kernel->gives_sums)
            status = ws_lite_fast_create(&s->fast, &s->args, err);
        if (status != WS_OK || s->layer != NULL || s->fast != NULL)
            return status;
    }
    if (!run->options.is_reference && is_of_single_bytes(s)) {
        run->n_largest = N_BYTES > run->n_largest ? N_BYTES : run->n_largest;
        s->table = calloc(N_BYTES, 1);
        return s->table != NULL ? WS_OK : ws_fail_memory(err, "the table of an operator");
    }
    for (size_t k = 0; k < N_LOADED && k < node->n_inputs; k++) {
        const ws_lite_tensor *in = s->args.in[k];
        if (in == NULL)
            continue;
        const size_t n = ws_lite_tensor_size(in);
        run->n_largest = n > run->n_largest ? n : run->n_largest;
        if (in->data == NULL)
            continue;
        s->constants[k] = calloc(n, sizeof *s->constants[k]);
        if (s->constants[k] == NULL)
            return ws_fail_memory(err, "the weights of a model");
        ws_lite_load(in, in->data, s->constants[k]);
    }
    return WS_OK;
}

static ws_status prepare_graph(ws_lite_run *run, size_t i, ws_error *err)
{
    graph_run *g = &run->graphs[i];

    ws_status status = lay_out(g, &run->lite->graphs[i], err);
    for (size_t k = 0; status == WS_OK && k < g->graph->n_nodes; k++)
        status = check_node(run, g, &g->graph->nodes[k], &g->steps[k], err);
    for (size_t k = 0; status == WS_OK && k < g->graph->n_nodes; k++)
        status = bind(run, g, &g->steps[k], err);
    for (size_t k = 0; status == WS_OK && k < g->graph->n_outputs; k++)
        if (!g->is_ready[g->graph->outputs[k]])
            status = ws_fail(err, WS_EFORMAT, "output %zu of the model is never computed", k);
    return status;
}

ws_status ws_lite_run_create(ws_lite_run **made, const ws_lite *lite,
                             const ws_lite_run_options *options, ws_error *err)
{
    ws_lite_run *run = calloc(1, sizeof *run);
    ws_status status = WS_OK;

    *made = NULL;
    if (run == NULL)
        return ws_fail_memory(err, "a model for small runtimes");
    run->lite = lite;
    run->options = *options;
    if (lite->n_graphs == 0 || lite->graphs[0].n_inputs == 0 || lite->graphs[0].n_outputs == 0)
        status = ws_fail(err, WS_EFORMAT, "the model has no input or no output");
    for (size_t i = 0; i < lite->n_graphs && status == WS_OK; i++)
        status = prepare_graph(run, i, err);
    for (size_t k = 0; k <= N_LOADED && status == WS_OK; k++) {
        run->scratch[k] = calloc(run->n_largest + 1, sizeof *run->scratch[k]);
        if (run->scratch[k] == NULL)
            status = ws_fail_memory(err, "a model for small runtimes");
    }
    if (status != WS_OK) {
        ws_lite_run_destroy(run);
        return status;
    }
    for (size_t i = 0; i < lite->n_graphs; i++)
        for (size_t k = 0; k < lite->graphs[i].n_nodes; k++)
            if (run->graphs[i].steps[k].table != NULL)
                fill_table(run, &run->graphs[i].steps[k]);
    ws_lite_run_reset(run);
    *made = run;
    return WS_OK;
}

static void deinit_graph(graph_run *g)
{
    for (size_t i = 0; g->data != NULL && i < g->graph->n_tensors; i++)
        if (g->graph->tensors[i].data == NULL)
            free(g->data[i]);
    for (size_t i = 0; g->steps != NULL && i < g->graph->n_nodes; i++)
        for (size_t k = 0; k < N_LOADED; k++)
            free(g->steps[i].constants[k]);
    for (size_t i = 0; g->steps != NULL && i < g->graph->n_nodes; i++) {
        ws_lite_byte_layer_destroy(g->steps[i].layer);
        ws_lite_fast_destroy(g->steps[i].fast);
        free(g->steps[i].table);
    }
    free(g->data);
    free(g->is_ready);
    free(g->variables);
    free(g->steps);
}

void ws_lite_run_destroy(ws_lite_run *run)
{
    if (run == NULL)
        return;
    for (size_t i = 0; i < WS_LITE_MAX_GRAPHS; i++)
        if (run->graphs[i].graph != NULL)
            deinit_graph(&run->graphs[i]);
    for (size_t i = 0; i < run->n_variables; i++)
        free(run->variables[i].data);
    for (size_t k = 0; k <= N_LOADED; k++)
        free(run->scratch[k]);
    free(run);
}

/* Running */

void ws_lite_run_reset(ws_lite_run *run)
{
    run->is_begun = false;
    for (size_t i = 0; i < run->n_variables; i++) {
        const variable *v = &run->variables[i];
        if (v->like == NULL)
            continue;
        const bool is_byte = ws_lite_type_bytes(v->like->type) == 1 && v->like->scale.n > 0;
        memset(v->data, is_byte ? (unsigned char)v->like->scale.zero_point : 0,
               ws_lite_tensor_bytes(v->like));
    }
}

static void run_graph(ws_lite_run *run, graph_run *g);

static void run_on_variable(ws_lite_run *run, const step *s)
{
    const ws_lite_node *node = s->args.node;

    if (node->kind == WS_LITE_CALL_ONCE) {
        if (!run->is_begun)
            run_graph(run, &run->graphs[node->options.graph]);
        run->is_begun = true;
    } else if (node->kind == WS_LITE_READ_VARIABLE) {
        memcpy(s->args.y[0], run->variables[s->variable].data,
               ws_lite_tensor_bytes(s->args.out[0]));
    } else if (node->kind == WS_LITE_ASSIGN_VARIABLE) {
        memcpy(run->variables[s->variable].data, s->args.x[1], ws_lite_tensor_bytes(s->args.in[1]));
    }
}

/** Loads what changes; after this the operator can compute. */
static void load_inputs(ws_lite_run *run, step *s)
{
    for (size_t k = 0; k < N_LOADED && k < s->args.node->n_inputs; k++) {
        if (s->args.in[k] == NULL)
            continue;
        if (s->constants[k] == NULL)
            ws_lite_load(s->args.in[k], s->args.x[k], run->scratch[k]);
        s->args.v[k] = s->constants[k] != NULL ? s->constants[k] : run->scratch[k];
    }
}

static void compute(ws_lite_run *run, step *s)
{
    const ws_lite_kernel *kernel = s->kernel;
    const bool is_tflm = run->options.rounding == WS_LITE_ROUNDING_TFLM &&
                         kernel->round_as_tflm != NULL && s->args.in[0]->scale.n > 0 &&
                         s->args.out[0]->type == WS_LITE_INT8;

    s->args.r = run->scratch[N_LOADED];
    if (s->layer != NULL ? ws_lite_byte_layer_compute(s->layer, &s->args)
                         : !run->options.is_reference &&
                               ws_lite_compute_byte_pairs(&s->args, ws_cpu_level_get_best()))
        return;
    if (s->layer == NULL && s->fast == NULL)
        load_inputs(run, s);
    if (s->fast != NULL)
        ws_lite_fast_compute(s->fast, &s->args);
    else if (s->layer == NULL && (!is_tflm || kernel->gives_sums))
        kernel->compute(&s->args);
    if (is_tflm)
        kernel->round_as_tflm(&s->args);
    else if (kernel->gives_sums)
        ws_lite_store_sums(&s->args);
    else
        ws_lite_store(s->args.out[0], s->args.r, s->args.y[0]);
}

/** The operator on each number of 8 bits. */
static void fill_table(ws_lite_run *run, const step *s)
{
    int8_t all[N_BYTES];
    ws_lite_tensor in = *s->args.in[0], out = *s->args.out[0];
    step one = *s;

    for (int i = 0; i < N_BYTES; i++)
        all[i] = (int8_t)(i - 128);
    in.n_dims = out.n_dims = 1;
    in.dims[0] = out.dims[0] = N_BYTES;
    one.args.in[0] = &in;
    one.args.out[0] = &out;
    one.args.x[0] = all;
    one.args.y[0] = s->table;
    compute(run, &one);
}

static void look_up(const step *s)
{
    const int8_t *x = s->args.x[0];
    int8_t *y = s->args.y[0];
    const size_t n = ws_lite_tensor_size(s->args.in[0]);

    for (size_t i = 0; i < n; i++)
        y[i] = s->table[x[i] + 128];
}

static void run_graph(ws_lite_run *run, graph_run *g)
{
    for (size_t i = 0; i < g->graph->n_nodes; i++) {
        step *s = &g->steps[i];
        if (is_of_variables(s->args.node->kind))
            run_on_variable(run, s);
        else if (s->kernel->copy != NULL)
            s->kernel->copy(&s->args);
        else if (s->table != NULL)
            look_up(s);
        else
            compute(run, s);
    }
}

void ws_lite_run_invoke(ws_lite_run *run)
{
    run_graph(run, &run->graphs[0]);
}

const ws_lite_tensor *ws_lite_run_get_input(const ws_lite_run *run, size_t i)
{
    const ws_lite_graph *graph = &run->lite->graphs[0];

    assert(i < graph->n_inputs);
    return &graph->tensors[graph->inputs[i]];
}

const ws_lite_tensor *ws_lite_run_get_output(const ws_lite_run *run, size_t i)
{
    const ws_lite_graph *graph = &run->lite->graphs[0];

    assert(i < graph->n_outputs);
    return &graph->tensors[graph->outputs[i]];
}

void ws_lite_run_write(ws_lite_run *run, size_t i, const float *values)
{
    const ws_lite_tensor *tensor = ws_lite_run_get_input(run, i);

    ws_lite_store_floats(tensor, values, run->graphs[0].data[run->lite->graphs[0].inputs[i]]);
}

void ws_lite_run_read(const ws_lite_run *run, int tensor, float *values)
{
    ws_lite_load_floats(&run->lite->graphs[0].tensors[tensor], run->graphs[0].data[tensor], values);
}

const void *ws_lite_run_data(const ws_lite_run *run, int tensor)
{
    return run->graphs[0].data[tensor];
}
