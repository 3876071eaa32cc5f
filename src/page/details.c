#include "page/details.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "page/chart.h"
#include "page/det.h"
#include "page/html.h"
#include "page/markdown_table.h"
#include "page/network.h"

enum { MAX_OTHER_MEDIA = 16, MAX_PR_CURVES = 24 };

static void push_summary_line(ws_buf *buf, const char *title, bool is_open)
{
    ws_buf_push_format(buf, "<details%s><summary>%s</summary>\n", is_open ? " open" : "", title);
}

/* ---- the matrix ---- */

/** Where a confusion is explained: by a mistake that is shown, else in the list of words.
 *  @return the number of the mistake from 1; 0: no mistake */
static size_t find_mistake(const ws_page_result *result, size_t said, size_t heard)
{
    const ws_text_list *words = &result->matrix.words;

    for (size_t i = 0; i < result->n_mistakes; i++)
        if (strcmp(result->mistakes[i].said, words->items[said]) == 0 &&
            strcmp(result->mistakes[i].heard, words->items[heard]) == 0)
            return i + 1;
    return 0;
}

static void push_count(ws_buf *buf, const ws_page_result *result, size_t number, size_t said,
                       size_t heard)
{
    const ws_page_matrix *matrix = &result->matrix;
    const uint64_t count = matrix->counts[said * matrix->words.n_items + heard];
    const uint64_t n_said = ws_page_matrix_said(matrix, said);
    const double share = n_said > 0 ? (double)count / (double)n_said : 0;

    if (count == 0) {
        ws_buf_push_string(buf, said == heard && n_said > 0 ? "<td class=\"right\">0</td>"
                                                            : "<td></td>");
        return;
    }
    ws_buf_push_format(buf, "<td class=\"%s\" style=\"--s:%.3f\">",
                       said == heard ? "right" : "wrong", sqrt(share));
    const size_t mistake = said == heard ? 0 : find_mistake(result, said, heard);
    if (mistake > 0)
        ws_buf_push_format(buf, "<a href=\"#run%zu-mistake%zu\" title=\"", number, mistake);
    else
        ws_buf_push_format(buf, "<a href=\"#run%zu-word%zu\" title=\"", number, said);
    ws_html_push_text(buf, matrix->words.items[said]);
    ws_buf_push_string(buf, " heard as ");
    ws_html_push_text(buf, matrix->words.items[heard]);
    ws_buf_push_format(buf, ": %llu of %llu, %.1f %%\">%llu</a></td>", (unsigned long long)count,
                       (unsigned long long)n_said, 100 * share, (unsigned long long)count);
}

static void push_matrix(ws_buf *buf, const ws_page_result *result, size_t number)
{
    const ws_page_matrix *matrix = &result->matrix;
    const size_t n = matrix->words.n_items;

    ws_buf_push_format(
        buf,
        "<p class=\"note\">%s after step %lld. A row is what was said, a column what "
        "was recognised. A number leads to a clip that was taken wrongly so, or to "
        "the word.</p><div class=\"wide\"><table class=\"matrix\"><thead><tr><td></td>",
        strcmp(matrix->part, "test") == 0 ? "Test" : "Validation", (long long)matrix->step);
    for (size_t i = 0; i < n; i++) {
        ws_buf_push_string(buf, "<th scope=\"col\"><span>");
        ws_html_push_text(buf, matrix->words.items[i]);
        ws_buf_push_string(buf, "</span></th>");
    }
    ws_buf_push_string(buf, "</tr></thead><tbody>\n");
    for (size_t said = 0; said < n; said++) {
        ws_buf_push_string(buf, "<tr><th scope=\"row\">");
        ws_html_push_text(buf, matrix->words.items[said]);
        ws_buf_push_string(buf, "</th>");
        for (size_t heard = 0; heard < n; heard++)
            push_count(buf, result, number, said, heard);
        ws_buf_push_string(buf, "</tr>\n");
    }
    ws_buf_push_string(buf, "</tbody></table></div>\n");
}

/* ---- words ---- */

static void push_bar(ws_buf *buf, double share)
{
    ws_buf_push_string(buf, "<td class=\"number\">");
    ws_html_push_share(buf, share);
    ws_buf_push_format(buf, "</td><td class=\"meter\"><span style=\"width:%.1f%%\"></span></td>",
                       isfinite(share) ? 100 * share : 0);
}

