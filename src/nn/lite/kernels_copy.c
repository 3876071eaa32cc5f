/* Operators that move numbers, whatever their type. */
#include <string.h>

#include "nn/lite/kernel.h"

size_t ws_lite_axis(int64_t axis, size_t n_dims)
{
    const int64_t n = (int64_t)n_dims, at = axis < 0 ? axis + n : axis;

    return at >= 0 && at < n ? (size_t)at : n_dims;
}

int64_t ws_lite_whole(const ws_lite_tensor *tensor, const void *data, size_t i)
{
    switch (tensor->type) {
    case WS_LITE_INT32:
        return ((const int32_t *)data)[i];
    case WS_LITE_INT64:
        return ((const int64_t *)data)[i];
    case WS_LITE_INT8:
        return ((const int8_t *)data)[i];
    default:
        return 0;
    }
}

static bool is_whole(const ws_lite_args *args, size_t k)
{
    return args->x[k] != NULL &&
           (args->in[k]->type == WS_LITE_INT32 || args->in[k]->type == WS_LITE_INT64);
}

/** Numbers after, or before, an axis. */
static size_t size_after(const ws_lite_tensor *tensor, size_t axis)
{
    size_t n = 1;

    for (size_t i = axis + 1; i < tensor->n_dims; i++)
        n *= tensor->dims[i];
    return n;
}

static size_t size_before(const ws_lite_tensor *tensor, size_t axis)
{
    size_t n = 1;

    for (size_t i = 0; i < axis; i++)
        n *= tensor->dims[i];
    return n;
}

const char *ws_lite_check_same_bytes(const ws_lite_args *args)
{
    return ws_lite_tensor_bytes(args->in[0]) == ws_lite_tensor_bytes(args->out[0])
               ? NULL
               : "its input and its output have different sizes";
}

const char *ws_lite_check_front(const ws_lite_args *args)
{
    (void)args;
    return "it makes features of sound, which only the first operators of a file may do";
}

void ws_lite_copy_all(const ws_lite_args *args)
{
    memcpy(args->y[0], args->x[0], ws_lite_tensor_bytes(args->in[0]));
}

/* CONCATENATION and PACK: both put the parts of each input side by side. */

static size_t join_axis(const ws_lite_args *args)
{
    return ws_lite_axis(args->node->options.axis, args->out[0]->n_dims);
}

/** Numbers of input k that stand together. */
static size_t join_run(const ws_lite_args *args, size_t k)
{
    return ws_lite_tensor_size(args->in[k]) / size_before(args->out[0], join_axis(args));
}

const char *ws_lite_check_concatenation(const ws_lite_args *args)
{
    const ws_lite_tensor *out = args->out[0];
    const size_t axis = join_axis(args);
    size_t n = 0;

    if (axis == out->n_dims)
        return "its output lacks the axis";
    for (size_t k = 0; k < args->node->n_inputs; k++) {
        if (args->in[k] == NULL || args->in[k]->type != out->type)
            return "an input has another type than its output";
        if (ws_lite_tensor_size(args->in[k]) % size_before(out, axis) != 0)
            return "the dims of an input do not fit its output";
        n += join_run(args, k);
    }
    return n == size_after(out, axis) * out->dims[axis] ? NULL
                                                        : "its inputs do not make up its output";
}

void ws_lite_copy_concatenation(const ws_lite_args *args)
{
    const size_t bytes = ws_lite_type_bytes(args->out[0]->type);
    const size_t n_runs = size_before(args->out[0], join_axis(args));
    unsigned char *to = args->y[0];

    for (size_t i = 0; i < n_runs; i++) {
        for (size_t k = 0; k < args->node->n_inputs; k++) {
            const size_t n = join_run(args, k) * bytes;
            memcpy(to, (const unsigned char *)args->x[k] + i * n, n);
            to += n;
        }
    }
}

/* SPLIT reads its axis first, SPLIT_V last. */

static size_t split_source(const ws_lite_args *args)
{
    return args->node->kind == WS_LITE_SPLIT ? 1 : 0;
}

static size_t split_axis(const ws_lite_args *args)
{
    const size_t at = args->node->kind == WS_LITE_SPLIT ? 0 : 2;

    return ws_lite_axis(ws_lite_whole(args->in[at], args->x[at], 0),
                        args->in[split_source(args)]->n_dims);
}

