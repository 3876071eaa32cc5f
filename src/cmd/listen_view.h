/**
 * What a person sees while `wordspot listen` runs in a terminal: words as they are heard, and below
 * them, drawn again ten times a second, the level of the sound and the scores of the last seconds.
 * A small terminal shows fewer words and seconds, one of fewer than 3 lines or 16 columns nothing.
 *
 *     default, 48000 Hz  |██████████         | -24 dB
 *     yes   ▁▁▁▂▅██▇▃▁▁▁▁▁▁▁  0.03
 *     no    ▁▁▁▁▁▁▁▁▁▁▁▂▃▁▁▁  0.12
 */
#ifndef WS_CMD_LISTEN_VIEW_H
#define WS_CMD_LISTEN_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include <wordspot/wordspot.h>

enum { WS_VIEW_MAX_WORDS = 12, WS_VIEW_COLUMNS = 60 };

typedef struct ws_listen_view {
    const wordspot *spotter;                           /* NULL: not shown */
    const char *source;                                /* name of where the sound comes from */
    size_t words[WS_VIEW_MAX_WORDS];                   /* [n_words] labels that have a line */
    size_t n_words, name_width;                        /* width: characters of the longest name */
    float history[WS_VIEW_MAX_WORDS][WS_VIEW_COLUMNS]; /* the best score in each column */
    double column_s;                                   /* sound in a column */
    double next_column_s;
    size_t width, height; /* of the terminal at the last drawing */
    float last[WS_VIEW_MAX_WORDS];
    float peak;        /* of the samples since the last drawing */
    float shown_peak;  /* falls slowly */
    double last_drawn; /* monotonic seconds */
    size_t n_drawn;    /* lines that stand there */
} ws_listen_view;

/** @param source  borrowed as long as the view */
void ws_listen_view_init(ws_listen_view *view, const wordspot *spotter, const char *source);

/** Notes samples for the level. */
void ws_listen_view_push_sound(ws_listen_view *view, const float *samples, size_t n);

/** Notes the scores of a window that ends at that time. @param scores  [n_labels] */
void ws_listen_view_push_scores(ws_listen_view *view, const float *scores, double end_s);

/** Draws it, ten times a second at most. Does nothing where it is not shown. */
void ws_listen_view_draw(ws_listen_view *view);

/** Takes it away, before something else is printed. */
void ws_listen_view_clear(ws_listen_view *view);

#endif
