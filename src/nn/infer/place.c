/* Values in one array: those that are not needed at the same time share memory. */
#include <stdint.h>
#include <stdlib.h>

#include "nn/infer/program.h"

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

/** Rows of zeros that steps read around values. */
static void find_margins(ws_infer *infer)
{
    for (size_t i = 0; i < infer->n_steps; i++) {
        const ws_infer_step *step = &infer->steps[i];
        const ws_margins *zeros = &step->window.zeros;
        ws_infer_value *in = &infer->values[step->in[0]];
        size_t columns = 0; /* zeros beside a row are read in the rows around it */

        if (step->kind == WS_INFER_TAPS)
            columns = divide_up(larger(zeros->before_w, zeros->after_w), in->shape.w);
        else if (step->kind != WS_INFER_PRODUCT)
            continue;
        in->before = larger(in->before, zeros->before_h + columns);
        in->after = larger(in->after, zeros->after_h + columns);
    }
}

static void find_lifetimes(ws_infer *infer)
{
    for (size_t i = 0; i < infer->n_steps; i++) {
        const ws_infer_step *step = &infer->steps[i];
        ws_infer_value *out = &infer->values[step->out];

        if (out->first == SIZE_MAX)
            out->first = i;
        out->last = i;
        for (size_t k = 0; k < step->n_in; k++)
            infer->values[step->in[k]].last = i;
        if (step->residual != WS_INFER_NO_VALUE)
            infer->values[step->residual].last = i;
    }
    infer->values[infer->output].last = infer->n_steps;
    for (size_t i = 1; i < infer->n_values; i++) {
        if (infer->values[i].is_kept) {
            infer->values[i].first = 0;
            infer->values[i].last = infer->n_steps;
        }
    }
}

enum { LINE = WS_ARENA_ALIGNMENT / sizeof(float) };

/** Whole lines for the rows of zeros before it, so that the first row begins with a line. */
static size_t count_before(const ws_infer_value *value)
{
    return divide_up(value->before * ws_infer_row(value), LINE) * LINE;
}

/** Of one copy. */
static size_t count_floats_of_copy(const ws_infer_value *value)
{
    const size_t n_rows = value->shape.h + value->shared.room + value->after;
    const size_t n = n_rows * ws_infer_row(value) + WS_INFER_SLACK;

    return count_before(value) + divide_up(n, LINE) * LINE;
}

static size_t count_floats(const ws_infer_value *value)
{
    return larger(value->shared.n_copies, 1) * count_floats_of_copy(value);
}

static bool meet(const ws_infer_value *a, const ws_infer_value *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/** The lowest place where a value meets none that is placed. @param placed  [n] by offset */
static size_t find_offset(ws_infer_value *const *placed, size_t n, const ws_infer_value *value)
{
    const size_t size = count_floats(value);
    size_t offset = 0;

    for (size_t i = 0; i < n; i++) {
        if (!meet(placed[i], value))
            continue;
        if (offset + size <= placed[i]->offset)
            break;
        offset = larger(offset, placed[i]->offset + count_floats(placed[i]));
    }
    return offset;
}

/** Largest first. */
static int compare_sizes(const void *left, const void *right)
{
    const ws_infer_value *a = *(ws_infer_value *const *)left, *b = *(ws_infer_value *const *)right;
    const size_t size_a = count_floats(a), size_b = count_floats(b);

    if (size_a != size_b)
        return size_a < size_b ? 1 : -1;
    return (a > b) - (a < b);
}

void ws_infer_set_memory(ws_infer *infer, float *memory)
{
    for (size_t i = 1; i < infer->n_values; i++) {
        ws_infer_value *value = &infer->values[i];
        value->kept = value->data = memory + value->offset + count_before(value);
        value->shared.size = count_floats_of_copy(value);
    }
}

ws_status ws_infer_place(ws_infer *infer, ws_error *err)
{
    const size_t n = infer->n_values - 1; /* the features are the caller's */
    ws_infer_value **order = calloc(2 * n + 1, sizeof *order);

    if (order == NULL)
        return ws_fail_memory(err, "the values of a network");
    find_margins(infer);
    find_lifetimes(infer);
    for (size_t i = 0; i < n; i++)
        order[i] = &infer->values[i + 1];
    qsort(order, n, sizeof *order, compare_sizes);
    ws_infer_value **placed = order + n;
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        order[i]->offset = find_offset(placed, i, order[i]);
        for (; at > 0 && placed[at - 1]->offset > order[i]->offset; at--)
            placed[at] = placed[at - 1];
        placed[at] = order[i];
        infer->n_floats = larger(infer->n_floats, order[i]->offset + count_floats(order[i]));
    }
    free(order);
    return WS_OK;
}
