/* The push functions of a graph: attributes and variables of each operator. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/graph_storage.h"
#include "nn/op.h"

/** Whether all inputs are earlier nodes, and as many as the operator takes. */
static bool reads_earlier(const ws_graph *graph, const ws_node *node)
{
    const bool is_first = graph->n_nodes == 0;

    if (is_first != (node->kind == WS_OP_INPUT) || is_first != (node->n_inputs == 0))
        return false;
    for (size_t i = 0; i < node->n_inputs; i++)
        if (node->inputs[i] >= graph->n_nodes)
            return false;
    return true;
}

/** Appends the node and infers its shape; the index of the new node, or 0 after an error. */
static size_t push_node(ws_graph *graph, ws_node node)
{
    const ws_op *op = ws_op_get(node.kind);
    ws_shape in[WS_NODE_MAX_INPUTS] = {node.shape};

    if (graph->error.status != WS_OK)
        return 0;
    if (!reads_earlier(graph, &node)) {
        ws_fail(&graph->error, WS_EINVAL,
                "%s: a graph begins with one input, and each operator reads earlier ones",
                op->name);
        return 0;
    }
    for (size_t i = 0; i < node.n_inputs; i++)
        in[i] = graph->nodes[node.inputs[i]].shape;
    if (op->infer_shape(&node, in, &graph->error) != WS_OK)
        return 0;
    graph->nodes = ws_graph_append(graph, graph->nodes, &graph->n_nodes, &node, sizeof node);
    return graph->error.status == WS_OK ? graph->n_nodes - 1 : 0;
}

/** A node without attributes and variables. @param n  WS_NODE_MAX_INPUTS at most */
static ws_node make_node(const ws_graph *graph, ws_op_kind kind, const size_t *inputs, size_t n)
{
    ws_node node = {.kind = kind, .n_inputs = n, .scope = graph->scope};

    for (size_t i = 0; i < n; i++)
        node.inputs[i] = inputs[i];
    for (size_t i = 0; i < WS_NODE_MAX_PARAMETERS; i++)
        node.parameters[i] = WS_NO_VARIABLE;
    for (size_t i = 0; i < WS_NODE_MAX_STATES; i++)
        node.states[i] = WS_NO_VARIABLE;
    return node;
}

static ws_node make_unary(const ws_graph *graph, ws_op_kind kind, size_t input)
{
    return make_node(graph, kind, &input, 1);
}

/** The shape of a value that a node about to be pushed would read; all ones after an error. */
static ws_shape shape_of(const ws_graph *graph, size_t value)
{
    return value < graph->n_nodes ? graph->nodes[value].shape : (ws_shape){1, 1, 1};
}

static const char *scope_name(const ws_graph *graph)
{
    return graph->n_scopes > 0 ? graph->scopes[graph->scope].name : "";
}

/** A name within the open scope. */
static void write_name(ws_graph *graph, const char *name, char out[WS_VARIABLE_MAX_NAME + 1])
{
    const char *scope = scope_name(graph);
    const int n =
        snprintf(out, WS_VARIABLE_MAX_NAME + 1, "%s%s%s", scope, scope[0] != '\0' ? "/" : "", name);
    if ((n < 0 || n > WS_VARIABLE_MAX_NAME) && graph->error.status == WS_OK)
        ws_fail(&graph->error, WS_ELIMIT, "%s: a name in a graph has at most %d characters", name,
                WS_VARIABLE_MAX_NAME);
}

/** Numbers that an output sums, and outputs that an input goes to. */
typedef struct fans {
    double in, out;
} fans;

/** Gives uniform starts their bound. */
static ws_init resolve_init(ws_init init, fans of)
{
    if (init.kind == WS_INIT_UNIFORM_FAN_IN)
        init.value = 1.0 / sqrt(of.in);
    else if (init.kind == WS_INIT_UNIFORM_GLOROT)
        init.value = sqrt(6.0 / (of.in + of.out));
    return init;
}

static ws_variable place_variable(const ws_variable *variable, size_t n_numbers)
{
    ws_variable placed = *variable;

    placed.size = 1;
    placed.offset = n_numbers;
    for (size_t i = 0; i < placed.n_dims; i++)
        placed.size *= placed.dims[i];
    return placed;
}

int ws_graph_push_parameter(ws_graph *graph, const ws_variable *parameter)
{
    const ws_variable placed = place_variable(parameter, graph->n_weights);

    graph->parameters =
        ws_graph_append(graph, graph->parameters, &graph->n_parameters, &placed, sizeof placed);
    if (graph->error.status != WS_OK)
        return WS_NO_VARIABLE;
    graph->n_weights += placed.size;
    return (int)graph->n_parameters - 1;
}

