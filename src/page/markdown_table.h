/** The first table of a Markdown text, as the views of a run write theirs. */
#ifndef WS_PAGE_MARKDOWN_TABLE_H
#define WS_PAGE_MARKDOWN_TABLE_H

#include "base/text.h"

/** Cells as plain text: no backticks, asterisks, <code> or &#...; are left. All zeros is empty. */
typedef struct ws_markdown_table {
    ws_text_list cells; /* [n_rows * n_columns] the titles are the first row */
    size_t n_rows, n_columns;
} ws_markdown_table;

/** Rows with another number of cells than the first are left out.
 *  @param table  set; of no row if there is no table. ws_markdown_table_deinit() it in any case
 *  @return WS_OK or WS_ENOMEM */
WS_MUST_CHECK ws_status ws_markdown_table_read(ws_markdown_table *table, const char *text);
void ws_markdown_table_deinit(ws_markdown_table *table);

const char *ws_markdown_table_get(const ws_markdown_table *table, size_t row, size_t column);

#endif
