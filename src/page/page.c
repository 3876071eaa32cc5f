#include "page/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "page/curves.h"
#include "page/details.h"
#include "page/html.h"

static const char *end_text(ws_page_end end)
{
    return end == WS_PAGE_END_SUCCESS   ? "finished"
           : end == WS_PAGE_END_FAILURE ? "failed"
           : end == WS_PAGE_END_UNKNOWN ? "no end yet"
                                        : "-";
}

/** "93.1 % +- 0.4" */
static void push_mean(ws_buf *buf, double mean, double spread)
{
    ws_html_push_share(buf, mean);
    if (isfinite(spread))
        ws_buf_push_format(buf, " &#177;&nbsp;%.1f", 100 * spread);
}

/* ---- in short ---- */

/** The best run, and where it is wrong: what a reader looks for first. */
static void push_short(ws_buf *buf, const ws_page_summary *summary)
{
    const ws_page_group *group = &summary->groups[0];
    const ws_page_result *best = &summary->results[group->members[0]];

    ws_buf_push_string(buf, "<div class=\"short\"><p>");
    ws_buf_push_string(buf, summary->n_results > 1 ? "Best: <a href=\"#run1\">"
                                                   : "Run: <a href=\"#run1\">");
    ws_page_push_group_name(buf, summary, group);
    ws_buf_push_string(buf, "</a>");
    if (isfinite(group->test)) {
        ws_buf_push_string(buf, ", test accuracy <b>");
        push_mean(buf, group->test, group->test_spread);
        ws_buf_push_string(buf, "</b>");
    }
    if (isfinite(group->best)) {
        ws_buf_push_string(buf, ", best validation accuracy <b>");
        push_mean(buf, group->best, group->best_spread);
        ws_buf_push_string(buf, "</b>");
    }
    ws_buf_push_string(buf, ".</p>\n");
    if (best->n_mistakes > 0) {
        ws_buf_push_string(buf, "<p>Its worst mistake: <a href=\"#run1-mistake1\">");
        ws_html_push_text(buf, best->mistakes[0].said);
        ws_buf_push_string(buf, " heard as ");
        ws_html_push_text(buf, best->mistakes[0].heard);
        ws_buf_push_string(buf, "</a>, ");
        ws_html_push_text(buf, best->mistakes[0].sureness);
        ws_buf_push_string(buf, " sure.</p>\n");
    }
    ws_buf_push_string(buf, "</div>\n");
}

/* ---- the table of runs ---- */

static void push_head(ws_buf *buf, const ws_page_summary *summary)
{
    ws_buf_push_string(buf, "<div class=\"wide\"><table><thead><tr><th scope=\"col\">run</th><th "
                            "scope=\"col\">test accuracy</th><th scope=\"col\">best "
                            "validation</th>");
    for (size_t i = 0; i < summary->differing.n_items; i++) {
        ws_buf_push_string(buf, "<th scope=\"col\">");
        ws_html_push_text(buf, summary->differing.items[i]);
        ws_buf_push_string(buf, "</th>");
    }
    ws_buf_push_string(buf, "<th scope=\"col\">at step</th><th scope=\"col\">last "
                            "validation</th><th scope=\"col\">steps</th><th scope=\"col\">end</th>"
                            "</tr></thead><tbody>\n");
}

/** The columns before the settings. */
static void push_accuracies(ws_buf *buf, const ws_page_group *figures)
{
    ws_buf_push_string(buf, "</td><td class=\"number\">");
    push_mean(buf, figures->test, figures->test_spread);
    ws_buf_push_string(buf, "</td><td class=\"number\">");
    push_mean(buf, figures->best, figures->best_spread);
    ws_buf_push_string(buf, "</td>");
}

/** The columns after the settings. */
static void push_figures(ws_buf *buf, const ws_page_result *result)
{
    ws_buf_push_string(buf, "<td class=\"number\">");
    ws_html_push_number(buf, isfinite(result->best) ? (double)result->best_step : (double)NAN);
    ws_buf_push_string(buf, "</td><td class=\"number\">");
    ws_html_push_share(buf, result->last);
    ws_buf_push_string(buf, "</td><td class=\"number\">");
    ws_html_push_number(buf, (double)result->n_steps);
    ws_buf_push_format(buf, "</td><td>%s</td></tr>\n", end_text(result->run->end));
}

static void push_name(ws_buf *buf, const char *name, size_t number)
{
    if (number > 0)
        ws_buf_push_format(buf, "<a href=\"#run%zu\">", number);
    ws_html_push_text(buf, name);
    if (number > 0)
        ws_buf_push_string(buf, "</a>");
}

/** One of several seeds. @param number  of its section; 0: it has none */
static void push_seed(ws_buf *buf, const ws_page_summary *summary, const ws_page_result *result,
                      size_t number)
{
    const char *seed = ws_page_setting_find(result->run, "seed");

    ws_buf_push_string(buf, "<tr><td class=\"value\">");
    push_name(buf, result->run->name, number);
    ws_buf_push_string(buf, seed != NULL ? " <span class=\"note\">seed " : "");
    ws_html_push_text(buf, seed != NULL ? seed : "");
    ws_buf_push_string(buf, seed != NULL ? "</span>" : "");
    push_accuracies(buf, &(ws_page_group){.test = result->test,
                                          .test_spread = (double)NAN,
                                          .best = result->best,
                                          .best_spread = (double)NAN});
    for (size_t i = 0; i < summary->differing.n_items; i++)
        ws_buf_push_string(buf, "<td></td>");
    push_figures(buf, result);
}

