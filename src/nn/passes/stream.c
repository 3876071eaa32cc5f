/* Each value has a stride (frames from one of its rows to the next) and an end: the frame of a
 * clip, counted from its first one, with which row 0 is complete. In the stream all values end at
 * the newest frame; values that are read together must agree in stride and end, or one is late.
 *
 *     convolution of size e rows, stride s    end + (e - 1) stride, stride s
 *     slice from row r on                     end + r stride
 *     over all rows (mean, dense, SVDF)       end + (rows - 1) stride; once a call
 *
 * An operator that reads several rows gets a history before it; what an operator gives for one call
 * has step / stride rows. */
#include "nn/passes/stream.h"

#include <stdio.h>
#include <stdlib.h>

#include "nn/op.h"
#include "nn/passes/rewrite.h"

/** A value in time. */
typedef struct pace {
    size_t stride; /* frames; 0: there are all rows of it once a call */
    size_t end;    /* frame */
} pace;

typedef struct streaming {
    const ws_graph *from;
    ws_rewrite_numbers numbers;
    pace *paces; /* [n_nodes] */
    size_t step; /* frames */
    size_t n_histories;
    ws_error *err;
} streaming;

static ws_status refuse(const streaming *work, size_t i, const char *why)
{
    return ws_fail(work->err, WS_EINVAL, "operator %zu, %s, cannot stream: %s", i,
                   ws_op_get(work->from->nodes[i].kind)->name, why);
}

static bool has_window(ws_op_kind kind)
{
    return kind == WS_OP_CONV2D || kind == WS_OP_DEPTHWISE || kind == WS_OP_MAX_POOL ||
           kind == WS_OP_AVERAGE_POOL;
}

/** Whether the operator reads all rows of a clip for what it gives. */
static bool reads_all(const ws_graph *graph, const ws_node *node)
{
    switch (node->kind) {
    case WS_OP_DENSE:
    case WS_OP_SVDF:
        return true;
    case WS_OP_MEAN:
        return (node->axes & WS_AXIS_H) != 0;
    case WS_OP_RESHAPE:
        return node->shape.h != ws_graph_shape_in(graph, node, 0).h;
    default:
        return false;
    }
}

/** Rows that a window reaches over. */
static size_t find_extent(const ws_window *window)
{
    return (window->h - 1) * window->dilation_h + 1;
}

