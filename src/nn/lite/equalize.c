#include "nn/lite/equalize.h"

#include <math.h>
#include <stdlib.h>

#include "nn/lite/samples.h"

/** The largest factor. A channel that is next to silent needs no more levels than this gives it,
 *  and weights stay far from the ends of their types. */
static const float most = 256.0f;

/** A tensor between two convolutions, whose channels can take factors. */
typedef struct between {
    int tensor;
    size_t n_channels;
    const ws_lite_node *writer, *reader;
    float *largest; /* [n_channels] of what was seen, without signs */
} between;

typedef struct equalizing {
    const ws_lite_graph *graph;
    between *all; /* [n] */
    size_t n;
    float *room; /* [numbers of the largest tensor] */
} equalizing;

/** The node that alone reads a tensor; NULL: none, several, or the caller of the model. */
static const ws_lite_node *only_reader(const ws_lite_graph *graph, int tensor)
{
    const ws_lite_node *reader = NULL;
    size_t n = ws_lite_is_output(graph, tensor) ? 1 : 0;

    for (size_t i = 0; i < graph->n_nodes; i++)
        for (size_t k = 0; k < graph->nodes[i].n_inputs; k++)
            if (graph->nodes[i].inputs[k] == tensor) {
                reader = &graph->nodes[i];
                n++;
            }
    return n == 1 ? reader : NULL;
}

static size_t channels_of(const ws_lite_graph *graph, int tensor)
{
    const ws_lite_tensor *t = &graph->tensors[tensor];

    return t->n_dims > 0 ? t->dims[t->n_dims - 1] : 1;
}

/** Whether input k of a node is a constant of floats that no other node reads. */
static bool has_own_floats(const ws_lite_graph *graph, const ws_lite_node *node, size_t k)
{
    if (k >= node->n_inputs || node->inputs[k] == WS_LITE_NONE)
        return false;
    const ws_lite_tensor *tensor = &graph->tensors[node->inputs[k]];
    return tensor->type == WS_LITE_FLOAT32 && tensor->data != NULL &&
           only_reader(graph, node->inputs[k]) != NULL;
}

static bool is_free(const ws_lite_graph *graph, int tensor)
{
    return graph->tensors[tensor].type == WS_LITE_FLOAT32 && !graph->tensors[tensor].range.is_known;
}

static bool can_write(const ws_lite_graph *graph, const ws_lite_node *node)
{
    return (node->kind == WS_LITE_CONV_2D || node->kind == WS_LITE_DEPTHWISE_CONV_2D) &&
           (node->options.activation == WS_LITE_NO_ACTIVATION ||
            node->options.activation == WS_LITE_ACTIVATION_RELU) &&
           has_own_floats(graph, node, 1) && has_own_floats(graph, node, 2);
}

/** The depthwise convolution that alone reads a tensor, at once or moved; NULL: no such node. */
static const ws_lite_node *find_reader(const ws_lite_graph *graph, int tensor)
{
    const size_t n_channels = channels_of(graph, tensor);

    while (is_free(graph, tensor) && channels_of(graph, tensor) % n_channels == 0) {
        const ws_lite_node *reader = only_reader(graph, tensor);
        if (reader == NULL || reader->inputs[0] != tensor)
            return NULL;
        if (reader->kind == WS_LITE_DEPTHWISE_CONV_2D)
            return has_own_floats(graph, reader, 1) ? reader : NULL;
        const bool keeps_channels =
            reader->kind == WS_LITE_RESHAPE ||
            (reader->kind == WS_LITE_PAD &&
             channels_of(graph, reader->outputs[0]) == channels_of(graph, tensor));
        if (!keeps_channels)
            return NULL;
        tensor = reader->outputs[0];
    }
    return NULL;
}

