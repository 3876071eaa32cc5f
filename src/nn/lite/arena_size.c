#include "nn/lite/arena_size.h"

#include <stdlib.h>

enum {
    ALIGNMENT = 16,
    /* What TensorFlow Lite Micro keeps, measured on a processor of 64 bits and rounded up */
    TENSOR_BYTES = 24,
    NODE_BYTES = 64 + 96, /* itself, and what its kernel prepares */
    CHANNEL_BYTES = 8,    /* a multiplier and a shift */
    VARIABLE_BYTES = 64,
    FIXED_BYTES = 1280,
    /* What it needs only while it lays tensors out */
    PLAN_TENSOR_BYTES = 32,
    PLAN_BUFFER_BYTES = 40,
};

/** A tensor that is computed. */
typedef struct buffer {
    size_t size, at;
    size_t first, last; /* the steps from which and up to which it is in use */
    size_t order;
} buffer;

typedef struct buffers {
    buffer *items; /* [n] owned */
    size_t n;
    size_t now; /* the step */
} buffers;

static size_t round_up(size_t n)
{
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t count_tensors(const ws_lite *lite)
{
    size_t n = 0;

    for (size_t i = 0; i < lite->n_graphs; i++)
        n += lite->graphs[i].n_tensors;
    return n;
}

/* Lifetimes */

/** Places in buffers of a graph's tensors, the first one's: constants have some that stay empty. */
static buffer *of_graph(const ws_lite *lite, const buffers *all, size_t graph)
{
    size_t first = 0;

    for (size_t i = 0; i < graph; i++)
        first += lite->graphs[i].n_tensors;
    return all->items + first;
}

static void use(const ws_lite_graph *graph, buffer *items, int tensor, size_t now)
{
    if (tensor == WS_LITE_NONE || graph->tensors[tensor].data != NULL)
        return;
    buffer *b = &items[tensor];
    if (b->size == 0) {
        b->size = round_up(ws_lite_tensor_bytes(&graph->tensors[tensor])); /* of handles 0 */
        b->first = now;
    }
    b->last = now;
}

/** Steps through a graph. Those that CALL_ONCE runs (which call none) take steps of their own. */
static void find_lifetimes(const ws_lite *lite, buffers *all, size_t which)
{
    const ws_lite_graph *graph = &lite->graphs[which];
    buffer *items = of_graph(lite, all, which);

    for (size_t i = 0; i < graph->n_inputs; i++)
        use(graph, items, graph->inputs[i], all->now);
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const ws_lite_node *node = &graph->nodes[i];
        all->now++;
        if (which == 0 && node->kind == WS_LITE_CALL_ONCE)
            find_lifetimes(lite, all, (size_t)node->options.graph);
        for (size_t k = 0; k < node->n_inputs; k++)
            use(graph, items, node->inputs[k], all->now);
        for (size_t k = 0; k < node->n_outputs; k++)
            use(graph, items, node->outputs[k], all->now);
    }
    for (size_t i = 0; i < graph->n_outputs; i++)
        use(graph, items, graph->outputs[i], all->now);
}

/* Places */

/** The largest first; of equal ones the last, as TensorFlow Lite Micro sorts. */
static int compare_sizes(const void *a, const void *b)
{
    const buffer *x = a, *y = b;

    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return x->order > y->order ? -1 : x->order < y->order;
}

static bool overlap(const buffer *a, const buffer *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/** The lowest address where buffer i does not meet an earlier one in use at the same time. */
static size_t find_place(const buffers *all, size_t i)
{
    const buffer *b = &all->items[i];
    size_t at = 0;
    bool has_moved = true;

    while (has_moved) {
        has_moved = false;
        for (size_t k = 0; k < i; k++) {
            const buffer *other = &all->items[k];
            if (overlap(b, other) && at < other->at + other->size && other->at < at + b->size) {
                at = other->at + other->size;
                has_moved = true;
            }
        }
    }
    return at;
}

/** Lays the tensors out. @param n_buffers  set to the number of tensors that take memory */
static ws_status lay_out(const ws_lite *lite, size_t *n_bytes, size_t *n_buffers, ws_error *err)
{
    buffers all = {.n = count_tensors(lite)};

    all.items = calloc(all.n + 1, sizeof *all.items);
    if (all.items == NULL)
        return ws_fail_memory(err, "the memory plan of a model");
    for (size_t i = 0; i < all.n; i++)
        all.items[i].order = i;
    find_lifetimes(lite, &all, 0);
    qsort(all.items, all.n, sizeof *all.items, compare_sizes);
    *n_bytes = *n_buffers = 0;
    for (size_t i = 0; i < all.n && all.items[i].size > 0; i++, ++*n_buffers) {
        buffer *b = &all.items[i];
        b->at = find_place(&all, i);
        if (b->at + b->size > *n_bytes)
            *n_bytes = b->at + b->size;
    }
    free(all.items);
    return WS_OK;
}

ws_status ws_lite_tensors_size(const ws_lite *lite, size_t *n_bytes, ws_error *err)
{
    size_t n_buffers;
    return lay_out(lite, n_bytes, &n_buffers, err);
}

/** What stays in the arena for a node. */
static size_t node_size(const ws_lite_graph *graph, const ws_lite_node *node)
{
    size_t n_bytes = NODE_BYTES;

    if (node->kind == WS_LITE_CONV_2D || node->kind == WS_LITE_DEPTHWISE_CONV_2D) {
        const ws_lite_tensor *output = &graph->tensors[node->outputs[0]];
        n_bytes += CHANNEL_BYTES * output->dims[output->n_dims - 1];
    }
    if (node->kind == WS_LITE_READ_VARIABLE)
        n_bytes +=
            VARIABLE_BYTES + round_up(ws_lite_tensor_bytes(&graph->tensors[node->outputs[0]]));
    return n_bytes;
}

ws_status ws_lite_arena_size(const ws_lite *lite, size_t *n_bytes, ws_error *err)
{
    const size_t n_tensors = count_tensors(lite);
    size_t in_use, n_buffers;

    const ws_status status = lay_out(lite, &in_use, &n_buffers, err);
    if (status != WS_OK)
        return status;
    size_t kept = FIXED_BYTES + TENSOR_BYTES * n_tensors;
    for (size_t i = 0; i < lite->n_graphs; i++)
        for (size_t k = 0; k < lite->graphs[i].n_nodes; k++)
            kept += node_size(&lite->graphs[i], &lite->graphs[i].nodes[k]);
    const size_t planning = PLAN_TENSOR_BYTES * n_tensors + PLAN_BUFFER_BYTES * n_buffers;
    const size_t n = kept + (in_use > planning ? in_use : planning);
    *n_bytes = round_up(n + n / 8);
    return WS_OK;
}
