#include "page/speed_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page/cell.h"
#include "page/html.h"

enum {
    MODEL_WIDTH = 20,
    PROGRAM_WIDTH = 30,
    VALUE_WIDTH = 9,
    RATIO_WIDTH = 8,
    RANGE_WIDTH = 15,
    NUMBERS_WIDTH = VALUE_WIDTH + RATIO_WIDTH + RANGE_WIDTH + 1,
    BAR_WIDTH = WS_PAGE_TEXT_COLUMNS - (MODEL_WIDTH + 1 + PROGRAM_WIDTH + NUMBERS_WIDTH),
    N_COLOURS = 8, /* of the style sheet */
    FIGURE_BYTES = 48,
};

/** Figures of one thing that was timed, or of one network of these. */
typedef struct figure_span {
    size_t first, n;
} figure_span;

static const ws_speed_figure *first_of(const ws_speed_lines *lines, figure_span span)
{
    return &lines->figures[span.first];
}

/** Figures from `first` on that were timed in the same way. */
static figure_span find_part(const ws_speed_lines *lines, size_t first)
{
    const ws_speed_figure *own = &lines->figures[first];
    figure_span span = {.first = first, .n = 0};

    for (size_t i = first; i < lines->n_figures && strcmp(lines->figures[i].what, own->what) == 0 &&
                           strcmp(lines->figures[i].unit, own->unit) == 0;
         i++)
        span.n++;
    return span;
}

/** Figures of a part from `first` on that are of the same network. */
static figure_span find_model(const ws_speed_lines *lines, figure_span part, size_t first)
{
    figure_span span = {.first = first, .n = 0};

    for (size_t i = first; i < part.first + part.n &&
                           strcmp(lines->figures[i].model, lines->figures[first].model) == 0;
         i++)
        span.n++;
    return span;
}

static bool is_peer(const ws_speed_figure *figure)
{
    return isfinite(figure->ratio);
}

/** Whether a network has several figures in it. */
static bool has_comparison(const ws_speed_lines *lines, figure_span part)
{
    for (size_t i = part.first + 1; i < part.first + part.n; i++)
        if (strcmp(lines->figures[i].model, lines->figures[i - 1].model) == 0)
            return true;
    return false;
}

static double find_largest(const ws_speed_lines *lines, figure_span span)
{
    double largest = 0;

    for (size_t i = span.first; i < span.first + span.n; i++)
        largest = fmax(largest, lines->figures[i].value);
    return largest;
}

/** Three digits, or all that are before the point: "0.123", "6.7", "12.7", "187", "1327". */
static const char *write_figure(double value, char text[FIGURE_BYTES])
{
    (void)snprintf(text, FIGURE_BYTES, value >= 99.95 && value < 99999.5 ? "%.0f" : "%.3g", value);
    return text;
}

/** "3.4 to 3.6", or one number where both read the same; "" if they are not known. */
static void write_range(double least, double most, char text[FIGURE_BYTES])
{
    char ends[2][FIGURE_BYTES];

    text[0] = '\0';
    if (!isfinite(least) || !isfinite(most))
        return;
    write_figure(least, ends[0]);
    write_figure(most, ends[1]);
    if (strcmp(ends[0], ends[1]) == 0)
        (void)snprintf(text, FIGURE_BYTES, "%.20s", ends[0]);
    else
        (void)snprintf(text, FIGURE_BYTES, "%.20s to %.20s", ends[0], ends[1]);
}

/** Name, version and note, and the number of the machine where there are several. @return free() */
static char *make_program(const ws_speed_lines *lines, const ws_speed_figure *figure)
{
    char number[32] = "";

    if (lines->n_sources > 1)
        (void)snprintf(number, sizeof number, " [%zu]", figure->source + 1);
    return ws_text_format("%s%s%s%s%s%s", figure->program, figure->version[0] != '\0' ? " " : "",
                          figure->version, figure->note[0] != '\0' ? ", " : "", figure->note,
                          number);
}

static bool is_same_program(const ws_speed_figure *a, const ws_speed_figure *b)
{
    return strcmp(a->program, b->program) == 0 && strcmp(a->version, b->version) == 0 &&
           strcmp(a->note, b->note) == 0 && a->source == b->source;
}

/** Least and largest ratio of a program over the networks of a part.
 *  @return false if an earlier figure of the part has told it, or it is not a peer */
