#include "page/det.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "page/chart.h"
#include "page/html.h"
#include "page/markdown_table.h"

static const char tag[] = "wake_word/cutoffs";
enum { N_COLUMNS = 5 }; /* cutoff, false accepts, an hour, phrases missed, share */

/* False accepts an hour that the table shows, and where the scale of the curve ends. */
static const double rates[] = {0.1, 0.2, 0.5, 1, 2, 5, 10};
enum { N_RATES = sizeof rates / sizeof *rates };
static const double least_rate = 0.1, most_rate = 100;

void ws_page_det_deinit(ws_page_det *det)
{
    free(det->points);
    free(det->about);
    *det = (ws_page_det){.n = 0};
}

/** A number at the beginning of a cell. */
static bool read_number(const char *cell, double *number)
{
    char *end;
    *number = strtod(cell, &end);
    return end != cell && isfinite(*number) && *number >= 0;
}

static bool read_point(const ws_markdown_table *table, size_t row, ws_page_det_point *point)
{
    double percent;

    if (!read_number(ws_markdown_table_get(table, row, 0), &point->cutoff) ||
        !read_number(ws_markdown_table_get(table, row, 2), &point->rate) ||
        !read_number(ws_markdown_table_get(table, row, 4), &percent))
        return false;
    point->misses = percent / 100;
    return point->cutoff <= 1 && point->misses <= 1;
}

static ws_status take_points(ws_page_det *det, const ws_markdown_table *table, const char *text)
{
    if (table->n_columns != N_COLUMNS || table->n_rows < 2)
        return WS_OK;
    det->points = calloc(table->n_rows, sizeof *det->points);
    det->about = ws_text_format("%.*s", (int)strcspn(text, "\n"), text);
    if (det->points == NULL || det->about == NULL)
        return WS_ENOMEM;
    for (size_t row = 1; row < table->n_rows; row++)
        if (read_point(table, row, &det->points[det->n]))
            det->n++;
    return WS_OK;
}

ws_status ws_page_det_read(ws_page_det *det, const ws_page_run *run)
{
    static const char *const parts[] = {"test", "validation"};
    const ws_page_item *item = NULL;
    ws_markdown_table table;

    *det = (ws_page_det){.n = 0};
    for (size_t i = 0; item == NULL && i < sizeof parts / sizeof *parts; i++)
        item = ws_page_item_find(ws_page_part_find(run, parts[i]), tag, TBE_VALUE_TEXT);
    if (item == NULL || item->data == NULL)
        return WS_OK;
    ws_status status = ws_markdown_table_read(&table, (const char *)item->data);
    if (status == WS_OK)
        status = take_points(det, &table, (const char *)item->data);
    ws_markdown_table_deinit(&table);
    return status;
}

const ws_page_det_point *ws_page_det_find(const ws_page_det *det, double rate)
{
    for (size_t i = 0; i < det->n; i++)
        if (det->points[i].rate <= rate)
            return &det->points[i];
    return NULL;
}

/** The curve: from the left, with few false accepts, to the right. What lies beyond an end of the
 *  scale is drawn at that end. */
static ws_status push_curve(ws_buf *buf, const ws_page_det *det)
{
    ws_page_point *points = calloc(det->n, sizeof *points);

    if (points == NULL)
        return WS_ENOMEM;
    for (size_t i = 0; i < det->n; i++) {
        const ws_page_det_point *from = &det->points[det->n - 1 - i];
        points[i] =
            (ws_page_point){log10(fmin(fmax(from->rate, least_rate), most_rate)), from->misses};
    }
    const ws_chart_line line = {.points = points, .n = det->n, .title = "missed phrases"};
    ws_chart_push(buf, &(ws_chart){.title = "Missed phrases by false accepts",
                                   .x_title = "false accepts an hour",
                                   .lines = &line,
                                   .n_lines = 1,
                                   .is_share = true,
                                   .is_decades = true});
    free(points);
    return WS_OK;
}

static void push_row(ws_buf *buf, double rate, const ws_page_det_point *point)
{
    ws_buf_push_format(buf,
                       "<tr><td class=\"number\">%g</td><td class=\"number\">%.3f</td><td "
                       "class=\"number\">%.3g</td><td class=\"number\">",
                       rate, point->cutoff, point->rate);
    ws_html_push_share(buf, point->misses);
    ws_buf_push_string(buf, "</td></tr>\n");
}

ws_status ws_page_det_push_html(ws_buf *buf, const ws_page_run *run)
{
    ws_page_det det;
    ws_status status = ws_page_det_read(&det, run);

    if (status == WS_OK && det.n > 0) {
        ws_buf_push_string(buf, "<details open><summary>Wake word at each cutoff</summary>\n<p "
                                "class=\"note\">");
        ws_html_push_text(buf, det.about);
        ws_buf_push_string(buf, "</p><div class=\"charts\">\n");
        status = push_curve(buf, &det);
        ws_buf_push_string(buf, "<div class=\"wide\"><table><thead><tr><th scope=\"col\">allowed "
                                "an hour</th><th scope=\"col\">cutoff</th><th scope=\"col\">false "
                                "accepts an hour</th><th scope=\"col\">missed</th></tr></thead>"
                                "<tbody>\n");
        for (size_t i = 0; i < N_RATES; i++)
            if (ws_page_det_find(&det, rates[i]) != NULL)
                push_row(buf, rates[i], ws_page_det_find(&det, rates[i]));
        ws_buf_push_string(buf, "</tbody></table></div></div></details>\n");
    }
    ws_page_det_deinit(&det);
    return status;
}

ws_status ws_page_det_push_text(ws_buf *buf, const ws_page_run *run)
{
    ws_page_det det;
    const ws_status status = ws_page_det_read(&det, run);

    if (status == WS_OK && det.n > 0) {
        ws_buf_push_string(buf, "\nwake word: lowest cutoff with at most that many false accepts "
                                "an hour\n   allowed   cutoff   an hour    missed\n");
        for (size_t i = 0; i < N_RATES; i++) {
            const ws_page_det_point *point = ws_page_det_find(&det, rates[i]);
            if (point != NULL)
                ws_buf_push_format(buf, "%10g%9.3f%10.3g%8.1f %%\n", rates[i], point->cutoff,
                                   point->rate, 100 * point->misses);
        }
    }
    ws_page_det_deinit(&det);
    return status;
}

ws_json *ws_page_det_write_json(const ws_page_run *run)
{
    ws_page_det det;
    ws_json *list = NULL;

    if (ws_page_det_read(&det, run) == WS_OK && det.n > 0)
        list = ws_json_create_list();
    for (size_t i = 0; list != NULL && i < det.n; i++) {
        ws_json *point = ws_json_create();
        ws_json_set_real(point, "cutoff", det.points[i].cutoff);
        ws_json_set_real(point, "false_accepts_an_hour", det.points[i].rate);
        ws_json_set_real(point, "missed", det.points[i].misses);
        ws_json_push(list, point);
    }
    ws_page_det_deinit(&det);
    return list;
}