const char *ws_lite_check_split(const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[split_source(args)];
    size_t n = 0;

    if (!is_whole(args, args->node->kind == WS_LITE_SPLIT ? 0 : 2))
        return "its axis is not a constant of int32";
    const size_t axis = split_axis(args);
    if (axis == in->n_dims)
        return "its input lacks the axis";
    for (size_t k = 0; k < args->node->n_outputs; k++) {
        if (args->out[k]->type != in->type)
            return "an output has another type than its input";
        if (ws_lite_tensor_size(args->out[k]) % size_before(in, axis) != 0)
            return "the dims of an output do not fit its input";
        n += ws_lite_tensor_size(args->out[k]) / size_before(in, axis);
    }
    return n == size_after(in, axis) * in->dims[axis] ? NULL
                                                      : "its outputs do not make up its input";
}

void ws_lite_copy_split(const ws_lite_args *args)
{
    const size_t source = split_source(args);
    const ws_lite_tensor *in = args->in[source];
    const size_t n_runs = size_before(in, split_axis(args));
    const unsigned char *from = args->x[source];

    for (size_t i = 0; i < n_runs; i++) {
        for (size_t k = 0; k < args->node->n_outputs; k++) {
            const size_t n = ws_lite_tensor_bytes(args->out[k]) / n_runs;
            memcpy((unsigned char *)args->y[k] + i * n, from, n);
            from += n;
        }
    }
}

/* Operators whose output is walked through number by number: where each comes from. */

/** A walk over an output: along axis d, number i comes from first[d] + i * step[d]. */
typedef struct walk {
    size_t n_dims;
    size_t dims[WS_LITE_MAX_DIMS];     /* of what is walked through */
    int64_t first[WS_LITE_MAX_DIMS];   /* in the input, in its numbers along the axis */
    int64_t step[WS_LITE_MAX_DIMS];    /* likewise */
    int64_t n_in[WS_LITE_MAX_DIMS];    /* numbers of the input along the axis */
    int64_t strides[WS_LITE_MAX_DIMS]; /* of the input, for one along the axis */
} walk;

static int64_t stride_of(const ws_lite_tensor *tensor, size_t axis)
{
    return (int64_t)size_after(tensor, axis);
}

/** Axes whose numbers lie side by side become one: long runs are copied as a whole. */
static void join_axes(walk *w)
{
    while (w->n_dims > 1) {
        const size_t d = w->n_dims - 1;
        const int64_t n = w->n_in[d];
        if (w->first[d] != 0 || w->step[d] != 1 || (int64_t)w->dims[d] != n || w->strides[d] != 1 ||
            w->step[d - 1] != 1 || w->strides[d - 1] != n)
            return;
        w->dims[d - 1] *= (size_t)n;
        w->first[d - 1] *= n;
        w->n_in[d - 1] *= n;
        w->strides[d - 1] = 1;
        w->n_dims--;
    }
}

/** Numbers along the last axis, from index `first` of the input on: what lies outside of it becomes
 *  the zero point. @param is_inside  whether the other axes are inside */
static void copy_run(const walk *w, const unsigned char *from, bool is_inside, size_t bytes,
                     unsigned char zero, unsigned char *to)
{
    const size_t d = w->n_dims - 1, n = w->dims[d];
    const int64_t first = w->first[d], step = w->step[d], stride = w->strides[d];

    if (step * stride == 1) {
        const int64_t begin = first < 0 ? -first : 0, end = w->n_in[d] - first;
        const size_t before = !is_inside || begin > (int64_t)n ? n : (size_t)begin;
        const size_t until = end < (int64_t)n ? (end > (int64_t)before ? (size_t)end : before) : n;
        memset(to, bytes == 1 ? zero : 0, before * bytes);
        if (until > before)
            memcpy(to + before * bytes, from + (size_t)(first + (int64_t)before) * bytes,
                   (until - before) * bytes);
        memset(to + until * bytes, bytes == 1 ? zero : 0, (n - until) * bytes);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const int64_t index = first + (int64_t)i * step;
        if (is_inside && index >= 0 && index < w->n_in[d])
            memcpy(to + i * bytes, from + (size_t)(index * stride) * bytes, bytes);
        else
            memset(to + i * bytes, bytes == 1 ? zero : 0, bytes);
    }
}

