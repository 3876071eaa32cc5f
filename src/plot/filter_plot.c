#include "plot/filter_plot.h"

#include <math.h>
#include <stdio.h>

#include "plot/font.h"
#include "plot/heat.h"

enum {
    STROKE = 4,
    MARGIN = 6,
    TEXT = WS_FONT_HEIGHT * STROKE,
    HEAD = MARGIN + TEXT + 8, /* the titles and the space below them */
    GAP = 4,                  /* between two tiles, half of it the frame of each */
    LABEL = TEXT + 4,
    ROOM = WS_FILTER_PLOT_WIDTH - 2 * MARGIN,
    MAX_SCALE = 32,      /* pixels a number */
    WANTED_HEIGHT = 480, /* of the picture at most, where there is a choice */
    N_SHADES = 65,       /* an odd number has one for zero */
    MAX_SUMMARY = 256,
};

static const ws_rgb frame_colour = {200, 206, 214}; /* not taken for zero */
static const ws_rgb absent = {0, 0, 0};

static const double outlier_share = 0.02; /* of numbers that may lie beyond the scale */

/** Where the tiles lie. */
typedef struct filter_layout {
    int scale; /* pixels a number, each way */
    int n_columns, n_rows;
    int tile_width, tile_height;
    int label_height; /* above each tile; 0: none */
} filter_layout;

/** A drawing under way. */
typedef struct plot_state {
    const ws_filter_plot_args *args;
    filter_layout layout;
    ws_canvas *canvas;
    ws_pen pen;
    unsigned char frame; /* colour */
    ws_heat heat;        /* but for the values */
} plot_state;

static filter_layout lay_out(const ws_filter_plot_args *args, int scale)
{
    filter_layout layout = {
        .scale = scale,
        .tile_width = (int)args->n_frames * scale,
        .tile_height = (int)args->n_bins * scale,
        .label_height = args->labels != NULL ? LABEL : 0,
    };
    layout.n_columns = (ROOM + GAP) / (layout.tile_width + GAP);
    if (layout.n_columns > (int)args->n_tiles)
        layout.n_columns = (int)args->n_tiles;
    if (layout.n_columns > 0)
        layout.n_rows = ((int)args->n_tiles + layout.n_columns - 1) / layout.n_columns;
    return layout;
}

static int find_height(const filter_layout *layout)
{
    return HEAD + layout->n_rows * (layout->label_height + layout->tile_height + GAP) - GAP +
           MARGIN;
}

/** The scale with which the tiles fill most of the picture, if it is not too high then. */
static filter_layout find_layout(const ws_filter_plot_args *args)
{
    filter_layout best = lay_out(args, 1);
    double best_share = 0;

    for (int scale = 1; scale <= MAX_SCALE; scale++) {
        const filter_layout layout = lay_out(args, scale);
        const int height = find_height(&layout);
        const double share =
            (double)args->n_tiles * layout.tile_width * layout.tile_height / height;
        if (layout.n_columns > 0 && height <= WANTED_HEIGHT && share >= best_share) {
            best = layout;
            best_share = share;
        }
    }
    return best;
}

/** The largest distance of a finite number from zero. */
static double find_largest(const ws_filter_plot_args *args)
{
    double largest = 0;
    for (size_t i = 0; i < args->n_tiles * args->n_frames * args->n_bins; i++) {
        const double distance = fabs((double)args->values[i]);
        largest = isfinite(distance) && distance > largest ? distance : largest;
    }
    return largest;
}

/** The end of the scale: beyond all numbers but a few, which may be much larger, as the weights of
 *  the first cepstrum are. */
static ws_status find_scale(const ws_filter_plot_args *args, double *scale, ws_error *err)
{
    double low, high;
    const ws_status status =
        ws_heat_find_range(args->values, args->n_tiles * args->n_frames * args->n_bins,
                           outlier_share / 2, &low, &high, err);
    *scale = fmax(fabs(low), fabs(high));
    if (!(*scale > 0)) /* nearly all are 0 */
        *scale = find_largest(args);
    return status;
}

