/* The report in a terminal. Nothing that a file holds moves its cursor: texts come from
 * ws_show_text. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "inspect/show.h"
#include "page/cell.h"
#include "page/det.h"
#include "page/page.h"
#include "report/scalar_tags.h"

enum {
    NAME_WIDTH = 34,
    WORD_WIDTH = 14,
    CELL_WIDTH = 6,
    MAX_MATRIX = (WS_PAGE_TEXT_COLUMNS - WORD_WIDTH) / CELL_WIDTH,
    BAR_WIDTH = 20,
    PLOT_WIDTH = 80,
    MAX_LAST_VALUES = 16,
};

/** "93.1 %" or "93.1 % +- 0.4" at the right of a column. */
static void push_share(ws_buf *buf, double share, double spread, int width)
{
    char text[48] = "-";

    if (isfinite(share) && isfinite(spread))
        (void)snprintf(text, sizeof text, "%.1f %% +- %.1f", 100 * share, 100 * spread);
    else if (isfinite(share))
        (void)snprintf(text, sizeof text, "%.1f %%", 100 * share);
    ws_buf_push_format(buf, "%*s", width, text);
}

/** Pushes "name=value" in lines with an indent. @param column  of the line so far; 0: none began */
static void push_pair(ws_buf *buf, size_t *column, const char *name, const char *value)
{
    const size_t room = WS_PAGE_TEXT_COLUMNS - 4;
    char *pair = ws_text_format("%s=%s", name, value);
    const size_t width = pair != NULL ? ws_show_width(pair) : 0;

    if (*column == 0 || *column + 2 + width > room) {
        ws_buf_push_string(buf, *column > 0 ? "\n    " : "    ");
        *column = 0;
    } else {
        ws_buf_push_string(buf, "  ");
    }
    ws_cell_push_short(buf, pair != NULL ? pair : "", room);
    *column += width + 2;
    free(pair);
}

/** The settings in which rows differ. */
static void push_differing(ws_buf *buf, const ws_page_summary *summary, const ws_page_group *group)
{
    size_t column = 0;

    for (size_t i = 0; i < summary->differing.n_items; i++) {
        const char *name = summary->differing.items[i];
        push_pair(buf, &column, name, ws_page_group_setting(summary, group, name));
    }
    if (column > 0)
        ws_buf_push_string(buf, "\n");
}

/** The last values of a run without any accuracy, as other programs log them. */
static void push_last_values(ws_buf *buf, const ws_page_result *result)
{
    const ws_page_run *run = result->run;
    size_t column = 0, n = 0;

    if (isfinite(result->test) || isfinite(result->best))
        return;
    for (size_t p = 0; p < run->n_parts; p++)
        for (size_t i = 0; i < run->parts[p].n_curves && n < MAX_LAST_VALUES; i++, n++) {
            char value[32];
            (void)snprintf(value, sizeof value, "%.5g", run->parts[p].curves[i].last);
            push_pair(buf, &column, run->parts[p].curves[i].tag, value);
        }
    if (column > 0)
        ws_buf_push_string(buf, "\n");
}

static const char *end_text(ws_page_end end)
{
    return end == WS_PAGE_END_FAILURE ? "  failed" : end == WS_PAGE_END_UNKNOWN ? "  no end" : "";
}

static void push_runs(ws_buf *buf, const ws_page_summary *summary)
{
    ws_buf_push_format(buf, "%-*s%17s%17s%9s%11s\n", NAME_WIDTH, "run", "test accuracy",
                       "best validation", "at step", "steps");
    for (size_t g = 0; g < summary->n_groups; g++) {
        const ws_page_group *group = &summary->groups[g];
        if (group->n_members > 1) {
            char seeds[64];
            ws_page_group_write_seeds(group, seeds);
            ws_cell_push(buf, seeds, NAME_WIDTH);
            push_share(buf, group->test, group->test_spread, 17);
            push_share(buf, group->best, group->best_spread, 17);
            ws_buf_push_string(buf, "\n");
        }
        for (size_t i = 0; i < group->n_members; i++) {
            const ws_page_result *result = &summary->results[group->members[i]];
            const int indent = group->n_members > 1 ? 2 : 0;
            ws_buf_push_format(buf, "%*s", indent, "");
            ws_cell_push(buf, result->run->name, (size_t)(NAME_WIDTH - indent));
            push_share(buf, result->test, (double)NAN, 17);
            push_share(buf, result->best, (double)NAN, 17);
            if (isfinite(result->best))
                ws_buf_push_format(buf, "%9lld", (long long)result->best_step);
            else
                ws_buf_push_format(buf, "%9s", "-");
            ws_buf_push_format(buf, " %10lld%s\n", (long long)result->n_steps,
                               end_text(result->run->end));
            push_last_values(buf, result);
        }
        push_differing(buf, summary, group);
    }
}

/* ---- the best run ---- */