/** The word that a word was most often taken for. @return its place; the word's own: none */
static size_t find_worst(const ws_page_matrix *matrix, size_t word)
{
    const size_t n = matrix->words.n_items;
    const uint64_t *row = matrix->counts + word * n;
    size_t worst = word;

    for (size_t i = 0; i < n; i++)
        if (i != word && row[i] > 0 && (worst == word || row[i] > row[worst]))
            worst = i;
    return worst;
}

static void push_words(ws_buf *buf, const ws_page_result *result, size_t number)
{
    const ws_page_matrix *matrix = &result->matrix;
    const size_t n = matrix->words.n_items;

    ws_buf_push_string(buf,
                       "<p class=\"note\">Recall: the share of clips of a word that were "
                       "recognised. Precision: the share of recognitions that were "
                       "right.</p><div class=\"wide\"><table><thead><tr><th "
                       "scope=\"col\">word</th><th scope=\"col\">clips</th><th scope=\"col\" "
                       "colspan=\"2\">recall</th><th scope=\"col\" colspan=\"2\">precision"
                       "</th><th scope=\"col\">most often taken for</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < n; i++) {
        const size_t worst = find_worst(matrix, i);
        ws_buf_push_format(buf, "<tr id=\"run%zu-word%zu\"><th scope=\"row\">", number, i);
        ws_html_push_text(buf, matrix->words.items[i]);
        ws_buf_push_format(buf, "</th><td class=\"number\">%llu</td>",
                           (unsigned long long)ws_page_matrix_said(matrix, i));
        push_bar(buf, ws_page_matrix_recall(matrix, i));
        push_bar(buf, ws_page_matrix_precision(matrix, i));
        ws_buf_push_string(buf, "<td>");
        if (worst != i) {
            ws_html_push_text(buf, matrix->words.items[worst]);
            ws_buf_push_format(buf, " (%llu)", (unsigned long long)matrix->counts[i * n + worst]);
        }
        ws_buf_push_string(buf, "</td></tr>\n");
    }
    ws_buf_push_string(buf, "</tbody></table></div>\n");
}

/* ---- pictures and sounds ---- */

static const char *image_type(const ws_page_item *item)
{
    static const uint8_t png[] = {0x89, 'P', 'N', 'G'}, jpeg[] = {0xff, 0xd8},
                         gif[] = {'G', 'I', 'F'};

    if (item->size >= sizeof png && memcmp(item->data, png, sizeof png) == 0)
        return "image/png";
    if (item->size >= sizeof jpeg && memcmp(item->data, jpeg, sizeof jpeg) == 0)
        return "image/jpeg";
    return item->size >= sizeof gif && memcmp(item->data, gif, sizeof gif) == 0 ? "image/gif"
                                                                                : NULL;
}

/** Whether a picture or sound still has room on the page; takes it. Nothing follows the first one
 *  that has none. */
static bool take_room(const ws_page_item *item, size_t *media_bytes)
{
    const bool has_room = item->size <= *media_bytes;

    *media_bytes = has_room ? *media_bytes - item->size : 0;
    return has_room;
}

static void push_picture(ws_buf *buf, const ws_page_item *item, const char *about,
                         size_t *media_bytes)
{
    if (item == NULL || image_type(item) == NULL || !take_room(item, media_bytes))
        return;
    ws_buf_push_string(buf, "<img alt=\"");
    ws_html_push_text(buf, about);
    ws_buf_push_string(buf, "\" src=\"");
    ws_html_push_data(buf, image_type(item), item->data, item->size);
    ws_buf_push_string(buf, "\">\n");
}

static void push_sound(ws_buf *buf, const ws_page_item *item, size_t *media_bytes)
{
    if (item == NULL || item->size < 4 || memcmp(item->data, "RIFF", 4) != 0 ||
        !take_room(item, media_bytes))
        return;
    ws_buf_push_string(buf, "<audio controls preload=\"metadata\" src=\"");
    ws_html_push_data(buf, "audio/wav", item->data, item->size);
    ws_buf_push_string(buf, "\"></audio>\n");
}

