#include "nn/engine/lanes/program.h"

#include <stdlib.h>
#include <string.h>

#include "nn/engine/lanes/products.h"

void ws_lanes_program_init(ws_lanes_program *program, size_t n_bands)
{
    *program = (ws_lanes_program){.n_bands = n_bands};
}

void ws_lanes_program_deinit(ws_lanes_program *program)
{
    free(program->nodes);
    free(program->norms);
    free(program->groups);
    *program = (ws_lanes_program){0};
}

ws_status ws_lanes_program_status(const ws_lanes_program *program, ws_error *err)
{
    if (program->status != WS_OK && err != NULL)
        *err = program->error;
    return program->status;
}

/** Room for one more element of some size. @return the array, NULL without memory */
static void *grow(void *array, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return array;
    const size_t wanted = *room == 0 ? 64 : 2 * *room;
    void *larger = realloc(array, wanted * size);
    if (larger != NULL)
        *room = wanted;
    return larger;
}

static size_t fail(ws_lanes_program *program)
{
    if (program->status == WS_OK)
        program->status = ws_fail_memory(&program->error, "the program of a network");
    return 0;
}

size_t ws_lanes_push_node(ws_lanes_program *program, ws_lanes_node node)
{
    if (program->status != WS_OK)
        return 0;
    void *nodes =
        grow(program->nodes, program->n_nodes, &program->room_nodes, sizeof *program->nodes);
    if (nodes == NULL)
        return fail(program);
    program->nodes = nodes;
    for (size_t i = 0; i < node.n_in; i++)
        node.needs_gradient |= program->nodes[node.in[i]].needs_gradient;
    program->nodes[program->n_nodes] = node;
    return program->n_nodes++;
}

/** A copy of a node as the start of one that reads it. */
static ws_lanes_node reader_of(const ws_lanes_program *program, size_t x, ws_lanes_op op)
{
    ws_lanes_node node = {.op = op,
                          .n_in = 1,
                          .in = {x},
                          .weights = WS_LANES_NONE,
                          .bias = WS_LANES_NONE,
                          .norm = WS_LANES_NONE,
                          .factor = 1.0f};
    if (program->status != WS_OK)
        return node;
    node.h = program->nodes[x].h;
    node.w = program->nodes[x].w;
    node.c = program->nodes[x].c;
    return node;
}

size_t ws_lanes_push_input(ws_lanes_program *program, size_t h, size_t w, size_t c)
{
    return ws_lanes_push_node(
        program, (ws_lanes_node){.op = WS_LANES_INPUT, .h = h, .w = w, .c = c, .factor = 1.0f});
}

size_t ws_lanes_push_pad(ws_lanes_program *program, size_t x, size_t left, size_t right)
{
    ws_lanes_node pad = reader_of(program, x, WS_LANES_PAD);
    pad.left = left;
    pad.right = right;
    return ws_lanes_push_node(program, pad);
}

/** What a window of this size reaches beyond n places. */
static size_t reach_beyond(size_t n, size_t size, size_t stride, size_t dilation, size_t before,
                           size_t out)
{
    const size_t last = (out - 1) * stride + (size - 1) * dilation + 1;
    return last > before + n ? last - before - n : 0;
}

/** x with the zeros around it that the window meets. */
static size_t pad_for(ws_lanes_program *program, size_t x, const ws_lanes_window *v)
{
    if (program->status != WS_OK)
        return 0;
    const ws_lanes_node *in = &program->nodes[x];
    const size_t below =
        reach_beyond(in->h, v->h, v->stride_h, v->dilation_h, v->before_h, v->out_h);
    const size_t right =
        reach_beyond(in->w, v->w, v->stride_w, v->dilation_w, v->before_w, v->out_w);

    if (v->before_h + v->before_w + below + right == 0)
        return x;
    return ws_lanes_push_pad(program, x, v->before_w, right);
}

/** A node with a window and maybe weights. */
static size_t push_window(ws_lanes_program *program, size_t x, const ws_lanes_window *window,
                          ws_lanes_node node)
{
    node.in[0] = pad_for(program, x, window);
    node.window = *window;
    node.h = window->out_h;
    node.w = window->out_w;
    node.needs_gradient = node.weights != WS_LANES_NONE;
    return ws_lanes_push_node(program, node);
}

size_t ws_lanes_push_conv(ws_lanes_program *program, size_t x, const ws_lanes_window *window,
                          size_t n_out, size_t weights, size_t bias)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_CONV);
    node.c = n_out;
    node.weights = weights;
    node.bias = bias;
    return push_window(program, x, window, node);
}

