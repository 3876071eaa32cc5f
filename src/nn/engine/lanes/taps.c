/* From windows to lists of taps. */
#include <stdlib.h>

#include "nn/engine/lanes/plan.h"

/** A window over an input of some layout. */
typedef struct tap_maker {
    const ws_lanes_window *window;
    ptrdiff_t pitch, pixel; /* floats */
    size_t n_weights;       /* of a tap; 0: all taps have the same */
    ws_lanes_step *step;
    size_t n;
} tap_maker;

static void add_tap(tap_maker *maker, size_t u, size_t v, ptrdiff_t row, ptrdiff_t column)
{
    maker->step->taps[maker->n++] =
        (ws_lanes_tap){.offset = row * maker->pitch + column * maker->pixel,
                       .weights = (u * maker->window->w + v) * maker->n_weights};
}

/** All taps of an output, whose base is the window's first place. */
static void make_forward(tap_maker *maker)
{
    const ws_lanes_window *window = maker->window;

    for (size_t u = 0; u < window->h; u++)
        for (size_t v = 0; v < window->w; v++)
            add_tap(maker, u, v, (ptrdiff_t)(u * window->dilation_h),
                    (ptrdiff_t)(v * window->dilation_w));
    maker->step->classes[0] = (ws_lanes_class){.first = 0, .n = maker->n};
}

/**
 * The input place q was met by the outputs (q + before - u dilation) / stride of all u for which
 * the division leaves no remainder. So places that leave the same remainder of (q + before) /
 * stride have the same taps; their base is the quotient.
 */
static void make_backward(tap_maker *maker)
{
    const ws_lanes_window *v = maker->window;

    for (size_t i = 0; i < v->stride_h * v->stride_w; i++) {
        const ptrdiff_t rest_h = (ptrdiff_t)(i / v->stride_w),
                        rest_w = (ptrdiff_t)(i % v->stride_w);
        ws_lanes_class *class = &maker->step->classes[i];
        class->first = maker->n;
        for (size_t a = 0; a < v->h; a++) {
            const ptrdiff_t rows = rest_h - (ptrdiff_t)(a * v->dilation_h);
            for (size_t b = 0; b < v->w; b++) {
                const ptrdiff_t columns = rest_w - (ptrdiff_t)(b * v->dilation_w);
                if (rows % (ptrdiff_t)v->stride_h == 0 && columns % (ptrdiff_t)v->stride_w == 0)
                    add_tap(maker, a, b, rows / (ptrdiff_t)v->stride_h,
                            columns / (ptrdiff_t)v->stride_w);
            }
        }
        class->n = maker->n - class->first;
    }
}

/** Taps of each group of channels of a depthwise convolution of stride 1, from the first channel of
 *  all. */
static void make_groups(tap_maker *maker, const ws_lanes_program *program,
                        const ws_lanes_node *node, bool is_back)
{
    const ws_lanes_window *v = &node->window;
    const ptrdiff_t sign = is_back ? -1 : 1;

    for (size_t i = 0; i < node->n_groups; i++) {
        const ws_lanes_group group = ws_lanes_get_group(program, node, i);
        ws_lanes_class *class = &maker->step->classes[i];
        class->first = maker->n;
        for (size_t a = group.tap; a < v->h; a++)
            for (size_t b = 0; b < v->w; b++) {
                ws_lanes_tap *tap = &maker->step->taps[maker->n++];
                tap->offset = sign * (ptrdiff_t)(a * v->dilation_h) * maker->pitch +
                              sign * (ptrdiff_t)(b * v->dilation_w) * maker->pixel +
                              (ptrdiff_t)(group.channel * WS_LANES);
                tap->weights = ((a - group.tap) * v->w + b) * group.n;
            }
        class->n = maker->n - class->first;
    }
}

ws_status ws_lanes_taps_init(const ws_lanes_plan *plan, ws_lanes_step *step, ws_error *err)
{
    const ws_lanes_node *node = &plan->program->nodes[step->node];
    const ws_lanes_window *window = &node->window;
    const bool is_conv = node->op == WS_LANES_CONV || node->op == WS_LANES_CONV_BACK;
    const bool is_back = node->op == WS_LANES_CONV_BACK || node->op == WS_LANES_DEPTHWISE_BACK;
    const size_t n_taps = window->h * window->w * ws_lanes_count_groups(node);
    const size_t n_classes = is_back ? window->stride_h * window->stride_w : 1;

    if (n_taps == 0 || node->op == WS_LANES_MAX_POOL || node->op == WS_LANES_MAX_POOL_BACK)
        return WS_OK;
    const ws_lanes_node *in = &plan->program->nodes[node->in[0]];
    step->taps = calloc(n_taps, sizeof *step->taps);
    step->classes = calloc(node->n_groups > 0 ? node->n_groups : n_classes, sizeof *step->classes);
    if (step->taps == NULL || step->classes == NULL)
        return ws_fail_memory(err, "the plan of a network");
    tap_maker maker = {.window = window,
                       .pitch = (ptrdiff_t)step->inputs[0].pitch,
                       .pixel = (ptrdiff_t)(in->c * WS_LANES),
                       .n_weights = is_conv ? in->c * node->c : node->c,
                       .step = step};
    if (node->weights == WS_LANES_NONE)
        maker.n_weights = 0;
    if (node->n_groups > 0)
        make_groups(&maker, plan->program, node, is_back);
    else if (is_back)
        make_backward(&maker);
    else
        make_forward(&maker);
    return WS_OK;
}
