/* microWakeWord's network, which Home Assistant's voice devices run (ESPHome): depthwise
 * convolutions of several lengths side by side. Frequencies are channels. As its models of 2024
 * are, at 204 frames of 40 (--preprocess=micro_device --clip_duration_ms=2060):
 *
 *     [204, 1, 40]
 *       conv 5x1 stride 3, ReLU                        [67, 1, 32]
 *       block of [5], 64 channels                      [63, 1, 64]
 *       block of [7, 11], 64 channels                  [53, 1, 64]
 *       block of [9, 15], 64 channels                  [39, 1, 64]
 *       block of [23], 64 channels                     [17, 1, 64]
 *       dense over all frames, or over their mean      n_labels
 *
 * A block divides its channels into one group per length; the first groups take the
 * remainder. Each group has a depthwise convolution of its length, without padding, and keeps the
 * last frames, as many as the longest convolution gives:
 *
 *       y = norm(conv 1x1(groups side by side))
 *       ReLU(y), or ReLU(y + norm(conv 1x1(last frames of x))) with a residual connection
 *
 * No convolution is padded, so that a stream gives the same result as a clip. Starting
 * weights are the original's (Keras). */
#include "models/mixednet.h"

#include <stdio.h>
#include <stdlib.h>

#include "models/layers.h"
#include "models/model.h"

enum {
    MAX_BLOCKS = 16,
    MAX_KERNELS = WS_NODE_MAX_INPUTS, /* of a block: its groups are concatenated */
    MAX_SIZE = 4096,                  /* of a kernel, a stride or a number of channels */
    MAX_SCOPE = 32,
};

const ws_mixednet_settings ws_mixednet_2024 = {
    .first_filters = 32,
    .first_kernel = 5,
    .stride = 3,
    .kernels = "[5],[7,11],[9,15],[23]",
    .filters = "64,64,64,64",
    .residuals = "0,0,0,0",
    .is_pooled = false,
};

const ws_mixednet_settings ws_mixednet_2026 = {
    .first_filters = 64,
    .first_kernel = 3,
    .stride = 3,
    .kernels = "[5,9],[7,13],[9,15],[17]",
    .filters = "64,64,64,64",
    .residuals = "0,0,0,0",
    .is_pooled = true,
};

static const ws_init glorot = {WS_INIT_UNIFORM_GLOROT, 0.0};
static const ws_norm_args norm = {.epsilon = 1e-3, .momentum = 0.01};

static const ws_model_features features = {"micro_device", 2060, 30.0, 10.0, 40};

typedef struct block {
    size_t kernels[MAX_KERNELS];
    size_t n_kernels;
    size_t longest; /* of them */
    size_t n_channels;
    bool has_residual;
} block;

typedef struct plan {
    size_t first_filters, first_kernel, stride;
    block blocks[MAX_BLOCKS];
    size_t n_blocks;
} plan;

/** Reads one whole number from `low` to MAX_SIZE, and goes past it. */
static bool take_number(const char **text, size_t low, size_t *number)
{
    char *end;

    while (**text == ' ')
        ++*text;
    if (**text < '0' || **text > '9')
        return false;
    const unsigned long value = strtoul(*text, &end, 10);
    if (value < low || value > MAX_SIZE)
        return false;
    *number = value;
    for (*text = end; **text == ' ';)
        ++*text;
    return true;
}

static bool take_char(const char **text, char c)
{
    while (**text == ' ')
        ++*text;
    if (**text != c)
        return false;
    ++*text;
    return true;
}

/** One block's list of lengths, in brackets. */
static bool take_kernels(const char **text, block *b)
{
    if (!take_char(text, '['))
        return false;
    do {
        if (b->n_kernels == MAX_KERNELS || !take_number(text, 1, &b->kernels[b->n_kernels]))
            return false;
        if (b->kernels[b->n_kernels] > b->longest)
            b->longest = b->kernels[b->n_kernels];
        b->n_kernels++;
    } while (take_char(text, ','));
    return take_char(text, ']');
}