static size_t greatest_divisor(size_t a, size_t b)
{
    while (b > 0) {
        const size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static ws_status find_window_pace(streaming *work, size_t i, pace in)
{
    const ws_node *node = &work->from->nodes[i];
    const ws_window *window = &node->window;
    const size_t extent = find_extent(window);
    const size_t n_read = (node->shape.h - 1) * window->stride_h + extent;

    if (window->zeros.before_h > 0 || n_read > ws_graph_shape_in(work->from, node, 0).h)
        return refuse(work, i, "it reads zeros before the first row of a clip or after its last");
    if (in.stride == 0)
        return refuse(work, i, "it reads rows of a value that is made once per clip");
    work->paces[i] = (pace){in.stride * window->stride_h, in.end + (extent - 1) * in.stride};
    return WS_OK;
}

/** Operators whose inputs are read row by row. */
static ws_status find_common_pace(streaming *work, size_t i)
{
    const ws_node *node = &work->from->nodes[i];
    const pace first = work->paces[node->inputs[0]];

    for (size_t k = 1; k < node->n_inputs; k++) {
        const pace other = work->paces[node->inputs[k]];
        if (other.stride != first.stride)
            return refuse(work, i, "one of its inputs is made once per clip, the other row by row");
        if (other.end != first.end)
            return refuse(work, i, "rows of its inputs do not end with the same frame");
        if (first.stride > 0 &&
            ws_graph_shape_in(work->from, node, k).h != ws_graph_shape_in(work->from, node, 0).h)
            return refuse(work, i, "one of its inputs repeats a row of a clip");
    }
    work->paces[i] = first;
    return WS_OK;
}

static ws_status find_pace(streaming *work, size_t i)
{
    const ws_node *node = &work->from->nodes[i];
    const pace in = work->paces[node->inputs[0]];
    const size_t n_rows = ws_graph_shape_in(work->from, node, 0).h;

    if (has_window(node->kind))
        return find_window_pace(work, i, in);
    if (reads_all(work->from, node)) {
        if (in.stride == 0 && n_rows > 1)
            return refuse(work, i, "it reads rows of a value that is made once per clip");
        work->paces[i] = (pace){0, in.end + (n_rows - 1) * in.stride};
        return WS_OK;
    }
    const ws_status status = find_common_pace(work, i);
    if (status == WS_OK && node->kind == WS_OP_SLICE)
        work->paces[i].end += node->first.h * in.stride;
    if (status == WS_OK && node->kind == WS_OP_HISTORY)
        return refuse(work, i, "it is part of a stream already");
    return status;
}

/** Paces of all values, and the least number of frames that is a multiple of all strides. */
static ws_status find_paces(streaming *work)
{
    const ws_graph *from = work->from;
    ws_status status = WS_OK;

    work->step = 1;
    work->paces[0] = (pace){1, 0};
    for (size_t i = 1; i < from->n_nodes && status == WS_OK; i++) {
        const size_t stride = (status = find_pace(work, i)) == WS_OK ? work->paces[i].stride : 0;
        if (stride > 0)
            work->step = work->step / greatest_divisor(work->step, stride) * stride;
    }
    if (status != WS_OK)
        return status;
    if (work->step > from->nodes[0].shape.h)
        return refuse(work, from->n_nodes - 1, "a step would be longer than a clip");
    if (from->nodes[from->n_nodes - 1].shape.h != 1)
        return refuse(work, from->n_nodes - 1, "what it gives has several rows");
    return WS_OK;
}

/** Rows that a call makes of a value. */
static size_t count_rows(const streaming *work, size_t value)
{
    const size_t stride = work->paces[value].stride;
    return stride > 0 ? work->step / stride : work->from->nodes[value].shape.h;
}

/** What a node reads that takes n_rows rows of a value: the newest of this call and earlier ones.
 */
static size_t push_rows(ws_rewrite *rewrite, size_t value, size_t n_rows)
{
    streaming *work = rewrite->user;
    const size_t n_new = count_rows(work, value), input = rewrite->values[value];
    char name[40];

    if (n_rows < n_new)
        return ws_graph_push_slice(rewrite->to, input, (ws_shape){n_new - n_rows, 0, 0},
                                   (ws_shape){n_rows, 0, 0});
    if (n_rows == n_new)
        return input;
    snprintf(name, sizeof name, "history_%zu", ++work->n_histories);
    return ws_graph_push_history(rewrite->to, input, name, n_rows - n_new);
}

/** A window without zeros along time, whatever the number of rows. */
static ws_window unpad(ws_window window)
{
    const bool has_columns = window.zeros.before_w + window.zeros.after_w > 0;

    window.padding = has_columns ? WS_PADDING_EXPLICIT : WS_PADDING_VALID;
    window.zeros.before_h = window.zeros.after_h = 0;
    return window;
}

/** A node that reads `value`, in its place. */
static size_t push_changed(ws_rewrite *rewrite, size_t i, const ws_node *changed, size_t value)
{
    const streaming *work = rewrite->user;
    const size_t input = work->from->nodes[i].inputs[0], before = rewrite->values[input];

    rewrite->values[input] = value;
    const size_t moved = ws_rewrite_keep_as(rewrite, changed);
    rewrite->values[input] = before;
    if (rewrite->to->error.status == WS_OK)
        ws_rewrite_copy_numbers(rewrite, i, &work->numbers);
    return moved;
}

static size_t move_node(ws_rewrite *rewrite, size_t i)
{
    const streaming *work = rewrite->user;
    const ws_graph *from = work->from;
    ws_node node = from->nodes[i];

    if (i == 0) {
        node.shape.h = work->step;
        return ws_graph_push_input(rewrite->to, node.shape);
    }
    const size_t n_rows = count_rows(work, i);
    size_t value = rewrite->values[node.inputs[0]];
    if (has_window(node.kind)) {
        const size_t n_read = (n_rows - 1) * node.window.stride_h + find_extent(&node.window);
        value = push_rows(rewrite, node.inputs[0], n_read);
        node.window = unpad(node.window);
    } else if (reads_all(from, &node)) {
        value = push_rows(rewrite, node.inputs[0], ws_graph_shape_in(from, &node, 0).h);
    } else {
        node.shape.h = n_rows;
        if (node.kind == WS_OP_SLICE && work->paces[i].stride > 0)
            node.first.h = 0;
    }
    value = push_changed(rewrite, i, &node, value);
    if (i + 1 == from->n_nodes && n_rows > 1) {
        const ws_shape last = {n_rows - 1, 0, 0};
        return ws_graph_push_slice(rewrite->to, value, last, (ws_shape){0, 0, 0});
    }
    return value;
}

/** Room for all numbers, and for those of histories: a state of one takes the place of the rows of
 *  a clip, of a value that one node reads. */
static ws_status make_room(ws_stream_form *form, const ws_graph *from, ws_error *err)
{
    size_t n_states = from->n_state_numbers + 1;

    for (size_t i = 1; i < from->n_nodes; i++)
        n_states += ws_shape_size(ws_graph_shape_in(from, &from->nodes[i], 0));
    form->model.parameters = calloc(from->n_weights + 1, sizeof *form->model.parameters);
    form->model.states = calloc(n_states, sizeof *form->model.states);
    if (form->model.parameters == NULL || form->model.states == NULL)
        return ws_fail_memory(err, "a network for streams");
    return WS_OK;
}

ws_status ws_stream_form_init(ws_stream_form *form, const ws_graph *from, const float *parameters,
                              const float *states, ws_error *err)
{
    streaming work = {.from = from, .paces = calloc(from->n_nodes, sizeof *work.paces), .err = err};

    *form = (ws_stream_form){.step = 0};
    ws_status status = work.paces == NULL ? ws_fail_memory(err, "a network for streams")
                                          : make_room(form, from, err);
    if (status == WS_OK)
        status = find_paces(&work);
    if (status == WS_OK) {
        work.numbers =
            (ws_rewrite_numbers){parameters, states, form->model.parameters, form->model.states};
        form->step = work.step;
        form->n_frames = work.paces[from->n_nodes - 1].end + 1;
        status = ws_rewrite_run(&form->model.graph, from, move_node, &work, err);
    }
    free(work.paces);
    if (status != WS_OK)
        ws_stream_form_deinit(form);
    return status;
}

void ws_stream_form_deinit(ws_stream_form *form)
{
    ws_folded_deinit(&form->model);
    *form = (ws_stream_form){.step = 0};
}
