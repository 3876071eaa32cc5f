#include "cmd/listen_view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/console.h"
#include "dataset/labels.h"

/* Below it a level is shown as nothing. */
#define FLOOR_DB (-60.0)
#define DRAWN_S  0.1
#define FALL     0.85f /* of the shown peak, each drawing */
#define COLUMN_S 0.1
#define SHOWN_S  6.0

enum { MIN_COLUMNS = 10, METER_COLUMNS = 30, LEVEL_COLUMNS = 22, N_LEVELS = 8 };

static const char *const bars[N_LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

static bool is_word(const char *label)
{
    return strcmp(label, WS_LABEL_SILENCE) != 0;
}

void ws_listen_view_init(ws_listen_view *view, const wordspot *spotter, const char *source)
{
    *view = (ws_listen_view){.spotter = spotter, .source = source, .column_s = COLUMN_S};
    for (size_t i = 0; i < wordspot_n_labels(spotter) && view->n_words < WS_VIEW_MAX_WORDS; i++) {
        const char *name = wordspot_label_name(spotter, i);
        if (!is_word(name))
            continue;
        view->words[view->n_words++] = i;
        if (strlen(name) > view->name_width)
            view->name_width = strlen(name);
    }
    const size_t width = ws_console_width();
    view->source_width =
        width > METER_COLUMNS + LEVEL_COLUMNS ? width - METER_COLUMNS - LEVEL_COLUMNS : 1;
    const size_t taken = view->name_width + 10;
    view->n_columns = (size_t)(SHOWN_S / COLUMN_S);
    if (width < taken + view->n_columns)
        view->n_columns = width > taken + MIN_COLUMNS ? width - taken : MIN_COLUMNS;
}

void ws_listen_view_push_sound(ws_listen_view *view, const float *samples, size_t n)
{
    for (size_t i = 0; i < n; i++)
        view->peak = fmaxf(view->peak, fabsf(samples[i]));
}

/** Moves the history on by a column. */
static void begin_column(ws_listen_view *view)
{
    for (size_t w = 0; w < view->n_words; w++) {
        float *history = view->history[w];
        memmove(history, history + 1, (view->n_columns - 1) * sizeof *history);
        history[view->n_columns - 1] = 0.0f;
    }
}

void ws_listen_view_push_scores(ws_listen_view *view, const float *scores, double end_s)
{
    if (end_s >= view->next_column_s) {
        begin_column(view);
        view->next_column_s = end_s + view->column_s;
    }
    for (size_t w = 0; w < view->n_words; w++) {
        float *newest = &view->history[w][view->n_columns - 1];
        view->last[w] = scores[view->words[w]];
        *newest = fmaxf(*newest, view->last[w]);
    }
}

static void draw_level(ws_listen_view *view)
{
    view->shown_peak = fmaxf(view->peak, FALL * view->shown_peak);
    view->peak = 0.0f;
    const double db = 20.0 * log10((double)view->shown_peak + 1e-9);
    const double share = db < FLOOR_DB ? 0.0 : db > 0.0 ? 1.0 : 1.0 - db / FLOOR_DB;
    const int n_full = (int)(share * METER_COLUMNS + 0.5);

    (void)fprintf(stderr, "\033[K%.*s  |", (int)view->source_width, view->source);
    for (int i = 0; i < METER_COLUMNS; i++)
        (void)fputs(i < n_full ? "█" : " ", stderr);
    if (db < FLOOR_DB)
        (void)fputs("| quiet\n", stderr);
    else
        (void)fprintf(stderr, "| %.0f dB%s\n", db, view->shown_peak >= 0.99f ? " too loud" : "");
}

static void draw_word(const ws_listen_view *view, size_t w)
{
    const char *name = wordspot_label_name(view->spotter, view->words[w]);

    (void)fprintf(stderr, "\033[K%-*s  ", (int)view->name_width, name);
    for (size_t i = 0; i < view->n_columns; i++) {
        const int level = (int)(view->history[w][i] * (float)N_LEVELS);
        (void)fputs(bars[level < N_LEVELS ? level : N_LEVELS - 1], stderr);
    }
    (void)fprintf(stderr, "  %.2f\n", (double)view->last[w]);
}

void ws_listen_view_draw(ws_listen_view *view)
{
    const double now = ws_clock_monotonic();

    if (view->spotter == NULL || now - view->last_drawn < DRAWN_S)
        return;
    view->last_drawn = now;
    if (view->n_drawn > 0)
        (void)fprintf(stderr, "\033[%zuA", view->n_drawn);
    draw_level(view);
    for (size_t w = 0; w < view->n_words; w++)
        draw_word(view, w);
    (void)fflush(stderr);
    view->n_drawn = view->n_words + 1;
}

void ws_listen_view_clear(ws_listen_view *view)
{
    if (view->n_drawn > 0)
        (void)fprintf(stderr, "\033[%zuA\033[J", view->n_drawn);
    (void)fflush(stderr);
    view->n_drawn = 0;
    view->last_drawn = 0.0;
}