static ws_status read_kernels(const char *text, plan *p, ws_error *err)
{
    const char *at = text;

    do {
        if (p->n_blocks == MAX_BLOCKS || !take_kernels(&at, &p->blocks[p->n_blocks++]))
            return ws_fail(err, WS_EUSAGE,
                           "--mixednet_kernels=%s: expected at most %d lists of 1 to %d kernel "
                           "lengths, as in [5],[7,11],[9,15],[23]",
                           text, MAX_BLOCKS, MAX_KERNELS);
    } while (take_char(&at, ','));
    return *at == '\0'
               ? WS_OK
               : ws_fail(err, WS_EUSAGE,
                         "--mixednet_kernels=%s: expected the end or a comma at \"%s\"", text, at);
}

/** A number for each block. @param numbers  [p->n_blocks], filled */
static ws_status read_list(const char *flag, const char *text, const plan *p, size_t low,
                           size_t high, size_t *numbers, ws_error *err)
{
    const char *at = text;
    bool is_good = true;

    for (size_t i = 0; i < p->n_blocks && is_good; i++)
        is_good = (i == 0 || take_char(&at, ',')) && take_number(&at, low, &numbers[i]) &&
                  numbers[i] <= high;
    return is_good && *at == '\0'
               ? WS_OK
               : ws_fail(err, WS_EUSAGE,
                         "--%s=%s: expected %zu numbers from %zu to %zu, one for each block of "
                         "--mixednet_kernels",
                         flag, text, p->n_blocks, low, high);
}

static ws_status check_size(const char *flag, int64_t value, ws_error *err)
{
    return value >= 1 && value <= MAX_SIZE
               ? WS_OK
               : ws_fail(err, WS_EUSAGE, "--%s=%lld: expected a number from 1 to %d", flag,
                         (long long)value, MAX_SIZE);
}

static ws_status read_plan(const ws_mixednet_settings *s, plan *p, ws_error *err)
{
    size_t filters[MAX_BLOCKS], residuals[MAX_BLOCKS];

    *p = (plan){.first_filters = (size_t)s->first_filters,
                .first_kernel = (size_t)s->first_kernel,
                .stride = (size_t)s->stride};
    ws_status status = check_size("mixednet_first_filters", s->first_filters, err);
    if (status == WS_OK)
        status = check_size("mixednet_first_kernel", s->first_kernel, err);
    if (status == WS_OK)
        status = check_size("mixednet_stride", s->stride, err);
    if (status == WS_OK)
        status = read_kernels(s->kernels, p, err);
    if (status == WS_OK)
        status = read_list("mixednet_filters", s->filters, p, 1, MAX_SIZE, filters, err);
    if (status == WS_OK)
        status = read_list("mixednet_residuals", s->residuals, p, 0, 1, residuals, err);
    for (size_t i = 0; i < p->n_blocks && status == WS_OK; i++) {
        p->blocks[i].n_channels = filters[i];
        p->blocks[i].has_residual = residuals[i] != 0;
    }
    return status;
}

/** The fewest frames of which one step of the last block can be made. */
static size_t frames_needed(const plan *p)
{
    size_t n_steps = 1; /* of the first convolution */

    for (size_t i = 0; i < p->n_blocks; i++)
        n_steps += p->blocks[i].longest - 1;
    return (n_steps - 1) * p->stride + p->first_kernel;
}

/** Each group of channels through its depthwise convolution; the extra earlier frames of shorter
 * ones are not computed. */
static size_t push_groups(ws_graph *graph, size_t input, const block *b, size_t n_channels)
{
    size_t groups[MAX_KERNELS], first = 0;
    char scope[MAX_SCOPE];

    for (size_t i = 0; i < b->n_kernels; i++) {
        const size_t n = n_channels / b->n_kernels + (i < n_channels % b->n_kernels);
        size_t x = input;

        if (b->n_kernels > 1)
            x = ws_graph_push_slice(graph, x, (ws_shape){b->longest - b->kernels[i], 0, first},
                                    (ws_shape){0, 0, n});
        snprintf(scope, sizeof scope, "depthwise_%zu", i + 1);
        groups[i] = ws_push_depthwise_open(graph, x, scope,
                                           (ws_conv2d_args){.kernel_h = b->kernels[i],
                                                            .kernel_w = 1,
                                                            .padding = WS_PADDING_VALID,
                                                            .init = glorot});
        ws_graph_close_scope(graph);
        first += n;
    }
    return b->n_kernels > 1 ? ws_graph_push_concat(graph, groups, b->n_kernels) : groups[0];
}

