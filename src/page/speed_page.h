/** Figures of speed as a page, a text and JSON, as page.h makes them of runs. */
#ifndef WS_PAGE_SPEED_PAGE_H
#define WS_PAGE_SPEED_PAGE_H

#include "page/page.h"
#include "page/speed_lines.h"

/** A table with bars for each thing that was timed. Where programs are compared, the bars of one
 *  network share a scale, else those of one table.
 *  @param html  set (free()) @return WS_OK, WS_ELIMIT, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_speed_page_write_html(const ws_speed_lines *lines,
                                                 const ws_page_about *about, char **html,
                                                 ws_error *err);

/** The same in lines of at most WS_PAGE_TEXT_COLUMNS characters. @param text  set (free()) */
WS_MUST_CHECK ws_status ws_speed_page_write_text(const ws_speed_lines *lines,
                                                 const ws_page_about *about, char **text,
                                                 ws_error *err);

/** The same as JSON. NULL: out of memory */
ws_json *ws_speed_page_write_json(const ws_speed_lines *lines, const ws_page_about *about);

#endif
