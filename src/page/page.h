/** Runs as one HTML page that needs no other file, no network and no script; as a text of 100
 *  columns; and as JSON. */
#ifndef WS_PAGE_PAGE_H
#define WS_PAGE_PAGE_H

#include "base/buf.h"
#include "base/json.h"
#include "page/summary.h"

enum {
    WS_PAGE_MAX_BYTES = 64 << 20,
    WS_PAGE_MAX_DETAILS = 8, /* rows whose best run has a section of its own */
    WS_PAGE_TEXT_COLUMNS = 100,
};

/** Where a report comes from. Borrowed. */
typedef struct ws_page_about {
    const char *title;   /* the paths that were given */
    const char *version; /* of this program */
    const char *made;    /* date and time */
} ws_page_about;

/** @param html  set (free()) @return WS_OK, WS_ELIMIT, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_page_write_html(const ws_page_summary *summary,
                                           const ws_page_about *about, char **html, ws_error *err);

/** The same figures in lines of at most WS_PAGE_TEXT_COLUMNS characters. @param text  set (free())
 */
WS_MUST_CHECK ws_status ws_page_write_text(const ws_page_summary *summary,
                                           const ws_page_about *about, char **text, ws_error *err);

/** The same as JSON; curves with their points. NULL: out of memory */
ws_json *ws_page_write_json(const ws_page_summary *summary, const ws_page_about *about);

/** The head of a page and its title. The caller pushes the rest, and "</body></html>". */
void ws_page_push_begin(ws_buf *buf, const ws_page_about *about);

/** The end of writing a page. @param html  set (free()) @return WS_OK, WS_ELIMIT, WS_ENOMEM */
WS_MUST_CHECK ws_status ws_page_take(ws_buf *buf, char **html, ws_error *err);

/** The style sheet of the page: pieces, then NULL. */
extern const char *const ws_page_style[];

#endif
