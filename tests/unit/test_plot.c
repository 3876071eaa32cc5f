/* plot/confusion_plot: the facts that make the picture legible when it is scaled down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plot/confusion_layout.h"
#include "plot/confusion_plot.h"
#include "plot/font.h"

enum { MAX_LABELS = 48 };

static const ws_rgb white = {255, 255, 255}, black = {0, 0, 0};

/** A picture under test, with what it was drawn from. */
typedef struct test_picture {
    uint64_t counts[MAX_LABELS * MAX_LABELS];
    const char *labels[MAX_LABELS];
    ws_confusion_plot_args args;
    ws_confusion_layout layout;
    ws_canvas canvas;
} test_picture;

static const char *const words[] = {"_silence_", "_unknown_", "yes", "no",  "up",   "down",
                                    "left",      "right",     "on",  "off", "stop", "go"};
static const char *const hard_words[] = {"internationalization",
                                         "\303\274berraschung",
                                         "x",
                                         "",
                                         "wwwwwwwwwwww",
                                         "\346\235\261\344\272\254",
                                         "\377\376",
                                         "iiiiiiiiiiiiiiiiiiiiiiiiiiiiii",
                                         "_a_very_long_one_"};

/** What the labels and titles of a picture are like. */
typedef enum text_kind { USUAL, HARD, SHORT, N_KINDS } text_kind;

static const char *choose_label(text_kind kind, size_t i)
{
    switch (kind) {
    case HARD:
        return hard_words[i % (sizeof hard_words / sizeof *hard_words)];
    case SHORT:
        return "i";
    default:
        return words[i % (sizeof words / sizeof *words)];
    }
}

/** A picture of n labels, all counts 0, to be drawn with draw(). */
static void prepare(test_picture *picture, size_t n_labels, text_kind kind)
{
    memset(picture, 0, sizeof *picture);
    for (size_t i = 0; i < n_labels; i++)
        picture->labels[i] = choose_label(kind, i);
    picture->args = (ws_confusion_plot_args){
        .n_labels = n_labels,
        .counts = picture->counts,
        .labels = picture->labels,
        .title = kind == HARD
                     ? "FINAL TEST OF A RUN WITH A VERY VERY VERY VERY LONG NAME, STEP 18000"
                     : "VALIDATION STEP 400",
        .summary = kind == SHORT ? "" : "ACC 88.1% N 3093",
    };
}

static void draw(test_picture *picture)
{
    ws_confusion_layout_find(&picture->args, &picture->layout);
    assert_int_equal(ws_confusion_plot_run(&picture->args, &picture->canvas, NULL), WS_OK);
    assert_int_equal(picture->canvas.width, picture->layout.size);
}

/** Mostly right, some confusions of one to three digits, some empty cells. */
static void fill_in(test_picture *picture)
{
    const size_t n = picture->args.n_labels;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            const size_t mixed = (i * 7919 + j * 104729 + i * j * 31) % 97;
            picture->counts[i * n + j] = mixed < 50 ? 0 : mixed < 90 ? mixed - 49 : mixed * 3;
        }
        picture->counts[i * (n + 1)] = 60 * (i + 1);
    }
}

static unsigned char pixel(const ws_canvas *canvas, int x, int y)
{
    return canvas->pixels[(size_t)y * (size_t)canvas->width + (size_t)x];
}

static bool same_colour(ws_rgb a, ws_rgb b)
{
    return a.red == b.red && a.green == b.green && a.blue == b.blue;
}

static ws_rect first_cell(const test_picture *picture)
{
    return ws_confusion_layout_cell(&picture->layout, 0, 0);
}

/* Everything that is drawn begins and ends on even coordinates... */
static void check_even(const ws_canvas *canvas)
{
    for (int y = 0; y < canvas->height; y += 2) {
        for (int x = 0; x < canvas->width; x += 2) {
            const unsigned char colour = pixel(canvas, x, y);
            if (pixel(canvas, x + 1, y) != colour || pixel(canvas, x, y + 1) != colour ||
                pixel(canvas, x + 1, y + 1) != colour)
                fail_msg("strokes begin at an odd coordinate near (%d, %d)", x, y);
        }
    }
}

