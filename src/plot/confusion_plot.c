#include "plot/confusion_plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plot/confusion_layout.h"
#include "plot/font.h"

enum {
    N_SHADES = 48, /* of each ramp: finer steps would not be seen, and the PNG stays small */
    N_RAMP = 4,
    MAX_NUMBER = 24
};

static const ws_rgb blank = {240, 243, 247};
static const ws_rgb hit_ramp[N_RAMP] = {
    {218, 233, 248}, {116, 170, 222}, {34, 104, 178}, {8, 46, 106}};
static const ws_rgb miss_ramp[N_RAMP] = {
    {255, 226, 190}, {250, 164, 84}, {214, 86, 22}, {120, 30, 10}};

/** A drawing under way: what is drawn, where, and the palette indices. */
typedef struct plot_state {
    const ws_confusion_plot_args *args;
    ws_confusion_layout layout;
    ws_canvas *canvas;
    unsigned char ink, soft_ink, blank;
    unsigned char hit, miss; /* the first of N_SHADES each */
    uint64_t largest;        /* count of a confusion, the rest's left out; for errors_only */
} plot_state;

static unsigned char push_ramp(ws_canvas *canvas, const ws_rgb *ramp)
{
    unsigned char first = 0;
    for (int i = 0; i < N_SHADES; i++) {
        const ws_rgb shade = ws_colour_mix(ramp, N_RAMP, (double)i / (N_SHADES - 1));
        const unsigned char index = ws_canvas_push_colour(canvas, shade);
        first = i == 0 ? index : first;
    }
    return first;
}

static void push_colours(plot_state *plot)
{
    plot->ink = ws_canvas_push_colour(plot->canvas, ws_colour_ink);
    plot->soft_ink = ws_canvas_push_colour(plot->canvas, ws_colour_soft_ink);
    plot->blank = ws_canvas_push_colour(plot->canvas, blank);
    plot->hit = push_ramp(plot->canvas, hit_ramp);
    plot->miss = push_ramp(plot->canvas, miss_ramp);
}

static uint64_t get_count(const plot_state *plot, size_t row, size_t column)
{
    return plot->args->counts[row * plot->args->n_labels + column];
}

/** Whether a label is the rest of many, which are confused among themselves. */
static bool is_rest(const plot_state *plot, size_t label)
{
    return plot->args->has_rest && label == plot->args->n_labels - 1;
}

/** Whether a cell counts clips that were recognised. */
static bool is_hit(const plot_state *plot, size_t row, size_t column)
{
    return row == column && !is_rest(plot, row);
}

/** The part of a cell in the sums at the edges. */
static double get_part(const plot_state *plot, size_t row, size_t column)
{
    const bool counts = !plot->args->errors_only || !is_hit(plot, row, column);
    return counts ? (double)get_count(plot, row, column) : 0;
}

/* Sums are doubles: no count is too large for them, and a percentage needs no more. */
static double sum_row(const plot_state *plot, size_t row)
{
    double sum = 0;
    for (size_t i = 0; i < plot->args->n_labels; i++)
        sum += get_part(plot, row, i);
    return sum;
}

static double sum_column(const plot_state *plot, size_t column)
{
    double sum = 0;
    for (size_t i = 0; i < plot->args->n_labels; i++)
        sum += get_part(plot, i, column);
    return sum;
}

static uint64_t find_largest(const plot_state *plot)
{
    const size_t n = plot->args->n_labels - plot->args->has_rest;
    uint64_t largest = 1;
    for (size_t row = 0; row < n; row++) {
        for (size_t column = 0; column < n; column++) {
            const uint64_t count = get_count(plot, row, column);
            largest = row != column && count > largest ? count : largest;
        }
    }
    return largest;
}

/** Whole percent without a sign; 100 only if nothing is missing, "-" if there is nothing. */
static void write_percent(double part, double total, char text[MAX_NUMBER])
{
    if (!(total > 0)) {
        memcpy(text, "-", 2);
        return;
    }
    int percent = (int)lround(100 * part / total);
    if (percent == 100 && part < total)
        percent = 99;
    (void)snprintf(text, MAX_NUMBER, "%d", percent);
}