static bool find_ratios(const ws_speed_lines *lines, figure_span part, size_t at, double *least,
                        double *most)
{
    const ws_speed_figure *own = &lines->figures[at];

    if (!is_peer(own))
        return false;
    *least = *most = own->ratio;
    for (size_t i = part.first; i < part.first + part.n; i++) {
        const ws_speed_figure *other = &lines->figures[i];
        if (!is_peer(other) || !is_same_program(own, other))
            continue;
        if (i < at)
            return false;
        *least = fmin(*least, other->ratio);
        *most = fmax(*most, other->ratio);
    }
    return true;
}

/* ---- HTML ---- */

/** push_text of a text that was made for it. @param made  freed; NULL: there was no memory */
static void push_made(ws_buf *buf, char *made)
{
    if (made == NULL)
        buf->status = WS_ENOMEM;
    else
        ws_html_push_text(buf, made);
    free(made);
}

static void push_figure(ws_buf *buf, double value)
{
    char text[FIGURE_BYTES];

    if (value >= 99.95)
        ws_html_push_number(buf, round(value));
    else
        ws_buf_push_string(buf, write_figure(value, text));
}

/** What a reader looks for first: the machine, and how peers compare. */
static void push_short(ws_buf *buf, const ws_speed_lines *lines)
{
    double least, most;

    ws_buf_push_string(buf, "<div class=\"short\">\n");
    for (size_t i = 0; i < lines->n_sources; i++) {
        ws_buf_push_format(buf, "<p id=\"machine%zu\">", i + 1);
        if (lines->n_sources > 1)
            ws_buf_push_format(buf, "[%zu] ", i + 1);
        ws_buf_push_string(buf, "<b>");
        ws_html_push_text(buf, lines->sources[i].machine);
        ws_buf_push_string(buf, "</b>; wordspot ");
        ws_html_push_text(buf, lines->sources[i].version);
        ws_buf_push_string(buf, ", measured ");
        ws_html_push_text(buf, lines->sources[i].date);
        ws_buf_push_string(buf, ".</p>\n");
    }
    for (figure_span part = {0, 0}; part.first < lines->n_figures; part.first += part.n) {
        part = find_part(lines, part.first);
        for (size_t i = part.first; i < part.first + part.n; i++) {
            char text[FIGURE_BYTES];
            if (!find_ratios(lines, part, i, &least, &most))
                continue;
            write_range(least, most, text);
            ws_buf_push_string(buf, "<p>");
            ws_html_push_text(buf, lines->figures[i].what);
            ws_buf_push_string(buf, ": ");
            push_made(buf, make_program(lines, &lines->figures[i]));
            ws_buf_push_format(buf, " takes <b>%s times</b> as long as Wordspot.</p>\n", text);
        }
    }
    ws_buf_push_string(buf, "</div>\n");
}

/** Name and bar of a program. The bar is SVG, since browsers do not print backgrounds, and stands
 *  below the name, so that it is seen in a narrow window. */
static void push_program(ws_buf *buf, const ws_speed_lines *lines, const ws_speed_figure *figure,
                         double share, size_t colour)
{
    ws_buf_push_string(buf, "<td class=\"rate\">");
    push_made(buf, make_program(lines, figure));
    ws_buf_push_format(buf,
                       "<svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" "
                       "aria-hidden=\"true\"><rect class=\"dot c%zu\" width=\"%.2f\" "
                       "height=\"10\"/></svg></td>",
                       colour, fmax(0.3, 100 * share));
}

/** How many times as long a peer takes, and the least and the largest of the rounds. */
static void push_ratio(ws_buf *buf, const ws_speed_figure *figure)
{
    char range[FIGURE_BYTES];

    ws_buf_push_string(buf, "<td class=\"number\">");
    if (is_peer(figure))
        push_figure(buf, figure->ratio);
    write_range(figure->ratio_least, figure->ratio_most, range);
    if (range[0] != '\0')
        ws_buf_push_format(buf, "<br><span class=\"note\">%s</span>", range);
    ws_buf_push_string(buf, "</td>");
}

