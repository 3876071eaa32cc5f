/* plot/heat, and the pictures of clips and filters that are made with it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plot/clip_plot.h"
#include "plot/filter_plot.h"
#include "plot/heat.h"

static const ws_rgb white = {255, 255, 255};
static const ws_rgb black = {0, 0, 0};

static unsigned char pixel(const ws_canvas *canvas, int x, int y)
{
    return canvas->pixels[(size_t)y * (size_t)canvas->width + (size_t)x];
}

static bool same_colour(ws_rgb a, ws_rgb b)
{
    return a.red == b.red && a.green == b.green && a.blue == b.blue;
}

static void heat_colours_rise_in_light(void **state)
{
    double last = -1;
    (void)state;
    for (int i = 0; i <= 64; i++) {
        const double now = ws_colour_luminance(ws_colour_heat(i / 64.0));
        assert_true(now > last);
        last = now;
    }
    assert_true(ws_colour_luminance(ws_colour_heat(0)) < 0.03);
    assert_true(last > 0.75);
    /* as CSS has oklch(0.58 0.10125 212.5): "teal", none of the three at a bound */
    const ws_rgb middle = ws_colour_heat(0.5);
    assert_true(middle.red < 60 && abs(middle.green - 135) < 8 && abs(middle.blue - 152) < 8);
}

static void signed_colours_are_even_about_white(void **state)
{
    (void)state;
    assert_true(same_colour(ws_colour_signed(0), white));
    for (int i = 1; i <= 10; i++) {
        const ws_rgb above = ws_colour_signed(i / 10.0), below = ws_colour_signed(-i / 10.0);
        assert_true(above.red > above.blue && below.blue > below.red);
        assert_true(fabs(ws_colour_luminance(above) - ws_colour_luminance(below)) < 0.1);
        assert_true(ws_colour_luminance(above) <
                    ws_colour_luminance(ws_colour_signed((i - 1) / 10.0)));
    }
}

static void axes_fit(void **state)
{
    (void)state;
    for (size_t n = 1; n < 3000; n = n < 200 ? n + 1 : n * 2 - 3) {
        for (int room = 1; room <= 700; room = room * 3 / 2 + 1) {
            const ws_heat_axis axis = ws_heat_axis_find(n, room);
            assert_true(axis.n_pixels >= 1 && axis.n_values >= 1);
            assert_true(axis.n_cells * (size_t)axis.n_pixels <= (size_t)room);
            assert_true(axis.n_cells * axis.n_values >= n);
            assert_true((axis.n_cells - 1) * axis.n_values < n);
            assert_true(axis.n_values == 1 || n > (size_t)room);
            /* no room for one more pixel each */
            assert_true(axis.n_cells * (size_t)(axis.n_pixels + 1) > (size_t)room);
        }
    }
}

/** A canvas of 20 x 20 with shades 10 (low) to 13 (high), and 14 for absent values. */
static void init_canvas(ws_canvas *canvas, ws_heat *heat)
{
    assert_int_equal(ws_canvas_init(canvas, 20, 20, white, NULL), WS_OK);
    while (canvas->n_colours < 10)
        (void)ws_canvas_push_colour(canvas, black);
    heat->shades = ws_canvas_push_shades(canvas, 4, ws_colour_heat);
    heat->absent = ws_canvas_push_colour(canvas, black);
}

static void cells_stand_where_they_belong(void **state)
{
    const float values[] = {0, 1, 2, 3, NAN, 99}; /* frames of two bins */
    static const unsigned char expected[2][3] = {{11, 13, 13}, {10, 12, 14}}; /* from the top */
    ws_heat heat = {
        .values = values, .n_x = 3, .n_y = 2, .x_stride = 2, .y_stride = 1, .low = 0, .high = 3};
    ws_canvas canvas;
    (void)state;
    init_canvas(&canvas, &heat);
    const ws_rect used = ws_heat_draw(&canvas, &heat, (ws_rect){2, 3, 11, 7});
    assert_int_equal(used.width, 9);
    assert_int_equal(used.height, 6);
    for (int y = 0; y < 20; y++) {
        for (int x = 0; x < 20; x++) {
            const bool inside = x >= 2 && x < 11 && y >= 3 && y < 9;
            assert_int_equal(pixel(&canvas, x, y), inside ? expected[(y - 3) / 3][(x - 2) / 3] : 0);
        }
    }
    ws_canvas_deinit(&canvas);
}