size_t ws_lanes_push_depthwise(ws_lanes_program *program, size_t x, const ws_lanes_window *window,
                               size_t weights, size_t bias)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_DEPTHWISE);
    node.weights = weights;
    node.bias = bias;
    return push_window(program, x, window, node);
}

size_t ws_lanes_push_mixed_depthwise(ws_lanes_program *program, size_t x,
                                     const ws_lanes_window *window, const ws_lanes_group *groups,
                                     size_t n_groups)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_DEPTHWISE);

    node.group = program->n_groups;
    node.n_groups = n_groups;
    node.weights = groups[0].weights;
    for (size_t i = 0; i < n_groups && program->status == WS_OK; i++) {
        void *all = grow(program->groups, program->n_groups, &program->room_groups,
                         sizeof *program->groups);
        if (all == NULL)
            return fail(program);
        program->groups = all;
        program->groups[program->n_groups++] = groups[i];
    }
    return push_window(program, x, window, node);
}

size_t ws_lanes_push_average_pool(ws_lanes_program *program, size_t x,
                                  const ws_lanes_window *window)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_DEPTHWISE);
    node.factor = 1.0f / (float)(window->h * window->w);
    return push_window(program, x, window, node);
}

size_t ws_lanes_push_max_pool(ws_lanes_program *program, size_t x, const ws_lanes_window *window)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_MAX_POOL);

    node.window = *window;
    node.h = window->out_h;
    node.w = window->out_w;
    return ws_lanes_push_node(program, node);
}

size_t ws_lanes_push_mean_c(ws_lanes_program *program, size_t x)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_CONV);
    const ws_lanes_window pixel = {.h = 1,
                                   .w = 1,
                                   .stride_h = 1,
                                   .stride_w = 1,
                                   .dilation_h = 1,
                                   .dilation_w = 1,
                                   .out_h = node.h,
                                   .out_w = node.w};

    node.factor = 1.0f / (float)node.c;
    node.c = 1;
    return push_window(program, x, &pixel, node);
}

size_t ws_lanes_push_norm(ws_lanes_program *program, size_t x, const ws_lanes_norm *norm)
{
    if (program->status != WS_OK)
        return 0;
    void *norms =
        grow(program->norms, program->n_norms, &program->room_norms, sizeof *program->norms);
    if (norms == NULL)
        return fail(program);
    program->norms = norms;
    program->norms[program->n_norms] = *norm;

    ws_lanes_node moments = reader_of(program, x, WS_LANES_MOMENTS);
    moments.norm = program->n_norms++;
    ws_lanes_node affine = reader_of(program, x, WS_LANES_AFFINE);
    affine.norm = moments.norm;
    affine.n_in = 2;
    affine.in[1] = ws_lanes_push_node(program, moments);
    affine.needs_gradient = norm->gamma != WS_LANES_NONE || norm->beta != WS_LANES_NONE;
    return ws_lanes_push_node(program, affine);
}

size_t ws_lanes_push_bias(ws_lanes_program *program, size_t x, size_t bias)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_BIAS);
    node.bias = bias;
    node.needs_gradient = true;
    return ws_lanes_push_node(program, node);
}

size_t ws_lanes_push_activation(ws_lanes_program *program, ws_lanes_op op, size_t x)
{
    return ws_lanes_push_node(program, reader_of(program, x, op));
}

size_t ws_lanes_push_pair(ws_lanes_program *program, ws_lanes_op op, size_t x, size_t z)
{
    if (program->status != WS_OK)
        return 0;
    const ws_lanes_node *first = &program->nodes[x], *second = &program->nodes[z];
    const bool swap = first->h < second->h || first->w < second->w;
    ws_lanes_node node = reader_of(program, swap ? z : x, op);
    node.n_in = 2;
    node.in[1] = swap ? x : z;
    return ws_lanes_push_node(program, node);
}

size_t ws_lanes_push_quantize(ws_lanes_program *program, size_t x, size_t quantizer, bool learns)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_QUANTIZE);

    node.quantizer = quantizer;
    if (quantizer >= program->n_quantizers)
        program->n_quantizers = quantizer + 1;
    if (learns) {
        ws_lanes_node extremes = reader_of(program, x, WS_LANES_EXTREMES);
        extremes.quantizer = quantizer;
        node.n_in = 2;
        node.in[1] = ws_lanes_push_node(program, extremes);
    }
    return ws_lanes_push_node(program, node);
}

size_t ws_lanes_push_mean_w(ws_lanes_program *program, size_t x)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_SUM_W);
    node.factor = 1.0f / (float)node.w;
    node.w = 1;
    return ws_lanes_push_node(program, node);
}