/** At most three characters: 999, 12K, .3M, 45M. */
static void write_short_count(uint64_t count, char text[MAX_NUMBER])
{
    static const char units[] = "KMGTPEZ";
    double thousands = 1000;

    (void)snprintf(text, MAX_NUMBER, "%" PRIu64, count);
    for (int i = 0; count >= 1000 && units[i + 1] != '\0'; i++, thousands *= 1000) {
        const double units_in = (double)count / thousands;
        if (units_in < 99.5) {
            (void)snprintf(text, MAX_NUMBER, "%.0f%c", units_in, units[i]);
            return;
        }
        if (units_in < 950) {
            (void)snprintf(text, MAX_NUMBER, ".%.0f%c", units_in / 100, units[i + 1]);
            return;
        }
    }
}

static void draw_centred(const plot_state *plot, const ws_pen *pen, const char *text, ws_rect box)
{
    const int length = ws_font_width(pen, text);
    const int height = WS_FONT_HEIGHT * pen->stroke;
    const int width = pen->upward ? height : length;
    const int tall = pen->upward ? length : height;
    const int x = box.x + (box.width - width) / 4 * 2; /* keeps to even coordinates */
    const int y = box.y + (box.height - tall) / 4 * 2;
    ws_font_draw(plot->canvas, pen, text, x, y);
}

/** Ink or paper, whichever stands out more from the shade. */
static unsigned char find_text_colour(const plot_state *plot, unsigned char shade)
{
    const unsigned char *entry = plot->canvas->palette[shade];
    const ws_rgb colour = {entry[0], entry[1], entry[2]};
    const bool dark =
        ws_colour_contrast(colour, ws_colour_paper) > ws_colour_contrast(colour, ws_colour_ink);
    return dark ? 0 : plot->ink;
}

/** A number to be written: its digits, the same with narrow ones, and a short form. */
typedef struct cell_number {
    char exact[MAX_NUMBER], narrow[MAX_NUMBER], brief[MAX_NUMBER];
} cell_number;

/** Fills in narrow (of up to three digits: a row of bars is not readable) and, if empty, brief. */
static void complete_number(cell_number *number)
{
    memcpy(number->narrow, number->exact, MAX_NUMBER);
    for (char *at = number->narrow; *at != '\0' && strlen(number->exact) <= 3; at++) {
        if (*at == '1')
            *at = 'I';
    }
    if (number->brief[0] == '\0')
        memcpy(number->brief, number->narrow, MAX_NUMBER);
}

/**
 * Writes a number into a box as large and as exactly as it fits: first its digits, then those of
 * the short form, and only then with strokes that do not survive scaling.
 */
static void draw_number(const plot_state *plot, ws_rect box, const cell_number *number, ws_pen pen)
{
    const int normal = WS_LAYOUT_STROKE;
    const struct {
        const char *text;
        int stroke, gap, air;
    } ways[] = {
        {number->exact, pen.stroke, pen.stroke, 2},
        {number->exact, normal, normal, 2},
        {number->narrow, normal, normal, 4},
        {number->exact, normal, 2, 2},
        {number->brief, normal, normal, 4},
        {number->brief, normal, 2, 2},
        {number->exact, 2, 2, 2},
        {number->brief, 2, 2, 2},
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const int room = pen.upward ? box.height : box.width - ways[i].air;
        const int height = pen.upward ? box.width : box.height;
        pen.stroke = ways[i].stroke;
        pen.gap = ways[i].gap;
        if (ws_font_width(&pen, ways[i].text) <= room && WS_FONT_HEIGHT * pen.stroke <= height) {
            draw_centred(plot, &pen, ways[i].text, box);
            return;
        }
    }
}

/** The colour of a cell. @param whole  the count that would be darkest */
static unsigned char find_shade(const plot_state *plot, size_t row, size_t column, double whole)
{
    const uint64_t count = get_count(plot, row, column);
    const bool hit = is_hit(plot, row, column);

    if (plot->args->errors_only && hit)
        return plot->hit; /* the lightest: where the diagonal is */
    if (count == 0 || is_rest(plot, row) || is_rest(plot, column))
        return plot->blank;
    const long step = lround(sqrt((double)count / whole) * (N_SHADES - 1));
    return (unsigned char)((hit ? plot->hit : plot->miss) + step);
}