static void too_many_numbers_become_means(void **state)
{
    float values[40];
    ws_heat heat = {
        .values = values, .n_x = 40, .n_y = 1, .x_stride = 1, .y_stride = 1, .low = 0, .high = 3};
    ws_canvas canvas;
    (void)state;
    for (int i = 0; i < 40; i++)
        values[i] = i % 2 == 0 ? 0 : 2; /* the mean is a third of the way */
    values[39] = INFINITY;
    init_canvas(&canvas, &heat);
    const ws_rect used = ws_heat_draw(&canvas, &heat, (ws_rect){0, 0, 20, 20});
    assert_int_equal(used.width, 20);
    for (int x = 0; x < 20; x++)
        assert_int_equal(pixel(&canvas, x, 10), x == 19 ? 14 : 11);
    ws_canvas_deinit(&canvas);
}

static void a_range_without_extent_is_drawn(void **state)
{
    static const float values[4] = {5, 5, 5, 5};
    ws_heat heat = {
        .values = values, .n_x = 2, .n_y = 2, .x_stride = 2, .y_stride = 1, .low = 5, .high = 5};
    ws_canvas canvas;
    (void)state;
    init_canvas(&canvas, &heat);
    (void)ws_heat_draw(&canvas, &heat, (ws_rect){0, 0, 20, 20});
    for (int x = 0; x < 20; x++)
        assert_int_equal(pixel(&canvas, x, x), 10);
    ws_canvas_deinit(&canvas);
}

static void ranges_leave_outliers_out(void **state)
{
    float values[104];
    double low, high;
    (void)state;
    for (int i = 0; i < 100; i++)
        values[i] = (float)((i * 37) % 100);
    values[100] = NAN;
    values[101] = INFINITY;
    values[102] = -INFINITY;
    assert_int_equal(ws_heat_find_range(values, 103, 0, &low, &high, NULL), WS_OK);
    assert_true(low == 0 && high == 99);
    assert_int_equal(ws_heat_find_range(values, 103, 0.05, &low, &high, NULL), WS_OK);
    assert_true(low == 5 && high == 94);
    assert_int_equal(ws_heat_find_range(values, 103, 0.5, &low, &high, NULL), WS_OK);
    assert_true(low == 49 && high == 50);
    assert_int_equal(ws_heat_find_range(values + 100, 3, 0.1, &low, &high, NULL), WS_OK);
    assert_true(low == 0 && high == 0);
    assert_int_equal(ws_heat_find_range(values, 0, 0.1, &low, &high, NULL), WS_OK);
    assert_int_equal(ws_heat_find_range(values + 7, 1, 0.4, &low, &high, NULL), WS_OK);
    assert_true(low == (double)values[7] && high == (double)values[7]);
}

/** A row of pixels all of paper. */
static bool is_blank(const ws_canvas *canvas, int y)
{
    for (int x = 0; x < canvas->width; x++) {
        if (pixel(canvas, x, y) != 0)
            return false;
    }
    return true;
}

static void check_margins(const ws_canvas *canvas)
{
    for (int i = 0; i < 4; i++) {
        assert_true(is_blank(canvas, i));
        assert_true(is_blank(canvas, canvas->height - 1 - i));
        for (int y = 0; y < canvas->height; y++)
            assert_true(pixel(canvas, i, y) == 0 && pixel(canvas, canvas->width - 1 - i, y) == 0);
    }
}

static void clips_are_wide(void **state)
{
    static float spectrogram[98 * 64], fingerprint[98 * 40];
    ws_clip_plot_args args = {.said = "left",
                              .heard = "right",
                              .mark = "97.2%",
                              .detail = "left/0a7c2a8d_nohash_0.wav",
                              .spectrogram = {spectrogram, 98, 64},
                              .fingerprint = {fingerprint, 98, 40}};
    ws_canvas canvas;
    (void)state;
    for (size_t i = 0; i < 98 * 64; i++)
        spectrogram[i] = -100;
    spectrogram[10 * 64 + 3] = -20; /* the loudest */
    spectrogram[11 * 64 + 3] = -55; /* half of the range below it */
    spectrogram[12 * 64 + 3] = NAN;
    for (size_t i = 0; i < 98 * 40; i++)
        fingerprint[i] = (float)(i % 40); /* each frame the same */
    assert_int_equal(ws_clip_plot_run(&args, &canvas, NULL), WS_OK);
    assert_int_equal(canvas.width, 700);
    assert_int_equal(canvas.height, 360);
    check_margins(&canvas);
    /* 7 pixels a frame from 6 on; 2 a band, from 188 upward; 4 a number, from 354 upward */
    const int y = 188 - 2 * 3 - 1;
    assert_true(same_colour(ws_canvas_get(&canvas, 6 + 7 * 10 + 3, y), ws_colour_heat(1)));
    assert_true(same_colour(ws_canvas_get(&canvas, 6 + 7 * 9 + 6, y), ws_colour_heat(0)));
    assert_true(same_colour(ws_canvas_get(&canvas, 6 + 7 * 10 + 3, y - 2), ws_colour_heat(0)));
    const double half = ws_colour_luminance(ws_canvas_get(&canvas, 6 + 7 * 11, y));
    assert_true(fabs(half - ws_colour_luminance(ws_colour_heat(0.5))) < 0.01);
    assert_false(same_colour(ws_canvas_get(&canvas, 6 + 7 * 12, y), ws_colour_heat(0)));
    for (int i = 1; i < 40; i++) {
        const double below = ws_colour_luminance(ws_canvas_get(&canvas, 350, 354 - 4 * i + 1));
        const double above = ws_colour_luminance(ws_canvas_get(&canvas, 350, 354 - 4 * i - 1));
        assert_true(above >= below);
    }
    ws_canvas_deinit(&canvas);
}

