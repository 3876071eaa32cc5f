#include "fetch/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/shared_library.h"
#include "fetch/gunzip.h"

enum {
    BUFFER_BYTES = 1 << 16,
    BLOCK_BYTES = 512,
    END_MARK_BYTES = 2 * BLOCK_BYTES, /* zeros, at the end of every tar archive */
};

/* Its functions; the library is loaded for the first archive. */
#define FUNCTIONS(X)                     \
    X(archive_entry_filetype)            \
    X(archive_entry_hardlink)            \
    X(archive_entry_pathname)            \
    X(archive_entry_size)                \
    X(archive_error_string)              \
    X(archive_filter_bytes)              \
    X(archive_read_data)                 \
    X(archive_read_data_skip)            \
    X(archive_read_free)                 \
    X(archive_read_new)                  \
    X(archive_read_next_header)          \
    X(archive_read_open)                 \
    X(archive_read_support_format_empty) \
    X(archive_read_support_format_tar)
#define MEMBER(name) __typeof__(name) *name;
static struct {
    FUNCTIONS(MEMBER)
} libarchive;

static ws_status load(ws_error *err)
{
#define ROW(name) {#name, &libarchive.name},
    static const ws_library_function functions[] = {FUNCTIONS(ROW)};

    return ws_shared_library_load("libarchive.so.13", functions,
                                  sizeof functions / sizeof *functions, err);
}

struct ws_archive {
    const char *path;
    ws_gunzip *gunzip;
    struct archive *reader;
    locale_t names; /* in which names are UTF-8; 0: none */
    locale_t names_before;
    uint64_t n_entries, n_bytes; /* of the entries so far, as they declare themselves */
    uint64_t n_unpacked;         /* bytes of the tar archive that were read */
    uint64_t n_zeros;            /* of them at the end: an unbroken row of zeros */
    ws_status status;            /* of the gzip reader, which libarchive cannot pass on */
    ws_error error;
    unsigned char buffer[BUFFER_BYTES];
};

static void count(ws_archive *a, size_t n)
{
    size_t n_zeros = 0;

    while (n_zeros < n && a->buffer[n - 1 - n_zeros] == 0)
        n_zeros++;
    a->n_zeros = n_zeros == n ? a->n_zeros + n : n_zeros;
    a->n_unpacked += n;
}

/** libarchive's read function: the next bytes of the tar archive; 0 at its end, -1 after a failure.
 */
static la_ssize_t read_block(struct archive *reader, void *user, const void **block)
{
    ws_archive *a = user;
    size_t n = 0;

    (void)reader;
    a->status = ws_gunzip_read(a->gunzip, a->buffer, sizeof a->buffer, &n, &a->error);
    count(a, n);
    *block = a->buffer;
    return a->status == WS_OK ? (la_ssize_t)n : -1;
}

static ws_status fail_reader(ws_archive *a, ws_error *err)
{
    if (a->status != WS_OK) {
        if (err != NULL)
            *err = a->error;
        return a->status;
    }
    const char *reason = libarchive.archive_error_string(a->reader);
    return ws_fail(err, WS_EFORMAT, "%s: is damaged as a tar archive near entry %" PRIu64 " (%s)",
                   a->path, a->n_entries + 1, reason != NULL ? reason : "no reason known");
}

static ws_status open_reader(ws_archive *a, ws_error *err)
{
    ws_status status = load(err);
    if (status == WS_OK)
        status = ws_gunzip_open(&a->gunzip, a->path, err);
    if (status != WS_OK)
        return status;
    a->reader = libarchive.archive_read_new();
    if (a->reader == NULL)
        return ws_fail_memory(err, a->path);
    if (libarchive.archive_read_support_format_tar(a->reader) != ARCHIVE_OK ||
        libarchive.archive_read_support_format_empty(a->reader) != ARCHIVE_OK ||
        libarchive.archive_read_open(a->reader, a, NULL, read_block, NULL) != ARCHIVE_OK)
        return fail_reader(a, err);
    return WS_OK;
}

ws_status ws_archive_open(ws_archive **archive, const char *path, ws_error *err)
{
    ws_archive *a = calloc(1, sizeof *a);

    *archive = a;
    if (a == NULL)
        return ws_fail_memory(err, path);
    a->path = path;
    /* libarchive turns names into the character set of the locale: into UTF-8, that is not at all
     */
    a->names = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (a->names != (locale_t)0)
        a->names_before = uselocale(a->names);
    const ws_status status = open_reader(a, err);
    if (status != WS_OK) {
        ws_archive_close(a);
        *archive = NULL;
    }
    return status;
}

void ws_archive_close(ws_archive *archive)
{
    if (archive == NULL)
        return;
    if (archive->reader != NULL)
        (void)libarchive.archive_read_free(archive->reader);
    ws_gunzip_close(archive->gunzip);
    if (archive->names != (locale_t)0) {
        (void)uselocale(archive->names_before);
        freelocale(archive->names);
    }
    free(archive);
}

