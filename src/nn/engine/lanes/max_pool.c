/* Max pooling of an item, and its way back. */
#include <string.h>

#include "nn/engine/lanes/item.h"

/** The pixels under a window, and where their gradients go. */
typedef struct pooled {
    const float *x[WS_LANES_MAX_POOLED];
    float *dx[WS_LANES_MAX_POOLED]; /* NULL: nowhere */
    size_t n;
} pooled;

/**
 * Collects the pixels of source number k of a step under the window of output (i, j), row by row,
 * as far as they lie in the image.
 * @param own  the step's rows to which gradients go; none: no gradients
 */
static void find_pooled(const ws_lanes_item *item, const ws_lanes_step *step, size_t k, ptrdiff_t i,
                        ptrdiff_t j, ws_lanes_span own, pooled *p)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const ws_lanes_node *in = ws_lanes_node_at(item, node->in[k]);
    const ws_lanes_window *v = &node->window;
    const ptrdiff_t pixel = (ptrdiff_t)(in->c * item->n_lanes);
    const ptrdiff_t first = j * (ptrdiff_t)v->stride_w - (ptrdiff_t)v->before_w;

    p->n = 0;
    for (size_t u = 0; u < v->h; u++) {
        const ptrdiff_t row =
            i * (ptrdiff_t)v->stride_h - (ptrdiff_t)v->before_h + (ptrdiff_t)(u * v->dilation_h);
        if (row < 0 || row >= (ptrdiff_t)in->h)
            continue;
        const float *x = ws_lanes_input_rows(item, step, k, row).at;
        float *dx = row >= own.begin && row < own.end ? ws_lanes_step_row(item, step, row) : NULL;
        for (size_t t = 0; t < v->w; t++) {
            const ptrdiff_t column = first + (ptrdiff_t)(t * v->dilation_w);
            if (column < 0 || column >= (ptrdiff_t)in->w)
                continue;
            p->x[p->n] = x + column * pixel;
            p->dx[p->n++] = dx != NULL ? dx + column * pixel : NULL;
        }
    }
}

void ws_lanes_run_max_pool(const ws_lanes_item *item, const ws_lanes_step *step, ws_lanes_span rows)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const ws_lanes_span none = {0, 0};
    pooled p;

    for (ptrdiff_t row = rows.begin; row < rows.end; row++) {
        float *y = ws_lanes_step_row(item, step, row);
        for (size_t j = 0; j < node->w; j++, y += node->c * item->n_lanes) {
            find_pooled(item, step, 0, row, (ptrdiff_t)j, none, &p);
            item->maps->max(p.x, p.n, node->c, y);
        }
    }
}

void ws_lanes_run_max_pool_back(const ws_lanes_item *item, const ws_lanes_step *step,
                                ws_lanes_span rows)
{
    const ws_lanes_node *node = ws_lanes_node_at(item, step->node);
    const ws_lanes_span outputs = ws_lanes_outputs_of(&node->window, rows);
    const size_t n = ws_lanes_size(item, ws_lanes_row_floats(node));
    pooled p;

    for (ptrdiff_t row = rows.begin; row < rows.end; row++)
        memset(ws_lanes_step_row(item, step, row), 0, n * sizeof(float));
    for (ptrdiff_t i = outputs.begin; i < outputs.end; i++) {
        const float *dy = ws_lanes_input_rows(item, step, 0, i).at;
        for (size_t j = 0; j < node->window.out_w; j++, dy += node->c * item->n_lanes) {
            find_pooled(item, step, 1, i, (ptrdiff_t)j, rows, &p);
            item->maps->max_back(p.x, p.n, node->c, dy, p.dx);
        }
    }
}