size_t ws_lanes_push_mean_h(ws_lanes_program *program, size_t x)
{
    ws_lanes_node parts = reader_of(program, x, WS_LANES_SUM_ROWS);
    const float factor = 1.0f / (float)parts.h;
    parts.h = program->n_bands;
    ws_lanes_node total =
        reader_of(program, ws_lanes_push_node(program, parts), WS_LANES_ADD_PARTS);
    total.h = 1;
    total.factor = factor;
    return ws_lanes_push_node(program, total);
}

size_t ws_lanes_push_reshape(ws_lanes_program *program, size_t x, size_t w, size_t c)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_RESHAPE);
    node.w = w;
    node.c = c;
    return ws_lanes_push_node(program, node);
}

size_t ws_lanes_push_slice(ws_lanes_program *program, size_t x, size_t first, size_t n)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_SLICE);
    node.channel = first;
    node.c = n;
    return ws_lanes_push_node(program, node);
}

size_t ws_lanes_push_rows(ws_lanes_program *program, size_t x, size_t first, size_t n)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_SHIFT);
    node.shift = (ptrdiff_t)first;
    node.h = n;
    return ws_lanes_push_node(program, node);
}

size_t ws_lanes_push_concat(ws_lanes_program *program, size_t x, size_t z)
{
    ws_lanes_node node = reader_of(program, x, WS_LANES_PLACE);
    if (program->status != WS_OK)
        return 0;
    node.n_in = 2;
    node.in[1] = z;
    node.c += program->nodes[z].c;
    return ws_lanes_push_node(program, node);
}

bool ws_lanes_op_is_elementwise(ws_lanes_op op)
{
    return op >= WS_LANES_PAD && op <= WS_LANES_QUANTIZE_BACK;
}

bool ws_lanes_op_is_sum(ws_lanes_op op)
{
    return op >= WS_LANES_MOMENTS;
}

static bool is_one_row(const ws_lanes_window *v)
{
    return v->h == 1 && v->stride_h == 1 && v->before_h == 0;
}

bool ws_lanes_takes_band(const ws_lanes_node *node)
{
    enum { FEW_WEIGHTS = 3072 /* sums that stay in the nearest cache beside some rows */ };
    const size_t n_rows = node->window.w * node->left; /* of the sums */
    const size_t rest = node->c % WS_LANES;            /* channels that do not fill a vector */

    switch (node->op) {
    case WS_LANES_CONV_WEIGHTS:
        return !is_one_row(&node->window) || node->w == 1 || (rest > 0 && rest < WS_LANES / 2) ||
               n_rows < WS_LANES || n_rows * node->c > FEW_WEIGHTS;
    case WS_LANES_DEPTHWISE_WEIGHTS:
        return !is_one_row(&node->window);
    default:
        return false;
    }
}

ws_lanes_link ws_lanes_link_of(const ws_lanes_program *program, size_t node, size_t input)
{
    const ws_lanes_node *n = &program->nodes[node], *in = &program->nodes[n->in[input]];

    if (ws_lanes_op_is_sum(in->op))
        return WS_LANES_BATCH;
    switch (n->op) {
    case WS_LANES_CONV:
    case WS_LANES_CONV_BACK:
    case WS_LANES_DEPTHWISE:
    case WS_LANES_DEPTHWISE_BACK:
    case WS_LANES_MAX_POOL:
    case WS_LANES_MAX_POOL_BACK:
        return is_one_row(&n->window) ? WS_LANES_SAME_ROW : WS_LANES_OTHER_ROWS;
    case WS_LANES_CONV_WEIGHTS:
    case WS_LANES_DEPTHWISE_WEIGHTS:
        if (!ws_lanes_takes_band(n))
            return WS_LANES_SAME_ROW;
        return input == 1 || is_one_row(&n->window) ? WS_LANES_WHOLE_BAND : WS_LANES_OTHER_ROWS;
    case WS_LANES_ADD_PARTS:
    case WS_LANES_SHIFT:
        return WS_LANES_OTHER_ROWS;
    case WS_LANES_EXPAND:
    case WS_LANES_ADD:
    case WS_LANES_MULTIPLY:
        return in->h == n->h ? WS_LANES_SAME_ROW : WS_LANES_OTHER_ROWS;
    default:
        return WS_LANES_SAME_ROW;
    }
}