int ws_graph_push_state(ws_graph *graph, const ws_variable *state)
{
    const ws_variable placed = place_variable(state, graph->n_state_numbers);

    graph->states = ws_graph_append(graph, graph->states, &graph->n_states, &placed, sizeof placed);
    if (graph->error.status != WS_OK)
        return WS_NO_VARIABLE;
    graph->n_state_numbers += placed.size;
    return (int)graph->n_states - 1;
}

/** Likewise, with a name in the open scope. */
static int push_parameter(ws_graph *graph, const char *name, const ws_variable *like)
{
    ws_variable named = *like;
    write_name(graph, name, named.name);
    return ws_graph_push_parameter(graph, &named);
}

static int push_state(ws_graph *graph, const char *name, const ws_variable *like)
{
    ws_variable named = *like;
    write_name(graph, name, named.name);
    return ws_graph_push_state(graph, &named);
}

/** Opens the scope of that full name, which may have been open before. */
static void set_scope(ws_graph *graph, const ws_scope *scope)
{
    if (graph->n_scopes == 0)
        graph->scopes = ws_graph_append(graph, graph->scopes, &graph->n_scopes, &(ws_scope){""},
                                        sizeof *graph->scopes);
    for (size_t i = 0; i < graph->n_scopes; i++) {
        if (strcmp(graph->scopes[i].name, scope->name) == 0) {
            graph->scope = i;
            return;
        }
    }
    graph->scopes = ws_graph_append(graph, graph->scopes, &graph->n_scopes, scope, sizeof *scope);
    if (graph->error.status == WS_OK)
        graph->scope = graph->n_scopes - 1;
}

void ws_graph_open_scope(ws_graph *graph, const char *name)
{
    ws_scope scope;

    write_name(graph, name, scope.name);
    if (graph->error.status == WS_OK)
        set_scope(graph, &scope);
}

void ws_graph_close_scope(ws_graph *graph)
{
    ws_scope scope;

    if (graph->error.status != WS_OK)
        return;
    scope = graph->scopes[graph->scope];
    char *slash = strrchr(scope.name, '/');
    if (slash != NULL)
        *slash = '\0';
    else
        scope.name[0] = '\0';
    set_scope(graph, &scope);
}

size_t ws_graph_push_node(ws_graph *graph, const ws_node *node, const size_t *inputs)
{
    ws_node moved = *node;

    for (size_t i = 0; i < moved.n_inputs; i++)
        moved.inputs[i] = inputs[i];
    return push_node(graph, moved);
}

size_t ws_graph_push_input(ws_graph *graph, ws_shape shape)
{
    ws_node node = make_node(graph, WS_OP_INPUT, NULL, 0);
    node.shape = shape;
    return push_node(graph, node);
}

static size_t or_one(size_t n)
{
    return n > 0 ? n : 1;
}

static ws_window make_window(const ws_conv2d_args *args)
{
    return (ws_window){
        .h = args->kernel_h,
        .w = args->kernel_w,
        .stride_h = or_one(args->stride_h),
        .stride_w = or_one(args->stride_w),
        .dilation_h = or_one(args->dilation_h),
        .dilation_w = or_one(args->dilation_w),
        .padding = args->padding,
        .zeros = args->padding == WS_PADDING_EXPLICIT ? args->zeros : (ws_margins){0},
    };
}

size_t ws_graph_push_conv2d(ws_graph *graph, size_t input, const ws_conv2d_args *args)
{
    const size_t n_in = shape_of(graph, input).c;
    const double n_kernel = (double)(args->kernel_h * args->kernel_w);
    const fans of = {n_kernel * (double)n_in, n_kernel * (double)args->n_channels};
    ws_node node = make_unary(graph, WS_OP_CONV2D, input);

    node.shape.c = args->n_channels;
    node.window = make_window(args);
    node.parameters[0] = push_parameter(
        graph, args->name,
        &(ws_variable){.dims = {args->kernel_h, args->kernel_w, n_in, args->n_channels},
                       .n_dims = 4,
                       .init = resolve_init(args->init, of)});
    return push_node(graph, node);
}

size_t ws_graph_push_depthwise(ws_graph *graph, size_t input, const ws_conv2d_args *args)
{
    const size_t n_channels = shape_of(graph, input).c;
    const double n_kernel = (double)(args->kernel_h * args->kernel_w);
    ws_node node = make_unary(graph, WS_OP_DEPTHWISE, input);

    node.window = make_window(args);
    node.parameters[0] = push_parameter(
        graph, args->name,
        &(ws_variable){.dims = {args->kernel_h, args->kernel_w, n_channels, 1},
                       .n_dims = 4,
                       .init = resolve_init(args->init, (fans){n_kernel, n_kernel})});
    return push_node(graph, node);
}