/* ...and nothing reaches the border, where cut letters would. */
static void check_border(const ws_canvas *canvas)
{
    const int far = canvas->width - 1;
    for (int depth = 0; depth < WS_LAYOUT_MARGIN; depth++) {
        for (int i = 0; i <= far; i++) {
            assert_int_equal(pixel(canvas, i, depth), 0);
            assert_int_equal(pixel(canvas, i, far - depth), 0);
            assert_int_equal(pixel(canvas, depth, i), 0);
            assert_int_equal(pixel(canvas, far - depth, i), 0);
        }
    }
    assert_true(same_colour(ws_canvas_get(canvas, 0, 0), white));
    assert_true(same_colour(ws_canvas_get(canvas, far, far), white));
}

static void check_free(const ws_canvas *canvas, int y, int below, int width)
{
    for (; y < below; y++)
        for (int x = 0; x < width; x++)
            assert_int_equal(pixel(canvas, x, y), 0);
}

/* The space below the titles, and below that of the columns' axis, stays free. */
static void check_titles(const test_picture *picture)
{
    const ws_confusion_layout *at = &picture->layout;
    const int line = ws_confusion_layout_line(at);
    const int below = WS_LAYOUT_MARGIN + (at->two_lines ? 2 : 1) * line;
    const int labels = at->top - WS_LAYOUT_SPACE - at->label_length;
    check_free(&picture->canvas, below - line + WS_FONT_HEIGHT * at->title_stroke, below, at->size);
    check_free(&picture->canvas, labels - (at->n_labels <= 8 ? 12 : 6), labels,
               at->left + at->n_labels * at->pitch);
}

static void drawing_is_even_and_inside(void **state)
{
    test_picture picture;
    (void)state;
    for (size_t n = 1; n <= 40; n++) {
        for (int way = 0; way < 2 * N_KINDS; way++) {
            const text_kind kind = (text_kind)(way % N_KINDS);
            prepare(&picture, n, kind);
            fill_in(&picture);
            picture.args.errors_only = way >= N_KINDS;
            picture.args.has_rest = way >= N_KINDS && n % 2 == 0;
            picture.counts[n / 2] = way == 0 ? 0 : UINT64_MAX;
            draw(&picture);
            assert_int_equal(picture.layout.two_lines, kind == HARD);
            assert_int_equal(picture.canvas.width % 350, 0);
            assert_int_equal(picture.canvas.width, picture.canvas.height);
            assert_true(picture.canvas.n_colours <= 128);
            check_even(&picture.canvas);
            check_border(&picture.canvas);
            check_titles(&picture);
            ws_canvas_deinit(&picture.canvas);
        }
    }
}

/** The length of the run of one colour through a pixel, along (1, 0) or (0, 1). */
static int run_length(const ws_canvas *canvas, int x, int y, int dx, int dy)
{
    const unsigned char colour = pixel(canvas, x, y);
    int length = 1;
    for (int i = 1; x - i * dx >= 0 && y - i * dy >= 0; i++, length++) {
        if (pixel(canvas, x - i * dx, y - i * dy) != colour)
            break;
    }
    for (int i = 1; x + i * dx < canvas->width && y + i * dy < canvas->height; i++, length++) {
        if (pixel(canvas, x + i * dx, y + i * dy) != colour)
            break;
    }
    return length;
}

/* What is shown at 215 pixels instead of 700 loses everything thinner than 3.3. */
static void strokes_are_four_pixels_wide(void **state)
{
    test_picture picture;
    (void)state;
    for (size_t n = 2; n <= WS_CONFUSION_PLOT_CROWD; n++) {
        prepare(&picture, n, USUAL);
        fill_in(&picture);
        draw(&picture);
        const int edge = picture.layout.left + picture.layout.n_labels * picture.layout.pitch;
        for (int y = 0; y < picture.canvas.height; y++) {
            for (int x = 0; x < picture.canvas.width; x++) {
                const bool in_matrix = x >= picture.layout.left && x < edge &&
                                       y >= picture.layout.top &&
                                       y < edge - picture.layout.left + picture.layout.top;
                if (in_matrix || pixel(&picture.canvas, x, y) == 0)
                    continue;
                if (run_length(&picture.canvas, x, y, 1, 0) < WS_LAYOUT_STROKE ||
                    run_length(&picture.canvas, x, y, 0, 1) < WS_LAYOUT_STROKE)
                    fail_msg("%zu labels: a thin stroke at (%d, %d)", n, x, y);
            }
        }
        ws_canvas_deinit(&picture.canvas);
    }
}

