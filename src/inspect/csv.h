/**
 * Scalars as comma-separated values (RFC 4180, but lines end in a line feed), for spreadsheets and
 * scripts. Numbers have the digits that read back as the same number. A text that a spreadsheet
 * would take for a formula (it begins with = + - or @) gets an apostrophe in front, as these
 * programs write it themselves. Control characters are written as ws_show_text() does.
 */
#ifndef WS_INSPECT_CSV_H
#define WS_INSPECT_CSV_H

#include <stdio.h>

#include "base/buf.h"
#include "inspect/series.h"

/** Whether a tag is asked for: * ? and [] as in a shell, a slash is an ordinary character. "" takes
 * all. */
bool ws_event_tag_matches(const char *tag, const char *pattern);

/** Appends a text as a cell. An allocation that fails is in out->status. */
void ws_csv_push_text(ws_buf *out, const char *text);

/** A run for a table: what it is called there, and its values. */
typedef struct ws_event_csv_run {
    const char *name;
    const ws_event_series *series;
} ws_event_csv_run;

/** Writes "run,tag,step,wall_time,value". @return WS_OK or WS_EIO */
WS_MUST_CHECK ws_status ws_event_csv_begin(FILE *out, ws_error *err);

/**
 * Writes a line for each scalar of a run that counts, in the order of its files.
 *
 * @param pattern  of ws_event_tag_matches
 * @return WS_OK; WS_EIO: it cannot be read or written; WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_event_csv_write(const ws_event_csv_run *run, const char *pattern,
                                           FILE *out, ws_error *err);

/**
 * Writes "run,step,wall_time,<tag>,<tag>,..." and a line for each step of each run. Where a tag has
 * several values at a step, the last; where it has none, an empty cell. Holds a run's points in
 * memory.
 *
 * @return as ws_event_csv_write(); WS_ELIMIT: a run has more points than are held
 */
WS_MUST_CHECK ws_status ws_event_csv_write_wide(const ws_event_csv_run *runs, size_t n_runs,
                                                const char *pattern, FILE *out, ws_error *err);

#endif