static void copy_walk(const ws_lite_args *args, walk *w)
{
    const size_t bytes = ws_lite_type_bytes(args->out[0]->type);
    const int8_t zero = (int8_t)(args->out[0]->scale.n > 0 ? args->out[0]->scale.zero_point : 0);
    const size_t n = ws_lite_tensor_size(args->out[0]);
    unsigned char *to = args->y[0];

    join_axes(w);
    const size_t run = w->n_dims > 0 ? w->dims[w->n_dims - 1] : 1;

    if (w->n_dims == 0) {
        memcpy(to, args->x[0], n * bytes);
        return;
    }
    for (size_t i = 0; i < n; i += run) {
        int64_t at = 0;
        bool is_inside = true;
        size_t left = i / run;
        for (size_t d = w->n_dims - 1; d > 0; d--) {
            const int64_t index =
                w->first[d - 1] + (int64_t)(left % w->dims[d - 1]) * w->step[d - 1];
            is_inside = is_inside && index >= 0 && index < w->n_in[d - 1];
            at += index * w->strides[d - 1];
            left /= w->dims[d - 1];
        }
        copy_run(w, is_inside ? (const unsigned char *)args->x[0] + (size_t)at * bytes : NULL,
                 is_inside, bytes, (unsigned char)zero, to + i * bytes);
    }
}

const char *ws_lite_check_pad(const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0], *out = args->out[0];

    if (!is_whole(args, 1) || ws_lite_tensor_size(args->in[1]) != 2 * in->n_dims)
        return "its paddings are not a constant of two numbers an axis";
    if (in->type != out->type || in->n_dims != out->n_dims)
        return "its input and its output have different types or numbers of dims";
    for (size_t d = 0; d < in->n_dims; d++) {
        const int64_t before = ws_lite_whole(args->in[1], args->x[1], 2 * d);
        const int64_t after = ws_lite_whole(args->in[1], args->x[1], 2 * d + 1);
        if (before < 0 || after < 0 || before > 1 << 20 || after > 1 << 20 ||
            (int64_t)in->dims[d] + before + after != (int64_t)out->dims[d])
            return "its paddings do not fit its output";
    }
    return NULL;
}

void ws_lite_copy_pad(const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0];
    walk w = {.n_dims = in->n_dims};

    for (size_t d = 0; d < in->n_dims; d++) {
        w.dims[d] = args->out[0]->dims[d];
        w.first[d] = -ws_lite_whole(args->in[1], args->x[1], 2 * d);
        w.step[d] = 1;
        w.n_in[d] = (int64_t)in->dims[d];
        w.strides[d] = stride_of(in, d);
    }
    copy_walk(args, &w);
}

const char *ws_lite_check_transpose(const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0], *out = args->out[0];
    unsigned seen = 0;

    if (!is_whole(args, 1) || ws_lite_tensor_size(args->in[1]) != in->n_dims ||
        in->n_dims != out->n_dims || in->type != out->type)
        return "its order of axes is not a constant of one number per axis";
    for (size_t d = 0; d < in->n_dims; d++) {
        const size_t axis = ws_lite_axis(ws_lite_whole(args->in[1], args->x[1], d), in->n_dims);
        if (axis == in->n_dims || (seen & 1u << axis) != 0 || out->dims[d] != in->dims[axis])
            return "its order of axes does not fit its output";
        seen |= 1u << axis;
    }
    return NULL;
}

void ws_lite_copy_transpose(const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0];
    walk w = {.n_dims = in->n_dims};

    for (size_t d = 0; d < in->n_dims; d++) {
        const size_t axis = ws_lite_axis(ws_lite_whole(args->in[1], args->x[1], d), in->n_dims);
        w.dims[d] = args->out[0]->dims[d];
        w.step[d] = 1;
        w.n_in[d] = (int64_t)in->dims[axis];
        w.strides[d] = stride_of(in, axis);
    }
    copy_walk(args, &w);
}

/* SLICE: a first index and a size for each axis. */

