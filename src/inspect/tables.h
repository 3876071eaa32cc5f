/**
 * Texts and hyperparameters of runs as tables: rows of cells, for a terminal or for a spreadsheet.
 */
#ifndef WS_INSPECT_TABLES_H
#define WS_INSPECT_TABLES_H

#include <stdio.h>

#include "inspect/hparams.h"

/** Cells, row by row; a cell may be "". All zeros is an empty one. */
typedef struct ws_event_table {
    ws_text_list cells; /* [n_rows * n_columns] */
    size_t n_columns;
} ws_event_table;

void ws_event_table_deinit(ws_event_table *table);

/** Prints it with its columns aligned, the first row as their titles. */
WS_MUST_CHECK ws_status ws_event_table_print(const ws_event_table *table, FILE *out, ws_error *err);

/** Writes it as comma-separated values (csv.h). */
WS_MUST_CHECK ws_status ws_event_table_write_csv(const ws_event_table *table, FILE *out,
                                                 ws_error *err);

/**
 * The rows of the HParams page: run, group, status, hyperparameters, metrics. The metrics are those
 * of the experiment; without one, the scalars of the sessions' own runs. Their last values count.
 *
 * @param table  empty; set, also after a failure; of no row if no run has hyperparameters
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_event_table_of_hparams(ws_event_table *table,
                                                  const ws_event_hparams *all, ws_error *err);

/**
 * The texts of runs, of each tag the last one: run, tag, step, row, text. A text that is a table of
 * strings has a row for each of its own, the cells with " | " between them.
 *
 * @param pattern  which tags, of ws_event_tag_matches()
 * @param table    empty; set, also after a failure; of no row if there is no text
 * @return WS_OK, WS_EIO, WS_ELIMIT, WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_event_table_of_texts(ws_event_table *table, const ws_event_runs *runs,
                                                const char *pattern, ws_error *err);

#endif
