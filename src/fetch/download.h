/**
 * A whole file from a URL, over bad lines: resumes where an earlier try ended, of this process or
 * of one before, and never joins the bytes of two different files.
 */
#ifndef WS_FETCH_DOWNLOAD_H
#define WS_FETCH_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "fetch/fetch_watch.h"
#include "fetch/part_file.h"

/** How patient a download is. */
typedef struct ws_patience {
    unsigned stall_seconds; /* so long without a byte is a cut connection */
    unsigned n_tries;       /* in a row that bring nothing worth mentioning */
    double wait_seconds;    /* before the second try; doubled each time */
} ws_patience;

/** For people: half a minute, four tries, a second. */
ws_patience ws_patience_default(void);

/** Larger files are refused. */
#define WS_DOWNLOAD_MAX_BYTES ((int64_t)1 << 40)

/**
 * Checks that the URL is one that can be downloaded: http://, https:// or file://, ending with a
 * file name, and without a password, which would end up in messages and checkpoints.
 *
 * @return WS_OK, or WS_EUSAGE naming --data_url
 */
WS_MUST_CHECK ws_status ws_download_check_url(const char *url, ws_error *err);

/** The file name at the end of such a URL, without what follows a '?' or '#', in a new string
 *  (free()); NULL when out of memory. */
char *ws_download_file_name(const char *url);

/**
 * Completes a part, unless it is complete already, with the file at part->url.
 *
 * Connections that break or stall, and servers that are busy (408, 429, 500, 502 to 504), are tried
 * again. The first answer says how long the file is: if it, and as much again for what is in it,
 * finds no room on the disk, nothing is downloaded.
 *
 * @param is_complete  false if the watch wanted a stop
 * @return WS_OK; WS_ENOTFOUND if there is no such file; WS_ELIMIT if it is too large; WS_EIO, also
 *         if there is no room. The part keeps what came so far.
 */
WS_MUST_CHECK ws_status ws_download_run(ws_part_file *part, const ws_patience *patience,
                                        const ws_fetch_watch *watch, bool *is_complete,
                                        ws_error *err);

#endif
