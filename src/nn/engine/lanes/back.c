/* The way back of a program: reverse-mode differentiation, node by node. */
#include <stdlib.h>

#include "nn/engine/lanes/program.h"

/** What one reader of a value adds to its gradient: factor times a node, which may be narrower or
 *  have one row, and is then repeated. */
typedef struct term {
    size_t value, node;
    float factor;
} term;

typedef struct way_back {
    ws_lanes_program *program;
    term *terms;
    size_t n_terms, room;
    size_t dy; /* gradient of the node in work */
} way_back;

static const ws_lanes_node *node_at(const way_back *back, size_t i)
{
    return &back->program->nodes[i];
}

/** A node of the same shape as `like` that reads x. */
static ws_lanes_node make(const way_back *back, ws_lanes_op op, size_t like, size_t x)
{
    const ws_lanes_node *shape = node_at(back, like);
    return (ws_lanes_node){.op = op,
                           .n_in = 1,
                           .in = {x},
                           .h = shape->h,
                           .w = shape->w,
                           .c = shape->c,
                           .weights = WS_LANES_NONE,
                           .bias = WS_LANES_NONE,
                           .norm = WS_LANES_NONE,
                           .factor = 1.0f};
}

static size_t push(way_back *back, ws_lanes_node node)
{
    return ws_lanes_push_node(back->program, node);
}

/** y = f(dy, z), element by element. */
static size_t push_map(way_back *back, ws_lanes_op op, size_t z)
{
    ws_lanes_node node = make(back, op, back->dy, back->dy);
    node.n_in = 2;
    node.in[1] = z;
    return push(back, node);
}

/** The value without the zeros around it. */
static size_t without_pad(const way_back *back, size_t x)
{
    return node_at(back, x)->op == WS_LANES_PAD ? node_at(back, x)->in[0] : x;
}

static bool is_wanted(const way_back *back, size_t value)
{
    return node_at(back, value)->needs_gradient;
}

static void give(way_back *back, size_t value, size_t node, float factor)
{
    ws_lanes_program *program = back->program;

    if (program->status != WS_OK || !is_wanted(back, value))
        return;
    if (back->n_terms == back->room) {
        const size_t room = back->room == 0 ? 256 : 2 * back->room;
        term *larger = realloc(back->terms, room * sizeof *larger);
        if (larger == NULL) {
            program->status = ws_fail_memory(&program->error, "the gradients of a network");
            return;
        }
        back->terms = larger;
        back->room = room;
    }
    back->terms[back->n_terms++] = (term){.value = value, .node = node, .factor = factor};
}

static bool is_full(const way_back *back, const term *t)
{
    const ws_lanes_node *value = node_at(back, t->value), *node = node_at(back, t->node);
    return node->h == value->h && node->w == value->w;
}

/** The sum of all terms of a value: one that has its shape, the others added to it. WS_LANES_NONE:
 *  nobody gave any. */
static size_t take(way_back *back, size_t value)
{
    const size_t none = back->n_terms;
    size_t first = none, sum;

    for (size_t i = 0; i < back->n_terms; i++) {
        const term *t = &back->terms[i];
        if (t->value == value &&
            (first == none || (is_full(back, t) && !is_full(back, &back->terms[first]))))
            first = i;
    }
    if (first == none)
        return WS_LANES_NONE;
    sum = back->terms[first].node;
    if (!is_full(back, &back->terms[first])) {
        ws_lanes_node expand = make(back, WS_LANES_EXPAND, value, sum);
        expand.factor = back->terms[first].factor;
        sum = push(back, expand);
    }
    for (size_t i = 0; i < back->n_terms; i++) {
        if (i == first || back->terms[i].value != value)
            continue;
        ws_lanes_node add = make(back, WS_LANES_ADD, value, sum);
        add.n_in = 2;
        add.in[1] = back->terms[i].node;
        add.factor = back->terms[i].factor;
        sum = push(back, add);
    }
    return sum;
}

/** The sum of x over what a smaller value is repeated for. */
static size_t reduce(way_back *back, size_t x, size_t value)
{
    const size_t h = node_at(back, value)->h, w = node_at(back, value)->w;

    if (back->program->status != WS_OK)
        return 0;
    if (w < node_at(back, x)->w) {
        ws_lanes_node sum = make(back, WS_LANES_SUM_W, x, x);
        sum.w = 1;
        x = push(back, sum);
    }
    if (h < node_at(back, x)->h) {
        ws_lanes_node parts = make(back, WS_LANES_SUM_ROWS, x, x);
        parts.h = back->program->n_bands;
        ws_lanes_node total = make(back, WS_LANES_ADD_PARTS, x, push(back, parts));
        total.h = 1;
        x = push(back, total);
    }
    return x;
}