/** The figures of a network. @param largest  that a whole bar stands for */
static void push_model(ws_buf *buf, const ws_speed_lines *lines, figure_span model, double largest,
                       bool has_ratios)
{
    size_t n_peers = 0;

    for (size_t i = model.first; i < model.first + model.n; i++) {
        const ws_speed_figure *figure = &lines->figures[i];
        n_peers += is_peer(figure) ? 1 : 0;
        ws_buf_push_string(buf, i == model.first ? "<tr class=\"first\">" : "<tr>");
        if (i == model.first) {
            ws_buf_push_format(buf, "<td class=\"value\" rowspan=\"%zu\">", model.n);
            ws_html_push_text(buf, figure->model);
            ws_buf_push_string(buf, "</td>");
        }
        push_program(buf, lines, figure, figure->value / largest,
                     is_peer(figure) ? 1 + (n_peers - 1) % (N_COLOURS - 1) : 0);
        ws_buf_push_string(buf, "<td class=\"number\">");
        push_figure(buf, figure->value);
        ws_buf_push_string(buf, "</td>");
        if (has_ratios)
            push_ratio(buf, figure);
        ws_buf_push_string(buf, "</tr>\n");
    }
}

static void push_part(ws_buf *buf, const ws_speed_lines *lines, figure_span part, size_t number)
{
    const bool is_compared = has_comparison(lines, part);
    const ws_speed_figure *first = first_of(lines, part);
    bool has_ratios = false;

    for (size_t i = part.first; i < part.first + part.n; i++)
        has_ratios = has_ratios || is_peer(&lines->figures[i]);
    ws_buf_push_format(buf, "<section id=\"part%zu\"><h2>", number);
    ws_html_push_text(buf, first->what);
    ws_buf_push_format(buf,
                       "</h2>\n<p class=\"note\">Shorter is faster. %s share a scale.%s</p>\n<div "
                       "class=\"wide\"><table class=\"speed\"><thead><tr><th scope=\"col\">network"
                       "</th><th scope=\"col\">program</th><th scope=\"col\" class=\"number\">",
                       is_compared ? "The bars of one network" : "All bars",
                       has_ratios ? " The ratio says how many times as long as Wordspot a program "
                                    "takes; below it are the least and the largest of all rounds."
                                  : "");
    ws_html_push_text(buf, first->unit);
    ws_buf_push_string(buf, has_ratios ? "</th><th scope=\"col\" class=\"number\">ratio" : "");
    ws_buf_push_string(buf, "</th></tr></thead><tbody>\n");
    for (figure_span model = {part.first, 0}; model.first < part.first + part.n;
         model.first += model.n) {
        model = find_model(lines, part, model.first);
        push_model(buf, lines, model, find_largest(lines, is_compared ? model : part), has_ratios);
    }
    ws_buf_push_string(buf, "</tbody></table></div></section>\n");
}

ws_status ws_speed_page_write_html(const ws_speed_lines *lines, const ws_page_about *about,
                                   char **html, ws_error *err)
{
    ws_buf buf;
    size_t number = 0;

    *html = NULL;
    ws_buf_init(&buf, WS_PAGE_MAX_BYTES);
    ws_page_push_begin(&buf, about);
    push_short(&buf, lines);
    for (figure_span part = {0, 0}; part.first < lines->n_figures; part.first += part.n) {
        part = find_part(lines, part.first);
        push_part(&buf, lines, part, ++number);
    }
    ws_buf_push_string(&buf, "</body></html>\n");
    const ws_status status = ws_page_take(&buf, html, err);
    ws_buf_deinit(&buf);
    return status;
}

/* ---- text ---- */

static void push_line(ws_buf *buf, const ws_speed_lines *lines, const ws_speed_figure *figure,
                      const char *model, double largest)
{
    char value[FIGURE_BYTES], ratio[FIGURE_BYTES], range[FIGURE_BYTES];
    char numbers[4 * FIGURE_BYTES];
    char *program = make_program(lines, figure);
    size_t n_bar = (size_t)fmax(1, round(BAR_WIDTH * figure->value / largest));

    if (program == NULL)
        buf->status = WS_ENOMEM;
    ws_cell_push(buf, model, MODEL_WIDTH);
    ws_buf_push_string(buf, " ");
    ws_cell_push(buf, program != NULL ? program : "", PROGRAM_WIDTH);
    free(program);
    write_range(figure->ratio_least, figure->ratio_most, range);
    const int n = snprintf(
        numbers, sizeof numbers, "%*s%*s%*s ", VALUE_WIDTH, write_figure(figure->value, value),
        RATIO_WIDTH, is_peer(figure) ? write_figure(figure->ratio, ratio) : "", RANGE_WIDTH, range);
    ws_buf_push_string(buf, numbers);
    /* extreme numbers are wider than their columns, and take the bar's */
    for (size_t column = (size_t)n; n_bar > 0 && column < NUMBERS_WIDTH + BAR_WIDTH; column++) {
        ws_buf_push_string(buf, "#");
        n_bar--;
    }
    ws_buf_push_string(buf, "\n");
}