static void silence_is_dark_and_nothing_is_blank(void **state)
{
    static float spectrogram[98 * 64], fingerprint[98 * 40];
    ws_clip_plot_args args = {.said = "",
                              .heard = "",
                              .mark = "",
                              .detail = "",
                              .spectrogram = {spectrogram, 98, 64},
                              .fingerprint = {fingerprint, 98, 40}};
    ws_canvas canvas;
    (void)state;
    for (size_t i = 0; i < 98 * 64; i++)
        spectrogram[i] = -120;
    assert_int_equal(ws_clip_plot_run(&args, &canvas, NULL), WS_OK);
    assert_true(ws_colour_luminance(ws_canvas_get(&canvas, 350, 100)) < 0.1);
    ws_canvas_deinit(&canvas);

    args = (ws_clip_plot_args){.mark = "", .detail = "nothing"};
    assert_int_equal(ws_clip_plot_run(&args, &canvas, NULL), WS_OK);
    for (int y = 60; y < canvas.height; y++)
        assert_true(is_blank(&canvas, y));
    assert_false(is_blank(&canvas, 40));
    ws_canvas_deinit(&canvas);
}

/* Any numbers of frames, and words and names longer than the picture. */
static void odd_clips_stay_inside(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 49, 97, 687, 688, 689, 2500};
    float *values = calloc(2500 * 7, sizeof *values);
    char longest[2000];
    ws_canvas canvas;
    (void)state;
    assert_non_null(values);
    memset(longest, 'w', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const ws_clip_plot_args args = {.said = i % 2 == 0 ? longest : "yes",
                                        .heard = i % 3 == 0 ? "no" : longest,
                                        .mark = "12.3%",
                                        .detail = longest,
                                        .spectrogram = {values, sizes[i], 1 + i % 7},
                                        .fingerprint = {values, sizes[i], 7 - i % 7}};
        assert_int_equal(ws_clip_plot_run(&args, &canvas, NULL), WS_OK);
        check_margins(&canvas);
        for (int y = 6; y < 26; y++) /* between the words and the mark */
            assert_int_equal(pixel(&canvas, 700 - 6 - 76 - 8, y), 0);
        ws_canvas_deinit(&canvas);
    }
    free(values);
}

static void check_filters(size_t n_tiles, size_t n_frames, size_t n_bins, bool has_labels)
{
    static const char *labels[WS_FILTER_PLOT_MAX_TILES];
    float *values = calloc(n_tiles * n_frames * n_bins, sizeof *values);
    const ws_filter_plot_args args = {.values = values,
                                      .n_tiles = n_tiles,
                                      .n_frames = n_frames,
                                      .n_bins = n_bins,
                                      .labels = has_labels ? labels : NULL,
                                      .title = "FIRST_WEIGHTS STEP 400",
                                      .note = "64"};
    ws_canvas canvas;
    size_t n_marked = 0;
    assert_non_null(values);
    for (size_t i = 0; i < WS_FILTER_PLOT_MAX_TILES; i++)
        labels[i] = i % 2 == 0 ? "yes" : "a very long label";
    for (size_t i = 0; i < n_tiles; i++)
        values[i * n_frames * n_bins] = 1; /* the first number of each: at the lower left */
    assert_int_equal(ws_filter_plot_run(&args, &canvas, NULL), WS_OK);
    assert_int_equal(canvas.width, 700);
    check_margins(&canvas);
    /* cells are as wide as high, and all of one size; there is one in each tile */
    int side = 0;
    for (int y = 30; y < canvas.height; y++) {
        for (int x = 1; x < canvas.width; x++) {
            const bool here = same_colour(ws_canvas_get(&canvas, x, y), ws_colour_signed(1));
            const bool left = same_colour(ws_canvas_get(&canvas, x - 1, y), ws_colour_signed(1));
            if (!here || left || same_colour(ws_canvas_get(&canvas, x, y - 1), ws_colour_signed(1)))
                continue;
            int width = 1, height = 1;
            while (pixel(&canvas, x + width, y) == pixel(&canvas, x, y))
                width++;
            while (pixel(&canvas, x, y + height) == pixel(&canvas, x, y))
                height++;
            assert_int_equal(width, height);
            assert_true(side == 0 || side == width);
            side = width;
            n_marked++;
        }
    }
    assert_int_equal(n_marked, n_tiles);
    ws_canvas_deinit(&canvas);
    free(values);
}