/** @param n_in  channels of input */
static size_t push_block(ws_graph *graph, size_t input, const block *b, size_t number, size_t n_in)
{
    const ws_conv2d_args pointwise = {
        .kernel_h = 1, .kernel_w = 1, .n_channels = b->n_channels, .init = glorot};
    char scope[MAX_SCOPE];

    snprintf(scope, sizeof scope, "block_%zu", number + 1);
    ws_graph_open_scope(graph, scope);
    size_t x = push_groups(graph, input, b, n_in);
    x = ws_push_conv_norm(graph, x, "pointwise", pointwise, &norm);
    if (b->has_residual) {
        size_t shortcut = ws_graph_push_slice(graph, input, (ws_shape){b->longest - 1, 0, 0},
                                              (ws_shape){0, 0, 0});

        shortcut = ws_push_conv_norm(graph, shortcut, "shortcut", pointwise, &norm);
        x = ws_graph_push_add(graph, x, shortcut);
    }
    x = ws_graph_push_relu(graph, x);
    ws_graph_close_scope(graph);
    return x;
}

static size_t push_first(ws_graph *graph, size_t x, const plan *p)
{
    ws_graph_open_scope(graph, "conv_1");
    x = ws_graph_push_conv2d(graph, x,
                             &(ws_conv2d_args){.name = "weights",
                                               .kernel_h = p->first_kernel,
                                               .kernel_w = 1,
                                               .n_channels = p->first_filters,
                                               .stride_h = p->stride,
                                               .padding = WS_PADDING_VALID,
                                               .init = glorot});
    x = ws_graph_push_relu(graph, x);
    ws_graph_close_scope(graph);
    return x;
}

static size_t push_labels(ws_graph *graph, size_t x, bool is_pooled, size_t n_labels)
{
    ws_graph_open_scope(graph, "labels");
    if (is_pooled)
        x = ws_graph_push_mean(graph, x, WS_AXIS_H);
    x = ws_graph_push_dense(
        graph, x, &(ws_dense_args){.name = "weights", .n_units = n_labels, .init = glorot});
    x = ws_graph_push_bias_add(graph, x, "bias");
    ws_graph_close_scope(graph);
    return x;
}

/** Whether clips are long enough, and each group of channels has one. */
static ws_status check_plan(const plan *p, size_t n_frames, ws_error *err)
{
    const size_t needed = frames_needed(p);
    size_t n_channels = p->first_filters;

    for (size_t i = 0; i < p->n_blocks; i++) {
        if (p->blocks[i].n_kernels > n_channels)
            return ws_fail(err, WS_EUSAGE,
                           "block %zu of --mixednet_kernels has %zu kernels, but only %zu channels "
                           "to share among them",
                           i + 1, p->blocks[i].n_kernels, n_channels);
        n_channels = p->blocks[i].n_channels;
    }
    if (n_frames < needed)
        return ws_fail(err, WS_EUSAGE,
                       "mixednet needs clips of at least %zu frames with these kernels, not %zu: "
                       "use a longer --clip_duration_ms, a shorter --window_stride_ms or shorter "
                       "--mixednet_kernels",
                       needed, n_frames);
    return WS_OK;
}

static ws_status build(ws_graph *graph, const ws_model_settings *settings, ws_error *err)
{
    const ws_mixednet_settings *m =
        settings->mixednet != NULL ? settings->mixednet : &ws_mixednet_2024;
    plan p;

    ws_graph_init(graph);
    ws_status status = read_plan(m, &p, err);
    if (status == WS_OK)
        status = check_plan(&p, settings->n_frames, err);
    if (status != WS_OK)
        return status;

    size_t x = ws_graph_push_input(graph, (ws_shape){settings->n_frames, 1, settings->width});
    size_t n_channels = p.first_filters;
    x = push_first(graph, x, &p);
    for (size_t i = 0; i < p.n_blocks; i++) {
        x = push_block(graph, x, &p.blocks[i], i, n_channels);
        n_channels = p.blocks[i].n_channels;
    }
    (void)push_labels(graph, x, m->is_pooled, settings->n_labels);
    return ws_graph_status(graph, err);
}

const ws_model ws_model_mixednet = {.name = "mixednet", .build = build, .features = &features};
