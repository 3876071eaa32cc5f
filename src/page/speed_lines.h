/**
 * How fast networks are, read from lines of JSON: those of `wordspot bench --json`, and those that
 * tests/bench/compare.sh writes about Wordspot and other programs.
 *
 * A line is one object. {"machine", "date", "version"} says where the lines after it come from, and
 * version is that of Wordspot. {"what", "model", "unit", "own", "peer", "peer_name",
 * "peer_version", "peer_note", "ratio", "ratio_least", "ratio_most"} is a measurement: own is
 * Wordspot's time, ratio how many times as long the peer takes (the median over rounds), peer_note
 * how the peer was set up. All after "own" may be missing, but a peer needs a name. A line of
 * `wordspot bench --json` has step_ms and network_ms, or call_ms, and its own machine, date and
 * version.
 */
#ifndef WS_PAGE_SPEED_LINES_H
#define WS_PAGE_SPEED_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "base/text.h"

enum {
    WS_SPEED_MAX_FILE_BYTES = 4 << 20,
    WS_SPEED_MAX_FIGURES = 4000,
};

/** Where and when figures were measured. Owned by the lines; never NULL. */
typedef struct ws_speed_source {
    const char *machine, *date, *version;
} ws_speed_source;

/** One program's time. Texts are owned by the lines and never NULL. */
typedef struct ws_speed_figure {
    const char *what;               /* that was timed, as in "whole step" */
    const char *model;              /* the network */
    const char *unit;               /* of value, as in "ms" */
    const char *program;            /* "Wordspot" or a peer */
    const char *version;            /* of the program; "" if it is not known */
    const char *note;               /* how the program was set up; "" if there is nothing to say */
    double value;                   /* above 0 */
    double ratio;                   /* to Wordspot's time; NaN for Wordspot itself */
    double ratio_least, ratio_most; /* over rounds; NaN if they are not known */
    size_t source;                  /* in sources */
} ws_speed_figure;

/** All zeros is empty. */
typedef struct ws_speed_lines {
    ws_speed_source *sources; /* [n_sources] */
    size_t n_sources;
    ws_speed_figure *figures; /* [n_figures] figures of one thing that was timed stand together,
                                 and among these the figures of one network */
    size_t n_figures;
    ws_text_list texts; /* what the pointers lead to */
} ws_speed_lines;

/** Whether a name is that of such a file: it ends in ".jsonl". */
bool ws_speed_lines_is_name(const char *path);

/**
 * Reads files.
 *
 * @param lines  filled; ws_speed_lines_deinit() it in any case
 * @return WS_OK; WS_EFORMAT naming the file, the line and what was expected; WS_ELIMIT for more
 *         than WS_SPEED_MAX_FIGURES; as ws_file_read
 */
WS_MUST_CHECK ws_status ws_speed_lines_read(ws_speed_lines *lines, const char *const *paths,
                                            size_t n_paths, ws_error *err);
void ws_speed_lines_deinit(ws_speed_lines *lines);

#endif
