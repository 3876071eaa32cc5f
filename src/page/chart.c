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

size_t ws_chart_find_ticks(double least, double most, double *ticks)
{
    static const double steps[] = {1, 2, 5, 10};
    /* numbers that are closer than that are one number: to add the distance would change nothing */
    const double closest = fmax(fmax(fabs(least), fabs(most)) * 1e-14, 1e-300);
    const double rough = fmax((most - least) / 8, closest);
    const double power = pow(10, floor(log10(rough)));
    size_t i = 0, n = 0;

    while (i < 3 && steps[i] * power < rough)
        i++;
    const double distance = steps[i] * power;
    const double first = ceil(least / distance - 1e-9);
    for (; n < WS_CHART_MAX_TICKS; n++) {
        const double at = (first + (double)n) * distance;
        if (at > most + distance * 1e-6)
            break;
        /* without the minus of a zero, and of what rounding has left of one */
        ticks[n] = fabs(at) < distance * 1e-6 ? 0 : at;
    }
    return n;
}

/** Values beyond are drawn at the edge, so that differences of two are finite. */
static double bound(double value)
{
    static const double most = 8e307;
    return fmin(fmax(value, -most), most);
}

static double x_of(const frame *in, double x)
{
    return LEFT + (x - in->x_least) / (in->x_most - in->x_least) * (in->width - LEFT - RIGHT);
}

static double y_of(const frame *in, double y)
{
    return TOP + (in->y_most - bound(y)) / (in->y_most - in->y_least) * (in->height - TOP - BOTTOM);
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
            in->y_least = fmin(in->y_least, bound(at->value - spread));
            in->y_most = fmax(in->y_most, bound(at->value + spread));
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

static size_t find_ticks(const ws_chart *chart, double least, double most, double *ticks)
{
    if (!chart->is_square)
        return ws_chart_find_ticks(least, most, ticks);
    for (size_t i = 0; i < 3; i++) /* a small chart has room for three numbers */
        ticks[i] = 0.5 * (double)i;
    return 3;
}

/** One for each decade. */
static size_t find_x_ticks(const ws_chart *chart, const frame *in, double *ticks)
{
    size_t n = 0;

    if (!chart->is_decades)
        return find_ticks(chart, in->x_least, in->x_most, ticks);
    for (double at = in->x_least; at <= in->x_most && n < WS_CHART_MAX_TICKS; at += 1)
        ticks[n++] = at;
    return n;
}

static void push_axes(ws_buf *buf, const ws_chart *chart, const frame *in)
{
    const double right = in->width - RIGHT, bottom = in->height - BOTTOM;
    double ticks[WS_CHART_MAX_TICKS];
    size_t n = find_ticks(chart, in->y_least, in->y_most, ticks);

    for (size_t i = 0; i < n; i++) {
        const double y = ticks[i];
        ws_buf_push_format(buf,
                           "<line class=\"grid\" x1=\"%d\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                           "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
                           LEFT, right, y_of(in, y), y_of(in, y), LEFT - 6, y_of(in, y) + 4);
        if (chart->is_share)
            ws_buf_push_format(buf, "%.4g&#160;%%", 100 * y);
        else
            ws_buf_push_format(buf, "%.5g", y);
        ws_buf_push_string(buf, "</text>\n");
    }
    n = find_x_ticks(chart, in, ticks);
    for (size_t i = 0; i < n; i++) {
        const double x = ticks[i], at = x_of(in, x);
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
            ws_html_push_number(buf, x);
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