/** A row; of several seeds their means, and then a row for each. */
static void push_group(ws_buf *buf, const ws_page_summary *summary, size_t g)
{
    const ws_page_group *group = &summary->groups[g];
    const size_t number = g < WS_PAGE_MAX_DETAILS ? g + 1 : 0;
    const bool has_seeds = group->n_members > 1;

    ws_buf_push_format(buf, "<tr%s><td class=\"value\">",
                       g == 0 && summary->n_groups > 1 ? " class=\"best\"" : "");
    if (has_seeds) {
        char seeds[64];
        ws_page_group_write_seeds(group, seeds);
        ws_buf_push_string(buf, seeds);
    } else {
        push_name(buf, summary->results[group->members[0]].run->name, number);
    }
    push_accuracies(buf, group);
    for (size_t i = 0; i < summary->differing.n_items; i++) {
        ws_buf_push_string(buf, "<td class=\"value\">");
        ws_html_push_short(buf, ws_page_group_setting(summary, group, summary->differing.items[i]),
                           120);
        ws_buf_push_string(buf, "</td>");
    }
    if (!has_seeds) {
        push_figures(buf, &summary->results[group->members[0]]);
        return;
    }
    ws_buf_push_string(buf, "<td></td><td></td><td></td><td></td></tr>\n");
    for (size_t i = 0; i < group->n_members; i++)
        push_seed(buf, summary, &summary->results[group->members[i]], i == 0 ? number : 0);
}

static void push_runs(ws_buf *buf, const ws_page_summary *summary)
{
    ws_buf_push_string(buf, "<section id=\"runs\"><h2>Runs</h2>\n");
    if (summary->n_groups > 1)
        ws_buf_push_string(buf, "<p class=\"note\">The best first, with the settings in which runs "
                                "differ.</p>\n");
    push_head(buf, summary);
    for (size_t g = 0; g < summary->n_groups; g++)
        push_group(buf, summary, g);
    ws_buf_push_string(buf, "</tbody></table></div>\n");
    if (summary->n_not_shown > 0)
        ws_buf_push_format(buf, "<p class=\"note\">%zu more settings differ.</p>\n",
                           summary->n_not_shown);
    ws_buf_push_string(buf, "</section>\n");
}

/* ---- the whole ---- */

static ws_status push_all_details(ws_buf *buf, const ws_page_summary *summary, ws_error *err)
{
    size_t media_bytes = WS_PAGE_MEDIA_BYTES;
    ws_status status = WS_OK;

    ws_buf_push_string(buf, "<section id=\"details\"><h2>Run by run</h2>\n");
    if (summary->n_groups > WS_PAGE_MAX_DETAILS)
        ws_buf_push_format(buf,
                           "<p class=\"note\">The best %d of %zu rows, of each its best "
                           "run.</p>\n",
                           (int)WS_PAGE_MAX_DETAILS, summary->n_groups);
    for (size_t g = 0; status == WS_OK && g < summary->n_groups && g < WS_PAGE_MAX_DETAILS; g++)
        status = ws_page_push_details(buf, &summary->results[summary->groups[g].members[0]], g + 1,
                                      g == 0, &media_bytes, err);
    if (media_bytes == 0)
        ws_buf_push_string(buf, "<p class=\"note\">Further pictures and sounds are not on this "
                                "page, to keep it small. A report of fewer runs has them.</p>\n");
    ws_buf_push_string(buf, "</section>\n");
    return status;
}

void ws_page_push_begin(ws_buf *buf, const ws_page_about *about)
{
    ws_buf_push_string(buf, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                            "<meta name=\"viewport\" content=\"width=device-width, "
                            "initial-scale=1\">\n<title>");
    ws_html_push_short(buf, about->title, 200);
    ws_buf_push_string(buf, "</title>\n<style>\n");
    for (size_t i = 0; ws_page_style[i] != NULL; i++)
        ws_buf_push_string(buf, ws_page_style[i]);
    ws_buf_push_string(buf, "</style></head><body>\n<h1>");
    ws_html_push_short(buf, about->title, 200);
    ws_buf_push_string(buf, "</h1>\n<p class=\"note\">Made by wordspot ");
    ws_html_push_text(buf, about->version);
    ws_buf_push_string(buf, ", ");
    ws_html_push_text(buf, about->made);
    ws_buf_push_string(buf, ".</p>\n");
}

ws_status ws_page_take(ws_buf *buf, char **html, ws_error *err)
{
    const ws_status failure = buf->status;

    *html = ws_buf_take_string(buf);
    if (*html != NULL)
        return WS_OK;
    return failure == WS_ELIMIT
               ? ws_fail(err, WS_ELIMIT, "the report is larger than %d MiB; expected fewer inputs",
                         WS_PAGE_MAX_BYTES >> 20)
               : ws_fail_memory(err, "a report");
}

ws_status ws_page_write_html(const ws_page_summary *summary, const ws_page_about *about,
                             char **html, ws_error *err)
{
    ws_buf buf;

    *html = NULL;
    ws_buf_init(&buf, WS_PAGE_MAX_BYTES);
    ws_page_push_begin(&buf, about);
    push_short(&buf, summary);
    push_runs(&buf, summary);
    ws_status status = ws_page_push_curves(&buf, summary, err);
    if (status == WS_OK)
        status = push_all_details(&buf, summary, err);
    ws_buf_push_string(&buf, "</body></html>\n");
    if (status == WS_OK)
        status = ws_page_take(&buf, html, err);
    ws_buf_deinit(&buf);
    return status;
}