uint64_t ws_archive_n_done(const ws_archive *archive)
{
    return ws_gunzip_n_done(archive->gunzip);
}

uint64_t ws_archive_n_all(const ws_archive *archive)
{
    return ws_gunzip_n_all(archive->gunzip);
}

/** What an entry is that is neither file nor directory. */
static const char *kind_of(struct archive_entry *header)
{
    if (libarchive.archive_entry_hardlink(header) != NULL)
        return "is a hard link";
    switch (libarchive.archive_entry_filetype(header)) {
    case AE_IFLNK:
        return "is a symbolic link";
    case AE_IFCHR:
    case AE_IFBLK:
        return "is a device";
    case AE_IFIFO:
        return "is a pipe";
    case AE_IFSOCK:
        return "is a socket";
    case AE_IFREG:
    case AE_IFDIR:
        return NULL;
    default:
        return "is of an unknown kind";
    }
}

/** The entry is refused. Its name may be anything, so a message gets a tame copy of it. */
static ws_status fail_entry(const ws_archive *a, const char *name, const char *fault, ws_error *err)
{
    char shown[80];

    (void)snprintf(shown, sizeof shown, "%s", name != NULL ? name : "");
    for (char *p = shown; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '?';
    return ws_fail(err, WS_EFORMAT,
                   "%s: entry %" PRIu64 ", \"%s\", %s; nothing of such an archive is unpacked",
                   a->path, a->n_entries, shown, fault);
}

/** Takes over what is harmless of a header. */
static ws_status take_header(ws_archive *a, struct archive_entry *header, ws_archive_entry *entry,
                             ws_error *err)
{
    const char *name = libarchive.archive_entry_pathname(header);
    const char *fault = name != NULL ? ws_entry_path_clean(name, entry->path, sizeof entry->path)
                                     : "has a name that cannot be read";

    if (fault == NULL)
        fault = kind_of(header);
    entry->is_dir = libarchive.archive_entry_filetype(header) == AE_IFDIR;
    if (fault == NULL && !entry->is_dir && entry->path[0] == '\0')
        fault = "has no name";
    if (fault != NULL)
        return fail_entry(a, name, fault, err);
    const int64_t n_bytes = entry->is_dir ? 0 : libarchive.archive_entry_size(header);
    if (n_bytes < 0 || (uint64_t)n_bytes > WS_ARCHIVE_MAX_BYTES - a->n_bytes)
        return ws_fail(err, WS_ELIMIT,
                       "%s: has more than %" PRIu64 " bytes in it (at entry %" PRIu64 ")", a->path,
                       WS_ARCHIVE_MAX_BYTES, a->n_entries);
    entry->n_bytes = (uint64_t)n_bytes;
    a->n_bytes += entry->n_bytes;
    return WS_OK;
}

/** Behind the last entry: reads on to the end of the file, for the checksum, and sees that the end
 *  mark is there, without which entries may be missing. */
static ws_status check_end(ws_archive *a, uint64_t n_used, ws_error *err)
{
    size_t n = 0;
    ws_status status;

    do {
        status = ws_gunzip_read(a->gunzip, a->buffer, sizeof a->buffer, &n, err);
        count(a, n);
    } while (status == WS_OK && n == sizeof a->buffer);
    if (status != WS_OK)
        return status;
    const uint64_t end = (n_used + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    if (a->n_zeros < END_MARK_BYTES || a->n_unpacked < end + END_MARK_BYTES)
        return ws_fail(err, WS_EFORMAT,
                       "%s: does not end as a tar archive does, after its entry %" PRIu64, a->path,
                       a->n_entries);
    return WS_OK;
}

ws_status ws_archive_next(ws_archive *archive, ws_archive_entry *entry, bool *is_end, ws_error *err)
{
    struct archive_entry *header = NULL;

    /* so that what libarchive has used up ends with the entry before */
    if (archive->n_entries > 0 && libarchive.archive_read_data_skip(archive->reader) < ARCHIVE_WARN)
        return fail_reader(archive, err);
    const int64_t n_used = libarchive.archive_filter_bytes(archive->reader, 0);
    const int code = libarchive.archive_read_next_header(archive->reader, &header);
    *is_end = code == ARCHIVE_EOF;
    if (*is_end)
        return check_end(archive, n_used > 0 ? (uint64_t)n_used : 0, err);
    /* a warning is about owners, times and the like */
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
        return fail_reader(archive, err);
    if (++archive->n_entries > WS_ARCHIVE_MAX_ENTRIES)
        return ws_fail(err, WS_ELIMIT, "%s: has more than %" PRIu64 " entries", archive->path,
                       WS_ARCHIVE_MAX_ENTRIES);
    return take_header(archive, header, entry, err);
}

ws_status ws_archive_read(ws_archive *archive, void *bytes, size_t size, size_t *n_read,
                          ws_error *err)
{
    const la_ssize_t n = libarchive.archive_read_data(archive->reader, bytes, size);

    *n_read = n > 0 ? (size_t)n : 0;
    return n >= 0 ? WS_OK : fail_reader(archive, err);
}