static void push_text_part(ws_buf *buf, const ws_speed_lines *lines, figure_span part)
{
    const ws_speed_figure *first = first_of(lines, part);
    const bool is_compared = has_comparison(lines, part);
    double largest = find_largest(lines, part);

    ws_buf_push_string(buf, "\n");
    ws_cell_push_short(buf, first->what, WS_PAGE_TEXT_COLUMNS);
    ws_buf_push_format(buf, "\n%-*s %-*s", MODEL_WIDTH, "network", PROGRAM_WIDTH, "program");
    if (strlen(first->unit) < VALUE_WIDTH)
        ws_cell_push_blanks(buf, VALUE_WIDTH - strlen(first->unit));
    ws_cell_push_short(buf, first->unit, VALUE_WIDTH);
    ws_buf_push_format(buf, "%*s%*s\n", RATIO_WIDTH, "ratio", RANGE_WIDTH, "over rounds");
    for (figure_span model = {part.first, 0}; model.first < part.first + part.n;
         model.first += model.n) {
        model = find_model(lines, part, model.first);
        if (is_compared)
            largest = find_largest(lines, model);
        for (size_t i = 0; i < model.n; i++)
            push_line(buf, lines, &lines->figures[model.first + i],
                      i == 0 ? lines->figures[model.first].model : "", largest);
    }
}

ws_status ws_speed_page_write_text(const ws_speed_lines *lines, const ws_page_about *about,
                                   char **text, ws_error *err)
{
    ws_buf buf;

    ws_buf_init(&buf, WS_PAGE_MAX_BYTES);
    ws_cell_push_short(&buf, about->title, WS_PAGE_TEXT_COLUMNS);
    ws_buf_push_string(&buf, "\n");
    for (size_t i = 0; i < lines->n_sources; i++) {
        const ws_speed_source *source = &lines->sources[i];
        ws_buf_push_string(&buf, "\n");
        if (lines->n_sources > 1)
            ws_buf_push_format(&buf, "[%zu] ", i + 1);
        ws_cell_push_short(&buf, source->machine, WS_PAGE_TEXT_COLUMNS - 8);
        ws_buf_push_string(&buf, "\n    wordspot ");
        ws_cell_push_short(&buf, source->version, 20);
        ws_buf_push_string(&buf, ", measured ");
        ws_cell_push_short(&buf, source->date, 40);
        ws_buf_push_string(&buf, "\n");
    }
    for (figure_span part = {0, 0}; part.first < lines->n_figures; part.first += part.n) {
        part = find_part(lines, part.first);
        push_text_part(&buf, lines, part);
    }
    *text = ws_buf_take_string(&buf);
    ws_buf_deinit(&buf);
    return *text != NULL ? WS_OK : ws_fail_memory(err, "a report");
}

/* ---- JSON ---- */

ws_json *ws_speed_page_write_json(const ws_speed_lines *lines, const ws_page_about *about)
{
    ws_json *made = ws_json_create(), *machines = ws_json_create_list(),
            *figures = ws_json_create_list();

    ws_json_set_text(made, "title", about->title);
    ws_json_set_text(made, "version", about->version);
    ws_json_set_text(made, "made", about->made);
    for (size_t i = 0; i < lines->n_sources; i++) {
        ws_json *one = ws_json_create();
        ws_json_set_text(one, "machine", lines->sources[i].machine);
        ws_json_set_text(one, "date", lines->sources[i].date);
        ws_json_set_text(one, "version", lines->sources[i].version);
        ws_json_push(machines, one);
    }
    for (size_t i = 0; i < lines->n_figures; i++) {
        const ws_speed_figure *figure = &lines->figures[i];
        ws_json *one = ws_json_create();
        ws_json_set_text(one, "what", figure->what);
        ws_json_set_text(one, "model", figure->model);
        ws_json_set_text(one, "program", figure->program);
        ws_json_set_text(one, "version", figure->version);
        ws_json_set_text(one, "note", figure->note);
        ws_json_set_text(one, "unit", figure->unit);
        ws_json_set_real(one, "value", figure->value);
        ws_json_set_real(one, "ratio", figure->ratio);
        ws_json_set_real(one, "ratio_least", figure->ratio_least);
        ws_json_set_real(one, "ratio_most", figure->ratio_most);
        ws_json_set_whole(one, "machine", (int64_t)figure->source + 1); /* its number */
        ws_json_push(figures, one);
    }
    ws_json_set_child(made, "machines", machines);
    ws_json_set_child(made, "figures", figures);
    return made;
}
