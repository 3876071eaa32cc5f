/**
 * Sees to it that there is a data set: downloads and unpacks the archive of a URL where there is
 * none yet.
 *
 * As in the original the archive is kept in the data directory, under the last part of its URL, and
 * what is in it is unpacked beside it. Unlike there, a data set that is there is never touched and
 * no server asked, an archive that is there is unpacked if nothing is, and one that is not whole is
 * never taken for a data set.
 */
#ifndef WS_FETCH_FETCH_H
#define WS_FETCH_FETCH_H

#include <stdbool.h>

#include "base/status.h"
#include "fetch/download.h"
#include "fetch/fetch_watch.h"

typedef struct ws_fetch_options {
    const char *url; /* "": nothing is downloaded; else ws_download_check_url has passed it */
    const char *data_dir;
    ws_patience patience;
} ws_fetch_options;

/**
 * A data set is there if data_dir has a folder in it that is not hidden: what is in the folders is
 * the index's business.
 *
 * @param is_complete  false if the watch wanted a stop: what came so far is kept, and the next
 *                     call resumes it
 * @return WS_OK; WS_EEXISTS if another process is at it; what ws_download_run, ws_unpack_check and
 *         ws_unpack_run say. An archive that came from the URL and is not whole, or has something
 *         in it that may not be unpacked, is deleted.
 */
WS_MUST_CHECK ws_status ws_fetch_run(const ws_fetch_options *options, const ws_fetch_watch *watch,
                                     bool *is_complete, ws_error *err);

#endif
