/* plot/det_plot: where points are drawn, and that the curve goes through them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plot/det_plot.h"

static void scales_are_as_they_say(void **state)
{
    int left, right, x, y, low, high;
    (void)state;

    ws_det_plot_place(&(ws_det_plot_point){0.1, 0.0}, &left, &low);
    ws_det_plot_place(&(ws_det_plot_point){100.0, 1.0}, &right, &high);
    assert_true(left < right && high < low);
    ws_det_plot_place(&(ws_det_plot_point){1.0, 0.25}, &x, &y);
    assert_true(abs(3 * (x - left) - (right - left)) <= 3);
    assert_true(abs(4 * (low - y) - (low - high)) <= 4);
    /* beyond the scales */
    ws_det_plot_place(&(ws_det_plot_point){0.0, -1.0}, &x, &y);
    assert_true(x == left && y == low);
    ws_det_plot_place(&(ws_det_plot_point){1e9, 7.0}, &x, &y);
    assert_true(x == right && y == high);
}

static bool is_blue(const ws_canvas *canvas, int x, int y)
{
    const ws_rgb at = ws_canvas_get(canvas, x, y);

    return at.blue > at.red + 50;
}

static void the_curve_goes_through_its_points(void **state)
{
    const ws_det_plot_point points[] = {
        {300.0, 0.0}, {20.0, 0.1}, {2.0, 0.1}, {0.5, 0.6}, {0.0, 1.0}};
    enum { N = sizeof points / sizeof *points };
    ws_canvas canvas;
    size_t n_blue = 0;
    (void)state;

    assert_int_equal(ws_det_plot_draw(points, N, &canvas, NULL), WS_OK);
    assert_true(canvas.width == WS_DET_PLOT_WIDTH && canvas.height == WS_DET_PLOT_HEIGHT);
    for (size_t i = 0; i < N; i++) {
        int x, y;
        ws_det_plot_place(&points[i], &x, &y);
        assert_true(is_blue(&canvas, x, y));
    }
    for (int y = 0; y < canvas.height; y++)
        for (int x = 0; x < canvas.width; x++)
            n_blue += is_blue(&canvas, x, y) ? 1 : 0;
    assert_true(n_blue > 1000 && n_blue < 5000); /* a line, no area */
    ws_canvas_deinit(&canvas);
    assert_int_equal(ws_det_plot_draw(NULL, 0, &canvas, NULL), WS_OK);
    ws_canvas_deinit(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_are_as_they_say),
        cmocka_unit_test(the_curve_goes_through_its_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
