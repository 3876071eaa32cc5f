#include "page/chart.h"

#include <math.h>

#include "page/html.h"

/* Units of the drawing. */
enum { WIDTH = 640, HEIGHT = 260, SIDE = 240, LEFT = 58, RIGHT = 14, TOP = 12, BOTTOM = 40 };
enum { MAX_DOTS = 60 }; /* of a line; one with more has none */

/** What a chart covers, in numbers and in units of the drawing. */
typedef struct frame {
    double x_least, x_most, y_least, y_most;
    double width, height; /* of the whole drawing */
} frame;

void ws_chart_find_ticks(double least, double most, double *first, double *distance)
{
    static const double steps[] = {1, 2, 5, 10};
    const double rough = (most - least) / 8;
    const double power = pow(10, floor(log10(rough)));
    size_t i = 0;

    while (i < 3 && steps[i] * power < rough)
        i++;
    *distance = steps[i] * power;
    *first = ceil(least / *distance - 1e-9) * *distance;
}

static double x_of(const frame *in, double x)
{
    return LEFT + (x - in->x_least) / (in->x_most - in->x_least) * (in->width - LEFT - RIGHT);
}

static double y_of(const frame *in, double y)
{
    return TOP + (in->y_most - y) / (in->y_most - in->y_least) * (in->height - TOP - BOTTOM);
}

/** Makes room around a range, and one of a range without length. */
static void widen(double *least, double *most, double share)
{
    const double span = *most - *least;
    const double room = span > 0 ? span * share : fmax(fabs(*most) * 0.1, 1e-6);
    *least -= room;
    *most += room;
}

static bool find_frame(const ws_chart *chart, frame *in)
{
    bool has_point = false;

    *in = (frame){HUGE_VAL, -HUGE_VAL, HUGE_VAL, -HUGE_VAL, WIDTH, HEIGHT};
    for (size_t i = 0; i < chart->n_lines; i++)
        for (size_t k = 0; k < chart->lines[i].n; k++) {
            const ws_page_point *at = &chart->lines[i].points[k];
            const double spread = chart->lines[i].spreads != NULL ? chart->lines[i].spreads[k] : 0;
            has_point = true;
            in->x_least = fmin(in->x_least, at->step);
            in->x_most = fmax(in->x_most, at->step);
            in->y_least = fmin(in->y_least, at->value - spread);
            in->y_most = fmax(in->y_most, at->value + spread);
        }
    if (!has_point)
        return false;
    if (chart->is_square) {
        *in = (frame){0, 1, 0, 1, SIDE, SIDE};
        return true;
    }
    if (chart->is_decades) {
        *in = (frame){-1, 2, 0, 1, WIDTH, HEIGHT};
        return true;
    }
    if (!(in->x_most > in->x_least))
        widen(&in->x_least, &in->x_most, 0);
    widen(&in->y_least, &in->y_most, 0.04);
    if (chart->is_share) {
        in->y_most = fmin(in->y_most, fmax(1.0, in->y_least + 1e-6));
        in->y_least = fmax(in->y_least, fmin(0.0, in->y_most - 1e-6));
    }
    return true;
}

/** A small chart has room for three numbers beside each other. */
static void find_ticks(const ws_chart *chart, double least, double most, double *first,
                       double *distance)
{
    if (chart->is_square) {
        *first = 0;
        *distance = 0.5;
    } else {
        ws_chart_find_ticks(least, most, first, distance);
    }
}

/** Without the minus of a zero, and of what rounding has left of one. */
static double shown_tick(double at, double distance)
{
    return fabs(at) < distance * 1e-6 ? 0 : at;
}