static void draw_cell(const plot_state *plot, size_t row, size_t column, double row_sum,
                      uint64_t smallest_shown)
{
    const ws_rect cell = ws_confusion_layout_cell(&plot->layout, row, column);
    const uint64_t count = get_count(plot, row, column);
    const bool hit = is_hit(plot, row, column);
    const bool errors_only = plot->args->errors_only;
    const unsigned char shade =
        find_shade(plot, row, column, errors_only ? (double)plot->largest : row_sum);
    cell_number number = {.brief = ""};

    ws_canvas_fill(plot->canvas, cell, shade);
    if (count == 0 || (hit && errors_only) || (!hit && count < smallest_shown))
        return;
    if (hit) {
        write_percent((double)count, row_sum, number.exact);
    } else {
        (void)snprintf(number.exact, MAX_NUMBER, "%" PRIu64, count);
        write_short_count(count, number.brief);
    }
    complete_number(&number);
    const ws_pen pen = ws_pen_make(plot->layout.cell_stroke, find_text_colour(plot, shade));
    draw_number(plot, cell, &number, pen);
}

/** The number of confusions of at least that many clips. */
static size_t count_confusions(const plot_state *plot, uint64_t at_least)
{
    size_t n = 0;
    for (size_t row = 0; row < plot->args->n_labels; row++) {
        for (size_t column = 0; column < plot->args->n_labels; column++)
            n += row != column && get_count(plot, row, column) >= at_least;
    }
    return n;
}

