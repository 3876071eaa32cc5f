/**
 * One request for a URL (http, https, file) through libcurl: redirects followed, certificates
 * checked, proxies taken from the environment (http_proxy, https_proxy, no_proxy), a password from
 * ~/.netrc. What to do with the answer, and whether to ask once more, is the caller's business
 * (download.h).
 */
#ifndef WS_FETCH_TRANSFER_H
#define WS_FETCH_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/** What an answer says of itself before its body. */
typedef struct ws_transfer_head {
    long code;               /* HTTP's status; 0 for file:// */
    int64_t n_bytes;         /* of the body; -1: it does not say */
    int64_t range_first;     /* Content-Range: the body's first byte; -1: none */
    int64_t range_n_all;     /* and the length of the whole; -1: none */
    char etag[256];          /* as it stands there, with quotes; "": none, or a longer one */
    char last_modified[128]; /* "": none */
} ws_transfer_head;

typedef struct ws_transfer_request {
    const char *url;
    uint64_t offset;        /* the first byte that is asked for */
    const char *validator;  /* only if the file is still this one (If-Range); NULL: in any case */
    unsigned stall_seconds; /* so long with next to nothing, or no connection, is a cut */
    /** Once, before the body. A status other than WS_OK ends the request, and is its status. */
    ws_status (*take_head)(void *user, const ws_transfer_head *head, ws_error *err);
    /** The body, in pieces; a failure ends the request. */
    ws_status (*take_body)(void *user, const void *bytes, size_t n_bytes, ws_error *err);
    /** At least once a second; false ends the request. */
    bool (*go_on)(void *user);
    void *user;
} ws_transfer_request;

/** How a request ended. */
typedef enum ws_transfer_end {
    WS_TRANSFER_DONE,        /* all of the body was taken */
    WS_TRANSFER_STOPPED,     /* go_on said so */
    WS_TRANSFER_CUT,         /* the connection broke or stalled: once more may help */
    WS_TRANSFER_UNREACHABLE, /* the host does not exist, or nothing listens there */
    WS_TRANSFER_FAILED,      /* anything else, failures of take_head and take_body included */
} ws_transfer_end;

/**
 * Makes the request.
 *
 * @param end  always set
 * @return WS_OK if end is DONE or STOPPED; otherwise err names the URL and the reason, or is what
 *         take_head or take_body gave
 */
WS_MUST_CHECK ws_status ws_transfer_run(const ws_transfer_request *request, ws_transfer_end *end,
                                        ws_error *err);

#endif