static ptrdiff_t divide_down(ptrdiff_t a, ptrdiff_t b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

static ptrdiff_t divide_up(ptrdiff_t a, ptrdiff_t b)
{
    return divide_down(a + b - 1, b);
}

/** Rows from a window's first element to its last; 0 for a window of one row. */
static ptrdiff_t reach_of(const ws_lanes_window *v)
{
    return (ptrdiff_t)((v->h > 0 ? v->h - 1 : 0) * v->dilation_h);
}

/** The rows under the windows of some outputs. */
static ws_lanes_span windows_of(const ws_lanes_window *v, ws_lanes_span rows)
{
    const ptrdiff_t stride = (ptrdiff_t)v->stride_h, before = (ptrdiff_t)v->before_h;
    return (ws_lanes_span){rows.begin * stride - before,
                           (rows.end - 1) * stride - before + reach_of(v) + 1};
}

/** Those of rows that are among the first h. */
static ws_lanes_span cut_span(ws_lanes_span rows, ptrdiff_t h)
{
    return (ws_lanes_span){rows.begin > 0 ? rows.begin : 0, rows.end < h ? rows.end : h};
}

ws_lanes_span ws_lanes_outputs_of(const ws_lanes_window *v, ws_lanes_span rows)
{
    const ptrdiff_t stride = (ptrdiff_t)v->stride_h, before = (ptrdiff_t)v->before_h;
    const ws_lanes_span all = {divide_up(rows.begin + before - reach_of(v), stride),
                               divide_down(rows.end - 1 + before, stride) + 1};
    return cut_span(all, (ptrdiff_t)v->out_h);
}

ws_lanes_span ws_lanes_rows_needed(const ws_lanes_program *program, size_t node, size_t input,
                                   ws_lanes_span rows)
{
    const ws_lanes_node *n = &program->nodes[node], *in = &program->nodes[n->in[input]];
    const ws_lanes_window *v = &n->window;
    const ptrdiff_t stride = (ptrdiff_t)v->stride_h, before = (ptrdiff_t)v->before_h;
    const ptrdiff_t reach = reach_of(v);
    const ptrdiff_t h = (ptrdiff_t)in->h;

    if (rows.begin >= rows.end)
        return rows;
    switch (n->op) {
    case WS_LANES_CONV:
    case WS_LANES_DEPTHWISE:
        return windows_of(v, rows);
    case WS_LANES_CONV_WEIGHTS:
    case WS_LANES_DEPTHWISE_WEIGHTS:
        if (input == 1)
            return rows;
        return windows_of(v, rows);
    case WS_LANES_CONV_BACK:
    case WS_LANES_DEPTHWISE_BACK:
        return (ws_lanes_span){divide_up(rows.begin + before - reach, stride),
                               divide_down(rows.end - 1 + before, stride) + 1};
    case WS_LANES_MAX_POOL:
        return cut_span(windows_of(v, rows), h);
    case WS_LANES_MAX_POOL_BACK: {
        const ws_lanes_span outputs = ws_lanes_outputs_of(v, rows);
        if (input == 0 || outputs.begin >= outputs.end)
            return outputs;
        return cut_span(windows_of(v, outputs), h);
    }
    case WS_LANES_PAD:
        return cut_span(rows, h);
    case WS_LANES_SHIFT:
        return cut_span((ws_lanes_span){rows.begin + n->shift, rows.end + n->shift}, h);
    case WS_LANES_ADD_PARTS:
        return (ws_lanes_span){0, h};
    default:
        return ws_lanes_link_of(program, node, input) == WS_LANES_OTHER_ROWS ? (ws_lanes_span){0, h}
                                                                             : rows;
    }
}

ws_lanes_group ws_lanes_get_group(const ws_lanes_program *program, const ws_lanes_node *node,
                                  size_t group)
{
    if (node->n_groups > 0)
        return program->groups[node->group + group];
    return (ws_lanes_group){.n = node->c, .weights = node->weights};
}

size_t ws_lanes_count_group(const ws_lanes_node *node, const ws_lanes_group *group)
{
    return (node->window.h - group->tap) * node->window.w * group->n;
}

size_t ws_lanes_count_weights(const ws_lanes_program *program, const ws_lanes_node *node)
{
    size_t n = 0;

    switch (node->op) {
    case WS_LANES_CONV_WEIGHTS: /* left: input channels of a weight */
        return node->window.h * node->window.w * node->left * node->c;
    case WS_LANES_DEPTHWISE_WEIGHTS:
        for (size_t i = 0; i < ws_lanes_count_groups(node); i++) {
            const ws_lanes_group group = ws_lanes_get_group(program, node, i);
            n += ws_lanes_count_group(node, &group);
        }
        return n;
    case WS_LANES_BIAS_SUMS:
        return node->c;
    default:
        return 0;
    }
}
