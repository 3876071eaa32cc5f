#include "fetch/gunzip.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    BUFFER_BYTES = 1 << 16,
    WINDOW_BITS = 15 + 16, /* the largest window, and gzip's header and trailer only */
};

struct ws_gunzip {
    const char *path;
    int fd;
    z_stream stream;
    bool is_in_member; /* between a header and its trailer */
    bool is_file_end;  /* nothing more to fetch */
    bool is_at_end;
    uint64_t n_all;     /* bytes of the file */
    uint64_t n_fetched; /* of them, into the buffer */
    unsigned char buffer[BUFFER_BYTES];
};

ws_status ws_gunzip_open(ws_gunzip **gunzip, const char *path, ws_error *err)
{
    struct stat info;

    *gunzip = calloc(1, sizeof **gunzip);
    if (*gunzip == NULL || inflateInit2(&(*gunzip)->stream, WINDOW_BITS) != Z_OK) {
        free(*gunzip);
        *gunzip = NULL;
        return ws_fail_memory(err, path);
    }
    ws_gunzip *g = *gunzip;
    g->path = path;
    g->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (g->fd < 0 || fstat(g->fd, &info) != 0) {
        const int reason = errno;
        ws_gunzip_close(g);
        *gunzip = NULL;
        return ws_fail_errno(err, reason, "%s: cannot be opened", path);
    }
    g->n_all = (uint64_t)info.st_size;
    return WS_OK;
}

void ws_gunzip_close(ws_gunzip *gunzip)
{
    if (gunzip == NULL)
        return;
    if (gunzip->fd >= 0)
        (void)close(gunzip->fd);
    (void)inflateEnd(&gunzip->stream);
    free(gunzip);
}

uint64_t ws_gunzip_n_done(const ws_gunzip *gunzip)
{
    return gunzip->n_fetched - gunzip->stream.avail_in;
}

uint64_t ws_gunzip_n_all(const ws_gunzip *gunzip)
{
    return gunzip->n_all;
}

/** Fills the empty buffer; leaves it empty at the end of the file. */
static ws_status fetch(ws_gunzip *g, ws_error *err)
{
    ssize_t n;

    do {
        n = read(g->fd, g->buffer, sizeof g->buffer);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return ws_fail_errno(err, errno, "%s: cannot be read", g->path);
    g->stream.next_in = g->buffer;
    g->stream.avail_in = (uInt)n;
    g->n_fetched += (uint64_t)n;
    g->is_file_end = n == 0;
    return WS_OK;
}

/** Between two members: zeros may fill the file up, as gzip itself allows. */
static void skip_zeros(ws_gunzip *g)
{
    while (g->stream.avail_in > 0 && *g->stream.next_in == 0) {
        g->stream.next_in++;
        g->stream.avail_in--;
    }
}

static bool has_magic(const ws_gunzip *g)
{
    return g->stream.avail_in >= 2 && g->stream.next_in[0] == 0x1f && g->stream.next_in[1] == 0x8b;
}

/** Unpacks once, into what is left of the caller's buffer. */
static ws_status step(ws_gunzip *g, ws_error *err)
{
    if (g->stream.avail_in == 0) {
        const ws_status status = fetch(g, err);
        if (status != WS_OK)
            return status;
    }
    if (!g->is_in_member && g->n_fetched > 0 && ws_gunzip_n_done(g) > 0)
        skip_zeros(g);
    if (g->stream.avail_in == 0 && g->is_in_member)
        return ws_fail(err, WS_EFORMAT,
                       "%s: ends after %" PRIu64 " bytes in the middle of its data", g->path,
                       g->n_fetched);
    if (g->stream.avail_in == 0 && g->n_fetched == 0)
        return ws_fail(err, WS_EFORMAT, "%s: is empty, expected a .tar.gz archive", g->path);
    if (g->stream.avail_in == 0) {
        g->is_at_end = g->is_file_end; /* a whole buffer of zeros does not prove the end */
        return WS_OK;
    }
    if (ws_gunzip_n_done(g) == 0 && !has_magic(g))
        return ws_fail(err, WS_EFORMAT, "%s: not a gzip file, expected a .tar.gz archive", g->path);
    g->is_in_member = true;
    const int code = inflate(&g->stream, Z_NO_FLUSH);
    if (code == Z_STREAM_END) {
        g->is_in_member = false;
        return inflateReset(&g->stream) == Z_OK ? WS_OK : ws_fail_memory(err, g->path);
    }
    if (code == Z_OK || code == Z_BUF_ERROR)
        return WS_OK;
    if (code == Z_MEM_ERROR)
        return ws_fail_memory(err, g->path);
    return ws_fail(err, WS_EFORMAT, "%s: is damaged near byte %" PRIu64 " (%s)", g->path,
                   ws_gunzip_n_done(g), g->stream.msg != NULL ? g->stream.msg : "no gzip data");
}

ws_status ws_gunzip_read(ws_gunzip *gunzip, void *bytes, size_t size, size_t *n_read, ws_error *err)
{
    ws_status status = WS_OK;

    gunzip->stream.next_out = bytes;
    gunzip->stream.avail_out = (uInt)size;
    while (status == WS_OK && gunzip->stream.avail_out > 0 && !gunzip->is_at_end)
        status = step(gunzip, err);
    *n_read = size - gunzip->stream.avail_out;
    return status;
}
