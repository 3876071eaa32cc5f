#include "fetch/transfer.h"

#define CURL_DISABLE_TYPECHECK /* its functions are called by pointers */
#include <curl/curl.h>
#undef curl_easy_getinfo
#undef curl_easy_setopt
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/shared_library.h"
#include "base/text.h"

/* Its functions; the library is loaded for the first download. */
#define FUNCTIONS(X)       \
    X(curl_easy_cleanup)   \
    X(curl_easy_getinfo)   \
    X(curl_easy_header)    \
    X(curl_easy_init)      \
    X(curl_easy_perform)   \
    X(curl_easy_setopt)    \
    X(curl_easy_strerror)  \
    X(curl_global_cleanup) \
    X(curl_global_init)    \
    X(curl_slist_append)   \
    X(curl_slist_free_all)
#define MEMBER(name) __typeof__(name) *name;
static struct {
    FUNCTIONS(MEMBER)
} curl;

static ws_status load(ws_error *err)
{
#define ROW(name) {#name, &curl.name},
    static const ws_library_function functions[] = {FUNCTIONS(ROW)};

    return ws_shared_library_load("libcurl.so.4", functions, sizeof functions / sizeof *functions,
                                  err);
}

enum { MAX_REDIRECTS = 10, MIN_BYTES_PER_SECOND = 100 };

typedef struct transfer {
    const ws_transfer_request *request;
    CURL *curl;
    struct curl_slist *headers;
    CURLcode code; /* the first failure of libcurl */
    bool head_taken;
    bool is_stopped;
    ws_status status; /* of the request's own functions */
    ws_error error;
    char reason[CURL_ERROR_SIZE]; /* libcurl's */
} transfer;

/** A header of the last answer, not of the redirects before it; "" if absent or too long. */
static void get_header(const transfer *t, const char *name, char *value, size_t size)
{
    struct curl_header *header;

    value[0] = '\0';
    if (curl.curl_easy_header(t->curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
        strlen(header->value) < size)
        memcpy(value, header->value, strlen(header->value) + 1);
}

/** The number at the start of text; -1 if it is missing or not sensible. */
static int64_t leading_number(const char *text)
{
    const size_t n = strspn(text, "0123456789");
    char digits[19];
    int64_t number = -1;

    if (n == 0 || n >= sizeof digits)
        return -1;
    memcpy(digits, text, n);
    digits[n] = '\0';
    return ws_text_to_int64(digits, &number) ? number : -1;
}

/** "bytes 100-199/5000"; a star stands for what is unknown on either side of the slash. */
static void read_content_range(const transfer *t, ws_transfer_head *head)
{
    static const char unit[] = "bytes ";
    char text[128];

    get_header(t, "Content-Range", text, sizeof text);
    const char *slash = strchr(text, '/');
    if (strncmp(text, unit, strlen(unit)) != 0 || slash == NULL)
        return;
    head->range_first = leading_number(text + strlen(unit));
    head->range_n_all = leading_number(slash + 1);
}

static void read_head(const transfer *t, ws_transfer_head *head)
{
    curl_off_t n_bytes = -1;

    *head = (ws_transfer_head){.n_bytes = -1, .range_first = -1, .range_n_all = -1};
    (void)curl.curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &head->code);
    (void)curl.curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &n_bytes);
    head->n_bytes = (int64_t)n_bytes;
    read_content_range(t, head);
    get_header(t, "ETag", head->etag, sizeof head->etag);
    get_header(t, "Last-Modified", head->last_modified, sizeof head->last_modified);
}

static ws_status take_head(transfer *t)
{
    ws_transfer_head head;

    t->head_taken = true;
    read_head(t, &head);
    t->status = t->request->take_head(t->request->user, &head, &t->error);
    return t->status;
}

/** libcurl's write function: anything but the number of bytes ends the transfer. */
static size_t take_body(char *bytes, size_t size, size_t n, void *user)
{
    transfer *t = user;
    const size_t n_bytes = size * n;

    if (!t->head_taken && take_head(t) != WS_OK)
        return 0;
    t->status = t->request->take_body(t->request->user, bytes, n_bytes, &t->error);
    return t->status == WS_OK ? n_bytes : 0;
}

/** libcurl's progress function: anything but 0 ends the transfer. */
static int show_progress(void *user, curl_off_t n_all, curl_off_t n_done, curl_off_t n_all_up,
                         curl_off_t n_done_up)
{
    transfer *t = user;
    (void)n_all, (void)n_done, (void)n_all_up, (void)n_done_up;
    t->is_stopped = !t->request->go_on(t->request->user);
    return t->is_stopped;
}

/* Options, one after the other; the first that is refused is kept in t->code. */

static void set_number(transfer *t, CURLoption option, long value)
{
    if (t->code == CURLE_OK)
        t->code = curl.curl_easy_setopt(t->curl, option, value);
}

static void set_pointer(transfer *t, CURLoption option, const void *value)
{
    if (t->code == CURLE_OK)
        t->code = curl.curl_easy_setopt(t->curl, option, value);
}

