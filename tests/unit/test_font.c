/* plot/font and plot/canvas: letters, their sizes, and drawing outside of the canvas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot/canvas.h"
#include "plot/font.h"

static const ws_rgb white = {255, 255, 255};
static const ws_rgb black = {0, 0, 0};

static unsigned char pixel(const ws_canvas *canvas, int x, int y)
{
    return canvas->pixels[(size_t)y * (size_t)canvas->width + (size_t)x];
}

static void font_measures_what_it_draws(void **state)
{
    static const struct {
        const char *text;
        int strokes;
    } cases[] = {
        {"", 0},
        {"8", 3},
        {"88", 7},
        {"100", 11},
        {"I", 1},
        {"NO", 8},
        {"mW", 11},
        {"A B", 10},
        {".5%", 9},
        {"\303\274", 3},
        {"\346\235\261\344\272\254", 7},
        {"\377", 3},
        {"\303", 3},
        {"\346\235A", 11}, /* two bytes of three: two boxes */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ws_pen pen = ws_pen_make(4, 0);
        assert_int_equal(ws_font_width(&pen, cases[i].text), 4 * cases[i].strokes);
    }
}

/** Whether the picture holds exactly these rows of strokes of 2 pixels. */
static void check_drawn(const char *text, bool upward, int width, int height,
                        const char *const *rows)
{
    ws_canvas canvas;
    ws_pen pen = ws_pen_make(2, 1);
    pen.upward = upward;
    assert_int_equal(ws_canvas_init(&canvas, 2 * width, 2 * height, white, NULL), WS_OK);
    assert_int_equal(ws_canvas_push_colour(&canvas, black), 1);
    ws_font_draw(&canvas, &pen, text, 0, 0);
    for (int y = 0; y < 2 * height; y++) {
        for (int x = 0; x < 2 * width; x++)
            assert_int_equal(pixel(&canvas, x, y), rows[y / 2][x / 2] == '#');
    }
    ws_canvas_deinit(&canvas);
}

static void font_draws_letters_either_way(void **state)
{
    static const char *const across[] = {"###.#..", "#...#..", "##..#..", "#...#..", "#...###"};
    static const char *const up[] = {"....#", "....#", "#####", ".....", "#....", "#.#..", "#####"};
    static const char *const box[] = {"###.#", "###.#", "###.#", "###.#", "###.#"};
    (void)state;
    check_drawn("Fl", false, 7, 5, across);
    check_drawn("fL", true, 5, 7, up);
    check_drawn("\342\202\254i", false, 5, 5, box);
}

static void font_knows_what_it_has(void **state)
{
    (void)state;
    assert_true(ws_font_has(""));
    assert_true(ws_font_has("_silence_"));
    assert_true(ws_font_has("Step #12, 99.5% (no: +-1/2='x')"));
    assert_false(ws_font_has("na\303\257ve"));
    assert_false(ws_font_has("\346\235\261\344\272\254"));
    assert_false(ws_font_has("caf\351"));
    assert_false(ws_font_has("what?"));
}

static void canvas_cuts_what_lies_outside(void **state)
{
    ws_canvas canvas;
    ws_error err;
    (void)state;
    assert_int_equal(ws_canvas_init(&canvas, 4, 3, black, NULL), WS_OK);
    const unsigned char colour = ws_canvas_push_colour(&canvas, white);
    ws_canvas_fill(&canvas, (ws_rect){-5, -5, 6, 6}, colour);
    ws_canvas_fill(&canvas, (ws_rect){3, 2, 100, 100}, colour);
    ws_canvas_fill(&canvas, (ws_rect){10, 10, 2, 2}, colour);
    ws_canvas_fill(&canvas, (ws_rect){1, 1, -1, 2}, colour);
    for (int i = 0; i < 12; i++)
        assert_int_equal(canvas.pixels[i], i == 0 || i == 11 ? colour : 0);
    ws_canvas_deinit(&canvas);
    ws_canvas_deinit(&canvas);
    assert_int_equal(ws_canvas_init(&canvas, 0, 3, black, &err), WS_EINVAL);
    assert_int_equal(ws_canvas_init(&canvas, 3, WS_CANVAS_MAX_SIDE + 1, black, &err), WS_EINVAL);
    assert_string_equal(err.message, "a picture of 3 x 4097 pixels, expected 1 to 4096 each way");
    assert_null(canvas.pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(font_measures_what_it_draws),
        cmocka_unit_test(font_draws_letters_either_way),
        cmocka_unit_test(font_knows_what_it_has),
        cmocka_unit_test(canvas_cuts_what_lies_outside),
    };
    return cmocka_run_group_tests_name("font", tests, NULL, NULL);
}