/** Draws two labels of which the first is right `hits` times of `total`. */
static void draw_share(test_picture *picture, uint64_t hits, uint64_t total)
{
    prepare(picture, 2, USUAL);
    picture->counts[0] = hits;
    picture->counts[1] = total - hits;
    draw(picture);
}

static ws_rgb cell_colour(const test_picture *picture, size_t row, size_t column)
{
    const ws_rect cell = ws_confusion_layout_cell(&picture->layout, row, column);
    return ws_canvas_get(&picture->canvas, cell.x, cell.y);
}

static void cells_are_darker_the_larger_their_share(void **state)
{
    enum { TOTAL = 1000 };
    test_picture picture;
    double last[2] = {1, 1}, first[2] = {0, 0};
    (void)state;
    for (uint64_t hits = 0; hits <= TOTAL; hits += 10) {
        for (size_t column = 0; column < 2; column++) { /* a hit, then a confusion */
            draw_share(&picture, column == 0 ? hits : TOTAL - hits, TOTAL);
            const double now = ws_colour_luminance(cell_colour(&picture, 0, column));
            assert_true(now <= last[column]);
            first[column] = hits == 0 ? now : first[column];
            last[column] = now;
            ws_canvas_deinit(&picture.canvas);
        }
    }
    for (size_t column = 0; column < 2; column++) {
        assert_true(first[column] > 0.85); /* an empty cell is nearly white */
        assert_true(last[column] < 0.1);
    }
}

static void scale_is_fixed_and_shows_single_confusions(void **state)
{
    test_picture one, other;
    (void)state;
    draw_share(&one, 257, 258);
    const ws_rgb single = cell_colour(&one, 0, 1);
    const ws_rgb empty = cell_colour(&one, 1, 0);
    assert_true(ws_colour_luminance(empty) - ws_colour_luminance(single) > 0.08);
    assert_false(same_colour(empty, white)); /* the grid can be seen */
    ws_canvas_deinit(&one.canvas);

    /* a tenth is a third of the way, as a square root has it */
    draw_share(&one, 90, 100);
    assert_true(ws_colour_luminance(single) - ws_colour_luminance(cell_colour(&one, 0, 1)) > 0.2);
    ws_canvas_deinit(&one.canvas);

    /* the same share in another picture, beside larger and smaller ones, has the same colour */
    draw_share(&one, 30, 40);
    prepare(&other, 4, USUAL);
    memcpy(other.counts, (const uint64_t[16]){0, 0, 9, 0, 750, 250, 0, 0, 1, 0, 3, 0, 0, 0, 0, 5},
           16 * sizeof(uint64_t));
    draw(&other);
    assert_true(same_colour(cell_colour(&one, 0, 0), cell_colour(&other, 2, 2)));
    assert_true(same_colour(cell_colour(&one, 0, 1), cell_colour(&other, 2, 0)));
    assert_false(same_colour(cell_colour(&one, 0, 1), cell_colour(&other, 1, 1)));
    ws_canvas_deinit(&one.canvas);
    ws_canvas_deinit(&other.canvas);
}

/** The colour of the number in a cell: any that is not the cell's own. @return false if none */
static bool find_number_colour(const test_picture *picture, size_t row, size_t column,
                               ws_rgb *colour)
{
    const ws_rect cell = ws_confusion_layout_cell(&picture->layout, row, column);
    const unsigned char ground = pixel(&picture->canvas, cell.x, cell.y);
    for (int y = cell.y; y < cell.y + cell.height; y++) {
        for (int x = cell.x; x < cell.x + cell.width; x++) {
            if (pixel(&picture->canvas, x, y) != ground) {
                *colour = ws_canvas_get(&picture->canvas, x, y);
                return true;
            }
        }
    }
    return false;
}

static void numbers_stand_out_from_their_cells(void **state)
{
    test_picture picture;
    (void)state;
    for (uint64_t hits = 1; hits < 100; hits++) {
        draw_share(&picture, hits, 100);
        for (size_t column = 0; column < 2; column++) {
            ws_rgb colour;
            assert_true(find_number_colour(&picture, 0, column, &colour));
            assert_true(ws_colour_contrast(colour, cell_colour(&picture, 0, column)) >= 4.0);
        }
        ws_canvas_deinit(&picture.canvas);
    }
}