static void filters_have_a_tile_each(void **state)
{
    (void)state;
    check_filters(64, 20, 8, false); /* conv */
    check_filters(8, 8, 10, false);  /* tiny_conv */
    check_filters(61, 98, 8, false); /* low_latency_conv */
    check_filters(12, 98, 40, true); /* single_fc */
    check_filters(37, 33, 14, true);
    check_filters(1, 1, 1, false);
    check_filters(64, 1, 1, true);
    check_filters(1, 688, 400, false);
    check_filters(2, 500, 3, true);
}

static void filters_share_a_scale_about_zero(void **state)
{
    float values[2 * 4] = {0.5f, -0.25f, 0, NAN, 0, 0, 0, -0.5f};
    const ws_filter_plot_args args = {
        .values = values, .n_tiles = 2, .n_frames = 4, .n_bins = 1, .title = "", .note = ""};
    ws_canvas canvas;
    (void)state;
    assert_int_equal(ws_filter_plot_run(&args, &canvas, NULL), WS_OK);
    const int y = canvas.height - 10;
    int x = 6;
    ws_rgb seen[8];
    for (int i = 0; i < 8; i++) { /* 32 pixels each: the largest; 4 between two tiles */
        seen[i] = ws_canvas_get(&canvas, x + 3, y);
        x += i == 3 ? 32 + 4 : 32;
    }
    assert_true(same_colour(seen[0], ws_colour_signed(1)));
    assert_true(same_colour(seen[1], ws_colour_signed(-0.5)));
    assert_true(same_colour(seen[2], white));
    assert_true(same_colour(seen[3], black));
    assert_true(same_colour(seen[4], white));
    assert_true(same_colour(seen[7], ws_colour_signed(-1)));
    ws_canvas_deinit(&canvas);

    memset(values, 0, sizeof values);
    assert_int_equal(ws_filter_plot_run(&args, &canvas, NULL), WS_OK);
    assert_true(same_colour(ws_canvas_get(&canvas, 9, canvas.height - 10), white));
    ws_canvas_deinit(&canvas);
}

static void impossible_filters_are_refused(void **state)
{
    static const size_t wrong[][3] = {{0, 1, 1},   {65, 1, 1}, {1, 0, 1},
                                      {1, 689, 1}, {1, 1, 0},  {1, 1, 401}};
    static const float value;
    ws_canvas canvas;
    ws_error err;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const ws_filter_plot_args args = {.values = &value,
                                          .n_tiles = wrong[i][0],
                                          .n_frames = wrong[i][1],
                                          .n_bins = wrong[i][2],
                                          .title = "",
                                          .note = ""};
        assert_int_equal(ws_filter_plot_run(&args, &canvas, &err), WS_EINVAL);
        assert_non_null(strstr(err.message, "expected 1 to 64 of up to 688 x 400"));
        assert_null(canvas.pixels);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heat_colours_rise_in_light),
        cmocka_unit_test(signed_colours_are_even_about_white),
        cmocka_unit_test(axes_fit),
        cmocka_unit_test(cells_stand_where_they_belong),
        cmocka_unit_test(too_many_numbers_become_means),
        cmocka_unit_test(a_range_without_extent_is_drawn),
        cmocka_unit_test(ranges_leave_outliers_out),
        cmocka_unit_test(clips_are_wide),
        cmocka_unit_test(silence_is_dark_and_nothing_is_blank),
        cmocka_unit_test(odd_clips_stay_inside),
        cmocka_unit_test(filters_have_a_tile_each),
        cmocka_unit_test(filters_share_a_scale_about_zero),
        cmocka_unit_test(impossible_filters_are_refused),
    };
    return cmocka_run_group_tests_name("heat", tests, NULL, NULL);
}
