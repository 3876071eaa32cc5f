/* What inference takes of memory, counted by hand for a convolution that is done at points. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernels/guarded.h"
#include "nn/infer/infer.h"
#include "nn/infer/winograd.h"

/** The weights at the points, and values at the points before and after the products; all other
 *  values take the places of these. */
static void convolution_at_points(void **state)
{
    enum { SPARE = 4096 /* bytes: biases, ends of arrays */ };
    const ws_shape in = {12, 24, 20};
    const ws_conv2d_args a = {.name = "w",
                              .kernel_h = 5,
                              .kernel_w = 4,
                              .n_channels = 32,
                              .padding = WS_PADDING_SAME,
                              .init = {WS_INIT_UNIFORM, 0.5}};
    const size_t columns = ws_winograd_n_columns(a.kernel_w, in.w);
    const size_t n_weights = WS_WINOGRAD_N_POINTS * a.kernel_h * in.c * a.n_channels;
    const size_t n_before = (in.h + a.kernel_h - 1) * columns * in.c;
    const size_t n_after = in.h * columns * a.n_channels;
    const size_t least = (n_weights + n_before + n_after) * sizeof(float);
    ws_graph graph;

    (void)state;
    ws_graph_init(&graph);
    const size_t x = ws_graph_push_sigmoid(&graph, ws_graph_push_input(&graph, in));
    const size_t y = ws_graph_push_conv2d(&graph, x, &a);
    assert_true(ws_winograd_fits(&graph.nodes[y].window, in, graph.nodes[y].shape));
    float *parameters = zeros_create(graph.n_weights, sizeof *parameters);
    for (ws_cpu_level level = WS_CPU_GENERIC; level <= ws_cpu_level_get_best(); level++) {
        ws_infer *infer;
        assert_int_equal(
            ws_infer_create(&infer, &graph, &(ws_infer_numbers){parameters, NULL}, level, NULL),
            WS_OK);
        assert_in_range(ws_infer_get_bytes(infer), least, least + SPARE);
        ws_infer_destroy(infer);
    }
    free(parameters);
    ws_graph_deinit(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution_at_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