static void push_mistakes(ws_buf *buf, const ws_page_result *result, size_t number,
                          size_t *media_bytes)
{
    ws_buf_push_string(buf, "<p class=\"note\">Where the network was wrong and most sure of it. "
                            "Above: the spectrogram. Below: what the network sees.</p><div "
                            "class=\"mistakes\">\n");
    for (size_t i = 0; i < result->n_mistakes; i++) {
        const ws_page_mistake *one = &result->mistakes[i];
        ws_buf_push_format(buf, "<figure id=\"run%zu-mistake%zu\"><figcaption><b>", number, i + 1);
        ws_html_push_text(buf, one->said);
        ws_buf_push_string(buf, "</b> heard as <b>");
        ws_html_push_text(buf, one->heard);
        ws_buf_push_string(buf, "</b>, ");
        ws_html_push_text(buf, one->sureness);
        ws_buf_push_string(buf, " sure<br><code>");
        ws_html_push_text(buf, one->clip);
        ws_buf_push_string(buf, "</code></figcaption>\n");
        push_picture(buf, one->picture, one->clip, media_bytes);
        push_sound(buf, one->sound, media_bytes);
        ws_buf_push_string(buf, "</figure>\n");
    }
    ws_buf_push_string(buf, "</div>\n");
}

/** Pictures and sounds that the sections above do not have: those of other programs. */
static bool is_other(const ws_page_item *item)
{
    static const char *const ours[] = {"review/", "eval/confusion_matrix",
                                       "wake_word/misses_by_false_accepts"};

    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strncmp(item->tag, ours[i], strlen(ours[i])) == 0)
            return false;
    return item->kind == TBE_VALUE_IMAGE || item->kind == TBE_VALUE_AUDIO;
}

static void push_other_media(ws_buf *buf, const ws_page_run *run, size_t *media_bytes)
{
    size_t n = 0, n_left_out = 0;

    for (size_t p = 0; p < run->n_parts; p++)
        for (size_t i = 0; i < run->parts[p].n_items; i++) {
            const ws_page_item *item = &run->parts[p].items[i];
            if (!is_other(item))
                continue;
            if (n == MAX_OTHER_MEDIA || item->size > *media_bytes) {
                n_left_out++;
                continue;
            }
            if (n++ == 0) {
                push_summary_line(buf, "Other pictures and sounds", false);
                ws_buf_push_string(buf, "<div class=\"mistakes\">\n");
            }
            ws_buf_push_string(buf, "<figure><figcaption>");
            ws_html_push_text(buf, run->parts[p].name);
            ws_buf_push_string(buf, run->parts[p].name[0] != '\0' ? ": " : "");
            ws_html_push_text(buf, item->tag);
            ws_buf_push_format(buf, ", step %lld</figcaption>\n", (long long)item->step);
            if (item->kind == TBE_VALUE_IMAGE)
                push_picture(buf, item, item->tag, media_bytes);
            else
                push_sound(buf, item, media_bytes);
            ws_buf_push_string(buf, "</figure>\n");
        }
    if (n > 0)
        ws_buf_push_string(buf, "</div>");
    if (n > 0 && n_left_out > 0)
        ws_buf_push_format(buf, "<p class=\"note\">%zu more are not on this page.</p>", n_left_out);
    if (n > 0)
        ws_buf_push_string(buf, "</details>\n");
}

/* ---- precision and recall ---- */

static ws_status push_pr_curve(ws_buf *buf, const ws_page_item *item)
{
    const size_t n = item->n_numbers / 6;
    const double *precision = item->numbers + 4 * n, *recall = item->numbers + 5 * n;
    const char *slash = strchr(item->tag, '/');
    ws_page_point *points = calloc(n + 1, sizeof *points);
    size_t n_points = 0;

    if (points == NULL)
        return WS_ENOMEM;
    for (size_t i = n; i-- > 0;) /* by rising recall; without clips there is no precision */
        if (item->numbers[i] + item->numbers[n + i] > 0 && isfinite(precision[i]) &&
            isfinite(recall[i]))
            points[n_points++] = (ws_page_point){recall[i], precision[i]};
    const ws_chart_line line = {
        .points = points, .n = n_points, .title = slash != NULL ? slash + 1 : item->tag};
    ws_chart_push(buf, &(ws_chart){.title = line.title,
                                   .x_title = "recall; upwards: precision",
                                   .lines = &line,
                                   .n_lines = 1,
                                   .is_share = true,
                                   .is_square = true});
    free(points);
    return WS_OK;
}