static void empty_cells_are_blank(void **state)
{
    test_picture picture;
    ws_rgb colour;
    (void)state;
    prepare(&picture, 12, USUAL); /* N 0: no row has a sum to divide by */
    draw(&picture);
    for (size_t row = 0; row < 12; row++) {
        for (size_t column = 0; column < 12; column++)
            assert_false(find_number_colour(&picture, row, column, &colour));
    }
    ws_canvas_deinit(&picture.canvas);
}

/** Whether the number in a cell looks as the text does when drawn with this stroke and gap. */
static bool cell_shows(const test_picture *picture, size_t row, size_t column, const char *text,
                       ws_pen pen)
{
    const ws_rect cell = ws_confusion_layout_cell(&picture->layout, row, column);
    const unsigned char ground = pixel(&picture->canvas, cell.x, cell.y + cell.height - 1);
    const int width = ws_font_width(&pen, text);
    const int left = (cell.width - width) / 4 * 2;
    const int top = (cell.height - WS_FONT_HEIGHT * pen.stroke) / 4 * 2;
    ws_canvas expected;
    bool same = true;

    assert_int_equal(ws_canvas_init(&expected, cell.width, cell.height, white, NULL), WS_OK);
    pen.colour = ws_canvas_push_colour(&expected, black);
    ws_font_draw(&expected, &pen, text, left, top);
    for (int y = 0; y < cell.height; y++) {
        for (int x = 0; x < cell.width; x++)
            same &= (pixel(&expected, x, y) != 0) ==
                    (pixel(&picture->canvas, cell.x + x, cell.y + y) != ground);
    }
    ws_canvas_deinit(&expected);
    return same;
}

static void cells_show_percentages_and_counts(void **state)
{
    static const struct {
        uint64_t hits, misses;
        const char *percent, *count;
        int gap; /* of the count */
    } cases[] = {
        {85, 15, "85", "15", 4},    {999, 1, "99", "1", 4}, /* not 100: one was wrong */
        {1, 999, "0", "999", 2},    {1000, 0, "I00", NULL, 4},      {5, 105, "5", "I05", 4},
        {50, 12345, "0", "12K", 2}, {1, 99500, "0", ".1M", 2},      {1, 1234567, "0", "1M", 4},
        {1, 99499, "0", "99K", 2},  {3, UINT64_MAX, "0", "18E", 2}, {1, 949999999, "0", ".9G", 4},
    };
    test_picture picture;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ws_pen pen = ws_pen_make(WS_LAYOUT_STROKE, 0);
        ws_rgb colour;
        prepare(&picture, 12, USUAL);
        picture.counts[0] = cases[i].hits;
        picture.counts[1] = cases[i].misses;
        draw(&picture);
        assert_int_equal(picture.layout.size, 700);
        if (!cell_shows(&picture, 0, 0, cases[i].percent, pen))
            fail_msg("the diagonal does not show %s", cases[i].percent);
        pen.gap = cases[i].gap;
        if (cases[i].count == NULL)
            assert_false(find_number_colour(&picture, 0, 1, &colour));
        else if (!cell_shows(&picture, 0, 1, cases[i].count, pen))
            fail_msg("the confusion does not show %s", cases[i].count);
        ws_canvas_deinit(&picture.canvas);
    }
}

static void crowds_show_the_largest_confusions_only(void **state)
{
    enum { N = 36 };
    test_picture picture;
    size_t n_shown = 0;
    ws_rgb colour;
    (void)state;
    prepare(&picture, N, USUAL);
    for (size_t i = 0; i < N * N; i++)
        picture.counts[i] = i % (N + 1) == 0 ? 500 : 1 + i % 3;
    picture.counts[1] = 99;
    picture.counts[2] = 98;
    draw(&picture);
    assert_true(first_cell(&picture).width >= 30); /* two digits of 28 */
    for (size_t row = 0; row < N; row++) {
        for (size_t column = 0; column < N; column++)
            n_shown += row != column && find_number_colour(&picture, row, column, &colour);
    }
    /* there are hundreds of the next size: all of them would be too many */
    assert_int_equal(n_shown, 2);
    assert_true(find_number_colour(&picture, 0, 1, &colour));
    assert_true(find_number_colour(&picture, 35, 35, &colour));
    ws_canvas_deinit(&picture.canvas);
}