static ptrdiff_t divide_down(ptrdiff_t a, ptrdiff_t b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/** What the gradient of n inputs reads in front of and after n_out outputs. */
static ws_lanes_span reach_back(size_t n, size_t size, size_t stride, size_t dilation,
                                size_t before, size_t n_out)
{
    const ptrdiff_t s = (ptrdiff_t)stride;
    const ptrdiff_t first = (ptrdiff_t)before - (ptrdiff_t)((size - 1) * dilation);
    const ptrdiff_t low = divide_down(first + s - 1, s);
    const ptrdiff_t high = divide_down((ptrdiff_t)(n - 1 + before), s) - (ptrdiff_t)(n_out - 1);

    return (ws_lanes_span){low < 0 ? -low : 0, high > 0 ? high : 0};
}

/** Gradients of a convolution's weights, bias and input. */
static void back_window(way_back *back, size_t i)
{
    const ws_lanes_node node = *node_at(back, i);
    const ws_lanes_window *v = &node.window;
    const bool is_conv = node.op == WS_LANES_CONV;
    const size_t x = without_pad(back, node.in[0]);

    if (node.weights != WS_LANES_NONE) {
        ws_lanes_node sums =
            make(back, is_conv ? WS_LANES_CONV_WEIGHTS : WS_LANES_DEPTHWISE_WEIGHTS, i, node.in[0]);
        sums.n_in = 2;
        sums.in[1] = back->dy;
        sums.window = *v;
        sums.weights = node.weights;
        sums.group = node.group;
        sums.n_groups = node.n_groups;
        sums.left = is_conv ? node_at(back, x)->c : 1;
        push(back, sums);
    }
    if (node.bias != WS_LANES_NONE) {
        ws_lanes_node sums = make(back, WS_LANES_BIAS_SUMS, i, back->dy);
        sums.bias = node.bias;
        push(back, sums);
    }
    if (!is_wanted(back, x))
        return;
    ws_lanes_node dx =
        make(back, is_conv ? WS_LANES_CONV_BACK : WS_LANES_DEPTHWISE_BACK, x, back->dy);
    const ws_lanes_span rows =
        reach_back(dx.h, v->h, v->stride_h, v->dilation_h, v->before_h, v->out_h);
    const ws_lanes_span columns =
        reach_back(dx.w, v->w, v->stride_w, v->dilation_w, v->before_w, v->out_w);
    if (rows.begin + rows.end + columns.begin + columns.end > 0)
        dx.in[0] =
            ws_lanes_push_pad(back->program, back->dy, (size_t)columns.begin, (size_t)columns.end);
    dx.window = *v;
    dx.weights = node.weights;
    dx.group = node.group;
    dx.n_groups = node.n_groups;
    dx.factor = node.factor;
    give(back, x, push(back, dx), 1.0f);
}

static void back_max_pool(way_back *back, size_t i)
{
    const ws_lanes_node node = *node_at(back, i);
    ws_lanes_node dx = make(back, WS_LANES_MAX_POOL_BACK, node.in[0], back->dy);

    dx.n_in = 2;
    dx.in[1] = node.in[0];
    dx.window = node.window;
    if (is_wanted(back, node.in[0]))
        give(back, node.in[0], push(back, dx), 1.0f);
}

static void back_norm(way_back *back, size_t i)
{
    const ws_lanes_node node = *node_at(back, i);
    ws_lanes_node sums = make(back, WS_LANES_NORM_SUMS, i, back->dy);
    ws_lanes_node dx = make(back, WS_LANES_NORM_BACK, i, back->dy);

    sums.n_in = 2;
    sums.in[1] = node.in[0];
    sums.norm = node.norm;
    dx.n_in = 3;
    dx.in[1] = node.in[0];
    dx.in[2] = push(back, sums);
    dx.norm = node.norm;
    if (is_wanted(back, node.in[0]))
        give(back, node.in[0], push(back, dx), 1.0f);
}

static void back_bias(way_back *back, size_t i)
{
    const ws_lanes_node node = *node_at(back, i);
    ws_lanes_node sums = make(back, WS_LANES_BIAS_SUMS, i, back->dy);

    sums.bias = node.bias;
    push(back, sums);
    give(back, node.in[0], back->dy, 1.0f);
}

static void back_multiply(way_back *back, size_t i)
{
    const ws_lanes_node node = *node_at(back, i);

    if (is_wanted(back, node.in[0]))
        give(back, node.in[0], push_map(back, WS_LANES_MULTIPLY, node.in[1]), 1.0f);
    if (is_wanted(back, node.in[1])) {
        const size_t product = push_map(back, WS_LANES_MULTIPLY, node.in[0]);
        give(back, node.in[1], reduce(back, product, node.in[1]), 1.0f);
    }
}

/** Channels of dy from `first` on that value has. */
static size_t push_part(way_back *back, size_t value, size_t first)
{
    ws_lanes_node part = make(back, WS_LANES_SLICE, value, back->dy);
    part.channel = first;
    return push(back, part);
}

static void back_channels(way_back *back, size_t i)
{
    const ws_lanes_node node = *node_at(back, i);

    if (node.op == WS_LANES_SLICE) {
        ws_lanes_node place = make(back, WS_LANES_PLACE, node.in[0], back->dy);
        place.channel = node.channel;
        give(back, node.in[0], push(back, place), 1.0f);
        return;
    }
    if (is_wanted(back, node.in[0]))
        give(back, node.in[0], push_part(back, node.in[0], 0), 1.0f);
    if (is_wanted(back, node.in[1]))
        give(back, node.in[1], push_part(back, node.in[1], node_at(back, node.in[0])->c), 1.0f);
}

static void back_node(way_back *back, size_t i)
{
    const ws_lanes_node node = *node_at(back, i);

    switch (node.op) {
    case WS_LANES_CONV:
    case WS_LANES_DEPTHWISE:
        back_window(back, i);
        break;
    case WS_LANES_MAX_POOL:
        back_max_pool(back, i);
        break;
    case WS_LANES_AFFINE:
        back_norm(back, i);
        break;
    case WS_LANES_BIAS:
        back_bias(back, i);
        break;
    case WS_LANES_ADD:
        give(back, node.in[0], back->dy, 1.0f);
        if (is_wanted(back, node.in[1]))
            give(back, node.in[1], reduce(back, back->dy, node.in[1]), 1.0f);
        break;
    case WS_LANES_MULTIPLY:
        back_multiply(back, i);
        break;
    case WS_LANES_RELU:
        give(back, node.in[0], push_map(back, WS_LANES_RELU_BACK, i), 1.0f);
        break;
    case WS_LANES_SIGMOID:
        give(back, node.in[0], push_map(back, WS_LANES_SIGMOID_BACK, i), 1.0f);
        break;
    case WS_LANES_SILU:
        give(back, node.in[0], push_map(back, WS_LANES_SILU_BACK, node.in[0]), 1.0f);
        break;
    case WS_LANES_QUANTIZE: {
        ws_lanes_node dx = make(back, WS_LANES_QUANTIZE_BACK, i, back->dy);
        dx.n_in = 2;
        dx.in[1] = node.in[0];
        dx.quantizer = node.quantizer;
        give(back, node.in[0], push(back, dx), 1.0f);
        break;
    }
    case WS_LANES_SUM_W:
        give(back, node.in[0], back->dy, node.factor);
        break;
    case WS_LANES_ADD_PARTS:
        give(back, node_at(back, node.in[0])->in[0], back->dy, node.factor);
        break;
    case WS_LANES_SHIFT: {
        ws_lanes_node shift = make(back, WS_LANES_SHIFT, node.in[0], back->dy);
        shift.shift = -node.shift;
        give(back, node.in[0], push(back, shift), 1.0f);
        break;
    }
    case WS_LANES_RESHAPE:
        give(back, node.in[0], push(back, make(back, WS_LANES_RESHAPE, node.in[0], back->dy)),
             1.0f);
        break;
    case WS_LANES_SLICE:
    case WS_LANES_PLACE:
        back_channels(back, i);
        break;
    default: /* PAD and SUM_ROWS: their readers gave to what they read */
        break;
    }
}

void ws_lanes_program_differentiate(ws_lanes_program *program, size_t output)
{
    way_back back = {.program = program};

    if (program->status != WS_OK)
        return;
    program->output = output;
    program->n_forward = program->n_nodes;
    const ws_lanes_node *logits = &program->nodes[output];
    program->output_gradient = ws_lanes_push_input(program, logits->h, logits->w, logits->c);
    give(&back, output, program->output_gradient, 1.0f);
    for (size_t i = program->n_forward; i-- > 0 && program->status == WS_OK;) {
        if (!program->nodes[i].needs_gradient)
            continue;
        back.dy = take(&back, i);
        if (back.dy != WS_LANES_NONE)
            back_node(&back, i);
    }
    free(back.terms);
}