static ws_status push_pr_curves(ws_buf *buf, const ws_page_run *run)
{
    static const char *const names[] = {"test", "validation", "", "train"};
    const ws_page_part *part = NULL;
    ws_status status = WS_OK;
    size_t n = 0;

    for (size_t p = 0; n == 0 && p < sizeof names / sizeof *names; p++) {
        part = ws_page_part_find(run, names[p]);
        for (size_t i = 0; part != NULL && i < part->n_items; i++)
            n += part->items[i].kind == TBE_VALUE_PR_CURVE;
    }
    if (n == 0)
        return WS_OK;
    push_summary_line(buf, "Precision and recall at other thresholds", false);
    ws_buf_push_string(buf, "<div class=\"charts\">\n");
    n = 0;
    for (size_t i = 0; status == WS_OK && i < part->n_items && n < MAX_PR_CURVES; i++)
        if (part->items[i].kind == TBE_VALUE_PR_CURVE) {
            status = push_pr_curve(buf, &part->items[i]);
            n++;
        }
    ws_buf_push_string(buf, "</div></details>\n");
    return status;
}

/* ---- figures of other programs ---- */

/** All scalars, for a run without a confusion matrix. */
static void push_scalars(ws_buf *buf, const ws_page_run *run)
{
    push_summary_line(buf, "Scalars", false);
    ws_buf_push_string(buf, "<div class=\"wide\"><table><thead><tr><th scope=\"col\">tag</th><th "
                            "scope=\"col\">values</th><th scope=\"col\">least</th><th "
                            "scope=\"col\">largest</th><th scope=\"col\">last</th><th "
                            "scope=\"col\">at step</th></tr></thead><tbody>\n");
    for (size_t p = 0; p < run->n_parts; p++)
        for (size_t i = 0; i < run->parts[p].n_curves; i++) {
            const ws_page_curve *curve = &run->parts[p].curves[i];
            ws_buf_push_string(buf, "<tr><th scope=\"row\">");
            ws_html_push_text(buf, run->parts[p].name);
            ws_buf_push_string(buf, run->parts[p].name[0] != '\0' ? ": " : "");
            ws_html_push_text(buf, curve->tag);
            ws_buf_push_format(buf, "</th><td class=\"number\">%llu</td>",
                               (unsigned long long)curve->n_values);
            ws_buf_push_format(buf, "<td class=\"number\">%.5g</td><td class=\"number\">%.5g</td>",
                               curve->least, curve->most);
            ws_buf_push_format(buf, "<td class=\"number\">%.5g</td><td class=\"number\">%lld</td>",
                               curve->last, (long long)curve->last_step);
            ws_buf_push_string(buf, "</tr>\n");
        }
    ws_buf_push_string(buf, "</tbody></table></div></details>\n");
}

static bool has_curve(const ws_page_run *run)
{
    for (size_t p = 0; p < run->n_parts; p++)
        if (run->parts[p].n_curves > 0)
            return true;
    return false;
}

/* ---- how it was made ---- */

static void push_block(ws_buf *buf, const char *title, const char *text)
{
    if (text == NULL)
        return;
    ws_buf_push_format(buf, "<h4>%s</h4><pre>", title);
    for (const char *line = text; *line != '\0';) {
        const size_t n = strcspn(line, "\n");
        const size_t indent = strncmp(line, "    ", 4) == 0 ? 4 : 0;
        char *copy = ws_text_format("%.*s\n", (int)(n - indent), line + indent);
        ws_html_push_text(buf, copy != NULL ? copy : "");
        free(copy);
        line += n + (line[n] == '\n');
    }
    ws_buf_push_string(buf, "</pre>\n");
}