/** Validation accuracy over the run in one line of levels. */
static void push_plot(ws_buf *buf, const ws_page_run *run)
{
    static const char levels[] = "_.:-=+*#";
    const ws_page_curve *curve =
        ws_page_curve_find(ws_page_part_find(run, "validation"), WS_TAG_ACCURACY);
    double shown[PLOT_WIDTH];

    if (curve == NULL || curve->n < 2)
        return;
    const double first = curve->points[0].step, last = curve->points[curve->n - 1].step;
    for (size_t i = 0; i < PLOT_WIDTH; i++)
        shown[i] = (double)NAN;
    for (size_t i = 0; i < curve->n; i++) {
        const double place = (curve->points[i].step - first) / (last - first);
        shown[(size_t)(place * (PLOT_WIDTH - 1))] = curve->points[i].value;
    }
    const double span = curve->most - curve->least;
    ws_buf_push_format(buf,
                       "\nvalidation accuracy, step %.0f to %.0f: _ is %.1f %%, # is %.1f %%\n",
                       first, last, 100 * curve->least, 100 * curve->most);
    for (size_t i = 0; i < PLOT_WIDTH; i++) {
        const double height = span > 0 ? (shown[i] - curve->least) / span : 0.5;
        const int n_levels = (int)sizeof levels - 1;
        const int level = isnan(shown[i]) ? -1 : (int)(fmin(fmax(height, 0), 1) * (n_levels - 1));
        ws_buf_push_byte(buf, (unsigned char)(level < 0 ? ' ' : levels[level]));
    }
    ws_buf_push_string(buf, "\n");
}

static void push_words(ws_buf *buf, const ws_page_matrix *matrix)
{
    const size_t n = matrix->words.n_items;

    ws_buf_push_format(buf, "\n%-*s%7s%10s%11s\n", WORD_WIDTH, "word", "clips", "recall",
                       "precision");
    for (size_t i = 0; i < n; i++) {
        const double recall = ws_page_matrix_recall(matrix, i);
        ws_cell_push(buf, matrix->words.items[i], WORD_WIDTH);
        ws_buf_push_format(buf, "%7llu", (unsigned long long)ws_page_matrix_said(matrix, i));
        push_share(buf, recall, (double)NAN, 10);
        push_share(buf, ws_page_matrix_precision(matrix, i), (double)NAN, 11);
        ws_buf_push_string(buf, recall > 0 ? "  " : "");
        for (int k = 0; isfinite(recall) && k < (int)(recall * BAR_WIDTH + 0.5); k++)
            ws_buf_push_byte(buf, '#');
        ws_buf_push_string(buf, "\n");
    }
}

/** The first characters of a word at the right of a column. */
static void push_head(ws_buf *buf, const char *word, size_t width)
{
    char *shown = ws_cell_make_shown(buf, word);
    const size_t n_all = shown != NULL ? ws_show_width(shown) : 0;
    const size_t n = n_all < width - 1 ? n_all : width - 1;

    ws_cell_push_blanks(buf, width - n);
    if (shown != NULL)
        ws_cell_push_start(buf, shown, n);
    free(shown);
}

static void push_matrix(ws_buf *buf, const ws_page_matrix *matrix)
{
    const size_t n = matrix->words.n_items;

    ws_buf_push_format(buf,
                       "\n%s after step %lld; rows: what was said, columns: what was "
                       "recognised\n",
                       strcmp(matrix->part, "test") == 0 ? "test" : "validation",
                       (long long)matrix->step);
    if (n > MAX_MATRIX) {
        ws_buf_push_format(buf, "(%zu words: the HTML page and --json have the matrix)\n", n);
        return;
    }
    ws_buf_push_format(buf, "%*s", WORD_WIDTH, "");
    for (size_t i = 0; i < n; i++)
        push_head(buf, matrix->words.items[i], CELL_WIDTH);
    ws_buf_push_string(buf, "\n");
    for (size_t i = 0; i < n; i++) {
        ws_cell_push(buf, matrix->words.items[i], WORD_WIDTH);
        for (size_t k = 0; k < n; k++) {
            const unsigned long long count = matrix->counts[i * n + k];
            if (count > 0 || i == k)
                ws_buf_push_format(buf, "%*llu", CELL_WIDTH, count);
            else
                ws_buf_push_format(buf, "%*s", CELL_WIDTH, ".");
        }
        ws_buf_push_string(buf, "\n");
    }
}

static void push_mistakes(ws_buf *buf, const ws_page_result *result)
{
    if (result->n_mistakes > 0)
        ws_buf_push_string(buf, "\nworst mistakes\n");
    for (size_t i = 0; i < result->n_mistakes; i++) {
        const ws_page_mistake *one = &result->mistakes[i];
        ws_buf_push_format(buf, "%zu  ", i + 1);
        ws_cell_push(buf, one->said, WORD_WIDTH);
        ws_buf_push_string(buf, " heard as ");
        ws_cell_push(buf, one->heard, WORD_WIDTH);
        ws_cell_push(buf, one->sureness, 10);
        ws_cell_push_short(buf, one->clip, 45);
        ws_buf_push_string(buf, "\n");
    }
}

ws_status ws_page_write_text(const ws_page_summary *summary, const ws_page_about *about,
                             char **text, ws_error *err)
{
    const ws_page_result *best = &summary->results[summary->groups[0].members[0]];
    ws_buf buf;

    ws_buf_init(&buf, WS_PAGE_MAX_BYTES);
    ws_cell_push_short(&buf, about->title, WS_PAGE_TEXT_COLUMNS);
    ws_buf_push_string(&buf, "\n\n");
    push_runs(&buf, summary);
    if (summary->n_results > 1 && best->matrix.counts != NULL) {
        ws_buf_push_string(&buf, "\nThe best run: ");
        ws_cell_push_short(&buf, best->run->name, 80);
        ws_buf_push_string(&buf, "\n");
    }
    push_plot(&buf, best->run);
    if (best->matrix.counts != NULL) {
        push_words(&buf, &best->matrix);
        push_matrix(&buf, &best->matrix);
    }
    push_mistakes(&buf, best);
    const ws_status status = ws_page_det_push_text(&buf, best->run);
    *text = status == WS_OK ? ws_buf_take_string(&buf) : NULL;
    ws_buf_deinit(&buf);
    return *text != NULL ? WS_OK : ws_fail_memory(err, "a report");
}