size_t ws_graph_push_bias_add_init(ws_graph *graph, size_t input, const char *name, ws_init init)
{
    ws_node node = make_unary(graph, WS_OP_BIAS_ADD, input);

    node.parameters[0] = push_parameter(
        graph, name, &(ws_variable){.dims = {shape_of(graph, input).c}, .n_dims = 1, .init = init});
    return push_node(graph, node);
}

size_t ws_graph_push_bias_add(ws_graph *graph, size_t input, const char *name)
{
    return ws_graph_push_bias_add_init(graph, input, name, (ws_init){WS_INIT_ZEROS, 0.0});
}

/** `<name>/<part>` */
static void write_part(char out[WS_VARIABLE_MAX_NAME + 32], const char *name, const char *part)
{
    (void)snprintf(out, WS_VARIABLE_MAX_NAME + 32, "%s/%s", name, part);
}

size_t ws_graph_push_batch_norm(ws_graph *graph, size_t input, const ws_norm_args *args)
{
    const ws_init ones = {WS_INIT_VALUE, 1.0};
    ws_node node = make_unary(graph, WS_OP_BATCH_NORM, input);
    ws_variable like = {.dims = {shape_of(graph, input).c}, .n_dims = 1};
    char name[WS_VARIABLE_MAX_NAME + 32];

    node.norm = (ws_norm){
        .n_bands = or_one(args->n_bands),
        .epsilon = args->epsilon > 0.0 ? args->epsilon : 1e-5,
        .momentum = args->momentum > 0.0 ? args->momentum : 0.1,
    };
    if (node.norm.n_bands > 1) {
        like.n_dims = 2;
        like.dims[1] = like.dims[0];
        like.dims[0] = node.norm.n_bands;
    }
    if (!args->has_no_scale) {
        like.init = ones;
        write_part(name, args->name, "gamma");
        node.parameters[WS_NORM_SCALE] = push_parameter(graph, name, &like);
    }
    like.init = (ws_init){WS_INIT_ZEROS, 0.0};
    write_part(name, args->name, "beta");
    node.parameters[WS_NORM_OFFSET] = push_parameter(graph, name, &like);
    write_part(name, args->name, "moving_mean");
    node.states[WS_NORM_MEAN] = push_state(graph, name, &like);
    like.init = ones;
    write_part(name, args->name, "moving_variance");
    node.states[WS_NORM_VARIANCE] = push_state(graph, name, &like);
    return push_node(graph, node);
}

size_t ws_graph_push_relu(ws_graph *graph, size_t input)
{
    return push_node(graph, make_unary(graph, WS_OP_RELU, input));
}

size_t ws_graph_push_silu(ws_graph *graph, size_t input)
{
    return push_node(graph, make_unary(graph, WS_OP_SILU, input));
}

size_t ws_graph_push_sigmoid(ws_graph *graph, size_t input)
{
    return push_node(graph, make_unary(graph, WS_OP_SIGMOID, input));
}

size_t ws_graph_push_dropout(ws_graph *graph, size_t input)
{
    return push_node(graph, make_unary(graph, WS_OP_DROPOUT, input));
}

size_t ws_graph_push_dropout_of(ws_graph *graph, size_t input, const ws_dropout_args *args)
{
    ws_node node = make_unary(graph, WS_OP_DROPOUT, input);
    node.dropout = *args;
    return push_node(graph, node);
}

size_t ws_graph_push_add(ws_graph *graph, size_t left, size_t right)
{
    return push_node(graph, make_node(graph, WS_OP_ADD, (const size_t[]){left, right}, 2));
}

size_t ws_graph_push_mul(ws_graph *graph, size_t left, size_t right)
{
    return push_node(graph, make_node(graph, WS_OP_MUL, (const size_t[]){left, right}, 2));
}

size_t ws_graph_push_mean(ws_graph *graph, size_t input, unsigned axes)
{
    ws_node node = make_unary(graph, WS_OP_MEAN, input);
    node.axes = axes;
    return push_node(graph, node);
}

static size_t push_pool(ws_graph *graph, ws_op_kind kind, size_t input, const ws_pool_args *args)
{
    ws_node node = make_unary(graph, kind, input);

    node.window = make_window(&(ws_conv2d_args){.kernel_h = args->window_h,
                                                .kernel_w = args->window_w,
                                                .stride_h = args->stride_h,
                                                .stride_w = args->stride_w,
                                                .padding = args->padding,
                                                .zeros = args->zeros});
    return push_node(graph, node);
}

size_t ws_graph_push_max_pool(ws_graph *graph, size_t input, const ws_pool_args *args)
{
    return push_pool(graph, WS_OP_MAX_POOL, input, args);
}