/** A table, and the sentences around it. */
static ws_status push_data(ws_buf *buf, const char *text)
{
    ws_markdown_table table;

    if (text == NULL)
        return WS_OK;
    const ws_status status = ws_markdown_table_read(&table, text);
    ws_buf_push_string(buf, "<h4>Data</h4><div class=\"wide\"><table>\n");
    for (size_t i = 0; i < table.n_rows; i++) {
        ws_buf_push_string(buf, "<tr>");
        for (size_t k = 0; k < table.n_columns; k++) {
            ws_buf_push_string(buf, i == 0 ? "<th scope=\"col\">" : "<td>");
            ws_html_push_text(buf, ws_markdown_table_get(&table, i, k));
            ws_buf_push_string(buf, i == 0 ? "</th>" : "</td>");
        }
        ws_buf_push_string(buf, "</tr>\n");
    }
    ws_buf_push_string(buf, table.n_rows == 0 ? "<tr><td></td></tr></table></div>\n"
                                              : "</table></div>\n");
    ws_markdown_table_deinit(&table);
    for (const char *line = text; *line != '\0';) {
        const size_t n = strcspn(line, "\n");
        char *copy = line[0] != '|' && n > 0 ? ws_text_format("%.*s", (int)n, line) : NULL;
        if (copy != NULL) {
            ws_buf_push_string(buf, "<p>");
            ws_html_push_text(buf, copy);
            ws_buf_push_string(buf, "</p>\n");
        }
        free(copy);
        line += n + (line[n] == '\n');
    }
    return status;
}

static void push_settings(ws_buf *buf, const ws_page_run *run)
{
    if (run->names.n_items == 0)
        return;
    ws_buf_push_string(buf, "<h4>Settings</h4><dl class=\"settings\">\n");
    for (size_t i = 0; i < run->names.n_items; i++) {
        ws_buf_push_string(buf, "<div><dt>");
        ws_html_push_text(buf, run->names.items[i]);
        ws_buf_push_string(buf, "</dt><dd>");
        ws_html_push_text(buf, run->values.items[i]);
        ws_buf_push_string(buf, "</dd></div>\n");
    }
    ws_buf_push_string(buf, "</dl>\n");
}

static ws_status push_making(ws_buf *buf, const ws_page_run *run)
{
    const char *command = ws_page_text_find(run, "run/command");

    if (command == NULL && run->names.n_items == 0)
        return WS_OK;
    push_summary_line(buf, "How it was made: command, data, machine, all settings", false);
    push_block(buf, "Command, program and machine", command);
    const ws_status status = push_data(buf, ws_page_text_find(run, "run/data"));
    push_settings(buf, run);
    ws_buf_push_string(buf, "</details>\n");
    return status;
}

static ws_status push_network(ws_buf *buf, const ws_page_run *run, size_t number)
{
    ws_page_network network;
    const ws_status status = ws_page_network_read(&network, run);

    if (status == WS_OK && network.n_nodes > 0) {
        push_summary_line(buf, "Network", false);
        ws_page_network_push(buf, &network, number);
        ws_buf_push_string(buf, "</details>\n");
    }
    ws_page_network_deinit(&network);
    return status;
}

ws_status ws_page_push_details(ws_buf *buf, const ws_page_result *result, size_t number,
                               bool is_open, size_t *media_bytes, ws_error *err)
{
    ws_buf_push_format(buf, "<section id=\"run%zu\"><h3>", number);
    ws_html_push_text(buf, result->run->name);
    ws_buf_push_string(buf, "</h3>\n");
    if (result->n_mistakes > 0) {
        push_summary_line(buf, "Worst mistakes", is_open);
        push_mistakes(buf, result, number, media_bytes);
        ws_buf_push_string(buf, "</details>\n");
    }
    if (result->matrix.counts != NULL) {
        push_summary_line(buf, "Confusion matrix", is_open);
        push_matrix(buf, result, number);
        ws_buf_push_string(buf, "</details>\n");
        push_summary_line(buf, "Words", is_open);
        push_words(buf, result, number);
        ws_buf_push_string(buf, "</details>\n");
    }
    if (result->matrix.counts == NULL && has_curve(result->run))
        push_scalars(buf, result->run);
    ws_status status = ws_page_det_push_html(buf, result->run);
    if (status == WS_OK)
        status = push_pr_curves(buf, result->run);
    if (status == WS_OK)
        status = push_network(buf, result->run, number);
    push_other_media(buf, result->run, media_bytes);
    if (status == WS_OK)
        status = push_making(buf, result->run);
    ws_buf_push_string(buf, "</section>\n");
    return status == WS_OK ? WS_OK : ws_fail_memory(err, "a report");
}
