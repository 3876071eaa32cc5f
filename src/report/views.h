/** Which views are wanted. */
#ifndef WS_REPORT_VIEWS_H
#define WS_REPORT_VIEWS_H

#include <stdbool.h>

#include "base/status.h"
#include "report/view.h"

/**
 * Reads a comma list of names of views, or "all", or "none".
 *
 * @param is_shown  [WS_N_VIEWS] overwritten
 * @return WS_OK, or WS_EUSAGE with a sentence that lists the valid names
 */
WS_MUST_CHECK ws_status ws_views_read(const char *list, bool *is_shown, ws_error *err);

/** Whether such a list has the view of the HParams page. @return the same */
WS_MUST_CHECK ws_status ws_views_has_hparams(const char *list, bool *has, ws_error *err);

#endif
