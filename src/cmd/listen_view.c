#include "cmd/listen_view.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "cmd/console.h"
#include "dataset/labels.h"
#include "inspect/show.h"

/* Below it a level is shown as nothing. */
#define FLOOR_DB (-60.0)
#define DRAWN_S  0.1
#define FALL     0.85f /* of the shown peak, each drawing */
#define COLUMN_S 0.1

enum { MIN_WIDTH = 16, MIN_HEIGHT = 3, METER_COLUMNS = 30, LEVEL_COLUMNS = 18, N_LEVELS = 8 };
enum { SCORE_COLUMNS = 6, MIN_SOURCE = 4 }; /* "  0.97" */

static const char *const bars[N_LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

static bool is_word(const char *label)
{
    return strcmp(label, WS_LABEL_SILENCE) != 0;
}

typedef struct character {
    size_t n_bytes, n_columns;
    bool is_shown; /* otherwise "?" stands in its place */
} character;

static character read_character(const char *text)
{
    uint32_t code;
    const size_t n_bytes = ws_utf8_read(text, &code);

    if (n_bytes == 0 || ws_utf8_is_control(code))
        return (character){n_bytes > 0 ? n_bytes : 1, 1, false};
    return (character){n_bytes, ws_show_columns(code), true};
}

/** Prints the start of a text that takes at most that many columns. @param out  NULL: only measures
 *  @return the columns that it takes */
static size_t put_start(FILE *out, const char *text, size_t n_columns)
{
    size_t n_put = 0;

    while (*text != '\0') {
        const character c = read_character(text);
        if (c.n_columns > n_columns - n_put)
            break;
        if (out != NULL)
            (void)fwrite(c.is_shown ? text : "?", 1, c.is_shown ? c.n_bytes : 1, out);
        text += c.n_bytes;
        n_put += c.n_columns;
    }
    return n_put;
}

void ws_listen_view_init(ws_listen_view *view, const wordspot *spotter, const char *source)
{
    *view = (ws_listen_view){.spotter = spotter, .source = source, .column_s = COLUMN_S};
    for (size_t i = 0; i < wordspot_n_labels(spotter) && view->n_words < WS_VIEW_MAX_WORDS; i++) {
        const char *name = wordspot_label_name(spotter, i);
        if (!is_word(name))
            continue;
        view->words[view->n_words++] = i;
        const size_t width = put_start(NULL, name, SIZE_MAX);
        view->name_width = width > view->name_width ? width : view->name_width;
    }
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
        memmove(history, history + 1, (WS_VIEW_COLUMNS - 1) * sizeof *history);
        history[WS_VIEW_COLUMNS - 1] = 0.0f;
    }
}

void ws_listen_view_push_scores(ws_listen_view *view, const float *scores, double end_s)
{
    if (end_s >= view->next_column_s) {
        begin_column(view);
        view->next_column_s = end_s + view->column_s;
    }
    for (size_t w = 0; w < view->n_words; w++) {
        float *newest = &view->history[w][WS_VIEW_COLUMNS - 1];
        view->last[w] = scores[view->words[w]];
        *newest = fmaxf(*newest, view->last[w]);
    }
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** The name of the source, a bar and a number, as far as there is room; the number goes last. */
static void draw_level(ws_listen_view *view)
{
    view->shown_peak = fmaxf(view->peak, FALL * view->shown_peak);
    view->peak = 0.0f;
    const double db = 20.0 * log10((double)view->shown_peak + 1e-9);
    const double share = db < FLOOR_DB ? 0.0 : db > 0.0 ? 1.0 : 1.0 - db / FLOOR_DB;
    const size_t room = view->width - 1; /* beyond the last column a terminal begins a line */
    size_t left = room > LEVEL_COLUMNS ? room - LEVEL_COLUMNS : 0;
    char text[32] = "quiet";

    (void)fputs("\033[K", stderr);
    if (left > METER_COLUMNS + MIN_SOURCE) {
        left -= put_start(stderr, view->source, left - METER_COLUMNS - 2);
        (void)fputs("  ", stderr);
        left -= 2;
    }
    const size_t n_meter = smaller(left, METER_COLUMNS);
    const size_t n_full = (size_t)(share * (double)n_meter + 0.5);
    for (size_t i = 0; i < n_meter; i++)
        (void)fprintf(stderr, "%s%s", i == 0 ? "|" : "", i < n_full ? "█" : " ");
    if (db >= FLOOR_DB)
        (void)snprintf(text, sizeof text, "%.0f dB%s", db,
                       view->shown_peak >= 0.99f ? " too loud" : "");
    (void)fprintf(stderr, "%s%s\n", n_meter > 0 ? "| " : "", text);
}

static void draw_word(const ws_listen_view *view, size_t w)
{
    const size_t room = view->width - 1 - SCORE_COLUMNS;
    const size_t n_name = smaller(view->name_width, room);
    const size_t left = room - n_name;
    const size_t n_columns = left > 2 ? smaller(left - 2, WS_VIEW_COLUMNS) : 0;

    (void)fputs("\033[K", stderr);
    const size_t n_put =
        put_start(stderr, wordspot_label_name(view->spotter, view->words[w]), n_name);
    (void)fprintf(stderr, "%*s", (int)(n_name - n_put + (n_columns > 0 ? 2 : 0)), "");
    for (size_t i = WS_VIEW_COLUMNS - n_columns; i < WS_VIEW_COLUMNS; i++) {
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
    view->width = ws_console_width(); /* people change it */
    view->height = ws_console_height();
    if (view->width < MIN_WIDTH || view->height < MIN_HEIGHT) {
        ws_listen_view_clear(view);
        view->last_drawn = now;
        return;
    }
    view->last_drawn = now;
    if (view->n_drawn > 0)
        (void)fprintf(stderr, "\033[%zuA", view->n_drawn);
    /* the line below the view stays free, and one above it for the words */
    const size_t n_shown = smaller(view->n_words, view->height - MIN_HEIGHT);
    draw_level(view);
    for (size_t w = 0; w < n_shown; w++)
        draw_word(view, w);
    (void)fputs("\033[J", stderr); /* what a higher terminal had below */
    (void)fflush(stderr);
    view->n_drawn = n_shown + 1;
}

void ws_listen_view_clear(ws_listen_view *view)
{
    if (view->n_drawn > 0)
        (void)fprintf(stderr, "\033[%zuA\033[J", view->n_drawn);
    (void)fflush(stderr);
    view->n_drawn = 0;
    view->last_drawn = 0.0;
}