/** What of the file. */
static void set_range(transfer *t)
{
    char range[32];

    if (t->request->offset == 0)
        return;
    (void)snprintf(range, sizeof range, "%" PRIu64 "-", t->request->offset);
    set_pointer(t, CURLOPT_RANGE, range); /* libcurl copies texts */
    if (t->request->validator == NULL)
        return;
    char *line = ws_text_format("If-Range: %s", t->request->validator);
    if (line != NULL)
        t->headers = curl.curl_slist_append(NULL, line);
    free(line);
    if (t->headers == NULL)
        t->code = CURLE_OUT_OF_MEMORY;
    set_pointer(t, CURLOPT_HTTPHEADER, t->headers);
}

/** Where to, and by which ways. */
static void set_address(transfer *t)
{
    /* what began with a checked certificate does not go on without one */
    const bool is_secure = strncasecmp(t->request->url, "https:", 6) == 0;

    set_pointer(t, CURLOPT_URL, t->request->url);
    set_pointer(t, CURLOPT_PROTOCOLS_STR, "http,https,file");
    set_pointer(t, CURLOPT_REDIR_PROTOCOLS_STR, is_secure ? "https" : "http,https");
    set_number(t, CURLOPT_FOLLOWLOCATION, 1);
    set_number(t, CURLOPT_MAXREDIRS, MAX_REDIRECTS);
    set_number(t, CURLOPT_NETRC, CURL_NETRC_OPTIONAL);
    set_pointer(t, CURLOPT_USERAGENT, "wordspot");
}

/** How long to wait, and whom to tell. */
static void set_behaviour(transfer *t)
{
    set_number(t, CURLOPT_NOSIGNAL, 1);
    set_number(t, CURLOPT_TCP_KEEPALIVE, 1);
    set_number(t, CURLOPT_CONNECTTIMEOUT, (long)t->request->stall_seconds);
    set_number(t, CURLOPT_LOW_SPEED_LIMIT, MIN_BYTES_PER_SECOND);
    set_number(t, CURLOPT_LOW_SPEED_TIME, (long)t->request->stall_seconds);
    set_pointer(t, CURLOPT_ERRORBUFFER, t->reason);
    set_pointer(t, CURLOPT_WRITEDATA, t);
    set_pointer(t, CURLOPT_XFERINFODATA, t);
    set_number(t, CURLOPT_NOPROGRESS, 0);
    if (t->code == CURLE_OK)
        t->code = curl.curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, take_body);
    if (t->code == CURLE_OK)
        t->code = curl.curl_easy_setopt(t->curl, CURLOPT_XFERINFOFUNCTION, show_progress);
}

static ws_transfer_end judge(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return WS_TRANSFER_DONE;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return WS_TRANSFER_CUT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return WS_TRANSFER_UNREACHABLE;
    default:
        return WS_TRANSFER_FAILED;
    }
}

static ws_status fail_curl(const transfer *t, ws_error *err)
{
    if (t->code == CURLE_OUT_OF_MEMORY)
        return ws_fail_memory(err, "a download");
    return ws_fail(err, t->code == CURLE_FILE_COULDNT_READ_FILE ? WS_ENOTFOUND : WS_EIO,
                   "%.300s: cannot be downloaded: %s", t->request->url,
                   t->reason[0] != '\0' ? t->reason : curl.curl_easy_strerror(t->code));
}

static ws_status perform(transfer *t, ws_transfer_end *end, ws_error *err)
{
    set_address(t);
    set_range(t);
    set_behaviour(t);
    if (t->code == CURLE_OK)
        t->code = curl.curl_easy_perform(t->curl);
    if (t->code == CURLE_OK && !t->head_taken) /* an empty body */
        (void)take_head(t);
    *end = judge(t->code);
    if (t->is_stopped && *end != WS_TRANSFER_DONE) {
        *end = WS_TRANSFER_STOPPED;
        return WS_OK;
    }
    if (t->status != WS_OK) {
        *end = WS_TRANSFER_FAILED;
        if (err != NULL)
            *err = t->error;
        return t->status;
    }
    return *end == WS_TRANSFER_DONE ? WS_OK : fail_curl(t, err);
}

ws_status ws_transfer_run(const ws_transfer_request *request, ws_transfer_end *end, ws_error *err)
{
    transfer t = {.request = request, .code = CURLE_OK, .status = WS_OK};

    *end = WS_TRANSFER_FAILED;
    ws_status status = load(err);
    if (status != WS_OK)
        return status;
    if (curl.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return ws_fail(err, WS_EIO, "libcurl cannot be started");
    t.curl = curl.curl_easy_init();
    status = t.curl != NULL ? perform(&t, end, err) : ws_fail_memory(err, "a download");
    curl.curl_easy_cleanup(t.curl);
    curl.curl_slist_free_all(t.headers);
    curl.curl_global_cleanup();
    return status;
}