static void draw_titles(const plot_state *plot, double scale)
{
    char summary[MAX_SUMMARY], shown[WS_FONT_MAX_BYTES];

    (void)snprintf(summary, sizeof summary, "%s +-%.3g", plot->args->note, scale);
    const int width = ws_font_width(&plot->pen, summary);
    ws_font_draw(plot->canvas, &plot->pen, summary, MARGIN + ROOM - width, MARGIN);
    ws_font_fit(&plot->pen, plot->args->title, ROOM - width - 4 * STROKE, shown);
    ws_font_draw(plot->canvas, &plot->pen, shown, MARGIN, MARGIN);
}

static ws_rect find_tile(const filter_layout *layout, int tile)
{
    const int column = tile % layout->n_columns, row = tile / layout->n_columns;
    const int pitch = layout->label_height + layout->tile_height + GAP;
    return (ws_rect){MARGIN + column * (layout->tile_width + GAP),
                     HEAD + row * pitch + layout->label_height, layout->tile_width,
                     layout->tile_height};
}

/** A tile in its frame, and its label. */
static void draw_tile(plot_state *plot, int tile)
{
    const ws_filter_plot_args *args = plot->args;
    const ws_rect place = find_tile(&plot->layout, tile);
    const ws_rect frame = {place.x - GAP / 2, place.y - GAP / 2, place.width + GAP,
                           place.height + GAP};

    ws_canvas_fill(plot->canvas, frame, plot->frame);
    plot->heat.values = args->values + (size_t)tile * args->n_frames * args->n_bins;
    (void)ws_heat_draw(plot->canvas, &plot->heat, place);
    if (args->labels != NULL) {
        char shown[WS_FONT_MAX_BYTES];
        ws_font_fit(&plot->pen, args->labels[tile], place.width, shown);
        ws_font_draw(plot->canvas, &plot->pen, shown, place.x, place.y - LABEL);
    }
}

/** ws_colour_signed over 0..1. */
static ws_rgb ramp(double place)
{
    return ws_colour_signed(2 * place - 1);
}

static ws_status check(const ws_filter_plot_args *args, ws_error *err)
{
    if (args->n_tiles == 0 || args->n_tiles > WS_FILTER_PLOT_MAX_TILES || args->n_frames == 0 ||
        args->n_frames > WS_FILTER_PLOT_MAX_FRAMES || args->n_bins == 0 ||
        args->n_bins > WS_FILTER_PLOT_MAX_BINS)
        return ws_fail(err, WS_EINVAL,
                       "a picture of %zu filters of %zu x %zu, expected 1 to %d of up to %d x %d",
                       args->n_tiles, args->n_frames, args->n_bins, WS_FILTER_PLOT_MAX_TILES,
                       WS_FILTER_PLOT_MAX_FRAMES, WS_FILTER_PLOT_MAX_BINS);
    return WS_OK;
}

static void push_colours(plot_state *plot, double scale)
{
    plot->pen = ws_pen_make(STROKE, ws_canvas_push_colour(plot->canvas, ws_colour_ink));
    plot->frame = ws_canvas_push_colour(plot->canvas, frame_colour);
    plot->heat = (ws_heat){
        .n_x = plot->args->n_frames,
        .n_y = plot->args->n_bins,
        .x_stride = plot->args->n_bins,
        .y_stride = 1,
        /* where all are zero, any other range will do */
        .low = scale > 0 ? -scale : -1,
        .high = scale > 0 ? scale : 1,
        .shades = ws_canvas_push_shades(plot->canvas, N_SHADES, ramp),
        .absent = ws_canvas_push_colour(plot->canvas, absent),
    };
}

ws_status ws_filter_plot_run(const ws_filter_plot_args *args, ws_canvas *canvas, ws_error *err)
{
    plot_state plot = {.args = args, .canvas = canvas};

    *canvas = (ws_canvas){.pixels = NULL};
    ws_status status = check(args, err);
    if (status != WS_OK)
        return status;
    double scale;
    status = find_scale(args, &scale, err);
    if (status != WS_OK)
        return status;
    plot.layout = find_layout(args);
    status = ws_canvas_init(canvas, WS_FILTER_PLOT_WIDTH, find_height(&plot.layout),
                            ws_colour_paper, err);
    if (status != WS_OK)
        return status;
    push_colours(&plot, scale);
    draw_titles(&plot, scale);
    for (int tile = 0; tile < (int)args->n_tiles; tile++)
        draw_tile(&plot, tile);
    return WS_OK;
}
