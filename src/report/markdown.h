/** Texts of users in Markdown: what TensorBoard makes of them is what they are. */
#ifndef WS_REPORT_MARKDOWN_H
#define WS_REPORT_MARKDOWN_H

#include "base/buf.h"
#include "report/view.h"

/**
 * Appends a text of one line in the letters of code: plain ones between backticks, so that
 * "_silence_" keeps its underscores; where there are letters that might mean something, also in a
 * table, all of them as numbers. Invalid UTF-8 and control characters become "?". Of "" comes
 * nothing.
 */
void ws_markdown_push_code(ws_buf *buf, const char *text);

/** Appends a block of lines that are shown as they are. It must be the first in its text or have
 *  an empty line before it. */
void ws_markdown_push_block(ws_buf *buf, const char *text);

/** Sets the description of a tag to "<before> `text` <after>". A failure of this shows at the
 *  first value of the tag. */
void ws_markdown_describe(tbe_writer *writer, const char *tag, const char *before, const char *text,
                          const char *after);

/** Adds what is in buf to the page of texts, and gives its memory back. A failure is told as
 *  ws_report_check does. */
void ws_report_add_markdown(ws_report *report, ws_report_place place, int64_t step, const char *tag,
                            ws_buf *buf);

#endif
