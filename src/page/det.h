/** How a wake word does at each cutoff: the table `wake_word/cutoffs` of a run, read back. */
#ifndef WS_PAGE_DET_H
#define WS_PAGE_DET_H

#include "base/buf.h"
#include "base/json.h"
#include "page/gather.h"

typedef struct ws_page_det_point {
    double cutoff, rate, misses; /* 0 to 1; false accepts an hour; share of phrases */
} ws_page_det_point;

typedef struct ws_page_det {
    ws_page_det_point *points; /* [n] owned, by rising cutoff, with falling rates */
    size_t n;
    char *about; /* owned: of which step, phrases and hours; NULL if n is 0 */
} ws_page_det;

/**
 * The last evaluation's: that of the test, else of the validation.
 *
 * @param det  set; without points if the run has no such table. For ws_page_det_deinit(), also
 * after a failure
 * @return WS_OK or WS_ENOMEM
 */
WS_MUST_CHECK ws_status ws_page_det_read(ws_page_det *det, const ws_page_run *run);
void ws_page_det_deinit(ws_page_det *det);

/** The lowest cutoff with at most that many false accepts an hour; NULL: there is no such cutoff.
 */
const ws_page_det_point *ws_page_det_find(const ws_page_det *det, double rate);

/** The curve and its table as HTML, as lines of a terminal, and as JSON. Nothing without points;
 *  NULL as JSON. */
WS_MUST_CHECK ws_status ws_page_det_push_html(ws_buf *buf, const ws_page_run *run);
WS_MUST_CHECK ws_status ws_page_det_push_text(ws_buf *buf, const ws_page_run *run);
ws_json *ws_page_det_write_json(const ws_page_run *run);

#endif