static void push_axes(ws_buf *buf, const ws_chart *chart, const frame *in)
{
    const double right = in->width - RIGHT, bottom = in->height - BOTTOM;
    double first, distance;

    find_ticks(chart, in->y_least, in->y_most, &first, &distance);
    for (double y = first; y <= in->y_most + distance * 1e-6; y += distance) {
        const double shown = shown_tick(y, distance);
        ws_buf_push_format(buf,
                           "<line class=\"grid\" x1=\"%d\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                           "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
                           LEFT, right, y_of(in, y), y_of(in, y), LEFT - 6, y_of(in, y) + 4);
        if (chart->is_share)
            ws_buf_push_format(buf, "%.4g&#160;%%", 100 * shown);
        else
            ws_buf_push_format(buf, "%.5g", shown);
        ws_buf_push_string(buf, "</text>\n");
    }
    find_ticks(chart, in->x_least, in->x_most, &first, &distance);
    if (chart->is_decades) {
        first = in->x_least;
        distance = 1;
    }
    for (double x = first; x <= in->x_most + distance * 1e-6; x += distance) {
        const double at = x_of(in, x);
        ws_buf_push_format(buf,
                           "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                           "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">",
                           at, at, bottom, bottom + 4, at > right - RIGHT ? right + RIGHT : at,
                           bottom + 17, at > right - RIGHT ? "end" : "middle");
        if (chart->is_square)
            ws_buf_push_format(buf, "%.4g&#160;%%", 100 * x);
        else if (chart->is_decades)
            ws_buf_push_format(buf, "%.3g", pow(10, x));
        else
            ws_html_push_number(buf, shown_tick(x, distance));
        ws_buf_push_string(buf, "</text>\n");
    }
    ws_buf_push_format(buf, "<line class=\"axis\" x1=\"%d\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>",
                       LEFT, right, bottom, bottom);
    ws_buf_push_format(buf, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">",
                       (LEFT + right) / 2, bottom + 33);
    ws_html_push_text(buf, chart->x_title);
    ws_buf_push_string(buf, "</text>\n");
}

static void push_band(ws_buf *buf, const ws_chart_line *line, const frame *in)
{
    ws_buf_push_format(buf, "<polygon class=\"band c%zu\" points=\"",
                       line->colour % WS_CHART_COLOURS);
    for (size_t i = 0; i < line->n; i++)
        ws_buf_push_format(buf, "%.1f,%.1f ", x_of(in, line->points[i].step),
                           y_of(in, line->points[i].value + line->spreads[i]));
    for (size_t i = line->n; i-- > 0;)
        ws_buf_push_format(buf, "%.1f,%.1f ", x_of(in, line->points[i].step),
                           y_of(in, line->points[i].value - line->spreads[i]));
    ws_buf_push_string(buf, "\"/>\n");
}

static void push_dots(ws_buf *buf, const ws_chart *chart, const ws_chart_line *line,
                      const frame *in)
{
    for (size_t i = 0; i < line->n; i++) {
        const ws_page_point *at = &line->points[i];
        ws_buf_push_format(
            buf, "<circle class=\"dot c%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"><title>",
            line->colour % WS_CHART_COLOURS, x_of(in, at->step), y_of(in, at->value));
        ws_html_push_text(buf, line->title);
        if (chart->is_decades)
            ws_buf_push_format(buf, ", %.3g an hour: ", pow(10, at->step));
        else
            ws_buf_push_format(buf, chart->is_square ? "; recall %.1f %%: " : ", step %.0f: ",
                               chart->is_square ? 100 * at->step : at->step);
        if (chart->is_share)
            ws_buf_push_format(buf, "%.2f %%", 100 * at->value);
        else
            ws_buf_push_format(buf, "%.5g", at->value);
        if (line->spreads != NULL && line->spreads[i] > 0)
            ws_buf_push_format(buf, chart->is_share ? " +- %.2f" : " +- %.3g",
                               chart->is_share ? 100 * line->spreads[i] : line->spreads[i]);
        ws_buf_push_string(buf, "</title></circle>\n");
    }
}

static void push_line(ws_buf *buf, const ws_chart *chart, const ws_chart_line *line,
                      const frame *in)
{
    if (line->n == 0)
        return;
    if (line->spreads != NULL)
        push_band(buf, line, in);
    ws_buf_push_format(buf, "<polyline class=\"line c%zu%s\" points=\"",
                       line->colour % WS_CHART_COLOURS, line->is_dashed ? " back" : "");
    for (size_t i = 0; i < line->n; i++)
        ws_buf_push_format(buf, "%.1f,%.1f ", x_of(in, line->points[i].step),
                           y_of(in, line->points[i].value));
    ws_buf_push_string(buf, "\"/>\n");
    if (line->n <= MAX_DOTS && !line->is_dashed)
        push_dots(buf, chart, line, in);
}

void ws_chart_push(ws_buf *buf, const ws_chart *chart)
{
    frame in;

    if (!find_frame(chart, &in))
        return;
    ws_buf_push_format(buf, "<figure class=\"chart%s\"><figcaption>",
                       chart->is_square ? " small" : "");
    ws_html_push_text(buf, chart->title);
    ws_buf_push_format(buf,
                       "</figcaption><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"",
                       in.width, in.height);
    ws_html_push_text(buf, chart->title);
    ws_buf_push_string(buf, "\">\n");
    push_axes(buf, chart, &in);
    for (size_t i = chart->n_lines; i-- > 0;) /* the first is on top */
        push_line(buf, chart, &chart->lines[i], &in);
    ws_buf_push_string(buf, "</svg></figure>\n");
}