const char *ws_lite_check_part(const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0], *out = args->out[0];

    for (size_t k = 1; k < 3; k++)
        if (!is_whole(args, k) || ws_lite_tensor_size(args->in[k]) != in->n_dims)
            return "its begin and its size are not constants of one number per axis";
    if (in->type != out->type || in->n_dims != out->n_dims)
        return "its input and its output have different types or numbers of dims";
    for (size_t d = 0; d < in->n_dims; d++) {
        const int64_t begin = ws_lite_whole(args->in[1], args->x[1], d);
        const int64_t size = ws_lite_whole(args->in[2], args->x[2], d); /* -1: up to the end */
        const int64_t n_in = (int64_t)in->dims[d], n_out = (int64_t)out->dims[d];
        if (begin < 0 || begin >= n_in || n_out > n_in - begin ||
            (size == -1 ? n_out != n_in - begin : size != n_out))
            return "its slice does not have the size of its output";
    }
    return NULL;
}

void ws_lite_copy_part(const ws_lite_args *args)
{
    const ws_lite_tensor *in = args->in[0];
    walk w = {.n_dims = in->n_dims};

    for (size_t d = 0; d < in->n_dims; d++) {
        w.dims[d] = args->out[0]->dims[d];
        w.first[d] = ws_lite_whole(args->in[1], args->x[1], d);
        w.step[d] = 1;
        w.n_in[d] = (int64_t)in->dims[d];
        w.strides[d] = stride_of(in, d);
    }
    copy_walk(args, &w);
}

/** Along one axis: the first index, the step, and how many. */
static bool find_slice(const ws_lite_args *args, size_t d, int64_t *first, int64_t *step, size_t *n)
{
    const ws_lite_options *o = &args->node->options;
    const int64_t size = (int64_t)args->in[0]->dims[d];
    int64_t begin = ws_lite_whole(args->in[1], args->x[1], d);
    int64_t end = ws_lite_whole(args->in[2], args->x[2], d);

    *step = ws_lite_whole(args->in[3], args->x[3], d);
    if (*step < 1) /* backwards: nobody's models do */
        return false;
    *step = *step < size ? *step : size; /* a larger one takes one number as well */
    begin += begin < 0 ? size : 0;
    end += end < 0 ? size : 0;
    if ((o->begin_mask & 1 << d) != 0)
        begin = 0;
    if (begin < 0 || begin >= size)
        return false;
    if ((o->end_mask & 1 << d) != 0 || end > size)
        end = size;
    if ((o->shrink_mask & 1 << d) != 0)
        end = begin + 1;
    *first = begin;
    if (begin >= end)
        return false;
    *n = (size_t)((end - begin + *step - 1) / *step);
    return true;
}

static const char *find_slices(const ws_lite_args *args, walk *w)
{
    const ws_lite_tensor *in = args->in[0];

    *w = (walk){.n_dims = in->n_dims};
    for (size_t d = 0; d < in->n_dims; d++) {
        if (!find_slice(args, d, &w->first[d], &w->step[d], &w->dims[d]))
            return "it has an empty slice, or one that goes backwards";
        w->n_in[d] = (int64_t)in->dims[d];
        w->strides[d] = stride_of(in, d);
    }
    return NULL;
}

const char *ws_lite_check_slice(const ws_lite_args *args)
{
    const ws_lite_options *o = &args->node->options;
    size_t n = 1;
    walk w;

    for (size_t k = 1; k < 4; k++)
        if (!is_whole(args, k) || ws_lite_tensor_size(args->in[k]) != args->in[0]->n_dims)
            return "its begin, end and strides are not constants of one number per axis";
    if (o->ellipsis_mask != 0 || o->new_axis_mask != 0)
        return "it has an ellipsis or a new axis, which is not supported";
    if (args->in[0]->type != args->out[0]->type)
        return "its input and its output have different types";
    const char *fault = find_slices(args, &w);
    for (size_t d = 0; fault == NULL && d < w.n_dims; d++)
        n *= w.dims[d];
    if (fault == NULL && n != ws_lite_tensor_size(args->out[0]))
        return "its slice does not have the size of its output";
    return fault;
}

void ws_lite_copy_slice(const ws_lite_args *args)
{
    walk w;

    (void)find_slices(args, &w);
    copy_walk(args, &w);
}