/** From which count on a confusion gets its number: all of them, or at most two a class. */
static uint64_t find_smallest_shown(const plot_state *plot)
{
    uint64_t low = 1, high = UINT64_MAX;
    const size_t n_shown = 2 * plot->args->n_labels;

    if (plot->args->n_labels <= WS_CONFUSION_PLOT_CROWD || count_confusions(plot, low) <= n_shown)
        return low;
    while (high - low > 1) { /* too many from low on, few enough from high on */
        const uint64_t middle = low + (high - low) / 2;
        if (count_confusions(plot, middle) > n_shown)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static void draw_cells(const plot_state *plot)
{
    const uint64_t smallest_shown = find_smallest_shown(plot);
    for (size_t row = 0; row < plot->args->n_labels; row++) {
        const double row_sum = sum_row(plot, row);
        for (size_t column = 0; column < plot->args->n_labels; column++)
            draw_cell(plot, row, column, row_sum, smallest_shown);
    }
}

static void draw_titles(const plot_state *plot)
{
    const ws_confusion_layout *layout = &plot->layout;
    const ws_pen pen = ws_pen_make(layout->title_stroke, plot->ink);
    const int room = layout->size - 2 * WS_LAYOUT_MARGIN;
    char shown[WS_FONT_MAX_BYTES];

    ws_font_fit(&pen, plot->args->title, room, shown);
    ws_font_draw(plot->canvas, &pen, shown, WS_LAYOUT_MARGIN, WS_LAYOUT_MARGIN);
    ws_font_fit(&pen, plot->args->summary, room, shown);
    const int x = layout->two_lines ? WS_LAYOUT_MARGIN
                                    : layout->size - WS_LAYOUT_MARGIN - ws_font_width(&pen, shown);
    const int y = WS_LAYOUT_MARGIN + (layout->two_lines ? ws_confusion_layout_line(layout) : 0);
    ws_font_draw(plot->canvas, &pen, shown, x, y);
}

/** The words before the rows and above the columns. */
static void draw_labels(const plot_state *plot)
{
    const ws_confusion_layout *layout = &plot->layout;
    const ws_pen pen = ws_pen_make(WS_LAYOUT_STROKE, plot->ink);
    ws_pen pen_up = pen;
    char shown[WS_FONT_MAX_BYTES];

    pen_up.upward = true;
    for (size_t i = 0; i < plot->args->n_labels; i++) {
        const ws_rect cell = ws_confusion_layout_cell(layout, i, i);
        ws_confusion_layout_label(plot->args->labels[i], layout->label_length, shown);
        const int length = ws_font_width(&pen, shown);
        const ws_rect before = {layout->left - WS_LAYOUT_SPACE - length, cell.y, length,
                                cell.height};
        const ws_rect above = {cell.x, layout->top - WS_LAYOUT_SPACE - length, cell.width, length};
        draw_centred(plot, &pen, shown, before);
        draw_centred(plot, &pen_up, shown, above);
    }
}

static void draw_axis_titles(const plot_state *plot)
{
    const ws_confusion_layout *layout = &plot->layout;
    const int side = layout->n_labels * layout->pitch - WS_LAYOUT_GAP;
    const int away = WS_LAYOUT_SPACE + layout->label_length + layout->axis_space;
    ws_pen pen = ws_pen_make(WS_LAYOUT_STROKE, plot->soft_ink);

    const int height = WS_FONT_HEIGHT * pen.stroke;
    draw_centred(plot, &pen, "PREDICTED",
                 (ws_rect){layout->left, layout->top - away - height, side, height});
    pen.upward = true;
    int x = layout->left - away - height - 4; /* farther off where there is room */
    if (x < WS_LAYOUT_MARGIN)
        x = WS_LAYOUT_MARGIN;
    draw_centred(plot, &pen, "TRUE", (ws_rect){x, layout->top, height, side});
}

/** One number of the edges: a percentage, or a count of errors. */
static void draw_edge(const plot_state *plot, ws_rect box, double part, double total, bool upward)
{
    ws_pen pen = ws_pen_make(WS_LAYOUT_STROKE, plot->soft_ink);
    cell_number number = {.brief = ""};

    pen.upward = upward;
    if (plot->args->errors_only) {
        (void)snprintf(number.exact, MAX_NUMBER, "%.0f", total);
        write_short_count(total < 1e19 ? (uint64_t)total : UINT64_MAX, number.brief);
    } else {
        write_percent(part, total, number.exact);
    }
    complete_number(&number);
    draw_number(plot, box, &number, pen);
}

/** Recall at the right and precision below, or the errors of either kind, with their names at the
 *  ends. */
static void draw_edges(const plot_state *plot)
{
    const ws_confusion_layout *layout = &plot->layout;
    const int side = layout->n_labels * layout->pitch - WS_LAYOUT_GAP;
    const ws_rect right = {layout->left + side + WS_LAYOUT_SPACE, layout->top, WS_LAYOUT_EDGE,
                           side};
    const int bottom = layout->top + side + WS_LAYOUT_SPACE;
    ws_pen pen = ws_pen_make(WS_LAYOUT_STROKE, plot->soft_ink);
    const char *name_right = plot->args->errors_only ? "MISS" : "REC %";
    const char *name_below = plot->args->errors_only ? "FALSE" : "PREC %";

    for (size_t i = 0; i < plot->args->n_labels; i++) {
        const ws_rect cell = ws_confusion_layout_cell(layout, i, i);
        const ws_rect beside = {right.x, cell.y, right.width, cell.height};
        const ws_rect below = {cell.x, bottom, cell.width, layout->foot_height};
        const double hits = (double)get_count(plot, i, i);
        draw_edge(plot, beside, hits, sum_row(plot, i), false);
        draw_edge(plot, below, hits, sum_column(plot, i), layout->foot_upward);
    }
    const int length = ws_font_width(&pen, name_below);
    const int height = WS_FONT_HEIGHT * pen.stroke;
    ws_font_draw(plot->canvas, &pen, name_below, layout->left - WS_LAYOUT_SPACE - length,
                 bottom + (layout->foot_height - height) / 4 * 2);
    pen.upward = true;
    ws_font_draw(plot->canvas, &pen, name_right, right.x + (right.width - height) / 4 * 2,
                 layout->top - WS_LAYOUT_SPACE - ws_font_width(&pen, name_right));
}

ws_status ws_confusion_plot_run(const ws_confusion_plot_args *args, ws_canvas *canvas,
                                ws_error *err)
{
    plot_state plot = {.args = args, .canvas = canvas};

    *canvas = (ws_canvas){.pixels = NULL};
    if (args->n_labels == 0 || args->n_labels > WS_CONFUSION_PLOT_MAX_LABELS)
        return ws_fail(err, WS_EINVAL, "a picture of %zu labels, expected 1 to %d", args->n_labels,
                       WS_CONFUSION_PLOT_MAX_LABELS);
    ws_confusion_layout_find(args, &plot.layout);
    const ws_status status =
        ws_canvas_init(canvas, plot.layout.size, plot.layout.size, ws_colour_paper, err);
    if (status != WS_OK)
        return status;
    plot.largest = find_largest(&plot);
    push_colours(&plot);
    draw_titles(&plot);
    draw_axis_titles(&plot);
    draw_cells(&plot);
    if (plot.layout.label_length > 0) {
        draw_labels(&plot);
        draw_edges(&plot);
    }
    return WS_OK;
}
