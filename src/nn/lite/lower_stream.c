/* What streams have: rows kept in variables, and the score of one word. */
#include <stdlib.h>
#include <string.h>

#include "nn/lite/lowering.h"

enum { INIT_GRAPH = 1 };

void ws_lite_lowering_push_begin(ws_lite_lowering *low)
{
    low->init = ws_lite_push_graph(low->lite);
    (void)ws_lite_push_node(
        low->lite, low->to,
        &(ws_lite_node){.kind = WS_LITE_CALL_ONCE, .options = {.graph = INIT_GRAPH}});
}

static int push_handle(ws_lite_lowering *low, ws_lite_graph *graph, const char *name)
{
    const ws_lite_tensor like = {.type = WS_LITE_RESOURCE};
    ws_lite_node node = {.kind = WS_LITE_VAR_HANDLE, .n_outputs = 1};

    node.outputs[0] = ws_lite_push_tensor(low->lite, graph, name, &like, NULL);
    strncpy(node.variable, name, WS_LITE_MAX_NAME);
    (void)ws_lite_push_node(low->lite, graph, &node);
    return node.outputs[0];
}

static void push_assign(ws_lite_lowering *low, ws_lite_graph *graph, int handle, int value)
{
    (void)ws_lite_push_node(
        low->lite, graph,
        &(ws_lite_node){.kind = WS_LITE_ASSIGN_VARIABLE, .inputs = {handle, value}, .n_inputs = 2});
}

/** The variable begins with zeros. */
static void push_start(ws_lite_lowering *low, const char *name, const ws_lite_tensor *like)
{
    float *zeros = calloc(ws_lite_tensor_size(like), sizeof *zeros);

    if (zeros == NULL) {
        low->lite->status = WS_ENOMEM;
        return;
    }
    const int handle = push_handle(low, low->init, name);
    const int start = ws_lite_push_tensor(low->lite, low->init, "zeros", like, zeros);
    push_assign(low, low->init, handle, start);
    free(zeros);
}

/** Rows [first, first + n.h) of an image. */
static int push_rows(ws_lite_lowering *low, const ws_node *node, int image, size_t first,
                     ws_shape n)
{
    const int32_t begin[] = {0, (int32_t)first, 0, 0}, strides[] = {1, 1, 1, 1};
    const int32_t end[] = {1, (int32_t)(first + n.h), (int32_t)n.w, (int32_t)n.c};
    const int inputs[] = {
        image,
        ws_lite_lowering_push_wholes(low, "begin", begin, 4),
        ws_lite_lowering_push_wholes(low, "end", end, 4),
        ws_lite_lowering_push_wholes(low, "strides", strides, 4),
    };
    const int output = ws_lite_lowering_push_image(low, node, "_newest", n);

    return ws_lite_lowering_push(low, WS_LITE_STRIDED_SLICE, inputs, 4, output, NULL);
}

int ws_lite_lower_history(ws_lite_lowering *low, const ws_layer *layer, const ws_node *node)
{
    const ws_graph *graph = &low->model.model.graph;
    const ws_shape in = ws_graph_shape_in(graph, node, 0);
    const ws_shape kept = {node->n_kept, in.w, in.c};
    const char *name = graph->states[node->states[0]].name;
    const ws_lite_tensor like = {
        .type = WS_LITE_FLOAT32, .dims = {1, kept.h, kept.w, kept.c}, .n_dims = 4};

    (void)layer;
    const int image = ws_lite_lowering_input(low, node, 0, in);
    const int handle = push_handle(low, low->to, name);
    const int old = ws_lite_lowering_push_image(low, node, "_kept", kept);
    (void)ws_lite_lowering_push(low, WS_LITE_READ_VARIABLE, &handle, 1, old, NULL);
    const int joined = ws_lite_lowering_push_image(low, node, "", node->shape);
    (void)ws_lite_lowering_push(low, WS_LITE_CONCATENATION, (int[]){old, image}, 2, joined,
                                &(ws_lite_options){.axis = 1});
    push_assign(low, low->to, handle, push_rows(low, node, joined, node->shape.h - kept.h, kept));
    push_start(low, name, &like);
    return joined;
}

/** LOGISTIC of the last logit less each other one, [1, n - 1]. */
static int push_duels(ws_lite_lowering *low, int logits, size_t n)
{
    const ws_node *node = &low->model.model.graph.nodes[0];
    const size_t n_others = n - 1;
    float *differences = calloc(n_others * n, sizeof *differences);
    int weights = 0;

    if (differences == NULL)
        low->lite->status = WS_ENOMEM;
    for (size_t i = 0; differences != NULL && i < n_others; i++) {
        differences[i * n + n - 1] = 1.0f;
        differences[i * n + i] = -1.0f;
    }
    if (differences != NULL)
        weights =
            ws_lite_lowering_push_floats(low, "against", (size_t[]){n_others, n}, 2, differences);
    free(differences);
    const ws_layer no_bias = {.bias = 0};
    const int bias = ws_lite_lowering_bias(low, &no_bias, n_others);
    const int margins =
        ws_lite_lowering_push_value(low, node, "_margins", (size_t[]){1, n_others}, 2);
    const ws_lite_options options = {.activation = WS_LITE_NO_ACTIVATION};
    (void)ws_lite_lowering_push(low, WS_LITE_FULLY_CONNECTED, (int[]){logits, weights, bias}, 3,
                                margins, &options);
    const int duels = ws_lite_lowering_push_value(low, node, "_duels", (size_t[]){1, n_others}, 2);
    return ws_lite_lowering_push(low, WS_LITE_LOGISTIC, &margins, 1, duels, NULL);
}

int ws_lite_lowering_push_last_score(ws_lite_lowering *low, int logits, size_t n)
{
    const ws_node *node = &low->model.model.graph.nodes[0];
    const int duels = push_duels(low, logits, n);
    const int32_t strides[] = {1, 1};
    int product = duels;

    for (size_t i = 0; n > 2 && i < n - 1; i++) {
        const int32_t begin[] = {0, (int32_t)i}, end[] = {1, (int32_t)i + 1};
        const int inputs[] = {
            duels,
            ws_lite_lowering_push_wholes(low, "begin", begin, 2),
            ws_lite_lowering_push_wholes(low, "end", end, 2),
            ws_lite_lowering_push_wholes(low, "strides", strides, 2),
        };
        const int one = ws_lite_lowering_push_value(low, node, "_duel", (size_t[]){1, 1}, 2);
        (void)ws_lite_lowering_push(low, WS_LITE_STRIDED_SLICE, inputs, 4, one, NULL);
        if (i == 0) {
            product = one;
            continue;
        }
        const int both = ws_lite_lowering_push_value(low, node, "_both", (size_t[]){1, 1}, 2);
        product = ws_lite_lowering_push(low, WS_LITE_MUL, (int[]){product, one}, 2, both,
                                        &(ws_lite_options){.activation = WS_LITE_NO_ACTIVATION});
    }
    return product;
}
