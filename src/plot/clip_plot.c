#include "plot/clip_plot.h"

#include <math.h>

#include "plot/font.h"
#include "plot/heat.h"

enum {
    STROKE = 4,
    MARGIN = 6,
    TEXT = WS_FONT_HEIGHT * STROKE,
    SPACE = 8,       /* between two lines of text */
    PANEL_SPACE = 6, /* around the panels */
    N_SHADES = 64,   /* finer steps would not be seen, and the PNG stays small */
    ROOM = WS_CLIP_PLOT_WIDTH - 2 * MARGIN,
    SPECTROGRAM_Y = MARGIN + 2 * TEXT + SPACE + PANEL_SPACE,
    SPECTROGRAM_HEIGHT = 128, /* 2 pixels for each of 64 bands */
    FINGERPRINT_Y = SPECTROGRAM_Y + SPECTROGRAM_HEIGHT + PANEL_SPACE,
    FINGERPRINT_HEIGHT = 160, /* 4 pixels for each of 40 numbers */
};
_Static_assert(FINGERPRINT_Y + FINGERPRINT_HEIGHT + PANEL_SPACE == WS_CLIP_PLOT_HEIGHT,
               "the parts fill the picture");

static const ws_rgb absent = {214, 86, 22};

/** The range of a spectrogram: WS_CLIP_PLOT_RANGE_DB from its maximum down. */
static void find_loudest(const ws_clip_panel *panel, ws_heat *heat)
{
    double loudest = WS_CLIP_PLOT_QUIET_DB;
    for (size_t i = 0; i < panel->n_frames * panel->width; i++) {
        const double value = (double)panel->values[i];
        loudest = isfinite(value) && value > loudest ? value : loudest;
    }
    heat->low = loudest - WS_CLIP_PLOT_RANGE_DB;
    heat->high = loudest;
}

static void draw_panel(ws_canvas *canvas, const ws_clip_panel *panel, ws_heat *heat, ws_rect box)
{
    heat->values = panel->values;
    heat->n_x = panel->n_frames;
    heat->n_y = panel->width;
    heat->x_stride = panel->width;
    heat->y_stride = 1;
    (void)ws_heat_draw(canvas, heat, box);
}

/** The range of a fingerprint. Of cepstra the first of a frame, its loudness, is far from all
 *  others: so much may lie outside, and a hundredth more. */
static ws_status find_common(const ws_clip_panel *panel, ws_heat *heat, ws_error *err)
{
    const double cut = panel->width < 8 ? 0.01 : 0.01 + 1 / (double)panel->width;
    return ws_heat_find_range(panel->values, panel->n_frames * panel->width, cut, &heat->low,
                              &heat->high, err);
}

static ws_status draw_panels(const ws_clip_plot_args *args, ws_canvas *canvas, ws_error *err)
{
    const ws_clip_panel *spectrogram = &args->spectrogram, *fingerprint = &args->fingerprint;
    ws_heat heat = {.shades = ws_canvas_push_shades(canvas, N_SHADES, ws_colour_heat),
                    .absent = ws_canvas_push_colour(canvas, absent)};

    if (spectrogram->values != NULL) {
        find_loudest(spectrogram, &heat);
        draw_panel(canvas, spectrogram, &heat,
                   (ws_rect){MARGIN, SPECTROGRAM_Y, ROOM, SPECTROGRAM_HEIGHT});
    }
    if (fingerprint->values == NULL)
        return WS_OK;
    const ws_status status = find_common(fingerprint, &heat, err);
    if (status == WS_OK)
        draw_panel(canvas, fingerprint, &heat,
                   (ws_rect){MARGIN, FINGERPRINT_Y, ROOM, FINGERPRINT_HEIGHT});
    return status;
}

/** Writes a text that is cut where it does not fit. @return where it ends */
static int draw_cut(ws_canvas *canvas, const ws_pen *pen, const char *text, int x, int room)
{
    char shown[WS_FONT_MAX_BYTES];
    ws_font_fit(pen, text, room, shown);
    ws_font_draw(canvas, pen, shown, x, MARGIN);
    return x + ws_font_width(pen, shown);
}

/** Both words; where they do not fit, the first gets half of the room at most. */
static void draw_words(const ws_clip_plot_args *args, ws_canvas *canvas, ws_pen pen, int room)
{
    static const char between[] = " HEARD AS ";
    const int end = MARGIN + room;
    const int taken = ws_font_width(&pen, between) + 2 * STROKE;
    const int heard_room = room - taken - ws_font_width(&pen, args->heard);
    const int half = (room - taken) / 2;

    int x = draw_cut(canvas, &pen, args->said, MARGIN, heard_room > half ? heard_room : half);
    ws_font_draw(canvas, &pen, between, x + STROKE, MARGIN);
    x += taken;
    (void)draw_cut(canvas, &pen, args->heard, x, end - x);
}

static void draw_texts(const ws_clip_plot_args *args, ws_canvas *canvas)
{
    ws_pen pen = ws_pen_make(STROKE, ws_canvas_push_colour(canvas, ws_colour_ink));
    char shown[WS_FONT_MAX_BYTES];
    const int mark_width = ws_font_width(&pen, args->mark);

    ws_font_draw(canvas, &pen, args->mark, MARGIN + ROOM - mark_width, MARGIN);
    if (args->said != NULL)
        draw_words(args, canvas, pen, ROOM - mark_width - 2 * SPACE);
    pen.colour = ws_canvas_push_colour(canvas, ws_colour_soft_ink);
    ws_font_fit(&pen, args->detail, ROOM, shown);
    ws_font_draw(canvas, &pen, shown, MARGIN, MARGIN + TEXT + SPACE);
}

ws_status ws_clip_plot_run(const ws_clip_plot_args *args, ws_canvas *canvas, ws_error *err)
{
    ws_status status =
        ws_canvas_init(canvas, WS_CLIP_PLOT_WIDTH, WS_CLIP_PLOT_HEIGHT, ws_colour_paper, err);
    if (status != WS_OK)
        return status;
    draw_texts(args, canvas);
    status = draw_panels(args, canvas, err);
    if (status != WS_OK)
        ws_canvas_deinit(canvas);
    return status;
}