/** @return WS_OK; WS_ENOMEM, then also e is whole enough to be freed */
static ws_status find_all(equalizing *e, ws_error *err)
{
    e->all = calloc(e->graph->n_nodes + 1, sizeof *e->all);
    if (e->all == NULL)
        return ws_fail_memory(err, "ranges of channels");
    for (size_t i = 0; i < e->graph->n_nodes; i++) {
        const ws_lite_node *writer = &e->graph->nodes[i];
        if (!can_write(e->graph, writer))
            continue;
        const int tensor = writer->outputs[0];
        const ws_lite_node *reader = find_reader(e->graph, tensor);
        if (reader == NULL)
            continue;
        between *b = &e->all[e->n];
        *b = (between){tensor, channels_of(e->graph, tensor), writer, reader, NULL};
        b->largest = calloc(b->n_channels, sizeof *b->largest);
        if (b->largest == NULL)
            return ws_fail_memory(err, "ranges of channels");
        e->n++;
    }
    return WS_OK;
}

static void look(void *context, const ws_lite_run *run)
{
    const equalizing *e = context;

    for (size_t i = 0; i < e->n; i++) {
        const between *b = &e->all[i];
        const size_t n = ws_lite_tensor_size(&e->graph->tensors[b->tensor]);
        ws_lite_run_read(run, b->tensor, e->room);
        for (size_t k = 0; k < n; k++) {
            float *largest = &b->largest[k % b->n_channels];
            *largest = fmaxf(*largest, fabsf(e->room[k]));
        }
    }
}

/** The factor of each channel, in the place of its largest number. Channels without a number, and
 *  all of a tensor that is not finite, have 1: calibration will name that tensor. */
static void find_factors(between *b)
{
    float widest = 0.0f;

    for (size_t c = 0; c < b->n_channels; c++)
        widest = fmaxf(widest, b->largest[c]);
    for (size_t c = 0; c < b->n_channels; c++) {
        const float factor = widest / b->largest[c];
        b->largest[c] =
            isfinite(factor) && isfinite(widest) && factor > 1.0f ? fminf(factor, most) : 1.0f;
    }
}

static void give_factors(const ws_lite_graph *graph, const between *b)
{
    const ws_lite_tensor *written = &graph->tensors[b->writer->inputs[1]];
    const ws_lite_tensor *read = &graph->tensors[b->reader->inputs[1]];
    const size_t n_written = ws_lite_tensor_size(written), n_read = ws_lite_tensor_size(read);
    const size_t n_outputs = read->dims[read->n_dims - 1]; /* depth_multiplier for each input */
    const size_t n_each = n_outputs / channels_of(graph, b->reader->inputs[0]);
    const bool is_first = b->writer->kind == WS_LITE_CONV_2D; /* channels are the first dimension */
    float *weights = written->data;
    float *bias = graph->tensors[b->writer->inputs[2]].data;

    for (size_t k = 0; k < n_written; k++)
        weights[k] *= b->largest[is_first ? k / (n_written / b->n_channels) : k % b->n_channels];
    for (size_t c = 0; c < b->n_channels; c++)
        bias[c] *= b->largest[c];
    weights = read->data;
    for (size_t k = 0; k < n_read; k++)
        weights[k] /= b->largest[k % n_outputs / n_each % b->n_channels];
}

ws_status ws_lite_equalize(ws_lite *lite, const float *samples, size_t n, size_t size,
                           ws_error *err)
{
    equalizing e = {.graph = &lite->graphs[0]};
    ws_lite_run *run = NULL;
    ws_status status = find_all(&e, err);

    if (status == WS_OK && e.n > 0) {
        e.room = calloc(ws_lite_largest_tensor(lite), sizeof *e.room);
        status = e.room != NULL ? ws_lite_run_create(&run, lite, &(ws_lite_run_options){0}, err)
                                : ws_fail_memory(err, "ranges of channels");
    }
    if (status == WS_OK && e.n > 0) {
        ws_lite_run_samples(run, &(ws_lite_samples){samples, n, size}, look, &e);
        ws_lite_run_destroy(run); /* before weights that it may have laid out change */
        for (size_t i = 0; i < e.n; i++) {
            find_factors(&e.all[i]);
            give_factors(e.graph, &e.all[i]);
        }
    }
    for (size_t i = 0; i < e.n; i++)
        free(e.all[i].largest);
    free(e.all);
    free(e.room);
    return status;
}