static void errors_have_their_own_scale(void **state)
{
    const ws_pen pen = ws_pen_make(WS_LAYOUT_STROKE, 0);
    test_picture picture;
    ws_rgb colour;
    (void)state;
    prepare(&picture, 12, USUAL);
    for (size_t i = 0; i < 12; i++)
        picture.counts[i * 13] = 100000;
    picture.counts[1] = 1; /* a share of the row that would be the lightest shade */
    picture.counts[12 + 2] = 4;
    picture.args.errors_only = true;
    draw(&picture);
    assert_int_equal(picture.layout.size, 700);
    check_even(&picture.canvas);
    check_border(&picture.canvas);
    assert_true(cell_shows(&picture, 0, 1, "1", pen));
    assert_true(cell_shows(&picture, 1, 2, "4", pen));
    assert_true(ws_colour_luminance(cell_colour(&picture, 1, 2)) < 0.1); /* the darkest */
    assert_true(ws_colour_luminance(cell_colour(&picture, 0, 1)) < 0.5); /* half of the way */
    for (size_t i = 0; i < 12; i++) { /* the diagonal only shows where it is */
        assert_false(find_number_colour(&picture, i, i, &colour));
        assert_true(same_colour(cell_colour(&picture, i, i), cell_colour(&picture, 0, 0)));
    }
    assert_false(same_colour(cell_colour(&picture, 0, 0), cell_colour(&picture, 5, 7)));
    ws_canvas_deinit(&picture.canvas);

    memset(picture.counts, 0, sizeof picture.counts); /* nothing was wrong */
    draw(&picture);
    for (size_t row = 0; row < 12; row++) {
        for (size_t column = 0; column < 12; column++)
            assert_false(find_number_colour(&picture, row, column, &colour));
    }
    ws_canvas_deinit(&picture.canvas);
}

static void the_rest_is_counted_without_colour(void **state)
{
    const ws_pen pen = ws_pen_make(WS_LAYOUT_STROKE, 0);
    test_picture picture;
    (void)state;
    prepare(&picture, 13, USUAL);
    picture.counts[1] = 9;
    picture.counts[12] = 77;           /* said the first, taken for one of the rest */
    picture.counts[12 * 13 + 12] = 42; /* mistakes among the rest */
    picture.args.errors_only = picture.args.has_rest = true;
    draw(&picture);
    assert_true(cell_shows(&picture, 0, 12, "77", pen));
    assert_true(cell_shows(&picture, 12, 12, "42", pen));
    assert_true(same_colour(cell_colour(&picture, 0, 12), cell_colour(&picture, 5, 7)));
    assert_true(same_colour(cell_colour(&picture, 12, 12), cell_colour(&picture, 5, 7)));
    assert_true(ws_colour_luminance(cell_colour(&picture, 0, 1)) < 0.1); /* of the others it is
                                                                            the largest */
    ws_canvas_deinit(&picture.canvas);
}

static void impossible_sizes_are_refused(void **state)
{
    test_picture picture;
    ws_error err;
    (void)state;
    prepare(&picture, 0, USUAL);
    assert_int_equal(ws_confusion_plot_run(&picture.args, &picture.canvas, &err), WS_EINVAL);
    picture.args.n_labels = WS_CONFUSION_PLOT_MAX_LABELS + 1;
    assert_int_equal(ws_confusion_plot_run(&picture.args, &picture.canvas, &err), WS_EINVAL);
    assert_string_equal(err.message, "a picture of 257 labels, expected 1 to 256");
    assert_null(picture.canvas.pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawing_is_even_and_inside),
        cmocka_unit_test(strokes_are_four_pixels_wide),
        cmocka_unit_test(cells_are_darker_the_larger_their_share),
        cmocka_unit_test(scale_is_fixed_and_shows_single_confusions),
        cmocka_unit_test(numbers_stand_out_from_their_cells),
        cmocka_unit_test(empty_cells_are_blank),
        cmocka_unit_test(cells_show_percentages_and_counts),
        cmocka_unit_test(crowds_show_the_largest_confusions_only),
        cmocka_unit_test(errors_have_their_own_scale),
        cmocka_unit_test(the_rest_is_counted_without_colour),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests_name("plot", tests, NULL, NULL);
}
