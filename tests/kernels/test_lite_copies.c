/* nn/lite: operators that pad, cut out and transpose, on random shapes, against their meaning index
 * by index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "kernels/guarded.h"
#include "nn/lite/kernel.h"

enum { N_CASES = 3000, MAX_DIMS = 5 };

static ws_random numbers;

/** A number from low to high. */
static int64_t draw(int64_t low, int64_t high)
{
    return low + (int64_t)ws_random_below(&numbers, (uint32_t)(high - low + 1));
}

/** An operator: along axis d of its output, number i is number first + i step of the input's
 *  axis. */
typedef struct copying {
    ws_lite_node node;
    ws_lite_tensor in, out, constants[3];
    ws_lite_args args;
    int64_t values[3][2 * MAX_DIMS]; /* of the constants */
    size_t axis[MAX_DIMS];
    int64_t first[MAX_DIMS], step[MAX_DIMS];
} copying;

/** Along most axes all numbers, as in models. */
static void draw_axis(copying *c, size_t d)
{
    const int64_t n = (int64_t)c->in.dims[d];
    const bool is_whole = draw(0, 1) == 0;
    int64_t begin = is_whole ? 0 : draw(0, n - 1), end = is_whole ? n : draw(begin + 1, n);

    c->step[d] = 1;
    c->out.dims[d] = (size_t)(end - begin);
    c->first[d] = begin;
    if (c->node.kind != WS_LITE_PAD) {
        c->values[0][d] = begin;
        c->values[1][d] = end == n && draw(0, 1) == 0 ? -1 : end - begin;
    }
    if (c->node.kind == WS_LITE_PAD) {
        const int64_t before = is_whole ? 0 : draw(0, 4), after = is_whole ? 0 : draw(0, 4);
        c->values[0][2 * d] = before;
        c->values[0][2 * d + 1] = after;
        c->first[d] = -before;
        c->out.dims[d] = (size_t)(before + n + after);
    } else if (c->node.kind == WS_LITE_STRIDED_SLICE) {
        static const int64_t steps[] = {1, 1, 1, 2, 3, INT64_MAX};
        const int64_t step = steps[draw(0, 5)];
        c->step[d] = step < n ? step : n;
        c->out.dims[d] = (size_t)((end - begin - 1) / c->step[d] + 1);
        c->values[1][d] = end < n && draw(0, 1) == 0 ? end - n : end;
        c->values[2][d] = step;
    }
}

/** Which axis of the input each axis of the output is. */
static void draw_order(copying *c)
{
    for (size_t d = 0; d < c->in.n_dims; d++)
        c->axis[d] = d;
    if (c->node.kind != WS_LITE_TRANSPOSE)
        return;
    for (size_t d = 1; d < c->in.n_dims; d++) {
        const size_t other = (size_t)draw(0, (int64_t)d), axis = c->axis[d];
        c->axis[d] = c->axis[other];
        c->axis[other] = axis;
    }
    for (size_t d = 0; d < c->in.n_dims; d++) {
        c->out.dims[d] = c->in.dims[c->axis[d]];
        c->step[d] = 1;
        c->values[0][d] = (int64_t)c->axis[d];
    }
}

static void draw_operator(copying *c, ws_lite_kind kind, float *scale)
{
    static const size_t sizes[] = {1, 2, 3, 5, 17};

    *c = (copying){.node = {.kind = kind}};
    c->in.type = draw(0, 1) == 0 ? WS_LITE_INT8 : WS_LITE_FLOAT32;
    c->in.n_dims = (size_t)draw(1, MAX_DIMS);
    if (c->in.type == WS_LITE_INT8)
        c->in.scale = (ws_lite_scale){scale, 1, 0, (int32_t)draw(-128, 127)};
    for (size_t d = 0; d < c->in.n_dims; d++)
        c->in.dims[d] = sizes[draw(0, 4)];
    c->out = c->in;
    for (size_t d = 0; kind != WS_LITE_TRANSPOSE && d < c->in.n_dims; d++)
        draw_axis(c, d);
    draw_order(c);
    c->args = (ws_lite_args){.node = &c->node, .in = {&c->in}, .out = {&c->out}};
    for (size_t k = 0; k < 3; k++) {
        const size_t n = kind == WS_LITE_PAD ? 2 * c->in.n_dims : c->in.n_dims;
        c->constants[k] =
            (ws_lite_tensor){.type = WS_LITE_INT64, .dims = {n}, .n_dims = 1, .data = c->values[k]};
        c->args.in[k + 1] = &c->constants[k];
        c->args.x[k + 1] = c->values[k];
    }
}