size_t ws_graph_push_average_pool(ws_graph *graph, size_t input, const ws_pool_args *args)
{
    return push_pool(graph, WS_OP_AVERAGE_POOL, input, args);
}

size_t ws_graph_push_concat(ws_graph *graph, const size_t *inputs, size_t n)
{
    if (n < 1 || n > WS_NODE_MAX_INPUTS) {
        if (graph->error.status == WS_OK)
            ws_fail(&graph->error, WS_ELIMIT, "concatenation of %zu values, expected 1 to %d", n,
                    WS_NODE_MAX_INPUTS);
        return 0;
    }
    return push_node(graph, make_node(graph, WS_OP_CONCAT, inputs, n));
}

static size_t size_or_rest(size_t size, size_t first, size_t in)
{
    return size > 0 || first > in ? size : in - first;
}

size_t ws_graph_push_slice(ws_graph *graph, size_t input, ws_shape first, ws_shape size)
{
    const ws_shape in = shape_of(graph, input);
    ws_node node = make_unary(graph, WS_OP_SLICE, input);

    node.first = first;
    node.shape.h = size_or_rest(size.h, first.h, in.h);
    node.shape.w = size_or_rest(size.w, first.w, in.w);
    node.shape.c = size_or_rest(size.c, first.c, in.c);
    return push_node(graph, node);
}

size_t ws_graph_push_reshape(ws_graph *graph, size_t input, ws_shape shape)
{
    ws_node node = make_unary(graph, WS_OP_RESHAPE, input);
    node.shape = shape;
    return push_node(graph, node);
}

size_t ws_graph_push_history(ws_graph *graph, size_t input, const char *name, size_t n_kept)
{
    const ws_shape in = shape_of(graph, input);
    ws_node node = make_unary(graph, WS_OP_HISTORY, input);

    node.n_kept = n_kept;
    node.states[0] =
        push_state(graph, name, &(ws_variable){.dims = {n_kept, in.w, in.c}, .n_dims = 3});
    return push_node(graph, node);
}

size_t ws_graph_push_dense(ws_graph *graph, size_t input, const ws_dense_args *args)
{
    const size_t n_in = ws_shape_size(shape_of(graph, input));
    const fans of = {(double)n_in, (double)args->n_units};
    ws_node node = make_unary(graph, WS_OP_DENSE, input);

    node.shape.c = args->n_units;
    node.parameters[0] = push_parameter(graph, args->name,
                                        &(ws_variable){.dims = {n_in, args->n_units},
                                                       .n_dims = 2,
                                                       .init = resolve_init(args->init, of)});
    return push_node(graph, node);
}

size_t ws_graph_push_svdf(ws_graph *graph, size_t input, const ws_svdf_args *args)
{
    const ws_shape in = shape_of(graph, input);
    const size_t n_filters = args->n_units * args->rank;
    const fans of_frequency = {(double)(in.w * in.c), (double)n_filters};
    const fans of_time = {(double)in.h, (double)args->n_units};
    ws_node node = make_unary(graph, WS_OP_SVDF, input);

    node.shape.c = args->n_units;
    node.rank = args->rank;
    node.parameters[WS_SVDF_FREQUENCY] =
        push_parameter(graph, args->frequency_name,
                       &(ws_variable){.dims = {in.w * in.c, n_filters},
                                      .n_dims = 2,
                                      .init = resolve_init(args->init, of_frequency)});
    node.parameters[WS_SVDF_TIME] = push_parameter(
        graph, args->time_name,
        &(ws_variable){
            .dims = {n_filters, in.h}, .n_dims = 2, .init = resolve_init(args->init, of_time)});
    return push_node(graph, node);
}

void ws_graph_push_constant(ws_graph *graph, const ws_variable *constant)
{
    ws_variable placed = place_variable(constant, 0);

    write_name(graph, constant->name, placed.name);
    graph->constants =
        ws_graph_append(graph, graph->constants, &graph->n_constants, &placed, sizeof placed);
}

size_t ws_graph_push_quantizer(ws_graph *graph, const ws_quantizer *quantizer)
{
    graph->quantizers = ws_graph_append(graph, graph->quantizers, &graph->n_quantizers, quantizer,
                                        sizeof *quantizer);
    return graph->error.status == WS_OK ? graph->n_quantizers : 0;
}

size_t ws_graph_push_fake_quant_by(ws_graph *graph, size_t input, size_t number)
{
    ws_node node = make_unary(graph, WS_OP_FAKE_QUANT, input);

    node.quantizer = number <= graph->n_quantizers ? number : 0;
    return push_node(graph, node);
}

size_t ws_graph_push_fake_quant(ws_graph *graph, size_t input, const ws_quantizer *quantizer)
{
    return ws_graph_push_fake_quant_by(graph, input, ws_graph_push_quantizer(graph, quantizer));
}
