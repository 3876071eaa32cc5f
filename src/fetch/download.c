#include "fetch/download.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/text.h"
#include "fetch/space.h"
#include "fetch/transfer.h"

enum { MAX_NAME_BYTES = 200 };

/* A try that brought less than this counts as one that brought nothing, so that a server which
 * cuts every connection after some bytes is not asked for ever. */
static const uint64_t worth_mentioning = 1 << 20;

typedef struct download {
    ws_part_file *part;
    const ws_patience *patience;
    const ws_fetch_watch *watch;
    bool is_local; /* file://, which is copied as a whole: nothing would tell old bytes from new */
    /* of the request under way */
    long code;          /* what the server answered; 0: nothing so far */
    uint64_t offset;    /* asked for */
    bool is_other_file; /* the server's file is no longer the one that the part is of */
    /* of all requests */
    bool has_announced;
    bool has_received;     /* anything at all */
    uint64_t n_bytes_best; /* the most that the part had when tries were last counted from 1 */
    unsigned n_tries;      /* since then */
} download;

ws_patience ws_patience_default(void)
{
    return (ws_patience){.stall_seconds = 30, .n_tries = 4, .wait_seconds = 1.0};
}

/* ---- the URL ---- */

/** What follows "scheme://" if that is one of ours; else NULL. */
static const char *behind_scheme(const char *url)
{
    static const char *const schemes[] = {"http://", "https://", "file://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
            return url + strlen(schemes[i]);
    return NULL;
}

/** The part of a URL from its last slash to its end or a query. */
static const char *find_name(const char *url, size_t *length)
{
    const size_t end = strcspn(url, "?#");
    size_t start = end;

    while (start > 0 && url[start - 1] != '/')
        start--;
    *length = end - start;
    return url + start;
}

ws_status ws_download_check_url(const char *url, ws_error *err)
{
    const char *rest = behind_scheme(url);
    size_t length = 0;

    if (rest == NULL)
        return ws_fail(err, WS_EUSAGE,
                       "--data_url=%.300s: expected the address of a .tar.gz archive that begins "
                       "with https://, http:// or file://, or nothing",
                       url);
    if (memchr(rest, '@', strcspn(rest, "/?#")) != NULL)
        return ws_fail(err, WS_EUSAGE,
                       "--data_url: has a user name in it, which would end up in checkpoints; "
                       "write it into ~/.netrc instead");
    const char *name = find_name(rest, &length);
    if (name == rest || length == 0 || length > MAX_NAME_BYTES || name[0] == '.')
        return ws_fail(err, WS_EUSAGE,
                       "--data_url=%.300s: expected the name of a file at its end, of at most %d "
                       "bytes",
                       url, MAX_NAME_BYTES);
    return WS_OK;
}

char *ws_download_file_name(const char *url)
{
    size_t length = 0;
    const char *name = find_name(url, &length);
    return ws_text_format("%.*s", (int)length, name);
}

/* ---- what the server says ---- */

static const char *meaning_of(long code)
{
    static const struct {
        long code;
        const char *meaning;
    } known[] = {
        {401, "it wants a password"},   {403, "forbidden"},
        {404, "there is no such file"}, {407, "the proxy wants a password"},
        {408, "request timed out"},     {410, "the file is gone"},
        {416, "no such bytes"},         {429, "too many requests"},
        {500, "internal server error"}, {502, "bad gateway"},
        {503, "service unavailable"},   {504, "gateway timed out"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].code == code)
            return known[i].meaning;
    return "not what was asked for";
}

static bool is_busy(long code)
{
    return code == 408 || code == 429 || code == 500 || (code >= 502 && code <= 504);
}

/** Room for the archive, and as much again: what is in it takes more than itself, how much is only
 *  known when it is there. */
static ws_status check_room(const download *d, int64_t n_all, ws_error *err)
{
    ws_part_file *part = d->part;
    const uint64_t n_left = (uint64_t)n_all - part->n_bytes;
    ws_space space;

    if (n_all > WS_DOWNLOAD_MAX_BYTES)
        return ws_fail(err, WS_ELIMIT, "%.300s: has %" PRId64 " bytes, expected at most %" PRId64,
                       part->url, n_all, WS_DOWNLOAD_MAX_BYTES);
    const ws_status status = ws_space_get(part->path, &space, err);
    if (status != WS_OK)
        return status;
    return ws_space_check(&space, n_left + (uint64_t)n_all, part->url, part->path, err);
}

/** Says what is about to come, once. */
static void announce(download *d)
{
    const ws_part_file *part = d->part;
    char all[WS_TEXT_SIZE_BYTES], there[WS_TEXT_SIZE_BYTES], available[WS_TEXT_SIZE_BYTES];
    ws_space space = {.n_free = 0};

    if (d->has_announced)
        return;
    d->has_announced = true;
    if (ws_space_get(part->path, &space, NULL) != WS_OK)
        return; /* check_room would have said so */
    ws_text_write_size(available, sizeof available, space.n_free);
    ws_text_write_size(there, sizeof there, part->n_bytes);
    if (part->source.n_all >= 0)
        ws_text_write_size(all, sizeof all, (uint64_t)part->source.n_all);
    else
        (void)snprintf(all, sizeof all, "? bytes");
    if (part->n_bytes > 0)
        ws_log_write(d->watch->log, WS_LOG_INFO, "Resuming after %s of %s; %s are free", there, all,
                     available);
    else
        ws_log_write(d->watch->log, WS_LOG_INFO,
                     "It has %s, and what is in it takes more than that; %s are free", all,
                     available);
}

/** The server sends all of a file, which may be another one than before. */
static ws_status start_again(download *d, const ws_transfer_head *head, ws_error *err)
{
    ws_part_source source = {.n_all = head->n_bytes};

    if (d->offset > 0)
        ws_log_write(d->watch->log, WS_LOG_WARN,
                     "%.300s: cannot be continued (it has changed, or the server sends whole files "
                     "only); starting again",
                     d->part->url);
    memcpy(source.etag, head->etag, sizeof source.etag);
    memcpy(source.last_modified, head->last_modified, sizeof source.last_modified);
    return ws_part_file_restart(d->part, &source, err);
}

/** The server says that it resumes at our byte. It may still be the byte of another file: not all
 *  servers obey If-Range. */
static bool is_continuation(const download *d, const ws_transfer_head *head)
{
    const ws_part_source *source = &d->part->source;

    if (head->range_first != (int64_t)d->offset)
        return false;
    if (head->range_n_all >= 0 && head->range_n_all <= head->range_first)
        return false;
    if (source->n_all >= 0 && head->range_n_all >= 0 && head->range_n_all != source->n_all)
        return false;
    if (source->etag[0] != '\0' && head->etag[0] != '\0')
        return strcmp(source->etag, head->etag) == 0;
    return source->last_modified[0] == '\0' || head->last_modified[0] == '\0' ||
           strcmp(source->last_modified, head->last_modified) == 0;
}

static ws_status take_head(void *user, const ws_transfer_head *head, ws_error *err)
{
    download *d = user;
    ws_status status = WS_OK;

    d->code = head->code;
    if (head->code == 200 || head->code == 0) {
        status = start_again(d, head, err);
    } else if (d->offset > 0 && (head->code == 416 || head->code == 206)) {
        d->is_other_file = head->code == 416 || !is_continuation(d, head);
        if (d->is_other_file)
            return ws_fail(err, WS_EFORMAT, "%.300s: has changed", d->part->url);
        if (d->part->source.n_all < 0)
            d->part->source.n_all = head->range_n_all;
    } else {
        return ws_fail(err, head->code == 404 || head->code == 410 ? WS_ENOTFOUND : WS_EIO,
                       "%.300s: the server answered %ld (%s), expected the file", d->part->url,
                       head->code, meaning_of(head->code));
    }
    if (status == WS_OK && d->part->source.n_all >= 0)
        status = check_room(d, d->part->source.n_all, err);
    if (status == WS_OK)
        announce(d);
    return status;
}

static ws_status take_body(void *user, const void *bytes, size_t n_bytes, ws_error *err)
{
    const download *d = user;
    const uint64_t max_bytes = d->part->source.n_all >= 0 ? (uint64_t)d->part->source.n_all
                                                          : (uint64_t)WS_DOWNLOAD_MAX_BYTES;

    if (d->part->n_bytes > max_bytes || n_bytes > max_bytes - d->part->n_bytes)
        return ws_fail(err, WS_ELIMIT, "%.300s: sends more than %" PRIu64 " bytes", d->part->url,
                       max_bytes);
    return ws_part_file_write(d->part, bytes, n_bytes, err);
}

static bool go_on(void *user)
{
    const download *d = user;
    const int64_t n_all = d->part->source.n_all;

    return d->watch->progress == NULL ||
           d->watch->progress(d->watch->user, "downloading", d->part->n_bytes,
                              n_all > 0 ? (uint64_t)n_all : 0);
}

/* ---- one try after the other ---- */

/** What If-Range may hold: an ETag only if it stands for the very bytes (not W/"..."). */
static const char *validator_of(const ws_part_source *source)
{
    if (source->etag[0] == '"')
        return source->etag;
    return source->last_modified[0] != '\0' ? source->last_modified : NULL;
}

static ws_status try_once(download *d, ws_transfer_end *end, ws_error *err)
{
    const uint64_t n_before = d->part->n_bytes;

    d->code = 0;
    d->is_other_file = false;
    const ws_status status = ws_transfer_run(
        &(ws_transfer_request){
            .url = d->part->url,
            .offset = d->offset,
            .validator = validator_of(&d->part->source),
            .stall_seconds = d->patience->stall_seconds,
            .take_head = take_head,
            .take_body = take_body,
            .go_on = go_on,
            .user = d,
        },
        end, err);
    d->has_received = d->has_received || d->code != 0 || d->part->n_bytes != n_before;
    return status;
}

/** Waits for the next try. @return false if a stop is wanted */
static bool wait_for_next(download *d)
{
    enum { N_PER_SECOND = 20 };
    const struct timespec moment = {.tv_nsec = 1000000000L / N_PER_SECOND};
    double seconds = d->patience->wait_seconds;

    for (unsigned i = 1; i < d->n_tries; i++)
        seconds *= 2;
    for (long left = (long)(seconds * N_PER_SECOND); left > 0; left--) {
        if (!go_on(d))
            return false;
        (void)nanosleep(&moment, NULL);
    }
    return true;
}

/** Whether another try may help, and has not been made too often. */
static bool may_try_again(download *d, ws_transfer_end end)
{
    const bool may_help = end == WS_TRANSFER_CUT ||
                          (end == WS_TRANSFER_UNREACHABLE && d->has_received) ||
                          (end == WS_TRANSFER_FAILED && is_busy(d->code));
    if (!may_help)
        return false;
    if (d->part->n_bytes >= d->n_bytes_best + worth_mentioning) {
        d->n_bytes_best = d->part->n_bytes;
        d->n_tries = 0;
    }
    return ++d->n_tries < d->patience->n_tries;
}

/** @param reason  why the last try failed, if it did */
static ws_status download_all(download *d, bool *is_complete, ws_error *reason)
{
    ws_transfer_end end;
    bool asks_for_all = d->is_local;

    for (;;) {
        d->offset = asks_for_all ? 0 : ws_part_file_offset(d->part);
        const ws_status status = try_once(d, &end, reason);
        *is_complete = end == WS_TRANSFER_DONE;
        if (status == WS_OK)
            return WS_OK;
        if (d->is_other_file) {
            asks_for_all = true; /* until the answer has come, and the part is of the new file */
            continue;
        }
        asks_for_all = d->is_local || (asks_for_all && d->code != 200);
        if (!may_try_again(d, end))
            return status;
        ws_log_write(d->watch->log, WS_LOG_WARN, "%s; trying again", reason->message);
        if (!wait_for_next(d))
            return WS_OK;
    }
}

ws_status ws_download_run(ws_part_file *part, const ws_patience *patience,
                          const ws_fetch_watch *watch, bool *is_complete, ws_error *err)
{
    ws_error reason;
    download d = {
        .part = part,
        .patience = patience,
        .watch = watch,
        .is_local = strncasecmp(part->url, "file:", 5) == 0,
        .n_bytes_best = part->n_bytes,
    };

    *is_complete = !d.is_local && ws_part_file_is_complete(part);
    if (*is_complete)
        return WS_OK;
    const ws_status status = download_all(&d, is_complete, &reason);
    return status == WS_OK ? WS_OK : ws_fail(err, status, "%s", reason.message);
}