/** Where number i of the output comes from. @return false: from outside of the input */
static bool find_source(const copying *c, size_t i, size_t *from)
{
    int64_t at = 0;
    bool is_inside = true;

    for (size_t d = c->out.n_dims; d > 0; d--) {
        const size_t axis = c->axis[d - 1];
        const int64_t index = c->first[d - 1] + (int64_t)(i % c->out.dims[d - 1]) * c->step[d - 1];
        int64_t stride = 1;
        for (size_t k = axis + 1; k < c->in.n_dims; k++)
            stride *= (int64_t)c->in.dims[k];
        is_inside = is_inside && index >= 0 && index < (int64_t)c->in.dims[axis];
        at += index * stride;
        i /= c->out.dims[d - 1];
    }
    *from = is_inside ? (size_t)at : 0;
    return is_inside;
}

static void check(copying *c)
{
    const ws_lite_kernel *kernel = ws_lite_kernel_get(c->node.kind);
    const size_t bytes = ws_lite_type_bytes(c->in.type), n = ws_lite_tensor_size(&c->out);
    const int fill = bytes == 1 ? c->in.scale.zero_point : 0;
    unsigned char *x = zeros_create(ws_lite_tensor_bytes(&c->in), 1);
    unsigned char *y = zeros_create(ws_lite_tensor_bytes(&c->out), 1), want[sizeof(float)];

    for (size_t i = 0; i < ws_lite_tensor_bytes(&c->in); i++)
        x[i] = (unsigned char)draw(0, 255);
    memset(y, 0x5a, n * bytes);
    c->args.x[0] = x;
    c->args.y[0] = y;
    const char *fault = kernel->check(&c->args);
    if (fault != NULL)
        fail_msg("%s: %s", ws_lite_kind_name(c->node.kind), fault);
    kernel->copy(&c->args);
    for (size_t i = 0; i < n; i++) {
        size_t from;
        memset(want, fill, sizeof want);
        if (find_source(c, i, &from))
            memcpy(want, x + from * bytes, bytes);
        if (memcmp(y + i * bytes, want, bytes) != 0)
            fail_msg("%s of %zu dims: number %zu of %zu is another one",
                     ws_lite_kind_name(c->node.kind), c->in.n_dims, i, n);
    }
    free(x);
    free(y);
}

static void numbers_come_from_their_places(void **state)
{
    static const ws_lite_kind kinds[] = {WS_LITE_PAD, WS_LITE_SLICE, WS_LITE_STRIDED_SLICE,
                                         WS_LITE_TRANSPOSE};
    float scale = 0.5f;

    (void)state;
    ws_random_init(&numbers, 1, WS_RANDOM_TEST, 0, 0);
    for (int i = 0; i < N_CASES; i++) {
        copying c;
        draw_operator(&c, kinds[i % 4], &scale);
        check(&c);
    }
}

/** Slices that begin outside of their input, also so far that indices would overflow. */
static void slices_outside_are_refused(void **state)
{
    static const ws_lite_kind kinds[] = {WS_LITE_SLICE, WS_LITE_STRIDED_SLICE};
    static const int64_t begins[] = {3, INT64_MAX, INT64_MIN, -4};

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        copying c = {.node = {.kind = kinds[i % 2], .options = {.shrink_mask = 1}}};
        c.in = (ws_lite_tensor){.type = WS_LITE_INT8, .dims = {3}, .n_dims = 1};
        c.out = (ws_lite_tensor){.type = WS_LITE_INT8, .dims = {1}, .n_dims = 1};
        c.args = (ws_lite_args){.node = &c.node, .in = {&c.in}, .out = {&c.out}};
        c.values[0][0] = begins[i / 2];
        c.values[1][0] = c.values[2][0] = 1;
        for (size_t k = 0; k < 3; k++) {
            c.constants[k] = (ws_lite_tensor){.type = WS_LITE_INT64, .dims = {1}, .n_dims = 1};
            c.args.in[k + 1] = &c.constants[k];
            c.args.x[k + 1] = c.values[k];
        }
        assert_non_null(ws_lite_kernel_get(c.node.kind)->check(&c.args));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_from_their_places),
        cmocka_unit_test(slices_outside_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
