/* Sums of a product near the end of a window: what later windows need of them stays.
 *
 *     rows that the value has   |. . . . . . . .|. . . .|        row q sums over taps a, which
 *                                             inner.end  h       read row q stride + a - before
 *
 * A row near the end reads some inner rows, then rows that depend on the end of the window, and
 * zeros. Its sum over the inner ones is the beginning of the sum that later windows need, which
 * takes the rows in the same order. So it stays; each window adds the inner rows that are new to
 * it. The others are added to a copy. */
#include <string.h>

#include "nn/infer/program.h"

/** A part of the rows of the output, for one tap. */
typedef struct job {
    const ws_infer *infer;
    const ws_infer_step *step;
    size_t tap;
    float *y; /* of row 0 */
} job;

/** The end of the output's rows whose tap reads one of the first n rows of the input. */
static size_t find_end(const ws_infer_step *step, size_t n, size_t tap, size_t h)
{
    const ws_window *window = &step->window;
    const size_t reach = n + window->zeros.before_h, before = tap * window->dilation_h;
    const size_t end =
        reach > before ? (reach - before + window->stride_h - 1) / window->stride_h : 0;
    return end < h ? end : h;
}

static void multiply(const job *j, size_t first, size_t end, ws_infer_product *p)
{
    if (first >= end)
        return;
    p->y = j->y + first * p->y_row;
    if (j->step->is_flat)
        j->step->kernels->choose_tiles(p);
    j->step->kernels->multiply(p);
}

/** Adds a tap to the sums in rows [first, end), or begins them. */
static void add_tap(const job *j, size_t first, size_t end)
{
    const ws_infer_step *step = j->step;
    const ws_window *window = &step->window;
    ws_infer_product p = ws_infer_find_rows(j->infer, step, first, end);
    const size_t row = ws_infer_row(&j->infer->values[step->in[0]]);

    p.run = p.n_inputs / window->h;
    p.n_runs = 1;
    p.first_input = j->tap * p.run;
    p.x += j->tap * window->dilation_h * row;
    p.start = j->tap == 0 ? NULL : j->y + first * p.y_row;
    p.residual = NULL;
    p.has_relu = false;
    multiply(j, first, end, &p);
}

/** Rows [first, end) out of their sums. @param sums  of row 0 */
static void finish(const job *j, size_t first, size_t end, const float *sums)
{
    ws_infer_product p = ws_infer_find_rows(j->infer, j->step, first, end);

    p.n_runs = 0;
    p.start = sums + first * p.y_row;
    multiply(j, first, end, &p);
}

static size_t choose_first(const ws_infer_shared *shared, size_t end)
{
    if (!shared->is_there || end < shared->end + shared->advance)
        return shared->end;
    return end - shared->advance;
}

/** Where the sums of this window are, of its first row that an earlier one does not leave. */
static float *move_on(const ws_infer *infer, ws_infer_step *step)
{
    const ws_infer_value *out = &infer->values[step->out];
    const size_t row = ws_infer_row(out), copy = out->shared.copy;
    ws_infer_partial *partial = &step->partial;
    float *begin = partial->sums + copy * (partial->n_rows + partial->room) * row;
    size_t *at = &partial->at[copy];

    *at = out->shared.is_there ? *at + out->shared.advance : 0;
    if (*at > partial->room) {
        memmove(begin, begin + *at * row,
                (partial->n_rows - out->shared.advance) * row * sizeof *begin);
        *at = 0;
    }
    return begin + *at * row;
}

void ws_infer_run_partial(const ws_infer *infer, ws_infer_step *step)
{
    const ws_infer_value *in = &infer->values[step->in[0]], *out = &infer->values[step->out];
    const ws_infer_shared *shared = &out->shared;
    const size_t row = ws_infer_row(out), h = out->shape.h, n_inner = in->inner.end;
    const size_t begin = shared->end, n_taps = step->window.h;
    float *sums = move_on(infer, step);
    job kept = {.infer = infer, .step = step, .y = sums - begin * row};
    job now = {.infer = infer, .step = step, .y = out->data};

    for (kept.tap = 0; kept.tap < n_taps; kept.tap++) {
        const size_t end = find_end(step, n_inner, kept.tap, h);
        add_tap(&kept, choose_first(shared, end), end);
    }
    if (n_inner == in->shape.h) {
        finish(&now, begin, h, kept.y);
        return;
    }
    const size_t begun = find_end(step, n_inner, 0, h);
    memcpy(out->data + begin * row, sums, (begun - begin) * row * sizeof *sums);
    for (now.tap = 0; now.tap < n_taps; now.tap++) {
        const size_t first = find_end(step, n_inner, now.tap, h);
        add_tap(&now, first > begin ? first : begin, find_end(step, in->shape.h, now.tap, h));
    }
    if (step->has_relu || step->residual != WS_INFER_NO_VALUE)
        finish(&now, begin, h, now.y);
}

static bool has_partial(const ws_infer *infer, const ws_infer_step *step)
{
    enum { LEAST_PRODUCTS = 10000 }; /* of a tap in a row: fewer take less time than the calls */
    const ws_infer_value *in = &infer->values[step->in[0]], *out = &infer->values[step->out];
    const ws_infer_kernels *kernels = ws_infer_kernels_get_for(infer->kernels, out->shape.c);
    const size_t n_products = in->shape.c * step->window.w * ws_shape_size(out->shape);

    return n_products >= LEAST_PRODUCTS * out->shape.h && step->kind == WS_INFER_PRODUCT &&
           out->shared.n_copies > 0 && in->inner.stride > 0 && step->window.h > 1 &&
           out->shape.c % kernels->n_lanes == 0 &&
           find_end(step, in->inner.end, 0, out->shape.h) > out->shared.end &&
           find_end(step, in->shape.h, 0, out->shape.h) == out->shape.h;
}

void ws_infer_find_partial(ws_infer *infer)
{
    for (size_t i = 0; i < infer->n_steps; i++) {
        ws_infer_step *step = &infer->steps[i];
        const ws_infer_value *out = &infer->values[step->out];
        if (has_partial(infer, step))
            step->partial.n_rows = step->partial.room = out->shape.h - out->shared.end;
    }
}
