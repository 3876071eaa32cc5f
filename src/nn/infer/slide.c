/* Windows that overlap: which rows of a value a window has from an earlier one.
 *
 * A row of a value depends on some rows of the features. If all of those lie within the window, so
 * that no zeros from beyond its ends are among them, the row is the same in each window that has
 * these frames. Window k lies n_rows frames after window k - 1. So a value whose rows are `stride`
 * frames apart has rows of window k - n again if n * n_rows is a multiple of stride: n copies of
 * the value take turns. What is left to compute are the rows near the ends, and the new ones. */
#include <string.h>

#include "nn/infer/program.h"

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static const ws_infer_inner nothing = {0, 0, 0};

/** The rows of a value that are inner rows of both, which have the same rows of features. */
static ws_infer_inner join(ws_infer_inner a, ws_infer_inner b)
{
    const size_t first = larger(a.first, b.first), end = smaller(a.end, b.end);

    return a.stride != b.stride || first >= end ? nothing : (ws_infer_inner){a.stride, first, end};
}

/** Through a window that slides over rows. @param n_out  rows that it gives */
static ws_infer_inner find_through_window(ws_infer_inner in, const ws_window *window, size_t n_out)
{
    const size_t s = window->stride_h, before = window->zeros.before_h;
    const size_t reach = window->h == 1 ? 0 : (window->h - 1) * larger(window->dilation_h, 1);

    if (in.stride == 0 || in.end + before < reach + 1)
        return nothing;
    const size_t first = (in.first + before + s - 1) / s;
    const size_t end = smaller((in.end + before - reach - 1) / s + 1, n_out);
    return first < end ? (ws_infer_inner){in.stride * s, first, end} : nothing;
}

/** Of a box of rows; of a value in another shape with the same rows. */
static ws_infer_inner find_through_copy(const ws_infer *infer, const ws_infer_step *step)
{
    const ws_infer_value *in = &infer->values[step->in[0]], *out = &infer->values[step->out];
    const ws_op_kind kind = step->node->kind;

    if (kind == WS_OP_RESHAPE || kind == WS_OP_DROPOUT)
        return in->shape.h == out->shape.h ? in->inner : nothing;
    if (step->to.h != 0 || step->size.h != out->shape.h || in->inner.end <= step->from.h)
        return nothing;
    const size_t first = larger(in->inner.first, step->from.h) - step->from.h;
    const size_t end = smaller(in->inner.end - step->from.h, out->shape.h);
    return first < end ? (ws_infer_inner){in->inner.stride, first, end} : nothing;
}

static ws_infer_inner find_through_terms(const ws_infer *infer, const ws_infer_step *step)
{
    const size_t h = infer->values[step->out].shape.h;
    ws_infer_inner inner = infer->values[step->in[0]].inner;

    for (size_t k = 0; k < step->n_in; k++) {
        const ws_infer_value *in = &infer->values[step->in[k]];
        inner = in->shape.h == h ? join(inner, in->inner) : nothing;
        if (inner.stride == 0)
            return nothing;
    }
    return inner;
}

static ws_infer_inner join_residual(const ws_infer *infer, const ws_infer_step *step,
                                    ws_infer_inner inner)
{
    return step->residual == WS_INFER_NO_VALUE ? inner
                                               : join(inner, infer->values[step->residual].inner);
}

/** Of what the step gives. */
static ws_infer_inner find_inner(const ws_infer *infer, const ws_infer_step *step)
{
    const ws_infer_inner in = infer->values[step->in[0]].inner;
    const size_t h = infer->values[step->out].shape.h;

    switch (step->kind) {
    case WS_INFER_PAD:
    case WS_INFER_SCALE:
    case WS_INFER_ACTIVATE:
    case WS_INFER_QUANTIZE:
    case WS_INFER_TO_POINTS:
        return in;
    case WS_INFER_FROM_POINTS:
        return join_residual(infer, step, in);
    case WS_INFER_TAPS:
    case WS_INFER_POOL:
        return find_through_window(in, &step->window, h);
    case WS_INFER_PRODUCT:
        if (step->node->kind == WS_OP_DENSE)
            return nothing;
        return join_residual(infer, step, find_through_window(in, &step->window, h));
    case WS_INFER_ADD:
    case WS_INFER_MUL:
        return find_through_terms(infer, step);
    case WS_INFER_MEAN:
        return (step->node->axes & (WS_AXIS_H | WS_AXIS_C)) == 0 ? in : nothing;
    case WS_INFER_COPY:
        return find_through_copy(infer, step);
    case WS_INFER_DOTS:
    case WS_INFER_SVDF:
    case WS_INFER_HISTORY:
        break;
    }
    return nothing;
}

/** Makes a value keep its rows, if windows have any in common. */
static void keep(ws_infer_value *value, size_t n_rows)
{
    const ws_infer_inner *inner = &value->inner;
    ws_infer_shared *shared = &value->shared;
    size_t n = 1;

    if (inner->stride == 0)
        return;
    while (n < WS_INFER_MAX_COPIES && n * n_rows % inner->stride != 0)
        n++;
    const size_t advance = n * n_rows / inner->stride;
    if (n * n_rows % inner->stride != 0 || inner->first + advance >= inner->end)
        return;
    *shared = (ws_infer_shared){
        .n_copies = n,
        .advance = advance,
        .first = inner->first,
        .end = inner->end - advance,
        .room = value->shape.h, /* about one row is moved for each that is new */
    };
    value->is_kept = true;
}

void ws_infer_find_shared(ws_infer *infer)
{
    if (infer->n_rows == 0)
        return;
    infer->values[0].inner = (ws_infer_inner){1, 0, infer->values[0].shape.h};
    for (size_t i = 0; i < infer->n_steps; i++) {
        const ws_infer_step *step = &infer->steps[i];
        ws_infer_value *out = &infer->values[step->out];
        const ws_infer_inner inner = find_inner(infer, step);

        out->inner = out->is_made ? join(out->inner, inner) : inner;
        out->is_made = true;
    }
    for (size_t i = 1; i < infer->n_values; i++)
        keep(&infer->values[i], infer->n_rows);
    ws_infer_find_partial(infer);
}

/** Its rows lie `advance` further on than those that its copy had last; when there is no more room,
 *  the rows that are taken over are moved to the beginning. */
static void move_on(ws_infer_value *value, size_t copy)
{
    ws_infer_shared *shared = &value->shared;
    const size_t row = ws_infer_row(value);
    float *begin = value->kept + copy * shared->size;

    shared->at[copy] += shared->advance;
    if (shared->at[copy] > shared->room) {
        memmove(begin + shared->first * row, begin + (shared->at[copy] + shared->first) * row,
                (shared->end - shared->first) * row * sizeof *begin);
        shared->at[copy] = 0;
    }
}

void ws_infer_move_on(ws_infer *infer)
{
    for (size_t i = 1; i < infer->n_values; i++) {
        ws_infer_value *value = &infer->values[i];
        ws_infer_shared *shared = &value->shared;

        if (shared->n_copies == 0)
            continue;
        const size_t copy = infer->n_windows % shared->n_copies;
        shared->copy = copy;
        shared->is_there = infer->n_windows >= shared->n_copies;
        if (shared->is_there)
            move_on(value, copy);
        else
            shared->at[copy] = 0;
        value->data = value->kept + copy * shared->size + shared->at[copy] * ws_infer_row(value);
    }
    infer->n_windows++;
}
