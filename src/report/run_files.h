/** What the event files of a folder hold, for a process that resumes a run or ends it. */
#ifndef WS_REPORT_RUN_FILES_H
#define WS_REPORT_RUN_FILES_H

#include "base/status.h"
#include "tbevents/tbevents.h"

/** Takes one record, borrowed for the call. @return WS_OK or WS_ENOMEM, which ends the reading */
typedef ws_status (*ws_run_record_taker)(void *user, const tbe_record *record);

/**
 * Hands over all records, in the order in which TensorBoard reads them. A folder that is not there,
 * or a file that is no event file, has none; a damaged file has those before the damage.
 *
 * @return WS_OK or WS_ENOMEM; there is no sentence
 */
WS_MUST_CHECK ws_status ws_run_files_read(const char *dir, ws_run_record_taker take, void *user);

#endif
